"""The writes of orders: take a list in, whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from hutong.act.cases import CaseEvent, open_case
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.accounts.models import User
from hutong.service.requests import selectors, services
from hutong.service.requests.models import Request, Step
from hutong.service.requests.orders.reading import Order

#: What is written where the hotline found a case unsolved at its call-back and gave no reason.
UNSOLVED = "热线回访：未解决"


@dataclass(frozen=True)
class Taken:
    """What a list brought: orders new, changed and as they were; call-backs taken over, and those that came too early."""

    new: int = 0
    changed: int = 0
    same: int = 0
    called_back: int = 0
    early: tuple[str, ...] = ()


@transaction.atomic
def take(orders: Sequence[Order], by: User | None, now: datetime | None = None) -> Taken:
    """Take orders in: new ones are filed and dispatched at the time they came, known ones are updated.

    An order that is known by its number keeps its case: its words and place follow the list while it is open, and what the
    hotline's call-back found is taken over once it was replied to.
    """
    at = now or timezone.now()
    numbers = [o.number for o in orders]
    rows = Request.objects.select_for_update(of=("self",)).filter(
        channel="hotline", outside_number__in=numbers
    )
    known = {r.outside_number: r for r in rows.select_related("place")}
    _file([o for o in orders if o.number not in known], by)
    changed = called = 0
    early = []
    for order in (o for o in orders if o.number in known):
        request = known[order.number]
        before = (request.words, request.place_id)
        if request.open and before != (order.words, order.place.pk):
            request.words, request.place = order.words, order.place
            request.save(update_fields=["words", "place"])
            changed += 1
        if order.solved is None or not request.open:
            continue
        if request.state != "replied":
            early.append(order.number)
            continue
        _call_back(request, order, by, at)
        called += 1
    same = len(known) - changed
    return Taken(len(orders) - len(known), changed, same, called, tuple(early))


def _call_back(request: Request, order: Order, by: User | None, at: datetime) -> None:
    event = "confirm" if order.solved else "close_unsolved"
    reason = {} if order.solved else {"reason": UNSOLVED}
    services.step(request, event, "caller", person=by, said={"satisfied": order.satisfied, **reason}, at=at)


def _file(orders: Iterable[Order], by: User | None) -> None:
    """File orders and dispatch them, all rows at once."""
    requests, steps = [], []
    for order in orders:
        request = Request(
            number=str(uuid.uuid4())[:24], code="", place=order.place, channel="hotline", outside_number=order.number,
            nature=order.nature, words=order.words, suggested=order.category, filed=order.filed, changed=order.filed,
            lon=order.place.lon, lat=order.place.lat,
        )  # fmt: skip
        kind = load_taxonomy().find(order.category)
        said = {"category": order.category, "limit": kind.deadline if kind is not None else ""}
        case = open_case(order.number, order.nature, order.place.path, order.filed)
        for event, words in (("take_in", said), ("dispatch", {"unit": order.unit})):
            case = case.after(CaseEvent(event, order.filed, "intake", "", words), selectors.limits(request))
            steps.append(
                Step(
                    request=request,
                    n=len(case.history),
                    event=event,
                    at=order.filed,
                    by="intake",
                    said=words,
                    person=by,
                )
            )
        for name in selectors.DRAWN:
            setattr(request, name, getattr(case, name))
        request.steps_taken = len(case.history)
        requests.append(request)
    Request.objects.bulk_create(requests, batch_size=500)
    for request in requests:
        request.number = services.number_of(request)
    Request.objects.bulk_update(requests, ["number"], batch_size=500)
    Step.objects.bulk_create(steps, batch_size=500)
