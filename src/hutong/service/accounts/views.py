"""The pages of people: one's own, and the administrator's list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.accounts import selectors, services
from hutong.service.accounts.roles import roles
from hutong.service.places.selectors import place as place_by_id
from hutong.service.web.access import permitted, require, signed_in
from hutong.service.words import later, say, spoken
from hutong.text import Text


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """Show one's own roles and keys."""
    return render(request, "accounts/me.html", {"grants": selectors.grants_of(request.user)})


class GrantForm(forms.Form):
    """A role for a person at a place."""

    username = forms.CharField(label=later("用户名", "User name"), max_length=60)
    role = forms.ChoiceField(label=later("身份", "Role"))
    place = forms.ChoiceField(label=later("地点", "Place"))

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = (r for r in roles().values() if not r.verified)  # a home is verified, not granted
        self.fields["role"].choices = [(r.id, spoken(r.title)) for r in given]
        places = selectors.places_for(viewer, "administrator")
        self.fields["place"].choices = [(p.pk, f"{spoken(p.title)}（{p.path}）") for p in places]


@permitted("accounts.see_people")
def people(request: HttpRequest) -> HttpResponse:
    """List people with their roles, and grant one."""
    form = None
    if request.user.has_perm("accounts.grant"):
        form = GrantForm(request.POST or None, viewer=request.user)
    if request.method == "POST":
        require(request, "accounts.grant")
        if form is not None and form.is_valid():
            _grant(request, form)
            return redirect("people")
    return render(request, "accounts/people.html", {"form": form, "people": selectors.people(request.user)})


def _grant(request: HttpRequest, form: GrantForm) -> None:
    place = place_by_id(int(form.cleaned_data["place"]))
    require(request, "accounts.grant", place)
    user = selectors.user_named(form.cleaned_data["username"])
    if user is None:
        raise HutongError(
            "no-such-user",
            Text("没有这个用户名。", "There is no such user name."),
            Text("请核对后重试；对方需先注册。", "Check it and try again; they must have signed up first."),
        )
    given = services.grant(user, form.cleaned_data["role"], place, by=request.user, verified="office")
    messages.success(request, say("已授权：", "Granted: ") + services.describe(given), extra_tags="good")


@require_POST
@permitted("accounts.grant", load=lambda pk: selectors.grant(pk))
def revoke(request: HttpRequest, given: Any) -> HttpResponse:
    """Close a grant."""
    services.revoke(given)
    messages.success(request, say("已收回：", "Revoked: ") + services.describe(given), extra_tags="good")
    return redirect("people")


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Say that signing in is closed for a while after too many tries."""
    return render(request, "accounts/locked.html", status=429)
