"""The pages of homes: one a home for its household and the counter, its questions, who answers them, homes on offer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.agree.home_statement import titles
from hutong.agree.homes_on_offer import homes_form, read_homes_on_offer
from hutong.errors import HutongError
from hutong.sense.sheets import xlsx_bytes
from hutong.service.my_home import page as pages
from hutong.service.my_home import selectors, services
from hutong.service.my_home.forms import AnswerForm, AskForm, ContactForm, FindForm, HomesForm
from hutong.service.my_home.policies import COUNTER
from hutong.service.my_home.waiting import due_of
from hutong.service.requests.selectors import status_of
from hutong.service.residents.selectors import homes_called
from hutong.service.web.access import permitted, public, require
from hutong.service.web.sent import sent_file
from hutong.service.words import error_words, say, spoken_rows
from hutong.text import Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@permitted("residents.own")
def my_homes(request: HttpRequest) -> HttpResponse:
    """Open the page of one's home; with several, list them; with none, say how to verify it."""
    homes = selectors.news_for(request.user)
    if len(homes) == 1:
        return redirect("home_page", homes[0]["home"].pk)
    return render(request, "my_home/homes.html", {"homes": homes})


@permitted("my_home.counter")
def find(request: HttpRequest) -> HttpResponse:
    """Find a home at the counter, to explain it or print its page."""
    form = FindForm(request.GET or None)
    found: list[Any] = []
    if form.is_valid():
        found = homes_called(request.user, form.cleaned_data["home"])
        if len(found) == 1:
            return redirect("home_page", found[0].pk)
    return render(request, "my_home/find.html", {"form": form, "found": found, "asked": bool(request.GET)})


@permitted("my_home.see", load=lambda pk: selectors.home(pk))
def page(request: HttpRequest, home: Any) -> HttpResponse:
    """Show a home to its household, or to an officer at the counter: then the household sees that they looked."""
    return _page(request, home)


def _page(request: HttpRequest, home: Any, form: AskForm | None = None, status: int = 200) -> HttpResponse:
    mine = _seen(request, home)
    context = _context(request, home)
    context |= {"form": form or AskForm(parts=[p.id for p, _ in context["parts"]]), "mine": mine}
    response = render(request, "my_home/page.html", context, status=status)
    if mine:
        services.mark_read(home, request.user)
    return response


def _seen(request: HttpRequest, home: Any) -> bool:
    """Return whether the reader is of the household; for an officer, write the look down."""
    mine = selectors.lives_in(request.user, home)
    if not mine:
        role = next(
            r for r, path in request.user.held if r in COUNTER and home.building.path.startswith(path)
        )
        services.look(home, request.user, role)
    return mine


def _context(request: HttpRequest, home: Any) -> dict[str, Any]:
    today = timezone.localdate()
    statement = pages.statement(home, request.user, today)
    parts, sources = ([], []) if statement is None else pages.with_sources(statement)
    return {
        "home": home, "statement": statement, "parts": parts, "sources": sources,
        "asked": pages.asked_now(home, request.user), "contact": selectors.contact_of(home.building),
        "nobody": selectors.NOBODY, "version": pages.version_for(home), "next": pages.next_steps(home, request.user),
        "questions": [{"q": q, "late": q.late(today)} for q in selectors.questions_seen(request.user, home)],
        "looks": selectors.looks(home, request.user), "today": today,
    }  # fmt: skip


@permitted("my_home.see", load=lambda pk: selectors.home(pk))
def printed(request: HttpRequest, home: Any) -> HttpResponse:
    """Show the page of a home for paper."""
    _seen(request, home)
    return render(request, "my_home/print.html", _context(request, home))


@require_POST
@permitted("my_home.see", load=lambda pk: selectors.home(pk))
def ask(request: HttpRequest, home: Any) -> HttpResponse:
    """Ask the office; at the counter an officer writes down what somebody of the home asks."""
    form = AskForm(request.POST, parts=list(titles()))
    if not form.is_valid():
        return _page(request, home, form, 400)
    given = form.cleaned_data
    at_counter = not selectors.lives_in(request.user, home)
    new = services.NewQuestion(home, given["words"], given["part"], at_counter)
    try:
        made = services.ask(new, request.user, given["token"])
    except HutongError as caught:
        form.add_error("words", error_words(caught))
        return _page(request, home, form, 400)
    told = say(f"已送到{made.unit.title.zh}。", f"Sent to {made.unit.title.en}.")
    messages.success(request, told, extra_tags="good")
    return redirect("home_page", home.pk)


@permitted("my_home.desk")
def questions(request: HttpRequest) -> HttpResponse:
    """List the questions that wait for the reader's units, the soonest due first, and how the clock is kept."""
    now = timezone.now()
    rows = []
    for q in selectors.waiting(request.user)[:200]:
        due = due_of(q, now)
        rows.append({"q": q, "due": due, "status": status_of(due)})
    counter = [path for role, path in request.user.held if role in COUNTER]
    context = {
        "rows": rows, "answered": selectors.answered(request.user)[:30], "clock": selectors.clock_at(counter) if counter else None,
    }  # fmt: skip
    return render(request, "my_home/questions.html", context)


@permitted("my_home.answer", load=lambda pk: selectors.question(pk))
def question(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a question to the office that owes the answer, and take it."""
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.answer(found, form.cleaned_data["words"], request.user)
        messages.success(request, say("已答复，居民在自己的页面上看到。", "Answered; the resident reads it on their page."), extra_tags="good")  # fmt: skip
        return redirect("home_questions")
    now = timezone.now()
    context = {"q": found, "form": form, "due": due_of(found, now), "status": status_of(due_of(found, now))}
    return render(request, "my_home/question.html", context, status=400 if form.errors else 200)


@permitted("my_home.contact")
def contacts(request: HttpRequest) -> HttpResponse:
    """Name who answers the households of a place."""
    places = selectors.contact_places(request.user)
    units = list({u.pk: u for p in places for u in selectors.units_for(p)}.values())
    form = ContactForm(request.POST or None, places=places, units=units)
    if request.method == "POST" and form.is_valid():
        g = form.cleaned_data
        place = next(p for p in places if str(p.pk) == g["place"])
        require(request, "my_home.contact", place)
        unit = next(u for u in units if str(u.pk) == g["unit"])
        where, hours = Text(g["where_zh"], g["where_en"] or g["where_zh"]), Text(g["hours_zh"], g["hours_en"] or g["hours_zh"])  # fmt: skip
        try:
            services.name_contact(place, services.NewContact(unit, where, hours, g["phone"], g["days"]), request.user)  # fmt: skip
        except HutongError as caught:
            form.add_error("unit", error_words(caught))
        else:
            messages.success(request, say("已公布联系人。", "The contact is named."), extra_tags="good")
            return redirect("home_contacts")
    context = {"form": form, "rows": selectors.contacts(request.user), "units": units}
    return render(request, "my_home/contacts.html", context, status=400 if form.errors else 200)


@public
def offers(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the homes that a surrender project offers; who makes offers there sends a new list."""
    found = selectors.project(pk)
    if request.method == "POST":
        require(request, "my_home.offer_homes", found)
    runs = request.user.is_authenticated and request.user.has_perm("my_home.offer_homes", found)
    form = HomesForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            with sent_file(form.cleaned_data["file"]) as path:
                count = services.offer_homes(found, read_homes_on_offer(path), request.user)
        except HutongError as caught:
            faults = spoken_rows(caught)
            form.add_error("file", error_words(caught))
        else:
            messages.success(request, say(f"已公布 {count} 种房源。", f"{count} kinds of homes are on offer."), extra_tags="good")  # fmt: skip
            return redirect("homes_offered", found.pk)
    context = {"project": found, "homes": selectors.homes_on_offer(found), "form": form if runs else None, "faults": faults}  # fmt: skip
    return render(request, "my_home/offers.html", context, status=400 if form.errors else 200)


@permitted("my_home.offer_homes", load=lambda pk: selectors.project(pk))
def offers_form(_request: HttpRequest, found: Any) -> HttpResponse:
    """Give the form of homes on offer, with what is on offer now."""
    data = xlsx_bytes([homes_form(selectors.homes_on_offer(found))], GUIDE)
    name = f'attachment; filename="homes-{found.pk}.xlsx"'
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": name})


GUIDE = (
    Text("每行一种房源：同一小区、同一面积和价格。", "One kind of home a row: same estate, size and price."),
    Text("共有产权填个人份额总价和份额；公租填月租。", "For shared ownership give the price and share of the household, for public rental the rent a month."),
    Text("价格要写依据，如公告文号。", "Say what the price rests on, such as the number of the announcement."),
)  # fmt: skip
