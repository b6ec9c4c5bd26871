"""Spatial clustering: whether neighbours have like values (global Moran's I), and where (local Moran's I)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.special import ndtr

from hutong.errors import HutongError
from hutong.rng import generator
from hutong.sense.neighbours import row_standardised
from hutong.text import Text

#: What a place and its neighbours are: high among high, low among high, low among low, high among low.
QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
#: Numbers held at a time while permuting: bounds the memory, changes no result.
_ROOM = 4_000_000


@dataclass(frozen=True, slots=True)
class Moran:
    """Global Moran's I with its expectation; z and two-sided p under normality, randomisation and permutation."""

    value: float
    expected: float
    z_normal: float
    p_normal: float
    z_random: float
    p_random: float
    p_permuted: float  # NaN without permutations
    n: int


def moran(values: ArrayLike, weights: Any, permutations: int = 999, seed: int = 1) -> Moran:
    """Return global Moran's I = (n / S0) Σ_ij w_ij z_i z_j / Σ z_i² (Moran 1950; Cliff and Ord 1981).

    Unknown values (NaN) and their links are left out. The pseudo p-value is two-sided: twice the smaller of the shares
    of permutations with I at least, and at most, as great, the observed one among them.

    Parameters
    ----------
    values
        Shape (n,).
    weights
        Sparse (n, n); rows are standardised to sum 1.
    permutations
        How often values are shuffled over places; 0 for none.

    Raises
    ------
    HutongError
        ``invalid-values`` for fewer than four known values, all alike, or without any neighbours.
    """
    z, w, _ = _prepare(values, weights)
    n = len(z)
    s0, s1, s2 = _moments(w)
    squares = float((z * z).sum())
    value = _global(z, w, n / s0 / squares)
    expected = -1.0 / (n - 1)
    normal = (n * n * s1 - n * s2 + 3 * s0**2) / ((n - 1) * (n + 1) * s0**2) - expected**2
    kurtosis = n * float((z**4).sum()) / squares**2
    a = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    random = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    z_normal, z_random = (_z(value - expected, variance) for variance in (normal, random))
    p = np.nan
    if permutations:
        shuffle = generator(seed, "moran.global")
        drawn = np.array([_global(shuffle.permutation(z), w, n / s0 / squares) for _ in range(permutations)])
        p = float(_two_sided((drawn >= value - 1e-12).sum(), (drawn <= value + 1e-12).sum(), permutations))
    return Moran(value, expected, z_normal, float(_p(z_normal)), z_random, float(_p(z_random)), p, n)


def local_moran(
    values: ArrayLike, weights: Any, permutations: int = 999, seed: int = 1, alpha: float = 0.05
) -> pd.DataFrame:
    """Return local Moran's I_i = (n − 1) z_i Σ_j w_ij z_j / Σ z² for every place (Anselin 1995).

    Inference is conditional: z_i stays, the others are shuffled over its neighbours. ``z`` and ``p_analytic`` come from
    the exact moments of that (Sokal, Oden and Thomson 1998, eq. A7–A8), ``p_permuted`` from ``permutations``
    draws, two-sided as in :func:`moran`; one set of draws serves all places, so p-values of places are not
    independent. ``cluster`` names the quadrant where p passes Benjamini and Hochberg's (1995) false discovery
    rate ``alpha``, and is empty elsewhere: with many places some look striking by chance.

    Returns
    -------
    Per place: ``value``, ``expected``, ``z``, ``p_analytic``, ``p_permuted``, ``quadrant``, ``cluster``. NaN (and
    empty) for unknown values and places without known neighbours.
    """
    z, w, rows = _prepare(values, weights)
    n, squares = len(z), float((z * z).sum())
    z = z / np.sqrt(squares / n)
    total, total2 = _row_sums(w), _row_sums(w.multiply(w).tocsr())
    lag = np.asarray(w @ z)
    scale = (n - 1) / n
    mean = -z / (n - 1)
    spread = n / (n - 2) * (1.0 - z**2 / (n - 1)) * (total2 - total**2 / (n - 1))
    expected, sd = scale * z * mean * total, scale * np.abs(z) * np.sqrt(np.maximum(spread, 0.0))
    value = scale * z * lag
    score = np.divide(value - expected, sd, out=np.full(n, np.nan), where=sd > 1e-12)
    quadrant = np.where(lag > 0, np.where(z > 0, 0, 1), np.where(z > 0, 3, 2))
    table = pd.DataFrame({"value": value, "expected": expected, "z": score})
    table["p_analytic"] = _p(score)
    table["p_permuted"] = _permuted(z, w, lag, permutations, seed) if permutations else np.nan
    deciding = table["p_permuted"] if permutations else table["p_analytic"]
    alone = total == 0
    table[alone] = np.nan
    table["quadrant"] = np.where(alone, "", np.array(QUADRANTS, dtype=object)[quadrant])
    told = _discoveries(deciding.where(~alone).to_numpy(np.float64), alpha)
    table["cluster"] = np.where(told, table["quadrant"], "")
    table.index = rows
    size = len(np.asarray(values))
    return table.reindex(range(size)).fillna({"quadrant": "", "cluster": ""})


def _permuted(z: np.ndarray, w: Any, lag: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """Return two-sided conditional pseudo p-values; places with equally many neighbours are done together."""
    n, degree = len(z), np.diff(w.indptr)
    drawn = _draws(n - 1, int(degree.max()), permutations, generator(seed, "moran.local"))
    p = np.full(n, np.nan)
    for k in np.unique(degree[degree > 0]):
        places = np.flatnonzero(degree == k)
        step = max(1, _ROOM // int(permutations * k))
        for low in range(0, len(places), step):
            some = places[low : low + step]
            weight = w.data[w.indptr[some][:, None] + np.arange(k)]
            others = drawn[None, :, :k] + (drawn[None, :, :k] >= some[:, None, None])
            lags = np.einsum("spk,sk->sp", z[others], weight)
            # I_i rises or falls with the lag: two-sided p-values of both are the same.
            more = (lags >= lag[some][:, None] - 1e-12).sum(axis=1)
            less = (lags <= lag[some][:, None] + 1e-12).sum(axis=1)
            p[some] = _two_sided(more, less, permutations)
    return p


def _draws(size: int, k: int, times: int, random: np.random.Generator) -> np.ndarray:
    """Return ``times`` rows of k of ``size`` numbers without repetition, in random order (Floyd; Bentley 1987)."""
    rows = np.empty((times, k), np.int64)
    for at, top in enumerate(range(size - k, size)):
        number = random.integers(0, top + 1, times)
        taken = (rows[:, :at] == number[:, None]).any(axis=1)
        rows[:, at] = np.where(taken, top, number)
    order = np.argsort(random.random((times, k)), axis=1)
    return np.take_along_axis(rows, order, axis=1)


def _discoveries(p: np.ndarray, alpha: float) -> np.ndarray:
    """Return which p-values pass the false discovery rate (Benjamini and Hochberg 1995); NaN never does."""
    known = np.sort(p[~np.isnan(p)])
    under = np.flatnonzero(known <= alpha * (np.arange(len(known)) + 1) / max(len(known), 1))
    bound = known[under[-1]] if len(under) else -1.0
    return np.asarray(p <= bound)


def _prepare(values: ArrayLike, weights: Any) -> tuple[np.ndarray, Any, np.ndarray]:
    """Return known values less their mean, row-standardised weights among them, and their rows."""
    x = np.asarray(values, np.float64)
    w = csr_array(weights, dtype=np.float64)
    if x.ndim != 1 or w.shape != (len(x),) * 2 or np.isinf(x).any():
        raise _invalid(
            "values must be finite and weights a square matrix of them", "数值须有限，权重须为相应的方阵"
        )
    rows = np.flatnonzero(~np.isnan(x))
    w = row_standardised(w[rows][:, rows])
    w.eliminate_zeros()
    z = x[rows] - x[rows].mean() if len(rows) else x[rows]
    if len(rows) < 4 or not np.abs(z).max() > 1e-12 * np.abs(x[rows]).max() or not w.nnz:
        raise _invalid(
            "clustering needs four known values that differ, and neighbours",
            "聚集分析至少需要四个不全相同的已知值和相邻关系",
        )
    return z, w, rows


def _global(z: np.ndarray, w: Any, scale: float) -> float:
    return float(scale * (z @ (w @ z)))


def _moments(w: Any) -> tuple[float, float, float]:
    """Return S0 = Σ w, S1 = ½ Σ (w_ij + w_ji)² and S2 = Σ (w_i. + w_.i)² (Cliff and Ord 1981)."""
    both = (w + w.T).tocsr()
    sums = _row_sums(w) + _row_sums(w.T.tocsr())
    return float(w.sum()), float(both.multiply(both).sum() / 2.0), float((sums**2).sum())


def _row_sums(w: Any) -> np.ndarray:
    return np.asarray(w.sum(axis=1)).ravel()


def _z(difference: float, variance: float) -> float:
    return difference / float(np.sqrt(variance)) if variance > 0 else float("nan")


def _p(z: Any) -> Any:
    """Return the two-sided p-value of a normal score."""
    return 2.0 * ndtr(-np.abs(z))


def _two_sided(more: Any, less: Any, permutations: int) -> Any:
    return np.minimum(1.0, 2.0 * (np.minimum(more, less) + 1.0) / (permutations + 1.0))


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-values",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查数值与空间权重。", "Check the values and the spatial weights."),
    )
