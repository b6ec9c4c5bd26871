"""Who may see and move requests: role × place × phase; whoever filed one sees it, and the public sees no words."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import is_own, resident_of, role
from hutong.service.requests import selectors

#: Offices that see the words of requests at their places.
SEES = ("subdistrict", "district", "auditor")


@rules.predicate
def handles(user: Any, request: Any = None) -> bool:
    """Hold if the person's unit holds the request or was whistled to it; without one, if they act for any unit."""
    if not user.is_authenticated:
        return False
    if request is None:
        return bool(selectors.units_of(user))
    return any(
        actor in ("unit", "called")
        for actor, _ in selectors.actors(user, getattr(request, "request", request))
    )


rules.add_perm("requests.desk", role("subdistrict", "district", "department"))
rules.add_perm("requests.orders", role("subdistrict", "district"))
rules.add_perm("requests.outlook", role("subdistrict", "district"))
rules.add_perm("requests.counter", role("subdistrict", "committee"))
rules.add_perm("requests.see", role(*SEES) | handles)
SEE_UNITS = ("subdistrict", "district", "city", "administrator", "auditor")
rules.add_perm(
    "requests.see_units", role(*SEE_UNITS) | resident_of(*SEE_UNITS)
)  # of a unit that serves their place too
rules.add_perm("requests.set_units", role("administrator"))
rules.add_perm("requests.photo", is_own | role(*SEES) | handles)
