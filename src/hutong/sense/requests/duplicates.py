"""Propose requests that may be about the same thing; a person decides, nothing is merged."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from hutong.sense.requests.features import make_vocabulary, vectors
from hutong.sense.requests.read import Requests

PAIR_COLUMNS = ("first", "second", "similarity", "distance_m", "hours_apart", "place_known", "group")
_BLOCK = 2000


def near_duplicates(
    requests: Requests, *, similarity: float = 0.6, metres: float = 200.0, days: float = 14.0
) -> pd.DataFrame:
    """Return pairs of requests that read alike, came within some days and lie within some metres.

    Parameters
    ----------
    similarity
        Least cosine of the titles (of the texts where there is no title), by characters and pairs.
    metres, days
        How near they must be. Where a position is unknown, nearness is by the same address, else by the same
        community; pairs whose nearness cannot be judged at all must read alike halfway to identical, and
        ``place_known`` is False.

    Returns
    -------
    One row per pair (``PAIR_COLUMNS``), the earlier id first, most alike first. ``group`` numbers sets that hang
    together by pairs, the largest 0, so that a person may look at them at once; a set is no claim that all its
    members are the same.
    """
    table = requests.table
    order = np.argsort(table["time"].to_numpy(), kind="stable")
    order = order[table["time"].notna().to_numpy()[order]]
    words = (
        table["title"].where(table["title"].notna(), table["text"]).fillna("").to_numpy(dtype=object)[order]
    )
    matrix = vectors(words, make_vocabulary(list(words), min_texts=1))
    hours = _hours(table["time"])[order]
    xy = table[["x_m", "y_m"]].to_numpy(dtype=float)[order]
    places = [pd.factorize(table[c])[0][order] for c in ("address", "community")]
    found = []
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        last = int(np.searchsorted(hours, hours[stop - 1] + 24 * days, side="right"))
        alike = (matrix[start:stop] @ matrix[start:last].T).tocoo()
        keep = (alike.data >= similarity) & (alike.row < alike.col)
        a, b, cosine = alike.row[keep] + start, alike.col[keep] + start, alike.data[keep]
        apart = hours[b] - hours[a]
        distance = np.hypot(*(xy[b] - xy[a]).T)
        near, known = _near(distance, metres, [(p[a], p[b]) for p in places])
        ok = (apart <= 24 * days) & near & (known | (cosine >= (1 + similarity) / 2))
        found.append(
            pd.DataFrame(
                {
                    "a": order[a[ok]], "b": order[b[ok]], "similarity": np.minimum(cosine[ok], 1.0),
                    "distance_m": distance[ok], "hours_apart": apart[ok], "place_known": known[ok],
                }
            )
        )  # fmt: skip
    pairs = (
        pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["a", "b", *PAIR_COLUMNS[2:]])
    )
    ids = table["id"].to_numpy(dtype=object)
    pairs.insert(0, "first", ids[pairs["a"].to_numpy(dtype=np.int64)])
    pairs.insert(1, "second", ids[pairs["b"].to_numpy(dtype=np.int64)])
    pairs["group"] = _groups(
        pairs["a"].to_numpy(dtype=np.int64), pairs["b"].to_numpy(dtype=np.int64), len(table)
    )
    pairs = pairs.sort_values(["similarity", "a", "b"], ascending=[False, True, True], kind="stable")
    return pairs.reset_index(drop=True)[list(PAIR_COLUMNS)]


def _hours(time: pd.Series) -> np.ndarray:
    return np.asarray((time - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1), float)


def _groups(a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """Return the number of the connected set of each pair: by size, then by the first request."""
    if not len(a):
        return np.zeros(0, np.int64)
    label = connected_components(sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[
        1
    ]
    size = np.bincount(label)
    names, first = np.unique(label, return_index=True)
    rank = np.empty(len(size), np.int64)
    rank[names[np.lexsort((first, -size[names]))]] = np.arange(len(names))
    return np.asarray(rank[label[a]])


def _near(
    distance: np.ndarray, metres: float, places: list[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs are not known to be far, and for which nearness is known."""
    near = np.where(np.isnan(distance), True, distance <= metres)
    known = ~np.isnan(distance)
    for one, other in places:  # the first that both state decides
        both = (one >= 0) & (other >= 0) & ~known
        near[both] = (one == other)[both]
        known |= both
    return near, known
