"""The only writes to signed papers."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from hutong.agree.ballot_box import Ballot as Marked
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots import box
from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots.services import WORDS, Answer, lock, outside_time, take
from hutong.service.consent.models import Ballot, Sheet
from hutong.service.consent.seal import close as seal
from hutong.service.consent.seal import open_
from hutong.text import Text


@dataclass(frozen=True)
class NewSheet:
    """A signed paper as an officer reads it: which home, who signed (a reference, where several may), the choice."""

    dwelling_id: str
    signer: str
    choice: int
    channel: str
    at: dt.datetime | None
    reference: str
    token: uuid.UUID


@transaction.atomic
def enter_sheet(ballot: Ballot, new: NewSheet, by: User) -> Sheet:
    """Enter a paper; it counts once a second officer has read the same from it.

    Raises
    ------
    HutongError
        ``not-now``; ``no-such-home``; ``sheet-known``; and as :func:`hutong.service.consent.ballots.services.cast` for who may sign and when.
    """
    known = Sheet.objects.filter(token=new.token).first()
    if known is not None:
        return known
    locked = lock(ballot, "open", "closed")
    now = clock.now()
    at = new.at or now
    if at > now:
        raise outside_time(locked)
    head, signer = ballots.signer_at(locked, new.dwelling_id, new.signer)
    box.empty_box(locked).cast(Marked(head, signer, new.choice, at, "paper", new.reference))
    try:
        with transaction.atomic():
            return Sheet.objects.create(
                ballot=locked, reference=new.reference, head=head, signer=signer, dwelling_id=new.dwelling_id, channel=new.channel,
                at=at, sealed=seal(box.key(locked), WORDS[new.choice], f"sheet:{new.token}"), token=new.token, entered=now,
                entered_by=by,
            )  # fmt: skip
    except IntegrityError:
        raise HutongError(
            "sheet-known",
            Text(
                f"编号为 {new.reference} 的纸质票已录入。",
                f"The paper numbered {new.reference} was entered already.",
            ),
            Text("请核对票号。", "Check its number."),
        ) from None


@transaction.atomic
def confirm_sheet(sheet: Sheet, choice: int, by: User) -> Sheet:
    """Enter a paper a second time, read anew; if both readings agree the ballot is taken, else the entry is void.

    Raises
    ------
    HutongError
        ``second-person``; ``not-waiting``.
    """
    locked_ballot = lock(sheet.ballot, "open", "closed")
    locked = Sheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if locked.state != "waiting" or locked.sealed is None:
        raise HutongError(
            "not-waiting",
            Text("这张票已经核对过。", "This paper was decided already."),
            Text("请刷新页面。", "Load the page again."),
        )
    if locked.entered_by_id == by.pk:
        raise HutongError(
            "second-person",
            Text("录入的人不能自己核对。", "Who entered it cannot check it."),
            Text("请由另一名工作人员对着纸质票重新录入。", "Another officer reads the paper anew."),
        )
    first = open_(box.key(locked_ballot), bytes(locked.sealed), f"sheet:{locked.token}")
    if first == WORDS.get(choice):
        answer = Answer(
            locked.head,
            locked.signer,
            choice,
            locked.channel,
            locked.token,
            sheet=locked.reference,
            at=locked.at,
        )
        locked.cast = take(locked_ballot, answer, clock.now())
        locked.state = "taken"
    else:
        locked.state = "rejected"
    locked.sealed, locked.decided, locked.decided_by = None, clock.now(), by
    locked.save()
    return locked
