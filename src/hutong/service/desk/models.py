"""Answers to findings, and tables that came back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.twin.models import Snapshot
from hutong.text import Text

#: What an office may answer to a finding; those of ``DATED`` say until when.
ANSWERS = {
    "programme": Text("列入更新计划", "goes into the renewal programme"),
    "manager": Text("交管理单位处理", "handed to who manages it"),
    "watch": Text("下次体检再看", "looked at again in the next checkup"),
    "none": Text("不处理", "nothing is done"),
}
DATED = ("programme", "manager")
SENT, APPLIED, DROPPED = "sent", "applied", "dropped"


class Answer(models.Model):
    """What an office said to a finding: of an indicator in a place, so that it outlives the checkup that found it.

    The latest counts; earlier ones are kept. ``until`` is when it will be done; ``as_of`` the day of the snapshot.
    """

    quarter = models.ForeignKey(Place, models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=80)
    scale = models.CharField(max_length=10)
    place_id = models.CharField(max_length=120)
    answer = models.CharField(max_length=12, choices=[(a, a) for a in ANSWERS])
    until = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    as_of = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "pk")
        indexes = (models.Index(fields=("quarter", "indicator")),)

    def __str__(self) -> str:
        return f"{self.indicator} {self.place_id} {self.answer}"

    @property
    def title(self) -> Text:
        """The answer in words."""
        return ANSWERS[self.answer]


class Returned(models.Model):
    """A table that came back: its changes, shown before they are applied."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    changes = models.JSONField()
    state = models.CharField(max_length=8, default=SENT, choices=[(s, s) for s in (SENT, APPLIED, DROPPED)])
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    made = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def place(self) -> Place:
        """The quarter."""
        return self.snapshot.place

    @property
    def phase(self) -> str:
        """Where it stands."""
        return str(self.state)
