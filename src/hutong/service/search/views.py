"""The page of results."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hutong.service.search import selectors
from hutong.service.web.access import public

LONGEST, ROWS_A_PAGE = 100, 50


@public
def search(request: HttpRequest) -> HttpResponse:
    """Show what the reader may find by words: some of each kind, or all of one."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    kinds = {k.id: k for k in selectors.kinds()}
    kind = kinds.get(request.GET.get("kind", ""))
    if kind is None:
        found = selectors.search(request.user, query) if query else []
        return render(request, "search/results.html", {"q": query, "found": found})
    page = Paginator(selectors.find(request.user, query, kind.id), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "search/kind.html", {"q": query, "kind": kind, "page": page})
