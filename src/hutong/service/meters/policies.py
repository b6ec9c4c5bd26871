"""Who may see, send and register; a reading can tell when somebody is at home, so none is public."""

from __future__ import annotations

import rules
from hutong.service.accounts.predicates import role
from hutong.service.accounts.roles import OFFICE

#: Who looks after buildings and their meters.
KEEPERS = ("property_manager", "operator", "owner_unit")
SEES = (*OFFICE, *KEEPERS, "auditor")
#: Who may send readings; a machine takes the least of these.
SENDS = ("subdistrict", "district", *KEEPERS)
REGISTERS = ("planner", *SENDS)

rules.add_perm("meters.see", role(*SEES))
rules.add_perm("meters.send", role(*SENDS))
rules.add_perm("meters.register", role(*REGISTERS))
rules.add_perm("meters.acknowledge", role(*SENDS))
