"""What a briefing on a checkup says, as plain data: nothing in it is computed that a page does not show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from hutong.few import FEWEST_THINGS
from hutong.report.format import in_unit
from hutong.report.words import word
from hutong.service.checkup import selectors as checkups
from hutong.service.desk import selectors
from hutong.service.requests import selectors as requests
from hutong.text import UNKNOWN, Text

#: How many findings a briefing tells one by one.
FINDINGS = 12


@dataclass(frozen=True)
class Row:
    """One line of a table of the briefing, with its source."""

    cells: tuple[Text, ...]
    source: Text


@dataclass(frozen=True)
class Facts:
    """All that a briefing says."""

    title: Text
    place: Text
    date: str
    made: dt.date
    draft: bool
    counts: tuple[tuple[str, int], ...]
    national: dict[str, int]
    findings: tuple[Row, ...]
    findings_in_all: int
    answered: int
    indicators: tuple[Row, ...]
    titles: dict[str, int]
    gaps: tuple[Row, ...]
    requests: dict[str, int]
    picture: Any  # the buildings with their worst grade, for the drawing
    sources: tuple[str, ...]
    notes: tuple[Text, ...]
    digest: str


def facts_of(run: Any) -> Facts:
    """Return the facts of a briefing on a checkup."""
    answers = selectors.answers_of(run)
    found = list(run.findings.select_related("run"))
    gaps, sums = selectors.title_gaps(run.snapshot)
    return Facts(
        title=run.snapshot.title,
        place=run.place.title,
        date=run.snapshot.date.isoformat(),
        made=timezone.localdate(),
        draft=run.phase != "published",
        counts=tuple(checkups.counted(checkups.whole(run))),
        national=checkups.national_counts(run),
        findings=tuple(_finding(f, answers.get(selectors.key_of(f))) for f in found[:FINDINGS]),
        findings_in_all=len(found),
        answered=sum(selectors.key_of(f) in answers for f in found),
        indicators=tuple(_indicator(run, v) for v in checkups.whole(run) if v.status != "unknown"),
        titles=sums,
        gaps=tuple(_gap(row) for row in gaps[:10]),
        requests=requests.hidden_by_rates(run.place),
        picture=selectors.picture_of(run.snapshot),
        sources=tuple(f"{s['title']}（{s['licence']}）" for s in run.snapshot.sources),
        notes=tuple(Text.of(note) for note in run.notes),
        digest=run.snapshot.digest,
    )


def _source(definition: dict[str, Any]) -> Text:
    """Return the source of an indicator's standard; one that is assumed says so."""
    named = " ".join(str(definition.get(k) or "") for k in ("source", "article")).strip()
    if definition.get("confidence") == "U" or not named:
        return Text(f"假设（{named or '无来源'}）", f"assumed ({named or 'no source'})")
    return Text(named, named)


def _value(value: float | None, unit: str) -> Text:
    return UNKNOWN if value is None else in_unit(value, unit)


def _finding(found: Any, answer: Any) -> Row:
    definition = found.run.indicators[found.indicator]
    said = Text("没有答复", "no answer") if answer is None else answer.title
    if answer is not None and answer.until:
        said = Text(f"{said.zh}（{answer.until} 前）", f"{said.en} (by {answer.until})")
    cells = (word("status", found.status), Text.of(definition["title"]), found.reason, said)
    return Row(cells, _source(definition))


def _indicator(run: Any, value: Any) -> Row:
    definition = run.indicators[value.indicator]
    cells = (
        Text.of(definition["title"]),
        _value(value.value, definition["unit"]),
        _value(definition["standard"], definition["unit"])
        if definition["standard"] is not None
        else Text("–", "–"),
        word("status", value.status),
    )
    return Row(cells, _source(definition))


def _gap(row: dict[str, Any]) -> Row:
    """Return a courtyard's line; a reason that few homes share is told without their number."""
    counts = [(title, str(n) if n >= FEWEST_THINGS else f"< {FEWEST_THINGS}") for title, n, _ in row["gaps"]]
    zh = "；".join(f"{title.zh} {n}" for title, n in counts)
    en = "; ".join(f"{title.en} {n}" for title, n in counts)
    cells = (
        row["building"].called,
        Text(f"{row['open']} / {row['homes']}", f"{row['open']} / {row['homes']}"),
        Text(zh, en),
    )
    return Row(cells, Text("产权登记表", "title register"))
