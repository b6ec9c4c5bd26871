"""Who may see, make, publish and judge evaluations: role × place × whether it is public."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import phase, resident_of, role
from hutong.service.accounts.roles import OFFICE

#: Who answers for what the next round is made with.
DECIDES = ("subdistrict", "district", "city")

rules.add_perm("evaluation.see", phase("published") | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("evaluation.make", role(*OFFICE))
rules.add_perm("evaluation.works", role(*OFFICE, "auditor"))
rules.add_perm("evaluation.publish", role(*DECIDES))
rules.add_perm("evaluation.decide", phase("published") & role(*DECIDES))
rules.add_perm("evaluation.voice", phase("published") & resident_of("resident_owner", "resident_tenant"))
rules.add_perm("evaluation.settle", role(*DECIDES))
rules.add_perm("evaluation.lessons", rules.always_allow)
rules.add_perm("evaluation.forecast", rules.always_allow)
