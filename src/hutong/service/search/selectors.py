"""Finding: one function for both databases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from hutong.service.search.grams import fts5, tsquery
from hutong.service.search.models import Document
from hutong.service.web.found import FoundKind
from hutong.service.web.stage import stages

#: How many of each kind are shown together, and up to where they are counted.
TOGETHER, COUNTED = 5, 1000
_WORDS = "to_tsvector('simple', search_document.grams) @@ to_tsquery('simple', %s)"


@dataclass(frozen=True)
class Found:
    """The results of a kind: the first, and how many there are (``more``: at least so many)."""

    kind: FoundKind
    hits: list[Document]
    count: int
    more: bool


def kinds() -> list[FoundKind]:
    """Return the kinds of results in their order."""
    return sorted((k for stage in stages() for k in stage.found_kinds), key=lambda k: (k.order, k.id))


def find(viewer: Any, query: str, kind: str) -> QuerySet[Document]:
    """Return what a reader may see of one kind that holds all words of a query, the newest first."""
    sqlite = connection.vendor == "sqlite"
    asked = (fts5 if sqlite else tsquery)(query, kind)
    if not asked:
        return Document.objects.none()
    rows = Document.objects.filter(_may_find(viewer)).order_by("-pk")
    if not sqlite:
        return rows.extra(where=[_WORDS], params=[asked])  # noqa: S610 (a constant; the query is a parameter)
    # FTS5 gives its rows in this order one by one, so that a page of a common word reads no more than a page
    joined = ["search_document.id = search_fts.rowid", "search_fts MATCH %s"]
    return rows.extra(tables=["search_fts"], where=joined, params=[asked], order_by=["-search_fts.rowid"])  # noqa: S610


def _may_find(viewer: Any) -> Q:
    seen = Q(public=True)
    if getattr(viewer, "is_authenticated", False):
        seen |= Q(owner=viewer.pk)
    for role, path in (*getattr(viewer, "held", ()), *_other_names(viewer)):
        seen |= Q(roles__contains=f";{role};", path__startswith=path)
    return seen


def _other_names(viewer: Any) -> list[tuple[str, str]]:
    """Return as what a reader finds things beside their roles, as the apps say."""
    if not getattr(viewer, "is_authenticated", False):
        return []
    return [name for stage in stages() for name in stage.finds_as(viewer)]


def search(viewer: Any, query: str) -> list[Found]:
    """Return what a reader may find, by kind; kinds without results are left out."""
    out = []
    for kind in kinds():
        rows = find(viewer, query, kind.id)
        hits = list(rows[: TOGETHER + 1])
        if not hits:
            continue
        count = len(hits)
        if count > TOGETHER:
            count = rows[: COUNTED + 1].count()
        out.append(Found(kind, hits[:TOGETHER], min(count, COUNTED), count > COUNTED))
    return out
