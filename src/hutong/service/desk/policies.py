"""Who has a desk, and who works on tables, findings and briefings."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, role
from hutong.service.accounts.roles import OFFICE

#: Whose work is listed: officers, planners, operators; residents have their own pages.
WORKS = (*OFFICE, "department", "committee", "operator", "owner_unit", "property_manager", "administrator")

rules.add_perm("desk.see", role(*WORKS))
rules.add_perm("desk.tables", role(*OFFICE))
rules.add_perm("desk.apply", role(*OFFICE) & phase("sent"))
rules.add_perm("desk.findings", role(*OFFICE))
rules.add_perm("desk.briefing", role(*OFFICE, "auditor"))
rules.add_perm("desk.requests", role("subdistrict", "district", "department"))
