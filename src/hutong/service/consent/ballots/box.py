"""The box of a vote and what opens it: for taking, counting and showing a voter their own ballot. No page asks here."""

from __future__ import annotations

from dataclasses import replace

from hutong.agree.ballot_box import Ballot as Marked
from hutong.agree.ballot_box import BallotBox
from hutong.agree.roll_book import RollBook
from hutong.agree.roll_file import read_roll
from hutong.agree.tally import ABSTAIN, NO, YES
from hutong.errors import HutongError
from hutong.service.consent.ballots.kept_rule import rule_of
from hutong.service.consent.models import Ballot, Cast
from hutong.service.consent.models.ballots import COUNTS_AS
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.seal import key_of, open_
from hutong.text import Text

SAID = {"yes": YES, "no": NO, "abstain": ABSTAIN}


def key(of: Ballot) -> bytes:
    """Return the key of a vote.

    Raises
    ------
    HutongError
        ``no-key`` before the notice, or once the choices were erased.
    """
    if of.key is None:
        raise HutongError(
            "no-key",
            Text("还没有封存选票的密钥，或选票已按期清除。", "There is no key to its ballots yet, or they were erased."),
            Text("计票结果和台账仍可核验。", "The count and the ledger can still be checked."),
        )  # fmt: skip
    return key_of(bytes(of.key))


def label(of: int, number: int) -> str:
    """Return the label under which a ballot is sealed, so that none can stand for another."""
    return f"cast:{of}:{number}"


def empty_box(of: Ballot, book: RollBook | None = None) -> BallotBox:
    """Return the box of a vote without its ballots, which says which ballots it takes."""
    stands = rolls.book(of.roll) if book is None else book
    if of.opens is None or of.closes is None:
        raise AssertionError("a vote without notice has no box")
    return BallotBox(
        of.code,
        stands,
        rule_of(of.rule),
        of.opens,
        of.closes,
        of.official_online_only,
        of.opened_with or stands.hash,
    )


def open_cast(of: Ballot, cast: Cast) -> dict[str, str]:
    """Return what is sealed in a ballot, the choice and the salts of its commitments; it raises as :func:`key` does."""
    return dict(open_(key(of), bytes(cast.sealed), label(of.pk, cast.number)))


def full_box(of: Ballot, book: RollBook, opened: bool = True) -> BallotBox:
    """Return the box with its ballots; not ``opened``, their choices stay sealed and stand as abstentions."""
    marks = tuple(
        Marked(
            c.head, c.signer, SAID[open_cast(of, c)["choice"]] if opened else ABSTAIN, c.at, COUNTS_AS[c.channel],
            c.sheet or str(c.token), official=c.channel == "official", number=c.number,
        )
        for c in of.casts.order_by("number").iterator(chunk_size=2000)
    )  # fmt: skip
    return replace(empty_box(of, book), ballots=marks)


def book_of(of: Ballot) -> RollBook:
    """Return the roll that a vote is counted with: that of the opening with its logged corrections."""
    opened = of.roll.versions.filter(hash=of.opened_with).order_by("-number").first()
    if of.result is not None:
        return rolls.book_at(of.roll, of.result["version"])
    now = rolls.book(of.roll)
    if opened is None:
        raise AssertionError("the roll of the opening is gone")
    return empty_box(of, read_roll(opened.text)).with_book(now).book
