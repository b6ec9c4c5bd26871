"""A piece of background work and how far it has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STATES = (WAITING, RUNNING, DONE, FAILED)
#: A worker writes a sign of life this often; without one for ``STUCK_AFTER`` nobody is working on it any more.
BEAT_S = 10
STUCK_AFTER = timedelta(minutes=2)
#: Before so many of a kind are done nothing is said of how long the rest will take.
TIMED_FROM = 3


class ChoreFault(models.Model):
    """A chore of the workers that fails: how often in a row, the last time and why, and when it is tried again.

    The row stays when it goes well again, with ``failures`` 0, so that the last fault can still be read.
    """

    name = models.CharField(max_length=60, unique=True)
    failures = models.IntegerField(default=0)  # in a row
    failed = models.DateTimeField()
    error = models.CharField(max_length=300)
    next_try = models.DateTimeField()
    well = models.DateTimeField(null=True)  # since when it goes well again

    class Meta:
        ordering = ("-failures", "-failed")

    def __str__(self) -> str:
        return f"{self.name} {self.failures}"

    @property
    def title(self) -> Text:
        """What the chore is called."""
        from hutong.service.web.stage import stages

        known = {c.name: c.title for stage in stages() for c in stage.chores()}
        found = known.get(self.name, Text("", ""))
        return found if found.zh else Text(self.name, self.name)


class Job(models.Model):
    """Work that a person started for a place."""

    kind = models.CharField(max_length=60)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    place = models.ForeignKey(Place, models.PROTECT, related_name="jobs")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="jobs")
    state = models.CharField(max_length=8, default=WAITING, choices=[(s, s) for s in STATES])
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    what_zh = models.CharField(max_length=200, blank=True)
    what_en = models.CharField(max_length=200, blank=True)
    # of work that goes through many of a kind: what is counted, and since when
    unit_zh = models.CharField(max_length=40, blank=True)
    unit_en = models.CharField(max_length=40, blank=True)
    counted_from = models.DateTimeField(null=True)
    error = models.JSONField(null=True)
    result = models.CharField(max_length=300, blank=True)
    attempts = models.IntegerField(default=0)
    made = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    beat = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-made",)
        indexes = (models.Index(fields=("state", "beat")),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"

    @property
    def title(self) -> Text:
        """What the work is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def what(self) -> Text:
        """What is being done now."""
        return Text(self.what_zh, self.what_en)

    @property
    def unit(self) -> Text | None:
        """What is counted, where the work goes through many of a kind; None where ``done`` are steps of uneven length."""
        return Text(self.unit_zh, self.unit_en) if self.unit_en else None

    @property
    def elapsed_s(self) -> float | None:
        """Seconds since the work was begun, up to its end; None before."""
        return (
            None
            if self.started is None
            else ((self.finished or timezone.now()) - self.started).total_seconds()
        )

    @property
    def remaining_s(self) -> float | None:
        """Seconds that what is left would take if it went as those done did; None before ``TIMED_FROM`` are.

        The one that is worked on counts as time gone: while it is slow the estimate grows.
        """
        if self.unit is None or self.counted_from is None or self.done < TIMED_FROM:
            return None
        gone = (timezone.now() - self.counted_from).total_seconds()
        return gone / self.done * (self.total - self.done)

    @property
    def stuck(self) -> bool:
        """Whether it should be moving and is not."""
        return self.state in (WAITING, RUNNING) and timezone.now() - self.beat > STUCK_AFTER

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.state in (DONE, FAILED)

    def told(self) -> dict[str, Any] | None:
        """Return the error as texts."""
        if self.error is None:
            return None
        return {**self.error, "what": Text.of(self.error["what"]), "hint": Text.of(self.error["hint"])}
