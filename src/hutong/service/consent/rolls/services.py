"""The only writes to rolls, and to who sits on them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from hutong.agree.roll_book import HELD_BACK, Entry, HeldBack, Mandate, RollBook, head_of
from hutong.agree.roll_file import roll_text
from hutong.agree.roll_table import RollRow, roll_from_table
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.models import Link, Objection, Roll, RollVersion, Seat
from hutong.service.consent.rolls import selectors
from hutong.service.consent.seal import token_of
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.text import Text

#: Days for which a roll is shown at the least before it is frozen (confidence U: our design choice).
LEAST_OBJECTION_DAYS = 7
#: Why a roll is corrected, as the ledger says it; the words stay with the roll.
REASONS = {
    "objection": Text("异议成立", "an objection was upheld"),
    "transfer": Text("产权或承租人变更", "the home changed hands"),
    "succession": Text("继承或承租关系变更", "succession in title or lease"),
    "title_cleared": Text("权属已核清", "the title was cleared"),
    "error": Text("录入错误", "a slip in the entry"),
    "mandate": Text("书面委托", "a written mandate"),
}
#: The role that an account needs at the building to sit on a roll.
ROLE_OF_ACT = {"owners": "resident_owner", "lessees": "resident_tenant"}
LONGEST = 2000


@dataclass(frozen=True)
class NewRoll:
    """A roll to be: for which place and act, what it is called, and its table."""

    place: Place
    act: str
    title: Text
    table: pd.DataFrame


@transaction.atomic
def make_roll(new: NewRoll, by: User | None) -> Roll:
    """Import a roll as a draft; nothing is kept of a table with a row that does not fit.

    Raises
    ------
    HutongError
        ``bad-roll-table``, naming the rows.
    """
    now = clock.now()
    book, rows = _read(new, now)
    roll = Roll.objects.create(
        place=new.place, act=new.act, name_zh=new.title.zh, name_en=new.title.en, made=now, made_by=by
    )
    _add_version(roll, book, now)
    _seat(roll, rows)
    return roll


@transaction.atomic
def replace_roll(roll: Roll, table: pd.DataFrame) -> Roll:
    """Import another table for a roll that is still a draft; it raises as :func:`make_roll`, and ``not-now``."""
    locked = _locked(roll, "draft")
    now = clock.now()
    book, rows = _read(NewRoll(locked.place, locked.act, locked.title, table), now)
    _add_version(locked, book, now)
    _seat(locked, rows)
    return locked


def _read(new: NewRoll, now: dt.datetime) -> tuple[RollBook, tuple[RollRow, ...]]:
    codes = within(new.place, "building").values_list("code", flat=True)
    return roll_from_table(new.table, new.act, new.place.path, now.date().isoformat(), codes, token_of)


@transaction.atomic
def publish(roll: Roll, days: int, by: User) -> Roll:
    """Show a roll for ``days`` days, in which people may object.

    Raises
    ------
    HutongError
        ``not-now``; ``too-short`` for fewer days than :data:`LEAST_OBJECTION_DAYS`; ``empty-roll``.
    """
    locked = _locked(roll, "draft")
    if not LEAST_OBJECTION_DAYS <= days <= 365:
        raise HutongError(
            "too-short",
            Text(f"公示期须为 {LEAST_OBJECTION_DAYS} 至 365 天。", f"A roll is shown for {LEAST_OBJECTION_DAYS} to 365 days."),
            Text("请改天数。", "Choose another number of days."),
        )  # fmt: skip
    book = selectors.book(locked)
    if not len(book.roll):
        raise HutongError(
            "empty-roll",
            Text("名册上没有人。", "Nobody stands on the roll."),
            Text("请先导入至少一户权属清楚的住房。", "Import at least one home with a clear title."),
        )
    now = clock.now()
    locked.state, locked.published = "published", now
    locked.objections_until = now + dt.timedelta(days=days)
    locked.save()
    ledger.record(
        "roll.opened", {**_figures(locked, book), "matter": locked.act}, place=locked.place, by=by, at=now
    )
    return locked


def freeze(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Freeze a roll once the time for objections has run and each is answered; it is done by two persons.

    Raises
    ------
    HutongError
        ``not-now``; ``objections-run`` or ``objections-open``.
    """
    locked = _locked(Roll(pk=pk), "published")
    now = clock.now()
    if locked.objections_until is None or now < locked.objections_until:
        ends = (
            f"{timezone.localtime(locked.objections_until):%Y-%m-%d %H:%M}" if locked.objections_until else ""
        )
        raise HutongError(
            "objections-run",
            Text("公示期未满。", "The time for objections still runs."),
            Text(f"{ends} 后再冻结。", f"Freeze it after {ends}."),
        )
    still = locked.objections.filter(upheld=None).count()
    if still:
        raise HutongError(
            "objections-open",
            Text(f"还有 {still} 件异议没有答复。", f"{still} objections are not answered."),
            Text("请逐件答复，成立的先更正名册。", "Answer each, and correct the roll where one is upheld."),
        )
    locked.state, locked.frozen = "frozen", now
    locked.save()
    ledger.record(
        "roll.frozen", _figures(locked, selectors.book(locked)), place=locked.place, by=by[0], at=now
    )


def _figures(roll: Roll, book: RollBook) -> dict[str, object]:
    return {"roll": roll.code, "heads": len(book.roll), "area": book.roll.total_cm2, "digest": book.hash}


def correct(pk: int, asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Correct one home of a roll that is shown or frozen, as two persons ask.

    Parameters
    ----------
    asked
        ``action`` (enter, hold, strike, entrust), ``dwelling_id``, ``why`` (words), ``reason`` (:data:`REASONS`); to enter
        ``building``, ``holders`` (references; none keeps who stands there), ``area_m2``, ``tenure``; to hold back ``held``
        (a code); to entrust ``holder``, ``agent`` (references), ``document``, ``since``, ``until``.

    Raises
    ------
    HutongError
        ``not-now``; ``bad-correction`` saying what does not fit.
    """
    locked = _locked(Roll(pk=pk), "published", "frozen")
    if asked.get("reason") not in REASONS:
        raise _bad("没有选理由", "no reason was chosen")
    before, now = selectors.book(locked), clock.now()
    names = f"{by[0].username}, {by[1].username}"
    if asked["action"] == "entrust":
        book = before.entrust(_mandate(locked, asked), by=names, at=now)
    else:
        after = _line(before, locked, asked)
        book = before.correct(asked["dwelling_id"], after, reason=asked["why"], by=names, at=now)
    _add_version(locked, book, now)
    _reseat(locked, book, asked)
    row = json.dumps(_plain(book.changes[-1]), ensure_ascii=False, sort_keys=True)
    ledger.record(
        "roll.corrected", {**_figures(locked, book), "reason": asked["reason"]}, {"row": row},
        place=locked.place, by=by[0], at=now,
    )  # fmt: skip


def _plain(change: Any) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(change), default=str))  # type: ignore[no-any-return]


def _line(book: RollBook, roll: Roll, asked: Mapping[str, Any]) -> Entry | HeldBack | None:
    home, action = asked["dwelling_id"], asked["action"]
    stands = next((e for e in book.entries if e.dwelling_id == home), None)
    area = int(Decimal(asked["area_m2"]) * 10_000) if asked.get("area_m2") else None
    if action == "strike":
        return None
    if action == "hold":
        if asked.get("held") not in HELD_BACK:
            raise _bad("没有选暂不列入的原因", "no reason for holding it back was chosen")
        return HeldBack(home, asked["held"], area or (stands.area_cm2 if stands else None))
    if action != "enter":
        raise _bad("没有这种更正", "there is no such correction")
    holders = tuple(token_of(h) for h in asked.get("holders", ()))
    if stands is not None and not holders:
        return replace(
            stands, area_cm2=area or stands.area_cm2, category=asked.get("tenure") or stands.category
        )
    if not holders or area is None:
        raise _bad("新列入的住房须写权利人和面积", "a home that is entered needs holders and an area")
    if not within(roll.place, "building").filter(code=asked.get("building", "")).exists():
        raise _bad("没有这栋楼", "there is no such building here")
    kind = "lease" if roll.act == "lessees" else "deed"
    return Entry(home, head_of(holders), holders, area, asked.get("tenure", ""), kind)


def _mandate(roll: Roll, asked: Mapping[str, Any]) -> Mandate:
    holder = token_of(asked["holder"])
    if not roll.seats.filter(holder=holder).exists():
        raise _bad("委托人不在名册上", "who gives the mandate is not on the roll")
    since, until = (dt.datetime.fromisoformat(asked[n]) for n in ("since", "until"))
    return Mandate(holder, token_of(asked["agent"]), asked["document"], since, until)


def _bad(zh: str, en: str) -> HutongError:
    return HutongError(
        "bad-correction",
        Text(f"名册未更正：{zh}。", f"The roll was not corrected: {en}."),
        Text("请补全后重试。", "Complete it and try again."),
    )


def _add_version(roll: Roll, book: RollBook, now: dt.datetime) -> None:
    last = roll.versions.order_by("-number").values_list("number", flat=True).first()
    RollVersion.objects.create(
        roll=roll, number=(last or 0) + 1, text=roll_text(book), hash=book.hash, at=now
    )


def _seat(roll: Roll, rows: Sequence[RollRow]) -> None:
    heads = {e.dwelling_id: e.head for e in selectors.book(roll).entries}
    places = {p.code: p for p in within(roll.place, "building")}
    roll.seats.all().delete()
    Seat.objects.bulk_create(
        (
            Seat(
                roll=roll, building=places[r.building], dwelling_id=r.dwelling_id, head=heads[r.dwelling_id],
                holder=r.holder, share=str(r.share),
            )
            for r in rows
            if r.dwelling_id in heads
        ),
        batch_size=2000,
    )  # fmt: skip


def _reseat(roll: Roll, book: RollBook, asked: Mapping[str, Any]) -> None:
    """Draw the seats of one home anew."""
    home = asked.get("dwelling_id", "")
    entry = next((e for e in book.entries if e.dwelling_id == home), None)
    if asked["action"] == "entrust" or (entry is not None and not asked.get("holders")):
        return
    roll.seats.filter(dwelling_id=home).delete()
    if entry is not None:
        place = within(roll.place, "building").get(code=asked["building"])
        Seat.objects.bulk_create(
            Seat(
                roll=roll,
                building=place,
                dwelling_id=home,
                head=entry.head,
                holder=h,
                share=f"1/{len(entry.holders)}",
            )
            for h in entry.holders
        )


@transaction.atomic
def link(user: User, building: Place, dwelling_id: str, holder: str = "") -> Link:
    """Link a verified account to a home, for every roll that holds it: whoever verifies residents calls this.

    Parameters
    ----------
    building, dwelling_id
        The home. The account must hold a verified role of a resident at ``building``.
    holder
        Which of several holders the account is (a token, :attr:`Seat.holder`); empty where one person holds the home.

    Raises
    ------
    HutongError
        ``not-verified`` without such a role.
    """
    roles = {role for role, path in user.held if path == building.path}
    if not roles & set(ROLE_OF_ACT.values()):
        raise HutongError(
            "not-verified",
            Text("该账户尚未核实住在这栋楼。", "The account is not verified as living in this building."),
            Text("请先核实住户身份，再关联住房。", "Verify the resident first, then link the home."),
        )
    found, _ = Link.objects.get_or_create(
        user=user, building=building, dwelling_id=dwelling_id, until=None, defaults={"holder": holder, "since": clock.now()}
    )  # fmt: skip
    if holder and found.holder != holder:
        found.holder = holder
        found.save(update_fields=["holder"])
    return found


def unlink_home(user: User, building: Place, dwelling_id: str) -> None:
    """End what links an account to a home, as when its residence ends; what was cast stays cast."""
    open_ = Link.objects.filter(user=user, building=building, dwelling_id=dwelling_id, until=None)
    open_.update(until=clock.now())


@transaction.atomic
def object_to(
    roll: Roll,
    dwelling_id: str,
    words: str,
    token: uuid.UUID,
    *,
    owner: User | None,
    entered_by: User | None = None,
) -> Objection:
    """Object to a roll while it is shown; sending the same form again changes nothing.

    Raises
    ------
    HutongError
        ``not-now`` outside the time; ``bad-objection`` if the words are too few or many.
    """
    known = Objection.objects.filter(token=token).first()
    if known is not None:
        return known
    locked, now = _locked(roll, "published"), clock.now()
    if locked.objections_until is not None and now >= locked.objections_until:
        raise _not_now(locked)
    if not 4 <= len(words.strip()) <= LONGEST:
        raise HutongError(
            "bad-objection",
            Text(
                f"请用 4 到 {LONGEST} 个字说明哪里不对。", f"Say what is wrong in 4 to {LONGEST} characters."
            ),
            Text(
                "写明哪一户、错在哪里、凭什么材料。", "Write which home, what is wrong, and by which papers."
            ),
        )
    return Objection.objects.create(
        roll=locked, dwelling_id=dwelling_id[:60], words=words.strip(), token=token, owner=owner, entered_by=entered_by, at=now
    )  # fmt: skip


@transaction.atomic
def answer(objection: Objection, upheld: bool, words: str, by: User) -> Objection:
    """Answer an objection, once; where it is upheld the correction follows by two persons.

    Raises
    ------
    HutongError
        ``answered`` if it was; ``bad-answer`` without words.
    """
    locked = Objection.objects.select_for_update().get(pk=objection.pk)
    if locked.upheld is not None:
        raise HutongError(
            "answered",
            Text("这件异议已经答复。", "This objection was answered already."),
            Text("请刷新页面。", "Load the page again."),
        )
    if not 4 <= len(words.strip()) <= LONGEST:
        raise HutongError(
            "bad-answer",
            Text("请写明答复。", "Write the answer."),
            Text("说明依据和处理结果。", "Say on what it rests and what follows."),
        )
    locked.upheld, locked.answer, locked.answered, locked.answered_by = upheld, words.strip(), clock.now(), by
    locked.save()
    return locked


def _locked(roll: Roll, *states: str) -> Roll:
    locked = Roll.objects.select_for_update(of=("self",)).select_related("place").get(pk=roll.pk)
    if locked.state not in states:
        raise _not_now(locked)
    return locked


def _not_now(roll: Roll) -> HutongError:
    return HutongError(
        "not-now",
        Text(f"名册现在是“{roll.standing.zh}”，不能这样做。", f"The roll is “{roll.standing.en}” now; this cannot be done."),
        Text("请刷新页面，看现在可以做什么。", "Load the page again and see what can be done now."),
    )  # fmt: skip
