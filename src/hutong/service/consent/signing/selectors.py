"""Reading conditional signings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.agree.signing import Act
from hutong.agree.signing import Signing as State
from hutong.agree.still_needed import needed_words, still_needed
from hutong.agree.tally import NONE, YES
from hutong.service.consent.ballots.kept_rule import rule_of
from hutong.service.consent.models import Signing
from hutong.service.consent.offices import WATCH
from hutong.service.consent.rolls import selectors as rolls
from hutong.text import Text


def signing_by(pk: int) -> Signing:
    """Return a signing, or raise ``Http404``."""
    found = Signing.objects.select_related("place", "roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def signings_for(user: Any) -> QuerySet[Signing]:
    """Return the signings that a reader sees."""
    seen = ~Q(state="draft")
    for role, path in user.held if user.is_authenticated else ():
        if role in WATCH:
            seen |= Q(place__path__startswith=path)
    return Signing.objects.filter(seen).select_related("place")


def signing(of: Signing) -> State:
    """Return where a signing stands, from its acts."""
    log = tuple(Act(a.event, a.head, a.signer, a.at) for a in of.acts.order_by("number"))
    book = rolls.book(of.roll) if of.version is None else rolls.book_at(of.roll, of.version)
    return State(book, rule_of(of.rule), of.digest, of.deadline, of.early, of.state, log)


def progress(of: Signing) -> dict[str, Any]:
    """Return how many have signed and what is still needed: a signing is public as it goes, a vote is not."""
    stands = signing(of)
    signed = stands.signed
    ballots = np.array([YES if h in signed else NONE for h in stands.book.roll.heads], np.int8)
    need = still_needed(stands.book.roll, ballots, stands.rule)
    words = needed_words(need, len(stands.book.roll))
    return {"signed": len(signed), "heads": len(stands.book.roll), "words": words, "passed": need.passed}


def own(user: Any, of: Signing, now: dt.datetime) -> list[dict[str, Any]]:
    """Return for whom an account may sign, and whether it has."""
    stands = signing(of)
    out = []
    for voter in rolls.voters(of.roll, {s.holder for s in rolls.seats_of(user, of.roll)}, now):
        event = {
            "open": "withdraw" if voter.head in stands.signed else "sign",
            "effective": "" if voter.head in stands.signed else "join",
        }
        out.append({"voter": voter, "signed": voter.head in stands.signed, "event": event.get(of.state, "")})
    return out


ACT_TITLES = {
    "presigning": Text("预签约（附条件）", "Conditional signing"),
    "mediation": Text("私有房屋腾退签约", "Signing, private homes"),
    "mediation_public": Text("公有房屋腾退签约", "Signing, public homes"),
    "rebuild": Text("改建意愿签约", "Signing the intent to rebuild"),
    "rebuild_start": Text("改建开工签约", "Signing before rebuilding starts"),
}
