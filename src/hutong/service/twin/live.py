"""Layers of what changes from day to day: requests, works. Computed when asked for, never kept beside the tiles."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from django.utils import timezone

from hutong.few import FEWEST_THINGS
from hutong.report.map_layers import Layer
from hutong.service.requests.selectors import public_list
from hutong.service.twin.models import Snapshot
from hutong.text import Text

#: From how many requests per 100 homes and year a class begins (ours).
REQUEST_BOUNDS = (0, 2, 5, 10, 20)


def year_of(snapshot: Snapshot, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Return the twelve months that a snapshot stands for: those after its date, or the last ones until now."""
    after = timezone.make_aware(dt.datetime.combine(snapshot.date, dt.time())) + dt.timedelta(days=365)
    end = min(after, now)
    return end - dt.timedelta(days=365), end


def request_layer(
    places: Sequence[str], homes: Sequence[int], reported: Sequence[str], years: tuple[dt.date, dt.date]
) -> Layer:
    """Return buildings by how many requests came in a year per 100 homes of their estate, or of their block outside one.

    Parameters
    ----------
    places
        Per building, the path of the place that it lies in.
    homes
        Per building, how many homes it has.
    reported
        The path of the place of each request.
    years
        First and last day of the year that is counted.

    A request belongs to the smallest of these places that it lies in. A place with fewer than ``FEWEST_THINGS`` requests, or
    without homes, has no class.
    """
    names, inside = np.unique(np.asarray(places, dtype=object), return_inverse=True)
    here = np.bincount(inside, weights=np.asarray(homes, float), minlength=len(names))
    row_of = {name: k for k, name in enumerate(names)}
    counts = np.zeros(len(names), int)
    for path in reported:
        at = next((row_of[up] for up in _upwards(path) if up in row_of), None)
        if at is not None:
            counts[at] += 1
    known = (counts >= FEWEST_THINGS) & (here > 0)
    each = np.divide(counts * 100.0, here, out=np.zeros(len(names)), where=here > 0)
    codes = np.where(known, np.digitize(each, REQUEST_BOUNDS) - 1, -1)
    titles = [Text(f"{a}–{b} 件", f"{a}–{b}") for a, b in itertools.pairwise(REQUEST_BOUNDS)]
    last = Text(f"{REQUEST_BOUNDS[-1]} 件及以上", f"{REQUEST_BOUNDS[-1]} or more")
    return Layer(
        "requests",
        Text("诉求密度", "Requests"),
        (*titles, last),
        codes[inside],
        np.zeros(len(inside), bool),
        Text(f"少于 {FEWEST_THINGS} 件，不列", f"fewer than {FEWEST_THINGS}, not shown"),
        Text(
            f"{years[0]} 至 {years[1]} 一年内每百户的诉求，按所在小区或街区计，不显示是哪一栋。",
            f"Requests per 100 homes from {years[0]} to {years[1]}, by estate or block, never by building.",
        ),
        "requests",
    )


def _upwards(path: str) -> Iterator[str]:
    """Return a path and those that it lies in, the smallest first."""
    parts = path.strip("/").split("/")
    for n in range(len(parts), 0, -1):
        yield "/" + "/".join(parts[:n]) + "/"


def requests_of(snapshot: Snapshot, now: dt.datetime | None = None) -> Layer:
    """Return the layer of requests of a snapshot as of now."""
    start, end = year_of(snapshot, now or timezone.now())
    rows = list(snapshot.buildings.order_by("row").values_list("place__parent__path", "dwellings"))
    filed = public_list(snapshot.place).filter(filed__gte=start, filed__lt=end)
    return request_layer(
        [path for path, _ in rows],
        [n for _, n in rows],
        list(filed.values_list("place__path", flat=True)),
        (timezone.localtime(start).date(), timezone.localtime(end).date()),
    )
