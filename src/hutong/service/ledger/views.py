"""The pages of the ledger: anyone reads, downloads and checks; who did an act takes the receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from hutong.act.ledger import act_kinds
from hutong.act.ledger.book import checker_source
from hutong.service.ledger import selectors
from hutong.service.ledger.keys import signing_key
from hutong.service.web.access import permitted, public

SHOWN = 50


@public
def ledger(request: HttpRequest) -> HttpResponse:
    """List the entries, newest first, and say how to check them."""
    act = request.GET.get("act", "")
    act = act if act in act_kinds() else ""
    before = request.GET.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = list(selectors.entries(act, before=start)[: SHOWN + 1])
    return render(
        request,
        "ledger/list.html",
        {
            "entries": rows[:SHOWN],
            "older": rows[SHOWN - 1].index if len(rows) > SHOWN else None,
            "acts": act_kinds().values(),
            "act": act,
            "size": selectors.size(),
            "key": str(signing_key().verifier),
            "note": selectors.signed_note(),
        },
    )


@public
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """Show one entry, its hash and its proof."""
    found = selectors.entry(index)
    whole = selectors.tree()
    return render(
        request,
        "ledger/entry.html",
        {
            "entry": found,
            "leaf": bytes(found.leaf).hex(),
            "size": whole.size,
            "steps": [step.hex() for step in whole.inclusion(index)],
        },
    )


@permitted("ledger.receipt", load=lambda index: selectors.entry(index))
def receipt(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the receipt, with a code that leads to the public entry."""
    address = request.build_absolute_uri(reverse("ledger_entry", args=[found.index]))
    return render(
        request,
        "ledger/receipt.html",
        {
            "entry": found,
            "address": address,
            "openings": {o.field: o.value for o in found.openings.all()},
        },
    )


@permitted("ledger.receipt", load=lambda index: selectors.entry(index))
def receipt_file(_request: HttpRequest, found: Any) -> HttpResponse:
    """Give the receipt as a file that the checker reads."""
    text = selectors.receipt(found).text()
    return _file(text.encode(), f"receipt-{found.index}.json", "application/json")


@public
def proof(_request: HttpRequest, index: int) -> HttpResponse:
    """Give the proof that an entry stands under the current root, for programs."""
    found = selectors.entry(index)
    whole = selectors.tree()
    return JsonResponse(
        {
            "index": index,
            "size": whole.size,
            "leaf": bytes(found.leaf).hex(),
            "proof": [step.hex() for step in whole.inclusion(index)],
            "root": whole.root().hex(),
        }
    )


@public
def consistency(_request: HttpRequest, old: int) -> HttpResponse:
    """Give the proof that today's ledger extends that of ``old`` entries, for programs."""
    whole = selectors.tree()
    steps = [step.hex() for step in whole.consistency(old)]
    return JsonResponse({"old": old, "size": whole.size, "proof": steps, "root": whole.root().hex()})


@public
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """Give the signed checkpoint as text."""
    return HttpResponse(selectors.signed_note(), content_type="text/plain; charset=utf-8")


@public
def key(_request: HttpRequest) -> HttpResponse:
    """Give the public key as text."""
    return HttpResponse(f"{signing_key().verifier}\n", content_type="text/plain; charset=utf-8")


@public
def checker(_request: HttpRequest) -> HttpResponse:
    """Give the stand-alone checker."""
    return _file(checker_source(), "checker.py", "text/x-python; charset=utf-8")


@public
def download(_request: HttpRequest) -> HttpResponse:
    """Give everything: entries, checkpoint, key, checker."""
    return _file(selectors.download(), "hutong-ledger.zip", "application/zip")


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
