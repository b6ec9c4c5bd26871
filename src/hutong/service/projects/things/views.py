"""The pages of permits, defects and change orders, and of visits to the site."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.act.projects import change_kinds, given
from hutong.errors import HutongError
from hutong.service.projects import forms
from hutong.service.projects.selectors import photo as photo_by_id
from hutong.service.projects.selectors import project as project_by_id
from hutong.service.projects.things import selectors, services
from hutong.service.requests.photos import picture
from hutong.service.web.access import permitted, require, signed_in
from hutong.service.words import done_words, say, spoken
from hutong.text import Text, written_day


@permitted("projects.see", load=selectors.thing)
def thing(request: HttpRequest, found: Any) -> HttpResponse:
    """Show where a thing stands, what happened, and what the reader may do."""
    table, stands = selectors.machine_of(found.machine), selectors.standing(found)
    todo = [
        {"event": e, "as": table.actors[a], "onwards": _onwards(table, found.state, e), "form": forms.DeedForm(event=e, table=table, photos=found.machine == "defect")}
        for e, a in selectors.may_do(request.user, found)
    ]  # fmt: skip
    consents = table.fields["consent"].options if found.machine == "change" else {}
    have = given(stands)
    context = {
        "t": found, "p": found.project, "title": selectors.title(found), "state": selectors.state_title(found),
        "due": selectors.due(found), "todo": todo, "others": [(e.title, [table.actors[a] for a in e.by]) for e in table.allowed(found.state)], "noun": table.title,
        "deeds": [_deed(d, table) for d in found.deeds.prefetch_related("photos")],
        "inspections": found.inspections.prefetch_related("photos"),
        "consents": [{"title": consents[c], "have": c in have} for c in stands.said.get("reopens", ())],
        "kinds": [change_kinds()[k] for k in found.kinds] if found.machine == "change" else [],
    }  # fmt: skip
    return render(request, "projects/thing.html", context)


#: Events that end a thing without what it is for.
GIVES_UP = ("withdraw", "refuse", "revoke", "lapse", "reject", "drop")


def _onwards(table: Any, state: str, event: Any) -> bool:
    """Return whether an event brings a thing nearer to what it is for."""
    order = list(table.states)
    return event.id not in GIVES_UP and order.index(event.to) > order.index(state)


def _deed(deed: Any, table: Any) -> dict[str, Any]:
    said = [
        {"title": table.fields[k].title, "value": _word(table.fields[k], v)}
        for k, v in deed.said.items()
        if k in table.fields and table.fields[k].kind != "document"
    ]
    return {"title": table.events[deed.event].title, "by": table.actors[deed.by], "at": deed.at, "said": said, "photos": deed.photos.all()}  # fmt: skip


def _word(field: Any, value: Any) -> str:
    if field.kind == "date":
        return spoken(written_day(dt.date.fromisoformat(str(value))))
    return spoken(field.options[value]) if field.options else str(value)


@require_POST
@signed_in
def do(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Do one thing, as an actor that the reader is."""
    found = selectors.thing(pk)
    require(request, "projects.see", found)
    table = selectors.machine_of(found.machine)
    if event not in table.events:
        raise Http404
    mine = {e.id: (e, a) for e, a in selectors.may_do(request.user, found)}
    if event not in mine:
        if found.state not in table.events[event].origin:
            raise HutongError(
                "act-event",
                Text("这件事已经办过，或现在还不能办。", "This was done already, or cannot be done yet."),
                Text("请刷新后查看现在可以办什么。", "Reload to see what may follow."),
            )
        raise PermissionDenied
    kind, as_whom = mine[event]
    form = forms.DeedForm(
        request.POST, request.FILES, event=kind, table=table, photos=found.machine == "defect"
    )
    c = forms.checked(form)
    services.do(
        found, event, as_whom, request.user, form.said(), c.get("document"),
        [picture(f) for f in (c.get("photos") or [])[: services.MOST_PHOTOS]],
    )  # fmt: skip
    messages.success(request, done_words(kind.title), extra_tags="good")
    return redirect("thing", pk)


@require_POST
@permitted("projects.manage", load=lambda pk, machine: _opening(pk, machine))
def begin(request: HttpRequest, asked: Any) -> HttpResponse:
    """Open a permit or a change order."""
    c = forms.checked(forms.ThingForm(request.POST, machine=asked.machine))
    kinds = [c["kinds"]] if isinstance(c["kinds"], str) else c["kinds"]
    made = services.begin(asked.of, asked.machine, kinds, c["words"], request.user, c["token"])
    return redirect("thing", made.pk)


class _Opening:
    def __init__(self, of: Any, machine: str) -> None:
        self.of, self.machine, self.place, self.phase = of, machine, of.place, of.phase


def _opening(pk: int, machine: str) -> _Opening:
    if machine not in ("permit", "change"):
        raise Http404
    return _Opening(project_by_id(pk), machine)


@require_POST
@permitted("projects.inspect", load=project_by_id)
def inspect(request: HttpRequest, found: Any) -> HttpResponse:
    """Log a visit to the site."""
    c = forms.checked(forms.InspectForm(request.POST, request.FILES))
    services.inspect(
        found, c["day"], c["words"], request.user, token=c["token"], defect=c["defect"],
        photos=[picture(f) for f in c["photos"]],
    )  # fmt: skip
    messages.success(request, say("已记录，谢谢。", "Logged. Thank you."), extra_tags="good")
    return redirect("project", found.pk)


@permitted("projects.site", load=photo_by_id)
def photo(_request: HttpRequest, found: Any) -> FileResponse:
    """Send a picture of the site to those who work on it or live there."""
    path = settings.ENVIRONMENT.data / "photos" / found.name
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )
