"""The only writes of profiles: what was counted of each place."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from hutong.service.places.models import Place
from hutong.service.profiles import counting
from hutong.service.profiles.models import Counted

#: Whose profiles there are: subdistricts, and communities (a quarter each).
KINDS = ("subdistrict", "quarter")


def count_all(now: dt.datetime | None = None) -> int:
    """Count the record of every subdistrict and community anew; return how many."""
    at = now or timezone.now()
    places = Place.objects.filter(kind__in=KINDS)
    for place in places:
        Counted.objects.update_or_create(place=place, defaults={"made": at, "data": _counted(place, at)})
    return len(places)


def _counted(place: Place, now: dt.datetime) -> dict[str, object]:
    features = counting.features(place)
    homes = 0 if features["homes"] is None else round(10 ** features["homes"])
    halves = counting.periods(now)
    return {
        "features": features,
        "homes": homes,
        "periods": [[a.date().isoformat(), b.date().isoformat()] for a, b in halves],
        "counts": [
            {k: [c.yes, c.n] for k, c in counting.counts(place, a, b, homes).items()} for a, b in halves
        ],
        "tools": {k: day.isoformat() for k, day in counting.taken_up(place).items()},
    }
