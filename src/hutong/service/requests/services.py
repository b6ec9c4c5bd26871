"""The only writes to requests."""

from __future__ import annotations

import hmac
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.cases import CaseEvent, open_case
from hutong.act.cases.machine import machine
from hutong.errors import HutongError
from hutong.files import write_bytes
from hutong.sense.requests.classify import by_keywords
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.requests import selectors
from hutong.service.requests.findable import of_request, of_units
from hutong.service.requests.models import CHANNELS, Follow, Outlook, Photo, Request, Step
from hutong.service.requests.photos import Picture
from hutong.service.requests.units.services import join as join
from hutong.service.requests.units.services import leave as leave
from hutong.service.requests.units.services import make_unit as make_unit
from hutong.service.search import services as search
from hutong.text import Text

SHORTEST, LONGEST = 4, 2000
MOST_PHOTOS = 5
#: Letters and digits that are not mistaken for one another; ten of them are 48 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10
#: A picture without a request is kept this long: its filing may still be under way.
SWEPT_AFTER_S = 3600
#: An outlook is reckoned anew after this, even if no request changed: its weeks move on.
LOOK_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class NewRequest:
    """What somebody reports."""

    place: Place
    words: str
    nature: str = "help"
    channel: str = "web"
    contact: str = ""
    owner: User | None = None
    lon: float | None = None
    lat: float | None = None
    outside_number: str = ""
    photos: Sequence[Picture] = ()
    token: uuid.UUID = field(default_factory=uuid.uuid4)
    filed: datetime | None = None


@dataclass(frozen=True)
class Filed:
    """A request that was filed, and the code by which its reporter follows it (empty if somebody else filed it)."""

    request: Request
    code: str


def file(new: NewRequest) -> Filed:
    """File a request; sending the same form again (the answer was lost) returns what was filed before.

    Raises
    ------
    HutongError
        ``bad-request`` if the words are too short or long, or there are too many photos; ``form-sent`` if the form was
        sent before with something else in it.
    """
    words = new.words.strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise _error(
            Text(
                f"请用 {SHORTEST} 到 {LONGEST} 个字说明问题。",
                f"Say what is wrong in {SHORTEST} to {LONGEST} characters.",
            ),
            Text("写明在哪里、什么问题。", "Write where it is and what it is."),
        )
    if len(new.photos) > MOST_PHOTOS or new.channel not in CHANNELS:
        raise _error(
            Text(f"最多 {MOST_PHOTOS} 张照片。", f"There may be up to {MOST_PHOTOS} photos."),
            Text("请去掉几张。", "Leave some out."),
        )
    known = _filed_before(new, words)
    if known is not None:
        return known
    for picture in new.photos:
        keep(picture)
    code = code_of(new.token)
    try:
        with transaction.atomic():
            return Filed(_insert(new, words, code), code)
    except IntegrityError:
        known = _filed_before(new, words)
        if known is None:
            raise
        return known


def _filed_before(new: NewRequest, words: str) -> Filed | None:
    """Return what was filed by the same form, or under the same number elsewhere."""
    known = Request.objects.filter(token=new.token).first()
    if known is not None:
        if (known.place_id, known.words) != (new.place.pk, words):
            raise HutongError(
                "form-sent",
                Text(
                    f"这张表已经提交过，编号 {known.number}。",
                    f"This form was sent before, as number {known.number}.",
                ),
                Text("如果是另一件事，请再按一次提交。", "If this is another matter, press send once more."),
            )
        return Filed(known, code_of(new.token))
    if not new.outside_number:
        return None
    known = Request.objects.filter(channel=new.channel, outside_number=new.outside_number).first()
    return None if known is None else Filed(known, "")


def code_of(token: uuid.UUID) -> str:
    """Return the follow-up code of the request that a form filed: whoever holds the form may get it again."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"follow" + token.bytes, "sha256").digest()
    left, out = int.from_bytes(digest), []
    for _ in range(CODE_LENGTH):
        left, at = divmod(left, len(ALPHABET))
        out.append(ALPHABET[at])
    return "".join(out)


def _insert(new: NewRequest, words: str, code: str) -> Request:
    now = new.filed or timezone.now()
    open_case("new", new.nature, new.place.path, now)  # says what is wrong with nature or time
    made = Request.objects.create(
        number=str(uuid.uuid4())[:24], token=new.token, owner=new.owner, code=hashed(code), place=new.place, lon=new.lon,
        lat=new.lat, channel=new.channel, outside_number=new.outside_number, nature=new.nature, words=words,
        contact=new.contact.strip(), suggested=by_keywords([words])["category"].iloc[0], filed=now, changed=now,
    )  # fmt: skip
    made.number = number_of(made)
    made.save(update_fields=["number"])
    Photo.objects.bulk_create(
        Photo(request=made, name=p.name, width=p.width, height=p.height) for p in new.photos
    )
    search.put(of_request(made))
    return made


def number_of(request: Request) -> str:
    """Return the number of a request that is stored."""
    return f"{timezone.localtime(request.filed):%Y}-{request.pk:06d}"


def keep(picture: Picture) -> None:
    """Write a picture below the data folder, before the rows that name it; the same picture is the same file."""
    folder = _photos()
    try:
        os.utime(folder / picture.name)  # it is new again, for the sweeping
    except FileNotFoundError:
        write_bytes(folder / picture.name, picture.data, force=True, durable=True)


def _photos() -> Path:
    folder: Path = settings.ENVIRONMENT.data / "photos"
    folder.mkdir(exist_ok=True)
    return folder


def sweep_photos() -> int:
    """Remove pictures that no request names (its filing was cut off) once they are old; return how many."""
    before = time.time() - SWEPT_AFTER_S
    old = [p for p in _photos().iterdir() if p.stat().st_mtime < before]
    kept: set[str] = set()
    for i in range(0, len(old), 500):
        names = [p.name for p in old[i : i + 500]]
        kept |= set(Photo.objects.filter(name__in=names).values_list("name", flat=True))
    gone = [p for p in old if p.name not in kept and p.stat().st_mtime < before]
    for path in gone:
        path.unlink()
    return len(gone)


def hashed(code: str) -> str:
    """Return the hash under which a follow-up code is kept."""
    return hmac.new(settings.SECRET_KEY.encode(), code.strip().lower().encode(), "sha256").hexdigest()


@transaction.atomic
def step(
    request: Request,
    event: str,
    by: str,
    *,
    person: User | None = None,
    unit: str = "",
    said: Mapping[str, Any] | None = None,
    photos: Sequence[Picture] = (),
    at: datetime | None = None,
) -> Request:
    """Let something happen to a case; its state, its clock and, when it closes, the ledger follow in one transaction.

    Raises
    ------
    HutongError
        ``case-event`` if it may not happen now; nothing is written.
    """
    locked = Request.objects.select_for_update().get(pk=request.pk)
    before, seen_by = selectors.case(locked), of_units(locked)
    given = dict(said or {})
    asked = CaseEvent(event, at or timezone.now(), by, unit, selectors.spoken_said(given))
    after = before.after(asked, selectors.limits(locked))
    made = Step.objects.create(
        request=locked,
        n=locked.steps_taken + 1,
        event=event,
        at=asked.at,
        by=by,
        unit=unit,
        said=given,
        person=person,
    )
    for picture in photos:
        keep(picture)
        Photo.objects.create(
            request=locked, step=made, name=picture.name, width=picture.width, height=picture.height
        )
    for name in selectors.DRAWN:
        setattr(locked, name, getattr(after, name))
    waiting = sorted(u for u, w in after.whistles.items() if w.done is None)
    locked.called = f";{';'.join(waiting)};" if waiting else ""
    locked.changed, locked.steps_taken = asked.at, made.n
    locked.save()
    if after.category != before.category or of_units(locked) != seen_by:
        search.remove("unit_case", seen_by)
        search.put(of_request(locked))
    if not after.open and before.open:
        reply = next((s["reply"] for s in (e.said for e in reversed(after.history)) if s.get("reply")), "")
        ledger.record(
            "case.closed",
            {"case": locked.number, "unit": after.unit or "intake", "resolved": after.solved is True},
            {"reply": reply},
            place=selectors.rough_place(locked),
            by=person,
        )
    return locked


def follow(request: Request, user: User) -> None:
    """Let somebody follow a request of others."""
    Follow.objects.get_or_create(request=request, user=user)


def needs(event: str) -> tuple[str, ...]:
    """Return what must be said with an event."""
    return machine().events[event].needs


def look_ahead(now: datetime | None = None) -> int:
    """Reckon the outlook of each subdistrict and district anew where something changed or a day has passed; return how many."""
    from hutong.service.requests.outlook import reckon

    at, made = now or timezone.now(), 0
    for place in Place.objects.filter(kind__in=("subdistrict", "district")):
        last = Outlook.objects.filter(place=place).values_list("made", flat=True).first()
        here = Request.objects.filter(place__path__startswith=place.path)
        changed = here.order_by("-changed").values_list("changed", flat=True).first()
        if changed is None or (last is not None and changed <= last and at - last < LOOK_AGAIN):
            continue
        Outlook.objects.update_or_create(place=place, defaults={"made": at, "data": reckon(place, at)})
        made += 1
    return made


def _error(what: Text, hint: Text) -> HutongError:
    return HutongError("bad-request", what, hint)
