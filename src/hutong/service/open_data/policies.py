"""Who publishes a city's open data; reading needs no permission."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import role

rules.add_perm("open_data.publish", role("city", "administrator"))
