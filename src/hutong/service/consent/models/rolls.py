"""Rolls with every version, the seats that are drawn from the last, and who sits on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

#: A roll is made, shown so that people can object, and frozen. Corrections give a new version in the last two.
ROLL_STATES = {
    "draft": Text("草稿", "draft"),
    "published": Text("公示中", "published for objections"),
    "frozen": Text("已冻结", "frozen"),
}
ROLL_ACTS = {"owners": Text("业主名册", "Roll of owners"), "lessees": Text("承租人名册", "Roll of lessees")}


class Roll(models.Model):
    """The roll of one place for one kind of act."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="rolls")
    act = models.CharField(max_length=8, choices=[(a, a) for a in ROLL_ACTS])
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default="draft")
    made = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published = models.DateTimeField(null=True)
    objections_until = models.DateTimeField(null=True)
    frozen = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """How the ledger names it."""
        return f"roll-{self.pk}"

    @property
    def phase(self) -> str:
        """Where it stands, for policies."""
        return self.state

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en)

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return ROLL_STATES[self.state]

    @property
    def kind(self) -> Text:
        """Whose roll it is."""
        return ROLL_ACTS[self.act]


class RollVersion(models.Model):
    """One version of a roll as the text that :mod:`hutong.agree.roll_file` reads. Rows are added, never changed."""

    roll = models.ForeignKey(Roll, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    text = models.TextField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(name="one_version_after_another", fields=("roll", "number")),)

    def __str__(self) -> str:
        return f"{self.roll_id} {self.number}"


class Seat(models.Model):
    """A holder's place on the last version of a roll: for which home, as part of which head. Drawn from the version."""

    roll = models.ForeignKey(Roll, models.CASCADE, related_name="seats")
    building = models.ForeignKey(Place, models.PROTECT, related_name="+")
    dwelling_id = models.CharField(max_length=60)
    head = models.CharField(max_length=40)
    holder = models.CharField(max_length=40)
    share = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(name="one_seat", fields=("roll", "dwelling_id", "holder")),)
        indexes = (models.Index(fields=("roll", "holder")), models.Index(fields=("roll", "head")))

    def __str__(self) -> str:
        return f"{self.roll_id} {self.dwelling_id} {self.holder}"


class Link(models.Model):
    """An account that was verified at a home, and, where several hold it, which of them it is. Closed, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="homes")
    building = models.ForeignKey(Place, models.PROTECT, related_name="+")
    dwelling_id = models.CharField(max_length=60)
    holder = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_open_link",
                fields=("user", "building", "dwelling_id"),
                condition=Q(until__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.dwelling_id}"


class Objection(models.Model):
    """Somebody says that a roll is wrong; it is answered before the roll is frozen."""

    roll = models.ForeignKey(Roll, models.PROTECT, related_name="objections")
    dwelling_id = models.CharField(max_length=60)
    words = models.TextField()
    token = models.UUIDField(unique=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.roll_id} {self.pk}"

    @property
    def place(self) -> Place:
        """Where the roll is."""
        return self.roll.place
