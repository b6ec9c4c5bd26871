"""Who may see, import and publish snapshots."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, role
from hutong.service.accounts.roles import OFFICE

rules.add_perm("twin.see", phase("published") | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("twin.import", role(*OFFICE))
rules.add_perm("twin.publish", role("subdistrict", "district", "city"))
