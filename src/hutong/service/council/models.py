"""Processes, statements with what moderators did, votes, what was published, and answers."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.agree.statements import hide_reasons
from hutong.service.accounts.models import User
from hutong.service.council.phases import DRAFT, OPEN, ORDER, PHASES
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.text import Text

#: A statement is one idea that can be agreed with; a proposal asks for something to be done.
KINDS = {"statement": Text("看法", "View"), "proposal": Text("建议", "Proposal")}
CHOICES = {1: Text("赞成", "Agree"), -1: Text("反对", "Disagree"), 0: Text("说不好", "Pass")}
#: What a unit answers: whether it does what was asked.
OUTCOMES = {
    "taken": Text("采纳", "Taken up"),
    "partly": Text("部分采纳", "Taken up in part"),
    "not_taken": Text("不采纳", "Not taken up"),
    "explained": Text("作出说明", "Explained"),
}


class Process(models.Model):
    """A question put to the people of a place, and the phase that it is in."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="processes")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="processes")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    about_zh = models.TextField()
    about_en = models.TextField(blank=True)
    phase = models.CharField(max_length=8, default=DRAFT, choices=[(p, p) for p in (DRAFT, *ORDER)])
    answer_days = models.PositiveSmallIntegerField()
    all_owed = models.BooleanField(default=False)  # whether views are owed an answer as proposals are
    open_until = models.DateField(
        null=True
    )  # the last day on which opinions were promised to be taken; none was promised
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-made",)

    def __str__(self) -> str:
        return f"{self.pk} {self.phase}"

    @property
    def title(self) -> Text:
        """What it is called; in Chinese where there is no English."""
        return Text(self.title_zh, self.title_en or self.title_zh)

    @property
    def about(self) -> Text:
        """What is asked."""
        return Text(self.about_zh, self.about_en or self.about_zh)

    @property
    def promised_open(self) -> bool:
        """Whether opinions were promised to be taken today still."""
        return self.phase in OPEN and self.open_until is not None and timezone.localdate() <= self.open_until

    @property
    def standing(self) -> Text:
        """Which phase it is in, in words."""
        return PHASES[self.phase].title if self.phase in PHASES else Text("草稿", "Draft")


class PhaseChange(models.Model):
    """When a process entered a phase, and who moved it. Rows are added, never changed."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="changes")
    phase = models.CharField(max_length=8)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)  # what was decided, when it left ``decide``

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(name="each_phase_once", fields=("process", "phase")),)

    def __str__(self) -> str:
        return f"{self.process_id} {self.phase}"

    @property
    def title(self) -> Text:
        """The phase in words."""
        return PHASES[self.phase].title


class Participant(models.Model):
    """Somebody who votes in one process: a person with an account, or the number on a paper card."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    card = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="take_part_once", fields=("process", "user"), condition=Q(user__isnull=False)),
            models.UniqueConstraint(name="one_paper_card", fields=("process", "card"), condition=~Q(card="")),
            models.CheckConstraint(name="person_or_card", condition=Q(user__isnull=False) ^ ~Q(card="")),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.pk)


class Statement(models.Model):
    """What somebody wrote. Never changed or deleted; ``hidden`` is drawn from what moderators did."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="statements")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="statements")
    kind = models.CharField(max_length=9, choices=[(k, k) for k in KINDS])
    words = models.CharField(max_length=140)
    at = models.DateTimeField(default=timezone.now)
    hidden = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """Where its process is."""
        return self.process.place

    @property
    def phase(self) -> str:
        """The phase of its process."""
        return self.process.phase

    @property
    def called(self) -> Text:
        """View or proposal."""
        return KINDS[self.kind]


class Moderated(models.Model):
    """One act of a moderator, sealed with all before it in its process. Rows are added, never changed."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="moderated")
    action = models.CharField(max_length=6)
    reason = models.CharField(max_length=24, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.statement_id} {self.action}"

    @property
    def why(self) -> Text | None:
        """The reason in words."""
        return hide_reasons().get(self.reason)


class Vote(models.Model):
    """How somebody answers a statement now; the last answer counts."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="votes")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="votes")
    value = models.SmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="one_vote_a_statement", fields=("participant", "statement")),
            models.CheckConstraint(name="agree_disagree_pass", condition=Q(value__in=(-1, 0, 1))),
        )

    def __str__(self) -> str:
        return f"{self.participant_id} {self.statement_id}"

    @property
    def choice(self) -> Text:
        """The answer in words."""
        return CHOICES[self.value]


class Publication(models.Model):
    """What was published of the opinions at one moment: groups, what they share, nothing about fewer than five people.

    ``state`` is what the next publication must remember; ``priority`` says which statement to ask next. Neither is shown.
    """

    process = models.ForeignKey(Process, models.PROTECT, related_name="publications")
    at = models.DateTimeField()
    data = models.JSONField()
    state = models.JSONField()
    priority = models.JSONField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.process_id} {self.at}"


class Owed(models.Model):
    """A written answer that a unit owes to a statement, from a day."""

    statement = models.OneToOneField(Statement, models.PROTECT, related_name="owed")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="owed")
    since = models.DateField()
    days = models.PositiveSmallIntegerField()
    answered = models.DateField(null=True)

    class Meta:
        ordering = ("since", "pk")

    def __str__(self) -> str:
        return f"{self.statement_id} {self.unit}"

    @property
    def place(self) -> Place:
        """Where its process is."""
        return self.statement.process.place

    @property
    def phase(self) -> str:
        """The phase of its process."""
        return self.statement.process.phase


class Answer(models.Model):
    """A written answer; more may follow the first, none is changed. ``entry`` is its number in the ledger."""

    owed = models.ForeignKey(Owed, models.PROTECT, related_name="answers")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    outcome = models.CharField(max_length=9, choices=[(o, o) for o in OUTCOMES])
    words = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.owed_id} {self.outcome}"

    @property
    def said(self) -> Text:
        """The outcome in words."""
        return OUTCOMES[self.outcome]

    @property
    def text(self) -> dict[str, Any]:
        """What its digest in the ledger covers."""
        return {"statement": self.owed.statement.words, "outcome": self.outcome, "answer": self.words}


class Draft(models.Model):
    """A draft text under discussion, in numbered paragraphs; a later one follows it, none is changed."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="drafts")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    n = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-n",)
        constraints = (models.UniqueConstraint(name="one_draft_a_number", fields=("process", "n")),)

    def __str__(self) -> str:
        return f"{self.process_id} {self.n}"

    @property
    def place(self) -> Place:
        """Where its process is."""
        return self.process.place

    @property
    def phase(self) -> str:
        """The phase of its process."""
        return self.process.phase


class Paragraph(models.Model):
    """A paragraph of a draft."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="paragraphs")
    n = models.PositiveSmallIntegerField()
    words = models.TextField()

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_paragraph_a_number", fields=("draft", "n")),)

    def __str__(self) -> str:
        return f"{self.draft_id} {self.n}"

    @property
    def place(self) -> Place:
        """Where its process is."""
        return self.draft.process.place

    @property
    def phase(self) -> str:
        """The phase of its process."""
        return self.draft.process.phase


class Comment(models.Model):
    """What somebody says of a paragraph, and what the office answers. Hidden with a reason, never deleted."""

    paragraph = models.ForeignKey(Paragraph, models.PROTECT, related_name="comments")
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    hidden = models.CharField(max_length=24, blank=True)
    answer = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def place(self) -> Place:
        """Where its process is."""
        return self.paragraph.draft.process.place

    @property
    def phase(self) -> str:
        """The phase of its process."""
        return self.paragraph.draft.process.phase

    @property
    def why(self) -> Text | None:
        """Why it was hidden."""
        return hide_reasons().get(self.hidden)
