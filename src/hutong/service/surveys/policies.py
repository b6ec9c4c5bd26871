"""Who runs surveys, and who fills them in."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import phase, role
from hutong.service.accounts.roles import OFFICE

#: Who may be sent out: they hold the role where the object is.
FIELD = ("committee", "planner", "subdistrict", "property_manager")


@rules.predicate
def is_sent(user: Any, task: Any = None) -> bool:
    """Hold if the task is the person's own."""
    return bool(user.is_authenticated and task is not None and task.user_id == user.pk)


rules.add_perm("surveys.see", role(*FIELD, *OFFICE))
rules.add_perm("surveys.field", role(*FIELD))
rules.add_perm("surveys.run", role(*OFFICE))
rules.add_perm("surveys.fill", is_sent & role(*FIELD))
rules.add_perm("surveys.send", is_sent & role(*FIELD) & phase("open"))
