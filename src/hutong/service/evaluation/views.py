"""The pages of evaluation: what was promised beside what came, lessons to decide on, the record of forecasts."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

import rules
from hutong.act.contracts import STANDINGS
from hutong.city.text_table import harmless, plain
from hutong.errors import HutongError
from hutong.learn.record import RECORD_COLUMNS
from hutong.learn.works import WORKS_COLUMNS
from hutong.plan.learned import LEARNED_COLUMNS
from hutong.service.consent.uploads import read_upload
from hutong.service.evaluation import forms, selectors, services
from hutong.service.evaluation.calibration import drawing
from hutong.service.evaluation.words import CHANGES, EFFECTS
from hutong.service.jobs import services as jobs
from hutong.service.lessons import selectors as kept
from hutong.service.lessons import services as lessons_kept
from hutong.service.operation.selectors import MARKS
from hutong.service.places.selectors import place as place_by_id
from hutong.service.projects.forms import checked
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.web.files import send_file
from hutong.service.words import error_words, lang, say, spoken, spoken_rows
from hutong.text import Text

SHOWN = 200


@public
def evaluations(request: HttpRequest) -> HttpResponse:
    """List the evaluations, what holds for the next plan, and how forecasts did."""
    rows = list(selectors.visible(request.user)[:100])
    places = {e.place_id: e.place for e in rows}
    held = [{"place": p, "learned": kept.learned_at(p)} for p in places.values()]
    context = {
        "rows": rows,
        "held": [h for h in held if h["learned"]],
        "may_make": rules.has_perm("evaluation.make", request.user, None),
        "forecasts": kept.forecasts_at(None).count(),
    }
    return render(request, "evaluation/list.html", context)


@permitted("evaluation.make")
def new(request: HttpRequest) -> HttpResponse:
    """Choose two snapshots and send the record of works; the evaluation is computed in the background."""
    snapshots = selectors.snapshots_of(request.user)
    form = forms.EvaluationForm(request.POST or None, request.FILES or None, snapshots=snapshots)
    rows: list[str] = []
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        before, after = snapshot_by_id(int(c["before"])), snapshot_by_id(int(c["after"]))
        earlier = snapshot_by_id(int(c["earlier"])) if c["earlier"] else None
        require(request, "evaluation.make", before)
        try:
            table = read_upload(c["works"])
            found = services.begin(before, after, earlier, table, request.user, c["token"])
            return redirect("job", _start(found, request.user).pk)
        except HutongError as caught:
            form.add_error("works" if caught.code != "evaluation-order" else "after", error_words(caught))  # fmt: skip
            rows = spoken_rows(caught)
    context = {
        "form": form,
        "enough": len(snapshots) > 1,
        "faults": rows[:SHOWN],
        "columns": WORKS_COLUMNS,
        "snapshots": snapshots[1:4],
    }
    return render(request, "evaluation/new.html", context, status=400 if form.errors else 200)


def _start(found: Any, user: Any) -> Any:
    return jobs.start("evaluation.make", found.place, user, once=True, evaluation=found.pk)


@permitted("evaluation.make")
def works_table(request: HttpRequest) -> HttpResponse:
    """Send a record of works to be completed: what the adopted scheme of a snapshot does, or no rows."""
    wanted = request.GET.get("snapshot", "")
    found = next((s for s in selectors.snapshots_of(request.user) if str(s.pk) == wanted), None)
    return _csv("works.csv", WORKS_COLUMNS, [] if found is None else selectors.works_draft(found))


def _csv(name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> HttpResponse:
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    out = csv.DictWriter(answer, columns)
    out.writeheader()
    out.writerows({k: harmless(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
    return answer


def _context(request: HttpRequest, found: Any) -> dict[str, Any]:
    data = found.result or {}
    mark = {"effects": EFFECTS, "changes": CHANGES}
    counts = {v: sum(c["verdict"] == v for c in data.get("changes", ())) for v in CHANGES}
    return {
        "e": found, "data": data,
        **{
            name: [{**row, "mark": words[row["verdict"]][0], "said": words[row["verdict"]][1]} for row in data.get(name, ())]
            for name, words in mark.items()
        },
        "operations": [{**o, "mark": MARKS[o["standing"]], "said": STANDINGS[o["standing"]]} for o in data.get("operations", ())],
        "verdicts": [(CHANGES[v][0], CHANGES[v][1], n) for v, n in counts.items()],
        "lessons": selectors.lesson_rows(found) if data else [],
        "voices": selectors.voices(found), "surveys": selectors.surveys_of(found),
        "forecasts": list(kept.forecasts_at(found.place).exclude(outcome=None)[:20]),
    }  # fmt: skip


@permitted("evaluation.see", load=selectors.evaluation)
def evaluation(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an evaluation: promised, came, cost, who gained, what to change, and what residents say."""
    context = _context(request, found) | {
        "decision_form": forms.DecisionForm(auto_id=False),
        "voice_form": forms.VoiceForm(),
        "answered": selectors.has_answered(request.user, found),
    }
    return render(request, "evaluation/evaluation.html", context)


@permitted("evaluation.see", load=selectors.evaluation)
def report(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an evaluation as a report that prints; over five years it is the five-year report."""
    return render(request, "evaluation/report.html", _context(request, found))


@permitted("evaluation.see", load=selectors.evaluation)
def report_file(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the report as one file in both languages that needs no site."""
    return send_file(
        request, found.folder / "report.html", "text/html; charset=utf-8", f"{found.number}.html"
    )


@permitted("evaluation.see", load=selectors.evaluation)
def result(request: HttpRequest, found: Any) -> HttpResponse:
    """Send what was computed, as it was hashed into the ledger."""
    return HttpResponse(services.result_bytes(found), content_type="application/json")


@permitted("evaluation.works", load=selectors.evaluation)
def works(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the record of works; it counts signatures by building, so it is the office's."""
    path = found.folder / "works.csv"
    if not path.is_file():
        raise Http404
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        rows = [{k: plain(v) if isinstance(v, str) else v for k, v in row.items()} for row in read]
        return _csv(f"{found.number}-works.csv", tuple(read.fieldnames or ()), rows)


@require_POST
@permitted("evaluation.make", load=selectors.evaluation)
def compute(request: HttpRequest, found: Any) -> HttpResponse:
    """Compute an evaluation that was entered and never finished."""
    if found.result is not None:
        return redirect("evaluation", found.pk)
    return redirect("job", _start(found, request.user).pk)


@require_POST
@permitted("evaluation.publish", load=selectors.evaluation)
def publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Open an evaluation to everyone."""
    services.publish(found, request.user)
    messages.success(request, say("已公开并存证。", "Published, and in the ledger."), extra_tags="good")
    return redirect("evaluation", found.pk)


class _Lesson:
    """A lesson of an evaluation; it has the evaluation's place and phase."""

    def __init__(self, pk: int, n: int) -> None:
        self.of, self.n = selectors.evaluation(pk), n
        self.place, self.phase = self.of.place, self.of.phase


@require_POST
@permitted("evaluation.decide", load=_Lesson)
def decide(request: HttpRequest, asked: Any) -> HttpResponse:
    """Accept or refuse a lesson."""
    c = checked(forms.DecisionForm(request.POST))
    services.decide(asked.of, asked.n, c["decision"], c["reason"], request.user)
    messages.success(request, say("已登记，下一个方案即按此编制。", "Written down; the next plan is made with it."), extra_tags="good")  # fmt: skip
    return redirect("evaluation", asked.of.pk)


@require_POST
@permitted("evaluation.voice", load=selectors.evaluation)
def voice(request: HttpRequest, found: Any) -> HttpResponse:
    """Take a resident's answers."""
    services.voice(found, request.user, checked(forms.VoiceForm(request.POST)))
    messages.success(
        request, say("谢谢，您的意见已计入。", "Thank you; your view is counted."), extra_tags="good"
    )
    return redirect("evaluation", found.pk)


@permitted("evaluation.lessons", load=place_by_id)
def lessons(request: HttpRequest, place: Any) -> HttpResponse:
    """Send what was decided for a place, as ``hutong plan --lessons`` reads it."""
    return _csv(f"lessons-{place.pk}.csv", LEARNED_COLUMNS, kept.record_of(place))


@public
def forecasts(request: HttpRequest) -> HttpResponse:
    """Show the record of forecasts: each as it was made, what came, and how good they were."""
    rows = kept.forecasts_at(None)
    score, held = kept.scored(rows)
    levels = [
        {"stated": s, "inside": i, "low": a, "high": b}
        for s, i, a, b in zip(held.stated, held.inside, held.low, held.high, strict=True)
    ]
    words = Text("预测区间与结果：点为落在区间内的比例，线为 95% 区间，斜线为理想", "Stated intervals and outcomes: points are the share inside, lines its 95 % interval, the diagonal the ideal")  # fmt: skip
    chart = drawing(held, spoken(words), say("声称", "stated"), say("实际落在其中", "really inside"))
    context = {
        "rows": rows[:SHOWN],
        "score": score,
        "levels": levels,
        "chart": chart if held.forecasts else None,
    }
    return render(request, "evaluation/forecasts.html", context)


@public
def forecast_record(request: HttpRequest) -> HttpResponse:
    """Send the record, as ``hutong learn score`` reads it."""
    rows = [
        {"id": f.number, **{k: "" if getattr(f, k) is None else getattr(f, k) for k in RECORD_COLUMNS[1:]}}
        for f in kept.forecasts_at(None).order_by("pk")
    ]
    return _csv("forecasts.csv", RECORD_COLUMNS, rows)


@permitted("evaluation.forecast", load=kept.forecast)
def forecast(request: HttpRequest, found: Any) -> HttpResponse:
    """Show one forecast, and let the office write down what came."""
    return render(
        request, "evaluation/forecast.html", {"f": found, "form": forms.OutcomeForm(), "lang": lang()}
    )


@require_POST
@permitted("evaluation.settle", load=kept.forecast)
def settle(request: HttpRequest, found: Any) -> HttpResponse:
    """Write down what came of a forecast."""
    c = checked(forms.OutcomeForm(request.POST))
    lessons_kept.settle(found, c["outcome"], c["shown_by"], request.user)
    messages.success(request, say("结果已登记并存证。", "The outcome is written down, and in the ledger."), extra_tags="good")  # fmt: skip
    return redirect("forecast", found.pk)
