"""The only writes to votes and ballots. A vote's row is locked first and the database's clock read after it."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from hutong.agree.ballot_box import Ballot as Marked
from hutong.agree.tally import ABSTAIN, NO, YES
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots import box
from hutong.service.consent.ballots.kept_rule import (
    kept,
    notice_days,
    official_only,
    rule_for,
    rules_on,
    sources,
)
from hutong.service.consent.ballots.often import check_recount
from hutong.service.consent.findable import of_ballot
from hutong.service.consent.models import Ballot, Cast, Look, Roll
from hutong.service.consent.models.ballots import COUNTS_AS
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.seal import close as seal
from hutong.service.consent.seal import new_key
from hutong.service.ledger import services as ledger
from hutong.service.search import services as search
from hutong.text import Text

WORDS = {YES: "yes", NO: "no", ABSTAIN: "abstain"}
NUMBERS = {word: choice for choice, word in WORDS.items()}


@dataclass(frozen=True)
class NewBallot:
    """A vote to be: on which roll and matter, what is asked, and the whole text that is voted on."""

    roll: Roll
    matter: str
    title: Text
    asked: Text
    document: str
    renews: Ballot | None = None


@dataclass(frozen=True)
class Answer:
    """What somebody answers: ``signer`` decides for ``head``; ``at`` only where it was handed in before it is entered."""

    head: str
    signer: str
    choice: int
    channel: str
    token: uuid.UUID
    user: User | None = None
    sheet: str = ""
    at: dt.datetime | None = None


def draft(new: NewBallot, by: User) -> Ballot:
    """Make a vote as a draft.

    Raises
    ------
    HutongError
        ``unknown-matter``; ``wrong-roll`` if a vote of owners is put to lessees; ``no-document``.
    """
    rule = rule_for(new.matter, rules_on(clock.now().date()))
    if rule.id.startswith("vote.") and new.roll.act != "owners":
        raise HutongError(
            "wrong-roll",
            Text("业主共同决定的事项须用业主名册。", "A common decision of owners needs the roll of owners."),
            Text("请换名册。", "Choose another roll."),
        )
    if not new.document.strip() or not new.asked.zh.strip():
        raise HutongError(
            "no-document",
            Text("没有写明表决什么。", "It does not say what is voted on."),
            Text("请写议题和方案全文。", "Write the question and the whole text."),
        )
    made = Ballot.objects.create(
        roll=new.roll, place=new.roll.place, renews=new.renews, matter=new.matter, name_zh=new.title.zh, name_en=new.title.en,
        asked_zh=new.asked.zh, asked_en=new.asked.en, document=new.document,
        digest=hashlib.sha256(new.document.encode()).hexdigest(), made=clock.now(), made_by=by,
    )  # fmt: skip
    search.put([of_ballot(made)])
    return made


@transaction.atomic
def give_notice(ballot: Ballot, opens: dt.datetime, closes: dt.datetime, by: User) -> Ballot:
    """Publish what is asked, by which rule, and when; the rule of the day is kept with the vote.

    Raises
    ------
    HutongError
        ``not-now``; ``roll-not-shown``; ``short-notice`` for an opening before the days that the law asks for;
        ``bad-times``.
    """
    locked = lock(ballot, "draft")
    if locked.roll.state == "draft":
        raise HutongError(
            "roll-not-shown",
            Text("名册还没有公示。", "The roll has not been shown yet."),
            Text("请先公示名册，再发通知。", "Publish the roll first, then give notice."),
        )
    now = clock.now()
    rules = rules_on(now.date())
    rule = rule_for(locked.matter, rules)
    days = notice_days(rule, rules)
    if not now < opens < closes:
        raise HutongError(
            "bad-times",
            Text("起止时间不合格。", "The times do not fit."),
            Text("开始须晚于现在，截止须晚于开始。", "It opens later than now and closes later than that."),
        )
    if days is not None and opens < now + dt.timedelta(days=days):
        first = f"{timezone.localtime(now + dt.timedelta(days=days)):%Y-%m-%d %H:%M}"
        raise HutongError(
            "short-notice",
            Text(f"通知须提前 {days} 天。", f"Notice is given {days} days before."),
            Text(f"最早可于 {first} 开始。", f"It may open from {first}."),
        )
    locked.rule, locked.sources, locked.notice_days = kept(rule), sources(rule, rules), days
    locked.official_online_only = official_only(rule, rules)
    locked.state, locked.noticed, locked.opens, locked.closes, locked.key = (
        "noticed",
        now,
        opens,
        closes,
        new_key(),
    )
    locked.save()
    search.put([of_ballot(locked)])
    told = {"subject": locked.code, "kind": "notice", "digest": locked.digest}
    ledger.record("document.disclosed", told, place=locked.place, by=by, at=now)
    return locked


def open_vote(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Open a vote on its frozen roll, within its announced time; done by two persons.

    Raises
    ------
    HutongError
        ``not-now``; ``roll-not-frozen``; ``outside-time``.
    """
    locked = lock(Ballot(pk=pk), "noticed")
    now = clock.now()
    if locked.roll.state != "frozen":
        raise HutongError(
            "roll-not-frozen",
            Text("名册还没有冻结。", "The roll is not frozen yet."),
            Text("请先由两人冻结名册。", "Two persons freeze it first."),
        )
    if not _opens(locked) <= now < _closes(locked):
        raise outside_time(locked)
    book = rolls.book(locked.roll)
    locked.state, locked.opened, locked.opened_with = "open", now, book.hash
    locked.save()
    search.put([of_ballot(locked)])
    closes = _closes(locked).date().isoformat()
    told = {"ballot": locked.code, "roll": locked.roll.code, "closes": closes, "rule": locked.rule["id"]}
    ledger.record("ballot.opened", told, place=locked.place, by=by[0], at=now)


def cancel(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Call a vote off before it opens; once opened it runs to its close."""
    locked = lock(Ballot(pk=pk), "draft", "noticed")
    locked.state = "cancelled"
    locked.save()
    search.put([of_ballot(locked)])
    told = {"subject": locked.code, "decision": "cancelled", "by": "office", "digest": locked.digest}
    ledger.record("decision.taken", told, place=locked.place, by=by[0], at=clock.now())


@transaction.atomic
def cast(ballot: Ballot, answer: Answer) -> Cast:
    """Take an online ballot; the latest of each holder counts. The same form sent again is taken once.

    Raises
    ------
    HutongError
        ``outside-time`` by the database's clock; ``ballot-refused`` as :meth:`hutong.agree.BallotBox.cast` says why;
        ``token-used`` if the form was another's.
    """
    locked = _row(ballot)
    known = Cast.objects.filter(token=answer.token).first()
    if known is not None:
        return _same(known, answer, locked)
    now = clock.now()
    if locked.state != "open" or not _opens(locked) <= now < _closes(locked):
        raise outside_time(locked)
    return take(locked, answer, now)


def _same(known: Cast, answer: Answer, locked: Ballot) -> Cast:
    if (known.ballot_id, known.head, known.signer) != (locked.pk, answer.head, answer.signer):
        raise HutongError(
            "token-used",
            Text("这张表单已被使用。", "This form was used already."),
            Text("请重新打开表决页面。", "Open the page of the vote again."),
        )
    return known


def take(locked: Ballot, answer: Answer, now: dt.datetime) -> Cast:
    """Write a ballot down. Ballots get their number under the vote's lock, and no earlier time than the one before."""
    last = Cast.objects.filter(ballot=locked).order_by("-number").values_list("number", "at").first()
    number, latest = last or (0, now)
    at = (
        answer.at if answer.at is not None else max(now, latest)
    )  # a clock that was set back turns no order round
    mark = Marked(
        answer.head, answer.signer, answer.choice, at, COUNTS_AS[answer.channel], answer.sheet or str(answer.token),
        official=answer.channel == "official",
    )  # fmt: skip
    box.empty_box(locked).cast(mark)
    voter, word = f"{answer.head}/{answer.signer}", WORDS[answer.choice]
    entry, openings = ledger.record_sealed(
        "ballot.cast", {"ballot": locked.code, "channel": answer.channel}, {"voter": voter, "choice": word},
        place=locked.place, at=now,
    )  # fmt: skip
    inside = {"choice": word, **{f"salt_{n}": o.salt.hex() for n, o in openings.items()}}
    label = box.label(locked.pk, number + 1)
    return Cast.objects.create(
        ballot=locked, number=number + 1, head=answer.head, signer=answer.signer, channel=answer.channel, at=at,
        sealed=seal(box.key(locked), inside, label), token=answer.token, sheet=answer.sheet, entry=entry, user=answer.user,
    )  # fmt: skip


def look(ballot: Ballot, what: str, by: User) -> Look:
    """Write down that somebody printed codes or counted again.

    Raises
    ------
    HutongError
        ``too-many-recounts`` if it was counted again too often within the hour.
    """
    if what == "recounted":
        check_recount(ballot, by, clock.now())
    return Look.objects.create(ballot=ballot, what=what, at=clock.now(), by=by)


def close_vote(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Close a vote once its time has run by the database's clock; every ballot taken before stands written."""
    locked = lock(Ballot(pk=pk), "open")
    now = clock.now()
    if now < _closes(locked):
        raise HutongError(
            "still-open",
            Text("还没有到截止时间。", "Its time has not run."),
            Text("表决期内谁也不能提前结束。", "Nobody can close a vote before its announced time."),
        )
    locked.state, locked.closed = "closed", now
    locked.save()
    search.put([of_ballot(locked)])
    told = {"ballot": locked.code, "cast": locked.casts.count()}
    ledger.record("ballot.closed", told, place=locked.place, by=by[0], at=now)


@transaction.atomic
def erase_choices(ballot: Ballot) -> None:
    """Make the choices of a counted vote unreadable for good, when the law no longer asks that they be kept."""
    locked = lock(ballot, "counted")
    locked.key = None
    locked.save(update_fields=["key"])


def _row(ballot: Ballot) -> Ballot:
    rows = Ballot.objects.select_for_update(of=("self",)).select_related("roll", "place")
    return rows.defer("document", "asked_zh", "asked_en", "sources").get(pk=ballot.pk)


def lock(ballot: Ballot, *states: str) -> Ballot:
    """Return a vote with its row locked, for writing.

    Raises
    ------
    HutongError
        ``not-now`` if it is in none of ``states``.
    """
    locked = _row(ballot)
    if locked.state not in states:
        raise HutongError(
            "not-now",
            Text(f"表决现在是“{locked.standing.zh}”，不能这样做。", f"The vote is “{locked.standing.en}” now; this cannot be done."),
            Text("请刷新页面，看现在可以做什么。", "Load the page again and see what can be done now."),
        )  # fmt: skip
    return locked


def _opens(ballot: Ballot) -> dt.datetime:
    if ballot.opens is None:
        raise AssertionError("a vote without notice has no times")
    return ballot.opens


def _closes(ballot: Ballot) -> dt.datetime:
    if ballot.closes is None:
        raise AssertionError("a vote without notice has no times")
    return ballot.closes


def outside_time(ballot: Ballot) -> HutongError:
    """Return why a ballot is not taken: it is outside the time of the vote."""
    return HutongError(
        "outside-time",
        Text("现在不在表决时间内，没有收下。", "It is outside the time of the vote; nothing was taken."),
        Text("表决的起止时间见表决页面，以系统时间为准。", "The page of the vote says when it opens and closes; the system's clock decides."),
    )  # fmt: skip
