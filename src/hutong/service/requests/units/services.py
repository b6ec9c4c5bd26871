"""The only writes to units, to who acts for them, and to the office's own dispatch catalogue; each act is recorded."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts import services as accounts
from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.requests.models import Dispatch, Member, Unit
from hutong.service.requests.selectors import OFFICES
from hutong.service.requests.units import selectors
from hutong.text import Text

#: What a code may be: it stands between semicolons and in the ledger.
CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@transaction.atomic
def make_unit(code: str, place: Place, title: Text, by: User | None = None) -> Unit:
    """Make a unit at the place it serves; one that is there is renamed, and one that was retired serves again.

    Raises
    ------
    HutongError
        ``bad-unit`` if its code cannot stand, or units do not serve places of this kind.
    """
    if not CODE.fullmatch(code):
        raise _bad(
            Text(f"单位编码“{code}”不能用。", f"The code {code!r} of a unit cannot be used."),
            Text("用小写字母开头，只含小写字母、数字、- 和 _。", "Begin with a small letter; small letters, digits, - and _ only."),
        )  # fmt: skip
    if place.kind not in selectors.SERVED:
        raise _bad(
            Text(f"承办单位不能设在“{place.name_zh}”这一级。", f"A unit cannot serve {place.name_en} alone."),
            Text("请选市、区或街道。", "Choose a city, district or subdistrict."),
        )
    found = Unit.objects.select_for_update().filter(code=code, place=place).first()
    if found is None:
        found = Unit.objects.create(code=code, place=place, name_zh=title.zh, name_en=title.en)
        _record("unit.made", found, by, digest=_digest(title))
        return found
    if found.until is not None:
        found.until = None
        _record("unit.made", found, by, digest=_digest(title))
    elif found.title != title:
        _record("unit.renamed", found, by, digest=_digest(title))
    found.name_zh, found.name_en = title.zh, title.en
    found.save()
    return found


@transaction.atomic
def retire(unit: Unit, by: User | None) -> None:
    """Let a unit serve no longer: its people leave, its rows of the catalogue end; what it did stays.

    Raises
    ------
    HutongError
        ``unit-holds-cases`` if cases still wait for it.
    """
    locked = Unit.objects.select_for_update().get(pk=unit.pk)
    if locked.until is not None:
        return
    if held := selectors.cases_of(locked).count():
        raise HutongError(
            "unit-holds-cases",
            Text(
                f"{locked.name_zh}还有 {held} 件未办结。", f"{locked.name_en} still holds {held} open cases."
            ),
            Text("先改派或办结，再撤销。", "Dispatch them elsewhere or close them first."),
        )
    for member in locked.members.filter(until=None):
        leave(member, by)
    for row in locked.takes.filter(until=None):
        end(row, by)
    locked.until = timezone.now()
    locked.save(update_fields=["until"])
    _record("unit.retired", locked, by)


@transaction.atomic
def join(user: User, unit: Unit, by: User | None = None) -> Member:
    """Let a person act for a unit."""
    member, made = Member.objects.get_or_create(user=user, unit=unit, until=None)
    if made:
        _record("unit.joined", unit, by, {"person": user.username})
    return member


@transaction.atomic
def enlist(user: User, unit: Unit, by: User | None) -> Member:
    """Let a person act for a unit, and give them the role of those who work there, where they lack it.

    Raises
    ------
    HutongError
        ``bad-unit`` if the unit is retired.
    """
    if unit.until is not None:
        raise _bad(
            Text(f"{unit.name_zh}已撤销。", f"{unit.name_en} was retired."),
            Text("请选在用的单位。", "Choose a unit that serves."),
        )
    role = (
        unit.code if unit.code in OFFICES and unit.place.kind in roles()[unit.code].levels else "department"
    )
    if not any(name == role and unit.place.path.startswith(path) for name, path in user.held):
        accounts.grant(user, role, unit.place, by=by, verified="office")
    return join(user, unit, by)


@transaction.atomic
def leave(member: Member, by: User | None = None) -> None:
    """End a person's acting for a unit; what was done stays done, and so does the role."""
    if member.until is None:
        member.until = timezone.now()
        member.save(update_fields=["until"])
        _record("unit.left", member.unit, by, {"person": member.user.username})


@transaction.atomic
def take(
    unit: Unit,
    category: str,
    place: Place,
    helpers: Sequence[str],
    start: dt.date,
    by: User | None = None,
    until: dt.date | None = None,
) -> Dispatch:
    """Let a unit take the requests of a class at a place from a day on (up to ``until``); a row of that very day is replaced.

    Raises
    ------
    HutongError
        ``bad-unit`` if the place lies outside what the unit serves.
    """
    if not place.path.startswith(unit.place.path):
        raise _bad(
            Text(f"{unit.name_zh}不管{place.name_zh}。", f"{unit.name_en} does not serve {place.name_en}."),
            Text("请选它服务范围内的地点。", "Choose a place within what it serves."),
        )
    row, _ = Dispatch.objects.update_or_create(
        category=category,
        place=place,
        start=start,
        defaults={"unit": unit, "helpers": ";".join(helpers), "until": until},
    )
    said = {"category": category, "unit": unit.code, "start": start.isoformat()}
    ledger.record("dispatch.set", said, place=place, by=by)
    return row


@transaction.atomic
def end(row: Dispatch, by: User | None = None) -> None:
    """End a row of the catalogue yesterday, so that it no longer holds; what was dispatched by it stays."""
    if row.until is not None:
        return
    row.until = timezone.localdate() - dt.timedelta(days=1)
    row.save(update_fields=["until"])
    said = {"category": row.category, "unit": row.unit.code, "until": row.until.isoformat()}
    ledger.record("dispatch.ended", said, place=row.place, by=by)


def _record(
    act: str, unit: Unit, by: User | None, private: dict[str, object] | None = None, **public: object
) -> None:
    ledger.record(act, {"unit": unit.code, **public}, private, place=unit.place, by=by)


def _digest(title: Text) -> str:
    said = json.dumps({"zh": title.zh, "en": title.en}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _bad(what: Text, hint: Text) -> HutongError:
    return HutongError("bad-unit", what, hint)
