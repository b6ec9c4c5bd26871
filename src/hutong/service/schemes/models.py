"""Schemes with their draft, versions, opinions, publications and outlooks."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.checkup.models import Run
from hutong.service.council.models import Process, Statement
from hutong.service.places.models import Place
from hutong.text import Text

#: How a version came to be.
ORIGINS = ("hand", "solver")
#: Who signs an opinion: the responsible planner, the experts' panel, the district office.
SIGNERS = ("planner", "experts", "district")


class Scheme(models.Model):
    """A scheme and where it stands. The deeds are the record; state and phase are drawn from them.

    ``draft`` is the document that is being composed (``plan.document_plain``) and ``revision`` counts its changes, so that
    nobody overwrites what somebody else did meanwhile.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="schemes")
    run = models.ForeignKey(Run, models.PROTECT, related_name="schemes")
    owner = models.ForeignKey(User, models.PROTECT, related_name="schemes")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    opened = models.DateTimeField(default=timezone.now)
    draft = models.JSONField(default=dict)
    revision = models.IntegerField(default=0)
    # drawn from the deeds
    state = models.CharField(max_length=20, db_index=True)
    phase = models.CharField(max_length=10, default="office", choices=[(p, p) for p in ("office", "public")])
    changed = models.DateTimeField(default=timezone.now)
    deeds_done = models.IntegerField(default=0)

    class Meta:
        ordering = ("-changed", "-pk")

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"S{self.pk:05d}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en)


class Edit(models.Model):
    """A change of a draft, as it was before and after; what was undone, and the undoing itself, are marked."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="edits")
    revision = models.IntegerField()
    part = models.CharField(max_length=20)
    key = models.CharField(max_length=120, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    undone = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-revision",)
        constraints = (models.UniqueConstraint(name="one_edit_a_revision", fields=("scheme", "revision")),)

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.revision} {self.part} {self.key}"


class Version(models.Model):
    """A version of a scheme that is kept as it is: its document (YAML), the hash of what bears on the result, and who made it.

    ``summary`` is what the version does, drawn from the document and the snapshot (``studio.summary_of``); none: not yet computed.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    n = models.IntegerField()
    version = models.CharField(max_length=12)
    document = models.TextField()
    digest = models.CharField(max_length=64)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    origin = models.CharField(max_length=8, choices=[(o, o) for o in ORIGINS])
    recipe = models.JSONField(null=True)
    note = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    summary = models.JSONField(null=True)

    class Meta:
        ordering = ("-n",)
        constraints = (models.UniqueConstraint(name="one_version_number", fields=("scheme", "n")),)

    def __str__(self) -> str:
        return f"{self.scheme.number}-{self.n}"

    @property
    def place(self) -> Place:
        """Where the scheme is."""
        return self.scheme.place

    @property
    def phase(self) -> str:
        """Whether it was published, for policies."""
        return "public" if self.publications.exists() else "office"

    @property
    def title(self) -> Text:
        """The scheme's title with the number of the version."""
        return Text(f"{self.scheme.title_zh} 第 {self.n} 版", f"{self.scheme.title_en}, version {self.n}")


class Tradeoff(models.Model):
    """Schemes that trade one benefit for another, as the optimiser found them: points, proof, and each scheme's document."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="tradeoffs")
    recipe = models.JSONField()
    found = models.JSONField()  # points, ideal, nadir, budget, certificate
    documents = models.JSONField()  # name of the point -> document (plan.document_plain)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.pk}"

    @property
    def place(self) -> Place:
        """Where the scheme is."""
        return self.scheme.place

    @property
    def phase(self) -> str:
        """For those who work on schemes."""
        return "office"


class SchemeDeed(models.Model):
    """What happened to a scheme, about which version. Rows are added, never changed."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="deeds")
    n = models.IntegerField()
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="deeds")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_scheme_deed", fields=("scheme", "n")),)

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.n} {self.event}"


class Opinion(models.Model):
    """A signed opinion on a version: verdict and words, kept by their hash. Rows are added, never changed."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="opinions")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in SIGNERS])
    verdict = models.CharField(max_length=10)
    words = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.version_id} {self.kind} {self.verdict}"

    @property
    def place(self) -> Place:
        """Where the scheme is."""
        return self.version.scheme.place

    @property
    def phase(self) -> str:
        """Public with its version."""
        return self.version.phase


class Point(models.Model):
    """A point that experts raise, and the implementer's answer to it."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="points")
    n = models.IntegerField()
    words = models.CharField(max_length=1000)
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("opinion", "n")
        constraints = (models.UniqueConstraint(name="one_point", fields=("opinion", "n")),)

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.n}"

    @property
    def place(self) -> Place:
        """Where the scheme is."""
        return self.opinion.place


class Publication(models.Model):
    """A version that was published for consultation: from and until which day, and where people may say something.

    ``process`` is the council's, in which it is answered; none: published before one was opened with it.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="publications")
    starts = models.DateField()
    until = models.DateField()
    contact = models.CharField(max_length=200, blank=True)
    process = models.ForeignKey(Process, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-starts", "-pk")

    def __str__(self) -> str:
        return f"{self.version_id} {self.starts}"

    def running(self, day: Any) -> bool:
        """Return whether opinions are asked for on a day."""
        return bool(self.starts <= day <= self.until)


class Remark(models.Model):
    """What of a version a statement is about: a measure, an object, both, or (neither) the whole. Rows are added, never changed."""

    statement = models.OneToOneField(Statement, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="remarks")
    object_id = models.CharField(max_length=120, blank=True)
    measure = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.version_id} {self.statement_id}"


class Outlook(models.Model):
    """What is expected to follow from a version: a result that is kept with the recipe that makes it again."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="outlooks")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    recipe = models.JSONField()
    result = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(name="one_outlook", fields=("version", "digest")),)

    def __str__(self) -> str:
        return f"{self.version_id} {self.digest[:8]}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def place(self) -> Place:
        """Where the scheme is."""
        return self.version.scheme.place

    @property
    def phase(self) -> str:
        """Public with its version."""
        return self.version.phase
