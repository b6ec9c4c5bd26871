"""Who runs a vote, who watches it, who may check it: role × place × phase."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import is_own, phase, role

#: Who prepares rolls and runs votes; each deed needs two of them.
RUN = ("subdistrict", "committee", "owners_body")
#: Who sees how a vote is run, and never how anybody voted.
WATCH = (*RUN, "district", "auditor")

shown = phase("published", "frozen", "noticed", "open", "closed", "counted", "cancelled", "effective", "void")

rules.add_perm("consent.run", role(*RUN))
rules.add_perm("consent.watch", role(*WATCH))
rules.add_perm("consent.see", shown | role(*WATCH))
rules.add_perm("consent.audit", role("auditor"))
rules.add_perm("consent.own", is_own)
