"""Reading open data: datasets of all stages, editions, files, and the licence that holds."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pyarrow.parquet as pq
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.service.open_data.licences import DEFAULT, Licence, licence_under, licences
from hutong.service.open_data.models import Edition, File, TableTerms, Terms
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain
from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import stages


@cache
def datasets() -> dict[str, Dataset]:
    """Return the datasets of every stage by id, in the order of the stages."""
    out: dict[str, Dataset] = {}
    for stage in stages():
        for one in stage.datasets():
            if one.id in out:
                raise ValueError(f"two datasets are called {one.id}")
            out[one.id] = one
    return out


def dataset(name: str) -> Dataset:
    """Return a dataset, or raise ``Http404``."""
    found = datasets().get(name)
    if found is None:
        raise Http404
    return found


def cities() -> list[Place]:
    """Return the cities, or the largest places where a site has none: each has open data of its own."""
    return list(Place.objects.filter(parent=None).order_by("path"))


def city(pk: int) -> Place:
    """Return a city, or raise ``Http404``."""
    found = Place.objects.filter(pk=pk, parent=None).first()
    if found is None:
        raise Http404
    return found


def licence_at(place: Place) -> Licence:
    """Return the licence that holds for the open data of the city that a place lies in."""
    return licence_of(chain(place)[0])


def licence_of(city: Place) -> Licence:
    """Return the licence that holds for a city: the default until its office chose another."""
    newest = Terms.objects.filter(place=city).first()
    return licences()[newest.licence if newest else DEFAULT]


def terms_of(of: Dataset, city: Place, until: dt.datetime) -> TableTerms:
    """Return under what a table of a city is given: its licence, and every source of the snapshots that it is made from."""
    found = {tuple(sorted(s.items())): s for one in of.snapshots(city, until) for s in one.sources}
    sources = tuple(s for _key, s in sorted(found.items()))
    return TableTerms(licence_under(licence_of(city), sources), sources)


def editions(city: Place) -> QuerySet[Edition]:
    """Return a city's editions, the newest first."""
    return Edition.objects.filter(place=city).order_by("-date")


def edition(pk: int) -> Edition:
    """Return an edition, or raise ``Http404``."""
    found = Edition.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def edition_on(city: Place, day: dt.date) -> Edition | None:
    """Return a city's edition of a day."""
    return editions(city).filter(date=day).first()


def file(pk: int) -> File:
    """Return a file, or raise ``Http404``."""
    found = File.objects.select_related("edition__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def files_by_dataset(of: Edition) -> list[dict[str, Any]]:
    """Return the datasets of an edition in the order of the stages, each with its files and rows."""
    found: dict[str, list[File]] = {}
    for one in of.files.all():
        found.setdefault(one.dataset, []).append(one)
    known = datasets()
    ordered = [*(n for n in known if n in found), *sorted(set(found) - set(known))]
    return [
        {"d": known.get(n), "id": n, "files": found[n], "rows": found[n][0].rows, "terms": of.terms_of(n)} for n in ordered
    ]  # fmt: skip


def history(name: str) -> list[File]:
    """Return the files of a dataset in every edition, the newest first."""
    rows = File.objects.filter(dataset=name).select_related("edition__place")
    return list(rows.order_by("edition__place__path", "-edition__date", "form")[:300])


def until(day: dt.date) -> dt.datetime:
    """Return the last moment of a day where the site is."""
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return timezone.make_aware(after) - dt.timedelta(microseconds=1)


def rows_of(found: File, first: int, most: int) -> tuple[int, list[dict[str, Any]]]:
    """Return how many rows a dataset has in an edition and some of them, as its Parquet file holds them."""
    table = pq.read_table(found.path)
    return table.num_rows, table.slice(first, most).to_pylist()


def parquet_of(name: str, city: str, day: dt.date | None) -> File:
    """Return the Parquet file of a dataset in a city's edition of a day, or in the newest; raise ``Http404``.

    Without the path of a city it is the first that has one.
    """
    rows = File.objects.filter(dataset=name, form="parquet", withdrawn=None)
    rows = rows if not city else rows.filter(edition__place__path=city)
    rows = rows if day is None else rows.filter(edition__date=day)
    found = rows.select_related("edition__place").order_by("edition__place__path", "-edition__date").first()
    if found is None:
        raise Http404
    return found


def all_editions() -> QuerySet[Edition]:
    """Return the editions of every city, each city's newest first."""
    return Edition.objects.select_related("place").prefetch_related("files").order_by("place__path", "-date")
