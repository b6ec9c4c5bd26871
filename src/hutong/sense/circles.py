"""The 5-, 10- and 15-minute circles: who walks to what, at everyone's pace and at older people's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.services import Service, kinds_of, people, reach_m, served, services, unknown_why
from hutong.sense.walks import WalkPairs, walks
from hutong.text import Text

MINUTES = (5, 10, 15)

#: Columns of :func:`circles`. ``people`` live where it is known whether they reach the service; ``nearest_m`` is
#: the median walk of those people (inf: beyond the longest walk followed); ``choices`` the mean number in reach.
CIRCLE_COLUMNS = (
    "service", "who", "minutes", "reach_m", "facilities", "people", "covered", "coverage", "nearest_m", "choices",
    "status", "reason_zh", "reason_en",
)  # fmt: skip


def circles(
    city: City,
    rules: Rules,
    some: Mapping[str, Service] | None = None,
    found: WalkPairs | None = None,
) -> pd.DataFrame:
    """Return coverage, nearest distance and number in reach per service, walker and circle (``CIRCLE_COLUMNS``).

    A circle is minutes × walking speed (``access.speed_m_min``, ``access.speed_elder_m_min``) along the streets.
    Buildings whose people are unknown, or of which it is unknown whether they reach the service, are left out of
    numerator and denominator. A service that the map does not show is ``unknown``, with the reason.

    Parameters
    ----------
    some
        The services; default: all of ``services.yaml``.
    found
        WalkPairs already made, at least as far as 15 minutes and to all kinds of the services.
    """
    chosen = services() if some is None else some
    longest = max(reach_m(rules, who, MINUTES[-1]) for s in chosen.values() for who in s.walkers)
    made = walks(city, kinds_of(chosen), longest) if found is None else found
    reaches = {
        reach_m(rules, who, minutes) for s in chosen.values() for who in s.walkers for minutes in MINUTES
    }
    counts = {metres: made.within(metres) for metres in reaches}
    rows = [
        row
        for service in chosen.values()
        for who in service.walkers
        for row in _rows(city, rules, made, counts, service, who)
    ]
    return pd.DataFrame(rows, columns=list(CIRCLE_COLUMNS))


def _rows(
    city: City, rules: Rules, made: WalkPairs, counts: Mapping[float, np.ndarray], service: Service, who: str
) -> list[dict[str, object]]:
    kind = city["facilities"]["kind"].to_numpy(dtype=object)
    why = unknown_why(city, service)
    count = people(city, who)
    columns = made.columns(service.kinds)
    nearest = made.nearest[:, columns].min(axis=1)
    rows = []
    for minutes in MINUTES:
        metres = reach_m(rules, who, minutes)
        row: dict[str, object] = {
            "service": service.id,
            "who": who,
            "minutes": minutes,
            "reach_m": metres,
            "facilities": int(np.isin(kind, service.kinds).sum()),
        }
        near = served(made, service, metres)
        known = ~np.isnan(near) & (count > 0)
        total = float(count[known].sum())
        if why is None and total:
            covered = float((near * count)[known].sum())
            row |= {
                "people": total,
                "covered": covered,
                "coverage": covered / total,
                "nearest_m": weighted_median(nearest[known], count[known]),
                "choices": float((counts[metres][:, columns].sum(axis=1) * count)[known].sum() / total),
                "status": "known",
                "reason_zh": "",
                "reason_en": "",
            }
        else:
            nobody = Text("没有已知的服务人群", "nobody whom it is for is known to live here")
            reason = why or nobody
            row |= {"status": "unknown", "reason_zh": reason.zh, "reason_en": reason.en}
        rows.append(row)
    return rows


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the least value up to which half of the weight lies (inf sorts last); NaN of nothing."""
    if not len(values):
        return float("nan")
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2.0)])
