"""Who may put questions to the model, and who may open the answers to everyone."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import is_own, phase, role
from hutong.service.accounts.roles import OFFICE

rules.add_perm("simulation.see", phase("published") | role(*OFFICE, "administrator", "auditor"))
rules.add_perm("simulation.run", role(*OFFICE))
rules.add_perm("simulation.stop", role("subdistrict", "district", "city") | (is_own & role(*OFFICE)))
rules.add_perm("simulation.publish", role("subdistrict", "district", "city"))
