"""Who may see people and grant roles."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import role

rules.add_perm("accounts.see_people", role("administrator", "auditor"))
rules.add_perm("accounts.grant", role("administrator"))
