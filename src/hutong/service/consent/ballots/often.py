"""How often a vote is counted again: a count reads every ballot, so asking for it over and over would stop the site."""

from __future__ import annotations

import datetime as dt

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent.models import Ballot
from hutong.text import Text

#: Recounts of one vote within an hour, by one person and by all of them (confidence U).
MOST_BY_ONE, MOST_BY_ALL = 4, 40


def check_recount(ballot: Ballot, by: User, now: dt.datetime) -> None:
    """Raise unless somebody may have a vote counted again now.

    Raises
    ------
    HutongError
        ``too-many-recounts`` with when to come back.
    """
    recent = ballot.looks.filter(what="recounted", at__gt=now - dt.timedelta(hours=1))
    if recent.filter(by=by).count() >= MOST_BY_ONE or recent.count() >= MOST_BY_ALL:
        raise HutongError(
            "too-many-recounts",
            Text("这一小时里核验的次数已满。", "It was counted again often enough within the hour."),
            Text(
                "结果没有变化；请一小时后再核验。",
                "The count stays what it was; check it again in an hour.",
            ),
        )
