"""From indicators to one figure: scores in [0, 1], weights given or by entropy, and the weighted mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from hutong.errors import HutongError
from hutong.sense.coupling import entropy_weights
from hutong.sense.results import Checkup, Indicator
from hutong.text import Text

#: How :func:`scores` are normalised, as it must stand beside them.
NORMALISATION = Text(
    "得分按各指标自身的标准归一：达到标准为 1，完全不达标为 0，其间按比例；不随参与比较的小区而变。",
    "Scores are normalised by each indicator's own standard: 1 where it is met, 0 where the shortfall is complete, in "
    "proportion between; they do not depend on which estates are compared.",
)

Weights = str | Mapping[str, float]  # "equal", "entropy", or by name


def score(indicator: Indicator, value: ArrayLike) -> np.ndarray:
    """Return 1 − (value − standard) / (worst − standard) within [0, 1]: 1 meets the standard (NaN: unknown)."""
    standard = indicator.standard or 0.0
    way = (np.asarray(value, np.float64) - standard) / (indicator.worst - standard)
    return np.asarray(1.0 - np.clip(way, 0.0, 1.0))


def scores(check: Checkup, scale: str = "estate") -> pd.DataFrame:
    """Return the score of every place of a scale on every indicator with a standard (``NORMALISATION``).

    Indexed by place_id in the order of the checkup, one column per indicator that is a share or makes findings (for
    others nothing says when a shortfall is complete); NaN where unknown or where the indicator does not apply.
    """
    rows = check.values[check.values["scale"] == scale]
    table = rows.pivot(index="place_id", columns="indicator", values="value")
    table = table.reindex(index=rows["place_id"].drop_duplicates())
    known = {
        i.id: i
        for i in check.indicators
        if i.standard is not None and i.worst != i.standard and (i.unit == "ratio" or i.finding)
    }
    return pd.DataFrame(
        {name: score(known[name], table[name]) for name in known if name in table}, index=table.index
    )


def weights_of(table: pd.DataFrame, weights: Weights = "equal") -> pd.Series:
    """Return one weight per column, summing to 1.

    Parameters
    ----------
    table
        Scores, rows are places; entropy weights use the rows without unknowns.
    weights
        ``equal``; ``entropy`` (what tells places apart weighs more; equal where fewer than two rows are known whole);
        or a mapping that gives every column a weight ≥ 0.

    Raises
    ------
    HutongError
        ``invalid-weights`` for another word, and for a mapping that does not fit.
    """
    names = list(table.columns)
    if isinstance(weights, Mapping):
        given = np.array([weights.get(name, np.nan) for name in names], np.float64)
        strange = sorted(set(weights) - set(names))
        if strange or not (given >= 0).all() or not 0 < given.sum() < np.inf:
            raise _invalid(names)
        return pd.Series(given / given.sum(), index=names)
    whole = table.dropna().to_numpy(np.float64)
    if weights == "entropy" and len(whole) > 1:
        return pd.Series(entropy_weights(whole), index=names)
    if weights in ("equal", "entropy"):
        return pd.Series(np.full(len(names), 1.0 / len(names)), index=names)
    raise _invalid(names)


def applies(check: Checkup, scale: str = "estate") -> pd.DataFrame:
    """Return whether each indicator applies to each place of a scale, known or not (bool, as :func:`scores`)."""
    return coverages(check, scale).notna()


def coverages(check: Checkup, scale: str = "estate") -> pd.DataFrame:
    """Return which share of each indicator's cases was observed, per place (NaN: it does not apply)."""
    rows = check.values[check.values["scale"] == scale]
    table = rows.assign(coverage=rows["coverage"].fillna(0.0))
    table = table.pivot(index="place_id", columns="indicator", values="coverage")
    return table.reindex(index=rows["place_id"].drop_duplicates())


def weighted_mean(
    table: pd.DataFrame, weights: pd.Series, least_known: float = 1.0, there: pd.DataFrame | None = None
) -> tuple[pd.Series, pd.Series]:
    """Return each row's weighted mean over what is known, and the share of the weight that is.

    The mean is NaN where less than ``least_known`` of the weight is known.

    Parameters
    ----------
    there
        What applies at all, shaped as ``table``; the rest has no weight. Default: everything.
    """
    x, w = table.to_numpy(np.float64), weights.reindex(table.columns).to_numpy(np.float64)
    known = ~np.isnan(x)
    asked = np.ones(x.shape, bool) if there is None else there[table.columns].to_numpy(bool) | known
    weight, whole = (known * w).sum(axis=1), (asked * w).sum(axis=1)
    share = np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), 0.0)
    mean = np.where(known, x * w, 0.0).sum(axis=1) / np.where(weight > 0, weight, 1.0)
    mean[(share < least_known - 1e-12) | (weight == 0)] = np.nan
    return pd.Series(mean, index=table.index), pd.Series(share, index=table.index)


def _invalid(names: Sequence[str]) -> HutongError:
    return HutongError(
        "invalid-weights",
        Text(
            f"权重须为 equal、entropy，或为下列各项各给一个不小于 0 的数：{'、'.join(names)}。",
            f"Weights are equal, entropy, or a number ≥ 0 for each of: {', '.join(names)}.",
        ),
        Text("请检查权重。", "Check the weights."),
    )
