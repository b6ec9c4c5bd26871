"""The API of operation: contracts with the standing of their band, and the returns that an operator's own books send."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from hutong.act.contracts import LEVELS, LINES, Return
from hutong.act.contracts import STANDINGS as BANDS
from hutong.service.operation import selectors, services
from hutong.service.web.rest import Both, Key, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()
Yuan = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Level = Annotated[float, Field(ge=0, le=10**9)]


class ContractOut(Schema):
    """A contract of operation as anyone may see it once it is published."""

    id: int
    number: str
    title: Both
    path: str
    state: str
    opened: dt.datetime
    changed: dt.datetime
    url: str


class YearOut(Schema):
    """The operator's net payments of a year, yuan; null: not reported whole, or beyond the plan."""

    year: int
    planned: float | None
    reported: float | None
    missing: bool


class BandOut(Schema):
    """How a contract stands in its band of return, by its returns so far and its plan for the years left."""

    contract: ContractOut
    standing: str
    title: Both
    return_low: float
    return_high: float
    rate: float | None = Field(description="rate of return; null where there is no single one")
    missing: list[int] = Field(description="years that have ended and were not reported whole")
    share: dict[str, float] = Field(
        description="yuan to be shared in each year left, by receiver, beside what the plan shares"
    )
    years_left: int
    extension: int | None = Field(
        description="years to add so that the low return is reached; null: the most allowed does not"
    )
    years: list[YearOut]


class ReturnOut(Schema):
    """What was reported of a period; the newest of each counts."""

    period: str
    yuan: dict[str, int]
    levels: dict[str, float]
    digest: str
    at: dt.datetime


class ReturnIn(Schema):
    """What is reported of a period: whole yuan by line, levels of service."""

    period: Annotated[str, Field(pattern=r"^[0-9]{4}(Q[1-4])?$", description="2027 or 2027Q1")]
    yuan: dict[str, Yuan] = Field(description=f"at least one of {', '.join(LINES)}")
    levels: dict[str, Level] = Field(default={}, description=f"any of {', '.join(LEVELS)}")


class ReturnsIn(Schema):
    """Returns of ended periods; the same one sent again changes nothing, another of the same period corrects it."""

    returns: list[ReturnIn] = Field(min_length=1, max_length=200)


class FiledOut(Schema):
    """What came of it: the returns that were new or corrected another."""

    filed: list[ReturnOut]
    known: int


def _contract(pk: Key) -> Any:
    return selectors.contract(pk)


def _out(c: Any) -> dict[str, Any]:
    return {
        "id": c.pk, "number": c.number, "title": both(c.title), "path": c.place.path, "state": c.state,
        "opened": c.opened, "changed": c.changed, "url": reverse("contract", args=[c.pk]),
    }  # fmt: skip


def _return(r: Any) -> dict[str, Any]:
    return {"period": r.period, "yuan": r.yuan, "levels": r.levels, "digest": r.digest, "at": r.at}


@route(router, "/contracts", "api_contracts", Text("运营合同", "Contracts of operation"), Listed[ContractOut])
def contracts(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the contracts that the reader may see: the published, and drafts where they work on them."""
    return listed(selectors.visible(request.user), page, size, _out)


@route(
    router, "/contracts/{pk}", "api_contract", Text("一份运营合同的微利区间", "The band of one contract"), BandOut,
    "operation.see", _contract,
)  # fmt: skip
def contract(request: HttpRequest, found: Any) -> Any:
    """Say how a contract stands in its band, and the years as planned and as reported."""
    terms, held = selectors.terms(found), selectors.band(found, timezone.localdate())
    return {
        "contract": _out(found), "standing": held.standing, "title": both(BANDS[held.standing]),
        "return_low": terms.return_low, "return_high": terms.return_high,
        "rate": held.irr.rate if held.irr.flag == "unique" else None,
        "missing": list(held.missing), "share": held.share, "years_left": held.years_left, "extension": held.extension,
        "years": selectors.years(found, held),
    }  # fmt: skip


@route(
    router, "/contracts/{pk}/returns", "api_returns", Text("已报送的经营情况", "Returns so far"), Listed[ReturnOut],
    "operation.see", _contract,
)  # fmt: skip
def returns(request: HttpRequest, found: Any, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the newest return of every period, the earliest period first."""
    return listed(selectors.returns(found), page, size, _return)


@route(
    router, "/contracts/{pk}/returns", "api_returns_send",
    Text("报送经营情况（同一期报两次只算一次，不同则为更正）", "File returns (the same one twice counts once; another corrects it)"),
    FiledOut, "operation.report", _contract, method="POST",
)  # fmt: skip
def send(request: HttpRequest, found: Any, body: ReturnsIn) -> Any:
    """File returns of the operator, all or none; the hash of each enters the public ledger."""
    given = [Return(r.period, r.yuan, r.levels) for r in body.returns]
    made = services.file_returns(found, given, request.user)
    return {"filed": [_return(r) for r in made], "known": len(given) - len(made)}
