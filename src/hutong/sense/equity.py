"""How evenly outcomes are shared: Gini, Theil within and between groups, and how the worst-off fare.

Weights count people (or dwellings): a value with weight 3 counts as three people who have it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from hutong.errors import HutongError
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Theil:
    """Theil's T and its exact parts: ``total`` = ``within`` + ``between``.

    ``groups`` has a row per group: ``people`` (weight), ``mean``, ``theil`` inside the group, and the group's
    contributions to ``within`` and ``between``.
    """

    total: float
    within: float
    between: float
    groups: pd.DataFrame


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient: half the mean absolute difference over the mean (Gini 1912; Sen 1973).

    0 where all have the same, 1 − 1/n where one of n has all. Without correction for small samples.

    Parameters
    ----------
    values
        Not negative, shape (n,); unknown ones (NaN) are left out.
    weights
        How many people have each value, ≥ 0, shape (n,). Default: one.

    Returns
    -------
    NaN where nothing is known or all have nothing.
    """
    x, w = _known(values, weights)
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    people, total = w.sum(), (w * x).sum()
    if not total > 0:
        return float("nan")
    before = np.cumsum(w) - w / 2.0  # people with less, and half of those alike
    return float(2.0 * (w * x * before).sum() / (people * total) - 1.0)


def theil(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's T = Σ s_i ln(s_i / p_i): s the share of the total, p of the people (Theil 1967); 0·ln 0 = 0.

    Parameters and what is left out are as for :func:`gini`.
    """
    x, w = _known(values, weights)
    return _theil(x, w)


def theil_parts(values: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None) -> Theil:
    """Return Theil's T within and between groups (Theil 1967): T = Σ_g s_g T_g + Σ_g s_g ln(s_g / p_g).

    Parameters
    ----------
    groups
        The group of each value, shape (n,); values without a group (None, NaN) are left out.
    """
    label = pd.Series(np.asarray(groups, dtype=object))
    given = np.ones(len(label)) if weights is None else np.asarray(weights, np.float64)
    x, w, kept = _known_rows(values, given, label.notna().to_numpy())
    code, names = pd.factorize(label[kept], sort=True)
    total, people = float((w * x).sum()), float(w.sum())
    size = len(names)
    people_in = np.bincount(code, weights=w, minlength=size)
    sum_in = np.bincount(code, weights=w * x, minlength=size)
    inside = np.array([_theil(x[code == g], w[code == g]) for g in range(size)])
    share = sum_in / total if total > 0 else np.full(size, np.nan)
    within = np.where(share > 0, share * np.nan_to_num(inside), 0.0) if total > 0 else share
    between = _entropy(share, people_in / people) if size else share
    table = pd.DataFrame(
        {
            "people": people_in,
            "mean": sum_in / people_in,
            "theil": inside,
            "within": within,
            "between": between,
        },
        index=pd.Index(names, name="group"),
    )
    parts = (float(within.sum()), float(between.sum())) if size and total > 0 else (np.nan, np.nan)
    return Theil(_theil(x, w), *parts, table)


def worst_off(
    values: ArrayLike, weights: ArrayLike | None = None, share: float = 0.1, higher_is_better: bool = True
) -> float:
    """Return the mean of the worst-off ``share`` of people (default: the worst decile); NaN of nobody.

    The person at the boundary counts with the part that lies inside it.
    """
    if not 0 < share <= 1:
        raise _invalid("the share of the worst-off must lie in (0, 1]", "最差人群的占比须大于 0 且不超过 1")
    x, w = _known(values, weights, least=-np.inf)
    if not w.sum() > 0:
        return float("nan")
    order = np.argsort(x if higher_is_better else -x, kind="stable")
    x, w = x[order], w[order]
    room = share * w.sum()
    part = np.clip(room - (np.cumsum(w) - w), 0.0, w)
    return float((part * x).sum() / part.sum())


def _theil(x: np.ndarray, w: np.ndarray) -> float:
    total = (w * x).sum()
    if not total > 0:
        return float("nan")
    return float(_entropy(w * x / total, w / w.sum()).sum())


def _entropy(share: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return s ln(s / p) with 0·ln 0 = 0."""
    some = share > 0
    ratio = np.where(some, share, 1.0) / np.where(some, people, 1.0)
    return np.asarray(np.where(some, share * np.log(ratio), np.where(np.isnan(share), np.nan, 0.0)))


def _known(values: ArrayLike, weights: ArrayLike | None, least: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(values, np.float64)
    w = np.ones(x.shape) if weights is None else np.asarray(weights, np.float64)
    return _known_rows(x, w, np.ones(x.shape, bool), least)[:2]


def _known_rows(
    values: ArrayLike, weights: np.ndarray, among: np.ndarray, least: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the known values with their weights above 0, and which rows they are."""
    x = np.asarray(values, np.float64)
    if x.ndim != 1 or weights.shape != x.shape or among.shape != x.shape:
        raise _invalid("values, weights and groups must be lists of one length", "数值、权重与分组须一一对应")
    if (weights < 0).any() or np.isinf(weights).any():
        raise _invalid("weights must be finite and not below 0", "权重须为有限值且不小于 0")
    kept = ~np.isnan(x) & (weights > 0) & among
    x, w = x[kept], weights[kept]
    if (x < least).any() or np.isinf(x).any():
        raise _invalid("shares are of finite values not below 0", "不均等指数只适用于不小于 0 的有限值")
    return x, w, kept


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-values",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查数值、权重与分组。", "Check values, weights and groups."),
    )


def equity_table(
    outcomes: pd.DataFrame,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    share: float = 0.1,
) -> pd.DataFrame:
    """Return how evenly each outcome is shared, one row per column of ``outcomes``.

    Parameters
    ----------
    outcomes
        Scores ≥ 0 with more better, such as the themes of a profile; unknown ones (NaN) are left out.
    weights
        People per row. Default: one.
    groups
        The group of each row, for ``within`` and ``between``. Default: NaN there.

    Returns
    -------
    ``mean``, ``worst_off`` (mean of the worst-off ``share`` of people), ``gini``, ``theil``, ``within``, ``between``.
    """
    given = np.ones(len(outcomes)) if weights is None else np.asarray(weights, np.float64)
    given = np.where(np.isnan(given), 0.0, given)  # where nobody is known, nobody is counted
    rows = {}
    for name in outcomes:
        x = outcomes[name].to_numpy(np.float64)
        parts = None if groups is None else theil_parts(x, groups, given)
        rows[name] = {
            "mean": worst_off(x, given, 1.0),
            "worst_off": worst_off(x, given, share),
            "gini": gini(x, given),
            "theil": theil(x, given) if parts is None else parts.total,
            "within": np.nan if parts is None else parts.within,
            "between": np.nan if parts is None else parts.between,
        }
    return pd.DataFrame.from_dict(rows, orient="index")
