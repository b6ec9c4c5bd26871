"""Who may take part in a process, and in which phase."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import is_own, phase, resident_of, role
from hutong.service.accounts.roles import OFFICE
from hutong.service.council import selectors
from hutong.service.council.phases import OPEN, ORDER

takes_part = resident_of("resident_owner", "resident_tenant") | role("council_member")
moderates = role("subdistrict", "committee")
published = phase(*ORDER)


@rules.predicate
def acts_for_unit(user: Any, owed: Any = None) -> bool:
    """Hold if the person acts for the unit that owes the answer; without one, for any unit."""
    if not user.is_authenticated:
        return False
    mine = selectors.units_of(user)
    return bool(mine) if owed is None else owed.unit_id in mine


rules.add_perm("council.make", role("planner", "subdistrict", "district"))
rules.add_perm("council.see", published | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("council.move", role("subdistrict", "district"))
rules.add_perm("council.vote", phase(*OPEN) & takes_part)
rules.add_perm("council.paper", phase(*OPEN) & role("subdistrict", "committee"))
rules.add_perm("council.moderate", published & moderates)
rules.add_perm("council.see_hidden", moderates | role("auditor") | is_own)
rules.add_perm(
    "council.draft", phase("collect", "discuss", "answer") & role("planner", "subdistrict", "district")
)
rules.add_perm("council.comment", phase("discuss") & takes_part)
rules.add_perm("council.answer_comment", published & role("planner", "subdistrict", "district"))
rules.add_perm("council.answer", published & acts_for_unit)
