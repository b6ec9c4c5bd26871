"""Evaluations, and what residents say of them as counts alone."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.twin.models import DRAFT, PHASES, Snapshot

#: An evaluation over this many years or more is the five-year one (体检 + 评估).
FIVE_YEARS = 4.5


class Evaluation(models.Model):
    """What was done between two snapshots, judged once; ``result`` is what its page shows and never changes."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="evaluations")
    before = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    after = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    earlier = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    works_rows = models.IntegerField()
    works_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=DRAFT, choices=[(p, p) for p in PHASES])
    result = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-after__date", "-made_at")

    def __str__(self) -> str:
        return f"E{self.pk}"

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"E{self.pk:05d}"

    @property
    def phase(self) -> str:
        """Whether anyone may read it, for policies."""
        return str(self.state)

    @property
    def years(self) -> float:
        """How long a time it looks back on."""
        return (self.after.date - self.before.date).days / 365.25

    @property
    def five(self) -> bool:
        """Whether it is the five-year evaluation."""
        return self.years >= FIVE_YEARS

    @property
    def folder(self) -> Path:
        """Where the record of works and the report lie."""
        return Path(settings.MEDIA_ROOT) / "evaluations" / str(self.pk)


class Voiced(models.Model):
    """That somebody answered; not what."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="voiced")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(name="voice_once", fields=("evaluation", "user")),)

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Voice(models.Model):
    """How many of a group gave an item a score: no sheet of a person is kept anywhere."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="voices")
    group = models.CharField(max_length=16)
    item = models.CharField(max_length=16)
    score = models.IntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="one_count", fields=("evaluation", "group", "item", "score")),
            models.CheckConstraint(name="voice_1_to_5", condition=models.Q(score__gte=1, score__lte=5)),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.group} {self.item} {self.score}"
