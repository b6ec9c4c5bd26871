"""Who publishes rooms, who reads them, who asks for one, who answers."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import is_own, phase, role
from hutong.service.lettings.models import PUBLISHED

#: Offices that publish rooms and answer for them.
OFFICES = ("subdistrict", "district", "owner_unit")
#: Who may take rooms on or works on what becomes of them; everyone else sees counts alone.
READERS = (*OFFICES, "operator", "property_manager", "planner", "department", "city", "auditor")

watches = role(*OFFICES, "auditor")
rules.add_perm("lettings.see", (phase(PUBLISHED) & role(*READERS)) | watches)
rules.add_perm("lettings.read", role(*READERS))
rules.add_perm("lettings.publish", role(*OFFICES))
rules.add_perm("lettings.ask", phase(PUBLISHED) & role("operator"))
rules.add_perm("lettings.see_interest", is_own | watches)
rules.add_perm("lettings.answer", role(*OFFICES))
rules.add_perm("lettings.take_back", is_own)
