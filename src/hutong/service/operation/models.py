"""Contracts with their deeds, returns and ratings; assets; entries of the floor-area account."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.schemes.models import Version
from hutong.text import Text


class Contract(models.Model):
    """A contract of operation: its terms as a file, and where it stands by its deeds.

    ``version`` is the version of a scheme that it was drawn from; the terms name it by its key and hash.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="contracts")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    terms = models.TextField()
    digest = models.CharField(max_length=64)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="contracts")
    opened = models.DateTimeField(default=timezone.now)
    # drawn from the deeds
    state = models.CharField(max_length=20, default="drafted", db_index=True)
    changed = models.DateTimeField(default=timezone.now)
    deeds_done = models.IntegerField(default=0)

    class Meta:
        ordering = ("-changed",)

    def __str__(self) -> str:
        return f"C{self.pk}"

    @property
    def number(self) -> str:
        """Its number, as people and the ledger name it."""
        return f"C{self.pk:05d}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en)

    @property
    def phase(self) -> str:
        """Whether anyone may read it, for policies."""
        return "draft" if self.state in ("drafted", "dropped") else "public"


class ContractDeed(models.Model):
    """What happened to a contract. Rows are added, never changed."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="deeds")
    n = models.IntegerField()
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_contract_deed", fields=("contract", "n")),)

    def __str__(self) -> str:
        return f"{self.contract_id} {self.n} {self.event}"


class FiledReturn(models.Model):
    """An operator's return of a period. One that corrects another stands beside it; the newest counts."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="returns")
    period = models.CharField(max_length=6)
    yuan = models.JSONField()
    levels = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    #: Who filed it: somebody with an account, or the program behind a token, by its name.
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    machine = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("period", "at", "pk")

    def __str__(self) -> str:
        return f"{self.contract_id} {self.period}"


class Rating(models.Model):
    """How a resident finds the services of a contract in a year, 1 to 5; only counts and means are shown."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="ratings")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    year = models.IntegerField()
    score = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="one_rating_a_year", fields=("contract", "owner", "year")),
            models.CheckConstraint(name="score_1_to_5", condition=models.Q(score__gte=1, score__lte=5)),
        )

    def __str__(self) -> str:
        return f"{self.contract_id} {self.year}"


class Asset(models.Model):
    """An asset of a place, and where it stands by its deeds."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="assets")
    key = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=60)
    made = models.DateField()
    life_years = models.FloatField()
    cost_yuan = models.BigIntegerField(null=True)
    keeper = models.CharField(max_length=80, blank=True)
    opened = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=20, default="handed_over")
    deeds_done = models.IntegerField(default=0)

    class Meta:
        ordering = ("place__path", "key")
        constraints = (models.UniqueConstraint(name="one_asset", fields=("place", "key")),)

    def __str__(self) -> str:
        return self.key

    @property
    def phase(self) -> str:
        """Its state, for policies."""
        return str(self.state)


class AssetDeed(models.Model):
    """What happened to an asset. Rows are added, never changed."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="deeds")
    n = models.IntegerField()
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=20)
    said = models.JSONField(default=dict)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (models.UniqueConstraint(name="one_asset_deed", fields=("asset", "n")),)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.n} {self.event}"


class FloorEntry(models.Model):
    """An entry of a district's floor-area account. Rows are added, never changed; an error is reversed."""

    district = models.ForeignKey(Place, models.PROTECT, related_name="floor_entries")
    n = models.IntegerField()
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20)
    day = models.DateField()
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    to = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    cm2 = models.BigIntegerField()
    approval = models.CharField(max_length=120)
    uncounted = models.CharField(max_length=20, blank=True)
    of = models.IntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("n",)
        constraints = (
            models.UniqueConstraint(name="one_floor_entry", fields=("district", "n")),
            models.CheckConstraint(name="floor_above_zero", condition=models.Q(cm2__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.district_id} {self.n}"
