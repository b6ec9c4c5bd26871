"""The format of exchange, version 1: what the manifest and each kind of content hold. ``schema`` returns it as JSON Schema."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT, VERSION = "hutong-exchange", 1
#: The parts of a package, all of them and no others.
MANIFEST, CONTENT, SIGNATURE = "manifest.json", "content.json", "signature.txt"
PARTS = (MANIFEST, CONTENT, SIGNATURE)

Short = Annotated[str, Field(max_length=300)]
Words = Annotated[str, Field(max_length=20_000)]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)] | None


class Strict(BaseModel):
    """Nothing that is not said here, and no type taken for another."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Both(Strict):
    """A text in both languages."""

    zh: Words
    en: Words


class PartOf(Strict):
    """A part with its size and hash."""

    name: Literal["content.json"]
    size: Annotated[int, Field(ge=0)]
    sha256: Sha


class Origin(Strict):
    """Whose it is: the site's name and public key as its ledger signs with, where, under which licence; practice or real."""

    site: Short
    key: Short
    place: Both
    licence: Short
    practice: bool


class Manifest(Strict):
    """What a package holds. ``through`` names the keys of sites that passed it on, the last one last."""

    format: Literal["hutong-exchange"]
    version: Literal[1]
    kind: Literal["case", "scheme", "indicators"]
    title: Both
    made: Annotated[dt.datetime, Field(strict=False)]
    origin: Origin
    parts: Annotated[list[PartOf], Field(min_length=1, max_length=1)]


class IndicatorRow(Strict):
    """An indicator for the whole quarter."""

    id: Short
    title: Both
    unit: Short
    value: Number
    status: Literal["good", "watch", "warn", "alarm", "unknown"]
    coverage: Number
    confidence: Short
    source: Short
    reason: Both


class Indicators(Strict):
    """The indicators of a published checkup."""

    date: Annotated[dt.date, Field(strict=False)]
    jurisdiction: Short
    rows: Annotated[list[IndicatorRow], Field(max_length=2000)]


class Passed(Strict):
    """A step that a project passed."""

    step: Short
    title: Both
    day: Annotated[dt.date, Field(strict=False)]


class Task(Strict):
    """A task of the works with its budget and the last report; unknown is null."""

    title: Short
    start: Annotated[dt.date, Field(strict=False)]
    end: Annotated[dt.date, Field(strict=False)]
    budget_yuan: Annotated[int, Field(ge=0)] | None
    spent_yuan: Annotated[int, Field(ge=0)] | None
    done: Number


class Case(Strict):
    """A project as a case: what it is, how far it came and when, money; nothing of anybody's."""

    number: Short
    procedure: Short
    procedure_title: Both
    types: Annotated[list[Both], Field(max_length=50)]
    tenures: Annotated[list[Short], Field(max_length=20)]
    library: Short
    passed: Annotated[list[Passed], Field(max_length=500)]
    tasks: Annotated[list[Task], Field(max_length=2000)]
    disclosed: Annotated[list[Short], Field(max_length=500)]


class Scheme(Strict):
    """A published version of a scheme: its document as ``hutong plan`` writes it, and the sums that it was published with."""

    number: Short
    version: Short
    document: Annotated[str, Field(max_length=4_000_000)]
    digest: Sha
    summary: dict[str, Any] | None


CONTENTS: dict[str, type[Strict]] = {"case": Case, "scheme": Scheme, "indicators": Indicators}


def schema() -> dict[str, Any]:
    """Return the format as JSON Schema: of the manifest, and of the content by kind."""
    out: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT} {VERSION}",
        "manifest": Manifest.model_json_schema(),
    }
    return out | {kind: model.model_json_schema() for kind, model in CONTENTS.items()}
