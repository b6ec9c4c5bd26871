"""The only writes to letters and their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hutong.service.accounts.models import User
from hutong.service.consent.ballots import box
from hutong.service.consent.ballots.services import lock, look
from hutong.service.consent.models import Ballot, Letter
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.seal import code_hash, code_of


def issue_letters(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Make a code for each holder; codes issued before are void. Done by two persons."""
    locked = lock(Ballot(pk=pk), "noticed", "open")
    book, key, issue = rolls.book(locked.roll), box.key(locked), locked.letters + 1
    Letter.objects.filter(ballot=locked).delete()
    Letter.objects.bulk_create(
        (
            Letter(ballot=locked, head=head, holder=holder, issue=issue, code=code_hash(code_of(key, locked.pk, head, holder, issue)))
            for head, holders in book.holders.items()
            for holder in holders
        ),
        batch_size=2000,
    )  # fmt: skip
    locked.letters = issue
    locked.save(update_fields=["letters"])
    look(locked, "issued", by[1])
