"""Reading votes: who may answer, how many have. No function returns who voted how, save to the voter."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.act.ledger import Opening, Receipt
from hutong.errors import HutongError
from hutong.service.consent import clock
from hutong.service.consent.ballots.box import open_cast
from hutong.service.consent.models import Ballot, Cast
from hutong.service.consent.models.ballots import CHANNELS
from hutong.service.consent.offices import WATCH
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.selectors import Voter
from hutong.service.consent.seal import token_of
from hutong.service.ledger import selectors as ledger
from hutong.service.places.models import Place
from hutong.service.places.selectors import paths_to
from hutong.text import Text

#: What came in so is a survey where the law reserves online votes to an official system.
SURVEYED = ("online", "letter")
CHOICE_WORDS = {
    "yes": Text("同意", "for"),
    "no": Text("不同意", "against"),
    "abstain": Text("弃权", "abstain"),
}


def ballot(pk: int) -> Ballot:
    """Return a vote, or raise ``Http404``."""
    found = Ballot.objects.select_related("place", "roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def ballots_for(user: Any) -> QuerySet[Ballot]:
    """Return the votes that a reader sees: from the notice on everyone's, drafts those of their own places."""
    seen = ~Q(state="draft")
    for role, path in user.held if user.is_authenticated else ():
        if role in WATCH:
            seen |= Q(place__path__startswith=path)
    return Ballot.objects.filter(seen).select_related("place")


def public_ballots() -> QuerySet[Ballot]:
    """Return the votes that everyone may see: those of which notice was given."""
    return Ballot.objects.exclude(noticed=None).select_related("place").defer("document")


def turnout(of: Ballot) -> dict[str, int]:
    """Return how many heads have handed in a ballot that counts, how many there are, and how many a survey reached."""
    counts = Q() if not of.official_online_only else ~Q(channel__in=SURVEYED)
    heads = (
        {
            name: of.casts.filter(which).values("head").distinct().count()
            for name, which in {"voted": counts, "surveyed": ~counts}.items()
        }
        if of.official_online_only
        else {"voted": of.casts.values("head").distinct().count(), "surveyed": 0}
    )
    return {**heads, "heads": len(rolls.book(of.roll).roll)}  # fmt: skip


def voters_of(user: Any, of: Ballot, now: dt.datetime) -> list[Voter]:
    """Return for whom an account may answer: its own heads, and those who entrusted it."""
    tokens = {s.holder for s in rolls.seats_of(user, of.roll)}
    return rolls.voters(of.roll, tokens, now)


def answers_of(of: Ballot, voter: Voter) -> dict[str, Any]:
    """Return what a voter answered, for the voter alone: ``last``, and ``counted`` beside it where online answers are a survey.

    There the last online answer changes nothing of a paper that counts, so the two are told apart.
    """
    mine = sorted(of.casts.filter(head=voter.head, signer=voter.signer), key=lambda c: (c.at, c.number))
    if not of.official_online_only:
        return {"last": _told_cast(of, mine), "counted": None}
    survey = [c for c in mine if c.channel in SURVEYED]
    return {"last": _told_cast(of, survey), "counted": _told_cast(of, [c for c in mine if c not in survey])}


def _told_cast(of: Ballot, casts: Sequence[Cast]) -> dict[str, Any] | None:
    """Return the last of some casts, in the order of their times, opened; None without one."""
    if not casts:
        return None
    c = casts[-1]
    return {
        "cast": c,
        "choice": open_cast(of, c)["choice"],
        "channel": CHANNELS[c.channel],
        "times": len(casts),
    }


def is_survey(c: Cast) -> bool:
    """Return whether a cast is an answer to a survey, since the law reserves online votes to an official system."""
    return bool(c.ballot.official_online_only and c.channel in SURVEYED)


def cast_of(pk: int) -> Cast:
    """Return a ballot, or raise ``Http404``."""
    found = Cast.objects.select_related("ballot__place", "ballot__roll", "entry").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def receipt(c: Cast) -> Receipt:
    """Return the receipt of a ballot, which opens its commitments and proves that it stands in the ledger."""
    inside = open_cast(c.ballot, c)
    said = {"choice": inside["choice"], "voter": f"{c.head}/{c.signer}"}
    openings = {n: Opening(bytes.fromhex(inside[f"salt_{n}"]), v) for n, v in said.items()}
    whole = ledger.tree()
    return Receipt(
        c.entry.data.encode(),
        tuple(whole.inclusion(c.entry_id, whole.size)),
        ledger.signed_note(whole.size),
        openings,
    )


def signer_at(of: Any, dwelling_id: str, reference: str) -> tuple[str, str]:
    """Return head and signer of a home; where one person decides for it, the signer need not be named.

    Raises
    ------
    HutongError
        ``no-such-home``; ``who-signs`` where several may and none is named.
    """
    book = rolls.book(of.roll)
    entry = next((e for e in book.entries if e.dwelling_id == dwelling_id), None)
    if entry is None:
        raise HutongError(
            "no-such-home",
            Text(f"名册上没有住房 {dwelling_id}。", f"Home {dwelling_id} is not on the roll."),
            Text("请核对房屋编号；暂不列入的住房须先更正名册。", "Check its number; a home held back needs a correction of the roll."),
        )  # fmt: skip
    deciding = book.holders[entry.head]
    if not reference and len(deciding) != 1:
        raise HutongError(
            "who-signs",
            Text(f"住房 {dwelling_id} 有 {len(deciding)} 位权利人，须写明谁签字。", f"Home {dwelling_id} has {len(deciding)} holders; say who signed."),
            Text("请填权利人，与名册表一致。", "Give the holder as in the table of the roll."),
        )  # fmt: skip
    return entry.head, token_of(reference) if reference else deciding[0]


def channels(of: Ballot) -> list[tuple[Text, int]]:
    """Return how many ballots came by each channel."""
    counts = Counter(of.casts.values_list("channel", flat=True))
    return [(title, counts[c]) for c, title in CHANNELS.items() if counts[c]]


def _taken() -> QuerySet[Ballot]:
    """Return the votes in which ballots are taken now, the one that ends first before the others."""
    rows = Ballot.objects.filter(state="open", closes__gt=clock.now())
    return rows.select_related("place", "roll__place").order_by("closes")


def open_for(user: Any, most: int = 3) -> list[Ballot]:
    """Return the votes in which ballots are taken now, a person's own first."""
    rows = list(_taken()[:50])
    if user.is_authenticated and rolls.links_of(user):
        rows.sort(key=lambda b: not rolls.seats_of(user, b.roll))
    return rows[:most]


def open_at(place: Place) -> list[Ballot]:
    """Return the votes in which ballots are taken now at a place or one around it."""
    return list(_taken().filter(place__path__in=paths_to(place)))
