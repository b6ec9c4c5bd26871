"""Spaces with their posts, the tally of the survey of belonging, and memories."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from hutong.agree.statements import hide_reasons
from hutong.service.accounts.models import User
from hutong.service.neighbourhood.words import KINDS
from hutong.service.places.models import Place
from hutong.service.residents.models import Home, stair_title
from hutong.text import Text


class Space(models.Model):
    """A space of the neighbours of a courtyard or building, or of one staircase of it."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="spaces")
    stair = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("place__path", "stair")
        constraints = (models.UniqueConstraint(name="one_space", fields=("place", "stair")),)

    def __str__(self) -> str:
        return f"{self.place} {self.stair}"

    @property
    def title(self) -> Text:
        """The building, and the staircase if it has one."""
        if not self.stair:
            return Text(self.place.name_zh, self.place.name_en)
        door = stair_title(self.stair, self.stair_number)
        return Text(f"{self.place.name_zh} {door.zh}", f"{self.place.name_en}, {door.en}")

    @cached_property
    def stair_number(self) -> int | None:
        """Which staircase of its building it is, by the roll of homes; None where its id is its name."""
        rows = Home.objects.filter(building=self.place_id, stair=self.stair, listed=True)
        return rows.values_list("stair_number", flat=True).first()


class Post(models.Model):
    """What somebody wrote to the neighbours. Hidden with a reason, never deleted."""

    space = models.ForeignKey(Space, models.PROTECT, related_name="posts")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    owner = models.ForeignKey(User, models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=6, choices=[(k, k) for k in KINDS])
    words = models.CharField(max_length=300)
    day = models.DateField(null=True)  # of an event
    at = models.DateTimeField(default=timezone.now)
    done = models.BooleanField(default=False)  # the hand was given
    hidden = models.CharField(max_length=24, blank=True)  # the reason

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """The building."""
        return self.space.place

    @property
    def called(self) -> Text:
        """What kind it is."""
        return KINDS[self.kind]

    @property
    def why(self) -> Text | None:
        """Why it was hidden."""
        return hide_reasons().get(self.hidden)


class Hand(models.Model):
    """A neighbour who will help, or who comes to an event; only who asked for help sees who, of an event nobody."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="hands")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(name="one_hand", fields=("post", "user")),)

    def __str__(self) -> str:
        return str(self.pk)


class Answered(models.Model):
    """That somebody answered the survey of a year; not what."""

    quarter = models.ForeignKey(Place, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="answer_once_a_year", fields=("quarter", "year", "user")),
        )

    def __str__(self) -> str:
        return f"{self.quarter_id} {self.year}"


class Tally(models.Model):
    """How often each answer of a year's survey was given, by age and tenure; no sheet of anybody is kept.

    One row is written anew with every answer, so that neither an order of rows nor the transaction that wrote one pairs
    answers with people for who holds the database.
    """

    quarter = models.ForeignKey(Place, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    counts = models.JSONField(default=dict)  # age -> tenure -> item -> how many said 1, 2, 3, 4, 5

    class Meta:
        constraints = (models.UniqueConstraint(name="one_tally_a_year", fields=("quarter", "year")),)
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.quarter_id} {self.year}"


class Memory(models.Model):
    """A story of a place that somebody cares about, perhaps with a picture; shown once somebody of the committee has read it.

    ``lon`` and ``lat`` (WGS 84 degrees) are set where it is told of a spot on the map; then ``at_place`` is the building beside it.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    at_place = models.ForeignKey(Place, models.PROTECT, related_name="memories")
    owner = models.ForeignKey(User, models.PROTECT, related_name="memories")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    words = models.CharField(max_length=500)
    photo = models.CharField(max_length=80, blank=True)
    width = models.IntegerField(default=0)
    height = models.IntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    shown = models.BooleanField(default=False)
    hidden = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ("-at",)
        verbose_name_plural = "memories"

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.at_place

    @property
    def called(self) -> Text:
        """What the place is called; a spot by the building beside it."""
        at = self.at_place.title
        return at if self.lon is None else Text(f"{at.zh}旁", f"beside {at.en}")

    @property
    def spot(self) -> tuple[float | None, float | None]:
        """Where it lies on the map (WGS 84 degrees): its own spot, or its place."""
        return (self.at_place.lon, self.at_place.lat) if self.lon is None else (self.lon, self.lat)

    @property
    def phase(self) -> str:
        """Waiting, shown or hidden."""
        return "hidden" if self.hidden else "shown" if self.shown else "waiting"

    @property
    def why(self) -> Text | None:
        """Why it was hidden."""
        return hide_reasons().get(self.hidden)
