"""A checkup of a snapshot as the service keeps it."""

from __future__ import annotations

from pathlib import Path

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.twin.models import DRAFT, PUBLISHED, Building, Snapshot
from hutong.text import Text


class Run(models.Model):
    """One checkup: the rules by which it was made, its indicators' definitions and the national check's 61 rows."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="runs")
    jurisdiction = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default=DRAFT, choices=[(p, p) for p in (DRAFT, PUBLISHED)])
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    against = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    indicators = models.JSONField(default=dict)  # id -> definition
    national = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    layers = models.JSONField(default=list)  # what the map can be coloured by

    class Meta:
        ordering = ("-snapshot__date", "-made_at")

    def __str__(self) -> str:
        return f"checkup {self.pk} of {self.snapshot}"

    @property
    def place(self) -> Place:
        """The quarter."""
        return self.snapshot.place

    @property
    def phase(self) -> str:
        """Published only while its snapshot is."""
        return PUBLISHED if self.state == self.snapshot.phase == PUBLISHED else DRAFT

    @property
    def folder(self) -> Path:
        """Where its layers and metrics lie."""
        return self.snapshot.folder / "checkups" / str(self.pk)


class Value(models.Model):
    """An indicator in a place."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="values")
    indicator = models.CharField(max_length=80)
    scale = models.CharField(max_length=10)
    place_id = models.CharField(max_length=120)
    place_name = models.CharField(max_length=200)
    value = models.FloatField(null=True)
    status = models.CharField(max_length=8)
    coverage = models.FloatField(null=True)
    n = models.IntegerField(default=0)
    people = models.FloatField(null=True)
    reason_zh = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("run", "indicator", "scale")),)

    def __str__(self) -> str:
        return f"{self.indicator} {self.scale} {self.place_id}"

    @property
    def reason(self) -> Text:
        """Why it stands so, or why it is unknown."""
        return Text(self.reason_zh, self.reason_en)


class Finding(models.Model):
    """Something that is wrong in a place."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    rank = models.IntegerField()
    indicator = models.CharField(max_length=80)
    scale = models.CharField(max_length=10)
    place_id = models.CharField(max_length=120)
    place_zh = models.CharField(max_length=200)
    place_en = models.CharField(max_length=200)
    status = models.CharField(max_length=8)
    value = models.FloatField(null=True)
    standard = models.FloatField(null=True)
    people = models.FloatField(null=True)
    severity = models.FloatField()
    coverage = models.FloatField(null=True)
    reason_zh = models.TextField()
    reason_en = models.TextField()
    buildings = models.ManyToManyField(Building, related_name="findings")

    class Meta:
        ordering = ("run", "rank")
        constraints = (models.UniqueConstraint(name="one_rank", fields=("run", "rank")),)

    def __str__(self) -> str:
        return f"finding {self.rank} of {self.run_id}"

    @property
    def place_title(self) -> Text:
        """What the place is called."""
        return Text(self.place_zh, self.place_en)

    @property
    def reason(self) -> Text:
        """Why it is a finding."""
        return Text(self.reason_zh, self.reason_en)

    @property
    def place(self) -> Place:
        """The quarter."""
        return self.run.place

    @property
    def phase(self) -> str:
        """The phase of its checkup."""
        return self.run.phase

    @property
    def title(self) -> Text:
        """What the indicator is called."""
        return Text.of(self.run.indicators[self.indicator]["title"])


class Change(models.Model):
    """An indicator in a place, this year beside an earlier one."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="changes")
    indicator = models.CharField(max_length=80)
    scale = models.CharField(max_length=10)
    place_id = models.CharField(max_length=120)
    place_name = models.CharField(max_length=200)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    verdict = models.CharField(max_length=8)
    reason_zh = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("run", "scale", "verdict")),)

    def __str__(self) -> str:
        return f"{self.indicator} {self.place_id} {self.verdict}"

    @property
    def reason(self) -> Text:
        """What changed, or why that cannot be told."""
        return Text(self.reason_zh, self.reason_en)
