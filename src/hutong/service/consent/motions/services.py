"""The only writes to motions; a confirmed one is carried out in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.models import Motion
from hutong.service.places.models import Place
from hutong.text import Text

#: Carries out a motion: its subject's key, what was asked, and the two persons.
Deed = Callable[[int, Mapping[str, Any], tuple[User, User]], None]


def _deeds() -> Mapping[str, Deed]:
    from hutong.service.consent.ballots import services as ballots
    from hutong.service.consent.counting import services as counting
    from hutong.service.consent.letters import services as letters
    from hutong.service.consent.official import services as official
    from hutong.service.consent.rolls import services as rolls
    from hutong.service.consent.signing import services as signing

    return {
        "roll.correct": rolls.correct, "roll.freeze": rolls.freeze,
        "ballot.open": ballots.open_vote, "ballot.letters": letters.issue_letters, "ballot.official": official.import_official,
        "ballot.totals": official.count_official, "ballot.close": ballots.close_vote, "ballot.count": counting.count_vote, "ballot.cancel": ballots.cancel,
        "signing.open": signing.open_signing, "signing.settle": signing.settle,
    }  # fmt: skip


def propose(
    kind: str, subject: int, place: Place, by: User, asked: Mapping[str, Any] | None = None
) -> Motion:
    """Propose a deed; what could not be carried out now is refused at once.

    Raises
    ------
    HutongError
        ``motion-waiting`` if one of the kind waits already; and as the deed raises.
    """
    given = dict(asked or {})
    with transaction.atomic():  # tried, and undone
        _deeds()[kind](subject, given, (by, by))
        transaction.set_rollback(True)
    try:
        with transaction.atomic():
            return Motion.objects.create(
                kind=kind, place=place, subject=subject, asked=given, proposed=clock.now(), proposed_by=by
            )
    except IntegrityError:
        raise HutongError(
            "motion-waiting",
            Text("同样的事项已在等待确认。", "The same waits for confirmation already."),
            Text("请先由另一人确认或退回。", "Let another officer confirm or reject it first."),
        ) from None


@transaction.atomic
def confirm(motion: Motion, by: User) -> Motion:
    """Carry out a motion as its second person.

    Raises
    ------
    HutongError
        ``second-person`` for the one who proposed it; ``not-waiting``; and as the deed raises, in which case it waits on.
    """
    locked = _waiting(motion)
    if locked.proposed_by_id == by.pk:
        raise HutongError(
            "second-person",
            Text("提出的人不能自己确认。", "Who proposed it cannot confirm it."),
            Text("请由同一地点的另一名工作人员确认。", "Another officer of the place has to."),
        )
    _deeds()[locked.kind](locked.subject, locked.asked, (locked.proposed_by, by))
    return _decide(locked, "done", by)


@transaction.atomic
def reject(motion: Motion, by: User) -> Motion:
    """End a motion without carrying it out; its proposer may take it back so."""
    return _decide(_waiting(motion), "rejected", by)


def _waiting(motion: Motion) -> Motion:
    locked = (
        Motion.objects.select_for_update(of=("self",))
        .select_related("place", "proposed_by")
        .get(pk=motion.pk)
    )
    if locked.state != "waiting":
        raise HutongError(
            "not-waiting",
            Text("这一事项已经办过。", "This was decided already."),
            Text("请刷新页面。", "Load the page again."),
        )
    return locked


def _decide(locked: Motion, state: str, by: User) -> Motion:
    locked.state, locked.decided, locked.decided_by = state, clock.now(), by
    locked.save()
    return locked
