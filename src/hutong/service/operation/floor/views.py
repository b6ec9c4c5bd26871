"""The pages of the floor-area account: of the district, a subdistrict or a unit, with its entries; booking."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.floor import Booking, accounts, kinds
from hutong.act.floor import statement as statement_of
from hutong.errors import HutongError
from hutong.service.operation import forms
from hutong.service.operation.floor import selectors, services
from hutong.service.projects.forms import checked
from hutong.service.projects.selectors import rules_on
from hutong.service.web.access import permitted, public
from hutong.service.words import say
from hutong.text import Text

#: What a statement shows as moved, with its words.
MOVED = {
    "opening": Text("现状核定", "surveyed"), "demolish": Text("拆除", "demolished"), "reduce": Text("减量", "given up"),
    "transfer_in": Text("转入", "received"), "transfer_out": Text("转出", "passed on"),
    "quota_in": Text("市级指标", "city quota"), "bonus": Text("奖励", "bonus"), "approve": Text("批准新建", "approved"),
    "approve_quota": Text("用指标批准", "approved on the quota"), "build": Text("建成", "built"), "uncounted": Text("不计容", "uncounted"),
}  # fmt: skip


@public
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the account of a place and of all that lies in it."""
    place = selectors.place(pk)
    district = selectors.district_of(place)
    rows = [
        {
            "place": p,
            "balances": [(title, s.balances[a] / 1e4) for a, title in accounts().items()],
            "s": s,
            "here": p.pk == place.pk,
        }
        for p, s in selectors.statements(district)
        if p.path.startswith(place.path)
    ]
    mine = statement_of(selectors.book(district), selectors.key(place), rules_on(timezone.localdate()))
    context = {
        "place": place, "district": district, "rows": rows, "accounts": list(accounts().values()), "mine": mine,
        "moved": [{"title": MOVED[k], "m2": v / 1e4} for k, v in mine.moved.items() if k in MOVED and v],
        "owed": mine.owed / 1e4, "counted": mine.counted / 1e4,
        "entries": [{"e": e, "kind": kinds()[e.kind].title, "m2": e.cm2 / 1e4} for e in selectors.entries_at(place)],
        "form": forms.BookForm(places=selectors.places_of(district)),
    }  # fmt: skip
    return render(request, "operation/floor.html", context)


@require_POST
@permitted("operation.book", load=selectors.place)
def book(request: HttpRequest, place: Any) -> HttpResponse:
    """Book an entry."""
    district = selectors.district_of(place)
    rows = {str(p.pk): p for p in selectors.places_of(district)}
    c = checked(forms.BookForm(request.POST, places=list(rows.values())))
    cm2 = c["m2"] * 10_000
    if cm2 != cm2.to_integral_value():
        raise HutongError(
            "floor-booking",
            Text("面积最多四位小数。", "An area has four decimals at most."),
            Text("账目以 cm² 为整数。", "The account is kept in whole cm²."),
        )
    to = selectors.key(rows[c["to"]]) if c["to"] else ""
    asked = Booking(
        c["kind"],
        c["day"],
        selectors.key(rows[c["place"]]),
        int(cm2),
        c["approval"],
        to,
        c["uncounted"],
        c["of"],
    )
    services.book(district, asked, request.user, c["token"])
    messages.success(request, say("已入账并存证。", "Booked, and in the ledger."), extra_tags="good")
    return redirect("floor", place.pk)
