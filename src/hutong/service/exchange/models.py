"""Packages that a site offers, packages that it received, and the sites whose keys it knows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.text import Text

KINDS = {
    "case": Text("案例", "Case"),
    "scheme": Text("方案", "Scheme"),
    "indicators": Text("体检指标", "Indicators"),
}
STATES = {
    "waiting": Text("待决定", "waiting"),
    "taken": Text("已收入", "taken in"),
    "refused": Text("未收入", "refused"),
}


class Partner(models.Model):
    """A site whose key was checked by a person: by phone or on paper, not by the package that names it. Closed, never deleted."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="partners")
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=300)
    how = models.CharField(max_length=200)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                name="one_open_partner", fields=("place", "key"), condition=Q(until=None)
            ),
        )

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """A package that this site made of something public."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="offers")
    kind = models.CharField(max_length=12, choices=[(k, k) for k in KINDS])
    of = models.BigIntegerField()
    title_zh = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    data = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-made", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.of}"

    @property
    def title(self) -> Text:
        """What it holds."""
        return Text(self.title_zh, self.title_en)

    @property
    def called(self) -> Text:
        """Which kind it is."""
        return KINDS[self.kind]


class Received(models.Model):
    """A package from elsewhere: it stays what it was, with its origin; a person decides whether it is taken in."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="received")
    kind = models.CharField(max_length=12, choices=[(k, k) for k in KINDS])
    title_zh = models.TextField()
    title_en = models.TextField()
    site = models.CharField(max_length=300)
    key = models.CharField(max_length=300)
    data = models.BinaryField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="waiting", choices=[(s, s) for s in STATES])
    came = models.DateTimeField(default=timezone.now)
    sent_by = models.CharField(max_length=120)
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-came", "-pk")
        constraints = (models.UniqueConstraint(name="received_once", fields=("place", "digest")),)

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"

    @property
    def phase(self) -> str:
        """Whether anyone may read it, for policies."""
        return self.state

    @property
    def title(self) -> Text:
        """What it holds."""
        return Text(self.title_zh, self.title_en)

    @property
    def called(self) -> Text:
        """Which kind it is."""
        return KINDS[self.kind]

    @property
    def standing(self) -> Text:
        """Where it stands, in words."""
        return STATES[self.state]
