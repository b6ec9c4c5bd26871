"""A trainee's attempts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User


class Attempt(models.Model):
    """One try of an exercise: when it began and what was laid out for it. Whether a step is done is read from the record."""

    owner = models.ForeignKey(User, models.PROTECT, related_name="attempts")
    exercise = models.CharField(max_length=20)
    began = models.DateTimeField(default=timezone.now)
    things = models.JSONField(default=dict)  # name -> key of what was laid out

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.owner_id} {self.exercise}"


class Spare(models.Model):
    """A pair of votes that waits for a trainee: one whose notice has run, and one whose time has run."""

    to_open = models.BigIntegerField()
    to_close = models.BigIntegerField()
    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="spare")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.to_open} {self.to_close}"
