"""Entries and checkpoints, which triggers keep from being changed, and what may be erased beside them."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.db import models

from hutong.act.ledger import ActKind, act_kinds
from hutong.service.accounts.models import User
from hutong.service.places.models import Place


class Entry(models.Model):
    """One act in its canonical form. Rows are added, never changed or deleted: the database refuses."""

    index = models.BigIntegerField(primary_key=True)
    act = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()
    data = models.TextField()
    leaf = models.BinaryField(max_length=32)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="entries")

    class Meta:
        ordering = ("-index",)

    def __str__(self) -> str:
        return f"{self.index} {self.act}"

    @property
    def kind(self) -> ActKind:
        """What kind of act it is."""
        return act_kinds()[self.act]

    @cached_property
    def value(self) -> dict[str, Any]:
        """The entry as it reads."""
        return dict(json.loads(self.data))


class Checkpoint(models.Model):
    """A signed statement of how many entries there were and what their root was. Never changed or deleted."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-size",)

    def __str__(self) -> str:
        return str(self.size)


class Author(models.Model):
    """Who did an act: for their receipt, never public, and erasable."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="author")
    owner = models.ForeignKey(User, models.PROTECT, related_name="acts")

    def __str__(self) -> str:
        return f"{self.entry_id} {self.owner_id}"


class Opening(models.Model):
    """What turns a commitment back into a value. Deleting it erases the value; the entry stays and verifies."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="openings")
    field = models.CharField(max_length=40)
    salt = models.BinaryField(max_length=32)
    value = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(name="one_opening", fields=("entry", "field")),)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.field}"
