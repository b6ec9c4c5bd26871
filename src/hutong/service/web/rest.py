"""What the API of every app shares: how a route is stated, texts in both languages, errors, lists, figures.

An app's ``api.py`` makes a ``router`` and states its routes with :func:`route`, each with who may ask::

    @route(router, "/snapshots/{pk}", "api_snapshot", Text("一份快照", "One snapshot"), Snapshot, "twin.see", load=...)
    def snapshot(request, found): ...
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, BeforeValidator, Field

from hutong.errors import HutongError
from hutong.service.web.access import require
from hutong.text import Text

T = TypeVar("T")
#: The largest whole number that every reader of JSON and both databases hold.
LARGEST = 2**53 - 1
#: What a database takes as text: no zero bytes.
WRITABLE = r"^[^\u0000]*$"


def _written(value: Any) -> Any:
    """Refuse a moment that is a mere number, which says neither since when nor by which clock."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("a moment is written as 2026-03-01T08:00:00+08:00")
    return value


def _in_utc(at: dt.datetime) -> dt.datetime:
    """Return a moment in UTC, which it is in where it states no zone: a database knows fewer offsets than may be written."""
    try:
        return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except OverflowError as caught:
        raise ValueError("the moment lies outside the years 1 to 9999") from caught


Key = Annotated[int, Field(ge=1, le=LARGEST)]
#: A moment as RFC 3339 writes it, in UTC.
Moment = Annotated[dt.datetime, BeforeValidator(_written), AfterValidator(_in_utc)]
Name = Annotated[str, Field(max_length=120, pattern=WRITABLE)]
PageNumber = Annotated[int, Field(ge=1, le=1_000_000, description="which page, from 1")]
PageSize = Annotated[int, Field(ge=1, le=500, description="how many on a page")]


class Both(Schema):
    """A text in both languages."""

    zh: str
    en: str


class Problem(Schema):
    """What went wrong: a stable code, one sentence of what it is and one of what to do, and the rows it is about."""

    code: str
    what: Both
    hint: Both
    rows: list[str]


class Metric(Schema):
    """A figure with all that is known of it; ``value`` is null unless the status is known, and then there is a reason."""

    status: Literal["known", "unknown", "not_applicable"]
    value: bool | int | float | str | None
    unit: str = Field(description="sqm, m, ratio, count, index, none; of a building also grade and year")
    source_files: list[str]
    formula: str
    confidence: Literal["high", "medium", "low", "unknown"]
    assumptions: list[str]
    reason: str | None


class Listed(Schema, Generic[T]):
    """A page of a list."""

    items: list[T]
    page: int
    pages: int
    total: int


#: What any route may answer instead of what it is asked for.
REFUSALS = frozenset({400, 401, 403, 404, 422})
#: Name of a route -> who may ask, as ``web/access.py`` has it; a route that is not here cannot be opened.
ACCESS: dict[str, str] = {}


def both(text: Text) -> dict[str, str]:
    """Return a text as :class:`Both`."""
    return {"zh": text.zh, "en": text.en}


def problem(error: HutongError) -> dict[str, Any]:
    """Return an error as :class:`Problem`."""
    return {
        "code": error.code,
        "what": both(error.what),
        "hint": both(error.hint),
        "rows": [str(row) for row in error.rows],
    }


def listed(rows: Any, page: int, size: int, make: Callable[[Any], Any]) -> dict[str, Any]:
    """Return one page of rows (a query set or a sequence), each made by ``make``; beyond the last page there are none."""
    total = len(rows) if isinstance(rows, Sequence) else rows.count()
    start = (page - 1) * size
    items = [make(row) for row in rows[start : start + size]] if start < total else []
    return {"items": items, "page": page, "pages": -(-total // size), "total": total}


def route(
    router: Router,
    path: str,
    name: str,
    title: Text,
    answer: Any,
    access: str = "public",
    load: Callable[..., Any] | None = None,
    method: str = "GET",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """State a route of the API.

    Parameters
    ----------
    name
        Its name in the table of who may open what.
    access
        ``public``, or a permission, which must be held on what ``load`` returns; without ``load``, somewhere.
    load
        Takes the captured parts of the address (its parameters say their types) and returns the object or raises
        ``Http404``; the view is called with it as ``view(request, object, ...)``.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        asked = _asked(view, access, load)
        ACCESS[name] = access
        router.add_api_operation(
            path,
            [method],
            asked,
            response={200: answer, REFUSALS: Problem},
            operation_id=name,
            url_name=name,
            summary=title.en,
            description=inspect.cleandoc(view.__doc__ or ""),
            openapi_extra={"x-title": both(title)},
        )
        return view

    return decorate


def _asked(view: Callable[..., Any], access: str, load: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return a view behind its permission, with the parameters of ``load`` in place of the object."""
    own = list(inspect.signature(view, eval_str=True).parameters.values())
    captured = [] if load is None else list(inspect.signature(load, eval_str=True).parameters.values())
    rest = own[1:] if load is None else own[2:]

    @functools.wraps(view)
    def asked(request: HttpRequest, **given: Any) -> Any:
        found = None if load is None else load(**{p.name: given.pop(p.name) for p in captured})
        if access != "public":
            require(request, access, found)
        return view(request, **given) if load is None else view(request, found, **given)

    order = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*captured, *rest)]
    asked.__signature__ = inspect.Signature([own[0], *order])  # type: ignore[attr-defined]
    return asked
