"""Reading what was learned, and what was said beforehand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.learn import Calibration, Score, score_rows
from hutong.plan import load_measures
from hutong.plan.learned import LEARNED_COLUMNS, Learned, with_learned
from hutong.plan.results import Measure
from hutong.service.lessons.models import Forecast, Lesson
from hutong.service.places.models import Place


def lessons_at(place: Place) -> QuerySet[Lesson]:
    """Return what was decided for a place, the earliest first."""
    return Lesson.objects.filter(place=place).select_related("person")


def learned_at(place: Place, until: dt.datetime | None = None) -> tuple[Learned, ...]:
    """Return the accepted lessons that hold for a place, the latest of each quantity; ``until``: as of that moment."""
    rows = lessons_at(place).filter(decision="accepted")
    if until is not None:
        rows = rows.filter(at__lte=until)
    newest = {
        (r.measure, r.quantity): Learned(
            r.measure, r.quantity, r.value, timezone.localtime(r.at).date().isoformat(), r.source
        )
        for r in rows
    }
    return tuple(newest.values())


def measures_for(place: Place, until: dt.datetime | None = None) -> tuple[Measure, ...]:
    """Return the measures with which a plan of a place is made: the catalogue as the accepted lessons leave it."""
    return with_learned(load_measures(), learned_at(place, until))


def end_of(day: dt.date) -> dt.datetime:
    """Return the last moment of a day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


def record_of(place: Place) -> list[dict[str, Any]]:
    """Return the record of decisions, rows of ``LEARNED_COLUMNS``: ``hutong plan --lessons`` reads it."""
    return [
        dict(
            zip(
                LEARNED_COLUMNS,
                (r.measure, r.quantity, r.value, r.decision, timezone.localtime(r.at).date().isoformat(), r.source, r.reason),
                strict=True,
            )
        )
        for r in lessons_at(place)
    ]  # fmt: skip


def forecast(pk: int) -> Forecast:
    """Return a forecast, or raise ``Http404``."""
    found = Forecast.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def forecasts_at(place: Place | None) -> QuerySet[Forecast]:
    """Return the forecasts for a place (None: all), the newest first."""
    rows = Forecast.objects.select_related("place")
    return rows if place is None else rows.filter(place=place)


def waiting(place: Place, kind: str, until: dt.date) -> list[Forecast]:
    """Return the forecasts of a kind that came due by a day and whose outcome nobody wrote down."""
    return list(forecasts_at(place).filter(kind=kind, outcome=None, due__lte=until).order_by("pk"))


def scored(rows: QuerySet[Forecast]) -> tuple[Score, Calibration]:
    """Return how well forecasts did beside their references, and how often outcomes fell inside what was stated.

    Each is taken in units of its reference's spread, so that shares, metres and yuan weigh alike.
    """
    names = ("mean", "sd", "reference_mean", "reference_sd", "outcome")
    table = [[np.nan if v is None else v for v in r] for r in rows.order_by("pk").values_list(*names)]
    figures = np.array(table, float).reshape(-1, 5)
    return score_rows(figures / figures[:, 3:4])
