"""Lessons with what a person decided of them, and forecasts with what came. Decisions and forecasts are added, never changed."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from hutong.plan.learned import DECISIONS
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

#: What is forecast: how many agree, an indicator of the checkup, what the model says of the quarter's buildings.
KINDS = {
    "consent": Text("同意比例", "share that agrees"),
    "indicator": Text("指标", "indicator"),
    "simulation": Text("推演", "simulation"),
}


class Lesson(models.Model):
    """A lesson and the decision on it: what the next plan of a place is made with, from the day of the decision.

    ``value`` is in terms of the catalogue as shipped (:mod:`hutong.plan.learned`); ``figures`` hold what was believed before
    and after with intervals, and on how many cases.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="lessons")
    measure = models.CharField(max_length=60)
    quantity = models.CharField(max_length=60)
    value = models.FloatField()
    figures = models.JSONField(default=dict)
    source = models.CharField(max_length=40)  # the number of the evaluation
    decision = models.CharField(max_length=8, choices=[(d, d) for d in DECISIONS])
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(name="decided_once", fields=("source", "measure", "quantity")),
        )

    def __str__(self) -> str:
        return f"{self.measure} {self.quantity} {self.decision}"


class Forecast(models.Model):
    """What was said beforehand, as a normal distribution beside what one would have said without the model; and what came."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="forecasts")
    kind = models.CharField(max_length=12, choices=[(k, k) for k in KINDS])
    key = models.CharField(max_length=80)  # which outcome
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    source = models.CharField(max_length=60)  # of what: a version of a scheme, a simulation
    unit = models.CharField(max_length=12, default="share")
    made = models.DateTimeField(default=timezone.now)
    due = models.DateField()
    mean = models.FloatField()
    sd = models.FloatField()
    reference_mean = models.FloatField()
    reference_sd = models.FloatField()
    outcome = models.FloatField(null=True)
    settled = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)  # what showed it

    class Meta:
        ordering = ("-made", "pk")
        constraints = (
            models.UniqueConstraint(name="forecast_once", fields=("source", "kind", "key", "due")),
            models.CheckConstraint(
                name="forecast_has_spread", condition=models.Q(sd__gt=0, reference_sd__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"F{self.pk}"

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"F{self.pk:05d}"

    @property
    def title(self) -> Text:
        """What is forecast."""
        return Text(self.title_zh, self.title_en)

    @property
    def kind_title(self) -> Text:
        """What kind of forecast it is."""
        return KINDS[self.kind]
