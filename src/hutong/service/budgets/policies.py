"""Who makes a budget, and who has a say in it while it is open."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, resident_of, role
from hutong.service.accounts.roles import OFFICE

rules.add_perm("budgets.make", role("planner", "subdistrict", "district"))
rules.add_perm("budgets.see", phase("open", "closed") | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("budgets.edit", phase("draft") & role("planner", "subdistrict", "district"))
rules.add_perm("budgets.open", phase("draft") & role("subdistrict", "district"))
rules.add_perm(
    "budgets.vote",
    phase("open") & (resident_of("resident_owner", "resident_tenant") | role("council_member")),
)
rules.add_perm("budgets.paper", phase("open") & role("subdistrict", "committee"))
rules.add_perm("budgets.recount", phase("closed") & role("auditor"))
rules.add_perm("budgets.close", phase("open") & role("subdistrict", "district"))
