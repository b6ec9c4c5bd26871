"""The pages of operation: contracts with the band computed, returns, assets, ratings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.contracts import (
    LEVELS,
    LINES,
    Return,
    asset_machine,
    band_lines,
    contract_machine,
    read_assets,
    read_returns,
)
from hutong.act.contracts import STANDINGS as BANDS
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.service.consent.uploads import read_upload
from hutong.service.jobs import services as jobs
from hutong.service.operation import forms, selectors, services
from hutong.service.operation.floor.selectors import districts
from hutong.service.places.selectors import place as place_by_id
from hutong.service.projects.forms import DeedForm, checked
from hutong.service.projects.selectors import places_for, rules_on
from hutong.service.schemes.selectors import state_title
from hutong.service.schemes.selectors import version as version_by_id
from hutong.service.web.access import permitted, public, require, signed_in
from hutong.service.web.asked import asked_key
from hutong.service.words import done_words, error_words, say
from hutong.text import Text

MOST_JSON = 5_000_000


@public
def contracts(request: HttpRequest) -> HttpResponse:
    """List the contracts, with how each stands in its band; assets and the floor-area account beside them."""
    today = timezone.localdate()
    rows = []
    for c in selectors.visible(request.user)[:100]:
        standing = selectors.band(c, today).standing
        state = contract_machine().states[c.state].title
        rows.append({"c": c, "band": BANDS[standing], "mark": selectors.MARKS[standing], "state": state})
    context = {"rows": rows, "places": selectors.asset_places(request.user), "districts": districts()}
    return render(request, "operation/contracts.html", context)


@permitted("operation.enter")
def new(request: HttpRequest) -> HttpResponse:
    """Enter a contract from its file, or draw one from a version of a scheme in the background."""
    places = places_for(request.user, ("district",))
    asked = {"place": asked_key(request, "place")}
    form = forms.ContractForm(request.POST or None, request.FILES or None, places=places, initial=asked)
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        place = place_by_id(int(c["place"]))
        require(request, "operation.enter", place)
        raw = c["terms"].read(MOST_JSON + 1)
        try:
            text = raw.decode("utf-8") if len(raw) <= MOST_JSON else ""
            title = Text(c["title_zh"], c["title_en"] or c["title_zh"])
            return redirect("contract", services.enter(place, title, text, request.user, c["token"]).pk)
        except UnicodeDecodeError:
            form.add_error("terms", say("文件不是文本。", "The file is no text."))
        except HutongError as caught:
            form.add_error("terms", error_words(caught))
    versions = selectors.drawable(request.user)
    asked = {"version": asked_key(request, "version")}
    context = {
        "form": form, "versions": versions,
        "draw": forms.DrawForm(versions=versions, auto_id="draw_%s", initial=asked),
    }  # fmt: skip
    return render(request, "operation/new.html", context, status=400 if form.errors else 200)


@require_POST
@permitted("operation.enter")
def draw(request: HttpRequest) -> HttpResponse:
    """Draw the contract of a version of a scheme in the background."""
    c = checked(forms.DrawForm(request.POST, versions=selectors.drawable(request.user)))
    found = version_by_id(int(c["version"]))
    require(request, "operation.enter", found)
    asked = {"version": found.pk, "first_year": c["first_year"], "token": str(c["token"])}
    job = jobs.start("operation.draw", found.place, request.user, **asked)
    return redirect("job", job.pk)


@permitted("operation.see", load=selectors.contract)
def contract(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a contract: clauses, band, years, returns, ratings, and what the reader may do."""
    table, terms = contract_machine(), selectors.terms(found)
    held = selectors.band(found, timezone.localdate())
    context = {
        "c": found, "terms": terms, "state": table.states[found.state].title, "band": held,
        "scheme": None if found.version is None else state_title(found.version.scheme),
        "band_said": BANDS[held.standing], "mark": selectors.MARKS[held.standing], "lines": band_lines(terms, held),
        "years": selectors.years(found, held), "returns": _returns(found), "ratings": selectors.ratings(found),
        "todo": _todo(selectors.may_do(request.user, found), table), "fewest": FEWEST_PEOPLE, "deeds": _deeds(found, table),
        "return_form": forms.ReturnForm(auto_id="return_%s"), "table_form": forms.TableForm(auto_id="table_%s"),
        "rate_form": forms.RateForm(auto_id="rate_%s"),
    }  # fmt: skip
    return render(request, "operation/contract.html", context)


def _todo(may: list[tuple[Any, str]], table: Any) -> list[dict[str, Any]]:
    return [{"event": e, "as": table.actors[a], "form": DeedForm(event=e, table=table)} for e, a in may]


def _deeds(found: Any, table: Any) -> list[dict[str, Any]]:
    return [
        {"title": table.events[d.event].title, "by": table.actors[d.by], "at": d.at}
        for d in found.deeds.all()
    ]


def _returns(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "r": r,
            "lines": [{"title": LINES[k][2], "yuan": v} for k, v in r.yuan.items()],
            "levels": [{"title": LEVELS[k], "value": v} for k, v in r.levels.items()],
        }
        for r in selectors.returns(found)
    ]


def _act(request: HttpRequest, found: Any, event: str, table: Any, write: Any) -> None:
    """Let the reader do one thing, as an actor that they are."""
    if event not in table.events:
        raise Http404
    mine = {e.id: (e, a) for e, a in selectors.may_do(request.user, found)}
    if event not in mine:
        if found.state in table.events[event].origin:
            raise PermissionDenied
        raise HutongError(
            "act-event",
            Text("这件事已经办过，或现在还不能办。", "This was done already, or cannot be done yet."),
            Text("请刷新后查看现在可以办什么。", "Reload to see what may follow."),
        )
    kind, as_whom = mine[event]
    form = DeedForm(request.POST, request.FILES, event=kind, table=table)
    c = checked(form)
    write(found, event, as_whom, request.user, form.said(), c.get("document"))
    messages.success(request, done_words(kind.title), extra_tags="good")


@require_POST
@signed_in
def do(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Do one thing to a contract."""
    found = selectors.contract(pk)
    require(request, "operation.see", found)
    _act(request, found, event, contract_machine(), services.do)
    return redirect("contract", pk)


@require_POST
@permitted("operation.report", load=selectors.contract)
def file_return(request: HttpRequest, found: Any) -> HttpResponse:
    """File a return by form."""
    form = forms.ReturnForm(request.POST)
    c = checked(form)
    yuan, levels = form.given()
    services.file_returns(found, [Return(c["period"], yuan, levels)], request.user)
    messages.success(request, say("已报送并存证。", "Reported, and in the ledger."), extra_tags="good")
    return redirect("contract", found.pk)


@require_POST
@permitted("operation.report", load=selectors.contract)
def file_table(request: HttpRequest, found: Any) -> HttpResponse:
    """File returns from a table."""
    c = checked(forms.TableForm(request.POST, request.FILES))
    made = services.file_returns(found, read_returns(read_upload(c["table"])), request.user)
    messages.success(
        request, say(f"已报送 {len(made)} 期。", f"{len(made)} periods reported."), extra_tags="good"
    )
    return redirect("contract", found.pk)


@require_POST
@permitted("operation.rate", load=selectors.contract)
def rate(request: HttpRequest, found: Any) -> HttpResponse:
    """Rate the services, as somebody who lives there."""
    services.rate(found, request.user, checked(forms.RateForm(request.POST))["score"])
    messages.success(
        request, say("谢谢，您的评分已计入。", "Thank you; your rating counts."), extra_tags="good"
    )
    return redirect("contract", found.pk)


@permitted("operation.assets", load=place_by_id)
def assets(request: HttpRequest, place: Any) -> HttpResponse:
    """Show the asset register of a place."""
    today, rules = timezone.localdate(), rules_on(timezone.localdate())
    rows = list(selectors.assets_at(place))
    found = selectors.registered(rows, today)
    due = {a.id for a in found.due}
    shown = [
        {
            "a": a, "ends": k.ends(), "value": k.value(today), "warranty": k.warranty(rules), "due": k.id in due,
            "state": asset_machine().states[a.state].title, "kind": selectors.kind_title(a.kind),
        }
        for a, k in zip(rows, found.assets, strict=True)
    ]  # fmt: skip
    context = {"place": place, "rows": shown, "found": found, "form": forms.TableForm(), "late": len(due)}
    return render(request, "operation/assets.html", context)


@require_POST
@permitted("operation.register", load=place_by_id)
def register(request: HttpRequest, place: Any) -> HttpResponse:
    """Enter assets from a table."""
    c = checked(forms.TableForm(request.POST, request.FILES))
    made = services.register_assets(place, read_assets(read_upload(c["table"])))
    messages.success(
        request, say(f"已登记 {len(made)} 项。", f"{len(made)} assets entered."), extra_tags="good"
    )
    return redirect("assets", place.pk)


@permitted("operation.assets", load=selectors.asset)
def asset(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an asset over its life, and what the reader may do."""
    table = asset_machine()
    held = selectors.registered([found], timezone.localdate()).assets[0]
    context = {
        "a": found, "held": held, "value": held.value(timezone.localdate()), "state": table.states[found.state].title,
        "kind": selectors.kind_title(found.kind), "todo": _todo(selectors.may_do(request.user, found), table), "deeds": _deeds(found, table),
    }  # fmt: skip
    return render(request, "operation/asset.html", context)


@require_POST
@permitted("operation.assets", load=lambda pk, event: _AssetEvent(pk, event))
def do_asset(request: HttpRequest, asked: Any) -> HttpResponse:
    """Do one thing to an asset."""
    _act(request, asked.of, asked.event, asset_machine(), services.do_asset)
    return redirect("asset", asked.of.pk)


class _AssetEvent:
    """An asset with what is to be done to it; it has the asset's place."""

    def __init__(self, pk: int, event: str) -> None:
        self.of, self.event = selectors.asset(pk), event
        self.place, self.phase = self.of.place, self.of.phase
