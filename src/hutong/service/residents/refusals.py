"""What is refused, in words."""

from __future__ import annotations

from hutong.errors import HutongError
from hutong.text import Text


def bad_code() -> HutongError:
    """Return that a code does not work; whether it ever did is not said."""
    return HutongError(
        "bad-code",
        Text("这个号码不能用。", "This code does not work."),
        Text(
            "请核对信上的 10 位号码；号码只能用一次，过期或重发后作废，可到柜台补办。",
            "Check the ten characters in the letter. A code works once, until it expires or a new letter is sent; the counter can send one.",
        ),
    )


def too_many_codes() -> HutongError:
    """Return that too many codes were wrong."""
    return HutongError(
        "too-many-codes",
        Text("输错次数太多，暂时不能再试。", "Too many codes were wrong; trying is closed for a while."),
        Text(
            "请一小时后再试，或带证件到柜台办理。",
            "Try again in an hour, or come to the counter with a document.",
        ),
    )


def own_counter() -> HutongError:
    """Return that nobody verifies their own home."""
    return HutongError(
        "own-counter",
        Text("不能核实自己的住处。", "Nobody verifies their own home."),
        Text("请同事办理，或使用信中的号码。", "Let a colleague do it, or use the code in the letter."),
    )


def not_people() -> HutongError:
    """Return that a home is not held by people."""
    return HutongError(
        "not-people",
        Text(
            "名录显示这一户由单位持有，不能按业主核实。",
            "By the roll a unit holds this home; nobody is verified as its owner.",
        ),
        Text(
            "承租人请出示租赁合同；名录有误请先更正产权登记。",
            "A tenant shows the lease; if the roll is wrong, mend the titles first.",
        ),
    )


def name_not_on_roll() -> HutongError:
    """Return that the roll has other names for the home."""
    return HutongError(
        "name-not-on-roll",
        Text("证件上的姓名与这一户的名册不符。", "The name on the document is not on the roll of this home."),
        Text(
            "请核对户号和姓名；名册有变动的，先更新权利人表。",
            "Check home and name; if the holder changed, renew the form of holders first.",
        ),
    )


def too_many_homes(most: int) -> HutongError:
    """Return that too many homes wait to be verified."""
    return HutongError(
        "too-many-homes",
        Text(f"待核实的住处最多 {most} 处。", f"At most {most} homes can wait to be verified."),
        Text("请先撤回用不到的。", "Take back those you do not need."),
    )


def not_waiting() -> HutongError:
    """Return that nobody waits here any more."""
    return HutongError(
        "not-waiting",
        Text("这一位已经不需要担保。", "Nobody waits for a word here any more."),
        Text("无需再做什么。", "There is nothing left to do."),
    )


def no_neighbour() -> HutongError:
    """Return that somebody may not vouch."""
    return HutongError(
        "no-neighbour",
        Text(
            "只有同一楼门（院落）里凭信或在柜台核实过的居民可以担保。",
            "Only residents of the same staircase or courtyard who were verified by letter or at the counter can vouch.",
        ),
        Text(
            "请另找一位邻居，或带证件到柜台。",
            "Ask another neighbour, or come to the counter with a document.",
        ),
    )


def enough_vouches(most: int) -> HutongError:
    """Return that somebody vouched too often."""
    return HutongError(
        "enough-vouches",
        Text(f"每人一年内最多担保 {most} 次。", f"Nobody vouches more than {most} times within a year."),
        Text("请另找一位邻居，或到柜台办理。", "Ask another neighbour, or come to the counter."),
    )


def no_such_home() -> HutongError:
    """Return that there is no home of a number where the officer acts."""
    return HutongError(
        "no-such-home",
        Text(
            "您负责的地点里没有这个户号，或不止一户。",
            "Where you act there is no home of this number, or more than one.",
        ),
        Text(
            "请核对户号；户号在信上和名录里。", "Check the number; it stands in the letter and on the roll."
        ),
    )


def no_such_person() -> HutongError:
    """Return that there is no such account."""
    return HutongError(
        "no-such-user",
        Text("没有这个用户名。", "There is no such user name."),
        Text("请对方先注册，再核对用户名。", "They sign up first; then check the user name."),
    )


def too_many_letters(most: int, asked: int) -> HutongError:
    """Return that so many letters are not made at once."""
    return HutongError(
        "too-many-letters",
        Text(
            f"一次最多印 {most} 封，这里有 {asked} 户。",
            f"At most {most} letters are made at once; these are {asked} homes.",
        ),
        Text("请按小区或楼栋分批印。", "Print them by estate or building."),
    )


def no_letters() -> HutongError:
    """Return that no home needs a letter."""
    return HutongError(
        "no-letters",
        Text("这里没有需要发信的住户。", "No home here needs a letter."),
        Text(
            "要给已核实的住户重发，请勾选“已核实的也发”。",
            "Tick “also where somebody is verified” to send one all the same.",
        ),
    )
