"""Who may run rolls and letters, verify at the counter, and vouch."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import is_own, role
from hutong.service.residents import selectors


@rules.predicate
def is_neighbour(user: Any, residence: Any = None) -> bool:
    """Hold if the person may give their word for a resident."""
    if not user.is_authenticated or residence is None or residence.user_id == user.pk:
        return False
    return selectors.neighbour_home(user, residence.home) is not None


@rules.predicate
def lives_here(user: Any, _subject: Any = None) -> bool:
    """Hold for residents and for who holds no role yet: who works here is not asked where they live."""
    return user.is_authenticated and all(role.startswith("resident_") for role, _ in user.held)


rules.add_perm("residents.own", lives_here)
rules.add_perm("residents.watch", role(*selectors.WATCH))
rules.add_perm("residents.run", role("subdistrict", "administrator"))
rules.add_perm("residents.counter", role("subdistrict", "committee"))
rules.add_perm("residents.end", is_own | role("subdistrict", "committee"))
rules.add_perm("residents.ask", is_own)
rules.add_perm("residents.vouch", is_neighbour)
rules.add_perm("residents.withdraw", is_own)
