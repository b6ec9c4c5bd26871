"""The pages of exchange: what this site offers, what came from elsewhere and whose it is, the sites that are known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.exchange import selectors, services
from hutong.service.exchange.contents import PACKERS, candidates
from hutong.service.exchange.package import LARGEST
from hutong.service.exchange.policies import OFFICE
from hutong.service.ledger.keys import signing_key
from hutong.service.open_data.licences import UNKNOWN, licences
from hutong.service.open_data.selectors import licence_at
from hutong.service.places.selectors import place as place_by_id
from hutong.service.projects.forms import checked
from hutong.service.web.access import permitted, public, require
from hutong.service.words import later, say, spoken
from hutong.text import Text


class SiteForm(forms.Form):
    """A site whose key was checked."""

    place = forms.ChoiceField(label=later("对哪里有效", "For which place"))
    name = forms.CharField(label=later("站点", "Site"), max_length=120)
    key = forms.CharField(label=later("公钥", "Its key"), max_length=300, help_text=later("对方站点 /ledger/key 的一行。", "The line at /ledger/key of the other site."))  # fmt: skip
    how = forms.CharField(label=later("怎样核对的", "How it was checked"), max_length=200, help_text=later("例如：电话向某人逐字核对。", "For example: read out on the phone by whom."))  # fmt: skip

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]


class FileForm(forms.Form):
    """A package that was brought as a file."""

    place = forms.ChoiceField(label=later("收到哪里", "For which place"))
    package = forms.FileField(label=later("交换包（zip）", "Package (zip)"))

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(p.pk, spoken(p.title)) for p in places]


@public
def exchange(request: HttpRequest) -> HttpResponse:
    """Show what this site offers, what came from elsewhere, and for the office the known sites and what can be packed."""
    office = selectors.places_for(request.user, OFFICE)
    keepers = selectors.places_for(request.user, ("district", "city"))
    context = {
        "offers": selectors.offers()[:100],
        "received": selectors.visible(request.user)[:100],
        "key": str(signing_key().verifier),
        "office": office,
        "candidates": [c for p in office for c in candidates(p)],
        "file_form": FileForm(places=office, auto_id="file-%s"),
        "site_form": SiteForm(places=keepers, auto_id="site-%s") if keepers else None,
        "partners": selectors.partners_of(request.user),
        "licences": licences().values(),
        "licence": licence_at(office[0]).id if office else "",
    }
    return render(request, "exchange/list.html", context)


@require_POST
@permitted("exchange.offer")
def make_offer(request: HttpRequest) -> HttpResponse:
    """Pack something public."""
    kind, _, key = request.POST.get("what", "").partition(":")
    if kind not in PACKERS or not key.isdecimal() or len(key) > 15:
        raise HutongError(
            "bad-form",
            Text("没有选要打包什么。", "It does not say what to pack."),
            Text("请从列表中选择。", "Choose one of the list."),
        )
    place, _title, _content = PACKERS[kind](int(key))
    require(request, "exchange.offer", place)
    made = services.make_offer(kind, int(key), request.user, request.POST.get("licence", ""))
    messages.success(
        request, say("已打包签名：", "Packed and signed: ") + spoken(made.title), extra_tags="good"
    )
    return redirect("exchange")


@public
def offer_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a package."""
    return _zip(bytes(selectors.offer(pk).data), f"hutong-{selectors.offer(pk).kind}-{pk}.zip")


def _zip(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        data,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@permitted("exchange.send")
def receive(request: HttpRequest) -> HttpResponse:
    """Take a package that was brought as a file; it waits for a decision."""
    form = FileForm(request.POST, request.FILES, places=selectors.places_for(request.user, OFFICE))
    given = checked(form)
    place = place_by_id(int(given["place"]))
    require(request, "exchange.send", place)
    data = given["package"].read(LARGEST + 1)
    return redirect("exchange_received", services.receive(place, data, request.user.get_full_name()).pk)


@permitted("exchange.see", load=lambda pk: selectors.received(pk))
def received(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a package from elsewhere: whose it is, what it holds, what taking it in would do."""
    opened = selectors.opened(found)
    context = {
        "r": found,
        "m": opened.manifest.model_dump(),
        "c": opened.content.model_dump(),
        "effects": selectors.effects(opened),
        "partner": selectors.known(found.place, found.key),
        "licence": {**licences(), UNKNOWN.id: UNKNOWN}.get(opened.manifest.origin.licence),
    }
    return render(request, "exchange/received.html", context)


@permitted("exchange.see", load=lambda pk: selectors.received(pk))
def received_file(request: HttpRequest, found: Any) -> HttpResponse:
    """Give a package from elsewhere as it came, signature and all."""
    return _zip(bytes(found.data), f"hutong-{found.kind}-{found.digest[:12]}.zip")


@require_POST
@permitted("exchange.decide", load=lambda pk: selectors.received(pk))
def decide(request: HttpRequest, found: Any) -> HttpResponse:
    """Take a package in, or refuse it."""
    services.decide(found, request.POST.get("take") == "yes", request.user)
    return redirect("exchange_received", found.pk)


@require_POST
@permitted("exchange.partners")
def know(request: HttpRequest) -> HttpResponse:
    """Enter a site whose key was checked."""
    form = SiteForm(request.POST, places=selectors.places_for(request.user, ("district", "city")))
    given = checked(form)
    place = place_by_id(int(given["place"]))
    if not request.user.has_perm("exchange.partners", place):
        raise PermissionDenied
    services.know(place, given["name"], given["key"], given["how"], request.user)
    messages.success(request, say("已登记。", "Entered."), extra_tags="good")
    return redirect("exchange")


@require_POST
@permitted("exchange.partners", load=lambda pk: selectors.partner(pk))
def forget(request: HttpRequest, found: Any) -> HttpResponse:
    """Know a site no longer."""
    services.forget(found)
    return redirect("exchange")
