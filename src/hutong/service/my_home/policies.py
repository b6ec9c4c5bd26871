"""Who reads the page of a home: its household, and the counter that explains it. Nobody else."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import is_own, role
from hutong.service.my_home import selectors

#: Who explains a home at the counter; each look is shown to the household.
COUNTER = ("subdistrict", "committee")


@rules.predicate
def lives_in(user: Any, home: Any = None) -> bool:
    """Hold if the person is a verified resident of the home."""
    return user.is_authenticated and home is not None and selectors.lives_in(user, home)


@rules.predicate
def of_the_unit(user: Any, question: Any = None) -> bool:
    """Hold if the person acts for the unit that owes the answer; without a question, for any unit."""
    return user.is_authenticated and selectors.acts_for(user, question)


@rules.predicate
def reads(user: Any, question: Any = None) -> bool:
    """Hold for who asked; what was written down at the counter the household reads."""
    return question is not None and selectors.reads(user, question)


rules.add_perm("my_home.see", lives_in | role(*COUNTER))
rules.add_perm("my_home.answer", of_the_unit)
rules.add_perm("my_home.read", is_own | reads)
rules.add_perm("my_home.desk", of_the_unit | role(*COUNTER, "department"))
rules.add_perm("my_home.counter", role(*COUNTER))
rules.add_perm("my_home.contact", role("subdistrict"))
rules.add_perm("my_home.offer_homes", role("subdistrict", "operator", "owner_unit"))
