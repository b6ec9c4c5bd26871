"""What works did: the change where they were done, less the change in comparable places where they were not.

Difference in differences on matched units. Matching is with replacement on standardised covariates; the interval is
that of Abadie and Imbens, because a bootstrap does not hold for matched samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtri

from hutong.text import Text

Floats = NDArray[np.float64]
#: Fewer treated or comparison units than this give no estimate (a working convention, confidence U).
FEWEST = 5
#: A standardised mean difference above this, after matching, is called unbalanced (Stuart 2010, §3.2: 0.25).
UNBALANCED = 0.25
#: Neighbours of the same kind by which the spread of a comparison unit is told (Abadie and Imbens 2006, J).
SPREAD_FROM = 2


@dataclass(frozen=True)
class Effect:
    """An effect with its interval, or the reason why there is none.

    ``estimate`` is in units of the outcome; NaN when unknown. ``placebo`` is the same estimate for the period before
    the works, when nothing should differ: an interval without 0 casts doubt on the comparison.
    """

    estimate: float
    low: float
    high: float
    se: float
    treated: int
    compared: int
    left_out: int
    balance: Floats
    reason: Text | None = None
    placebo: tuple[float, float, float] | None = None

    @property
    def known(self) -> bool:
        """Whether there is an estimate."""
        return self.reason is None

    @property
    def doubtful(self) -> bool:
        """Whether the comparison is not balanced, or differed before the works already."""
        before = self.placebo is not None and not self.placebo[1] <= 0 <= self.placebo[2]
        return before or bool((np.abs(self.balance) > UNBALANCED).any())


def matched_effect(
    before: ArrayLike,
    after: ArrayLike,
    treated: ArrayLike,
    covariates: ArrayLike,
    *,
    earlier: ArrayLike | None = None,
    matches: int = 3,
    confidence: float = 0.95,
) -> Effect:
    """Return the mean effect on the treated of works between two dates.

    Parameters
    ----------
    before, after
        Shape (units,): the outcome at both dates; NaN is unknown.
    treated
        Shape (units,): where works were done.
    covariates
        Shape (units, k): what makes places comparable; the outcome before is always added.
    earlier
        Shape (units,): the outcome at a date still earlier, for the placebo.
    matches
        Comparison units per treated unit.

    Notes
    -----
    ATT = mean over the treated of (Δᵢ − mean of Δ of its matches), Δ = after − before. Variance after Abadie and Imbens
    (2006, Econometrica 74(1), 235–267, §4) for the population effect on the treated:
    V = N₁⁻² Σ_treated (Δᵢ − Δ̂ᵢ − ATT)² + N₁⁻² Σ_compared K(K − 1) M⁻² σ²ᵢ, K how often a unit serves as match, σ²ᵢ
    from its two nearest of the same kind. Units with an unknown cell are left out and counted.
    """
    y0, y1 = np.asarray(before, float), np.asarray(after, float)
    works = np.asarray(treated, bool)
    x = np.column_stack([np.asarray(covariates, float).reshape(y0.size, -1), y0])
    whole = np.isfinite(y0) & np.isfinite(y1) & np.isfinite(x).all(axis=1)
    change, works, x = (y1 - y0)[whole], works[whole], x[whole]
    out = int(y0.size - whole.sum())
    n1, n0 = int(works.sum()), int((~works).sum())
    if n1 < FEWEST or n0 < max(FEWEST, matches):
        return _unknown(n1, n0, out)
    x = _standardised(x)
    estimate, se, at = _att(change, works, x, matches)
    z = float(ndtri(0.5 + confidence / 2))
    placebo = None
    if earlier is not None:
        past = (y0 - np.asarray(earlier, float))[whole]
        known = np.isfinite(past)
        if known[works].sum() >= FEWEST and known[~works].sum() >= max(FEWEST, matches):
            e, s, _ = _att(past[known], works[known], x[known], matches)
            placebo = (e, e - z * s, e + z * s)
    spread = np.sqrt((x[works].var(axis=0) + x[~works].var(axis=0)) / 2)
    apart = x[works].mean(axis=0) - x[~works][at].mean(axis=(0, 1))
    balance = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 1e-12)
    return Effect(estimate, estimate - z * se, estimate + z * se, se, n1, n0, out, balance, placebo=placebo)


def _standardised(x: Floats) -> Floats:
    spread = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0), np.float64)


def _att(
    change: Floats, works: NDArray[np.bool_], x: Floats, matches: int
) -> tuple[float, float, NDArray[np.int64]]:
    """Return effect, standard error and the matches of each treated unit (positions among the others)."""
    others = change[~works]
    at = np.asarray(cKDTree(x[~works]).query(x[works], k=matches)[1], np.int64).reshape(int(works.sum()), -1)
    gains = change[works] - others[at].mean(axis=1)
    estimate = float(gains.mean())
    used = np.bincount(at.ravel(), minlength=others.size)
    near = cKDTree(x[~works]).query(x[~works], k=min(SPREAD_FROM + 1, others.size))[1]
    group = others[near]
    spread = group.var(axis=1, ddof=1)
    n1 = gains.size
    variance = ((gains - estimate) ** 2).sum() + (used * (used - 1) / matches**2 * spread).sum()
    return estimate, float(np.sqrt(variance) / n1), at


def _unknown(n1: int, n0: int, out: int) -> Effect:
    nan = float("nan")
    return Effect(
        nan, nan, nan, nan, n1, n0, out, np.zeros(0),
        Text(
            f"已实施 {n1} 处、可比 {n0} 处，前后皆有实测的太少，无法估计",
            f"{n1} places with works and {n0} to compare are known before and after: too few to tell",
        ),
    )  # fmt: skip
