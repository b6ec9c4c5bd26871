"""Who may see, make and publish checkups."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, role
from hutong.service.accounts.roles import OFFICE

rules.add_perm("checkup.see", phase("published") | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("checkup.make", role(*OFFICE))
rules.add_perm("checkup.publish", role("subdistrict", "district", "city"))
