"""Budgets, projects and ballots."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place
from hutong.text import Text

DRAFT, OPEN, CLOSED = "draft", "open", "closed"
STANDING = {DRAFT: Text("草稿", "Draft"), OPEN: Text("正在点单", "Open"), CLOSED: Text("已有结果", "Decided")}
#: Groups of voters for "who gains": the role in which they voted.
GROUPS = ("resident_owner", "resident_tenant", "council_member")


def group_title(group: str) -> Text:
    """Return what a group of voters is called."""
    named = {
        "all": Text("所有人", "Everybody"), "others": Text("其他", "Others"), "": Text("未写明", "Not said"),
    }  # fmt: skip
    return named[group] if group in named else roles()[group].title


class Budget(models.Model):
    """Money for small works at a place. While it is open nobody sees how it stands."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    place = models.ForeignKey(Place, models.PROTECT, related_name="budgets")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    yuan = models.PositiveBigIntegerField()
    phase = models.CharField(max_length=8, default=DRAFT, choices=[(p, p) for p in STANDING])
    made = models.DateTimeField(default=timezone.now)
    seed = models.CharField(max_length=200, blank=True)  # public; orders the projects, the last tie-break
    closed = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-made",)

    def __str__(self) -> str:
        return f"{self.pk} {self.phase}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en or self.title_zh)

    @property
    def standing(self) -> Text:
        """How far it is."""
        return STANDING[self.phase]


class Project(models.Model):
    """A work that can be approved: its cost in yuan, and where it is or what it is for."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="projects")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    cost = models.PositiveBigIntegerField()
    label = models.CharField(max_length=60, blank=True)
    n = models.PositiveSmallIntegerField(default=0)  # its place by lot, from 1

    class Meta:
        ordering = ("n", "pk")

    def __str__(self) -> str:
        return f"{self.budget_id} {self.pk}"

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(self.title_zh, self.title_en or self.title_zh)


class Paper(models.Model):
    """One ballot: of a person, or with the number of a paper. The last one sent counts."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="papers")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    card = models.CharField(max_length=24, blank=True)
    group = models.CharField(max_length=24, blank=True)
    approved = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(name="one_ballot_a_person", fields=("budget", "user"), condition=Q(user__isnull=False)),
            models.UniqueConstraint(name="one_ballot_a_paper", fields=("budget", "card"), condition=~Q(card="")),
            models.CheckConstraint(name="ballot_of_person_or_paper", condition=Q(user__isnull=False) ^ ~Q(card="")),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.pk)
