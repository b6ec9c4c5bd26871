"""Reading letters: whose a code is, and the codes for printing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hutong.service.consent.ballots.box import key
from hutong.service.consent.models import Ballot, Letter
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.selectors import Voter
from hutong.service.consent.seal import code_hash, code_of


def voter_by_code(code: str, now: dt.datetime) -> tuple[Ballot, Voter] | None:
    """Return the vote and voter of a letter code, or None."""
    found = (
        Letter.objects.select_related("ballot__place", "ballot__roll").filter(code=code_hash(code)).first()
    )
    return None if found is None else letter_voter(found.pk, now)


def letter_voter(pk: int, now: dt.datetime) -> tuple[Ballot, Voter] | None:
    """Return the vote and voter of a letter, or None once its codes are void."""
    found = Letter.objects.select_related("ballot__place", "ballot__roll").filter(pk=pk).first()
    if found is None:
        return None
    for voter in rolls.voters(found.ballot.roll, {found.holder}, now):
        if voter.head == found.head:
            return found.ballot, voter
    return None


def letter_of(of: Ballot, voter: Voter) -> int | None:
    """Return the letter that a voter holds."""
    return of.codes.filter(head=voter.head, holder=voter.signer).values_list("pk", flat=True).first()


def letters(of: Ballot) -> list[dict[str, Any]]:
    """Return the codes of a vote with the homes they go to, for printing."""
    secret = key(of)
    homes: dict[str, list[str]] = {}
    for seat in of.roll.seats.order_by("building__path", "dwelling_id"):
        homes.setdefault(seat.head, []).append(seat.dwelling_id)
    return [
        {
            "homes": sorted(set(homes.get(x.head, []))),
            "code": code_of(secret, of.pk, x.head, x.holder, x.issue),
        }
        for x in of.codes.order_by("pk")
    ]
