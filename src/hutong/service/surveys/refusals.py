"""What is refused, in words."""

from __future__ import annotations

from collections.abc import Sequence

from hutong.errors import HutongError
from hutong.text import Text


def bad_answers(rows: Sequence[str]) -> HutongError:
    """Return that answers do not fit; each row names its item."""
    return HutongError(
        "bad-answers",
        Text(f"有 {len(rows)} 项填得不对。", f"{len(rows)} answers do not fit."),
        Text("请改正后再发；没有存入任何一项。", "Mend them and send again; nothing was stored."),
        rows,
    )


def nothing_said() -> HutongError:
    """Return that no item was answered."""
    return HutongError(
        "nothing-said",
        Text("一项也没有填。", "Nothing was filled in."),
        Text(
            "填一项以上再发；不知道的留“未知”。",
            "Answer at least one item; leave what you do not know as unknown.",
        ),
    )


def bad_day(day: str) -> HutongError:
    """Return that a day cannot be."""
    return HutongError(
        "bad-day",
        Text(f"调查日期 {day} 不对。", f"The day {day} cannot be right."),
        Text("请核对手机的日期。", "Check the date of the phone."),
    )


def bad_round(most: int) -> HutongError:
    """Return that a round cannot be opened so."""
    return HutongError(
        "bad-round",
        Text(
            f"这样开不了调查：没有对象，或超过 {most} 个。",
            f"No survey can be opened so: there is nothing in it, or more than {most} objects.",
        ),
        Text("请换对象类别，或只选一个小区。", "Choose other kinds of objects, or one estate."),
    )


def nobody_there() -> HutongError:
    """Return that somebody cannot be sent there."""
    return HutongError(
        "nobody-there",
        Text(
            "这个用户在那里没有可以做调查的身份。",
            "This person holds no role by which they could survey there.",
        ),
        Text(
            "请先授权：居委会、责任规划师、街道或物业。",
            "Grant one first: residents' committee, planner, subdistrict or property manager.",
        ),
    )


def nothing_to_merge() -> HutongError:
    """Return that there are no answers."""
    return HutongError(
        "nothing-to-merge",
        Text(
            "还没有收到答案，或者这一轮已经并入。", "No answers came in yet, or the round was merged before."
        ),
        Text("收到答案后再并入快照。", "Merge it once there are answers."),
    )
