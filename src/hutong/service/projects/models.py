"""Projects with their steps, papers, reviews, tasks and disclosures; what lives under them by a table; inspections."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.checkup.models import Finding
from hutong.service.consent.models import Ballot
from hutong.service.places.models import Place
from hutong.text import Text

#: What lives under a project by a table of :mod:`hutong.act.projects`.
THINGS = ("permit", "defect", "change")


class Project(models.Model):
    """A project and where it stands. The steps are the record; the columns of state are drawn from them.

    ``token`` names the form that was sent, so that sending it twice makes one project.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="projects")
    owner = models.ForeignKey(User, models.PROTECT, related_name="projects")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    procedure = models.CharField(max_length=40)
    types = models.JSONField(default=list)
    tenures = models.JSONField(default=list)
    opened = models.DateTimeField()
    finding = models.ForeignKey(Finding, models.SET_NULL, null=True, related_name="projects")
    # drawn from the steps
    state = models.CharField(max_length=40, db_index=True)
    library = models.CharField(max_length=16, db_index=True)
    changed = models.DateTimeField()
    steps_taken = models.IntegerField(default=0)

    class Meta:
        ordering = ("-changed", "-pk")

    def __str__(self) -> str:
        return f"P{self.pk}"

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"P{self.pk:05d}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def phase(self) -> str:
        """In which list it stands, for policies."""
        return self.library


class Step(models.Model):
    """What happened to a project. Rows are added, never changed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="steps")
    n = models.IntegerField()
    event = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_project_step", fields=("project", "n")),)

    def __str__(self) -> str:
        return f"{self.project_id} {self.n} {self.event}"


class Paper(models.Model):
    """A paper of a project: a file by its hash, or the reason why it is not needed (then without a file)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=40)
    called = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    suffix = models.CharField(max_length=8, blank=True)
    size = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    public = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("kind", "-at")
        constraints = (
            models.UniqueConstraint(name="one_paper", fields=("project", "kind", "digest", "reason")),
        )

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind}"

    @property
    def title(self) -> Text:
        """What kind of paper it is."""
        from hutong.service.projects.selectors import papers_known

        return papers_known()[self.kind]

    @property
    def place(self) -> Place:
        """Where the project is."""
        return self.project.place

    @property
    def phase(self) -> str:
        """Whether anyone may read it, for policies."""
        return "public" if self.public and self.project.phase != "proposed" else "office"


class VoteOn(models.Model):
    """A vote of owners on a project; what renews it counts with it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="votes")
    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="vote_on")
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.project_id} {self.ballot_id}"


class ReviewRound(models.Model):
    """A joint review: who leads, by when, how it was concluded."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reviews")
    lead = models.CharField(max_length=60)
    departments = models.JSONField(default=list)
    asked = models.DateTimeField()
    due = models.DateField()
    concluded = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked",)

    def __str__(self) -> str:
        return f"{self.project_id} {self.asked}"

    @property
    def place(self) -> Place:
        """Where the project is."""
        return self.project.place


class OpinionGiven(models.Model):
    """What a department says in a review."""

    review = models.ForeignKey(ReviewRound, models.PROTECT, related_name="opinions")
    department = models.CharField(max_length=60)
    verdict = models.CharField(max_length=12)
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(name="one_opinion", fields=("review", "department")),)

    def __str__(self) -> str:
        return f"{self.review_id} {self.department}"


class Task(models.Model):
    """A task of the works: its days and its budget in whole yuan (none: not set yet)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=120)
    start = models.DateField()
    end = models.DateField()
    budget_yuan = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("start", "pk")
        constraints = (models.UniqueConstraint(name="one_task", fields=("project", "title")),)

    def __str__(self) -> str:
        return self.title


class Progress(models.Model):
    """A report of a task on a day. A later report of the same day stands."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports")
    day = models.DateField()
    done = models.IntegerField(null=True)  # basis points
    spent_yuan = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("day", "at")

    def __str__(self) -> str:
        return f"{self.task_id} {self.day}"


class Disclosed(models.Model):
    """Something that was made public, with its paper."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="disclosed")
    kind = models.CharField(max_length=40)
    day = models.DateField()
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (models.UniqueConstraint(name="one_disclosure", fields=("project", "kind", "paper")),)

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind}"


class Thing(models.Model):
    """A permit, a defect or a change order, and where it stands by its table; its deeds are the record."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, models.PROTECT, related_name="things")
    machine = models.CharField(max_length=12, choices=[(t, t) for t in THINGS])
    kinds = models.JSONField(default=list)
    words = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened = models.DateTimeField()
    # drawn from the deeds
    state = models.CharField(max_length=20, db_index=True)
    due = models.DateTimeField(null=True)
    changed = models.DateTimeField()
    deeds_done = models.IntegerField(default=0)

    class Meta:
        ordering = ("-opened",)

    def __str__(self) -> str:
        return f"{self.machine} {self.pk}"

    @property
    def place(self) -> Place:
        """Where the project is."""
        return self.project.place

    @property
    def phase(self) -> str:
        """The list of its project, for policies."""
        return self.project.phase


class ThingDeed(models.Model):
    """What happened to it. Rows are added, never changed."""

    thing = models.ForeignKey(Thing, models.PROTECT, related_name="deeds")
    n = models.IntegerField()
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_deed_after_another", fields=("thing", "n")),)

    def __str__(self) -> str:
        return f"{self.thing_id} {self.n} {self.event}"


class Inspection(models.Model):
    """A visit to the site by a residents' supervisor: what was seen, with photos, and the defect that it opened, if any."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, models.PROTECT, related_name="inspections")
    day = models.DateField()
    words = models.CharField(max_length=1000)
    defect = models.ForeignKey(Thing, models.PROTECT, null=True, related_name="inspections")
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return f"{self.project_id} {self.day}"


class SitePhoto(models.Model):
    """A picture of the site, made anew without what cameras write into files; ``name`` is its file in the data folder."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, related_name="photos")
    deed = models.ForeignKey(ThingDeed, models.PROTECT, null=True, related_name="photos")
    name = models.CharField(max_length=80)
    width = models.IntegerField()
    height = models.IntegerField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def project(self) -> Project:
        """The project that it shows."""
        return self.inspection.project if self.inspection_id else self.deed.thing.project

    @property
    def place(self) -> Place:
        """Where that is."""
        return self.project.place

    @property
    def phase(self) -> str:
        """The list of its project, for policies."""
        return self.project.phase
