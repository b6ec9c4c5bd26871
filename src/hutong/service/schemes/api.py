"""The API of schemes: those that were published, and what the published version of each does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.service.schemes import selectors
from hutong.service.schemes.findable import of_scheme
from hutong.service.web.rest import Both, Key, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class SchemeOut(Schema):
    """A scheme and where it stands."""

    id: int
    number: str
    title: Both
    path: str
    snapshot: dt.date
    state: str
    standing: Both
    changed: dt.datetime
    url: str


class AtObject(Schema):
    """What a version does at one object."""

    object: str
    measures: list[str]
    offer: str
    year: int = Field(description="year in which works begin, from 0")


class VersionOut(Schema):
    """The version of a scheme that was put before the public last, and what it does."""

    scheme: SchemeOut
    n: int
    digest: str = Field(description="SHA-256 of its file, as in the ledger")
    starts: dt.date
    until: dt.date
    process: int | None = Field(
        description="the council's process in which it is answered; null: none was opened with it"
    )
    lawful: bool | None = Field(description="null: not worked out")
    public_yuan: float | None
    consent_expected: float | None = Field(
        description="share of homes whose works are expected to pass, a model's prediction; null: unknown, or nothing is put to a vote"
    )
    objects: list[AtObject]


def _scheme(pk: Key) -> Any:
    return selectors.scheme(pk)


def _out(s: Any) -> dict[str, Any]:
    return {
        "id": s.pk, "number": s.number, "title": both(s.title), "path": s.place.path, "snapshot": s.run.snapshot.date,
        "state": s.state, "standing": both(selectors.state_title(s)), "changed": s.changed, "url": of_scheme(s).url,
    }  # fmt: skip


@route(router, "/schemes", "api_schemes", Text("更新方案", "Renewal schemes"), Listed[SchemeOut])
def schemes(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the schemes that the reader may see: those published, and all where they work on schemes."""
    return listed(selectors.visible(request.user), page, size, _out)


@route(
    router, "/schemes/{pk}", "api_scheme", Text("公开版本", "Its published version"), VersionOut | None, "schemes.see", _scheme
)  # fmt: skip
def scheme(request: HttpRequest, found: Any) -> Any:
    """Say what the version that was published last does, object by object; null before there is one."""
    version = selectors.published_version(found)
    put_up = None if version is None else selectors.publication(version)
    if version is None or put_up is None:
        return None
    summary = version.summary or {}
    totals = summary.get("totals", {})
    return {
        "scheme": _out(found), "n": version.n, "digest": version.digest, "starts": put_up.starts, "until": put_up.until,
        "process": put_up.process_id, "lawful": summary.get("lawful"), "public_yuan": totals.get("public_yuan"), "consent_expected": totals.get("consent_expected"),
        "objects": [
            {"object": k, "measures": list(c.measures), "offer": c.offer or "", "year": c.year}
            for k, c in selectors.version_document(version).choices.items()
        ],
    }  # fmt: skip
