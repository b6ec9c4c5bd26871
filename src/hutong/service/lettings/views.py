"""The pages of rooms to let: counts for everyone, rooms for who may operate, the office's lists, interest and its answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.rooms import (
    FIRE,
    HOLDERS,
    Room,
    ending,
    fees_form,
    licensable,
    read_fees,
    read_rooms,
    rooms_form,
)
from hutong.act.rooms.room import UTILITIES, cells_of
from hutong.errors import HutongError
from hutong.rules.uses import use_book
from hutong.sense.sheets import csv_bytes, xlsx_bytes
from hutong.service.consent.ballots.kept_rule import rules_on
from hutong.service.lettings import selectors, services
from hutong.service.lettings.forms import AnswerForm, AskForm, EndForm, FileForm
from hutong.service.lettings.waiting import due_of
from hutong.service.requests.selectors import status_of
from hutong.service.twin.drawn import map_at
from hutong.service.twin.selectors import building_at
from hutong.service.web.access import permitted, public, require
from hutong.service.web.sent import sent_file
from hutong.service.words import error_words, say, spoken, spoken_rows
from hutong.text import Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_VERDICTS = {
    "allowed": ("good", Text("可以", "allowed")),
    "conditional": ("watch", Text("有条件", "on conditions")),
    "prohibited": ("alarm", Text("不可以", "prohibited")),
    "unknown": ("unknown", Text("未知", "unknown")),
}


@public
def lettings(request: HttpRequest) -> HttpResponse:
    """Count the rooms for everyone; list them for who may take one on or works on them."""
    user = request.user
    reads = user.is_authenticated and user.has_perm("lettings.read")
    rooms = [{"r": r, "told": r.told} for r in selectors.rooms_for(user)] if reads else []
    now = timezone.now()
    asked = [{"i": i, "status": status_of(due_of(i, now))} for i in selectors.waiting(user)[:100]] if reads else []  # fmt: skip
    context = {
        "counts": selectors.counts(), "reads": reads, "rooms": rooms, "waiting": asked, "quarters": selectors.quarters(user),
        "own": selectors.own_interest(user) if reads else [], "drafts": selectors.drafts(user), "kinds": use_book().spaces,
    }  # fmt: skip
    return render(request, "lettings/lettings.html", context)


@permitted("lettings.read")
def table(request: HttpRequest) -> HttpResponse:
    """Give the rooms that the reader may see as a table."""
    data = csv_bytes(rooms_form(cells_of(r.told) for r in selectors.rooms_for(request.user)))
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="rooms.csv"'})  # fmt: skip


@permitted("lettings.see", load=lambda pk: selectors.room(pk))
def room(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a room: what is known of it, what it may become, what it costs, what ending its lease early pays."""
    return _room(request, found, AskForm())


def _uses(told: Room) -> list[dict[str, Any]]:
    """Return what a room may become: uses of one verdict, on the same conditions and lists, together."""
    found: dict[Any, dict[str, Any]] = {}
    for v in licensable(told, rules_on(timezone.localdate())):
        mark, word = _VERDICTS[v.verdict]
        key = (v.verdict, tuple(v.conditions), tuple(one.title for one in v.lists))
        group = found.setdefault(key, {"mark": mark, "word": spoken(word), "v": v, "titles": []})
        group["titles"].append(use_book().uses[v.use].title)
    return list(found.values())


def _room(request: HttpRequest, found: Any, form: AskForm, status: int = 200) -> HttpResponse:
    told: Room = found.told
    end_form, end = EndForm(request.GET if request.GET else None), None
    if end_form.is_bound and end_form.is_valid():
        try:
            end = ending(told, end_form.cleaned_data["fit_out"] or 0, end_form.cleaned_data["months"] or 0)
        except HutongError as caught:
            end_form.add_error("months", error_words(caught))
    estate, stands = selectors.estate_of(found.building), building_at(found.building, request.user)
    context = {
        "room": found, "told": told, "kind": use_book().spaces[told.kind], "holder": HOLDERS[told.holder_kind], "fire": FIRE[told.fire],
        "fire_mark": {"accepted": "good", "not_needed": "good", "not_accepted": "warn", "unknown": "unknown"}[told.fire],
        "utilities": [(t, told.utilities[k]) for k, t in UTILITIES.items()], "uses": _uses(told), "estate": estate, "fees": selectors.fees(estate),
        "end_form": end_form, "end": end, "form": form, "interests": selectors.interests_of(found, request.user),
        "may_ask": request.user.has_perm("lettings.ask", found), "stands": stands, "setup": map_at(stands) if stands else None,
    }  # fmt: skip
    return render(request, "lettings/room.html", context, status=status)


@require_POST
@permitted("lettings.ask", load=lambda pk: selectors.room(pk))
def ask(request: HttpRequest, found: Any) -> HttpResponse:
    """Express interest in a room."""
    form = AskForm(request.POST)
    if form.is_valid():
        g = form.cleaned_data
        try:
            made = services.ask(found, g["use"], g["words"], request.user, g["token"])
        except HutongError as caught:
            form.add_error("words", error_words(caught))
        else:
            messages.success(request, say("意向已送到。", "Your interest was sent."), extra_tags="good")
            return redirect("interest", made.pk)
    return _room(request, found, form, 400)


@permitted("lettings.see_interest", load=lambda pk: selectors.interest(pk))
def interest(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an interest to who expressed it and to the offices; take the office's answer."""
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        require(request, "lettings.answer", found)
        if form.is_valid():
            services.answer(found, form.cleaned_data["outcome"], form.cleaned_data["words"], request.user)
            messages.success(request, say("已答复。", "Answered."), extra_tags="good")
            return redirect("interest", found.pk)
    due = due_of(found, timezone.now())
    context = {
        "i": found, "use": use_book().uses[found.use].title, "due": due, "status": status_of(due), "form": form,
        "answers": found.state == "open" and request.user.has_perm("lettings.answer", found),
        "own": found.owner_id == request.user.pk,
    }  # fmt: skip
    return render(request, "lettings/interest.html", context, status=400 if form.errors else 200)


@require_POST
@permitted("lettings.take_back", load=lambda pk: selectors.interest(pk))
def take_back(request: HttpRequest, found: Any) -> HttpResponse:
    """Take one's interest back."""
    services.take_back(found)
    return redirect("lettings")


@permitted("lettings.publish", load=lambda pk: selectors.quarter(pk))
def office(request: HttpRequest, place: Any) -> HttpResponse:
    """Enter a list of rooms from a filled form; it stays a draft until it is published."""
    return _sent(request, place, "lettings/office.html", _enter_rooms)


def _enter_rooms(request: HttpRequest, place: Any, path: Any) -> HttpResponse:
    buildings = selectors.buildings_of(place, request.user)
    made = services.enter(place, read_rooms(path, buildings), buildings, request.user)
    return redirect("letting", made.pk)


@permitted("lettings.publish", load=lambda pk: selectors.quarter(pk))
def fees(request: HttpRequest, place: Any) -> HttpResponse:
    """Store the fees of buildings from a filled form; they are shown by estate alone."""
    return _sent(request, place, "lettings/fees.html", _enter_fees)


def _enter_fees(request: HttpRequest, place: Any, path: Any) -> HttpResponse:
    buildings = selectors.buildings_of(place, request.user)
    count = services.store_fees(read_fees(path, buildings), buildings)
    messages.success(request, say(f"已存入 {count} 行。", f"Stored {count} rows."), extra_tags="good")
    return redirect("letting_fees", place.pk)


def _sent(request: HttpRequest, place: Any, template: str, enter: Any) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            with sent_file(form.cleaned_data["file"]) as path:
                done: HttpResponse = enter(request, place, path)
                return done
        except HutongError as caught:
            faults = spoken_rows(caught)
            form.add_error("file", error_words(caught))
    context = {"place": place, "form": form, "faults": faults, "held": selectors.published(place)}
    return render(request, template, context, status=400 if form.errors else 200)


@permitted("lettings.publish", load=lambda pk: selectors.quarter(pk))
def rooms_sheet(request: HttpRequest, place: Any) -> HttpResponse:
    """Give the form of rooms: with the list that holds, or with the free spaces of the newest snapshot."""
    held = selectors.published(place)
    rows = selectors.filled_rows(place, request.user) if held is None else [cells_of(r.told) for r in held.rooms.all()]  # fmt: skip
    return _xlsx(rooms_form(rows), f"rooms-{place.pk}", ROOMS_GUIDE)


@permitted("lettings.publish", load=lambda pk: selectors.quarter(pk))
def fees_sheet(request: HttpRequest, place: Any) -> HttpResponse:
    """Give the form of fees, a row a building."""
    return _xlsx(fees_form(selectors.buildings_of(place, request.user)), f"fees-{place.pk}", FEES_GUIDE)


def _xlsx(sheet: Any, name: str, guide: tuple[Text, ...]) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return HttpResponse(xlsx_bytes([sheet], guide), content_type=XLSX, headers=headers)


ROOMS_GUIDE = (
    Text("每行一处房屋。不知道的留空：空着就是未知，不是零。", "One room a row. Leave blank what is not known: blank is unknown, not zero."),
    Text("不写户号，不写个人姓名；私人持有的，“持有单位”留空。", "No number of a home and no name of a person; of a private holder leave the holder blank."),
    Text("租金和补贴要写依据。", "Say what rent and subsidy rest on."),
)  # fmt: skip
FEES_GUIDE = (
    Text("每行一栋楼一年。页面上只按小区合计、以 5% 为一档显示，满 20 户才显示。", "One building and year a row. Pages show the sum of the estate alone, in steps of 5 %, and from 20 households on."),
)  # fmt: skip


@permitted("lettings.publish", load=lambda pk: selectors.letting(pk))
def draft(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a list to the office before it is published, and after."""
    rooms = [{"r": r, "told": r.told} for r in found.rooms.select_related("building")]
    return render(request, "lettings/list.html", {"letting": found, "rooms": rooms, "kinds": use_book().spaces})  # fmt: skip


@require_POST
@permitted("lettings.publish", load=lambda pk: selectors.letting(pk))
def publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Publish a list."""
    services.publish(found, request.user)
    messages.success(request, say("已公布，哈希记入台账。", "Published; its hash stands in the ledger."), extra_tags="good")  # fmt: skip
    return redirect("lettings")


@require_POST
@permitted("lettings.publish", load=lambda pk: selectors.letting(pk))
def withdraw(request: HttpRequest, found: Any) -> HttpResponse:
    """Take a list away."""
    services.withdraw(found)
    return redirect("lettings")
