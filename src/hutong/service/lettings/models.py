"""Lists of rooms that an office published, their rooms, fees by building, and the interest of operators."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from hutong.act.rooms import Room as Told
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
STATES = {
    DRAFT: Text("草稿", "draft"),
    PUBLISHED: Text("已公布", "published"),
    WITHDRAWN: Text("已撤下", "withdrawn"),
}
OPEN, VIEWING, TALKS, DECLINED, TAKEN_BACK = "open", "viewing", "talks", "declined", "taken_back"
OUTCOMES = {
    VIEWING: Text("约看房", "come and see it"),
    TALKS: Text("进入洽谈", "talks begin"),
    DECLINED: Text("不合适", "not suitable"),
}


class Letting(models.Model):
    """A list of rooms of a place; only its state changes. A newer published list takes the place of an older one."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="lettings")
    state = models.CharField(max_length=10, default=DRAFT, choices=[(s, s) for s in STATES])
    digest = models.CharField(max_length=64)
    made = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-made", "-pk")

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """How the ledger names it."""
        return f"rooms-{self.pk}"

    @property
    def phase(self) -> str:
        """Where it stands, for policies."""
        return self.state

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return STATES[self.state]


class Room(models.Model):
    """One room of a list (``act.rooms.Room``)."""

    letting = models.ForeignKey(Letting, models.PROTECT, related_name="rooms")
    building = models.ForeignKey(Place, models.PROTECT, related_name="+")
    room_id = models.CharField(max_length=40)
    area_m2 = models.FloatField()
    kind = models.CharField(max_length=20)
    facts = models.JSONField()

    class Meta:
        ordering = ("building__path", "room_id")
        constraints = (models.UniqueConstraint(name="one_room", fields=("letting", "room_id")),)

    def __str__(self) -> str:
        return f"{self.letting_id} {self.room_id}"

    @property
    def place(self) -> Place:
        """The building."""
        return self.building

    @property
    def phase(self) -> str:
        """Where its list stands, for policies."""
        return str(self.letting.state)

    @property
    def told(self) -> Told:
        """What is known of it."""
        return Told.of(self.facts)


class Fee(models.Model):
    """Property fees of a building in a year; shown only added up over an estate."""

    building = models.ForeignKey(Place, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    households = models.IntegerField()
    due_yuan = models.FloatField()
    paid_yuan = models.FloatField()
    source = models.CharField(max_length=120)

    class Meta:
        ordering = ("building__path", "year")
        constraints = (models.UniqueConstraint(name="one_fee_a_year", fields=("building", "year")),)

    def __str__(self) -> str:
        return f"{self.building_id} {self.year}"


class Interest(models.Model):
    """An operator who would take a room on, and the office's answer within its working days."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="interests")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    use = models.CharField(max_length=20)
    words = models.CharField(max_length=1000)
    asked = models.DateTimeField()
    due = models.DateField()
    days_assumed = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=OPEN)
    answer = models.CharField(max_length=1000, blank=True)
    answered = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-asked", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_open_interest", fields=("room", "owner"), condition=models.Q(state=OPEN)
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """The building."""
        return self.room.building

    @property
    def phase(self) -> str:
        """Where it stands, for policies."""
        return self.state

    @property
    def outcome(self) -> Text | None:
        """What the office said, in words."""
        return OUTCOMES.get(self.state)
