"""The pages of bodies: who sits, what was said and promised, what is where, draws, and who acted with whom."""

from __future__ import annotations

import csv
import hmac
import io
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.agree.acting_network import acting_network
from hutong.agree.sortition import Quota
from hutong.agree.sortition_draw import commitment as entry_of
from hutong.agree.sortition_draw import person_salt
from hutong.city.text_table import harmless
from hutong.errors import HutongError
from hutong.service.accounts.selectors import user_named
from hutong.service.bodies import forms, selectors, services
from hutong.service.bodies.drawing import drawn_network, period_told
from hutong.service.council.sheets import sent_rows
from hutong.service.places.selectors import place as place_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.words import say, spoken
from hutong.text import Text


def _good(request: HttpRequest, zh: str, en: str) -> None:
    messages.success(request, say(zh, en), extra_tags="good")


def _checked(form: Any) -> dict[str, Any]:
    """Return what a form says; one that does not hold is an error told in words."""
    if not form.is_valid():
        lacking = "; ".join(f"{form.fields[f].label if f in form.fields else f}: {' '.join(e)}" for f, e in form.errors.items())  # fmt: skip
        raise HutongError(
            "bad-form",
            Text(f"还缺内容：{lacking}", f"Something is missing: {lacking}"),
            Text("请返回补充。", "Go back and fill it in."),
        )
    return dict(form.cleaned_data)


@public
def bodies(request: HttpRequest) -> HttpResponse:
    """List the bodies, what is open and overdue at each."""
    rows = []
    for b in selectors.bodies():
        told = selectors.commitments(b)
        waiting = selectors.clock(b.matters.filter(settled=False))
        passed = selectors.passed_on(b)
        rows.append(
            {
                "b": b, "open": sum(r["state"] in ("open", "overdue") for r in told),
                "late": sum(r["state"] == "overdue" for r in told + waiting), "matters": len(waiting),
                "passed": len(passed),
            }
        )  # fmt: skip
    return render(request, "bodies/bodies.html", {"rows": rows})


@permitted("bodies.make")
def new(request: HttpRequest) -> HttpResponse:
    """Make a body."""
    form = forms.BodyForm(request.POST or None)
    paths = [path for role, path in request.user.held if role in ("subdistrict", "district", "city")]
    places = {str(p.pk): p for path in paths for p in selectors.places_below(path)}
    above = {str(b.pk): b for b in selectors.bodies()}
    form.fields["place"].choices = [(k, spoken(p.title)) for k, p in places.items()]  # type: ignore[attr-defined]
    form.fields["above"].choices = [("", forms.nobody()), *((k, spoken(b.title)) for k, b in above.items())]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        require(request, "bodies.make", places[given["place"]])
        made = services.make(
            places[given["place"]], given["kind"], Text(given["name_zh"], given["name_en"]),
            above.get(given["above"]), given["token"],
        )  # fmt: skip
        return redirect("body", made.pk)
    return render(request, "bodies/new.html", {"form": form}, status=400 if form.errors else 200)


@public
def body(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a body: who sits by office, its meetings, what was promised, what is before it, its draws."""
    found = selectors.body(pk)
    return render(
        request,
        "bodies/body.html",
        {
            "b": found, "seats": selectors.sitting(found), "meetings": found.meetings.all()[:50],
            "commitments": selectors.commitments(found), "matters": selectors.clock(found.matters.all()[:100]),
            "passed": selectors.passed_on(found),
            "draws": found.lotteries.all(), "seat_form": forms.SeatForm(auto_id="seat-%s"), "matter_form": forms.MatterForm(auto_id="matter-%s"),
            "meeting_form": forms.MeetingForm(auto_id="meeting-%s"),
        },
    )  # fmt: skip


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.body(pk))
def add_seat(request: HttpRequest, found: Any) -> HttpResponse:
    """Add a seat, or close one."""
    if request.POST.get("leave"):
        seat = found.seats.filter(n=request.POST["leave"] if request.POST["leave"].isdecimal() else 0).first()
        if seat is not None:
            services.leave(seat)
        return redirect("body", found.pk)
    given = _checked(forms.SeatForm(request.POST))
    user = user_named(given["username"]) if given["username"] else None
    if given["username"] and user is None:
        raise HutongError(
            "no-such-user",
            Text("没有这个用户名。", "There is no such user name."),
            Text("请核对，或留空。", "Check it, or leave it empty."),
        )
    services.seat(found, given["office"], given["way"], given["evidence"], user)
    _good(request, "席位已登记。", "The seat stands.")
    return redirect("body", found.pk)


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.body(pk))
def call(request: HttpRequest, found: Any) -> HttpResponse:
    """Call a meeting."""
    given = _checked(forms.MeetingForm(request.POST))
    made = services.call(found, given["at"], given["where"], given["agenda"], given["token"])
    return redirect("meeting", made.pk)


@public
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a meeting: agenda, who came by office, and, once published, minutes and commitments."""
    found = selectors.meeting(pk)
    seats = selectors.sitting(found.body)
    form = forms.CommitmentForm(auto_id="promise-%s")
    form.fields["seat"].choices = [(s.n, f"{s.n} {spoken(s.title)}") for s in seats]  # type: ignore[attr-defined]
    seat = selectors.seat_of(request.user, found.body) if request.user.is_authenticated else None
    draft = request.user.has_perm("bodies.read_draft", found) if request.user.is_authenticated else False
    return render(
        request,
        "bodies/meeting.html",
        {
            "m": found, "came": found.attendance.select_related("seat"), "seats": seats, "seat": seat,
            "here": seat is not None and found.attendance.filter(seat=seat).exists(),
            "told": bool(found.published) or draft, "commitments": selectors.clock(found.commitments.select_related("seat").prefetch_related("reports")),
            "paper_form": forms.AttendanceForm(auto_id="paper-%s"), "commit_form": form, "minutes_form": forms.MinutesForm(auto_id="minutes-%s"),
        },
    )  # fmt: skip


@require_POST
@permitted("bodies.sit", load=lambda pk: selectors.meeting(pk))
def attend(request: HttpRequest, found: Any) -> HttpResponse:
    """Say that one came."""
    seat = selectors.seat_of(request.user, found.body)
    if seat is None:
        raise PermissionDenied
    services.attend(found, seat)
    return redirect("meeting", found.pk)


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.meeting(pk))
def paper(request: HttpRequest, found: Any) -> HttpResponse:
    """Merge the list on paper."""
    given = _checked(forms.AttendanceForm(request.POST, request.FILES))
    n = services.merge_paper(found, sent_rows(given["file"], ("seat", "present")), given["guests"])
    _good(request, f"已合并，新增 {n} 人。", f"Merged; {n} more had come.")
    return redirect("meeting", found.pk)


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.meeting(pk))
def commit(request: HttpRequest, found: Any) -> HttpResponse:
    """Record a commitment."""
    form = forms.CommitmentForm(request.POST)
    seats = {str(s.n): s for s in selectors.sitting(found.body)}
    form.fields["seat"].choices = [(n, n) for n in seats]  # type: ignore[attr-defined]
    given = _checked(form)
    services.commit(found, seats[given["seat"]], given["words"], given["due"], given["token"])
    return redirect("meeting", found.pk)


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.meeting(pk))
def publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Publish the minutes."""
    services.publish(found, _checked(forms.MinutesForm(request.POST))["minutes"], request.user)
    _good(request, "纪要已公开，并记入台账。", "The minutes are public and in the ledger.")
    return redirect("meeting", found.pk)


@permitted("bodies.report", load=lambda pk: selectors.commitment(pk))
def report(request: HttpRequest, found: Any) -> HttpResponse:
    """Report on a commitment."""
    form = forms.ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.report(found, form.cleaned_data["words"], form.cleaned_data["done"], request.user)
        _good(request, "进展已公开。", "The progress is public.")
        return redirect("meeting", found.meeting_id)
    row = selectors.clock([found])[0]
    return render(request, "bodies/report.html", {"r": row, "form": form}, status=400 if form.errors else 200)


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.body(pk))
def raise_matter(request: HttpRequest, found: Any) -> HttpResponse:
    """Bring a matter before a body."""
    given = _checked(forms.MatterForm(request.POST))
    made = services.raise_matter(found, given["words"], request.user, given["token"])
    return redirect("matter", made.pk)


@public
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a matter: where it has been, where it is, until when."""
    found = selectors.matter(pk)
    return render(
        request,
        "bodies/matter.html",
        {
            "row": selectors.clock([found])[0], "steps": found.steps.select_related("body"),
            "form": _pass_form(found, None),
        },
    )  # fmt: skip


def _pass_form(found: Any, data: Any) -> forms.PassForm:
    form = forms.PassForm(data)
    ways = [("settled", say("就地议定", "Settle it here"))]
    if found.body.above is not None:
        ways.append(("up", say("提请上级：", "Pass up to ") + spoken(found.body.above.title)))
    ways += [(f"down-{b.pk}", say("交下级：", "Pass down to ") + spoken(b.title)) for b in found.body.below.all()]  # fmt: skip
    form.fields["to"].choices = ways  # type: ignore[attr-defined]
    return form


@require_POST
@permitted("bodies.keep", load=lambda pk: selectors.matter(pk))
def pass_on(request: HttpRequest, found: Any) -> HttpResponse:
    """Pass a matter on, or settle it."""
    given = _checked(_pass_form(found, request.POST))
    event, _, key = given["to"].partition("-")
    to = found.body.above if event == "up" else selectors.body(int(key)) if event == "down" else None
    services.pass_on(found, event, to, given["words"], request.user)
    return redirect("matter", found.pk)


# draws


@permitted("bodies.draw", load=lambda pk: selectors.body(pk))
def new_draw(request: HttpRequest, found: Any) -> HttpResponse:
    """Publish a draw before its seed exists."""
    form = forms.DrawForm(request.POST or None, request.FILES or None)
    error = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.publish_draw(
                found, given["size"], sent_rows(given["pool"], ("id",), rest=True), _quotas(given["quotas"]),
                given["seed_rule"], given["token"], form.gone(),
            )  # fmt: skip
        except HutongError as caught:
            error = caught
        else:
            return redirect("draw", made.pk)
    context = {"b": found, "form": form, "error": error}
    return render(request, "bodies/new_draw.html", context, status=400 if error or form.errors else 200)


def _quotas(file: Any) -> list[Quota]:
    rows = sent_rows(file, ("category", "value", "least", "most"))
    broken = [f"row {n}" for n, r in enumerate(rows, 2) if not (r["least"].isdecimal() and r["most"].isdecimal())]  # fmt: skip
    if broken:
        raise HutongError(
            "bad-quotas",
            Text("名额不是整数。", "The quotas are no whole numbers."),
            Text("least、most 写整数。", "Write least and most as whole numbers."),
            broken,
        )
    return [Quota(r["category"], r["value"], int(r["least"]), int(r["most"])) for r in rows]


@public
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draw: what was published before, everyone's chance, the seed and what it drew; find oneself with one's key."""
    found = selectors.lottery(pk)
    lottery = selectors.published(found)
    chances: dict[str, int] = {}
    for n in range(len(lottery.entries)):
        chance = f"{float(lottery.chance(n)):.1%}"
        chances[chance] = chances.get(chance, 0) + 1
    form = forms.NumberForm(request.POST or None)
    mine = None
    if request.method == "POST" and form.is_valid():
        mine = _number(found, lottery, form.cleaned_data["person"], form.cleaned_data["key"])
        if mine is None:
            form.add_error(None, say("编号或密钥不对。", "Id or key is not right."))
    return render(
        request,
        "bodies/draw.html",
        {
            "d": found, "lottery": lottery, "chances": sorted(chances.items(), key=lambda c: -float(c[0][:-1])), "form": form,
            "mine": mine, "seed_form": forms.SeedForm(auto_id="seed-%s"), "least": f"{float(lottery.least):.2%}", "bound": f"{float(lottery.bound):.2%}",
        },
        status=400 if form.errors else 200,
    )  # fmt: skip


def _number(found: Any, lottery: Any, person: str, key: str) -> dict[str, Any] | None:
    row = next((r for r in (found.pool or {"rows": []})["rows"] if r[0] == person), None)
    if row is None or not hmac.compare_digest(person_salt(found.salt, person), key.strip().lower()):
        return None
    number = lottery.entries.index(entry_of(key.strip().lower(), person, row[1:]))
    return {
        "number": number,
        "chance": f"{float(lottery.chance(number)):.2%}",
        "drawn": number in found.panel,
    }


@require_POST
@permitted("bodies.draw", load=lambda pk: selectors.lottery(pk))
def seed(request: HttpRequest, found: Any) -> HttpResponse:
    """Draw with the public seed."""
    services.draw(found, _checked(forms.SeedForm(request.POST))["seed"], request.user)
    return redirect("draw", found.pk)


@public
def lottery_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what was published, byte for byte: ``hutong agree draw`` and ``verify`` read it."""
    return HttpResponse(selectors.lottery(pk).text, content_type="application/json; charset=utf-8")


@permitted("bodies.draw", load=lambda pk: selectors.lottery(pk))
def keys(request: HttpRequest, found: Any) -> HttpResponse:
    """Give everyone's key, to be handed to each alone."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["id", "key"])
    for row in (found.pool or {"rows": []})["rows"]:
        table.writerow([harmless(row[0]), person_salt(found.salt, row[0])])
    return HttpResponse(
        "\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="keys.csv"', "Cache-Control": "no-store"},
    )  # fmt: skip


# who acted with whom


@public
def network(request: HttpRequest) -> HttpResponse:
    """Show who acted with whom at a place, from the record: in all or in one half-year, and the half-years side by side."""
    given = request.GET.get("place", "")
    places = list(dict.fromkeys(b.place for b in selectors.bodies()))
    place = place_by_id(int(given)) if given.isdecimal() and len(given) < 18 else next(iter(places), None)
    acts = selectors.joint_acts(place) if place is not None else None
    halves = selectors.halves(acts) if acts is not None and len(acts) else {}
    half = request.GET.get("half", "")
    shown = halves.get(half, acts) if halves else None
    whole = None if shown is None else acting_network(shown)
    return render(
        request,
        "bodies/network.html",
        {
            "place": place, "places": places, "half": half if half in halves else "",
            "periods": [{"name": name, **period_told(acting_network(rows))} for name, rows in halves.items()],
            "map": None if whole is None else drawn_network(whole), "told": None if whole is None else period_told(whole),
        },
    )  # fmt: skip
