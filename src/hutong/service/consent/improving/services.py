"""Improvement for those who stay: asked for by the household, promised with a day, built, and found good by the household."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from hutong.agree.surrender import improvements
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.models import Improvement, Project
from hutong.service.consent.models.improvements import OVER
from hutong.service.consent.surrender import selectors
from hutong.service.ledger import services as ledger
from hutong.text import Text

#: Event -> (from, to, who, its words).
EVENTS: dict[str, tuple[tuple[str, ...], str, str, Text]] = {
    "promise": (("asked",), "promised", "maker", Text("答应，定完工日期", "Promise it, with a day")),
    "refuse": (("asked",), "refused", "maker", Text("不答应，说明理由", "Refuse it, with the reason")),
    "finish": (("promised",), "done", "maker", Text("已完工", "It is built")),
    "confirm": (("done",), "improved", "holder", Text("确认改好", "Found good")),
    "send_back": (("done",), "promised", "holder", Text("没有改好", "Not good yet")),
    "withdraw": (("asked", "promised"), "withdrawn", "holder", Text("撤回申请", "Take it back")),
}


def improvement(pk: int) -> Improvement:
    """Return a request for improvement, or raise ``Http404``."""
    found = Improvement.objects.select_related("project__place", "project__roll").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def of_homes(project: Project, homes: Sequence[str]) -> dict[str, Improvement]:
    """Return the newest request of each of some homes."""
    rows = project.improvements.filter(dwelling_id__in=homes).order_by("asked")
    return {i.dwelling_id: i for i in rows}


def allowed(found: Improvement, parties: Sequence[str]) -> list[tuple[str, Text]]:
    """Return what may be done with a request now, by somebody who is these parties."""
    return [
        (event, title)
        for event, (origin, _, party, title) in EVENTS.items()
        if found.state in origin and party in parties
    ]


def parties_of(user: Any, found: Improvement) -> list[str]:
    """Return as whom a person may act on a request."""
    seats = [m["seat"] for m in selectors.lessee(user, found.project)]
    own = any((s.holder, s.dwelling_id) == (found.holder, found.dwelling_id) for s in seats)
    return (["holder"] if own else []) + (["maker"] if user.has_perm("consent.offer", found) else [])


def ask(
    project: Project, dwelling_id: str, holder: str, kinds: Sequence[str], token: uuid.UUID, by: User
) -> Improvement:
    """Ask for improvements of a home; the same form sent again returns what was asked.

    Raises
    ------
    HutongError
        ``no-improvement`` for none, or for what is not on offer; ``asked`` while another request is open; ``not-staying`` while
        the home's application for surrender runs.
    """
    known = Improvement.objects.filter(token=token).first()
    if known is not None:
        return known
    if not kinds or not set(kinds) <= set(improvements()):
        raise HutongError(
            "no-improvement",
            Text("没有选要改善什么。", "Nothing was chosen."),
            Text("请至少选一项。", "Choose at least one."),
        )
    if project.applications.filter(dwelling_id=dwelling_id).exclude(state="staying").exists():
        raise HutongError(
            "not-staying",
            Text("这处住房正在申请退租。", "An application to give up this home is running."),
            Text("先撤回退租申请，再申请改善。", "Take it back first, then ask for improvement."),
        )
    now = clock.now()
    try:
        with transaction.atomic():
            made = Improvement.objects.create(
                token=token, project=project, dwelling_id=dwelling_id, holder=holder, kinds=sorted(set(kinds)), asked=now,
                changed=now, person=by,
            )  # fmt: skip
            _record(made, "ask", by, now)
    except IntegrityError:
        raise HutongError(
            "asked",
            Text("这处住房已有改善申请在办。", "A request for this home is open already."),
            Text("请在项目页面查看。", "See it on the page of the project."),
        ) from None
    return made


@transaction.atomic
def do(found: Improvement, event: str, by: User, due: dt.date | None = None, words: str = "") -> Improvement:
    """Let something happen to a request.

    Raises
    ------
    HutongError
        ``not-now``; ``no-day`` for a promise without a day to come; ``no-reason`` for a refusal without one.
    """
    locked = Improvement.objects.select_for_update().get(pk=found.pk)
    origin, to, _, _ = EVENTS[event]
    now = clock.now()
    if locked.state not in origin:
        raise HutongError(
            "not-now",
            Text("现在不能这样办。", "This cannot be done now."),
            Text("请刷新页面。", "Load the page again."),
        )
    if event == "promise" and (due is None or due < timezone.localtime(now).date()):
        raise HutongError("no-day", Text("没有写完工日期，或日期已过。", "The day is missing, or past."), Text("请写完工日期。", "Write by when it is built."))  # fmt: skip
    if event in ("refuse", "send_back") and not words.strip():
        raise HutongError("no-reason", Text("没有写理由。", "The reason is missing."), Text("请写明理由。", "Write why."))  # fmt: skip
    locked.state, locked.changed = to, now
    locked.due = due if event == "promise" else locked.due
    locked.answer = words.strip()[:1000] if words.strip() else locked.answer
    locked.save()
    _record(locked, event, by, now)
    return locked


def _record(found: Improvement, event: str, by: User, now: dt.datetime) -> None:
    fields = {
        "project": found.project.code,
        "matter": f"improvement-{found.pk}",
        "event": event,
        "to": found.state,
    }
    party = f"{found.dwelling_id}/{found.holder}"
    ledger.record("matter.moved", fields, {"said": party}, place=found.place, by=by, at=now)


def waiting(paths: Sequence[str]) -> list[Improvement]:
    """Return the open requests in some places that wait for the office or the implementer."""
    rows = Improvement.objects.exclude(state__in=(*OVER, "done")).select_related("project__place")
    return [i for i in rows if any(i.place.path.startswith(p) for p in paths)]
