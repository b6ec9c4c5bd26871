"""Who offers packages, sends them here, decides on them, and keeps the list of known sites; offers are public."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, role

OFFICE = ("subdistrict", "district", "city")

rules.add_perm("exchange.offer", role(*OFFICE))
rules.add_perm("exchange.send", role(*OFFICE))
rules.add_perm("exchange.decide", role("district", "city"))
rules.add_perm("exchange.see", phase("taken") | role(*OFFICE, "planner", "auditor"))
rules.add_perm("exchange.partners", role("district", "city"))
