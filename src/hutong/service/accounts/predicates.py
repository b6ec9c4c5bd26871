"""The three words in which policies are written: which role, where, in which phase. Nothing is allowed otherwise."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place


def place_of(subject: Any) -> Place:
    """Return the place of an object."""
    return subject.place


def role(*ids: str) -> rules.Predicate:
    """Hold if the person has one of these roles at a place that covers the object's; without an object, anywhere."""
    unknown = set(ids) - set(roles())
    if unknown:
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}")

    def held(user: Any, subject: Any = None) -> bool:
        if not user.is_authenticated or not user.is_active:
            return False
        paths = [path for name, path in user.held if name in ids]
        if subject is None:
            return bool(paths)
        at = place_of(subject).path
        return any(at.startswith(path) for path in paths)

    return rules.predicate(held, name=f"role:{','.join(ids)}")


def resident_of(*ids: str) -> rules.Predicate:
    """Hold if the person has one of these roles at a place that lies in the object's (a home in an estate)."""

    def lives(user: Any, subject: Any = None) -> bool:
        if not user.is_authenticated or not user.is_active or subject is None:
            return False
        at = place_of(subject).path
        return any(path.startswith(at) or at.startswith(path) for name, path in user.held if name in ids)

    return rules.predicate(lives, name=f"resident:{','.join(ids)}")


def phase(*names: str) -> rules.Predicate:
    """Hold if the object is in one of these phases; never without an object."""

    def standing(_user: Any, subject: Any = None) -> bool:
        return subject is not None and subject.phase in names

    return rules.predicate(standing, name=f"phase:{','.join(names)}")


@rules.predicate
def is_own(user: Any, subject: Any = None) -> bool:
    """Hold if the object belongs to the person."""
    return user.is_authenticated and subject is not None and subject.owner_id == user.pk
