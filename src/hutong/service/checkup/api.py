"""The API of checkups: indicators with status and coverage, findings, and every figure with all that is known of it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.few import told
from hutong.service.checkup import selectors
from hutong.service.web.rest import (
    LARGEST,
    Both,
    Key,
    Listed,
    Metric,
    Name,
    PageNumber,
    PageSize,
    both,
    listed,
    route,
)
from hutong.text import Text

router = Router()
Status = Literal["good", "watch", "warn", "alarm", "unknown"]


class RunOut(Schema):
    """A checkup. Licence of its figures and whom to name: ``sources`` of the snapshot."""

    id: int
    snapshot: int
    place: str
    date: dt.date
    jurisdiction: str
    phase: Literal["draft", "published"]
    made_at: dt.datetime
    statuses: dict[str, int]
    notes: list[Both]


class IndicatorOut(Schema):
    """An indicator as it was defined for a checkup."""

    id: str
    title: Both
    scale: str
    unit: str
    direction: str
    standard: float | None
    source: str
    article: str
    confidence: str
    formula: Both


class ValueOut(Schema):
    """An indicator in a place."""

    scale: str
    place_id: str
    place_name: str
    value: float | None
    status: Status
    coverage: float | None
    n: int
    people: float | None
    reason: Both


class IndicatorValue(IndicatorOut):
    """An indicator for the whole quarter."""

    quarter: ValueOut | None


class IndicatorPlaces(IndicatorOut):
    """An indicator in every place."""

    values: list[ValueOut]


class FindingOut(Schema):
    """Something that is wrong in a place; ``people`` is null where they are unknown or too few to be told."""

    rank: int
    indicator: str
    scale: str
    place_id: str
    place: Both
    status: Status
    value: float | None
    standard: float | None
    people: float | None
    severity: float
    coverage: float | None
    reason: Both


class FindingBuildings(FindingOut):
    """A finding with the buildings that it names."""

    buildings: list[str]


class Metrics(Schema):
    """Every figure of a checkup, in the form in which figures are exchanged."""

    schema_version: str
    units: dict[str, str]
    metrics: dict[str, Metric]


class _Part:
    """A part of a checkup: it has the checkup's place and phase."""

    def __init__(self, run: Any, part: Any) -> None:
        self.run, self.part, self.place, self.phase = run, part, run.place, run.phase


def _run(pk: Key) -> Any:
    return selectors.run(pk)


def _indicator(pk: Key, name: Name) -> Any:
    return _Part(selectors.run(pk), name)


def _finding(pk: Key, rank: Annotated[int, Field(ge=1, le=LARGEST)]) -> Any:
    return selectors.finding(pk, min(rank, 2**31 - 1))


def _out(run: Any) -> dict[str, Any]:
    return {
        "id": run.pk, "snapshot": run.snapshot_id, "place": run.place.path, "date": run.snapshot.date,
        "jurisdiction": run.jurisdiction, "phase": run.phase, "made_at": run.made_at,
        "statuses": dict(selectors.counted(selectors.whole(run))), "notes": run.notes,
    }  # fmt: skip


def _definition(name: str, told: dict[str, Any]) -> dict[str, Any]:
    kept = ("title", "scale", "unit", "direction", "standard", "source", "article", "confidence", "formula")
    return {"id": name, **{key: told[key] for key in kept}}


def _value(v: Any) -> dict[str, Any]:
    return {
        "scale": v.scale, "place_id": v.place_id, "place_name": v.place_name, "value": v.value, "status": v.status,
        "coverage": v.coverage, "n": v.n, "people": told(v.people), "reason": both(v.reason),
    }  # fmt: skip


def _found(f: Any) -> dict[str, Any]:
    return {
        "rank": f.rank, "indicator": f.indicator, "scale": f.scale, "place_id": f.place_id, "place": both(f.place_title),
        "status": f.status, "value": f.value, "standard": f.standard, "people": told(f.people), "severity": f.severity,
        "coverage": f.coverage, "reason": both(f.reason),
    }  # fmt: skip


@route(router, "/checkups", "api_checkups", Text("体检", "Checkups"), Listed[RunOut])
def checkups(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the checkups that may be seen."""
    return listed(selectors.visible(request.user), page, size, _out)


@route(router, "/checkups/{pk}", "api_checkup", Text("一次体检", "One checkup"), RunOut, "checkup.see", _run)
def checkup(request: HttpRequest, run: Any) -> Any:
    """Return a checkup: by whose rules, and how many indicators stand how."""
    return _out(run)


@route(
    router,
    "/checkups/{pk}/indicators",
    "api_indicators",
    Text("指标", "Indicators"),
    list[IndicatorValue],
    "checkup.see",
    _run,
)
def indicators(request: HttpRequest, run: Any) -> Any:
    """Return every indicator with its definition and its value for the whole quarter."""
    values = {v.indicator: _value(v) for v in selectors.whole(run)}
    return [{**_definition(name, told), "quarter": values.get(name)} for name, told in run.indicators.items()]


@route(
    router,
    "/checkups/{pk}/indicators/{name}",
    "api_indicator",
    Text("一项指标", "One indicator"),
    IndicatorPlaces,
    "checkup.see",
    _indicator,
)
def indicator(request: HttpRequest, found: Any) -> Any:
    """Return an indicator with its value in every place."""
    if found.part not in found.run.indicators:
        raise Http404
    values = [_value(v) for v in found.run.values.filter(indicator=found.part)]
    return {**_definition(found.part, found.run.indicators[found.part]), "values": values}


@route(
    router,
    "/checkups/{pk}/findings",
    "api_findings",
    Text("问题", "Findings"),
    Listed[FindingOut],
    "checkup.see",
    _run,
)
def findings(request: HttpRequest, run: Any, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the findings, the gravest for most people first."""
    return listed(run.findings.all(), page, size, _found)


@route(
    router,
    "/checkups/{pk}/findings/{rank}",
    "api_finding",
    Text("一个问题", "One finding"),
    FindingBuildings,
    "checkup.see",
    _finding,
)
def finding(request: HttpRequest, found: Any) -> Any:
    """Return a finding with the buildings that it names."""
    return {**_found(found), "buildings": list(found.buildings.values_list("building_id", flat=True))}


@route(
    router,
    "/checkups/{pk}/metrics",
    "api_metrics",
    Text("全部数字", "Every figure"),
    Metrics,
    "checkup.see",
    _run,
)
def metrics(request: HttpRequest, run: Any) -> Any:
    """Return every figure: status, value, unit, source, formula, confidence, assumptions, and the reason for none."""
    return json.loads((run.folder / "metrics.json").read_text("utf-8"))
