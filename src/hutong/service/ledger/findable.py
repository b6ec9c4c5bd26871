"""What search finds of the ledger: entries by their act, number and public fields."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from hutong.service.ledger.models import Entry
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("entry", Text("台账", "Ledger"), 70),)


def everything() -> Iterator[Findable]:
    """Return what can be found of the ledger."""
    for entry in Entry.objects.order_by("index").iterator(chunk_size=2000):
        yield of_entry(entry)


def of_entry(e: Entry) -> Findable:
    """Return an entry as anyone finds it."""
    title = Text(f"{e.kind.title.zh} · 第 {e.index} 条", f"{e.kind.title.en} · entry {e.index}")
    said = "，".join(f"{name} {value}" for name, value in e.value.get("public", {}).items())
    return Findable(
        "entry", str(e.index), title, reverse("ledger_entry", args=[e.index]), Text(said, said), public=True
    )
