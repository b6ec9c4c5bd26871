"""The only writes to lists of rooms, fees and interest."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.rooms import FeeLine, rooms_form
from hutong.act.rooms import Room as Told
from hutong.act.rooms.room import cells_of
from hutong.errors import HutongError
from hutong.rules import official_calendar
from hutong.rules.uses import use_book
from hutong.sense.sheets import csv_bytes
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.lettings.findable import of_rooms
from hutong.service.lettings.models import (
    DRAFT,
    OPEN,
    OUTCOMES,
    PUBLISHED,
    TAKEN_BACK,
    WITHDRAWN,
    Fee,
    Interest,
    Letting,
    Room,
)
from hutong.service.places.models import Place
from hutong.service.search import services as search
from hutong.text import Text

#: Working days within which an interest is answered (confidence U: no rule was found).
ANSWER_DAYS = 10
SHORTEST, LONGEST = 4, 1000


@transaction.atomic
def enter(place: Place, rooms: Sequence[Told], buildings: Mapping[str, Place], by: User) -> Letting:
    """Enter a list of rooms as a draft; nobody but the offices reads it yet."""
    made = Letting.objects.create(place=place, digest=digest(rooms), made_by=by)
    Room.objects.bulk_create(
        Room(letting=made, building=buildings[r.building_id], room_id=r.room_id, area_m2=r.area_m2, kind=r.kind, facts=r.plain())
        for r in rooms
    )  # fmt: skip
    return made


def digest(rooms: Sequence[Told]) -> str:
    """Return the SHA-256 of a list of rooms as its form writes it."""
    return hashlib.sha256(csv_bytes(rooms_form(map(cells_of, rooms)))).hexdigest()


@transaction.atomic
def publish(of: Letting, by: User) -> Letting:
    """Publish a draft in the place of the list before; the ledger keeps its hash. Interest in rooms that stay goes with them.

    Raises
    ------
    HutongError
        ``not-draft`` if it was published or withdrawn.
    """
    locked = _locked(of, DRAFT)
    for old in Letting.objects.select_for_update().filter(place=locked.place, state=PUBLISHED):
        at = dict(locked.rooms.values_list("room_id", "pk"))
        for interest in Interest.objects.filter(room__letting=old, state=OPEN).select_related("room"):
            if interest.room.room_id in at:
                interest.room_id = at[interest.room.room_id]
                interest.save(update_fields=["room"])
        _take_away(old)
    locked.state, locked.published, locked.published_by = PUBLISHED, timezone.now(), by
    locked.save(update_fields=["state", "published", "published_by"])
    search.put(of_rooms(locked.rooms.select_related("building")))
    ledger.record(
        "document.disclosed",
        {"subject": locked.code, "kind": "rooms_to_let", "digest": locked.digest},
        place=locked.place,
        by=by,
    )
    return locked


@transaction.atomic
def withdraw(of: Letting) -> Letting:
    """Take a list away, published or draft."""
    locked = _locked(of, DRAFT, PUBLISHED)
    _take_away(locked)
    return locked


def _take_away(of: Letting) -> None:
    of.state = WITHDRAWN
    of.save(update_fields=["state"])
    search.remove("room", map(str, of.rooms.values_list("pk", flat=True)))


def _locked(of: Letting, *states: str) -> Letting:
    locked = Letting.objects.select_for_update(of=("self",)).select_related("place").get(pk=of.pk)
    if locked.state not in states:
        raise HutongError(
            "not-draft",
            Text(f"这份清单{locked.standing.zh}。", f"This list is {locked.standing.en}."),
            Text("请刷新页面。", "Load the page again."),
        )
    return locked


@transaction.atomic
def store_fees(lines: Sequence[FeeLine], buildings: Mapping[str, Place]) -> int:
    """Store fees in the place of those of the same building and year; return how many."""
    for x in lines:
        Fee.objects.update_or_create(
            building=buildings[x.building_id], year=x.year,
            defaults={"households": x.households, "due_yuan": x.due_yuan, "paid_yuan": x.paid_yuan, "source": x.source},
        )  # fmt: skip
    return len(lines)


def ask(of: Room, use: str, words: str, by: User, token: uuid.UUID) -> Interest:
    """Express interest in a room; it is answered within :data:`ANSWER_DAYS`. The same form twice asks once.

    Raises
    ------
    HutongError
        ``bad-interest`` for words that are too short or long or an unknown use; ``asked`` if an own interest waits already.
    """
    said = words.strip()
    if use not in use_book().uses or not SHORTEST <= len(said) <= LONGEST:
        raise HutongError(
            "bad-interest",
            Text(f"请选用途，并用 {SHORTEST} 到 {LONGEST} 个字说明。", f"Choose a use, and say in {SHORTEST} to {LONGEST} characters what you plan."),
            Text("写明做什么、什么时候开始。", "Say what you would run and from when."),
        )  # fmt: skip
    known = Interest.objects.filter(token=token, owner=by).first()
    if known is not None:
        return known
    now, calendar = timezone.now(), official_calendar()
    first = timezone.localdate(now)
    due = calendar.add(first, ANSWER_DAYS)
    try:
        with transaction.atomic():
            return Interest.objects.create(
                room=of, owner=by, token=token, use=use, words=said, asked=now, due=due, days_assumed=calendar.assumed(first, due)
            )  # fmt: skip
    except IntegrityError:
        twice = Interest.objects.filter(token=token, owner=by).first()
        if twice is not None:
            return twice
        raise HutongError(
            "asked",
            Text("您对这处房屋的意向还在等答复。", "Your interest in this room waits for its answer."),
            Text("收到答复后可以再提。", "Once it is answered you may ask again."),
        ) from None


@transaction.atomic
def answer(to: Interest, outcome: str, words: str, by: User) -> Interest:
    """Answer an interest with an outcome and words.

    Raises
    ------
    HutongError
        ``bad-answer``; ``answered`` if it does not wait any more.
    """
    locked = _waiting(to)
    said = words.strip()
    if outcome not in OUTCOMES or not SHORTEST <= len(said) <= LONGEST:
        raise HutongError(
            "bad-answer",
            Text("请选结果并说明。", "Choose an outcome and say why."),
            Text(f"用 {SHORTEST} 到 {LONGEST} 个字。", f"In {SHORTEST} to {LONGEST} characters."),
        )
    locked.state, locked.answer, locked.answered, locked.answered_by = outcome, said, timezone.now(), by
    locked.save(update_fields=["state", "answer", "answered", "answered_by"])
    return locked


@transaction.atomic
def take_back(of: Interest) -> Interest:
    """Take an interest back while it waits."""
    locked = _waiting(of)
    locked.state = TAKEN_BACK
    locked.save(update_fields=["state"])
    return locked


def _waiting(of: Interest) -> Interest:
    locked = Interest.objects.select_for_update().get(pk=of.pk)
    if locked.state != OPEN:
        raise HutongError(
            "answered",
            Text("这条意向已经办完。", "This interest is settled already."),
            Text("请刷新页面。", "Load the page again."),
        )
    return locked
