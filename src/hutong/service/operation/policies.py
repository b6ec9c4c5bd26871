"""Who may do what in operation: role × place × whether the contract is public."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, resident_of, role
from hutong.service.projects.offices import WORKERS

#: Actor of a contract or an asset -> roles.
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "contract": {"office": ("district",), "operator": ("operator",)},
    "asset": {
        "office": ("subdistrict", "owner_unit", "district"),
        "keeper": ("property_manager", "operator"),
    },
}

rules.add_perm("operation.enter", role("district"))
rules.add_perm("operation.see", phase("public") | role(*WORKERS, "auditor"))
rules.add_perm("operation.report", role("operator"))
rules.add_perm("operation.rate", phase("public") & resident_of("resident_owner", "resident_tenant"))
rules.add_perm(
    "operation.assets",
    role("subdistrict", "district", "operator", "property_manager", "owner_unit", "auditor"),
)
rules.add_perm("operation.register", role("subdistrict", "district", "operator"))
rules.add_perm("operation.book", role("district"))
