"""The national check 建科〔2023〕75号: its 61 basic indicators, and what a checkup answers to each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hutong.city.schema import read_yaml
from hutong.sense.registry import CONFIDENCES, registry
from hutong.sense.results import Checkup, Indicator
from hutong.sense.wording import NOTHING_HERE
from hutong.text import Text

#: The last number below city scale: what is above is read, never computed.
LAST_BELOW_CITY = 31
KNOWN, UNKNOWN_STATUS, NOT_APPLICABLE = "known", "unknown", "not_applicable"
#: Columns of :func:`national_table`; ``value`` of percentages is a share of 1.
NATIONAL_COLUMNS = (
    "number", "id", "scale", "aspect_zh", "aspect_en", "title_zh", "title_en", "value", "unit_zh", "unit_en", "status",
    "grade", "answer", "coverage", "direction", "standard", "confidence", "source", "file", "formula_zh", "formula_en",
    "assumption_zh", "assumption_en", "reason_zh", "reason_en",
)  # fmt: skip
NOT_IN_FILE = Text(
    "城市尺度指标不由一个片区推算；城市数据文件里没有这一项",
    "a figure of the whole city is never derived from one quarter, and the file of the city's figures does not give it",
)
NO_FILE = Text(
    "城市尺度指标不由一个片区推算；请用城市数据文件给出并注明来源",
    "a figure of the whole city is never derived from one quarter; give it in a file that names its source",
)
NOT_IN_FORCE = Text("快照日期时相关标准尚未施行", "the standard was not in force on the date of the snapshot")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a checkup answers: the ``count`` of cases that fall short of an indicator, or its ``value``."""

    how: str
    indicator: str
    note: Text | None


@dataclass(frozen=True, slots=True)
class Basic:
    """One of the 61 basic indicators (``national.yaml``)."""

    number: int
    scale: str
    aspect: Text
    title: Text
    definition: Text
    unit: Text
    metric: str  # count | ratio | m | none: the unit in which the figure is exchanged
    direction: str
    standard: float | None
    source: str
    confidence: str
    answers: tuple[Answer, ...]  # empty: read from the city's file

    @property
    def id(self) -> str:
        """The id of the figure among others."""
        return f"national_{self.number:02d}"

    @property
    def share(self) -> bool:
        """Whether the figure is a percentage, kept as a share of 1."""
        return self.metric == "ratio"


@dataclass(frozen=True, slots=True)
class CityFigure:
    """A figure of the whole city, as its file gives it."""

    number: int
    value: float
    year: int
    source: str
    file: str


@cache
def national() -> tuple[Basic, ...]:
    """Return the 61 basic indicators in their order.

    Raises
    ------
    ValueError
        If an entry of ``national.yaml`` names an indicator that the registry does not have.
    """
    raw = read_yaml(files(__package__).joinpath("national.yaml").read_text("utf-8"))
    known = {i.id for i in registry()}
    out = []
    for number, entry in raw["indicators"].items():
        aspect = [a for a in raw["aspects"] if a["from"] <= number][-1]
        answers = () if entry["answer"] == "city" else tuple(map(_answer, entry["answer"]))
        strange = [a.indicator for a in answers if a.indicator not in known]
        if strange or (not answers) != (number > LAST_BELOW_CITY):
            raise ValueError(f"national.yaml {number}: answered by {strange or entry['answer']}")
        out.append(
            Basic(
                number=number,
                scale=aspect["scale"],
                aspect=Text(aspect["zh"], aspect["en"]),
                title=Text.of(entry["title"]),
                definition=Text.of(entry["definition"]),
                unit=Text.of(raw["units"][entry["unit"]]),
                metric=entry["metric"],
                direction=entry["direction"],
                standard=entry["standard"],
                source=entry["source"],
                confidence=entry["confidence"],
                answers=answers,
            )
        )
    return tuple(out)


def _answer(entry: Mapping[str, Any]) -> Answer:
    note = Text.of(entry["note"]) if "note" in entry else None
    how = next(k for k in ("count", "value") if k in entry)
    return Answer(how, entry[how], note)


def national_table(check: Checkup, figures: Mapping[int, CityFigure] | None = None) -> pd.DataFrame:
    """Return the 61 basic indicators as a table (``NATIONAL_COLUMNS``), each with its value or the reason for none.

    Parameters
    ----------
    figures
        The city's own figures by number (:func:`~hutong.sense.city_scale.read_city_figures`); without them the 30
        of city scale are unknown.
    """
    by_id = {i.id: i for i in check.indicators}
    whole = check.values[check.values["scale"] == "quarter"].set_index("indicator")
    rows = [
        _computed(basic, check, whole, by_id) if basic.answers else _read(basic, figures)
        for basic in national()
    ]
    return pd.DataFrame(rows, columns=list(NATIONAL_COLUMNS))


def _row(basic: Basic) -> dict[str, Any]:
    """Return a row of which nothing is known yet."""
    return {
        "number": basic.number,
        "id": basic.id,
        "scale": basic.scale,
        "aspect_zh": basic.aspect.zh,
        "aspect_en": basic.aspect.en,
        "title_zh": basic.title.zh,
        "title_en": basic.title.en,
        "value": math.nan,
        "unit_zh": basic.unit.zh,
        "unit_en": basic.unit.en,
        "status": UNKNOWN_STATUS,
        "grade": "unknown",
        "answer": "city file",
        "coverage": math.nan,
        "direction": basic.direction,
        "standard": math.nan if basic.standard is None else float(basic.standard),
        "confidence": "unknown",
        "source": basic.source,
        "file": "",
        "formula_zh": basic.definition.zh,
        "formula_en": basic.definition.en,
        **_texts("assumption", Text("", "")),
        **_texts("reason", Text("", "")),
    }


def _texts(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_zh": text.zh, f"{name}_en": text.en}


def _computed(
    basic: Basic, check: Checkup, whole: pd.DataFrame, by_id: Mapping[str, Indicator]
) -> dict[str, Any]:
    """Return the row of an indicator that the checkup answers: the first answer that is known, else why none is."""
    first: dict[str, Any] | None = None
    for answer in basic.answers:
        row = _answered(basic, answer, check, whole, by_id)
        if row["status"] == KNOWN:
            return row
        first = first or row
    assert first is not None  # noqa: S101 (national() gives every computed indicator an answer)
    return first


def _answered(
    basic: Basic, answer: Answer, check: Checkup, whole: pd.DataFrame, by_id: Mapping[str, Indicator]
) -> dict[str, Any]:
    row = {**_row(basic), "answer": f"{answer.how} of {answer.indicator}"}
    if answer.indicator not in by_id:
        return {**row, **_texts("reason", NOT_IN_FORCE)}
    indicator, found = by_id[answer.indicator], whole.loc[answer.indicator]
    reason = Text(str(found["reason_zh"]), str(found["reason_en"]))
    short, cases = check.counts(answer.indicator)
    missing = cases - int(found["n"])
    coverage = float(found["coverage"])
    row |= {
        "coverage": coverage,
        "source": basic.source,
        **_texts("formula", _formula(answer, indicator)),
    }
    if found["status"] == "unknown":
        status = NOT_APPLICABLE if reason == NOTHING_HERE else UNKNOWN_STATUS
        return {**row, "status": status, **_texts("reason", reason)}
    if answer.how == "count" and missing and not short:
        return {**row, **_texts("reason", _nothing_yet(int(found["n"]), cases))}
    value = float(short) if answer.how == "count" else float(found["value"])
    notes = [answer.note] if answer.note else []
    if missing:
        notes.append(_incomplete(missing, cases))
    joined = Text("；".join(n.zh for n in notes), "; ".join(n.en for n in notes))
    sure = max(basic.confidence, indicator.confidence, key=CONFIDENCES.index)
    return {
        **row,
        "value": value,
        "status": KNOWN,
        "grade": _grade(basic, value),
        "confidence": level(sure, coverage),
        **_texts("assumption", joined),
    }


def _formula(answer: Answer, indicator: Indicator) -> Text:
    if answer.how == "value":
        return indicator.formula
    top = Text(indicator.formula.zh.split(" ÷ ")[0], indicator.formula.en.split(" ÷ ")[0])
    if top.zh.startswith("1 −"):  # a complement: say what is counted
        top = Text(f"符合“{indicator.phrase.zh}”的数量", f"how many {indicator.phrase.en}")
    return Text(f"计数：{top.zh}", f"count: {top.en}")


def _nothing_yet(known: int, cases: int) -> Text:
    return Text(
        f"已知的 {known:,} 处都没有问题，另有 {cases - known:,} 处未知",
        f"none among the {known:,} that are known; {cases - known:,} more are unknown",
    )


def _incomplete(missing: int, cases: int) -> Text:
    return Text(
        f"共 {cases:,} 处，{missing:,} 处未知，未计入",
        f"of {cases:,}, {missing:,} are unknown and left out",
    )


def _read(basic: Basic, figures: Mapping[int, CityFigure] | None) -> dict[str, Any]:
    """Return the row of an indicator of city scale."""
    figure = None if figures is None else figures.get(basic.number)
    if figure is None:
        return {**_row(basic), **_texts("reason", NO_FILE if figures is None else NOT_IN_FILE)}
    return {
        **_row(basic),
        "value": figure.value,
        "status": KNOWN,
        "grade": _grade(basic, figure.value),
        "confidence": level(basic.confidence, 1.0),
        "source": figure.source,
        "file": figure.file,
        **_texts("assumption", Text(f"{figure.year} 年数据", f"figure of {figure.year}")),
    }


def _grade(basic: Basic, value: float) -> str:
    """Return ``good`` where the standard is met, ``watch`` where not, ``none`` without one."""
    if basic.standard is None:
        return "none"
    met = value >= basic.standard if basic.direction == "higher" else value <= basic.standard
    return "good" if met else "watch"


def level(confidence: str, coverage: float) -> str:
    """Return how sure a figure is: ``high``, ``medium`` or ``low``.

    A definition read in a document (D) is worth high, one commonly known medium, an assumed one low; what was observed
    of fewer than 95 % of the cases is medium at best, of fewer than half low (conventions of this software).
    """
    rank = {"D": 2, "D-": 1, "K": 1, "U": 0}[confidence]
    seen = 0.0 if np.isnan(coverage) else coverage
    rank = min(rank, 2 if seen >= 0.95 else 1 if seen >= 0.5 else 0)
    return ("low", "medium", "high")[rank]
