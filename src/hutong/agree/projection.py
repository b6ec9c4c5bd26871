"""Where an act may end, from the returns so far: an interval, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from hutong.agree.roll import Roll
from hutong.agree.rule import Rule
from hutong.agree.tally import NO, NONE, YES, tally, tally_many
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text

#: What a projection takes for granted; shown beside every one.
ASSUMES = Text(
    "假设：尚未表态者的意愿与同类已表态者相近。先签的人往往更愿意，结果可能偏乐观。",
    "Assumes that those who have not answered are like those of their group who have. "
    "The willing often answer first, so this may be too hopeful.",
)


@dataclass(frozen=True, slots=True)
class Projection:
    """The final count as it may come out.

    ``yes_share`` is the share of consent among the returns so far with its Wilson interval. ``yes_heads`` and
    ``yes_area_cm2`` are (low, middle, high) of the final count, ``passes`` the share of draws that pass.
    ``settled`` is ``"passed"`` or ``"failed"`` where those who have not answered can change nothing, else None.
    """

    returned: int
    heads: int
    yes_share: float
    yes_share_low: float
    yes_share_high: float
    yes_heads: tuple[int, int, int]
    yes_area_cm2: tuple[int, int, int]
    passes: float
    settled: str | None
    level: float
    turnout_of_rest: float
    draws: int
    assumes: Text = ASSUMES


def wilson(hits: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """Return the Wilson interval of a share, (NaN, NaN) for n = 0.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22, 209–212.
    """
    if not 0 <= hits <= n or not 0 < level < 1:
        raise ValueError(f"{hits} of {n} at level {level}")
    if n == 0:
        return math.nan, math.nan
    z = float(ndtri(0.5 + level / 2))
    middle, spread = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    # the ends of 0 and n are exact; rounding must not pass them
    low = 0.0 if hits == 0 else (middle - spread) / (n + z * z)
    return low, 1.0 if hits == n else (middle + spread) / (n + z * z)


def project(
    roll: Roll,
    ballots: NDArray[np.int8],
    rule: Rule,
    *,
    turnout_of_rest: float,
    seed: int,
    groups: Sequence[str] | None = None,
    level: float = 0.9,
    draws: int = 2000,
) -> Projection:
    """Project the final count from partial returns by a beta-binomial draw per group.

    A group's chance of consent has a Jeffreys prior Beta(½, ½) and is updated by its returns; a group without
    returns takes those of all. Each head that has not answered takes part with the chance given and then consents
    with its group's; the draws are counted by the rule of the act itself.

    Parameters
    ----------
    turnout_of_rest
        Chance, in [0, 1], that a head which has not answered still will. It is not known: try more than one.
    groups
        Group of each head (heads,), such as its tenure; by default all are one.
    level
        Of the intervals, in (0, 1).

    Raises
    ------
    HutongError
        If nothing has come back yet, or the inputs do not fit.
    """
    cast = np.asarray(ballots, np.int8)
    returned = cast != NONE
    names = ["" for _ in roll.heads] if groups is None else list(groups)
    fits = len(names) == len(cast) == len(roll) and 0 <= turnout_of_rest <= 1 and 0 < level < 1 and draws > 0
    if not fits or not returned.any():
        raise HutongError(
            "cannot-project",
            Text(
                "返回的表态不足或参数不合格，无法推算。",
                "Nothing has come back yet, or the inputs do not fit.",
            ),
            Text("至少一份表态，概率在 0–1 之间。", "Wait for a first return; give chances between 0 and 1."),
        )
    filled = _draw(cast, names, turnout_of_rest, seed, draws)
    counts = tally_many(roll.area_cm2, filled, rule)
    ends = (0.5 - level / 2, 0.5, 0.5 + level / 2)
    yes, n = int((cast == YES).sum()), int(returned.sum())
    low, high = wilson(yes, n, level)
    return Projection(
        returned=n,
        heads=len(roll),
        yes_share=yes / n,
        yes_share_low=low,
        yes_share_high=high,
        yes_heads=_quantiles(counts.yes_heads, ends),
        yes_area_cm2=_quantiles(counts.yes_area_cm2, ends),
        passes=float(counts.passed.mean()),
        settled=settled(roll, cast, rule),
        level=level,
        turnout_of_rest=turnout_of_rest,
        draws=draws,
    )


def settled(roll: Roll, ballots: NDArray[np.int8], rule: Rule) -> str | None:
    """Return ``"passed"`` or ``"failed"`` if nothing those without a ballot do can change it, else None."""
    silent = ballots == NONE
    if tally(roll, ballots, rule).passed:
        against = np.where(silent, NO, ballots).astype(np.int8)
        return "passed" if tally(roll, against, rule).passed else None
    all_in = np.where(silent, YES, ballots).astype(np.int8)
    return None if tally(roll, all_in, rule).passed else "failed"


def _draw(
    cast: NDArray[np.int8], names: list[str], turnout: float, seed: int, draws: int
) -> NDArray[np.int8]:
    rng = generator(seed, "agree.projection")
    filled = np.tile(cast, (draws, 1))
    group = np.array(names, dtype=object)
    for name in sorted(set(names)):
        mine = group == name
        seen = cast[mine & (cast != NONE)]
        if not len(seen):
            seen = cast[cast != NONE]
        yes = int((seen == YES).sum())
        chance = rng.beta(yes + 0.5, len(seen) - yes + 0.5, draws)
        silent = np.flatnonzero(mine & (cast == NONE))
        takes_part = rng.random((draws, len(silent))) < turnout
        consents = rng.random((draws, len(silent))) < chance[:, None]
        filled[:, silent] = np.where(takes_part, np.where(consents, YES, NO), NONE)
    return filled


def _quantiles(values: NDArray[np.int64], ends: tuple[float, float, float]) -> tuple[int, int, int]:
    # an observed count, not a mean of two
    low, middle, high = np.quantile(values, ends, method="inverted_cdf").tolist()
    return int(low), int(middle), int(high)
