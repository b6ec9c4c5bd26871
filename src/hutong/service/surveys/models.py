"""Rounds of a survey, what is to be surveyed by whom, and what was sent."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.twin.models import Snapshot

OPEN, CLOSED, MERGED = "open", "closed", "merged"


class Round(models.Model):
    """A survey of some kinds of objects of a snapshot, until a day."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="rounds")
    title = models.CharField(max_length=80)
    tables = models.JSONField(default=list)
    until = models.DateField()
    phase = models.CharField(max_length=8, default=OPEN, choices=[(p, p) for p in (OPEN, CLOSED, MERGED)])
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened = models.DateTimeField(default=timezone.now)
    made = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-opened",)

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> Place:
        """The quarter."""
        return self.snapshot.place


class Task(models.Model):
    """One object to be surveyed, and by whom."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="tasks")
    table = models.CharField(max_length=24)
    object_id = models.CharField(max_length=120)
    called = models.CharField(max_length=200)
    at = models.ForeignKey(Place, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="survey_tasks")
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ("table", "at__path", "object_id")
        constraints = (models.UniqueConstraint(name="task_once", fields=("round", "table", "object_id")),)
        indexes = (models.Index(fields=("user", "done")),)

    def __str__(self) -> str:
        return f"{self.table} {self.object_id}"

    @property
    def place(self) -> Place:
        """Where the object is."""
        return self.at

    @property
    def phase(self) -> str:
        """The phase of its round."""
        return str(self.round.phase)


class Sending(models.Model):
    """What somebody sent about an object: by whom, found out when, received when. Rows are added, never changed.

    ``token`` names the form as it was filled in, so that sending it twice keeps it once.
    """

    token = models.UUIDField(unique=True)
    task = models.ForeignKey(Task, models.PROTECT, related_name="sendings")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    day = models.DateField()
    received = models.DateTimeField(default=timezone.now)
    answers = models.JSONField()  # item -> number

    class Meta:
        ordering = ("day", "received", "pk")

    def __str__(self) -> str:
        return f"{self.task_id} {self.day}"
