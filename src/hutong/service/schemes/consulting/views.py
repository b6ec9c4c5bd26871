"""The page where a resident says something of a version, of one of its measures or of what it does at one object."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from hutong.errors import HutongError
from hutong.service.council.forms import TokenForm, words_field
from hutong.service.schemes import selectors as schemes
from hutong.service.schemes.consulting import selectors, services
from hutong.service.web.access import permitted
from hutong.service.words import error_words, later, say, spoken


class SayForm(TokenForm):
    """One opinion."""

    words = words_field("您想说什么（一件事）", "What you want to say (one thing)", 140, rows=3, min_length=4)
    kind = forms.ChoiceField(
        label=later("这是", "This is"), widget=forms.RadioSelect, initial="proposal",
        choices=(("proposal", later("一条建议：请这样改", "a proposal: change this")), ("statement", later("一个看法", "a view"))),
    )  # fmt: skip
    object = forms.CharField(widget=forms.HiddenInput, max_length=120, required=False)
    measure = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)


class Asked:
    """A version with the process that hears it: it has the place and phase of the process."""

    def __init__(self, of: Any, process: Any) -> None:
        self.of, self.process, self.place, self.phase = of, process, process.place, process.phase


def asked(pk: int) -> Asked:
    """Return a version that is or was answered in a process, or raise ``Http404``."""
    found = schemes.version(pk)
    process = selectors.process_of(found)
    if process is None:
        raise Http404
    return Asked(found, process)


@permitted("council.vote", load=asked)
def speak(request: HttpRequest, at: Asked) -> HttpResponse:
    """Take one opinion on a version, or on the measure and object that the address names."""
    asked_for = {k: request.GET.get(k, "")[:120] for k in ("object", "measure")}
    form = SayForm(request.POST or None, initial=asked_for)
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        new = services.Said(at.of, c["words"], c["kind"], request.user, c["object"], c["measure"], c["token"])
        try:
            services.say(new)
        except HutongError as caught:
            form.add_error("words", error_words(caught))
        else:
            unit = spoken(at.process.unit.title)
            told = say(
                f"已写上。{unit}会在 {at.process.answer_days} 天内书面答复。",
                f"It stands. {unit} answers in writing within {at.process.answer_days} days.",
            )
            messages.success(request, told, extra_tags="good")
            return redirect(f"{reverse('scheme_version', args=[at.of.pk])}#said")
    of = form.data if form.is_bound else asked_for
    about = of.get("object", ""), of.get("measure", "")
    if not selectors.knows(at.of, *about):
        raise Http404
    part = selectors.part_words(at.of, *about)
    context = {"v": at.of, "s": at.of.scheme, "form": form, "part": part, "p": at.process}
    return render(request, "schemes/say.html", context, status=400 if form.errors else 200)
