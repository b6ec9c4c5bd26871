"""The pages of requests: report in a minute, follow, handle by the clock, and see in public how it goes."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.cases import machine
from hutong.errors import HutongError
from hutong.few import FEWEST_THINGS
from hutong.sense.requests.rates import RATE_TITLES
from hutong.service.places.selectors import named, nearest
from hutong.service.places.selectors import place as place_by_id
from hutong.service.requests import selectors, services
from hutong.service.requests.forms import FindForm, ReportForm, StepForm
from hutong.service.requests.orders.views import scopes
from hutong.service.requests.photos import picture
from hutong.service.requests.topics import office_parts
from hutong.service.web.access import permitted, public, signed_in
from hutong.service.words import error_words, say, spoken
from hutong.text import Text

#: Requests an hour from one address without an account.
MOST_AN_HOUR = 60
SHOWN = 50
#: How many requests without an account a session follows.
REMEMBERED = 20


@public
def requests(request: HttpRequest) -> HttpResponse:
    """Show what is reported, how it goes, and the rates with what they hide."""
    return render(
        request,
        "requests/public.html",
        {
            "own": _rates(official=False),
            "official": _rates(official=True),
            "hidden": selectors.hidden_by_rates(),
            "kinds": selectors.counts_by_kind(),
            "rows": _listed(request)[:SHOWN],
            "fewest": FEWEST_THINGS,
        },
    )


def _listed(request: HttpRequest) -> Any:
    """Return the public list, or the one that was found by its number."""
    rows, number = selectors.public_list(), request.GET.get("number", "")
    return rows.filter(number=number[:24]) if number else rows


def _rates(official: bool) -> dict[str, Any]:
    """Return the rates as a table: a row a unit, after that of all, a cell a rate; None where a unit has no such rate."""
    table = selectors.public_rates(official).to_dict("records")
    names = selectors.unit_names({row["place"] for row in table if row["place"]})
    kinds = list(dict.fromkeys(row["rate"] for row in table))
    cells: dict[str, dict[str, Any]] = {}
    for row in table:
        share = None if math.isnan(row["share"]) else row["share"]
        cells.setdefault(row["place"], {})[row["rate"]] = row | {"share": share}
    return {
        "titles": [RATE_TITLES[kind] for kind in kinds],
        "rows": [
            {
                "unit": names.get(unit, Text("全部", "All")),
                "cells": [{"title": RATE_TITLES[kind], "rate": of.get(kind)} for kind in kinds],
            }
            for unit, of in sorted(cells.items(), key=lambda item: item[0] != "")
        ],
        "small": any(row["small"] for row in table),
    }


@public
def where(request: HttpRequest) -> HttpResponse:
    """Ask where it is: by name, or by where the reader stands."""
    words = request.GET.get("q", "")[:60]
    found = named(words) if words else []
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
        found = nearest(lon, lat)
    except ValueError:
        pass
    return render(request, "requests/where.html", {"q": words, "found": found, "asked": bool(request.GET)})


@public
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what it is, and file it."""
    place = place_by_id(pk)
    form = ReportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _file(request, place, form)
        except HutongError as caught:
            if caught.code == "form-sent":
                form.renew()
            form.add_error("photos" if caught.code == "bad-photo" else "words", error_words(caught))
    return render(
        request, "requests/report.html", {"form": form, "place": place}, status=400 if form.errors else 200
    )


def _file(request: HttpRequest, place: Any, form: ReportForm) -> HttpResponse:
    given = form.cleaned_data
    user = request.user if request.user.is_authenticated else None
    counter = user is not None and user.has_perm("requests.counter", place)
    if user is None:
        _not_too_often(request)
    filed = services.file(
        services.NewRequest(
            place=place, words=given["words"], nature=given["nature"], contact=given["contact"],
            channel="counter" if counter else "web", owner=None if counter else user, lon=place.lon, lat=place.lat,
            photos=[picture(f) for f in given["photos"]], token=given["token"],
        )
    )  # fmt: skip
    if filed.code:
        _remember(request, filed.request, filed.code)
    return redirect("request_filed", filed.request.pk)


def _remember(request: HttpRequest, found: Any, code: str) -> None:
    """Keep in the session what was filed or found last, with its code."""
    others = {pk: c for pk, c in request.session.get("codes", {}).items() if pk != str(found.pk)}
    request.session["codes"] = dict([*others.items(), (str(found.pk), code)][-REMEMBERED:])


def _not_too_often(request: HttpRequest) -> None:
    key = f"requests-{request.META.get('REMOTE_ADDR', '')}-{timezone.now():%Y%m%d%H}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > MOST_AN_HOUR:
        raise HutongError(
            "too-many",
            Text("这一小时提交得太多了。", "Too many were sent within the hour."),
            Text("请稍后再试，或登录后提交，或到柜台。", "Try later, sign in, or come to the counter."),
        )


@public
@require_POST
def alike(request: HttpRequest, pk: int) -> HttpResponse:
    """Show open requests nearby that read alike: perhaps it is one of them."""
    found = selectors.suggestions(request.POST.get("words", "")[:2000], place_by_id(pk))
    return render(request, "requests/alike.html", {"found": found})


@public
def filed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say the number and, once, the code with which it is followed."""
    found = selectors.request_by(pk)
    code = request.session.get("codes", {}).get(str(pk), "")
    if not code and not _mine(request, found):
        raise PermissionDenied
    return render(request, "requests/filed.html", {"r": found, "code": code})


def _mine(request: HttpRequest, found: Any) -> bool:
    owns = request.user.is_authenticated and found.owner_id == request.user.pk
    return owns or str(found.pk) in request.session.get("codes", {})


@public
def find(request: HttpRequest) -> HttpResponse:
    """Open a request by its number and code."""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = selectors.by_code(form.cleaned_data["number"], form.cleaned_data["code"])
        if found is not None:
            _remember(request, found, form.cleaned_data["code"])
            return redirect("request_own", found.pk)
        form.add_error(
            None,
            say("编号或查询码不对，请核对后再试。", "Number or code is not right; check both and try again."),
        )
    return render(request, "requests/find.html", {"form": form}, status=400 if form.errors else 200)


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """List what the reader filed or follows."""
    return render(request, "requests/mine.html", {"rows": selectors.own(request.user)})


@public
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request to whoever filed it: what happened, what is next, by when."""
    found = selectors.request_by(pk)
    if not _mine(request, found):
        raise PermissionDenied
    return render(
        request,
        "requests/own.html",
        {
            "r": found,
            "steps": _told_steps(found),
            "clock": selectors.clock(found),
            "forms": _forms(found, "resident"),
        },
    )


@public
@require_POST
def own_step(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Withdraw or reopen one's own request."""
    found = selectors.request_by(pk)
    if not _mine(request, found):
        raise PermissionDenied
    _do(request, found, event, "resident", "")
    return redirect("request_own", pk)


def _forms(found: Any, actor: str, unit: str = "") -> list[dict[str, Any]]:
    return [
        {"event": e, "actor": actor, "unit": unit, "form": StepForm(event=e, request=found)}
        for e in machine().allowed(found.state, actor)
    ]


def _told_steps(found: Any) -> list[dict[str, Any]]:
    """Return the steps as its reporter reads them: what happened, when, and what was answered."""
    return [
        {
            "title": s.title, "at": s.at, "unit": selectors.unit_title(s.unit, found.place) if s.unit else None,
            "words": s.said.get("reply") or s.said.get("reason"),
        }
        for s in found.steps.all()
    ]  # fmt: skip


@require_POST
@signed_in
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a request of others instead of filing another."""
    found = selectors.request_by(pk)
    services.follow(found, request.user)
    messages.success(
        request,
        say("已关注，进展会出现在“我的诉求”里。", "You follow it; its progress stands under My requests."),
    )
    return redirect("request_mine")


@permitted("requests.desk")
def desk(request: HttpRequest) -> HttpResponse:
    """List what waits for the reader's office, by the clock."""
    now = timezone.now()
    rows = []
    waiting = list(selectors.desk(request.user).prefetch_related("steps")[:200])
    titles, acts_for = selectors.unit_titles(waiting), selectors.acts_for(request.user)
    for r in waiting:
        due = selectors.clock(r, now)
        rows.append(
            {
                "r": r, "due": due, "status": selectors.status_of(due), "since": r.changed,
                "unit": titles.get(r.pk),
                "mine": bool(selectors.may_do(request.user, r, acts_for)),
            }
        )  # fmt: skip
    rows.sort(
        key=lambda row: (not row["mine"], row["due"] is None, row["due"].ends if row["due"] else row["since"])
    )
    today = timezone.localdate()
    paths = scopes(request.user)
    ahead = selectors.outlook(paths) if paths else None
    return render(
        request,
        "requests/desk.html",
        {
            "office": office_parts(ahead) if ahead is not None else None,
            "rows": rows,
            "late": sum(row["status"] == "alarm" for row in rows),
            "today": sum(
                row["due"] is not None and timezone.localtime(row["due"].ends).date() == today for row in rows
            ),
        },
    )


@permitted("requests.see", load=lambda pk: selectors.request_by(pk))
def case(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a case to those who handle it, with what they may do now."""
    due = selectors.clock(found)
    forms = [
        {"event": e, "actor": actor, "unit": unit, "form": StepForm(event=e, request=found)}
        for e, actor, unit in selectors.may_do(request.user, found)
    ]
    return _case_page(request, found, due, forms)


def _case_page(
    request: HttpRequest, found: Any, due: Any, forms: list[dict[str, Any]], status: int = 200
) -> HttpResponse:
    whistles = [
        {"unit": selectors.unit_title(code, found.place), "w": w}
        for code, w in selectors.case(found).whistles.items()
    ]
    return render(
        request,
        "requests/case.html",
        {
            "r": found, "steps": _told_steps(found), "due": due, "status": selectors.status_of(due), "forms": forms,
            "told": selectors.told_of(found), "whistles": whistles,
            "unit": selectors.unit_title(found.unit, found.place) if found.unit else None,
        },
        status=status,
    )  # fmt: skip


@require_POST
@signed_in
def case_step(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Do one thing to a case, as an actor that the reader is."""
    found = selectors.request_by(pk)
    actor, unit = request.POST.get("actor", ""), request.POST.get("unit_code", "")
    if (actor, unit) not in selectors.actors(request.user, found):
        raise PermissionDenied
    _do(request, found, event, actor, unit)
    return redirect("request_case", found.pk)


def _do(request: HttpRequest, found: Any, event: str, actor: str, unit: str) -> None:
    kind = machine().events.get(event)
    if kind is None:
        raise Http404
    form = StepForm(request.POST, event=kind, request=found)
    if not form.is_valid():
        lacking = "; ".join(
            f"{form.fields[f].label}: {' '.join(e)}" for f, e in form.errors.items() if f in form.fields
        )
        raise HutongError(
            "case-form",
            Text(f"还缺内容：{lacking}", f"Something is missing: {lacking}"),
            Text("请返回补充。", "Go back and fill it in."),
        )
    person = request.user if request.user.is_authenticated else None
    services.step(found, event, actor, person=person, unit=unit, said=form.said())
    messages.success(request, spoken(kind.title))


@permitted("requests.photo", load=lambda pk: selectors.photo(pk))
def photo(_request: HttpRequest, found: Any) -> FileResponse:
    """Give a photo to whoever filed it and to those who handle it."""
    path = settings.ENVIRONMENT.data / "photos" / found.name
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )
