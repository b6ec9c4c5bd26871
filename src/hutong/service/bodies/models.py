"""Bodies, seats, meetings, attendance, commitments, matters with their steps, and draws."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place
from hutong.text import Text

KINDS = {
    "council": Text("议事会", "Residents’ council"),
    "taskforce": Text("专班", "Task force"),
    "roundtable": Text("五方联动会议", "Five-party round table"),
}
#: How somebody came to a seat.
WAYS = {
    "office": Text("按职务", "by office"),
    "recommended": Text("推荐", "recommended"),
    "elected": Text("选举", "elected"),
    "drawn": Text("抽签", "drawn by lot"),
}
#: What may happen to a matter.
EVENTS = {
    "raised": Text("提出", "Raised"),
    "up": Text("提请上级", "Passed up"),
    "down": Text("交下级办理", "Passed down"),
    "settled": Text("议定", "Settled"),
}


def office_title(office: str) -> Text:
    """Return what an office is called."""
    return roles()[office].title


class Body(models.Model):
    """A standing body at a place; ``above`` is the body of the next level."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="bodies")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in KINDS])
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    above = models.ForeignKey("self", models.PROTECT, null=True, related_name="below")
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("place__path", "pk")
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en or self.name_zh)

    @property
    def called(self) -> Text:
        """What kind it is."""
        return KINDS[self.kind]


class Seat(models.Model):
    """A seat of a body: which office holds it, who sits, how they came to it. Closed, never deleted."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="seats")
    n = models.PositiveSmallIntegerField()
    office = models.CharField(max_length=24)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="seats")
    way = models.CharField(max_length=11, choices=[(w, w) for w in WAYS])
    evidence = models.CharField(max_length=120)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_number_a_seat", fields=("body", "n")),)

    def __str__(self) -> str:
        return f"{self.body_id} {self.n}"

    @property
    def title(self) -> Text:
        """The office."""
        return office_title(self.office)

    @property
    def came(self) -> Text:
        """How they came to it."""
        return WAYS[self.way]


class Meeting(models.Model):
    """A meeting: called with an agenda, then published with its minutes."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField()
    where = models.CharField(max_length=120)
    agenda = models.TextField()  # one item a line
    minutes = models.TextField(blank=True)
    guests = models.PositiveIntegerField(default=0)
    published = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)  # the minutes in the ledger

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.body_id} {self.at:%Y-%m-%d}"

    @property
    def place(self) -> Place:
        """Where its body is."""
        return self.body.place

    @property
    def phase(self) -> str:
        """Called or published."""
        return "published" if self.published else "called"

    @property
    def items(self) -> list[str]:
        """The agenda."""
        return [line.strip() for line in self.agenda.splitlines() if line.strip()]


class Attendance(models.Model):
    """A seat that was taken at a meeting, told online or by the list on paper."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="attended")
    source = models.CharField(max_length=6)

    class Meta:
        ordering = ("seat__n",)
        constraints = (models.UniqueConstraint(name="attend_once", fields=("meeting", "seat")),)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.seat_id}"


class Commitment(models.Model):
    """What a seat promised at a meeting, by a day."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="commitments")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="commitments")
    words = models.CharField(max_length=200)
    due = models.DateField()
    done = models.DateField(null=True)

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.pk}"

    @property
    def place(self) -> Place:
        """Where its body is."""
        return self.meeting.body.place


class FollowUp(models.Model):
    """What was reported of a commitment. Rows are added, never changed."""

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="reports")
    words = models.CharField(max_length=400)
    done = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at}"


class Matter(models.Model):
    """Something to be settled, and which body has it until when. Drawn from its steps."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    body = models.ForeignKey(Body, models.PROTECT, related_name="matters")
    words = models.CharField(max_length=200)
    due = models.DateField()
    settled = models.BooleanField(default=False)

    class Meta:
        ordering = ("settled", "due", "pk")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """Where the body is that has it."""
        return self.body.place


class MatterStep(models.Model):
    """What happened to a matter, and which body had it afterwards. Rows are added, never changed."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="steps")
    n = models.PositiveSmallIntegerField()
    event = models.CharField(max_length=8, choices=[(e, e) for e in EVENTS])
    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    words = models.CharField(max_length=400)
    at = models.DateTimeField()
    late = models.BooleanField(default=False)  # the body before it was over its time
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="matter_step_after_step", fields=("matter", "n")),)

    def __str__(self) -> str:
        return f"{self.matter_id} {self.n}"

    @property
    def title(self) -> Text:
        """What happened, in words."""
        return EVENTS[self.event]


class Lottery(models.Model):
    """A draw of seats: published before its seed exists, then drawn. ``pool`` and ``salt`` are never shown and may be erased."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="lotteries")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    size = models.PositiveSmallIntegerField()  # of the whole council
    text = models.TextField()  # PublishedLottery.text()
    hash = models.CharField(max_length=64)
    seed_rule = models.CharField(max_length=200)
    published = models.DateTimeField(default=timezone.now)
    pool = models.JSONField(null=True)  # {"categories": [...], "rows": [[id, value, ...], ...]}
    salt = models.CharField(max_length=64, blank=True)
    left = models.JSONField(default=dict)  # who dropped out, with the reason, before this draw
    seed = models.CharField(max_length=200, blank=True)
    ticket = models.PositiveIntegerField(null=True)
    panel = models.JSONField(default=list)  # numbers
    drawn = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(name="a_draw_has_a_seed", condition=Q(drawn=None) | ~Q(seed="")),
        )

    def __str__(self) -> str:
        return f"{self.body_id} {self.hash[:8]}"

    @property
    def place(self) -> Place:
        """Where its body is."""
        return self.body.place
