"""Reading tokens."""

from __future__ import annotations

import hashlib

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.service.accounts.models import User
from hutong.service.accounts.roles import Role, roles
from hutong.service.api.machines import Machine
from hutong.service.api.models import Token


def digest(secret: str) -> str:
    """Return what is kept of a token; it holds 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def by_secret(secret: str) -> Token | None:
    """Return the token in force that a machine sends, or nothing."""
    found = Token.objects.select_related("place").filter(digest=digest(secret)).first()
    return found if found is not None and found.in_force else None


def machine(token: Token) -> Machine:
    """Return who asks with a token."""
    return Machine(-int(token.pk), token.name, ((token.role, token.place.path),))


def token(pk: int) -> Token:
    """Return a token, or raise ``Http404``."""
    found = Token.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: User) -> QuerySet[Token]:
    """Return the tokens at the places that somebody administers."""
    inside = Q(pk=None)
    for role, path in viewer.held:
        if role == "administrator":
            inside |= Q(place__path__startswith=path)
    return Token.objects.filter(inside).select_related("place", "made_by")


def machine_roles() -> list[Role]:
    """Return the roles that a machine may hold."""
    return [r for r in roles().values() if not r.verified and r.id != "administrator"]
