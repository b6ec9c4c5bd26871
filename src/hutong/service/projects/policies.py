"""Who may do what with projects: role × place × list of the library; the public sees a project once it is in a list."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, resident_of, role
from hutong.service.projects.offices import WORKERS

LISTED = ("reserve", "implementation", "ended")
APPLIES = ("operator", "planner", "subdistrict", "district")

rules.add_perm("projects.apply", role(*APPLIES))
rules.add_perm("projects.see", phase(*LISTED) | role(*WORKERS, "auditor"))
rules.add_perm("projects.work", role(*WORKERS))
rules.add_perm("projects.office", role(*WORKERS, "auditor"))
rules.add_perm("projects.manage", role("operator", "subdistrict", "district"))
rules.add_perm("projects.settle", role("district"))
rules.add_perm("projects.review", role("district"))
rules.add_perm("projects.opinion", role("department", "district", "subdistrict"))
rules.add_perm("projects.paper", phase("public") | role(*WORKERS, "auditor"))
rules.add_perm(
    "projects.inspect",
    phase("implementation", "ended")
    & (role("council_member", "committee", "owners_body", "subdistrict") | resident_of("resident_owner", "resident_tenant")),
)  # fmt: skip
rules.add_perm(
    "projects.site",
    role(*WORKERS, "auditor", "council_member", "property_manager")
    | resident_of("resident_owner", "resident_tenant"),
)
