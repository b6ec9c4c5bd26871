"""Who is let into a space, and who may tell and show memories."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import is_own, phase, role
from hutong.service.neighbourhood import selectors


@rules.predicate
def lives_in(user: Any, subject: Any = None) -> bool:
    """Hold if the person is a verified resident of the building and, where the space is a staircase's, of that staircase."""
    if not user.is_authenticated or subject is None:
        return False
    space = getattr(subject, "space", subject)
    return (space.place.path, space.stair) in selectors.doors(user)


committee = role("committee")
rules.add_perm("neighbourhood.enter", lives_in | committee)
rules.add_perm("neighbourhood.hide", committee | is_own)
rules.add_perm("neighbourhood.answer", role("resident_owner", "resident_tenant"))
rules.add_perm("neighbourhood.read_memories", committee)
rules.add_perm("neighbourhood.see_memory", phase("shown") | committee | is_own | role("auditor"))
rules.add_perm("neighbourhood.appraise", role("planner", "subdistrict", "district", "city"))
