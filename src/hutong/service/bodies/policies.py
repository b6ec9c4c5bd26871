"""Who keeps a body's record, and who reports on what they promised."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import role
from hutong.service.bodies import selectors

#: Who keeps the record of the bodies at their places.
KEEPS = ("committee", "party", "subdistrict", "district", "city")
keeps = role(*KEEPS)


@rules.predicate
def sits(user: Any, subject: Any = None) -> bool:
    """Hold if the person sits on the body of the object, now."""
    if not user.is_authenticated or subject is None:
        return False
    return selectors.seat_of(user, selectors.body_of(subject)) is not None


@rules.predicate
def promised(user: Any, commitment: Any = None) -> bool:
    """Hold if the commitment is that of the person's own seat."""
    return user.is_authenticated and commitment is not None and commitment.seat.user_id == user.pk


rules.add_perm("bodies.make", role("subdistrict", "district", "city"))
rules.add_perm("bodies.keep", keeps)
rules.add_perm("bodies.sit", sits)
rules.add_perm("bodies.read_draft", sits | keeps | role("auditor"))
rules.add_perm("bodies.report", promised | keeps)
rules.add_perm("bodies.draw", role("subdistrict", "committee"))
