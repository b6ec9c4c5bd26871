"""Reading people and grants."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from hutong.service.accounts.models import Grant, User
from hutong.service.places.models import Place


def grants_of(user: User) -> QuerySet[Grant]:
    """Return the open grants of a person."""
    return user.grants.filter(until=None).select_related("place")


def people(viewer: User) -> QuerySet[User]:
    """Return whom a viewer watches over: those with a role in the viewer's places; who grants roles sees those without any."""
    inside = Q()
    for role, path in viewer.held:
        if role in ("administrator", "auditor"):
            inside |= Q(grants__place__path__startswith=path)
    shown = Grant.objects.filter(until=None).select_related("place")
    if any(role == "administrator" for role, _ in viewer.held):
        inside |= Q(grants=None)
    rows = User.objects.filter(inside).distinct().order_by("username") if inside else User.objects.none()
    return rows.prefetch_related(Prefetch("grants", shown, to_attr="open_grants"))


def places_for(viewer: User, role: str) -> QuerySet[Place]:
    """Return the places where a viewer may grant, buildings left out (there are too many to list)."""
    inside = Q(pk=None)
    for name, path in viewer.held:
        if name == role:
            inside |= Q(path__startswith=path)
    return Place.objects.filter(inside).exclude(kind="building")


def grant(pk: int) -> Grant:
    """Return a grant, or raise ``Http404``."""
    found = Grant.objects.select_related("place", "user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def user_named(username: str) -> User | None:
    """Return a person by user name, in any case."""
    return User.objects.filter(username__iexact=username).first()


def tried_name(request: Any, credentials: dict[str, Any] | None) -> str:
    """Return the user name that somebody tries to sign in with, as tries are counted: in small letters."""
    given = credentials or {}
    return str(given.get("username") or (request.POST.get("login", "") if request else "")).strip().lower()


def client_address(request: Any) -> str:
    """Return the address that a request comes from: behind a proxy, the one that the proxy itself saw."""
    if settings.ENVIRONMENT.behind_proxy:
        seen = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if seen:
            return str(seen)
    return str(request.META.get("REMOTE_ADDR", ""))
