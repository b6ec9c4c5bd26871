"""The pages of the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.sense.sheets import Sheet, xlsx_bytes
from hutong.sense.survey import survey_guide
from hutong.sense.survey_table import known_sheets
from hutong.service.desk import selectors, services
from hutong.service.desk.briefing import briefing_bytes
from hutong.service.desk.briefing_facts import facts_of
from hutong.service.desk.forms import AnswerForm, TableForm
from hutong.service.jobs import services as jobs
from hutong.service.requests import selectors as requests
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted
from hutong.service.words import error_words, lang, say, spoken, spoken_rows
from hutong.text import Text

SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Tables that go out of a snapshot, by name; none: all forms.
TABLES: dict[str, list[str] | None] = {"buildings": ["buildings"], "survey": None}


@permitted("desk.see")
def desk(request: HttpRequest) -> HttpResponse:
    """List what waits for the reader in every stage, by the clock."""
    found = selectors.items(request.user)
    if request.headers.get("HX-Request") == "true":  # the home page asks how much there is
        return render(request, "desk/counts.html", {"counts": selectors.counted(found)})
    kinds = sorted({spoken(i.stage) for i in found})
    only = request.GET.get("only", "")
    shown = [i for i in found if spoken(i.stage) == only] if only in kinds else found
    context = {
        "rows": [{"i": i, "today": selectors.due_today(i)} for i in shown[:SHOWN]],
        "more": max(0, len(shown) - SHOWN),
        "counts": selectors.counted(found),
        "kinds": kinds,
        "only": only,
        "quarters": selectors.newest_snapshots(request.user),
        "runs": selectors.office_runs(request.user),
    }
    return render(request, "desk/desk.html", context)


@permitted("desk.findings", load=lambda pk: selectors.checkup_run(pk))
def findings(request: HttpRequest, run: Any) -> HttpResponse:
    """List the findings of a checkup with their answers, and answer those that are ticked."""
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = list(
            run.findings.filter(rank__in=[n for n in request.POST.getlist("rank") if n.isdecimal()])
        )
        count = services.answer(run, chosen, given["said"], given["until"], given["reason"], request.user)
        messages.success(request, say(f"已答复 {count} 处。", f"Answered {count}."), extra_tags="good")
        return redirect("desk_findings", run.pk)
    answers = selectors.answers_of(run)
    groups: dict[str, list[dict[str, Any]]] = {}
    for f in run.findings.select_related("run"):
        groups.setdefault(f.indicator, []).append({"f": f, "a": answers.get(selectors.key_of(f))})
    shown = [
        {
            "id": indicator, "title": rows[0]["f"].title, "rows": rows,
            "open": sum(row["a"] is None for row in rows),
        }
        for indicator, rows in groups.items()
    ]  # fmt: skip
    context = {"run": run, "groups": shown, "form": form, "answered": len(answers)}
    return render(request, "desk/findings.html", context, status=400 if form.errors else 200)


@permitted("desk.tables", load=lambda pk: snapshot_by_id(pk))
def titles(request: HttpRequest, snapshot: Any) -> HttpResponse:
    """Show by courtyard which homes lack a clear title, and who acts."""
    rows, sums = selectors.title_gaps(snapshot)
    partly = request.headers.get("HX-Request") == "true"
    context = {"snapshot": snapshot, "rows": rows[:5] if partly else rows, "sums": sums, "partly": partly}
    return render(request, "desk/titles_part.html" if partly else "desk/titles.html", context)


@permitted("desk.tables", load=lambda pk: snapshot_by_id(pk))
def tables(request: HttpRequest, snapshot: Any) -> HttpResponse:
    """Offer the tables of a snapshot, and take one back."""
    form = TableForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = given["file"]
        try:
            row = services.take_in(
                snapshot, sent.name, sent.read(), given["day"].isoformat(), given["source"], request.user
            )
            return redirect("desk_returned", row.pk)
        except HutongError as caught:
            form.add_error("file", error_words(caught))
            faults = spoken_rows(caught)
    context = {
        "snapshot": snapshot, "form": form, "faults": faults[:SHOWN], "returned": selectors.returned_to(snapshot),
        "newer": selectors.newer(snapshot),
    }  # fmt: skip
    return render(request, "desk/tables.html", context, status=400 if form.errors else 200)


class _Named:
    """A table of a snapshot: it has the snapshot's place and phase."""

    def __init__(self, of: Any, name: str) -> None:
        self.of, self.name, self.place, self.phase = of, name, of.place, of.phase


@permitted("desk.tables", load=lambda pk, name: _Named(snapshot_by_id(pk), name))
def table(_request: HttpRequest, found: Any) -> HttpResponse:
    """Give a table with what is known today."""
    city = selectors.city_of(found.of)
    data = xlsx_bytes(known_sheets(city, TABLES[found.name]), [*survey_guide(city), *TABLE_GUIDE])
    return _file(data, f"{found.of.name}-{found.of.date.isoformat()}-{found.name}.xlsx", XLSX)


TABLE_GUIDE = (
    Text("已知的值已经填好；只改要改的格，改过的记为实测。空白表示未知，收回时空白格不改动原值。", "What is known is filled in. Change only what is wrong; what was changed counts as observed. Blank means unknown, and changes nothing when the table comes back."),
    Text("不要用公式；收回时公式会被拒收。", "No formulas: they are refused."),
)  # fmt: skip


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return HttpResponse(
        data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{plain}"'}
    )


@permitted("desk.tables", load=lambda pk: selectors.returned(pk))
def returned(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what a table would change, before it is applied."""
    rows = selectors.change_rows(found)
    context = {
        "t": found, "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "count": len(rows),
        "newer": selectors.newer(found.snapshot) if found.state == "sent" else None,
    }  # fmt: skip
    return render(request, "desk/returned.html", context)


@require_POST
@permitted("desk.apply", load=lambda pk: selectors.returned(pk))
def apply(request: HttpRequest, found: Any) -> HttpResponse:
    """Make a new draft snapshot with the changes, in the background."""
    job = jobs.start("desk.apply", found.place, request.user, once=True, returned=found.pk)
    return redirect("job", job.pk)


@require_POST
@permitted("desk.apply", load=lambda pk: selectors.returned(pk))
def drop(request: HttpRequest, found: Any) -> HttpResponse:
    """Leave a table unapplied."""
    services.drop(found)
    messages.success(request, say("已放弃，快照没有改动。", "Dropped; the snapshot is as it was."))
    return redirect("desk_tables", found.snapshot_id)


@permitted("desk.requests")
def requests_table(request: HttpRequest) -> HttpResponse:
    """Give the open requests of the reader's office as a table, without anybody's telephone."""
    data = xlsx_bytes([_requests_sheet(request.user)], REQUESTS_GUIDE)
    return _file(data, f"requests-{timezone.localdate().isoformat()}.xlsx", XLSX)


REQUESTS_GUIDE = (
    Text("本单位在办的诉求。不含联系电话；内容含群众原话，请勿外传。", "The open requests of your office, without telephone numbers. They hold people's own words: keep them inside."),
    Text("只供查看，不能读回。", "To read only; it is not read back."),
)  # fmt: skip


def _requests_sheet(user: Any) -> Sheet:
    columns = {
        "number": Text("编号", "number"), "filed": Text("提交时间", "filed"), "place": Text("地点", "place"),
        "kind": Text("类别", "kind"), "state": Text("状态", "state"), "unit": Text("承办单位", "with"),
        "due": Text("时限", "due"), "late": Text("超时", "overdue"), "words": Text("内容", "words"),
    }  # fmt: skip

    def moment(at: Any) -> str:
        return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M}"

    rows = []
    for r in requests.desk(user).prefetch_related("steps"):
        due = requests.clock(r)
        unit = spoken(requests.unit_title(r.unit, r.place)) if r.unit else ""
        rows.append(
            [
                r.number, moment(r.filed), spoken(r.place.title), spoken(r.kind), spoken(r.standing), unit,
                moment(due.ends if due else None), "" if due is None else say("是", "yes") if due.overdue else say("否", "no"),
                r.words,
            ]
        )  # fmt: skip
    return Sheet("requests", Text("在办诉求", "Open requests"), columns, rows, {})


@permitted("desk.briefing", load=lambda pk: selectors.checkup_run(pk))
def briefing(request: HttpRequest, run: Any) -> HttpResponse:
    """Give the briefing on a checkup as a Word document, in the language asked for."""
    asked = request.GET.get("lang", "")
    language = asked if asked in ("zh", "en") else lang()
    data = briefing_bytes(facts_of(run), language)
    return _file(data, f"briefing-{run.snapshot.name}-{run.snapshot.date.isoformat()}-{language}.docx", DOCX)
