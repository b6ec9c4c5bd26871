"""The demo's residents: a roll, one verified at the counter, one by letter, and one who waits."""

from __future__ import annotations

from collections.abc import Mapping

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.residents import selectors, services
from hutong.service.residents.roll import OWNER, TENANT
from hutong.text import Text

#: The accounts that the demo makes for them.
PEOPLE = {
    "resident-owner": Text("居民（业主）", "Resident (owner)"),
    "resident-tenant": Text("居民（承租人）", "Resident (tenant)"),
    "newcomer": Text("新来的居民（待核实）", "Newcomer (not verified yet)"),
}


def load(quarter: Place, people: Mapping[str, User], officer: User) -> None:
    """Make the roll from the newest snapshot, and the three residents."""
    newest = selectors.snapshots_of(quarter).first()
    if newest is None:
        raise ValueError("the demo has no snapshot")
    services.import_roll(newest, None)
    homes = list(selectors.homes(quarter))
    owned = next(h for h in homes if h.lives_as == OWNER and h.stair)
    services.verify_at_counter(officer, people["resident-owner"], owned, "deed", "")
    let = next(h for h in homes if h.lives_as == TENANT)
    ((_, code),) = services.make_letters(quarter, [let], officer)
    services.redeem(people["resident-tenant"], code, "")
    services.ask(
        people["newcomer"],
        next(
            h
            for h in homes
            if (h.building_id, h.stair) == (owned.building_id, owned.stair) and h.pk != owned.pk
        ),
    )
