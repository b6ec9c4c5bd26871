"""Who runs a vote, who watches it, who may check it: role × place × phase."""

from __future__ import annotations

from typing import Any

import rules
from hutong.service.accounts.predicates import phase, role
from hutong.service.consent.offices import OFFER, RUN, WATCH
from hutong.service.consent.rolls import selectors

shown = phase("published", "frozen", "noticed", "open", "closed", "counted", "cancelled", "effective", "void")


@rules.predicate
def on_the_roll(user: Any, of: Any = None) -> bool:
    """Hold if the person sits on the roll of a vote."""
    return of is not None and bool(selectors.seats_of(user, of.roll))


rules.add_perm("consent.run", role(*RUN))
rules.add_perm("consent.watch", role(*WATCH))
rules.add_perm("consent.see", shown | role(*WATCH))
rules.add_perm("consent.audit", role("auditor"))
# the document behind official totals: who proposes and confirms them, and who checks
rules.add_perm("consent.document", role(*RUN, "auditor"))
rules.add_perm("consent.recount", role("auditor") | on_the_roll)
# offers: who makes them, who mediates, who compares them
rules.add_perm("consent.offer", role(*OFFER))
rules.add_perm("consent.mediate", role("committee", "district"))
rules.add_perm("consent.offers", role("subdistrict", "district", "auditor"))
