"""The pages of conditional signings."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.agree.rule import SIGNING
from hutong.service.consent import clock
from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots.kept_rule import rule_of, rules_on
from hutong.service.consent.ballots.words import rule_lines, silence_words
from hutong.service.consent.motions import selectors as motions
from hutong.service.consent.motions import services as two
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.views import checked
from hutong.service.consent.signing import selectors, services
from hutong.service.web.access import permitted, signed_in
from hutong.service.web.inputs import MomentInput
from hutong.service.words import later, say, spoken
from hutong.text import Text


class SigningForm(forms.Form):
    """A signing to be."""

    roll = forms.ChoiceField(label=later("名册", "Roll"))
    act = forms.ChoiceField(label=later("签约事项", "What is signed"))
    name_zh = forms.CharField(label=later("名称（中文）", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name in English"), max_length=120, required=False)
    terms = forms.CharField(
        label=later("协议全文", "The whole agreement"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    deadline = forms.DateTimeField(label=later("截止", "Deadline"), widget=MomentInput())
    early = forms.BooleanField(
        label=later("达到比例立即生效", "Takes effect as soon as the share is reached"), required=False
    )

    def __init__(self, *args: Any, own: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_on(clock.now().date())
        acts = [a for a, p in SIGNING.items() if p in rules and a in selectors.ACT_TITLES]
        self.fields["roll"].choices = [(r.pk, f"{spoken(r.title)} · {spoken(r.kind)}") for r in own]
        self.fields["act"].choices = [(a, spoken(selectors.ACT_TITLES[a])) for a in acts]


class SignForm(forms.Form):
    """One signature, or its withdrawal."""

    head = forms.CharField(max_length=40, required=False)
    dwelling_id = forms.CharField(label=later("房屋编号", "Home"), max_length=60, required=False)
    signer = forms.CharField(
        label=later("签字人（共有时填）", "Who signs (of a home with several)"),
        max_length=100,
        required=False,
    )
    event = forms.ChoiceField(
        label=later("办理", "What"), choices=[("sign", "sign"), ("withdraw", "withdraw"), ("join", "join")]
    )
    token = forms.UUIDField()


@permitted("consent.run")
def signing_new(request: HttpRequest) -> HttpResponse:
    """Make a signing."""
    own = [
        r
        for r in rolls.rolls_for(request.user)
        if r.state != "draft" and request.user.has_perm("consent.run", r)
    ]
    form = SigningForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        roll = next(r for r in own if str(r.pk) == given["roll"])
        title = Text(given["name_zh"], given["name_en"] or given["name_zh"])
        made = services.draft(
            roll, given["act"], title, given["terms"], given["deadline"], given["early"], request.user
        )
        return redirect("signing", made.pk)
    return render(
        request, "consent/signing_new.html", {"form": form, "rolls": own}, status=400 if form.errors else 200
    )


@permitted("consent.see", load=lambda pk: selectors.signing_by(pk))
def signing(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a signing: the terms, what is still needed, and the reader's own."""
    runs = request.user.is_authenticated and request.user.has_perm("consent.run", found)
    book = rolls.book(found.roll)
    rule = rule_of(found.rule)
    own = selectors.own(request.user, found, clock.now()) if request.user.is_authenticated else []
    return render(
        request,
        "consent/signing.html",
        {
            "signing": found, "ballot": found, "what": selectors.ACT_TITLES[found.act], "runs": runs,
            "mine": [{**m, "token": uuid.uuid4()} for m in own], "token": uuid.uuid4(),
            "lines": rule_lines(rule, len(book.roll), book.roll.total_cm2), "silence": silence_words(rule),
            "progress": selectors.progress(found) if found.state != "draft" else None, "motions": motions.of("signing", found.pk),
        },
    )  # fmt: skip


@require_POST
@permitted("consent.run", load=lambda pk, deed: (selectors.signing_by(pk), deed)[0])
def signing_propose(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose to open or to settle a signing."""
    deed = request.resolver_match.kwargs["deed"] if request.resolver_match else ""
    if deed not in ("open", "settle"):
        raise Http404
    two.propose(f"signing.{deed}", found.pk, found.place, request.user)
    return redirect("signing", found.pk)


@require_POST
@signed_in
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign, withdraw or join: for oneself, or as an officer with the signed paper of somebody at the counter."""
    found = selectors.signing_by(pk)
    given = checked(SignForm(request.POST))
    runs = request.user.has_perm("consent.run", found)
    if runs and given["dwelling_id"]:
        head, signer = ballots.signer_at(found, given["dwelling_id"], given["signer"])
        services.act(found, given["event"], head, signer, given["token"], user=None, entered_by=request.user)
    else:
        mine = [
            m["voter"]
            for m in selectors.own(request.user, found, clock.now())
            if m["voter"].head == given["head"]
        ]
        if not mine:
            raise PermissionDenied
        services.act(found, given["event"], mine[0].head, mine[0].signer, given["token"], user=request.user)
    messages.success(
        request, say("已记录，回执在存证台账里。", "Recorded; the receipt stands in the ledger.")
    )
    return redirect("signing", found.pk)
