"""Which role of the site records what an actor of a procedure or table did.

What owners and households did is recorded by the subdistrict from their papers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hutong.service.places.models import Place

#: Actor of a procedure or table -> roles.
ROLES: dict[str, tuple[str, ...]] = {
    "subdistrict": ("subdistrict",),
    "community": ("committee", "subdistrict"),
    "household": ("subdistrict",),
    "owners": ("owners_body", "subdistrict"),
    "owners_committee": ("owners_body", "subdistrict"),
    "holder": ("subdistrict",),
    "lessee": ("subdistrict",),
    "planner": ("planner",),
    "implementer": ("operator",),
    "operator": ("operator",),
    "keeper": ("property_manager", "operator"),
    "managing_unit": ("owner_unit",),
    "valuer": ("district",),
    "renewal_authority": ("district",),
    "district_government": ("district",),
    "departments": ("district",),
    "planning_department": ("department", "district"),
    "construction_department": ("department", "district"),
    "heritage_department": ("department", "district"),
    "authority": ("department", "district"),
    "office": ("subdistrict", "district"),
    "supervisor": ("council_member", "committee", "owners_body"),
}
#: Who works on projects of a place: they see drafts, hand in papers and keep the record.
WORKERS = (
    "planner", "subdistrict", "department", "district", "city", "operator", "owner_unit", "owners_body", "committee",
)  # fmt: skip
RESIDENTS = ("resident_owner", "resident_tenant")


def roles_at(user: Any, place: Place) -> set[str]:
    """Return the roles that a person has at a place."""
    if not user.is_authenticated:
        return set()
    return {role for role, path in user.held if place.path.startswith(path)}


def actors(user: Any, place: Place, known: Iterable[str]) -> list[str]:
    """Return as which of some actors a person may act at a place; residents of a place are among its supervisors."""
    here = roles_at(user, place)
    out = [a for a in known if here & set(ROLES.get(a, ()))]
    if "supervisor" in known and "supervisor" not in out and lives_in(user, place):
        out.append("supervisor")
    return out


def lives_in(user: Any, place: Place) -> bool:
    """Return whether a person was verified as living in a place."""
    return user.is_authenticated and any(
        r in RESIDENTS and path.startswith(place.path) for r, path in user.held
    )
