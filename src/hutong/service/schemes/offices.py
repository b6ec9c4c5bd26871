"""As which actor of the table a person acts at a place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hutong.service.places.models import Place
from hutong.service.schemes.policies import DRAFTERS

ROLES: dict[str, tuple[str, ...]] = {
    "implementer": DRAFTERS,
    "planner": ("planner",),
    "district": ("district",),
}


def actors(user: Any, place: Place, known: Iterable[str]) -> list[str]:
    """Return as which of some actors a person may act at a place."""
    if not user.is_authenticated:
        return []
    here = {role for role, path in user.held if place.path.startswith(path)}
    return [a for a in known if here & set(ROLES[a])]
