"""The API of open data: the datasets with their dictionary, the editions with their checksums, and the rows."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.open_data import selectors
from hutong.service.open_data.writing import dictionary
from hutong.service.web.rest import Both, Listed, Name, PageNumber, PageSize, listed, route
from hutong.text import Text

router = Router()


class ColumnOut(Schema):
    """A column: ``fewest`` is the count of people below which it is withheld."""

    name: str
    kind: Literal["text", "whole", "number", "flag", "day", "moment"]
    means: Both
    unit: str
    source: Both
    values: dict[str, Both]
    fewest: int


class DatasetOut(Schema):
    """A dataset with its dictionary; ``frozen``: only the kept file says how it was on its day."""

    id: str
    title: Both
    about: Both
    source: Both
    frozen: bool
    columns: list[ColumnOut]


class DataFile(Schema):
    """A file of an edition, under which licence it is given and whom to name; one that was withdrawn has no address."""

    dataset: str
    name: str
    rows: int
    size: int
    sha256: str
    licence: str
    attribution: list[str]
    url: str | None


class EditionOut(Schema):
    """What was public of a city at the end of a day. ``licence`` is the office’s; a table made from a source that asks for another has that one."""

    city: str
    date: dt.date
    licence: str
    recipe_sha256: str
    ledger_entry: int
    files: list[DataFile]


class RowsOut(Schema):
    """Some rows of a dataset in an edition, under which licence they are given and whom to name."""

    date: dt.date
    licence: str
    attribution: list[str]
    total: int
    page: int
    pages: int
    rows: list[dict[str, Any]]


def _edition(e: Any) -> dict[str, Any]:
    files = [
        {
            "dataset": f.dataset, "name": f.name, "rows": f.rows, "size": f.size, "sha256": f.digest,
            "licence": e.terms_of(f.dataset).licence.id, "attribution": e.terms_of(f.dataset).credits,
            "url": None if f.withdrawn else reverse("open_data_file", args=[f.pk]),
        }
        for f in e.files.all()
    ]  # fmt: skip
    return {"city": e.place.path, "date": e.date, "licence": e.licence, "recipe_sha256": e.digest, "ledger_entry": e.entry, "files": files}  # fmt: skip


@route(router, "/data", "api_data", Text("开放数据集", "Datasets"), list[DatasetOut])
def datasets(request: HttpRequest) -> Any:
    """List the datasets with what every column means."""
    return [dictionary(d) for d in selectors.datasets().values()]


@route(router, "/data/editions", "api_data_editions", Text("各版", "Editions"), Listed[EditionOut])
def editions(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the editions, each with its files and their checksums."""
    return listed(selectors.all_editions(), page, size, _edition)


@route(router, "/data/{name}/rows", "api_data_rows", Text("数据", "Rows"), RowsOut)
def rows(
    request: HttpRequest,
    name: Name,
    city: Name = "",
    date: dt.date | None = None,
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Any:
    """Return the rows of a dataset in the edition of a day, or in the newest; ``city`` is a path."""
    found = selectors.parquet_of(selectors.dataset(name).id, city, date)
    total, some = selectors.rows_of(found, (page - 1) * size, size)
    return {
        "date": found.edition.date,
        "licence": found.terms.licence.id,
        "attribution": found.terms.credits,
        "total": total,
        "page": page,
        "pages": -(-total // size),
        "rows": some,
    }
