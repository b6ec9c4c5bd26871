"""The pages of drafts: read with the comments beside each paragraph, say something, answer."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.agree.statements import hide_reasons
from hutong.errors import HutongError
from hutong.service.council import selectors
from hutong.service.council.drafts import services
from hutong.service.council.forms import TokenForm, words_field
from hutong.service.web.access import permitted
from hutong.service.words import error_words, later, say, spoken


class DraftForm(TokenForm):
    """A draft."""

    title = forms.CharField(label=later("标题", "Title"), max_length=120)
    text = words_field("正文（空一行分段）", "Text (an empty line ends a paragraph)", 60_000, rows=16)


@permitted("council.draft", load=lambda pk: selectors.process(pk))
def new(request: HttpRequest, found: Any) -> HttpResponse:
    """Put a draft up for comment."""
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.put(found, given["title"], given["text"], request.user, given["token"])
        except HutongError as caught:
            form.add_error("text", error_words(caught))
        else:
            return redirect("council_draft", made.pk)
    return render(request, "council/new_draft.html", {"p": found, "form": form}, status=400 if form.errors else 200)  # fmt: skip


@permitted("council.see", load=lambda pk: selectors.draft(pk))
def draft(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a draft with the comments and answers at each paragraph."""
    rows = [
        {"p": p, "comments": [c for c in p.comments.all() if not c.hidden], "hidden": sum(bool(c.hidden) for c in p.comments.all()), "token": uuid.uuid4()}
        for p in found.paragraphs.prefetch_related("comments")
    ]  # fmt: skip
    reasons = [(code, spoken(words)) for code, words in hide_reasons().items()]
    return render(request, "council/draft.html", {"d": found, "rows": rows, "reasons": reasons})


@require_POST
@permitted("council.comment", load=lambda pk: selectors.paragraph(pk))
def comment(request: HttpRequest, found: Any) -> HttpResponse:
    """Say something of a paragraph."""
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    services.comment(found, request.user, request.POST.get("words", ""), token)
    messages.success(request, say("已写上。", "It stands."), extra_tags="good")
    return redirect("council_draft", found.draft_id)


@require_POST
@permitted("council.answer_comment", load=lambda pk: selectors.comment(pk))
def answer(request: HttpRequest, found: Any) -> HttpResponse:
    """Answer a comment."""
    services.answer(found, request.POST.get("words", ""), request.user)
    return redirect("council_draft", found.paragraph.draft_id)


@require_POST
@permitted("council.moderate", load=lambda pk: selectors.comment(pk))
def hide(request: HttpRequest, found: Any) -> HttpResponse:
    """Hide a comment with a reason."""
    services.hide(found, request.POST.get("reason", ""))
    return redirect("council_draft", found.paragraph.draft_id)
