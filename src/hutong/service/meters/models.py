"""Sensors, their series of readings, and the alerts on them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.sense.measurements import Quantity, quantities
from hutong.sense.series_alerts import AlertRule, alert_rules
from hutong.service.accounts.models import User
from hutong.service.places.models import Place

RAISED, SILENT = "raised", "silent"


class Sensor(models.Model):
    """A meter or sensor at a place; its code is unique in its quarter."""

    code = models.CharField(max_length=80)
    quarter = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="sensors")
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("place__path", "code")
        constraints = (models.UniqueConstraint(name="one_code", fields=("quarter", "code")),)

    def __str__(self) -> str:
        return self.code


class Series(models.Model):
    """What one sensor says of one quantity. ``states`` is what each rule remembers between readings."""

    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="series")
    quantity = models.CharField(max_length=24, choices=[(q, q) for q in quantities()])
    count = models.IntegerField(default=0)
    first = models.DateTimeField(null=True)
    last = models.DateTimeField(null=True)
    value = models.FloatField(null=True)  # the last that was given
    states = models.JSONField(default=dict)
    sent_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("sensor__place__path", "sensor__code", "quantity")
        constraints = (models.UniqueConstraint(name="one_series", fields=("sensor", "quantity")),)

    def __str__(self) -> str:
        return f"{self.sensor} {self.quantity}"

    @property
    def place(self) -> Place:
        """Where the sensor is."""
        return self.sensor.place

    @property
    def kind(self) -> Quantity:
        """What is measured."""
        return quantities()[self.quantity]


class Reading(models.Model):
    """One reading in the quantity's own unit; null: the sensor spoke without a value. One a time and series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="readings")
    time = models.DateTimeField()
    value = models.FloatField(null=True)

    class Meta:
        ordering = ("time",)
        constraints = (models.UniqueConstraint(name="one_reading", fields=("series", "time")),)

    def __str__(self) -> str:
        return f"{self.series_id} {self.time}"


class Alert(models.Model):
    """A limit passed, or a sensor gone silent: from when until when, and who did what about it."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="alerts")
    rule = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=[(k, k) for k in (RAISED, SILENT)])
    level = models.CharField(max_length=8)
    since = models.DateTimeField()
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    ended = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)  # readings that came late show that it was none
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    done = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-time",)
        constraints = (
            models.UniqueConstraint(name="one_alert", fields=("series", "rule", "kind", "time")),
            models.CheckConstraint(
                name="acknowledged_by_somebody_with_words",
                condition=Q(acknowledged_at=None) | (Q(acknowledged_by__isnull=False) & ~Q(done="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.series_id} {self.time}"

    @property
    def place(self) -> Place:
        """Where the sensor is."""
        return self.series.place

    @property
    def limit(self) -> AlertRule:
        """The rule that it is by."""
        return alert_rules()[self.rule]

    @property
    def phase(self) -> str:
        """Open until somebody has said what was done."""
        return "open" if self.acknowledged_at is None else "acknowledged"

    @property
    def lasted(self) -> Any:
        """How long it held, or has held so far."""
        return (self.ended or timezone.now()) - self.since
