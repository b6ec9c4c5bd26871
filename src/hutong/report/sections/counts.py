"""Section 4, how the votes stand: who took part, who agreed, what is still needed, who can decide it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from hutong.agree import NONE, Rule, StillNeeded, Threshold, pivotal_groups, still_needed, tally
from hutong.agree.homes import tenures
from hutong.report.charts import share_bar
from hutong.report.counts import ConsentCount
from hutong.report.format import area, join, num, pct
from hutong.text import Text


def _line(label: Text, part: int, whole: int, threshold: Threshold, shown: Any) -> dict[str, Any]:
    """Return one question of a count: how much there is, how much is asked for, and whether that is met."""
    asked = threshold.needed(whole)
    met = whole > 0 and threshold.meets(part, whole)
    share = part / whole if whole else float("nan")
    return {
        "label": label,
        "bar": share_bar(
            share, [threshold.numerator / threshold.denominator], "good" if met else "watch", join(label, " ", pct(share))
        ),
        "said": shown(part),
        "asked": Text(f"至少要 {shown(asked).zh}", f"at least {shown(asked).en} needed"),
        "status": "good" if met else "watch",
        "word": Text("够了", "enough") if met else join(Text("还差 ", "short by "), shown(asked - part)),
    }  # fmt: skip


def _owners(n: int) -> Text:
    return Text(f"{num(n).zh} 位业主", f"{num(n).en} owner{'' if n == 1 else 's'}")


def _area(cm2: int) -> Text:
    return area(cm2 / 1e4)


def lines(count: ConsentCount) -> list[dict[str, Any]]:
    """Return the four questions of a vote: taking part and agreeing, by heads and by area.

    What must agree is a share of those who take part: while these are too few, of the least that must.
    """
    now, rule = tally(count.book.roll, count.ballots, count.rule), count.rule
    bases = [
        (now.part_heads, now.heads, rule.quorum_heads),
        (now.part_area_cm2, now.area_cm2, rule.quorum_area),
    ]
    of = [
        whole if rule.population == "all" else part if quorum is None else max(part, quorum.needed(whole))
        for part, whole, quorum in bases
    ]
    asked = (
        (Text("参加的人", "Owners taking part"), now.part_heads, now.heads, rule.quorum_heads, _owners),
        (Text("参加的面积", "Floor area taking part"), now.part_area_cm2, now.area_cm2, rule.quorum_area, _area),
        (Text("同意的人", "Owners in favour"), now.yes_heads, of[0], rule.pass_heads, _owners),
        (Text("同意的面积", "Floor area in favour"), now.yes_area_cm2, of[1], rule.pass_area, _area),
    )  # fmt: skip
    return [_line(a, b, c, rule, e) for a, b, c, rule, e in asked if rule is not None]


def needed(need: StillNeeded) -> Text:
    """Return in one sentence what is still needed; of the area only where it asks for more than the heads do."""
    if need.passed:
        return Text("已达到通过条件。", "The conditions to pass are met.")
    if need.fewest is not None:
        zh, en = f"至少还要 {_owners(need.fewest).zh}同意", f"At least {num(need.fewest).en} more must agree"
        if need.area_cm2:
            zh += f"，他们的面积合计不少于 {_area(need.area_cm2).zh}"
            en += f", with no less than {_area(need.area_cm2).en} together"
        return Text(f"{zh}。", f"{en}.")
    if need.minds is not None:
        return Text(
            f"即使还没表态的人全部同意，也要至少 {_owners(need.minds).zh}改变主意。",
            f"Even if all who have not answered agree, at least {_owners(need.minds).en} who declined must change their mind.",
        )
    return Text("按这条规则无法通过。", "By this rule it cannot pass.")


def _tenure(category: str) -> Text:
    spec = tenures().get(category)
    return Text("其他", "others") if spec is None else Text(spec["zh"], spec["en"])


def pivotal(count: ConsentCount) -> list[dict[str, Any]]:
    """Return, by tenure, who has not answered and whether they can decide it; nothing where all are too few to show."""
    table = pivotal_groups(count.book.roll, count.ballots, count.rule, count.categories)
    if table["silent"].isna().all():
        return []
    few = Text("人少，不显示", "too few to show")
    out = []
    for row in table.to_dict("records"):
        says = few
        if not pd.isna(row["silent"]):
            says = _power(int(row["silent"]), bool(row["decisive"]), bool(row["indispensable"]))
        out.append(
            {
                "name": _tenure(row["category"]),
                "heads": num(row["heads"]),
                "area": _area(row["area_cm2"]),
                "silent": few if pd.isna(row["silent"]) else num(int(row["silent"])),
                "says": says,
            }
        )
    return out


def _power(silent: int, decisive: bool, indispensable: bool) -> Text:
    if silent == 0:
        return Text("都已表态", "all have answered")
    if decisive and indispensable:
        return Text("他们同意就能通过，没有他们过不了", "passes with them, cannot pass without them")
    if decisive:
        return Text("他们同意就能通过", "passes if they agree")
    if indispensable:
        return Text("没有他们过不了", "cannot pass without them")
    return Text("单靠他们定不了", "cannot decide it alone")


def least(rule: Rule, heads: int) -> Text | None:
    """Return how many of a roll must take part, and how many of those agree, at the least."""
    if rule.quorum_heads is None or rule.pass_heads is None or heads == 0:
        return None
    part = rule.quorum_heads.needed(heads)
    yes = rule.pass_heads.needed(part)
    return Text(
        f"名册 {heads} 人，至少 {part} 人参加、{yes} 人同意",
        f"{heads} on the roll: at least {part} must take part and {yes} agree",
    )


def _roll(heads: int, silent: int, held: int) -> Text:
    """Return who stands on the roll, who has not answered, and which homes are not on it yet."""
    zh, en = f"名册上有 {_owners(heads).zh}", f"On the roll: {_owners(heads).en}"
    if silent:
        zh, en = f"{zh}，还没表态的有 {num(silent).zh} 位", f"{en}; not yet answered: {num(silent).en}"
    zh, en = f"{zh}。", f"{en}."
    if held:
        zh += f"另有 {num(held).zh} 户产权待清，未列入名册。"
        en += f" Homes not on the roll until their titles are cleared: {num(held).en}."
    return Text(zh, en)


def view(counts: Sequence[ConsentCount]) -> list[dict[str, Any]]:
    """Return each count as the page shows it."""
    out = []
    for count in counts:
        need = still_needed(count.book.roll, count.ballots, count.rule)
        silent = int((count.ballots == NONE).sum())
        out.append(
            {
                "place": count.place,
                "matter": count.rule.title,
                "lines": lines(count),
                "passed": need.passed,
                "needed": needed(need),
                "roll": _roll(len(count.book.roll), silent, len(count.book.held_back)),
                "pivotal": pivotal(count) if silent and not need.passed else [],
            }
        )
    return out
