"""Editions of a city's open data, their files, and the licence that its office chose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.open_data.licences import DEFAULT, Licence, licences, told_licence
from hutong.service.places.models import Place


@dataclass(frozen=True, slots=True)
class TableTerms:
    """Under which licence a table of an edition is given, and the sources that are to be named (id, title, licence, attribution)."""

    licence: Licence
    sources: tuple[dict[str, str], ...] = ()

    @property
    def credits(self) -> list[str]:
        """What its sources ask to be named as, each once."""
        return list(dict.fromkeys(s["attribution"] or s["title"] for s in self.sources))


class Terms(models.Model):
    """The licence of a city's open data, from a moment on; the newest holds. Rows are added, never changed."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="data_terms")
    licence = models.CharField(max_length=20, default=DEFAULT)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.place_id} {self.licence}"


class Edition(models.Model):
    """What was public of a city at the end of a day, as files. ``recipe`` says how they came about."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="data_editions")
    date = models.DateField()
    licence = models.CharField(max_length=20)
    made = models.DateTimeField(default=timezone.now)
    recipe = models.TextField()
    digest = models.CharField(max_length=64)
    entry = models.BigIntegerField()

    class Meta:
        ordering = ("place__path", "-date")
        constraints = (models.UniqueConstraint(name="one_edition_a_day", fields=("place", "date")),)

    def __str__(self) -> str:
        return f"{self.place} {self.date}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.MEDIA_ROOT) / "open-data" / f"{self.place_id}" / self.date.isoformat()

    @property
    def terms(self) -> Licence:
        """The licence that the office chose: that of every table whose sources ask for no other."""
        return licences()[self.licence]

    @cached_property
    def told(self) -> dict[str, Any]:
        """Its recipe."""
        return dict(json.loads(self.recipe))

    def terms_of(self, dataset: str) -> TableTerms:
        """Return the terms of one of its tables; an edition that was made before tables had their own has one for all."""
        told = self.told.get("terms", {}).get(dataset)
        if told is None:
            return TableTerms(self.terms)
        return TableTerms(told_licence(told["licence"]), tuple(told["sources"]))


class File(models.Model):
    """A file of an edition. One that was withdrawn keeps its row and its hash, and the reason."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="files")
    dataset = models.CharField(max_length=40)
    form = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    rows = models.IntegerField()
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    withdrawn = models.DateTimeField(null=True)
    reason = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ("edition", "dataset", "form")
        constraints = (models.UniqueConstraint(name="one_data_file", fields=("edition", "name")),)

    def __str__(self) -> str:
        return f"{self.edition_id} {self.name}"

    @property
    def terms(self) -> TableTerms:
        """Under what its table is given."""
        return self.edition.terms_of(self.dataset)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.edition.folder / self.name

    @property
    def place(self) -> Any:
        """Whose data they are."""
        return self.edition.place

    @property
    def why(self) -> Any:
        """Why it was withdrawn, in words."""
        from hutong.service.open_data.services import REASONS

        return REASONS.get(self.reason)
