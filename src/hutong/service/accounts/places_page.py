"""The page of places: the tree that everything hangs in, and a new one under another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hutong.service.accounts import selectors
from hutong.service.places.selectors import place as place_by_id
from hutong.service.places.services import NewPlace, make_place
from hutong.service.web.access import permitted, require
from hutong.service.words import later, say, spoken
from hutong.text import Text

#: What is made by hand; blocks, estates and buildings come with a snapshot.
KINDS = {
    "district": Text("区", "District"),
    "subdistrict": Text("街道、乡镇", "Subdistrict"),
    "quarter": Text("片区", "Quarter"),
}


class PlaceForm(forms.Form):
    """A place under another."""

    parent = forms.ChoiceField(label=later("上级", "In"))
    kind = forms.ChoiceField(label=later("级别", "Level"))
    code = forms.CharField(
        label=later("编码", "Code"),
        max_length=40,
        help_text=later("小写字母、数字和 -，如 dongsheng；以后不改。", "Small letters, digits and -, such as dongsheng; it stays."),
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")],
    )  # fmt: skip
    name_zh = forms.CharField(label=later("名称（中文）", "Name (Chinese)"), max_length=120)
    name_en = forms.CharField(label=later("名称（英文）", "Name (English)"), max_length=120)

    def __init__(self, *args: Any, parents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [(p.pk, f"{spoken(p.title)}（{p.path}）") for p in parents]
        self.fields["kind"].choices = [(k, spoken(t)) for k, t in KINDS.items()]


@permitted("accounts.grant")
def places(request: HttpRequest) -> HttpResponse:
    """Show the tree of places down to the quarters, and make a place in it or rename one."""
    tree = selectors.places_for(request.user, "administrator").filter(kind__in=("city", *KINDS))
    form = PlaceForm(request.POST or None, parents=tree.exclude(kind="quarter"))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        parent = place_by_id(int(given["parent"]))
        require(request, "accounts.grant", parent)
        made = make_place(
            parent, NewPlace(given["kind"], given["code"], Text(given["name_zh"], given["name_en"]))
        )
        messages.success(request, say("已建立：", "Made: ") + spoken(made.title), extra_tags="good")
        return redirect("places")
    rows = [
        {"p": p, "kind": KINDS.get(p.kind, Text("市", "City")), "deep": p.path.count("/") - 2} for p in tree
    ]
    return render(request, "accounts/places.html", {"rows": rows, "form": form}, status=400 if form.errors else 200)  # fmt: skip
