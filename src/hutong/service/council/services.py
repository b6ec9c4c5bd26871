"""The only writes to processes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.agree.opinion_chance import DRAWS
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.council import opinions, selectors
from hutong.service.council.findable import of_process, of_statement
from hutong.service.council.models import (
    CHOICES,
    KINDS,
    OUTCOMES,
    Answer,
    Moderated,
    Owed,
    Participant,
    PhaseChange,
    Process,
    Publication,
    Statement,
    Vote,
)
from hutong.service.council.phases import OPEN, after
from hutong.service.jobs import services as jobs
from hutong.service.jobs.selectors import waits
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.search import services as search
from hutong.text import Text, written_day

SHORTEST, LONGEST = 4, 140
#: Statements that one person may write in one process: room for everyone (confidence U: a design choice).
MOST_STATEMENTS = 10
#: How a vote is written on paper.
WRITTEN = {word.lower(): value for value, text in CHOICES.items() for word in (text.zh, text.en, str(value))}


@dataclass(frozen=True)
class NewProcess:
    """A process to be: what is asked of whom, and who answers within how many days."""

    place: Place
    unit: Unit
    title: Text
    about: Text
    answer_days: int
    owner: User | None = None
    token: uuid.UUID = field(default_factory=uuid.uuid4)
    all_owed: bool = False  # whether views are owed a written answer as proposals are


def make(new: NewProcess) -> Process:
    """Make a process as a draft; sending the same form again returns what was made before."""
    made, fresh = Process.objects.get_or_create(
        token=new.token,
        defaults={
            "place": new.place, "unit": new.unit, "owner": new.owner, "answer_days": new.answer_days,
            "all_owed": new.all_owed, "title_zh": new.title.zh, "title_en": new.title.en, "about_zh": new.about.zh, "about_en": new.about.en,
        },
    )  # fmt: skip
    if fresh:
        search.put([of_process(made)])
    return made


@transaction.atomic
def move(of: Process, phase: str, by: User | None, decision: str = "") -> Process:
    """Let a process enter its next phase; what was decided, when it leaves ``decide``, enters the ledger.

    Raises
    ------
    HutongError
        ``bad-phase`` if it is not the next one; ``still-asked`` before the end of the days that were promised
        (:func:`keep_open`); ``answers-owed`` while answers are owed that nobody gave;
        ``no-decision`` without words on what was decided.
    """
    locked = Process.objects.select_for_update().get(pk=of.pk)
    if locked.phase == phase:
        return locked
    if after(locked.phase) != phase:
        raise HutongError(
            "bad-phase",
            Text("不能跳过或退回阶段。", "A phase is neither skipped nor taken back."),
            Text("请按顺序进入下一阶段。", "Go on to the next phase."),
        )
    if phase not in OPEN and locked.promised_open:
        day = written_day(locked.open_until)
        raise HutongError(
            "still-asked",
            Text(
                f"已公布征求意见到{day.zh}为止。", f"It was published that opinions are taken until {day.en}."
            ),
            Text("请到第二天再进入下一阶段。", "Let it enter the next phase on the day after."),
        )
    open_ = [o for o in selectors.owed_of(locked) if o.answered is None]
    if locked.phase == "answer" and open_:
        raise HutongError(
            "answers-owed",
            Text(f"还有 {len(open_)} 条没有书面答复。", f"{len(open_)} written answers are still owed."),
            Text("全部答复之后才能进入决定阶段。", "Answer them all before it is decided."),
        )
    if locked.phase == "decide":
        _decide(locked, decision, by)
    was_open = locked.phase in OPEN
    locked.phase = phase
    locked.save(update_fields=["phase"])
    search.put([of_process(locked)])
    PhaseChange.objects.create(process=locked, phase=phase, at=timezone.now(), by=by, words=decision.strip())
    if was_open and phase not in OPEN and selectors.taken_part(locked):
        jobs.start("council.publish", locked.place, by, process=locked.pk)
    return locked


@transaction.atomic
def keep_open(of: Process, until: dt.date) -> Process:
    """Promise that a process takes opinions through a day at least, and return it as it now stands; an earlier promise of a later day holds."""
    locked = Process.objects.select_for_update(of=("self",)).select_related("place", "unit").get(pk=of.pk)
    if locked.open_until is None or locked.open_until < until:
        locked.open_until = until
        locked.save(update_fields=["open_until"])
    return locked


def _decide(of: Process, decision: str, by: User | None) -> None:
    if len(decision.strip()) < SHORTEST:
        raise HutongError(
            "no-decision",
            Text("没有写明决定了什么。", "It does not say what was decided."),
            Text("请写明采纳了什么、没有采纳什么、为什么。", "Say what was taken up, what was not, and why."),
        )
    ledger.record(
        "decision.taken",
        {"subject": f"council-{of.pk}", "decision": "process", "by": of.unit.code, "digest": digest({"decision": decision.strip()})},
        place=of.place, by=by,
    )  # fmt: skip


@dataclass(frozen=True)
class NewStatement:
    """What somebody writes."""

    process: Process
    words: str
    kind: str = "statement"
    owner: User | None = None
    token: uuid.UUID = field(default_factory=uuid.uuid4)


@transaction.atomic
def write(new: NewStatement) -> Statement:
    """Add a statement; its author agrees with it, and a proposal (or all, where that was promised) is owed an answer from today.

    Raises
    ------
    HutongError
        ``bad-statement`` if it is too short or long; ``too-many`` if the person wrote too many; ``not-open`` unless the
        process takes statements now.
    """
    process = (
        Process.objects.select_for_update(of=("self",)).select_related("place", "unit").get(pk=new.process.pk)
    )
    words = " ".join(new.words.split())
    if not SHORTEST <= len(words) <= LONGEST or new.kind not in KINDS:
        raise HutongError(
            "bad-statement",
            Text(f"请用 {SHORTEST} 到 {LONGEST} 个字写一件事。", f"Write one idea in {SHORTEST} to {LONGEST} characters."),
            Text("几件事请分开写，别人才好表态。", "Write several ideas apart, so that others can answer each."),
        )  # fmt: skip
    known = Statement.objects.filter(token=new.token).first()
    if known is not None:
        return known
    if process.phase not in OPEN:
        raise HutongError(
            "not-open",
            Text("这件事现在不收意见了。", "No statements are taken on this now."),
            Text("请看页面上写的下一阶段做什么。", "See on its page what happens in the present phase."),
        )
    if new.owner is not None and process.statements.filter(owner=new.owner).count() >= MOST_STATEMENTS:
        raise HutongError(
            "too-many",
            Text(f"每人最多写 {MOST_STATEMENTS} 条。", f"Each person may write {MOST_STATEMENTS}."),
            Text("请对别人的意见表态。", "Answer what others wrote."),
        )
    try:
        with transaction.atomic():
            made = Statement.objects.create(
                process=process, token=new.token, owner=new.owner, kind=new.kind, words=words
            )
            search.put([of_statement(made)])
    except IntegrityError:  # the same form, sent twice at the same moment
        return Statement.objects.get(token=new.token)
    if made.kind == "proposal" or made.process.all_owed:
        owe(made)
    if made.owner is not None:
        cast(made, made.owner, 1)
    return made


def owe(statement: Statement) -> Owed:
    """Owe a written answer to a statement from today, unless one is owed already."""
    of = statement.process
    made, _ = Owed.objects.get_or_create(
        statement=statement, defaults={"unit": of.unit, "since": timezone.localdate(), "days": of.answer_days}
    )
    return made


def cast(statement: Statement, user: User, value: int) -> Vote:
    """Record how a person answers a statement; a later answer takes the place of an earlier one.

    Raises
    ------
    HutongError
        ``bad-vote`` if it is neither agree, disagree nor pass, or the statement was hidden.
    """
    if value not in CHOICES or statement.hidden:
        raise HutongError(
            "bad-vote",
            Text("这一票没有记上。", "This answer was not recorded."),
            Text("这条意见可能刚被隐藏，请看下一条。", "The statement may just have been hidden; go on to the next."),
        )  # fmt: skip
    person, _ = Participant.objects.get_or_create(process=statement.process, user=user)
    vote, _ = Vote.objects.update_or_create(
        participant=person, statement=statement, defaults={"value": value, "at": timezone.now()}
    )
    publish_when_due(statement.process)
    return vote


@transaction.atomic
def enter_paper(of: Process, rows: Iterable[Mapping[str, str]], at: dt.datetime | None = None) -> int:
    """Record answers from paper cards, columns ``card``, ``statement``, ``vote``; all of them, or none.

    ``at`` is when they were given, for cards of days gone by.

    Raises
    ------
    HutongError
        ``bad-paper`` naming each row that cannot be read.
    """
    known = {s.pk: s for s in selectors.visible(of)}
    broken, read = [], []
    for n, row in enumerate(rows, 2):
        card, number = row.get("card", "").strip(), row.get("statement", "").strip()
        value = WRITTEN.get(row.get("vote", "").strip().lower())
        statement = known.get(int(number)) if number.isdecimal() else None
        if not card or len(card) > 24:
            broken.append(f"row {n}, card: {card[:30]!r}")
        elif statement is None:
            broken.append(f"row {n}, statement: {number[:30]!r}")
        elif value is None:
            broken.append(f"row {n}, vote: {row.get('vote', '')[:30]!r}")
        else:
            read.append((card, statement, value))
    if broken or not read:
        raise HutongError(
            "bad-paper",
            Text(f"纸质票有 {len(broken)} 行读不懂，一行也没有录入。", f"{len(broken)} rows of the paper votes cannot be read; none was entered."),
            Text("每行写卡号、意见编号和 赞成/反对/说不好；改好后重新上传。", "A row has a card, the number of a statement and agree, disagree or pass; mend them and send it again."),
            broken,
        )  # fmt: skip
    now = at or timezone.now()
    people: dict[str, Participant] = {}
    for card, statement, value in read:
        if card not in people:
            people[card], _ = Participant.objects.get_or_create(process=of, card=card)
        Vote.objects.update_or_create(
            participant=people[card], statement=statement, defaults={"value": value, "at": now}
        )
    publish_when_due(of)
    return len(read)


def publish_when_due(of: Process) -> None:
    """Have the opinions published in the background, if they are due and it was not asked for already."""
    if selectors.publication_due(of, timezone.now()) and not waits("council.publish", process=of.pk):
        jobs.start("council.publish", of.place, None, process=of.pk)


@transaction.atomic
def publish(of: Process, draws: int = DRAWS) -> Publication:
    """Publish the opinions as they stand; every consensus statement is owed an answer from today."""
    hidden = list(of.statements.filter(hidden=True).values_list("pk", flat=True))
    last = selectors.latest(of)
    data, state, weights = opinions.made_public(
        selectors.votes_of(of), hidden, None if last is None else last.state, draws
    )
    made = Publication.objects.create(process=of, at=timezone.now(), data=data, state=state, priority=weights)
    shared = [s["id"] for s in data["statements"] if s["bridge"]]
    for statement in of.statements.filter(pk__in=shared):
        owe(statement)
    return made


@transaction.atomic
def moderate(statement: Statement, action: str, by: User, reason: str = "", note: str = "") -> Statement:
    """Accept, hide or show a statement; the record is sealed and only grows, by one where a form is sent twice.

    Raises
    ------
    HutongError
        ``bad-moderation`` for anything else; as :class:`hutong.agree.statements.Moderation`. Nothing is written.
    """
    if action not in ("accept", "hide", "show"):
        raise HutongError(
            "bad-moderation",
            Text("没有这种处理。", "There is no such act of moderation."),
            Text("可以保留、隐藏或恢复显示。", "Let it stand, hide it, or show it again."),
        )
    of = Process.objects.select_for_update().get(pk=statement.process_id)
    record, who, now = selectors.moderation(of), str(by.pk), timezone.now()
    last = statement.moderated.last()
    if last is not None and (last.action, last.reason, last.note, last.by_id) == (
        action,
        reason,
        note.strip(),
        by.pk,
    ):
        return statement
    if action == "hide":
        record = record.hide(statement.pk, reason=reason, by=who, at=now, note=note.strip())
    elif action == "show":
        record = record.show(statement.pk, by=who, at=now, note=note)
    else:
        record = record.accept(statement.pk, by=who, at=now, note=note.strip())
    entry = record.entries[-1]
    Moderated.objects.create(
        statement=statement, action=entry.action, reason=entry.reason, note=entry.note, by=by, at=now, digest=entry.digest
    )  # fmt: skip
    statement.hidden = statement.pk in record.hidden
    statement.save(update_fields=["hidden"])
    if statement.hidden:
        search.remove("statement", [str(statement.pk)])
    else:
        search.put([of_statement(statement)])
    return statement


@transaction.atomic
def answer(to: Owed, outcome: str, words: str, by: User, token: uuid.UUID | None = None) -> Answer:
    """Give a written answer; the first stops the clock, and each enters the ledger.

    Raises
    ------
    HutongError
        ``bad-answer`` without an outcome or words.
    """
    said = words.strip()
    if outcome not in OUTCOMES or not 10 <= len(said) <= 2000:
        raise HutongError(
            "bad-answer",
            Text("答复要写明结果，并用 10 到 2000 字说明理由。", "An answer says what comes of it and why, in 10 to 2,000 characters."),
            Text("请补充后再提交。", "Add what is missing and send it again."),
        )  # fmt: skip
    locked = Owed.objects.select_for_update().get(pk=to.pk)
    known = Answer.objects.filter(token=token).first() if token else None
    if known is not None:
        return known
    of = locked.statement.process
    text = {"statement": locked.statement.words, "outcome": outcome, "answer": said}
    entry = ledger.record(
        "answer.given",
        {"process": f"council-{of.pk}", "statement": f"statement-{locked.statement_id}", "unit": locked.unit.code, "digest": digest(text)},
        place=of.place, by=by,
    )  # fmt: skip
    made = Answer.objects.create(
        owed=locked, token=token or uuid.uuid4(), outcome=outcome, words=said, at=timezone.now(), by=by, entry=entry.index
    )  # fmt: skip
    if locked.answered is None:
        locked.answered = timezone.localdate()
        locked.save(update_fields=["answered"])
    return made


def document(text: Mapping[str, Any]) -> bytes:
    """Return the bytes of a published text that its digest in the ledger covers."""
    return json.dumps(text, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(text: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a published text."""
    return hashlib.sha256(document(text)).hexdigest()
