"""The only writes to bodies."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from hutong.agree.council import DRAWN, Council, Member
from hutong.agree.sortition import Pool, Quota
from hutong.agree.sortition_draw import draw_ticket, panel_members, publish_lottery
from hutong.agree.sortition_lottery import fair_lottery
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.bodies import selectors
from hutong.service.bodies.models import (
    KINDS,
    WAYS,
    Attendance,
    Body,
    Commitment,
    FollowUp,
    Lottery,
    Matter,
    MatterStep,
    Meeting,
    Seat,
)
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.text import Text

#: Days in which a body settles a matter or passes it on (confidence U: a design choice).
MATTER_DAYS = 15
PRESENT = {"yes": True, "是": True, "1": True, "到": True, "no": False, "否": False, "0": False, "": False}


def make(place: Place, kind: str, title: Text, above: Body | None, token: uuid.UUID) -> Body:
    """Make a body; the same form twice makes one.

    Raises
    ------
    HutongError
        ``bad-body`` if the body above is not at a place that its own lies in.
    """
    if kind not in KINDS or (above is not None and not above.place.covers(place)):
        raise _bad("bad-body", "上级机构须在上级地点。", "The body above lies at a place that this one is in.",
                   "请另选上级机构。", "Choose another body above.")  # fmt: skip
    made, _ = Body.objects.get_or_create(
        token=token,
        defaults={"place": place, "kind": kind, "name_zh": title.zh, "name_en": title.en, "above": above},
    )
    return made


@transaction.atomic
def seat(of: Body, office: str, way: str, evidence: str, user: User | None = None, at: dt.datetime | None = None) -> Seat:  # fmt: skip
    """Add a seat, held from a moment on.

    Raises
    ------
    HutongError
        ``bad-seat`` without a known office or way, or without evidence of how they came to it.
    """
    if office not in roles() or way not in WAYS or not evidence.strip():
        raise _bad("bad-seat", "席位要写明职务、产生方式和依据。", "A seat says the office, how they came to it and the evidence.",
                   "请补充。", "Add what is missing.")  # fmt: skip
    Body.objects.select_for_update().get(pk=of.pk)
    last = of.seats.order_by("-n").values_list("n", flat=True).first() or 0
    return Seat.objects.create(
        body=of, n=last + 1, office=office, way=way, evidence=evidence.strip()[:120], user=user, since=at or timezone.now()
    )  # fmt: skip


def leave(of: Seat) -> None:
    """Close a seat; what was done from it stays."""
    if of.until is None:
        of.until = timezone.now()
        of.save(update_fields=["until"])


def call(of: Body, at: dt.datetime, where: str, agenda: str, token: uuid.UUID) -> Meeting:
    """Call a meeting; the same form twice calls one.

    Raises
    ------
    HutongError
        ``no-agenda``.
    """
    if not agenda.strip():
        raise _bad("no-agenda", "会议没有议题。", "The meeting has no agenda.", "每行写一个议题。", "Write one item a line.")  # fmt: skip
    made, _ = Meeting.objects.get_or_create(
        token=token, defaults={"body": of, "at": at, "where": where.strip(), "agenda": agenda.strip()}
    )
    return made


def attend(of: Meeting, where: Seat) -> None:
    """Record that a member came, told by themselves."""
    _open(of)
    Attendance.objects.get_or_create(meeting=of, seat=where, defaults={"source": "online"})


@transaction.atomic
def merge_paper(of: Meeting, rows: Iterable[Mapping[str, str]], guests: int = 0) -> int:
    """Merge the list on paper, columns ``seat`` and ``present``, with what was told online; return who is new.

    Raises
    ------
    HutongError
        ``bad-attendance`` naming each broken row; nothing is merged.
    """
    _open(of)
    seats = {str(s.n): s for s in selectors.sitting(of.body)}
    broken, came = [], []
    for n, row in enumerate(rows, 2):
        number, present = row.get("seat", ""), PRESENT.get(row.get("present", "").lower())
        if number not in seats:
            broken.append(f"row {n}, seat: {number[:20]!r}")
        elif present is None:
            broken.append(f"row {n}, present: {row.get('present', '')[:20]!r}")
        elif present:
            came.append(seats[number])
    if broken:
        raise HutongError(
            "bad-attendance",
            Text(f"签到表有 {len(broken)} 行读不懂，没有合并。", f"{len(broken)} rows of the list cannot be read; nothing was merged."),
            Text("每行写席位号和 是/否。", "A row has the number of a seat and yes or no."), broken,
        )  # fmt: skip
    new = 0
    for one in came:
        _, made = Attendance.objects.get_or_create(meeting=of, seat=one, defaults={"source": "paper"})
        new += made
    of.guests = guests
    of.save(update_fields=["guests"])
    return new


@transaction.atomic
def commit(of: Meeting, where: Seat, words: str, due: dt.date, token: uuid.UUID) -> Commitment:
    """Record what a seat promises, by a day.

    Raises
    ------
    HutongError
        ``bad-commitment`` without words, for another body's seat, or for a day before the meeting.
    """
    _open(of)
    if not words.strip() or where.body_id != of.body_id or due < timezone.localtime(of.at).date():
        raise _bad("bad-commitment", "承诺要写明谁、做什么、哪天前（不早于会议当天）。", "A commitment says who does what by when, not before the meeting.",
                   "请补充。", "Add what is missing.")  # fmt: skip
    made, _ = Commitment.objects.get_or_create(
        token=token, defaults={"meeting": of, "seat": where, "words": words.strip()[:200], "due": due}
    )
    return made


def _open(of: Meeting) -> None:
    if of.published:
        raise _bad("minutes-published", "纪要已公开，不能再改。", "The minutes are public and stay as they are.",
                   "请在下次会议补充。", "Add it at the next meeting.")  # fmt: skip


@transaction.atomic
def publish(of: Meeting, minutes: str, by: User, at: dt.datetime | None = None) -> Meeting:
    """Publish the minutes; from then on nothing of the meeting changes, and the ledger holds their hash.

    Raises
    ------
    HutongError
        ``no-minutes``, or ``minutes-published``.
    """
    locked = Meeting.objects.select_for_update().get(pk=of.pk)
    _open(locked)
    if len(minutes.strip()) < 10:
        raise _bad("no-minutes", "没有写纪要。", "There are no minutes.", "请写明议了什么、定了什么。", "Say what was discussed and settled.")  # fmt: skip
    locked.minutes, locked.published = minutes.strip(), at or timezone.now()
    entry = ledger.record(
        "document.disclosed",
        {"subject": f"body-{locked.body_id}", "kind": "minutes", "digest": hashlib.sha256(locked.minutes.encode()).hexdigest()},
        place=locked.place, by=by, at=at,
    )  # fmt: skip
    locked.entry = entry.index
    locked.save()
    return locked


@transaction.atomic
def report(of: Commitment, words: str, done: bool, by: User, at: dt.datetime | None = None) -> FollowUp:
    """Report on a commitment; done once, it stays done, and the same report sent again is told once.

    Raises
    ------
    HutongError
        ``bad-report`` without words.
    """
    if not words.strip():
        raise _bad("bad-report", "没有写进展。", "It says nothing of the progress.", "请写做到哪一步。", "Say how far it is.")  # fmt: skip
    Commitment.objects.select_for_update().get(pk=of.pk)
    said, last = words.strip()[:400], of.reports.last()
    if last is not None and (last.words, last.done, last.by_id) == (said, done, by.pk):
        return last
    moment = at or timezone.now()
    made = FollowUp.objects.create(commitment=of, words=said, done=done, at=moment, by=by)
    if done and of.done is None:
        of.done = timezone.localdate(moment)
        of.save(update_fields=["done"])
    return made


@transaction.atomic
def raise_matter(of: Body, words: str, by: User, token: uuid.UUID, at: dt.datetime | None = None) -> Matter:  # fmt: skip
    """Bring a matter before a body.

    Raises
    ------
    HutongError
        ``bad-matter`` without words.
    """
    if not words.strip():
        raise _bad("bad-matter", "没有写是什么事。", "It does not say what it is about.", "请用一句话写明。", "Say it in one sentence.")  # fmt: skip
    moment = at or timezone.now()
    due = timezone.localdate(moment) + dt.timedelta(days=MATTER_DAYS)
    made, new = Matter.objects.get_or_create(
        token=token, defaults={"body": of, "words": words.strip()[:200], "due": due}
    )
    if new:
        MatterStep.objects.create(matter=made, n=1, event="raised", body=of, words="", at=moment, by=by)  # fmt: skip
    return made


@transaction.atomic
def pass_on(
    of: Matter, event: str, to: Body | None, words: str, by: User, at: dt.datetime | None = None
) -> Matter:  # fmt: skip
    """Pass a matter one level up or down with a new clock, or settle it.

    Raises
    ------
    HutongError
        ``bad-step`` if it is settled, or ``to`` is not the body above or one directly below; ``no-words``.
    """
    locked = Matter.objects.select_for_update().get(pk=of.pk)
    held = locked.body
    right = {
        "up": to is not None and held.above_id == to.pk,
        "down": to is not None and to.above_id == held.pk,
        "settled": to is None,
    }.get(event, False)
    if locked.settled or not right:
        raise _bad("bad-step", "这一步不能走：只能交给直接的上级或下级，或者议定。", "It can only go to the body directly above or below, or be settled.",
                   "请核对层级。", "Check the levels.")  # fmt: skip
    if not words.strip():
        raise _bad("no-words", "没有写明理由或结果。", "It does not say why, or what came of it.", "请写一句。", "Write a sentence.")  # fmt: skip
    moment = at or timezone.now()
    today = timezone.localdate(moment)
    MatterStep.objects.create(
        matter=locked, n=locked.steps.count() + 1, event=event, body=to or held, words=words.strip()[:400],
        at=moment, late=today > locked.due, by=by,
    )  # fmt: skip
    if to is None:
        locked.settled = True
    else:
        locked.body, locked.due = to, today + dt.timedelta(days=MATTER_DAYS)
    locked.save()
    return locked


# draws


def council_of(
    of: Body, size: int, quotas: Sequence[Quota], left: Mapping[str, str] | None = None
) -> Council:
    """Return a council as earlier draws made it, less those who have dropped out with their reasons."""
    members: list[Member] = []
    for earlier in of.lotteries.filter(drawn__isnull=False, pool__isnull=False):
        members = [Member(m.id, m.way, m.evidence, earlier.left.get(m.id, m.left)) for m in members]
        pool = _pool(earlier.pool)
        ids = panel_members(pool, earlier.salt, earlier.panel)
        members += [Member(i, DRAWN, earlier.hash) for i in ids]
    council = Council(size, tuple(quotas), tuple(members))
    return council.leave(left) if left else council


def _pool(kept: Mapping[str, Any]) -> Pool:
    table = pd.DataFrame(kept["rows"], columns=["id", *kept["categories"]], dtype=object)
    return Pool.from_table(table)


@transaction.atomic
def publish_draw(
    of: Body,
    size: int,
    rows: Sequence[Mapping[str, str]],
    quotas: Sequence[Quota],
    seed_rule: str,
    token: uuid.UUID,
    left: Mapping[str, str] | None = None,
    at: dt.datetime | None = None,
) -> Lottery:
    """Make the fairest lottery for the vacant seats and publish it before its seed exists.

    Parameters
    ----------
    rows
        The pool: ``id`` and one column per category.
    seed_rule
        Which public figures, of a day yet to come, will be the seed.
    left
        Members of earlier draws who have dropped out, with the reason: a replacement draw under the same quotas.

    Raises
    ------
    HutongError
        ``no-seed-rule``; for the pool, quotas and vacancies as :mod:`hutong.agree.sortition` and ``Council.to_draw``.
    """
    known = Lottery.objects.filter(token=token).first()
    if known is not None:
        return known
    if not seed_rule.strip():
        raise _bad("no-seed-rule", "没有写明用哪天的什么公开数字作种子。", "It does not say which public figures of which day will be the seed.",
                   "请写明，例如某日的福利彩票开奖号码。", "Name them, such as the lottery numbers of a day to come.")  # fmt: skip
    table = pd.DataFrame(list(rows), dtype=object)
    pool = Pool.from_table(table)
    selection = council_of(of, size, quotas, left).to_draw(pool)
    salt = secrets.token_hex(24)
    made = publish_lottery(fair_lottery(selection), salt)
    kept = {"categories": list(selection.pool.categories), "rows": [[i, *map(str, v)] for i, v in zip(selection.pool.ids, selection.pool.values, strict=True)]}  # fmt: skip
    return Lottery.objects.create(
        body=of, token=token, size=size, text=made.text(), hash=made.hash, seed_rule=seed_rule.strip()[:200],
        pool=kept, salt=salt, left=dict(left or {}), published=at or timezone.now(),
    )  # fmt: skip


@transaction.atomic
def draw(of: Lottery, seed: str, by: User, at: dt.datetime | None = None) -> Lottery:
    """Draw with the public seed; once, and in the ledger.

    Raises
    ------
    HutongError
        ``no-seed``; ``already-drawn``.
    """
    locked = Lottery.objects.select_for_update().get(pk=of.pk)
    if locked.drawn:
        if seed.strip() == locked.seed:
            return locked
        raise _bad("already-drawn", "已经抽过，不能重抽。", "It was drawn and is not drawn again.", "请核对结果。", "Check the result.")  # fmt: skip
    drawn = draw_ticket(selectors.published(locked), seed.strip())
    locked.seed, locked.ticket, locked.panel, locked.drawn = drawn.seed, drawn.ticket, list(drawn.panel), at or timezone.now()  # fmt: skip
    entry = ledger.record(
        "draw.held",
        {"council": f"body-{locked.body_id}", "lottery": locked.hash, "seed": hashlib.sha256(drawn.seed.encode()).hexdigest()},
        place=locked.place, by=by, at=at,
    )  # fmt: skip
    locked.entry = entry.index
    locked.save()
    for number in drawn.panel:
        seat(locked.body, "council_member", "drawn", f"{locked.hash[:16]} № {number}", at=at)
    return locked


def erase_pool(of: Lottery) -> None:
    """Forget the pool and its salt when the term ends; what was published stays and can be checked."""
    of.pool, of.salt = None, ""
    of.save(update_fields=["pool", "salt"])


def _bad(code: str, zh: str, en: str, hint_zh: str, hint_en: str) -> HutongError:
    return HutongError(code, Text(zh, en), Text(hint_zh, hint_en))
