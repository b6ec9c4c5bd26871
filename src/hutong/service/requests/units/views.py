"""The pages of units: the list, one unit with its people and what it takes, and tables in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.act.cases import default_catalogue
from hutong.errors import HutongError
from hutong.service.accounts.selectors import user_named
from hutong.service.places.selectors import at as place_at
from hutong.service.requests.units import forms, reading, selectors, services
from hutong.service.web.access import permitted, require
from hutong.service.words import say, spoken
from hutong.text import Text

MOST_BYTES = 5 * 1024 * 1024


@permitted("requests.see_units")
def units(request: HttpRequest) -> HttpResponse:
    """List the units; the administrator sets them up here."""
    sets_up = request.user.has_perm("requests.set_units")
    form = usual = table = None
    if sets_up:
        asked = request.POST.get("do", "") if request.method == "POST" else ""
        sent = {name: request.POST if asked == name else None for name in ("one", "usual", "table")}
        form = forms.UnitForm(sent["one"], viewer=request.user)
        usual = forms.UsualForm(sent["usual"], viewer=request.user)
        files = request.FILES if asked == "table" else None
        table = forms.TableForm(sent["table"], files, viewer=request.user)
    if request.method == "POST":
        require(request, "requests.set_units")
        for asked_form, do in ((form, _one), (usual, _usual), (table, _table)):
            if asked_form is not None and asked_form.is_bound and asked_form.is_valid():
                place = place_at(asked_form.cleaned_data["place"])
                require(request, "requests.set_units", place)
                messages.success(
                    request, spoken(do(asked_form.cleaned_data, place, request.user)), extra_tags="good"
                )
                return redirect("units")
    wrong = any(f is not None and f.errors for f in (form, usual, table))
    context = {"rows": selectors.listed(request.user), "form": form, "usual": usual, "table": table}
    return render(request, "requests/units.html", context, status=400 if wrong else 200)


def _one(given: dict[str, Any], place: Any, by: Any) -> Text:
    title = Text(given["name_zh"], given["name_en"] or given["name_zh"])
    services.make_unit(given["code"], place, title, by)
    return Text(f"已设立：{title.zh}", f"Set up: {title.en}")


def _usual(given: dict[str, Any], place: Any, by: Any) -> Text:
    for code in given["units"]:
        services.make_unit(code, place, default_catalogue().title(code), by)
    n = len(given["units"])
    return Text(f"已设立 {n} 个单位。", f"{n} units were set up.")


def _table(given: dict[str, Any], place: Any, by: Any) -> Text:
    sent = given["file"]
    kind = Path(sent.name).suffix.lower()
    if kind not in (".csv", ".xlsx") or sent.size > MOST_BYTES:
        raise HutongError(
            "unreadable",
            Text("文件不是 CSV 或 xlsx，或超过 5 MB。", "The file is no CSV or .xlsx, or larger than 5 MB."),
            Text("请另存为其中一种。", "Save it as one of these."),
        )
    take = reading.take_units if given["what"] == "units" else reading.take_dispatch
    with tempfile.TemporaryDirectory(prefix="hutong-units-") as folder:
        kept = Path(folder) / f"{Path(sent.name).stem[:60] or 'table'}{kind}"
        kept.write_bytes(sent.read())
        n = take(kept, place, by)
    return Text(f"已导入 {n} 行。", f"{n} rows were taken in.")


@permitted("requests.see_units", load=lambda pk: selectors.unit(pk))
def unit(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a unit: who works there, what it takes, what it holds; the administrator changes it here."""
    sets_up = request.user.has_perm("requests.set_units", found)
    asked = request.POST.get("do", "") if request.method == "POST" else ""
    names = {"name_zh": found.name_zh, "name_en": found.name_en}
    shown: dict[str, Any] = {}
    if sets_up:
        sent = {name: request.POST if asked == name else None for name in ("names", "person", "takes")}
        shown = {
            "names": forms.NamesForm(sent["names"], initial=names),
            "person": forms.PersonForm(sent["person"]),
            "takes": forms.TakesForm(sent["takes"], of=found),
        }
    if request.method == "POST":
        require(request, "requests.set_units", found)
        if asked == "retire":
            services.retire(found, request.user)
            messages.success(request, say("已撤销。", "Retired."), extra_tags="good")
            return redirect("units")
        form = shown.get(asked)
        if form is not None and form.is_valid():
            _change(asked, found, form.cleaned_data, request.user)
            messages.success(request, say("已保存。", "Saved."), extra_tags="good")
            return redirect("unit", found.pk)
    context = {
        "u": found, "people": selectors.people_of(found), "rows": selectors.taken_by(found), "forms": shown,
        "held": selectors.cases_of(found).count(),
    }  # fmt: skip
    wrong = any(form.errors for form in shown.values())
    return render(request, "requests/unit.html", context, status=400 if wrong else 200)


def _change(asked: str, found: Any, given: dict[str, Any], by: Any) -> None:
    if asked == "names":
        title = Text(given["name_zh"], given["name_en"] or given["name_zh"])
        services.make_unit(found.code, found.place, title, by)
    elif asked == "person":
        user = user_named(given["username"])
        if user is None:
            raise HutongError(
                "no-such-user",
                Text("没有这个用户名。", "There is no such user name."),
                Text(
                    "请核对后重试；对方需先注册。", "Check it and try again; they must have signed up first."
                ),
            )
        services.enlist(user, found, by)
    else:
        place = place_at(given["place"])
        for category in given["categories"]:
            services.take(found, category, place, given["helpers"], given["start"], by)


@require_POST
@permitted("requests.set_units", load=lambda pk: selectors.member(pk))
def unit_leave(request: HttpRequest, found: Any) -> HttpResponse:
    """End a person's acting for a unit."""
    services.leave(found, request.user)
    messages.success(request, say("已离岗。", "They no longer act for it."), extra_tags="good")
    return redirect("unit", found.unit_id)


@require_POST
@permitted("requests.set_units", load=lambda pk: selectors.row(pk))
def unit_end(request: HttpRequest, found: Any) -> HttpResponse:
    """End a row of the dispatch catalogue."""
    require(request, "requests.set_units", found.unit)
    services.end(found, request.user)
    messages.success(request, say("已停用。", "Ended."), extra_tags="good")
    return redirect("unit", found.unit_id)
