"""What a vote still needs: the least number of heads and the least area, and whether those held back could matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.agree.roll import Roll
from hutong.agree.roll_book import RollBook
from hutong.agree.rule import Rule
from hutong.agree.tally import ABSTAIN, NO, NONE, YES, tally
from hutong.agree.threshold import Threshold
from hutong.text import Text, number


@dataclass(frozen=True, slots=True)
class StillNeeded:
    """The least that turns a count into a decision.

    ``heads`` and ``area_cm2`` are what those without a ballot must add in consent at the least, each alone necessary;
    ``fewest`` is the least number of them that meets both, the largest homes first. ``minds`` is how many of those
    who declined or abstained must change as well when all without a ballot consent. None where not even everyone's
    consent would do; all 0 where the act has passed.
    """

    passed: bool
    heads: int | None
    area_cm2: int | None
    fewest: int | None
    minds: int | None


def still_needed(roll: Roll, ballots: NDArray[np.int8], rule: Rule) -> StillNeeded:
    """Return what is still needed to pass, exactly, in whole numbers.

    Notes
    -----
    Each new consent of a head that had not voted also raises the participation that its majority is a share of: with
    y of p taking part, a more are needed such that (y + a)/(p + a) reaches n/d, hence a ≥ (n·p − d·y)/(d − n).
    """
    now = tally(roll, ballots, rule)
    if not len(roll):
        return StillNeeded(False, None, None, None, None)
    if now.passed:
        return StillNeeded(True, 0, 0, 0, 0)
    silent, against = ballots == NONE, (ballots == NO) | (ballots == ABSTAIN)
    joins = rule.silence == "absent"
    state = (
        (now.yes_heads, now.part_heads, now.heads, rule.pass_heads, rule.quorum_heads),
        (now.yes_area_cm2, now.part_area_cm2, now.area_cm2, rule.pass_area, rule.quorum_area),
    )
    need = [_more(*s, rule.population == "participating", joins) for s in state]
    silent_area = _largest_first(roll, silent)
    fewest = _fewest(silent_area, need)
    if fewest is not None:
        return StillNeeded(False, need[0], need[1], fewest, 0)
    # all without a ballot consent; who else must change
    all_in = np.where(silent, YES, ballots).astype(np.int8)
    then = tally(roll, all_in, rule)
    if then.passed:
        raise AssertionError("the least number of heads does not agree with the count")
    left = [
        _change(then.yes_heads, then.part_heads, then.heads, rule.pass_heads, rule.population),
        _change(then.yes_area_cm2, then.part_area_cm2, then.area_cm2, rule.pass_area, rule.population),
    ]
    return StillNeeded(False, need[0], need[1], None, _fewest(_largest_first(roll, against), left))


def _largest_first(roll: Roll, where: NDArray[np.bool_]) -> list[int]:
    return sorted((int(a) for a in roll.area_cm2[where]), reverse=True)


def _fewest(areas: list[int], need: Sequence[int | None]) -> int | None:
    """Return the least number of heads, largest first, that reaches a number of heads and an area."""
    heads, area = need
    if heads is None or area is None:
        return None
    total = 0
    for count in range(len(areas) + 1):
        total += areas[count - 1] if count else 0
        if count >= heads and total >= area:
            return count
    return None


def _more(
    yes: int,
    part: int,
    whole: int,
    passing: Threshold | None,
    quorum: Threshold | None,
    participating: bool,
    joins: bool,
) -> int | None:
    """Return the least further consent from those without a ballot, None if no amount of it would do."""
    least = 0
    if quorum is not None and joins:
        least = max(0, quorum.needed(whole) - part)
    if passing is None:
        return least
    if not participating:
        return max(least, passing.needed(whole) - yes)
    if not joins:
        return max(least, passing.needed(part) - yes)
    short = passing.numerator * part - passing.denominator * yes
    gain = passing.denominator - passing.numerator
    if gain == 0:
        return least if short <= 0 else None
    more = short // gain + 1 if passing.strict else -(-short // gain)
    # of nobody taking part no share is reached
    return max(least, more, 1 if part == 0 else 0)


def _change(yes: int, part: int, whole: int, passing: Threshold | None, population: str) -> int:
    base = part if population == "participating" else whole
    return 0 if passing is None else max(0, passing.needed(base) - yes)


def needed_words(need: StillNeeded, total_heads: int) -> Text:
    """Return in one sentence what is still needed."""
    if need.passed:
        return Text("已达到通过条件。", "The conditions to pass are met.")
    if need.fewest is not None:
        area = (need.area_cm2 or 0) / 10_000
        return Text(
            f"至少还需 {need.fewest} 户同意（共 {total_heads} 户）"
            + (f"，且其面积合计不少于 {number(area, 'zh', 1)} m²。" if area else "。"),
            f"At least {need.fewest} more of {total_heads} must consent"
            + (f", with no less than {number(area, digits=1)} m² together." if area else "."),
        )
    if need.minds is not None:
        return Text(
            f"即使尚未表态者全部同意，仍需至少 {need.minds} 户改变意见。",
            f"Even if all who have not answered consent, at least {need.minds} who declined must change their mind.",
        )
    return Text("按此规则无法通过。", "By this rule it cannot pass.")


def stands_with_held_back(book: RollBook, ballots: NDArray[np.int8], rule: Rule) -> bool | None:
    """Return whether the count passes whatever those held back from the roll would have done.

    Each home held back is counted as a head of its own. The worst they can do to the quorum is to stay away, and to
    the majority, to decline; both are counted. None if an area among them is unknown; False if it has not passed.

    Parameters
    ----------
    ballots
        int8 (heads,) in the order of ``book.roll``.
    """
    roll = book.roll
    if not tally(roll, ballots, rule).passed:
        return False
    if not book.held_back:
        return True
    areas = [h.area_cm2 for h in book.held_back]
    if any(a is None for a in areas):
        return None
    names = tuple(f"held:{h.dwelling_id}" for h in book.held_back)
    wider = Roll((*roll.heads, *names), np.array([*roll.area_cm2.tolist(), *areas], np.int64))
    return all(
        tally(wider, np.append(ballots, np.full(len(areas), said, np.int8)).astype(np.int8), rule).passed
        for said in (NONE, NO)
    )
