"""The only writes to votes and ballots. A vote's row is locked first and the database's clock read after it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.agree.act_files import CHOICES, moment
from hutong.agree.ballot_box import Ballot as Marked
from hutong.agree.tally import ABSTAIN, NO, YES
from hutong.agree.totals import Totals
from hutong.errors import HutongError, Row
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots import selectors
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
from hutong.service.consent.models import Ballot, Cast, Letter, Look, Motion, OfficialDocument, Roll, Sheet
from hutong.service.consent.models.ballots import COUNTS_AS
from hutong.service.consent.motions.services import propose
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.seal import close as seal
from hutong.service.consent.seal import code_hash, code_of, new_key, open_
from hutong.service.ledger import services as ledger
from hutong.service.search import services as search
from hutong.service.web.papers import Document, keep
from hutong.text import Text

WORDS = {YES: "yes", NO: "no", ABSTAIN: "abstain"}
NUMBERS = {word: choice for choice, word in WORDS.items()}
#: Columns of an official system's file, and what they hold.
OFFICIAL = {
    "dwelling_id": Text("房屋编号，与名册一致", "the home, as on the roll"),
    "choice": Text("同意、反对或弃权", "for, against or abstain"),
    "at": Text("投票时间", "when it was cast"),
    "reference": Text("官方系统中的票号", "its number in the official system"),
}


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
    locked = _locked(ballot, "draft")
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
    locked = _locked(Ballot(pk=pk), "noticed")
    now = clock.now()
    if locked.roll.state != "frozen":
        raise HutongError(
            "roll-not-frozen",
            Text("名册还没有冻结。", "The roll is not frozen yet."),
            Text("请先由两人冻结名册。", "Two persons freeze it first."),
        )
    if not _opens(locked) <= now < _closes(locked):
        raise _outside_time(locked)
    book = rolls.book(locked.roll)
    locked.state, locked.opened, locked.opened_with = "open", now, book.hash
    locked.save()
    search.put([of_ballot(locked)])
    closes = _closes(locked).date().isoformat()
    told = {"ballot": locked.code, "roll": locked.roll.code, "closes": closes, "rule": locked.rule["id"]}
    ledger.record("ballot.opened", told, place=locked.place, by=by[0], at=now)


def cancel(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Call a vote off before it opens; once opened it runs to its close."""
    locked = _locked(Ballot(pk=pk), "draft", "noticed")
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
        raise _outside_time(locked)
    return _take(locked, answer, now)


def _same(known: Cast, answer: Answer, locked: Ballot) -> Cast:
    if (known.ballot_id, known.head, known.signer) != (locked.pk, answer.head, answer.signer):
        raise HutongError(
            "token-used",
            Text("这张表单已被使用。", "This form was used already."),
            Text("请重新打开表决页面。", "Open the page of the vote again."),
        )
    return known


def _take(locked: Ballot, answer: Answer, now: dt.datetime) -> Cast:
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
    selectors.empty_box(locked).cast(mark)
    voter, word = f"{answer.head}/{answer.signer}", WORDS[answer.choice]
    entry, openings = ledger.record_sealed(
        "ballot.cast", {"ballot": locked.code, "channel": answer.channel}, {"voter": voter, "choice": word},
        place=locked.place, at=now,
    )  # fmt: skip
    inside = {"choice": word, **{f"salt_{n}": o.salt.hex() for n, o in openings.items()}}
    label = selectors.label(locked.pk, number + 1)
    return Cast.objects.create(
        ballot=locked, number=number + 1, head=answer.head, signer=answer.signer, channel=answer.channel, at=at,
        sealed=seal(selectors.key(locked), inside, label), token=answer.token, sheet=answer.sheet, entry=entry, user=answer.user,
    )  # fmt: skip


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
        ``not-now``; ``no-such-home``; ``sheet-known``; and as :func:`cast` for who may sign and when.
    """
    known = Sheet.objects.filter(token=new.token).first()
    if known is not None:
        return known
    locked = _locked(ballot, "open", "closed")
    now = clock.now()
    at = new.at or now
    if at > now:
        raise _outside_time(locked)
    head, signer = selectors.signer_at(locked, new.dwelling_id, new.signer)
    selectors.empty_box(locked).cast(Marked(head, signer, new.choice, at, "paper", new.reference))
    try:
        with transaction.atomic():
            return Sheet.objects.create(
                ballot=locked, reference=new.reference, head=head, signer=signer, dwelling_id=new.dwelling_id, channel=new.channel,
                at=at, sealed=seal(selectors.key(locked), WORDS[new.choice], f"sheet:{new.token}"), token=new.token, entered=now,
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
    locked_ballot = _locked(sheet.ballot, "open", "closed")
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
    first = open_(selectors.key(locked_ballot), bytes(locked.sealed), f"sheet:{locked.token}")
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
        locked.cast = _take(locked_ballot, answer, clock.now())
        locked.state = "taken"
    else:
        locked.state = "rejected"
    locked.sealed, locked.decided, locked.decided_by = None, clock.now(), by
    locked.save()
    return locked


def issue_letters(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Make a code for each holder; codes issued before are void. Done by two persons."""
    locked = _locked(Ballot(pk=pk), "noticed", "open")
    book, key, issue = rolls.book(locked.roll), selectors.key(locked), locked.letters + 1
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


def seal_official(ballot: Ballot, table: pd.DataFrame) -> dict[str, Any]:
    """Return the ballots of an official system's file as a motion keeps them: sealed, with how many and their hash.

    Raises
    ------
    HutongError
        ``bad-official`` naming each row that does not fit; ``not-official`` where online ballots are not reserved.
    """
    if not ballot.official_online_only:
        raise selectors.not_official()
    rows, faults = [], []
    missing = [c for c in OFFICIAL if c not in table]
    for number, row in enumerate(table.to_dict("records") if not missing else [], start=2):
        cell = {str(k): "" if v is None or v != v else str(v).strip() for k, v in row.items()}
        try:
            rows.append(_official_row(ballot, cell))
        except HutongError as caught:
            faults.append(Row(f"第 {number} 行：{caught.what.zh}", f"row {number}: {caught.what.en}"))
    if missing or faults or not rows:
        raise HutongError(
            "bad-official",
            Text("官方系统的文件不合格，整份未导入。", "The file of the official system does not fit; nothing was entered."),
            Text(
                f"需要这些列：{'、'.join(f'{c}（{t.zh}）' for c, t in OFFICIAL.items())}。请更正所列各处。",
                f"It needs the columns {', '.join(f'{c} ({t.en})' for c, t in OFFICIAL.items())}. Correct what is listed.",
            ),
            [*(Row(f"缺少列 {c}（{OFFICIAL[c].zh}）", f"column {c} is missing ({OFFICIAL[c].en})") for c in missing), *faults],
        )  # fmt: skip
    text = json.dumps(rows, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "rows": len(rows),
        "digest": digest,
        "sealed": seal(selectors.key(ballot), rows, "official").hex(),
    }


def _bad_cell(column: str, wrong: Text) -> HutongError:
    """Return what a cell of an official system's file is refused with."""
    called = OFFICIAL[column]
    return HutongError(
        "bad-official",
        Text(f"{column}（{called.zh}）{wrong.zh}。", f"{column} ({called.en}) {wrong.en}."),
        Text("请更正这一格。", "Correct this cell."),
    )


def _official_row(ballot: Ballot, cell: Mapping[str, str]) -> dict[str, str]:
    choice = CHOICES.get(cell["choice"].lower())
    if choice is None:
        raise _bad_cell(
            "choice",
            Text(
                f"“{cell['choice']}”不是同意、反对或弃权",
                f"{cell['choice']!r} is not for, against or abstain",
            ),
        )
    if not cell["reference"]:
        raise _bad_cell("reference", Text("缺少", "is missing"))
    try:
        at = moment(cell["at"])
    except ValueError as caught:
        raise _bad_cell("at", Text(f"“{cell['at']}”不是时间", f"{cell['at']!r} is not a time")) from caught
    head, signer = selectors.signer_at(ballot, cell["dwelling_id"], cell.get("signer", ""))
    selectors.empty_box(ballot).cast(
        Marked(head, signer, choice, at, "online", cell["reference"], official=True)
    )
    return {
        "head": head,
        "signer": signer,
        "choice": WORDS[choice],
        "at": at.isoformat(),
        "reference": cell["reference"][:60],
    }


def import_official(pk: int, asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Take the ballots of an official system's file, as two persons confirm; a file is taken once.

    Raises
    ------
    HutongError
        ``not-now``; ``token-used`` for a ballot that was taken before.
    """
    locked = _locked(Ballot(pk=pk), "open", "closed")
    now = clock.now()
    for row in open_(selectors.key(locked), bytes.fromhex(asked["sealed"]), "official"):
        token = uuid.uuid5(uuid.NAMESPACE_URL, f"{locked.code}/official/{row['reference']}")
        if Cast.objects.filter(token=token).exists():
            raise HutongError(
                "token-used",
                Text(f"官方系统的票 {row['reference']} 已导入。", f"Ballot {row['reference']} of the official system was taken already."),
                Text("请去掉已导入的行。", "Leave out the rows that were taken."),
            )  # fmt: skip
        at = dt.datetime.fromisoformat(row["at"])
        _take(
            locked,
            Answer(
                row["head"],
                row["signer"],
                NUMBERS[row["choice"]],
                "official",
                token,
                sheet=row["reference"],
                at=at,
            ),
            now,
        )


def close_vote(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Close a vote once its time has run by the database's clock; every ballot taken before stands written."""
    locked = _locked(Ballot(pk=pk), "open")
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


def count_vote(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Count a closed vote, with every paper decided; the count and its list of commitments enter the ledger.

    Raises
    ------
    HutongError
        ``not-now``; ``papers-wait``; ``not-this-roll`` if the roll is not the one it was opened with, corrected.
    """
    locked = _locked(Ballot(pk=pk), "closed")
    still = locked.sheets.filter(state="waiting").count()
    if still:
        raise HutongError(
            "papers-wait",
            Text(f"还有 {still} 张纸质票没有核对。", f"{still} papers wait for a second pair of eyes."),
            Text("请先逐张核对。", "Check each of them first."),
        )
    now = clock.now()
    _result(locked, selectors.count(locked, now), now, by[0])


def _result(locked: Ballot, result: dict[str, Any], now: dt.datetime, by: User) -> None:
    locked.result, locked.state, locked.counted = result, "counted", now
    locked.save()
    search.put([of_ballot(locked)])
    ledger.record("ballot.counted", selectors.counted_entry(locked), place=locked.place, by=by, at=now)


@transaction.atomic
def propose_totals(
    ballot: Ballot, totals: Totals, said: Mapping[str, str], file: Document, by: User
) -> Motion:
    """Propose the totals of the official system as a result, and keep the document they are in.

    ``said`` is what the document is called, its ``reference`` and when it is ``dated``.

    Raises
    ------
    HutongError
        As :func:`count_official` and :func:`hutong.service.consent.motions.services.propose` do; then nothing is kept.
    """
    OfficialDocument.objects.get_or_create(
        ballot=ballot, digest=file.digest,
        defaults={"suffix": file.suffix, "size": len(file.data), "at": clock.now(), "by": by},
    )  # fmt: skip
    document = {name: said[name] for name in ("called", "reference", "dated")} | {"sha256": file.digest}
    asked = {"heads": totals.heads, "area": totals.area_cm2, "document": document}
    made = propose("ballot.totals", ballot.pk, ballot.place, by, asked)
    keep(file)
    return made


def count_official(pk: int, asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Take the totals of the official system as the result of a closed vote; done by two persons.

    The ledger keeps the fingerprint of the document and the result.

    Raises
    ------
    HutongError
        ``not-now``; ``document-not-kept`` if there is only its hash; and as :func:`selectors.count_official` raises.
    """
    locked = _locked(Ballot(pk=pk), "closed")
    now = clock.now()
    document = {name: str(asked["document"][name]) for name in ("called", "reference", "dated", "sha256")}
    result = selectors.count_official(locked, Totals(asked["heads"], asked["area"]), document, now)
    if not locked.official_documents.filter(digest=document["sha256"]).exists():
        raise HutongError(
            "document-not-kept",
            Text("没有存下官方系统的文件，只有它的指纹。", "The document of the official system was not kept, only its fingerprint."),
            Text("请退回，连同文件重新提出。", "Reject it and propose it again with the document."),
        )  # fmt: skip
    filed = {"subject": locked.code, "kind": "official-result", "digest": document["sha256"]}
    ledger.record("document.filed", filed, place=locked.place, by=by[0], at=now)
    _result(locked, result, now, by[0])


@transaction.atomic
def erase_choices(ballot: Ballot) -> None:
    """Make the choices of a counted vote unreadable for good, when the law no longer asks that they be kept."""
    locked = _locked(ballot, "counted")
    locked.key = None
    locked.save(update_fields=["key"])


def _row(ballot: Ballot) -> Ballot:
    rows = Ballot.objects.select_for_update(of=("self",)).select_related("roll", "place")
    return rows.defer("document", "asked_zh", "asked_en", "sources").get(pk=ballot.pk)


def _locked(ballot: Ballot, *states: str) -> Ballot:
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


def _outside_time(ballot: Ballot) -> HutongError:
    return HutongError(
        "outside-time",
        Text("现在不在表决时间内，没有收下。", "It is outside the time of the vote; nothing was taken."),
        Text("表决的起止时间见表决页面，以系统时间为准。", "The page of the vote says when it opens and closes; the system's clock decides."),
    )  # fmt: skip
