"""The only writes to spaces, belonging and memories."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from hutong.agree.statements import hide_reasons
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.neighbourhood import selectors
from hutong.service.neighbourhood.models import Answered, Hand, Memory, Post, Space, Tally
from hutong.service.neighbourhood.words import AGES, ITEMS, KINDS, SCORES
from hutong.service.places.models import Place
from hutong.service.requests.photos import Picture
from hutong.service.requests.services import keep
from hutong.text import Text


def open_space(place: Place, stair: str) -> Space:
    """Return the space of a building or of one of its staircases, made if there was none."""
    made, _ = Space.objects.get_or_create(place=place, stair=stair)
    return made


def write(to: Space, owner: User, kind: str, words: str, day: dt.date | None, token: uuid.UUID) -> Post:
    """Write to the neighbours; the same form twice writes once.

    Raises
    ------
    HutongError
        ``bad-post`` without words, or an event without its day.
    """
    said = words.strip()
    if kind not in KINDS or not 2 <= len(said) <= 300 or (kind == "event" and day is None):
        raise _bad("bad-post", "请写清楚是什么事；活动要写哪天。", "Say what it is; an event needs its day.", "请补充。", "Add what is missing.")  # fmt: skip
    made, _ = Post.objects.get_or_create(
        token=token,
        defaults={"space": to, "owner": owner, "kind": kind, "words": said, "day": day if kind == "event" else None},
    )  # fmt: skip
    return made


def lend_hand(to: Post, user: User) -> None:
    """Say that one helps.

    Raises
    ------
    HutongError
        ``no-hand`` if nobody asked for one any more.
    """
    if to.kind != "help" or to.done or to.hidden:
        raise _bad("no-hand", "这件事已经有着落了。", "This is settled already.", "谢谢您！", "Thank you all the same.")  # fmt: skip
    Hand.objects.get_or_create(post=to, user=user)


def come(to: Post, user: User, comes: bool) -> None:
    """Say that one comes to an event, or no longer does; either said twice is said once.

    Raises
    ------
    HutongError
        ``no-event`` if it is over, hidden, or none.
    """
    if to.kind != "event" or to.hidden or to.day is None or to.day < timezone.localdate():
        raise _bad("no-event", "这个活动已经过了。", "This event is over.", "看看有没有别的活动。", "See whether there is another.")  # fmt: skip
    if comes:
        Hand.objects.get_or_create(post=to, user=user)
    else:
        Hand.objects.filter(post=to, user=user).delete()


def settle(of: Post) -> None:
    """Say that the hand was given, or that it is over."""
    of.done = True
    of.save(update_fields=["done"])


def hide(of: Post | Memory, reason: str) -> None:
    """Hide a post or a memory with a reason; its words are kept.

    Raises
    ------
    HutongError
        ``no-reason`` if it is none of the reasons.
    """
    if reason not in hide_reasons():
        raise _bad("no-reason", "隐藏须写明理由。", "It is hidden only for a stated reason.", "请从列表中选。", "Choose one of the list.")  # fmt: skip
    of.hidden = reason
    of.save(update_fields=["hidden"])


@transaction.atomic
def answer(quarter: Place, user: User, year: int, age: str, answers: Mapping[str, int]) -> None:
    """Count an answer to the survey of belonging: that the person answered is kept, what only in the tally.

    Raises
    ------
    HutongError
        ``answered`` if they did so this year; ``bad-sheet`` if an item is not from 1 to 5.
    """
    if age not in AGES or set(answers) != set(ITEMS) or not all(v in SCORES for v in answers.values()):
        raise _bad("bad-sheet", "有题没有答。", "An item was not answered.", "请每题选一个。", "Choose one for each.")  # fmt: skip
    _, new = Answered.objects.get_or_create(quarter=quarter, year=year, user=user)
    if not new:
        raise _bad("answered", "您今年已经答过了。", "You have answered this year.", "谢谢您，明年再请您答。", "Thank you; it is asked again next year.")  # fmt: skip
    Tally.objects.get_or_create(quarter=quarter, year=year)
    tally = Tally.objects.select_for_update().get(quarter=quarter, year=year)
    cell = tally.counts.setdefault(age, {}).setdefault(selectors.tenure_of(user), {})
    for item, score in answers.items():
        cell.setdefault(item, [0] * len(SCORES))[score - 1] += 1
    tally.save(update_fields=["counts"])


def remember(
    at: Place,
    owner: User,
    words: str,
    picture: Picture | None,
    token: uuid.UUID,
    spot: tuple[float, float] | None = None,
) -> Memory:
    """Keep a memory of a place; it is shown once it was read. The same form twice keeps one.

    Parameters
    ----------
    spot
        Longitude and latitude (WGS 84 degrees) in the quarter ``at``, where it is told of a spot and not of a place that has a name;
        kept to :data:`selectors.SPOT_DECIMALS`, at the building beside it.

    Raises
    ------
    HutongError
        ``bad-memory`` if it is too short or long; ``bad-spot`` if the spot does not lie in the quarter.
    """
    said = words.strip()
    if not 4 <= len(said) <= 500:
        raise _bad("bad-memory", "请用 4 到 500 字讲。", "Tell it in 4 to 500 characters.", "请补充或精简。", "Add to it or shorten it.")  # fmt: skip
    lon = lat = None
    if spot is not None:
        lon, lat = (round(v, selectors.SPOT_DECIMALS) for v in spot)
        at = selectors.beside(at, lon, lat)
    if picture is not None:
        keep(picture)
    made, _ = Memory.objects.get_or_create(
        token=token,
        defaults={
            "at_place": at, "lon": lon, "lat": lat, "owner": owner, "words": said, "photo": picture.name if picture else "",
            "width": picture.width if picture else 0, "height": picture.height if picture else 0, "at": timezone.now(),
        },
    )  # fmt: skip
    return made


def show(of: Memory) -> None:
    """Show a memory to everyone."""
    of.shown, of.hidden = True, ""
    of.save(update_fields=["shown", "hidden"])


def _bad(code: str, zh: str, en: str, hint_zh: str, hint_en: str) -> HutongError:
    return HutongError(code, Text(zh, en), Text(hint_zh, hint_en))
