"""Who makes and revokes tokens."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import role

rules.add_perm("api.tokens", role("administrator"))
