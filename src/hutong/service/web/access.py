"""Who may open a page: every view says it here, and one that says nothing cannot be opened."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

import rules

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Mark a view that anyone may open."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let whoever is signed in open a view: it shows them only what is their own."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def permitted(permission: str, load: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Let a view be opened by those who hold a permission on the object that it shows.

    Parameters
    ----------
    permission
        A permission of the app's ``policies``; one that nobody defined is held by nobody.
    load
        Takes the captured parts of the address and returns the object (or raises ``Http404``); the view is called
        with it as ``view(request, object)``. Without it, the permission must be held somewhere.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if load is None:
                require(request, permission)
                return view(request, **kwargs)
            found = load(**kwargs)
            require(request, permission, found)
            return view(request, found)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def require(request: HttpRequest, permission: str, subject: Any = None) -> None:
    """Raise ``PermissionDenied`` unless the reader holds a permission on ``subject``."""
    if not rules.has_perm(permission, request.user, subject):
        raise PermissionDenied
