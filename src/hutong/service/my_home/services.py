"""The only writes of this app: contacts, questions with their answers, looks of officers, homes on offer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.agree.home_statement import titles
from hutong.agree.homes_on_offer import HomeOnOffer, homes_form
from hutong.errors import HutongError
from hutong.rules import official_calendar
from hutong.sense.sheets import csv_bytes
from hutong.service.accounts.models import User
from hutong.service.consent.models import Project
from hutong.service.ledger import services as ledger
from hutong.service.my_home import selectors
from hutong.service.my_home.models import Contact, Look, OfferedHome, Question
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.residents.models import Home
from hutong.text import Text

#: Working days for an answer where an office sets none, and the most it may set (confidence U: no rule was found).
DAYS, MOST_DAYS = 5, 15
SHORTEST, LONGEST = 4, 1000
#: Questions of one person about one home that may wait at a time.
MOST_WAITING = 10


@dataclass(frozen=True)
class NewContact:
    """Who answers the households of a place."""

    unit: Unit
    where: Text
    hours: Text
    phone: str = ""
    days: int = DAYS


def name_contact(place: Place, new: NewContact, by: User) -> Contact:
    """Name whom the households of a place ask, in the place of who was named before.

    Raises
    ------
    HutongError
        ``bad-contact`` for a unit that does not serve the place, or for too many days.
    """
    if new.unit not in selectors.units_for(place) or not 1 <= new.days <= MOST_DAYS:
        raise HutongError(
            "bad-contact",
            Text("这个单位不管这里，或答复期限不合适。", "This unit does not serve the place, or the days do not fit."),
            Text(f"请选本地单位；期限 1 至 {MOST_DAYS} 个工作日。", f"Choose a unit of the place, and 1 to {MOST_DAYS} working days."),
        )  # fmt: skip
    made, _ = Contact.objects.update_or_create(
        place=place,
        defaults={
            "unit": new.unit, "phone": new.phone, "where_zh": new.where.zh, "where_en": new.where.en, "hours_zh": new.hours.zh,
            "hours_en": new.hours.en, "days": new.days, "changed": timezone.now(), "changed_by": by,
        },
    )  # fmt: skip
    return made


@dataclass(frozen=True)
class NewQuestion:
    """What somebody of a home asks; ``part`` is the question of the page that it is about, or empty."""

    home: Home
    words: str
    part: str = ""
    at_counter: bool = False


def ask(new: NewQuestion, by: User, token: uuid.UUID) -> Question:
    """Ask the office of a home's place; the answer is owed within its working days. The same form twice asks once.

    Raises
    ------
    HutongError
        ``bad-question`` for too few or many words; ``no-contact`` where no office was named; ``too-many`` if too many wait.
    """
    words = new.words.strip()
    known = Question.objects.filter(token=token, owner=by).first()
    if known is not None:
        return known
    if not SHORTEST <= len(words) <= LONGEST or new.part not in ("", *titles()):
        raise HutongError(
            "bad-question",
            Text(f"请用 {SHORTEST} 到 {LONGEST} 个字提问。", f"Ask in {SHORTEST} to {LONGEST} characters."),
            Text("一次问一件事。", "Ask one thing at a time."),
        )
    contact = selectors.contact_of(new.home.building)
    if contact is None:
        raise HutongError(
            "no-contact",
            Text("这里还没有公布由谁答复。", "Nobody was named to answer here yet."),
            Text("请到居委会柜台问。", "Ask at the counter of the residents’ committee."),
        )
    if Question.objects.filter(home=new.home, owner=by, answered=None).count() >= MOST_WAITING:
        raise HutongError(
            "too-many",
            Text(f"已有 {MOST_WAITING} 个问题在等答复。", f"{MOST_WAITING} questions wait for an answer."),
            Text("请等前面的答复，或到柜台问。", "Wait for those answers, or ask at the counter."),
        )
    now, calendar = timezone.now(), official_calendar()
    first = timezone.localdate(now)
    due = calendar.add(first, contact.days)
    try:
        with transaction.atomic():
            return Question.objects.create(
                home=new.home, owner=by, at_counter=new.at_counter, token=token, part=new.part, words=words, unit=contact.unit,
                asked=now, due=due, days_assumed=calendar.assumed(first, due),
            )  # fmt: skip
    except IntegrityError:  # the same form, sent twice at the same moment
        return Question.objects.get(token=token, owner=by)


@transaction.atomic
def answer(to: Question, words: str, by: User) -> Question:
    """Answer a question, once.

    Raises
    ------
    HutongError
        ``bad-answer`` for too few or many words; ``answered`` if somebody did.
    """
    said = words.strip()
    locked = Question.objects.select_for_update().get(pk=to.pk)
    if locked.answered is not None:
        raise HutongError(
            "answered",
            Text("这个问题已经答复过了。", "This question was answered already."),
            Text("居民有不明白的可以再问。", "If something is unclear, the resident asks again."),
        )
    if not SHORTEST <= len(said) <= 2 * LONGEST:
        raise HutongError(
            "bad-answer",
            Text(
                f"请用 {SHORTEST} 到 {2 * LONGEST} 个字答复。",
                f"Answer in {SHORTEST} to {2 * LONGEST} characters.",
            ),
            Text("用居民看得懂的话。", "Use words that a resident understands."),
        )
    locked.answer, locked.answered, locked.answered_by = said, timezone.now(), by
    locked.save(update_fields=["answer", "answered", "answered_by"])
    return locked


def mark_read(of: Home, by: User) -> None:
    """Take note that somebody saw the answers to their own questions."""
    rows = Question.objects.filter(home=of, owner=by, read=None).exclude(answered=None)
    rows.update(read=timezone.now())


def look(of: Home, by: User, role: str) -> None:
    """Write down that an officer opened the page of a home, once a day."""
    Look.objects.get_or_create(home=of, user=by, day=timezone.localdate(), defaults={"role": role})


@transaction.atomic
def offer_homes(of: Project, offers: Sequence[HomeOnOffer], by: User) -> int:
    """Put homes on offer in a project, in the place of those before; the ledger keeps the hash of the list."""
    OfferedHome.objects.filter(project=of).delete()
    OfferedHome.objects.bulk_create(
        OfferedHome(
            project=of, name_zh=o.name.zh, name_en=o.name.en, form=o.form, area_m2=o.area_m2, homes=o.homes, price_yuan=o.price_yuan,
            share_percent=o.share_percent, rent_yuan_month=o.rent_yuan_month, lon=o.lon, lat=o.lat, until=o.until, source=o.source,
        )
        for o in offers
    )  # fmt: skip
    ledger.record(
        "document.disclosed",
        {"subject": of.code, "kind": "homes_on_offer", "digest": digest(offers)},
        place=of.place,
        by=by,
    )
    return len(offers)


def digest(offers: Sequence[HomeOnOffer]) -> str:
    """Return the SHA-256 of a list of homes on offer as its form writes it."""
    return hashlib.sha256(csv_bytes(homes_form(offers))).hexdigest()
