"""The pages of rolls."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.agree.roll_book import held_back_words
from hutong.errors import HutongError
from hutong.service.accounts.selectors import user_named
from hutong.service.consent.motions import selectors as motions
from hutong.service.consent.motions import services as propose
from hutong.service.consent.rolls import selectors, services
from hutong.service.consent.rolls.forms import (
    AnswerForm,
    CorrectionForm,
    LinkForm,
    ObjectionForm,
    PublishForm,
    RollForm,
)
from hutong.service.consent.seal import token_of
from hutong.service.consent.uploads import read_upload
from hutong.service.places.selectors import within
from hutong.service.web.access import permitted, require, signed_in
from hutong.service.web.asked import asked_key
from hutong.service.words import say
from hutong.text import Text


def checked(form: forms.Form) -> dict[str, Any]:
    """Return what a form says.

    Raises
    ------
    HutongError
        ``bad-form`` naming each field that does not fit.
    """
    if form.is_valid():
        return dict(form.cleaned_data)
    rows = [
        f"{form.fields[f].label}: {' '.join(e)}" if f in form.fields else " ".join(e)
        for f, e in form.errors.items()
    ]
    raise HutongError(
        "bad-form",
        Text("表单有内容不合格，没有保存。", "The form does not fit; nothing was kept."),
        Text("请返回补充后重新提交。", "Go back, complete it and send it again."),
        rows,
    )


@permitted("consent.run")
def roll_new(request: HttpRequest) -> HttpResponse:
    """Import a roll."""
    places = selectors.places_for(request.user)
    asked = {"place": asked_key(request, "place")}
    form = RollForm(request.POST or None, request.FILES or None, places=places, initial=asked)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = next(p for p in places if str(p.pk) == given["place"])
        require(request, "consent.run", place)
        title = Text(given["name_zh"], given["name_en"] or given["name_zh"])
        made = services.make_roll(
            services.NewRoll(place, given["act"], title, read_upload(given["table"])), request.user
        )
        return redirect("roll", made.pk)
    return render(request, "consent/roll_new.html", {"form": form}, status=400 if form.errors else 200)


@permitted("consent.see", load=lambda pk: selectors.roll(pk))
def roll(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a roll: what everyone may know, the reader's own lines, and to officers what they can do."""
    book = selectors.book(found)
    runs = request.user.has_perm("consent.run", found) if request.user.is_authenticated else False
    seats = selectors.seats_of(request.user, found)
    homes = sorted({s.dwelling_id for s in seats})
    first = ObjectionForm(auto_id="objection_%s", initial={"dwelling_id": homes[0] if homes else ""})
    area = {e.dwelling_id: e.area_cm2 / 10_000 for e in book.entries if e.dwelling_id in homes}
    return render(
        request,
        "consent/roll.html",
        {
            "roll": found, "heads": len(book.roll), "area_m2": book.roll.total_cm2 / 10_000, "hash": book.hash,
            "buildings": selectors.by_building(found), "held": selectors.held_back(book),
            "mine": [{"home": s.dwelling_id, "share": s.share, "area_m2": area[s.dwelling_id]} for s in seats],
            "held_homes": selectors.held_homes(request.user, found), "unclear": selectors.unclear_homes(request.user, found),
            "versions": found.versions.all(), "objection": first, "motions": motions.of("roll", found.pk),
            **(_office(found, book) if runs else {}),
        },
    )  # fmt: skip


def _office(found: Any, book: Any) -> dict[str, Any]:
    objections = [{"o": o, "form": AnswerForm(prefix=f"o{o.pk}")} for o in found.objections.all()]
    return {
        "runs": True, "objections": objections, "publish": PublishForm(),
        "correction": CorrectionForm(auto_id="correct_%s"), "linking": LinkForm(auto_id="link_%s"),
        "entries": [
            {"dwelling_id": e.dwelling_id, "head": e.head, "area_m2": e.area_cm2 / 10_000, "category": e.category} for e in book.entries[:200]
        ], "held_lines": [{"dwelling_id": home, "why": why} for home, why in held_back_words(book)[:200]],
    }  # fmt: skip


@require_POST
@permitted("consent.run", load=lambda pk: selectors.roll(pk))
def roll_replace(request: HttpRequest, found: Any) -> HttpResponse:
    """Import another table for a draft."""
    if "table" not in request.FILES:
        raise HutongError(
            "bad-form", Text("没有选文件。", "No file was chosen."), Text("请选名册表。", "Choose the table.")
        )
    services.replace_roll(found, read_upload(request.FILES["table"]))
    return redirect("roll", found.pk)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.roll(pk))
def roll_publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a roll for objections."""
    services.publish(found, checked(PublishForm(request.POST))["days"], request.user)
    return redirect("roll", found.pk)


@require_POST
@signed_in
def roll_object(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to a roll: for one's own home, or as an officer for somebody at the counter."""
    found = selectors.roll(pk)
    runs = request.user.has_perm("consent.run", found)
    given = checked(ObjectionForm(request.POST))
    own = {link.dwelling_id for link in selectors.links_of(request.user)}
    if not runs and given["dwelling_id"] not in own:
        raise PermissionDenied
    services.object_to(
        found, given["dwelling_id"], given["words"], given["token"],
        owner=None if runs else request.user, entered_by=request.user if runs else None,
    )  # fmt: skip
    messages.success(
        request,
        say("异议已收到，答复会显示在这里。", "The objection was received; its answer will stand here."),
    )
    return redirect("roll", found.pk)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.objection(pk))
def objection_answer(request: HttpRequest, found: Any) -> HttpResponse:
    """Answer an objection."""
    given = checked(AnswerForm(request.POST, prefix=f"o{found.pk}"))
    services.answer(found, given["upheld"] == "yes", given["words"], request.user)
    return redirect("roll", found.roll_id)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.roll(pk))
def roll_freeze(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose to freeze a roll."""
    propose.propose("roll.freeze", found.pk, found.place, request.user)
    return redirect("roll", found.pk)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.roll(pk))
def roll_correct(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose a correction of a roll."""
    form = CorrectionForm(request.POST)
    checked(form)
    propose.propose("roll.correct", found.pk, found.place, request.user, form.asked())
    return redirect("roll", found.pk)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.roll(pk))
def roll_link(request: HttpRequest, found: Any) -> HttpResponse:
    """Link a verified account to a home."""
    given = checked(LinkForm(request.POST))
    user = user_named(given["username"])
    building = within(found.place, "building").filter(code=given["building"]).first()
    if user is None or building is None:
        raise HutongError(
            "no-such",
            Text("没有这个用户名或楼栋。", "There is no such user name or building."),
            Text("请核对后重试。", "Check both and try again."),
        )
    services.link(user, building, given["dwelling_id"], token_of(given["holder"]) if given["holder"] else "")
    messages.success(request, say("已关联。", "Linked."))
    return redirect("roll", found.pk)
