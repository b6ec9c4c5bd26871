"""People and their grants."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

import rules
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place
from hutong.text import Text

#: How a resident's home was verified.
HOW_VERIFIED = ("letter", "counter", "vouched", "office")


class UserManager(BaseUserManager):
    """Finds people by their user name."""

    def get_by_natural_key(self, username: str) -> User:
        """Return the person with this user name, in any case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person with an account. There is no superuser: what one may do is what one was granted, somewhere."""

    username = models.CharField(max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    display_name = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """Return what others see."""
        return self.display_name or self.username

    def has_perm(self, permission: str, subject: Any = None) -> bool:
        """Return whether the policies give this person a permission on an object."""
        return bool(self.is_active and rules.has_perm(permission, self, subject))

    @cached_property
    def held(self) -> tuple[tuple[str, str], ...]:
        """The roles in force now, as (role, path of the place); read once per request."""
        return tuple((g.role, g.place.path) for g in self.grants.select_related("place") if g.in_force())


class Grant(models.Model):
    """A role of a person at a place, from a day, until a day or revoked. Rows are closed, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=24)
    place = models.ForeignKey(Place, models.PROTECT, related_name="grants")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verified = models.CharField(max_length=8, blank=True, choices=[(h, h) for h in HOW_VERIFIED])
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("role", "place__path")
        constraints = (
            models.UniqueConstraint(
                name="one_open_grant", fields=("user", "role", "place"), condition=Q(until__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.place}"

    def in_force(self, at: datetime | None = None) -> bool:
        """Return whether the role counts: within its dates and, where it must be, verified."""
        now = at or timezone.now()
        if not self.since <= now or (self.until is not None and self.until <= now):
            return False
        return bool(self.verified) or not roles()[self.role].verified

    @property
    def title(self) -> Text:
        """What the role is called."""
        return roles()[self.role].title
