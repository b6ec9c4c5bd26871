"""The pages of residents: one's own home, the counter, and the rolls and letters of a quarter."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.sense.sheets import xlsx_bytes
from hutong.service.accounts.selectors import client_address, user_named
from hutong.service.jobs import services as jobs
from hutong.service.places.selectors import named
from hutong.service.places.selectors import place as place_by_id
from hutong.service.residents import refusals, selectors, services
from hutong.service.residents.forms import CodeForm, CounterForm, EndForm, HoldersForm, LettersForm, RollForm
from hutong.service.residents.roll import names_sheet
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, require, signed_in
from hutong.service.words import error_words, say, spoken
from hutong.text import Text

MOST_LETTERS = 500
SHOWN = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
def my_home(request: HttpRequest) -> HttpResponse:
    """Show one's homes, what still waits, and the words that one gave for neighbours."""
    rows = [
        {
            "r": r,
            "standing": r.standing(),
            "vouches": len(selectors.standing_vouches(r)),
            "address": request.build_absolute_uri(reverse("vouch", args=[r.key])),
        }
        for r in selectors.of_user(request.user)
        if r.ended is None
    ]
    given = selectors.vouched_by(request.user)
    context = {"rows": rows, "given": given, "vouchers": services.VOUCHERS, "most": services.VOUCHES_A_YEAR}
    return render(request, "residents/mine.html", context)


@public
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Take the code of a letter; whoever has no account is led to make one first."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and request.user.is_authenticated and form.is_valid():
        try:
            found = services.redeem(request.user, form.cleaned_data["code"], client_address(request))
        except HutongError as caught:
            form.add_error("code", error_words(caught))
        else:
            messages.success(
                request, say("住处已核实：", "Verified: ") + spoken(found.home.title), extra_tags="good"
            )
            return redirect("my_home")
    return render(request, "residents/code.html", {"form": form}, status=400 if form.errors else 200)


@signed_in
def find_home(request: HttpRequest) -> HttpResponse:
    """Find one's home by building, then by storey and number."""
    words, at = request.GET.get("q", "")[:60], request.GET.get("at", "")
    context: dict[str, Any] = {"q": words}
    if at.isdecimal() and len(at) < 10:
        place = place_by_id(int(at))
        context |= {"place": place, "homes": selectors.at_building(place)}
    elif words:
        context["found"] = selectors.with_homes(named(words))
    return render(request, "residents/find.html", context)


@require_POST
@signed_in
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a home; it counts only once it was verified."""
    services.ask(request.user, selectors.home_by(pk))
    messages.success(
        request,
        say("已登记，核实后才生效。", "Noted; it counts once it was verified."),
    )
    return redirect("my_home")


@permitted("residents.vouch", load=lambda key: selectors.residence_by_key(key))
def vouch(request: HttpRequest, found: Any) -> HttpResponse:
    """Ask a neighbour whether they know who lives there, and take their word."""
    if request.method == "POST":
        services.vouch(found, request.user)
        messages.success(
            request, say("已担保，可以随时撤回。", "You vouched; you can take it back."), extra_tags="good"
        )
        return redirect("my_home")
    return render(request, "residents/vouch.html", {"r": found, "most": services.VOUCHES_A_YEAR})


@require_POST
@permitted("residents.withdraw", load=lambda pk: selectors.vouch_by(pk))
def withdraw(request: HttpRequest, given: Any) -> HttpResponse:
    """Take one's word back."""
    services.withdraw(given)
    messages.success(request, say("已撤回担保。", "You took your word back."))
    return redirect("my_home")


@require_POST
@permitted("residents.end", load=lambda pk: selectors.residence(pk))
def end(request: HttpRequest, found: Any) -> HttpResponse:
    """End a residence: at one's own wish, or by an officer with a reason."""
    own = found.user_id == request.user.pk
    form = EndForm({"reason": "own"} if own else request.POST)
    if not form.is_valid():
        raise HutongError(
            "no-reason",
            Text("没有选择原因。", "No reason was chosen."),
            Text("请返回选择。", "Go back and choose one."),
        )
    services.end(found, form.cleaned_data["reason"], request.user)
    messages.success(request, say("已终止。", "Ended."))
    return redirect("my_home" if own else "residents_counter")


@permitted("residents.watch")
def residents(request: HttpRequest) -> HttpResponse:
    """List the quarters with how verification goes."""
    rows = [{"place": q, "counts": selectors.counts(q)} for q in selectors.quarters(request.user)]
    return render(request, "residents/list.html", {"rows": rows})


@permitted("residents.watch", load=lambda pk: selectors.quarter_by(pk))
def quarter(request: HttpRequest, place: Any) -> HttpResponse:
    """Show how verification goes in a quarter, and for those who run it: roll, letters, holders."""
    counter = request.user.has_perm("residents.counter", place)
    parts = selectors.parts_of(place)
    context = {
        "place": place,
        "counts": selectors.counts(place),
        "roll": selectors.roll_of(place),
        "roll_form": RollForm(snapshots=list(selectors.snapshots_of(place))),
        "letters_form": LettersForm(parts=parts) if parts else None,
        "holders_form": HoldersForm(),
        "waiting": selectors.waiting(place)[:SHOWN] if counter else [],
        "verified": selectors.verified(place)[:SHOWN] if counter else [],
        "counter": counter,
        "end_form": EndForm(),
        "days": services.LETTER_DAYS,
    }
    return render(request, "residents/quarter.html", context)


@require_POST
@permitted("residents.run", load=lambda pk: selectors.quarter_by(pk))
def import_roll(request: HttpRequest, place: Any) -> HttpResponse:
    """Make or renew the roll in the background."""
    form = RollForm(request.POST, snapshots=list(selectors.snapshots_of(place)))
    if not form.is_valid():
        raise HutongError(
            "no-snapshot",
            Text("没有选择快照。", "No snapshot was chosen."),
            Text("请先导入快照，再登记名录。", "Import a snapshot first, then list the homes."),
        )
    snapshot = snapshot_by_id(int(form.cleaned_data["snapshot"]))
    job = jobs.start("residents.import", place, request.user, once=True, snapshot=snapshot.pk)
    return redirect("job", job.pk)


@require_POST
@never_cache
@permitted("residents.run", load=lambda pk: selectors.quarter_by(pk))
def letters(request: HttpRequest, place: Any) -> HttpResponse:
    """Make letters with new codes and show them for printing, this once."""
    form = LettersForm(request.POST, parts=selectors.parts_of(place))
    if not form.is_valid():
        raise refusals.no_letters()
    rows = selectors.homes(place, place_by_id(int(form.cleaned_data["part"])))
    if form.cleaned_data["home"]:
        rows = selectors.homes(place).filter(dwelling_id__iexact=form.cleaned_data["home"].strip())
    rows = rows if form.cleaned_data["again"] else selectors.without_resident(rows)
    homes = list(rows[: MOST_LETTERS + 1])
    if len(homes) > MOST_LETTERS:
        raise refusals.too_many_letters(MOST_LETTERS, rows.count())
    if not homes:
        raise refusals.no_letters()
    address = request.build_absolute_uri(reverse("residents_code"))
    made = [
        {"home": home, "code": f"{code[:5]}-{code[5:]}", "address": f"{address}#{code}"}
        for home, code in services.make_letters(place, homes, request.user)
    ]
    context = {"letters": made, "place": place, "site": address, "days": services.LETTER_DAYS}
    return render(request, "residents/letters.html", context)


@permitted("residents.run", load=lambda pk: selectors.quarter_by(pk))
def holders_form(_request: HttpRequest, place: Any) -> HttpResponse:
    """Give the form in which holders are entered."""
    data = xlsx_bytes([names_sheet(list(selectors.homes(place)))], HOLDERS_GUIDE)
    name = f'attachment; filename="holders-{place.code}.xlsx"'.encode("ascii", "replace").decode()
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": name})


HOLDERS_GUIDE = (
    Text("每行一位权利人；一户有多位的，复制该行。", "One holder a row; where a home has several, copy its row."),
    Text("姓名只存带密钥的摘要，用于柜台比对，网站上谁也看不到。", "Names are kept as keyed hashes, to be compared at the counter; nobody can read them on the site."),
    Text("收回的表请按本单位规定保管或销毁。", "Keep or destroy the filled form as your office must."),
)  # fmt: skip


@require_POST
@permitted("residents.run", load=lambda pk: selectors.quarter_by(pk))
def holders(request: HttpRequest, place: Any) -> HttpResponse:
    """Take the filled form of holders; the file itself is not kept."""
    form = HoldersForm(request.POST, request.FILES)
    if not form.is_valid():
        raise HutongError(
            "no-file",
            Text("没有选择文件。", "No file was chosen."),
            Text("请选择填好的表格。", "Choose the filled form."),
        )
    sent = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory(prefix="hutong-holders-") as folder:
        path = Path(folder) / f"holders{Path(sent.name).suffix.lower()}"
        path.write_bytes(sent.read())
        count = services.name_holders(place, path)
    messages.success(
        request, say(f"已存入 {count} 位权利人。", f"Stored {count} holders."), extra_tags="good"
    )
    return redirect("residents_quarter", place.pk)


@permitted("residents.counter")
def counter(request: HttpRequest) -> HttpResponse:
    """Verify somebody who came with a document."""
    form = CounterForm(request.POST or None, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = _at_counter(request, form)
        except HutongError as caught:
            form.add_error(_FIELD_OF.get(caught.code), error_words(caught))
        else:
            messages.success(
                request,
                say("已核实：", "Verified: ") + spoken(found.home.title),
                extra_tags="good",
            )
            return redirect("residents_counter")
    return render(request, "residents/counter.html", {"form": form}, status=400 if form.errors else 200)


_FIELD_OF = {
    "no-such-user": "username",
    "own-counter": "username",
    "no-such-home": "home",
    "not-people": "document",
    "name-not-on-roll": "name",
}


def _asked(request: HttpRequest) -> dict[str, str]:
    of = request.GET.get("of", "")
    if not of.isdecimal() or len(of) > 9:
        return {}
    found = selectors.residence(int(of))
    require(request, "residents.counter", found)
    return {"username": found.user.username, "home": found.home.dwelling_id}


def _at_counter(request: HttpRequest, form: CounterForm) -> Any:
    given = form.cleaned_data
    user, homes = user_named(given["username"]), selectors.homes_called(request.user, given["home"])
    if user is None:
        raise refusals.no_such_person()
    if len(homes) != 1:
        raise refusals.no_such_home()
    require(request, "residents.counter", homes[0])
    return services.verify_at_counter(request.user, user, homes[0], given["document"], given["name"])
