"""The API of the ledger: its size and signed checkpoint, entries, and the proofs that none was altered."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.service.ledger import selectors
from hutong.service.ledger.keys import signing_key
from hutong.service.web.rest import LARGEST, Name, PageSize, route
from hutong.text import Text

router = Router()
Index = Annotated[int, Field(ge=0, le=LARGEST)]


class LedgerOut(Schema):
    """How many entries there are, their root, and the statement of both that is signed."""

    size: int
    root: str
    checkpoint: str
    key: str


class EntryOut(Schema):
    """An entry: ``data`` is the canonical text whose hash is the leaf."""

    index: int
    act: str
    at: dt.datetime
    place: str | None
    data: str
    leaf: str


class Entries(Schema):
    """Entries, the newest first; ``older`` is what to give as ``before`` for those before them."""

    items: list[EntryOut]
    size: int
    older: int | None


class Inclusion(Schema):
    """The proof that an entry stands in the tree of ``size`` entries (RFC 6962 §2.1.1); hashes in hexadecimal."""

    index: int
    size: int
    leaf: str
    proof: list[str]
    root: str


class Consistency(Schema):
    """The proof that the tree of ``size`` entries extends the one of ``old`` (RFC 6962 §2.1.2)."""

    old: int
    size: int
    proof: list[str]
    old_root: str
    root: str


def _entry(index: Index) -> Any:
    return selectors.entry(index)


def _out(e: Any) -> dict[str, Any]:
    return {
        "index": e.index, "act": e.act, "at": e.at, "place": e.place.path if e.place else None, "data": e.data,
        "leaf": bytes(e.leaf).hex(),
    }  # fmt: skip


@route(router, "/ledger", "api_ledger", Text("台账", "The ledger"), LedgerOut)
def ledger(request: HttpRequest) -> Any:
    """Return the size, the root, the signed checkpoint, and the key that verifies it."""
    whole = selectors.tree()
    note = selectors.signed_note(whole.size)
    return {
        "size": whole.size,
        "root": whole.root().hex(),
        "checkpoint": note,
        "key": str(signing_key().verifier),
    }


@route(router, "/ledger/entries", "api_entries", Text("台账条目", "Entries of the ledger"), Entries)
def entries(request: HttpRequest, act: Name = "", before: Index | None = None, size: PageSize = 100) -> Any:
    """List entries, the newest first."""
    rows = list(selectors.entries(act, before=before)[: size + 1])
    older = rows[size - 1].index if len(rows) > size else None
    return {"items": [_out(e) for e in rows[:size]], "size": selectors.size(), "older": older}


@route(router, "/ledger/entries/{index}", "api_entry", Text("一条台账", "One entry"), EntryOut, load=_entry)
def entry(request: HttpRequest, found: Any) -> Any:
    """Return one entry."""
    return _out(found)


@route(
    router,
    "/ledger/entries/{index}/proof",
    "api_proof",
    Text("收录证明", "Proof of an entry"),
    Inclusion,
    load=_entry,
)
def proof(request: HttpRequest, found: Any, size: Index | None = None) -> Any:
    """Return the proof that an entry stands in the tree of ``size`` entries, or of all."""
    whole = selectors.tree()
    size = whole.size if size is None else size
    steps = whole.inclusion(found.index, size)
    return {
        "index": found.index,
        "size": size,
        "leaf": bytes(found.leaf).hex(),
        "proof": [step.hex() for step in steps],
        "root": whole.root(size).hex(),
    }


@route(
    router,
    "/ledger/consistency",
    "api_consistency",
    Text("一致性证明", "Proof that nothing was rewritten"),
    Consistency,
)
def consistency(request: HttpRequest, old: Index, size: Index | None = None) -> Any:
    """Return the proof that the tree of ``size`` entries, or of all, extends the one of ``old`` entries."""
    whole = selectors.tree()
    size = whole.size if size is None else size
    steps = whole.consistency(old, size)
    return {
        "old": old,
        "size": size,
        "proof": [step.hex() for step in steps],
        "old_root": whole.root(old).hex(),
        "root": whole.root(size).hex(),
    }
