"""Count ballots by the rule, in whole numbers: one roll, many draws at once, or many buildings at once.

The forms are one count: :func:`tally` adds up and :func:`tally_totals` decides; :func:`tally_many` and
:func:`tally_groups` decide with the same :class:`~hutong.agree.threshold.Threshold`, and tests hold them equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.agree.roll import Roll
from hutong.agree.rule import Rule
from hutong.agree.threshold import Threshold
from hutong.agree.totals import Totals
from hutong.errors import HutongError
from hutong.text import Text

#: Ballots are int8: no ballot, yes, no, abstention.
NONE, YES, NO, ABSTAIN = 0, 1, 2, 3
_CHOICES = {"for": YES, "against": NO, "abstain": ABSTAIN, "silent": NONE}
#: Sums of areas are kept below this, where even float64 holds every whole number.
_MOST_CM2 = 2**53
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """One count: who took part, how they decided, and what is still needed.

    ``quorum_short_*`` is how much more must take part. ``pass_short_*`` is how much more consent is needed, if no
    more take part than the quorum still asks for; both are 0 where the rule does not ask or it is reached.
    """

    rule: str
    roll_hash: str
    heads: int
    area_cm2: int
    part_heads: int
    part_area_cm2: int
    yes_heads: int
    yes_area_cm2: int
    no_heads: int
    abstain_heads: int
    quorum: bool
    passed: bool
    quorum_short_heads: int
    quorum_short_area_cm2: int
    pass_short_heads: int
    pass_short_area_cm2: int


@dataclass(frozen=True)
class Counts:
    """Many counts: int64 and bool arrays of one shape, (draws,) or (groups,) or (draws, groups)."""

    heads: NDArray[np.int64]
    area_cm2: NDArray[np.int64]
    part_heads: NDArray[np.int64]
    part_area_cm2: NDArray[np.int64]
    yes_heads: NDArray[np.int64]
    yes_area_cm2: NDArray[np.int64]
    quorum: NDArray[np.bool_]
    passed: NDArray[np.bool_]


def _ballots(ballots: NDArray[np.int8], heads: int, most_dims: int) -> NDArray[np.int8]:
    given = np.asarray(ballots)
    if given.dtype.kind not in "iu" or not 1 <= given.ndim <= most_dims or given.shape[-1] != heads:
        raise HutongError(
            "bad-ballots",
            Text(
                f"选票数组为 {given.dtype}{given.shape}，名册有 {heads} 人。",
                f"The ballots are {given.dtype}{given.shape}, the roll has {heads} heads.",
            ),
            Text(
                "每名表决人一张选票，用 int8 表示。",
                "Give one int8 ballot per head, in the order of the roll.",
            ),
        )
    if given.size and (int(given.min()) < NONE or int(given.max()) > ABSTAIN):
        raise HutongError(
            "bad-ballots",
            Text("选票中有 0–3 以外的值。", "There are ballots other than 0 to 3."),
            Text("0 未投、1 同意、2 不同意、3 弃权。", "Use 0 none, 1 yes, 2 no, 3 abstention."),
        )
    return given.astype(np.int8, copy=False)


def _takes_part(ballots: NDArray[np.int8], rule: Rule) -> NDArray[np.bool_]:
    return np.ones(ballots.shape, bool) if rule.silence == "abstain" else ballots != NONE


def tally(roll: Roll, ballots: NDArray[np.int8], rule: Rule) -> Tally:
    """Count one act of consent.

    Parameters
    ----------
    ballots
        One of :data:`NONE`, :data:`YES`, :data:`NO`, :data:`ABSTAIN` per head, int8 (heads,).

    Raises
    ------
    HutongError
        If the ballots do not fit the roll.
    """
    return tally_totals(totals_of(roll, ballots), rule, roll.hash)


def totals_of(roll: Roll, ballots: NDArray[np.int8]) -> Totals:
    """Return what the heads of a roll said as sums; it raises as :func:`tally` does."""
    cast = _ballots(ballots, len(roll), 1)
    masks = {said: cast == choice for said, choice in _CHOICES.items()}
    areas = [int(a) for a in roll.area_cm2]
    return Totals(
        {said: int(mask.sum()) for said, mask in masks.items()},
        {said: sum(areas[i] for i in np.flatnonzero(mask)) for said, mask in masks.items()},
    )


def tally_totals(totals: Totals, rule: Rule, roll_hash: str) -> Tally:
    """Decide one act of consent from the sums of its whole roll, whoever added them up."""
    heads, area = totals.heads, totals.area_cm2
    all_ = (sum(heads.values()), sum(area.values()))
    silent = (0, 0) if rule.silence == "abstain" else (heads["silent"], area["silent"])
    took = (all_[0] - silent[0], all_[1] - silent[1])
    agreed = (heads["for"], area["for"])
    quorums, passes = (rule.quorum_heads, rule.quorum_area), (rule.pass_heads, rule.pass_area)
    quorum = all(_meets(t, p, w) for t, p, w in zip(quorums, took, all_, strict=True))
    base = took if rule.population == "participating" else all_
    passed = quorum and all(_meets(t, p, w) for t, p, w in zip(passes, agreed, base, strict=True))
    quorum_short = [_short(t, p, w) for t, p, w in zip(quorums, took, all_, strict=True)]
    expected = [
        b + s if rule.population == "participating" else b for b, s in zip(base, quorum_short, strict=True)
    ]
    pass_short = [_short(t, p, w) for t, p, w in zip(passes, agreed, expected, strict=True)]
    return Tally(
        rule=rule.id,
        roll_hash=roll_hash,
        heads=all_[0],
        area_cm2=all_[1],
        part_heads=took[0],
        part_area_cm2=took[1],
        yes_heads=agreed[0],
        yes_area_cm2=agreed[1],
        no_heads=heads["against"],
        abstain_heads=took[0] - agreed[0] - heads["against"],
        quorum=quorum,
        passed=passed,
        quorum_short_heads=quorum_short[0],
        quorum_short_area_cm2=quorum_short[1],
        pass_short_heads=pass_short[0],
        pass_short_area_cm2=pass_short[1],
    )


def _meets(threshold: Threshold | None, part: int, whole: int) -> bool:
    return whole > 0 if threshold is None else threshold.meets(part, whole)


def _short(threshold: Threshold | None, part: int, whole: int) -> int:
    return 0 if threshold is None else max(0, threshold.needed(whole) - part)


def tally_many(area_cm2: NDArray[np.int64], ballots: NDArray[np.int8], rule: Rule) -> Counts:
    """Count many draws of one roll; each row equals :func:`tally`.

    Parameters
    ----------
    area_cm2
        Area of each head, int64 (heads,).
    ballots
        int8 (draws, heads).
    """
    groups = np.zeros(len(area_cm2), np.int64)
    counts = tally_groups(groups, area_cm2, np.atleast_2d(ballots), 1, rule)
    return Counts(*(column[:, 0] for column in vars(counts).values()))


def tally_groups(
    group_index: NDArray[np.int64],
    area_cm2: NDArray[np.int64],
    ballots: NDArray[np.int8],
    n_groups: int,
    rule: Rule,
) -> Counts:
    """Count many rolls at once, such as one per building; each equals :func:`tally` of its own heads.

    Parameters
    ----------
    group_index
        Which roll each head is on, int64 (heads,) in [0, n_groups). A holder with homes in several buildings is a
        head in each.
    area_cm2
        Area of each head in its roll, int64 (heads,).
    ballots
        int8 (heads,), or (draws, heads) for many draws.

    Returns
    -------
    Arrays of shape (n_groups,), or (draws, n_groups). A roll without heads decides nothing.

    Raises
    ------
    HutongError
        If ballots, areas or groups do not fit, or the areas are too large to be counted exactly.
    """
    group, area = _groups(group_index, area_cm2, n_groups)
    cast = _ballots(ballots, len(area), 2)
    flat = cast.ndim == 1
    cast = np.atleast_2d(cast)
    one = np.ones(len(area), np.int64)
    heads, total = (_sum(group, of, n_groups) for of in (one, area))
    step = max(1, _CHUNK // max(1, len(area)))
    parts: list[list[NDArray[np.int64]]] = []
    for first in range(0, len(cast), step):
        draw = cast[first : first + step]
        took, agreed = _takes_part(draw, rule), draw == YES
        parts.append(
            [_sum_draws(group, of, n_groups, where) for where in (took, agreed) for of in (one, area)]
        )
    shape = (len(cast), n_groups)
    stacked = [np.concatenate(p) for p in zip(*parts, strict=True)] or [np.zeros(shape, np.int64)] * 4
    part_heads, part_area, yes_heads, yes_area = stacked
    heads, total = np.broadcast_to(heads, shape), np.broadcast_to(total, shape)
    quorum = _each(rule.quorum_heads, part_heads, heads) & _each(rule.quorum_area, part_area, total)
    base = (part_heads, part_area) if rule.population == "participating" else (heads, total)
    passed = quorum & _each(rule.pass_heads, yes_heads, base[0]) & _each(rule.pass_area, yes_area, base[1])
    out: tuple[Any, ...] = (heads, total, part_heads, part_area, yes_heads, yes_area, quorum, passed)
    return Counts(*((column[0] if flat else column) for column in out))


def _each(
    threshold: Threshold | None, part: NDArray[np.int64], whole: NDArray[np.int64]
) -> NDArray[np.bool_]:
    return whole > 0 if threshold is None else threshold.meets_each(part, whole)


def _groups(
    group_index: NDArray[np.int64], area_cm2: NDArray[np.int64], n_groups: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    group, area = np.asarray(group_index), np.asarray(area_cm2)
    fits = (
        group.dtype.kind == "i"
        and area.dtype.kind == "i"
        and group.shape == area.shape == (len(area),)
        and (not len(area) or (int(group.min()) >= 0 and int(group.max()) < n_groups and int(area.min()) > 0))
    )
    if not fits:
        raise HutongError(
            "bad-roll",
            Text("名册的分组或面积不合格。", "The groups or areas of the rolls do not fit."),
            Text(
                "每人一个分组序号和一个正整数面积（平方厘米）。",
                "Give each head a group in [0, n) and a whole area > 0 cm².",
            ),
        )
    # sums of whole numbers are exact in float64 until they reach this limit, so the comparison is exact too
    if float(area.sum(dtype=np.float64)) >= _MOST_CM2:
        raise HutongError(
            "too-large-to-count",
            Text("面积合计过大，无法精确计票。", "The areas are too large to be counted exactly."),
            Text("请按楼栋或小区分别计票。", "Count building by building or estate by estate."),
        )
    return group.astype(np.int64, copy=False), area.astype(np.int64, copy=False)


def _sum(group: NDArray[np.int64], of: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    # bincount sums in float64, which is exact here: every partial sum is a whole number below 2**53
    return np.bincount(group, weights=of, minlength=n_groups).astype(np.int64)


def _sum_draws(
    group: NDArray[np.int64], of: NDArray[np.int64], n_groups: int, where: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return sums of ``of`` over the heads marked in ``where`` (draws, heads): (draws, n_groups)."""
    draws = len(where)
    if n_groups == 1:
        return (where @ of.astype(np.float64)).astype(np.int64)[:, None]
    row, head = np.nonzero(where)
    flat = _sum(row * n_groups + group[head], of[head], draws * n_groups)
    return flat.reshape(draws, n_groups)
