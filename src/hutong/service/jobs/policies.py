"""Who may see background work and start it again."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import is_own, role
from hutong.service.accounts.roles import OFFICE

rules.add_perm("jobs.see", is_own | role(*OFFICE, "administrator"))
rules.add_perm("jobs.see_all", role(*OFFICE, "administrator"))
rules.add_perm("jobs.chores", role("administrator"))
rules.add_perm("jobs.retry", is_own | role(*OFFICE, "administrator"))
