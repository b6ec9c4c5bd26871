"""The only writes of results: a count enters its vote and the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots.services import lock
from hutong.service.consent.counting import selectors
from hutong.service.consent.findable import of_ballot
from hutong.service.consent.models import Ballot
from hutong.service.ledger import services as ledger
from hutong.service.search import services as search
from hutong.text import Text


def count_vote(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Count a closed vote, with every paper decided; the count and its list of commitments enter the ledger.

    Raises
    ------
    HutongError
        ``not-now``; ``papers-wait``; ``not-this-roll`` if the roll is not the one it was opened with, corrected.
    """
    locked = lock(Ballot(pk=pk), "closed")
    still = locked.sheets.filter(state="waiting").count()
    if still:
        raise HutongError(
            "papers-wait",
            Text(f"还有 {still} 张纸质票没有核对。", f"{still} papers wait for a second pair of eyes."),
            Text("请先逐张核对。", "Check each of them first."),
        )
    now = clock.now()
    enter_result(locked, selectors.count(locked, now), now, by[0])


def enter_result(locked: Ballot, result: dict[str, Any], now: dt.datetime, by: User) -> None:
    """Enter a result with its vote, whose row is locked, and in the ledger."""
    locked.result, locked.state, locked.counted = result, "counted", now
    locked.save()
    search.put([of_ballot(locked)])
    ledger.record("ballot.counted", selectors.counted_entry(locked), place=locked.place, by=by, at=now)
