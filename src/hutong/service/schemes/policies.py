"""Who may do what with schemes: role × place × whether it was published."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, role

#: Who drafts schemes: implementers, and the unit or office that stands in for one.
DRAFTERS = ("operator", "owner_unit", "subdistrict")
#: Who sees schemes that are not published.
INSIDE = (*DRAFTERS, "planner", "department", "district", "city", "auditor")

rules.add_perm("schemes.see", phase("public") | role(*INSIDE))
rules.add_perm("schemes.inside", role(*INSIDE))
rules.add_perm("schemes.draft", role(*DRAFTERS))
rules.add_perm("schemes.try", role(*DRAFTERS, "planner", "district"))
rules.add_perm("schemes.experts", role("planner", "district"))
