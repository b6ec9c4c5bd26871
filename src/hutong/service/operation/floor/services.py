"""The only writes to the floor-area account."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

from django.db import transaction

from hutong.act.floor import Booking
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.operation.floor import selectors
from hutong.service.operation.models import FloorEntry
from hutong.service.places.models import Place
from hutong.service.projects.selectors import rules_on


@transaction.atomic
def book(district: Place, asked: Booking, person: User, token: uuid.UUID) -> FloorEntry:
    """Book an entry in a district's account; both of its legs enter the ledger. The same form again books once.

    Raises
    ------
    HutongError
        ``floor-booking``, saying what is wrong; nothing is booked.
    """
    locked = Place.objects.select_for_update().get(pk=district.pk)
    known = FloorEntry.objects.filter(token=token).first()
    if known is not None:
        return known
    before = selectors.book(locked)
    after = before.book(replace(asked, approval=asked.approval.strip()), rules_on(asked.day))
    entry = after.entries[-1]
    rows = {selectors.key(p): p for p in selectors.places_of(locked)}
    made = FloorEntry.objects.create(
        district=locked, n=entry.n, token=token, kind=asked.kind, day=asked.day, place=rows[asked.place],
        to=rows.get(asked.to), cm2=asked.cm2, approval=asked.approval.strip(), uncounted=asked.uncounted, of=asked.of,
        person=person,
    )  # fmt: skip
    cited = "sha256:" + hashlib.sha256(made.approval.encode()).hexdigest()
    for leg in entry.legs:
        fields = {"unit": leg.place, "account": leg.account, "area": leg.cm2, "approval": cited}
        ledger.record("floor_area.booked", fields, place=locked, by=person, at=made.at)
    return made
