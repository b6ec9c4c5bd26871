"""What is on record of a home, what a version of a scheme means for it, whom it asks, its questions, and who looked."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.consent.models import Project
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.residents.models import Home
from hutong.service.schemes.models import Version
from hutong.service.twin.models import Snapshot
from hutong.text import Text


class Facts(models.Model):
    """A home as it stands in the newest published snapshot (``agree.home_facts``); nothing about its people."""

    home = models.OneToOneField(Home, models.CASCADE, related_name="facts")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    facts = models.JSONField()

    class Meta:
        verbose_name_plural = "facts"

    def __str__(self) -> str:
        return f"{self.home_id}"


class Told(models.Model):
    """What a published version of a scheme means for a home (``plan.home_scheme``), as it was worked out once."""

    home = models.ForeignKey(Home, models.CASCADE, related_name="told")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    parts = models.JSONField()

    class Meta:
        verbose_name_plural = "told"
        constraints = (models.UniqueConstraint(name="told_once", fields=("home", "version")),)

    def __str__(self) -> str:
        return f"{self.home_id} {self.version_id}"


class Prepared(models.Model):
    """That the homes of a quarter were prepared from a snapshot or a version, on a roll; ``key`` names all three."""

    key = models.CharField(max_length=60, unique=True)
    homes = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "prepared"

    def __str__(self) -> str:
        return self.key


class Contact(models.Model):
    """Whom the households of a place ask: an office, where and when it is found, and in how many working days it answers."""

    place = models.OneToOneField(Place, models.PROTECT, related_name="home_contact")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    phone = models.CharField(max_length=40, blank=True)
    where_zh = models.CharField(max_length=120)
    where_en = models.CharField(max_length=120)
    hours_zh = models.CharField(max_length=80)
    hours_en = models.CharField(max_length=80)
    days = models.PositiveSmallIntegerField()
    changed = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.place} {self.unit}"

    @property
    def where(self) -> Text:
        """Where the office is."""
        return Text(self.where_zh, self.where_en)

    @property
    def hours(self) -> Text:
        """When somebody is there."""
        return Text(self.hours_zh, self.hours_en)


class Question(models.Model):
    """A question of a household to an office, with the last day for an answer. Words are the household's and the office's alone."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="questions")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    at_counter = models.BooleanField(default=False)  # written down by an officer for somebody of the home
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    part = models.CharField(max_length=12, blank=True)
    words = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    asked = models.DateTimeField()
    due = models.DateField()
    days_assumed = models.BooleanField(default=False)
    answer = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    read = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked", "-pk")
        indexes = (models.Index(fields=("unit", "answered", "due")),)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """The building."""
        return self.home.building

    def late(self, day: dt.date) -> bool:
        """Return whether the answer is overdue on a day."""
        return self.answered is None and day > self.due


class Look(models.Model):
    """A day on which an officer opened the page of a home: its household sees it."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="looks")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    day = models.DateField()

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (models.UniqueConstraint(name="one_look_a_day", fields=("home", "user", "day")),)

    def __str__(self) -> str:
        return f"{self.home_id} {self.day}"

    @property
    def title(self) -> Text:
        """As what the officer looked."""
        return roles()[self.role].title


class OfferedHome(models.Model):
    """A kind of home that a surrender project offers (``agree.homes_on_offer``)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="homes_on_offer")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    form = models.CharField(max_length=20)
    area_m2 = models.FloatField()
    homes = models.IntegerField()
    price_yuan = models.BigIntegerField(null=True)
    share_percent = models.PositiveSmallIntegerField(null=True)
    rent_yuan_month = models.IntegerField(null=True)
    lon = models.FloatField()
    lat = models.FloatField()
    until = models.DateField(null=True)
    source = models.CharField(max_length=120)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.project_id} {self.name_zh}"
