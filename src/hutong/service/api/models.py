"""A token by which a machine acts in one role at one place."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place
from hutong.text import Text


class Token(models.Model):
    """A token of a machine. ``digest`` is the SHA-256 of what the machine sends; the token itself is kept nowhere."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=24)
    place = models.ForeignKey(Place, models.PROTECT, related_name="tokens")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made",)

    def __str__(self) -> str:
        return self.name

    @property
    def in_force(self) -> bool:
        """Whether it counts now."""
        return self.revoked is None and (self.until is None or timezone.now() < self.until)

    @property
    def title(self) -> Text:
        """What its role is called."""
        return roles()[self.role].title
