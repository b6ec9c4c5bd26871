"""What the requests of a place lead one to expect and to look at: topics (每月一题), repeat places, alike ones, surges (未诉先办).

Reckoned by the background worker from what is stored (:mod:`hutong.sense.requests`), kept as figures without any words.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hutong.city.coords import metric_crs, to_metric
from hutong.sense.requests import FIELDS, Requests, hot_topics, near_duplicates, repeat_places, surges
from hutong.service.places.models import Place
from hutong.service.requests.models import Request

#: Repeat places are looked for in so many days; alike requests in so many; and so many of each are kept.
PLACE_DAYS, ALIKE_DAYS, MOST = 182, 56, 20
#: Requests that read alike make a set from so many on.
LEAST_ALIKE = 3


def reckon(place: Place, now: dt.datetime) -> dict[str, Any]:
    """Return the outlook of a place as plain data; inquiries do not count."""
    rows = list(
        Request.objects.filter(place__path__startswith=place.path, filed__lte=now)
        .exclude(nature="inquiry")
        .order_by("filed", "pk")
    )
    whole, kinds = _table(rows)
    lately = [r for r in rows if now - r.filed <= dt.timedelta(days=PLACE_DAYS)]
    return {
        "requests": len(rows),
        "topics": _plain(hot_topics(whole, kinds)) if rows else [],
        "surges": _plain(surges(whole, kinds)) if rows else [],
        "places": _places(lately),
        "alike": _alike([r for r in rows if now - r.filed <= dt.timedelta(days=ALIKE_DAYS)]),
    }


def _table(rows: Sequence[Request]) -> tuple[Requests, pd.Series]:
    """Return stored requests as the analysis reads them, and the class of each."""
    table = pd.DataFrame({name: pd.Series([None] * len(rows), dtype=object) for name in FIELDS})
    table["id"] = [str(r.pk) for r in rows]
    table["time"] = pd.to_datetime([r.filed for r in rows], utc=True)
    table["text"] = [r.words for r in rows]
    table["nature"], table["nature_by"] = "request", "stated"
    table["unit"] = [r.unit or None for r in rows]
    table["address"] = [str(r.place_id) for r in rows]
    table["resolved"] = pd.array([r.solved for r in rows], dtype="boolean")
    xy = np.array([(r.lon, r.lat) for r in rows], dtype=float).reshape(-1, 2)
    known = np.flatnonzero(~np.isnan(xy).any(axis=1))
    table["x_m"] = table["y_m"] = np.nan
    crs = None
    if len(known):
        crs = metric_crs(*np.median(xy[known], axis=0).tolist())
        metres = shapely.get_coordinates(to_metric(shapely.points(xy[known]), "wgs84", crs, "requests"))
        table.loc[known, ["x_m", "y_m"]] = metres
    return Requests(table, crs=crs), pd.Series([r.category or r.suggested for r in rows], dtype=object)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data; what is not known is null."""
    return [{k: _value(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _places(rows: Sequence[Request]) -> list[dict[str, Any]]:
    """Return where requests came again and again: the place at which most of them are, how many, in how many weeks."""
    if not rows:
        return []
    found = repeat_places(*_table(rows)).head(MOST)
    return [
        {"place": int(row["place"]), "requests": int(row["requests"]), "weeks": int(row["weeks"]),
         "kinds": [[kind, n] for kind, n in row["categories"]]}
        for row in found.to_dict("records")
    ]  # fmt: skip


def _alike(rows: Sequence[Request]) -> list[dict[str, Any]]:
    """Return sets of requests that read alike and lie near one another; a person decides whether they are one matter."""
    if len(rows) < LEAST_ALIKE:
        return []
    whole, kinds = _table(rows)
    kind_of = dict(zip(whole.table["id"], kinds, strict=True))
    out = []
    for _, pairs in near_duplicates(whole).groupby("group"):
        ids = sorted({*pairs["first"], *pairs["second"]}, key=int)
        if len(ids) >= LEAST_ALIKE:
            common = pd.Series([kind_of[i] for i in ids]).mode()[0]
            out.append({"requests": [int(i) for i in ids], "kind": str(common)})
    return sorted(out, key=lambda s: -len(s["requests"]))[:MOST]
