"""Like cases, like offers: what differs from its likes, by how much, and what reason was given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.text import Text, number, percent

#: Fewer like cases than this cannot show what is usual among them.
LEAST_LIKES = 3


def unequal_offers(
    offers: pd.DataFrame, like: Sequence[str], tolerance: float = 0.05, least_likes: int = LEAST_LIKES
) -> pd.DataFrame:
    """Return the offers that differ per m² from the median of like cases by more than a tolerance.

    Parameters
    ----------
    offers
        One row per home: ``dwelling_id``, ``total_yuan``, ``area_cm2``, the columns of ``like``, and, if recorded,
        ``reason`` (why this offer differs).
    like
        Columns in which cases must be exactly alike, such as tenure, form of compensation and structure.
    tolerance
        Largest relative difference per m² that is still alike (a design choice, confidence U).

    Returns
    -------
    Offers to be looked at, largest difference first, then those that cannot be compared: ``dwelling_id``,
    ``yuan_m2``, ``likes`` (number of like cases, itself among them), ``median_yuan_m2``, ``difference`` (relative, NaN
    where it cannot be compared), ``recorded`` (the reason given, "" if none), ``zh`` and ``en`` in words. An outlier
    with a reason is still listed: whether the reason holds is for people.

    Raises
    ------
    HutongError
        If a column is missing or no tolerance fits.
    """
    missing = [c for c in ("dwelling_id", "total_yuan", "area_cm2", *like) if c not in offers]
    if missing or not like or not tolerance >= 0:
        raise HutongError(
            "cannot-compare",
            Text("补偿方案表缺列，或容差不合格。", "The offers lack columns, or the tolerance does not fit."),
            Text(
                "请给出相同条件的列和不小于 0 的容差。",
                "Name the columns that make cases alike and a tolerance of at least 0.",
            ),
            [f"column {c} is missing" for c in missing],
        )
    table = offers.reset_index(drop=True)
    area = table["area_cm2"].astype(float)
    rate = (table["total_yuan"].astype(float) / (area / 10_000)).where(area > 0)
    known = rate.notna() & table[list(like)].notna().all(axis=1)
    keys = [table.loc[known, c].astype(str) for c in like]
    grouped = rate[known].groupby(keys)
    middle = grouped.transform("median").reindex(table.index)
    likes = grouped.transform("size").reindex(table.index).fillna(0).astype(int)
    enough = known & (likes >= least_likes) & (middle > 0)
    difference = (rate / middle - 1).where(enough)
    recorded = (
        table["reason"].fillna("").astype(str) if "reason" in table else pd.Series("", index=table.index)
    )
    out = pd.DataFrame(
        {
            "dwelling_id": table["dwelling_id"].astype(str),
            "yuan_m2": rate,
            "likes": likes,
            "median_yuan_m2": middle.where(enough),
            "difference": difference,
            "recorded": recorded,
        }
    )
    # a difference of the tolerance itself is alike, beyond rounding
    out = out[~enough | (difference.abs() > tolerance * (1 + 1e-9))]
    said = [
        _words(d, m, n, why)
        for d, m, n, why in zip(
            out["difference"], out["median_yuan_m2"], out["likes"], out["recorded"], strict=True
        )
    ]
    out["zh"], out["en"] = [t.zh for t in said], [t.en for t in said]
    order = np.lexsort((out["dwelling_id"].to_numpy(str), -out["difference"].abs().fillna(-1.0).to_numpy()))
    return out.iloc[order].reset_index(drop=True)


def _words(difference: float, median: float, likes: int, recorded: str) -> Text:
    if np.isnan(difference):
        return Text(
            f"无法比较：同类仅 {likes} 户或数据不全",
            f"cannot be compared: {likes} like cases, or figures are missing",
        )
    size = percent(abs(difference), "zh", 1)
    above = difference > 0
    zh = f"单价{'高于' if above else '低于'}同类 {likes} 户中位数 {number(median, 'zh')} 元/m² {size}"
    en = f"{size} {'above' if above else 'below'} the median of ¥{number(median)}/m² of {likes} like cases"
    return Text(f"{zh}；{recorded or '未说明理由'}", f"{en}; {recorded or 'no reason given'}")
