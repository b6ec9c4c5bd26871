"""A question to the model as it was asked, and how far its answer is."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.jobs.models import FAILED, RUNNING, WAITING, Job
from hutong.service.places.models import Place
from hutong.service.twin.models import DRAFT, PHASES, Snapshot


class Simulation(models.Model):
    """A question to the model: what was asked is never changed; ``done`` holds what its page shows."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="simulations")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    experiment = models.CharField(max_length=24)
    scheme = models.CharField(max_length=40)
    levers = models.JSONField(default=list)
    runs = models.IntegerField()
    years = models.IntegerField()
    seed = models.IntegerField()
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    stop = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=DRAFT, choices=[(p, p) for p in PHASES])
    made = models.DateTimeField(default=timezone.now)
    # drawn when it ends
    finished = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    work = models.FloatField(default=0.0)  # household-months
    digest = models.CharField(max_length=64, blank=True)
    layers = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made",)

    def __str__(self) -> str:
        return f"M{self.pk}"

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"M{self.pk:05d}"

    @property
    def place(self) -> Place:
        """The quarter."""
        return self.snapshot.place

    @property
    def phase(self) -> str:
        """Whether anyone may read it, for policies."""
        return str(self.state)

    @property
    def standing(self) -> str:
        """How it stands: one of :data:`~hutong.service.simulation.words.STANDINGS`."""
        if self.digest:
            return "done"
        job = self.job
        if job is None or job.state == FAILED:
            return "failed" if job is not None and not self.stop else "stopped"
        if job.state in (WAITING, RUNNING):
            return "stopping" if self.stop else ("running" if job.state == RUNNING else "waiting")
        return "stopped"

    @property
    def folder(self) -> Path:
        """Where runs and results lie."""
        return Path(settings.MEDIA_ROOT) / "simulations" / str(self.pk)
