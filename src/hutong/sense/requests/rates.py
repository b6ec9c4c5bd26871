"""The three rates of 接诉即办 by unit, each with its interval: 响应率, 解决率, 满意率."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.requests.read import Requests
from hutong.sense.requests.taxonomy import Taxonomy, load_taxonomy
from hutong.text import Text

#: 《北京市接诉即办工作条例》 art. 32; ``in_time`` is feedback within the limit of its class (DB11 draft, facts §4.2).
RATES = ("responded", "resolved", "satisfied", "in_time")
RATE_TITLES = {
    "responded": Text("响应率", "responded"),
    "resolved": Text("解决率", "resolved"),
    "satisfied": Text("满意率", "satisfied"),
    "in_time": Text("按时反馈率", "answered in time"),
}
RATE_COLUMNS = ("place", "rate", "requests", "known", "yes", "share", "low", "high", "small", "beside_all")
#: Below this many known answers a rate is shown as too small to compare (a working convention, confidence U).
SMALL = 30


def wilson(yes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[NDArray, NDArray]:
    """Return the Wilson score interval of a share (Wilson 1927); NaN where n is 0.

    Parameters
    ----------
    yes, n
        Counts, any shape.
    """
    hits, total = np.asarray(yes, float), np.asarray(n, float)
    z = float(ndtri(0.5 + confidence / 2))
    safe = np.where(total > 0, total, np.nan)
    share = hits / safe
    middle = (share + z * z / (2 * safe)) / (1 + z * z / safe)
    half = z / (1 + z * z / safe) * np.sqrt(share * (1 - share) / safe + z * z / (4 * safe * safe))
    low = np.where(hits == 0, np.where(total > 0, 0.0, np.nan), middle - half)
    high = np.where(hits == total, np.where(total > 0, 1.0, np.nan), middle + half)
    return low, high


def scored(requests: Requests) -> Requests:
    """Return the requests that count for the rates: inquiries are answered, not scored (facts §4, §8.7)."""
    keep = (requests.table["nature"] != "inquiry").to_numpy()
    return Requests(
        requests.table[keep].reset_index(drop=True), requests.zone, requests.crs, requests.masked,
        requests.left_out, requests.columns, requests.unread,
    )  # fmt: skip


def in_time(
    requests: Requests, category: pd.Series, rules: Rules, taxonomy: Taxonomy | None = None
) -> pd.Series:
    """Return whether feedback came within the limit of its class (<NA>: no time of feedback, or no rule in force)."""
    book = taxonomy or load_taxonomy()
    hours: dict[str, float] = {}
    for name in category.dropna().unique():
        found = book.find(str(name))
        rule = found.deadline if found is not None else ""
        if rule in rules:
            hours[name] = rules.number(rule) * (24.0 if rules[rule].unit == "day" else 1.0)
    limit = category.map(hours).to_numpy(dtype=float)
    spent = (requests.table["closed"] - requests.table["time"]).dt.total_seconds().to_numpy() / 3600
    known = ~np.isnan(limit) & ~np.isnan(spent)
    return pd.Series(pd.array(np.where(known, spent <= limit, None), dtype="boolean"))


def rates(
    requests: Requests,
    by: str = "unit",
    *,
    extra: Mapping[str, pd.Series] | None = None,
    confidence: float = 0.95,
    small: int = SMALL,
) -> pd.DataFrame:
    """Return response, resolution and satisfaction rates of the scored requests by unit, and for all ("").

    Parameters
    ----------
    requests
        As from :func:`scored`.
    by
        Column of the table: unit, subdistrict, community.
    extra
        Further rates as boolean columns, aligned with the table (such as ``in_time``).

    Returns
    -------
    ``RATE_COLUMNS``. ``known`` of ``requests`` have an answer; the share is of these, the rest is unknown, not no.
    ``beside_all``: above | below where the interval lies beyond the share of all, unclear where it does not,
    and small where there are fewer than ``small`` answers.
    """
    if by not in requests.table.columns:
        raise HutongError(
            "no-columns",
            Text(f"诉求表没有列 {by}。", f"The requests have no column {by}."),
            Text("可用：unit、subdistrict、community。", "Use unit, subdistrict or community."),
        )
    answers = {name: requests.table[name] for name in RATES if name in requests.table.columns} | dict(
        extra or {}
    )
    places = requests.table[by]
    names = ["", *sorted(places.dropna().unique())]
    parts = []
    for rate, column in answers.items():
        value = column.astype("boolean").to_numpy(dtype=float, na_value=np.nan)
        if np.isnan(value).all():
            continue
        for name in names:
            mine = value if name == "" else value[(places == name).to_numpy(dtype=bool, na_value=False)]
            known = int((~np.isnan(mine)).sum())
            parts.append((name, rate, len(mine), known, int(np.nansum(mine))))
    return shares(pd.DataFrame(parts, columns=list(RATE_COLUMNS[:5])), confidence, small)


def shares(counts: pd.DataFrame, confidence: float = 0.95, small: int = SMALL) -> pd.DataFrame:
    """Return counts (the first five of ``RATE_COLUMNS``) with shares and intervals, as :func:`rates` does."""
    frame = counts.copy()
    frame["share"] = frame["yes"] / frame["known"].where(frame["known"] > 0)
    frame["low"], frame["high"] = wilson(frame["yes"], frame["known"], confidence)
    frame["small"] = frame["known"] < small
    all_share = frame["rate"].map(frame[frame["place"] == ""].set_index("rate")["share"])
    frame["beside_all"] = np.select(
        [frame["place"] == "", frame["small"], frame["low"] > all_share, frame["high"] < all_share],
        ["", "small", "above", "below"],
        "unclear",
    )
    return frame
