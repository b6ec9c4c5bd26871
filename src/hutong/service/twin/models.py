"""A snapshot of a quarter as the service keeps it, and its buildings."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

DRAFT, PUBLISHED = "draft", "published"
PHASES = (DRAFT, PUBLISHED)


class Snapshot(models.Model):
    """A city folder that was imported: immutable and dated; only its phase changes."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="snapshots")
    name = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    date = models.DateField()
    digest = models.CharField(max_length=64)
    crs = models.CharField(max_length=40)
    phase = models.CharField(max_length=10, default=DRAFT, choices=[(p, p) for p in PHASES])
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    counts = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    provenance = models.JSONField(default=dict)

    class Meta:
        ordering = ("place__path", "-date")
        constraints = (models.UniqueConstraint(name="one_import", fields=("place", "digest")),)

    def __str__(self) -> str:
        return f"{self.name} {self.date}"

    @property
    def title(self) -> Text:
        """What the snapshot is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def folder(self) -> Path:
        """Where its files lie: the city folder, tiles, layers, downloads."""
        return Path(settings.MEDIA_ROOT) / "snapshots" / f"{self.place_id}-{self.digest[:24]}"


class Building(models.Model):
    """A building or courtyard in a snapshot: what lists, searches and the dossier need, with each value's origin."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="buildings")
    row = models.IntegerField()
    building_id = models.CharField(max_length=120)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    use = models.CharField(max_length=24, blank=True)
    storeys = models.FloatField(null=True)
    built_year = models.FloatField(null=True)
    floor_area_m2 = models.FloatField(null=True)
    dwellings = models.IntegerField(default=0)
    worst = models.FloatField(null=True)
    lon = models.FloatField()
    lat = models.FloatField()
    facts = models.JSONField(default=dict)  # column -> [value, origin]
    homes = models.JSONField(default=dict)  # counts only

    class Meta:
        ordering = ("row",)
        constraints = (
            models.UniqueConstraint(name="one_row", fields=("snapshot", "row")),
            models.UniqueConstraint(name="one_building", fields=("snapshot", "building_id")),
        )
        indexes = (
            models.Index(fields=("snapshot", "built_year")),
            models.Index(fields=("snapshot", "worst")),
        )

    def __str__(self) -> str:
        return self.building_id

    @property
    def phase(self) -> str:
        """The phase of its snapshot."""
        return str(self.snapshot.phase)

    @property
    def called(self) -> Text:
        """Its name, or else that it has none, and where it is."""
        return Text(self.name, self.name) if self.name else self.place.title
