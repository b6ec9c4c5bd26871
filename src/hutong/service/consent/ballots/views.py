"""The pages of votes: asked on a phone, answered by every channel, run by two officers, checked by anyone."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.accounts.selectors import client_address
from hutong.service.consent import clock
from hutong.service.consent.ballots import selectors, services
from hutong.service.consent.ballots.forms import (
    SAID,
    AnswerForm,
    BallotForm,
    CodeForm,
    NoticeForm,
)
from hutong.service.consent.ballots.kept_rule import rule_of, title_of
from hutong.service.consent.ballots.words import follows, rule_lines, short_words, silence_words
from hutong.service.consent.counting import selectors as counting
from hutong.service.consent.letters import selectors as letters
from hutong.service.consent.motions import selectors as motions
from hutong.service.consent.motions import services as two
from hutong.service.consent.official import selectors as official
from hutong.service.consent.official.services import OFFICIAL
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.views import checked
from hutong.service.consent.sheets import selectors as sheets
from hutong.service.web.access import permitted, public, require, signed_in
from hutong.service.web.asked import asked_key
from hutong.service.words import say
from hutong.text import Text

#: Codes that may be tried from one address in an hour.
MOST_TRIES = 20
#: What an officer may propose on the page of a vote, by its state.
DEEDS = {
    "draft": ("cancel",), "noticed": ("open", "letters", "cancel"), "open": ("letters", "close"), "closed": ("count",),
}  # fmt: skip


def qr(address: str, scale: int = 4) -> SafeString:
    """Return an address as a QR code that stands in the page."""
    code = segno.make(address, error="m").svg_inline(
        scale=scale, omitsize=True, svgclass="qr", lineclass=None
    )
    return SafeString(code)


@permitted("consent.run")
def ballot_new(request: HttpRequest) -> HttpResponse:
    """Make a vote, perhaps one that renews another."""
    own = [
        r
        for r in rolls.rolls_for(request.user)
        if r.state != "draft" and request.user.has_perm("consent.run", r)
    ]
    before = _renewed(request)
    asked = _as_before(before) if before else {"roll": asked_key(request, "roll")}
    form = BallotForm(request.POST or None, rolls=own, initial=asked)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        roll = next(r for r in own if str(r.pk) == given["roll"])
        new = services.NewBallot(
            roll, given["matter"], Text(given["name_zh"], given["name_en"] or given["name_zh"]),
            Text(given["asked_zh"], given["asked_en"] or given["asked_zh"]), given["document"], before,
        )  # fmt: skip
        return redirect("ballot", services.draft(new, request.user).pk)
    shown = {"form": form, "before": before, "rolls": own}
    return render(request, "consent/ballot_new.html", shown, status=400 if form.errors else 200)


def _renewed(request: HttpRequest) -> Any:
    asked = request.GET.get("renews", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    before = selectors.ballot(int(asked))
    require(request, "consent.run", before)
    return before


def _as_before(before: Any) -> dict[str, Any]:
    return {
        "roll": before.roll_id, "matter": before.matter, "name_zh": before.name_zh, "name_en": before.name_en,
        "asked_zh": before.asked_zh, "asked_en": before.asked_en, "document": before.document,
    }  # fmt: skip


@permitted("consent.see", load=lambda pk: selectors.ballot(pk))
def ballot(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a vote: what is asked, what the law needs, the reader's own answer, the result with its proof."""
    runs = request.user.is_authenticated and request.user.has_perm("consent.run", found)
    return render(
        request,
        "consent/ballot.html",
        {
            **_told(found), "mine": _mine(request, found) if request.user.is_authenticated else [],
            "motions": motions.of("ballot", found.pk), "runs": runs, "open_now": _is_open(found), "official_columns": OFFICIAL,
            "member": request.user.is_authenticated and bool(rolls.seats_of(request.user, found.roll)),
            **(_office(found) if runs else {}),
        },
    )  # fmt: skip


def _told(found: Any) -> dict[str, Any]:
    """Return what everyone may know of a vote."""
    out: dict[str, Any] = {
        "ballot": found,
        "matter": title_of(found.matter, found.made.date()),
        "renewed": found.renewals.exclude(state="draft"),
    }
    book = rolls.book(found.roll)
    out |= {"heads": len(book.roll), "area_m2": book.roll.total_cm2 / 10_000}
    if found.rule:
        rule = rule_of(found.rule)
        out |= {
            "lines": rule_lines(rule, len(book.roll), book.roll.total_cm2),
            "silence": silence_words(rule),
        }
    if found.state in ("open", "closed"):
        out["turnout"] = selectors.turnout(found)
    if found.result is not None:
        out |= {
            "result": found.result, "areas": counting.areas(found.result), "lacked": short_words(found.result),
            "follows": follows(found.rule["id"], found.result["passed"]), "survey": counting.survey_of(found), "behind": official.document_behind(found),
        }  # fmt: skip
    return out


def _is_open(found: Any) -> bool:
    return found.state == "open" and found.opens <= clock.now() < found.closes


def _mine(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    voters = selectors.voters_of(request.user, found, clock.now()) if found.opens else []
    return [{"voter": v, **_answers(request, found, v)} for v in voters]


def _answers(request: HttpRequest, found: Any, voter: Any, channel: str = "online") -> dict[str, Any]:
    """Return what a voter answered; whoever typed a letter code, which others have seen, reads only what was said on this device."""
    told = selectors.answers_of(found, voter) if found.key else {"last": None, "counted": None}
    here = request.session.get("cast_here", [])
    for one in filter(None, told.values()):
        one["secret"] = channel == "letter" and one["cast"].pk not in here
    return told


def _deeds(found: Any) -> list[str]:
    """Return what two persons may do with a vote now: it opens within its announced time and closes once that has run."""
    now = clock.now()
    timed = {
        "open": found.opens and found.opens <= now < found.closes,
        "close": found.closes and now >= found.closes,
    }
    return [deed for deed in DEEDS.get(found.state, ()) if timed.get(deed, True)]


def _office(found: Any) -> dict[str, Any]:
    return {
        "notice": NoticeForm(),
        "deeds": _deeds(found),
        "papers": sheets.sheet_counts(found),
    }


@require_POST
@permitted("consent.run", load=lambda pk: selectors.ballot(pk))
def ballot_notice(request: HttpRequest, found: Any) -> HttpResponse:
    """Give notice of a vote."""
    given = checked(NoticeForm(request.POST))
    services.give_notice(found, given["opens"], given["closes"], request.user)
    return redirect("ballot", found.pk)


@require_POST
@permitted("consent.run", load=lambda pk, deed: (selectors.ballot(pk), deed)[0])
def ballot_propose(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose to open, close, count or call off a vote, or to issue its letters."""
    deed = request.resolver_match.kwargs["deed"] if request.resolver_match else ""
    if deed not in {d for of in DEEDS.values() for d in of}:
        raise Http404
    two.propose(f"ballot.{deed}", found.pk, found.place, request.user)
    messages.success(
        request, say("已提出，等待另一名工作人员确认。", "Proposed; another officer has to confirm it.")
    )
    return redirect("ballot", found.pk)


@signed_in
def ballot_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the answer of somebody who is on the roll, and take it."""
    found = selectors.ballot(pk)
    voters = selectors.voters_of(request.user, found, clock.now()) if found.opens else []
    return _answer(request, found, voters, "online")


def _answer(request: HttpRequest, found: Any, voters: list[Any], channel: str) -> HttpResponse:
    if not voters:
        raise PermissionDenied
    wanted = request.POST.get("head") or request.GET.get("head") or voters[0].head
    voter = next((v for v in voters if v.head == wanted), None)
    if voter is None:
        raise PermissionDenied
    form = AnswerForm(request.POST or None, initial={"head": voter.head})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        user = request.user if channel == "online" else None
        made = services.cast(
            found,
            services.Answer(
                voter.head, voter.signer, SAID[given["choice"]], channel, given["token"], user=user
            ),
        )
        if channel == "letter":
            request.session["cast_here"] = [*request.session.get("cast_here", []), made.pk]
        return redirect("cast_receipt", made.pk)
    shown = {
        **_told(found),
        "form": form,
        "voter": voter,
        "voters": voters,
        "open_now": _is_open(found),
        "channel": channel,
    }
    shown |= _answers(request, found, voter, channel)
    return render(request, "consent/answer.html", shown, status=400 if form.errors else 200)


@public
def letter(request: HttpRequest) -> HttpResponse:
    """Take a letter code instead of an account."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:30]})
    if request.method == "POST" and form.is_valid():
        _count_try(request)
        found = letters.voter_by_code(form.cleaned_data["code"], clock.now())
        if found is not None:
            of, voter = found
            request.session["letter"] = letters.letter_of(of, voter)
            return redirect("letter_answer")
        form.add_error(
            "code",
            say(
                "验证码不对，或已作废。请核对后再试。",
                "The code is not right, or void. Check it and try again.",
            ),
        )
    return render(request, "consent/letter.html", {"form": form}, status=400 if form.errors else 200)


def _count_try(request: HttpRequest) -> None:
    slot = f"letter-{client_address(request)}-{clock.now():%Y%m%d%H}"
    cache.add(slot, 0, 3600)
    if cache.incr(slot) > MOST_TRIES:
        raise HutongError(
            "too-many",
            Text("这一小时试得太多了。", "Too many codes were tried within the hour."),
            Text("请稍后再试，或到柜台。", "Try later, or come to the counter."),
        )


def _letter_voter(request: HttpRequest) -> Any:
    held = request.session.get("letter")
    return letters.letter_voter(held, clock.now()) if isinstance(held, int) else None


@public
def letter_answer(request: HttpRequest) -> HttpResponse:
    """Ask for the answer of whoever typed a letter code."""
    found = _letter_voter(request)
    if found is None:
        raise PermissionDenied
    of, voter = found
    return _answer(request, of, [voter], "letter")


@public
@require_POST
def letter_done(request: HttpRequest) -> HttpResponse:
    """Forget the letter code on this device."""
    for kept in ("letter", "cast_here"):
        request.session.pop(kept, None)
    return redirect("consent")


def _own_cast(request: HttpRequest, pk: int) -> Any:
    """Return a ballot to the voter whose it is: by account, or on the device on which it was cast by a letter code.

    Who printed or opened a letter holds its code, and learns by it what nobody said so far, not what somebody said elsewhere.
    """
    c = selectors.cast_of(pk)
    typed = _letter_voter(request)
    by_letter = (
        typed is not None
        and c.pk in request.session.get("cast_here", [])
        and typed[0].pk == c.ballot_id
        and (typed[1].head, typed[1].signer) == (c.head, c.signer)
    )
    by_account = request.user.is_authenticated and any(
        (v.head, v.signer) == (c.head, c.signer)
        for v in selectors.voters_of(request.user, c.ballot, clock.now())
    )
    if not by_letter and not by_account:
        raise PermissionDenied
    return c


@public
def cast_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the receipt of one's own ballot."""
    c = _own_cast(request, pk)
    address = request.build_absolute_uri(reverse("ledger_entry", args=[c.entry_id]))
    found = selectors.receipt(c)
    return render(
        request,
        "consent/receipt.html",
        {
            "c": c, "ballot": c.ballot, "address": address, "code": qr(address), "choice": selectors.CHOICE_WORDS[str(found.openings["choice"].value)],
            "survey": selectors.is_survey(c), "by_letter": request.session.get("letter") is not None, "open_now": _is_open(c.ballot),
        },
    )  # fmt: skip


@public
def cast_receipt_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the receipt as a file that the checker reads."""
    c = _own_cast(request, pk)
    name = f"receipt-{c.entry_id}.json"
    return HttpResponse(
        selectors.receipt(c).text(), content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    )  # fmt: skip


@require_POST
@permitted("consent.run", load=lambda pk: selectors.ballot(pk))
def letters_print(request: HttpRequest, found: Any) -> HttpResponse:
    """Print the letters with their codes; who printed them is written down."""
    address = request.build_absolute_uri(reverse("letter"))
    rows = [{**row, "qr": qr(address, 3)} for row in letters.letters(found)]
    services.look(found, "printed", request.user)
    return render(request, "consent/letters.html", {**_told(found), "rows": rows, "address": address})


@permitted("consent.run", load=lambda pk: selectors.ballot(pk))
def papers_print(request: HttpRequest, found: Any) -> HttpResponse:
    """Print a paper ballot for each home, with its number as a code."""
    page = request.build_absolute_uri(reverse("ballot", args=[found.pk]))
    book = rolls.book(found.roll)
    rows = [
        {
            "home": e.dwelling_id,
            "number": f"{found.pk}-{n:05d}",
            "qr": qr(f"{page}?paper={found.pk}-{n:05d}", 3),
        }
        for n, e in enumerate(sorted(book.entries, key=lambda e: e.dwelling_id), start=1)
    ]
    return render(request, "consent/papers.html", {**_told(found), "rows": rows})


@permitted("consent.see", load=lambda pk: selectors.ballot(pk))
def board(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a vote as it hangs on the notice board."""
    address = request.build_absolute_uri(reverse("ballot", args=[found.pk]))
    return render(request, "consent/board.html", {**_told(found), "address": address, "code": qr(address)})


@permitted("consent.audit", load=lambda pk: selectors.ballot(pk))
def audit(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the auditor who did what in a vote, and never who voted how."""
    return render(
        request,
        "consent/audit.html",
        {
            "ballot": found, "motions": motions.of("ballot", found.pk), "looks": found.looks.select_related("by"),
            "sheets": sheets.sheet_counts(found), "turnout": selectors.turnout(found), "channels": selectors.channels(found),
        },
    )  # fmt: skip
