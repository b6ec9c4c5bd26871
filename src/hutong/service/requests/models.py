"""Cases with their steps, photos and followers; units and who belongs to them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.act.cases import machine
from hutong.act.cases.case import NATURES
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

#: Where a request came in. Orders of the city's hotline are imported; only they count for the official rates.
CHANNELS = ("web", "counter", "open311", "hotline")


class Unit(models.Model):
    """An office that handles cases: its code in the dispatch catalogue, and the place it serves. Retired, never deleted."""

    code = models.CharField(max_length=60)
    place = models.ForeignKey(Place, models.PROTECT, related_name="units")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(name="unit_once_a_place", fields=("code", "place")),)

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> Text:
        """What the unit is called."""
        return Text(self.name_zh, self.name_en)


class Member(models.Model):
    """A person who acts for a unit, from a day and until another."""

    user = models.ForeignKey(User, models.PROTECT, related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="members")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_open_membership", fields=("user", "unit"), condition=Q(until__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.unit}"

    @property
    def place(self) -> Place:
        """Where the unit serves."""
        return self.unit.place


class Dispatch(models.Model):
    """A row of an office's own dispatch catalogue: requests of a class at a place go to a unit, from a day and until another."""

    category = models.CharField(max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="dispatched")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="takes")
    helpers = models.CharField(max_length=400, blank=True)  # codes between semicolons
    start = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        ordering = ("category", "place__path", "-start")
        constraints = (
            models.UniqueConstraint(name="one_dispatch_a_day", fields=("category", "place", "start")),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.place_id} {self.unit_id}"

    @property
    def kind(self) -> Text:
        """What the class is called."""
        return load_taxonomy().title(self.category)


class Request(models.Model):
    """A request and where its case stands. The steps are the record; the columns of state are drawn from them.

    ``words`` and ``contact`` are for those who handle it, never public. ``token`` names the form that was sent, so that
    sending it twice files once. ``code`` is the hash of what lets somebody without an account follow it.
    """

    number = models.CharField(max_length=24, unique=True)
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="requests")
    code = models.CharField(max_length=64)
    place = models.ForeignKey(Place, models.PROTECT, related_name="requests")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    outside_number = models.CharField(max_length=60, blank=True)
    nature = models.CharField(max_length=12, choices=[(n, n) for n in NATURES])
    words = models.TextField()
    contact = models.CharField(max_length=60, blank=True)
    suggested = models.CharField(max_length=40)
    filed = models.DateTimeField()
    # drawn from the steps
    state = models.CharField(max_length=12, default="filed", db_index=True)
    category = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=60, blank=True, db_index=True)
    called = models.CharField(max_length=400, blank=True)  # codes between semicolons
    due = models.DateTimeField(null=True)
    changed = models.DateTimeField()
    steps_taken = models.IntegerField(default=0)
    replied = models.DateTimeField(null=True)
    solved = models.BooleanField(null=True)
    satisfied = models.BooleanField(null=True)
    reopened = models.IntegerField(default=0)
    disputes = models.IntegerField(default=0)
    extended = models.BooleanField(default=False)

    class Meta:
        ordering = ("-filed",)
        indexes = (models.Index(fields=("state", "due")),)
        constraints = (
            models.UniqueConstraint(
                name="one_outside_number",
                fields=("channel", "outside_number"),
                condition=~Q(outside_number=""),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def called_units(self) -> list[str]:
        """The units that were whistled to and have not finished."""
        return [code for code in self.called.split(";") if code]

    @property
    def phase(self) -> str:
        """Where it stands, for policies."""
        return self.state

    @property
    def kind(self) -> Text:
        """What it is about: as an officer said, else as suggested."""
        return load_taxonomy().title(self.category or self.suggested)

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return machine().states[self.state].title

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return not machine().states[self.state].end


class Step(models.Model):
    """What happened to a case. Rows are added, never changed."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="steps")
    n = models.IntegerField()
    event = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.CharField(max_length=12)
    unit = models.CharField(max_length=60, blank=True)
    said = models.JSONField(default=dict)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_step_after_another", fields=("request", "n")),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.n} {self.event}"

    @property
    def title(self) -> Text:
        """What happened, in words."""
        return machine().events[self.event].title


class Photo(models.Model):
    """A picture, made anew without what cameras write into files; ``name`` is its file below the data folder."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="photos")
    name = models.CharField(max_length=80)
    width = models.IntegerField()
    height = models.IntegerField()
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="photos")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Place:
        """Where the request is."""
        return self.request.place

    @property
    def owner_id(self) -> int | None:
        """Whose request it is."""
        return self.request.owner_id


class Follow(models.Model):
    """Somebody who has the same problem and follows a request instead of filing another."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="followers")
    user = models.ForeignKey(User, models.PROTECT, related_name="follows")

    class Meta:
        constraints = (models.UniqueConstraint(name="follow_once", fields=("request", "user")),)

    def __str__(self) -> str:
        return f"{self.user} {self.request}"


class Outlook(models.Model):
    """What the requests of a subdistrict or district lead one to expect (``outlook.py``); figures, no words."""

    place = models.OneToOneField(Place, models.CASCADE, related_name="outlook")
    made = models.DateTimeField()
    data = models.JSONField()

    def __str__(self) -> str:
        return f"{self.place_id} {self.made:%Y-%m-%d}"
