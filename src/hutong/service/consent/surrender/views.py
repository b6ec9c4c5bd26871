"""The pages of lease surrender."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.agree.surrender import improvements, surrender_forms
from hutong.service.consent import clock
from hutong.service.consent.improving import services as improving
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.views import checked
from hutong.service.consent.surrender import selectors, services
from hutong.service.web.access import permitted, public, signed_in
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, spoken
from hutong.text import Text


class ProjectForm(forms.Form):
    """A project to be."""

    roll = forms.ChoiceField(label=later("承租人名册", "Roll of lessees"))
    name_zh = forms.CharField(label=later("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name in English"), max_length=120, required=False)
    terms = forms.CharField(
        label=later("项目公告全文（补偿口径）", "The whole announcement with the terms"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    briefing_from = forms.DateField(label=later("宣讲开始", "Briefing from"), widget=DayInput())

    def __init__(self, *args: Any, own: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roll"].choices = [(r.pk, spoken(r.title)) for r in own]


class DoForm(forms.Form):
    """What comes with an event."""

    party = forms.ChoiceField(choices=[(p, p) for p in selectors.PARTIES])
    token = forms.UUIDField()
    market_yuan_m2 = forms.IntegerField(
        label=later("市场单价 元/m²", "Market price, ¥/m²"), min_value=0, max_value=10**7, required=False
    )
    replacement_yuan_m2 = forms.IntegerField(
        label=later("重置单价 元/m²", "Replacement price, ¥/m²"), min_value=0, max_value=10**6, required=False
    )
    newness = forms.IntegerField(
        label=later("成新率 %", "Newness, %"), min_value=0, max_value=100, required=False
    )
    award = forms.IntegerField(
        label=later("奖励合计 元", "Awards, ¥"), min_value=0, max_value=10**8, required=False
    )
    sum_yuan = forms.IntegerField(
        label=later("总额 元", "Sum, ¥"), min_value=0, max_value=10**10, required=False
    )
    form = forms.ChoiceField(label=later("补偿方式", "Form"), required=False)
    words = forms.CharField(
        label=later("理由或记录", "Reason or record"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [("", "—"), *((f, spoken(t)) for f, t in surrender_forms().items())]

    def said(self) -> services.Said:
        """Return what was said."""
        g = self.cleaned_data
        awards = {"": g["award"]} if g["award"] else None
        share = Fraction(100 if g["newness"] is None else g["newness"], 100)
        return services.Said(
            g["market_yuan_m2"] or 0,
            g["replacement_yuan_m2"] or 0,
            share,
            awards,
            g["sum_yuan"],
            g["words"],
            g["form"],
        )


#: Which fields an event asks for.
ASKS = {
    "offer": ("market_yuan_m2", "replacement_yuan_m2", "newness", "award", "words"), "counter": ("sum_yuan", "words"),
    "settle": ("sum_yuan", "words"), "fail": ("words",), "choose": ("form",), "decline": ("words",), "mediate": ("words",),
}  # fmt: skip


@permitted("consent.run")
def surrender_new(request: HttpRequest) -> HttpResponse:
    """Make a project of surrender."""
    own = [
        r
        for r in rolls.rolls_for(request.user)
        if r.act == "lessees" and r.state != "draft" and request.user.has_perm("consent.run", r)
    ]
    form = ProjectForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        g = form.cleaned_data
        roll = next(r for r in own if str(r.pk) == g["roll"])
        title = Text(g["name_zh"], g["name_en"] or g["name_zh"])
        return redirect(
            "surrender", services.make_project(roll, title, g["terms"], g["briefing_from"], request.user).pk
        )
    return render(
        request,
        "consent/surrender_new.html",
        {"form": form, "rolls": own},
        status=400 if form.errors else 200,
    )


@public
def surrender(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a project: steps, terms, what staying means, and the reader's own home."""
    found = selectors.project(pk)
    signed, today = request.user.is_authenticated, timezone.localtime(clock.now()).date()
    mine = selectors.lessee(request.user, found) if signed else []
    asked = improving.of_homes(found, [m["seat"].dwelling_id for m in mine])
    offers = signed and request.user.has_perm("consent.offer", found)
    desk = offers or (signed and request.user.has_perm("consent.mediate", found))
    return render(
        request,
        "consent/surrender.html",
        {
            "project": found, "steps": selectors.calendar(found, today), "open_now": selectors.may_apply(found, today), "signing": selectors.window(found), "mine": [{**m, "token": uuid.uuid4(), **_improving(request, m, asked)} for m in mine],
            "held": rolls.held_homes(request.user, found.roll) if signed else [], "progress": selectors.progress(found),
            "improvements": improvements().values(), "desk": desk,
            "applications": [{"a": a, "state": selectors.STATES[a.state]} for a in found.applications.order_by("state", "dwelling_id")] if desk else [],
            "asked": [{"i": i, **_acts(request, i)} for i in found.improvements.all()] if offers else [],  # they answer
        },
    )  # fmt: skip


def _improving(request: HttpRequest, home: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a household that stays has asked for, or the form to ask with."""
    application, found = home["application"], asked.get(home["seat"].dwelling_id)
    stays = application is None or application.state == "staying"
    open_ = found is not None and not found.over
    form = (
        ImproveForm(initial={"token": uuid.uuid4()}, prefix=f"i{home['seat'].pk}")
        if stays and not open_
        else None
    )
    return {"asked": {"i": found, **_acts(request, found)} if found else None, "improve": form}


def _acts(request: HttpRequest, found: Any) -> dict[str, Any]:
    kinds = improvements()
    acts = improving.allowed(found, improving.parties_of(request.user, found))
    return {
        "kinds": [kinds[k] for k in found.kinds if k in kinds],
        "acts": [{"event": e, "title": t, "form": ImproveDoForm(event=e)} for e, t in acts],
    }


class ImproveForm(forms.Form):
    """What a household that stays asks for."""

    kinds = forms.MultipleChoiceField(
        label=later("要改善什么", "What is to be improved"), widget=forms.CheckboxSelectMultiple
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(k, spoken(t)) for k, t in improvements().items()]


class ImproveDoForm(forms.Form):
    """What comes with the next thing that is done to a request."""

    def __init__(self, *args: Any, event: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=event, **kwargs)
        if event == "promise":
            day = DayInput()
            self.fields["due"] = forms.DateField(label=later("完工日期", "Built by"), widget=day)
        if event in ("promise", "refuse", "send_back"):
            self.fields["words"] = forms.CharField(
                label=later("说明", "In words"),
                max_length=1000,
                required=event != "promise",
                widget=forms.Textarea(attrs={"rows": 3}),
            )


@require_POST
@signed_in
def improve(request: HttpRequest, pk: int, dwelling_id: str) -> HttpResponse:
    """Ask for improvement of one's own home."""
    found = selectors.project(pk)
    mine = {m["seat"].dwelling_id: m["seat"] for m in selectors.lessee(request.user, found)}
    if dwelling_id not in mine:
        raise PermissionDenied
    given = checked(ImproveForm(request.POST, prefix=f"i{mine[dwelling_id].pk}"))
    improving.ask(found, dwelling_id, mine[dwelling_id].holder, given["kinds"], given["token"], request.user)
    return redirect("surrender", found.pk)


@require_POST
@signed_in
def improve_do(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Do one thing to a request for improvement, as a party that the reader is."""
    found = improving.improvement(pk)
    if event not in improving.EVENTS:
        raise Http404
    if improving.EVENTS[event][2] not in improving.parties_of(request.user, found):
        raise PermissionDenied
    given = checked(ImproveDoForm(request.POST, event=event))
    improving.do(found, event, request.user, given.get("due"), given.get("words", ""))
    return redirect("surrender", found.project_id)


@require_POST
@signed_in
def surrender_apply(request: HttpRequest, pk: int, dwelling_id: str) -> HttpResponse:
    """Apply for one's own home."""
    found = selectors.project(pk)
    token = checked(TokenForm(request.POST))["token"]
    held = {home for home, _ in rolls.held_homes(request.user, found.roll)}
    if dwelling_id in held:
        raise selectors.not_on_roll(rolls.book(found.roll), dwelling_id)
    seat = next(
        (m["seat"] for m in selectors.lessee(request.user, found) if m["seat"].dwelling_id == dwelling_id),
        None,
    )
    if seat is None:
        raise PermissionDenied
    made = services.apply(found, dwelling_id, seat.holder, token, request.user)
    return redirect("application", made.pk)


class TokenForm(forms.Form):
    """A form that is sent once."""

    token = forms.UUIDField()


@signed_in
def application(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an application to its parties: where it stands, every offer line by line, what can be done now."""
    found = selectors.application(pk)
    parties = selectors.parties_of(request.user, found)
    audits = request.user.has_perm("consent.audit", found)
    if not parties and not audits:
        raise PermissionDenied
    deeds = [
        {
            "event": e,
            "title": selectors.EVENTS[e],
            "party": p,
            "fields": [DoForm(auto_id=f"{p}_{e}_%s")[f] for f in ASKS.get(e, ())],
            "token": uuid.uuid4(),
        }
        for p in parties
        for e in selectors.allowed(found, p)
    ]
    onwards = selectors.next_deed(found)
    deeds = [{**d, "onwards": (d["event"], d["party"]) == onwards} for d in deeds]
    deeds.sort(key=lambda d: not d["onwards"])  # what leads on comes first
    offer, offered = selectors.on_the_table(found)
    return render(
        request,
        "consent/application.html",
        {
            "a": found, "state": selectors.STATES[found.state], "talk": selectors.TALKS[found.talk], "history": selectors.history(found),
            "deeds": deeds, "offer": offer, "offered": offered, "others": _others(found, parties), "area_m2": found.area_cm2 / 10_000, "form": surrender_forms().get(found.form),
        },
    )  # fmt: skip


def _others(found: Any, mine: list[str]) -> list[tuple[Text, Text]]:
    """Return what the other parties may do now, and who they are."""
    return [
        (selectors.EVENTS[e], selectors.PARTIES[p])
        for p in selectors.PARTIES
        if p not in mine
        for e in selectors.allowed(found, p)
    ]


@require_POST
@signed_in
def application_do(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Do one thing to an application, as a party that the reader is."""
    found = selectors.application(pk)
    form = DoForm(request.POST)
    party = request.POST.get("party", "")
    if party not in selectors.parties_of(request.user, found):
        raise PermissionDenied
    given = checked(form)
    services.do(found, event, party, form.said(), given["token"], request.user)
    return redirect("application", found.pk)


@permitted("consent.offers", load=lambda pk: selectors.project(pk))
def equal(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the offers that differ from like cases, and the reasons given."""
    rows = selectors.unequal(found).to_dict("records")
    return render(
        request,
        "consent/equal.html",
        {"project": found, "rows": [{**r, "words": Text(r["zh"], r["en"])} for r in rows]},
    )
