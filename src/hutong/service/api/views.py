"""The page that describes the API, its description for programs, and the administrator's tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hutong.service.accounts.selectors import places_for
from hutong.service.api import reference, selectors, services
from hutong.service.api.site import MISSING, description
from hutong.service.places.selectors import at as place_at
from hutong.service.places.selectors import place as place_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.web.rest import problem
from hutong.service.words import later, say, spoken


@public
def docs(request: HttpRequest) -> HttpResponse:
    """Describe the API: every route with what it takes and answers."""
    told = description()
    context = {"groups": reference.groups(told), "objects": reference.objects(told)}
    return render(request, "api/docs.html", {**context, "origin": request.build_absolute_uri("/")[:-1]})


@public
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the description for programs."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@public
@csrf_exempt
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Say in JSON that there is no such route."""
    return JsonResponse(problem(MISSING), status=404, json_dumps_params={"ensure_ascii": False})


class TokenForm(forms.Form):
    """A machine, what it may do and where."""

    name = forms.CharField(
        label=later("设备或程序", "Machine or program"),
        max_length=80,
        help_text=later("写明是哪一台、归谁管。", "Say which it is and who looks after it."),
    )
    role = forms.ChoiceField(label=later("身份", "Role"), help_text=later("给最小的。", "Give the least."))
    place = forms.ChoiceField(label=later("地点", "Place"))
    building = forms.CharField(
        label=later("楼栋路径", "Path of a building"),
        required=False,
        max_length=500,
        help_text=later(
            "只给一栋楼时填写，代替上面的地点。", "For one building alone, in place of the above."
        ),
    )
    days = forms.IntegerField(
        label=later("有效天数", "Days"), min_value=1, max_value=3650, required=False, initial=365
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.id, spoken(r.title)) for r in selectors.machine_roles()]
        places = places_for(viewer, "administrator")
        self.fields["place"].choices = [(p.pk, f"{spoken(p.title)}（{p.path}）") for p in places]


@permitted("api.tokens")
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens, make one, and show it this once."""
    form = TokenForm(request.POST or None, viewer=request.user)
    secret = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = place_at(given["building"]) if given["building"] else place_by_id(int(given["place"]))
        require(request, "api.tokens", place)
        _, secret = services.make_token(given["name"], given["role"], place, request.user, given["days"])
        form = TokenForm(viewer=request.user)
    rows = selectors.visible(request.user)
    answer = render(request, "api/tokens.html", {"form": form, "tokens": rows, "secret": secret})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@permitted("api.tokens", load=lambda pk: selectors.token(pk))
def revoke(request: HttpRequest, found: Any) -> HttpResponse:
    """End a token at once."""
    services.revoke(found)
    messages.success(request, say("已收回：", "Revoked: ") + found.name, extra_tags="good")
    return redirect("api_tokens")
