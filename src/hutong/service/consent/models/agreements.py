"""Conditional signing, and surrender of leases with its offers. What happened are rows that are added, never changed."""

from __future__ import annotations

from django.db import models

from hutong.service.accounts.models import User
from hutong.service.consent.models.rolls import Roll
from hutong.service.ledger.models import Entry
from hutong.service.places.models import Place
from hutong.text import Text

SIGNING_STATES = {
    "draft": Text("草稿", "draft"),
    "open": Text("签约中", "open"),
    "effective": Text("已生效", "in effect for all who signed"),
    "void": Text("未达到比例，全部作废", "void for all"),
}


class Signing(models.Model):
    """A conditional signing: agreements that take effect for all who signed, or for nobody."""

    roll = models.ForeignKey(Roll, models.PROTECT, related_name="signings")
    place = models.ForeignKey(Place, models.PROTECT, related_name="signings")
    act = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    terms = models.TextField()
    digest = models.CharField(max_length=64)
    deadline = models.DateTimeField()
    early = models.BooleanField(default=False)
    rule = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    version = models.IntegerField(null=True)  # of the roll, from the opening on
    state = models.CharField(max_length=10, default="draft")
    made = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """How the ledger names it."""
        return f"signing-{self.pk}"

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
        return SIGNING_STATES[self.state]


class SigningAct(models.Model):
    """One thing that happened in a signing."""

    signing = models.ForeignKey(Signing, models.PROTECT, related_name="acts")
    number = models.IntegerField()
    event = models.CharField(max_length=12)
    head = models.CharField(max_length=40, blank=True)
    signer = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    token = models.UUIDField(unique=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(name="one_act_after_another", fields=("signing", "number")),)

    def __str__(self) -> str:
        return f"{self.signing_id} {self.number} {self.event}"


class Project(models.Model):
    """A project of voluntary lease surrender: its roll of lessees and its days. It has no threshold."""

    roll = models.ForeignKey(Roll, models.PROTECT, related_name="projects")
    place = models.ForeignKey(Place, models.PROTECT, related_name="surrenders")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    terms = models.TextField()
    digest = models.CharField(max_length=64)
    briefing_from = models.DateField()
    made = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """How the ledger names it."""
        return f"surrender-{self.pk}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en)


class Application(models.Model):
    """One lessee's application; ``state``, ``form`` and ``talk`` are drawn from its turns."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="applications")
    dwelling_id = models.CharField(max_length=60)
    holder = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    talk = models.CharField(max_length=12)
    form = models.CharField(max_length=20, blank=True)
    area_cm2 = models.BigIntegerField()
    tenure = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(name="one_application", fields=("project", "dwelling_id")),)

    def __str__(self) -> str:
        return f"{self.project_id} {self.dwelling_id}"

    @property
    def place(self) -> Place:
        """Where the project is."""
        return self.project.place


class Turn(models.Model):
    """One thing that somebody did to an application: ``party`` is holder, maker or mediator."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="turns")
    number = models.IntegerField()
    event = models.CharField(max_length=14)
    party = models.CharField(max_length=8)
    at = models.DateTimeField()
    offer = models.JSONField(null=True)
    said = models.CharField(max_length=2000, blank=True)
    form = models.CharField(max_length=20, blank=True)
    token = models.UUIDField(unique=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(name="one_turn_after_another", fields=("application", "number")),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.number} {self.event}"
