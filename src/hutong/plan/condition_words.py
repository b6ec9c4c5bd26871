"""Conditions in words: what a measure asks of an object, and what the object has (``condition.yaml`` names the columns)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from hutong.city.schema import read_yaml
from hutong.few import FEWEST_PEOPLE, told
from hutong.plan.condition import Compared, Joined, holds, names_in, plain, read_condition, truth_of
from hutong.plan.objects import Objects
from hutong.plan.results import Measure
from hutong.text import UNKNOWN, Text, grade_letter, number, percent

_AMOUNT = {
    ">=": Text("至少 {n}", "at least {n}"),
    ">": Text("超过 {n}", "more than {n}"),
    "<=": Text("至多 {n}", "at most {n}"),
    "<": Text("不足 {n}", "less than {n}"),
    "==": Text("为 {n}", "{n}"),
    "!=": Text("不是 {n}", "other than {n}"),
}
_GRADE = {
    ">=": Text("{n} 级或更差", "graded {n} or worse"),
    ">": Text("比 {n} 级差", "graded worse than {n}"),
    "<=": Text("{n} 级或更好", "graded {n} or better"),
    "<": Text("比 {n} 级好", "graded better than {n}"),
    "==": Text("{n} 级", "graded {n}"),
    "!=": Text("不是 {n} 级", "not graded {n}"),
}
#: The comparisons that say that there is some, and that there is none.
_SOME, _NONE = {(">", 0.0), (">=", 1.0), ("!=", 0.0)}, {("==", 0.0), ("<=", 0.0), ("<", 1.0)}
_WORST, _BEST = 4.0, 1.0


def asks(condition: str) -> Text:
    """Return what a condition asks for, as a phrase: "at least 4 storeys and some staircases without a lift".

    Raises
    ------
    HutongError
        ``bad-condition``.
    """
    return _said(plain(read_condition(condition)))


def unfit(measure: Measure, objects: Objects, row: int) -> tuple[str, Text] | None:
    """Return why a measure does not surely fit an object: what it asks for and what the object in the row has.

    Returns
    -------
    tuple or None
        ``not_needed`` (surely not so), ``unknown_need`` (nobody can say) or ``nothing_to_do`` (what it would be done to
        is not there or not known), with what is said of the measure, to be put after its name; None where it fits.

    Raises
    ------
    HutongError
        ``bad-condition`` for a condition that names no column.
    """
    names = names_in(measure.condition)
    truth = truth_of(measure.condition, {n: objects[n][[row]] for n in names if n in objects.columns})
    if truth.yes[0]:
        there = float(objects[measure.quantity][row])
        if there > 0:
            return None
        has = _value(measure.quantity, there)
        return "nothing_to_do", Text(f"在此没有工程量（{has.zh}）", f"has nothing to do here ({has.en})")
    found = [_value(name, float(objects[name][row])) for name in names]
    what = asks(measure.condition)
    zh = f"要求{what.zh}；这里{'、'.join(t.zh for t in found)}"
    en = f"asks for {what.en}; here: {', '.join(t.en for t in found)}"
    if truth.no[0]:
        return "not_needed", Text(zh, en)
    return "unknown_need", Text(f"{zh}，能否适用无法判断", f"{en}, so nobody can say whether it fits")


@cache
def _words() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    raw = read_yaml(files(__package__).joinpath("condition.yaml").read_text("utf-8"))
    return raw["columns"], raw["prefixes"]


def _word(column: str) -> Mapping[str, Any]:
    """Return what a column is called; one that has no words is called by its name."""
    columns, prefixes = _words()
    if column in columns:
        return columns[column]  # type: ignore[no-any-return]
    found = next((spec for prefix, spec in prefixes.items() if column.startswith(prefix)), None)
    return found or {"kind": "figure", "title": {"zh": column, "en": column}}


def _said(condition: Compared | Joined) -> Text:
    if isinstance(condition, Compared):
        return _comparison(condition)
    said = []
    for part in condition.parts:
        text = _said(plain(part))
        inner = isinstance(part, Joined) and part.operator == "|"
        said.append(Text(f"（{text.zh}）", f"({text.en})") if inner else text)
    zh, en = ("，且", " and ") if condition.operator == "&" else ("，或", " or ")
    first, last = ", ".join(t.en for t in said[:-1]), said[-1].en
    return Text(zh.join(t.zh for t in said), f"{first}{en}{last}")


def _comparison(test: Compared) -> Text:
    spec, at = _word(test.column), (test.operator, test.number)
    title, kind = Text.of(spec["title"]), spec["kind"]
    if kind == "flag":
        yes, no = (holds(test, np.array([v]))[0] for v in (1.0, 0.0))
        if yes != no:
            return Text.of(spec["yes" if yes else "no"])
    if kind == "grade":
        return _graded(title, test)
    if kind in ("count", "area") and at in _SOME:
        return Text(f"有{title.zh}", f"some {title.en}")
    if kind in ("count", "area") and at in _NONE:
        return Text(f"没有{title.zh}", f"no {title.en}")
    text = _amount(spec, _AMOUNT[test.operator], test.number)
    if "note" in spec:
        note = Text.of(spec["note"])
        text = Text(f"{text.zh}（{note.zh}）", f"{text.en} ({note.en})")
    return text


def _graded(title: Text, test: Compared) -> Text:
    if (test.operator, test.number) in ((">=", _WORST), ("<=", _BEST)):
        test = Compared(test.column, "==", test.number)
    form, whole = _GRADE[test.operator], float(test.number).is_integer()
    said = grade_letter(test.number) if whole else f"{test.number:g}"
    scale = Text("", "") if whole else Text("（A 为 1，D 为 4）", " (A is 1, D is 4)")
    zh, en = form.zh.format(n=said), form.en.format(n=said)
    return Text(f"{title.zh} {zh}{scale.zh}", f"{title.en} {en}{scale.en}")


def _value(column: str, value: float) -> Text:
    """Return what an object has; of what is about people, few are not counted."""
    spec = _word(column)
    title, kind = Text.of(spec["title"]), spec["kind"]
    if math.isnan(value):
        return Text(f"{title.zh}{UNKNOWN.zh}", f"{title.en} {UNKNOWN.en}")
    if kind == "flag":
        return Text.of(spec["yes" if value else "no"])
    if kind == "grade":
        return _graded(title, Compared(column, "==", value))
    if kind in ("count", "area") and value == 0:
        return Text(f"没有{title.zh}", f"no {title.en}")
    if spec.get("about") == "people" and (kind != "count" or told(value) is None):
        if kind != "count":
            return Text(f"有{title.zh}", f"some {title.en}")
        return _amount(spec, Text("不足 {n}", "fewer than {n}"), FEWEST_PEOPLE)
    return _amount(spec, _AMOUNT["=="], value)


def _amount(spec: Mapping[str, Any], form: Text, value: float) -> Text:
    """Return a number of something: "at least 350 m² of idle floor"."""
    title, kind = Text.of(spec["title"]), spec["kind"]
    if kind == "share":
        zh, en = form.zh.format(n=percent(value, "zh")), form.en.format(n=percent(value))
        return Text(f"{title.zh}{zh}", f"{title.en} of {en}")
    whole = kind == "area" or spec.get("about") == "people"  # people where unknown are a mean
    figure = number(value) if whole else number(value, digits=2).rstrip("0").rstrip(".")
    zh, en = form.zh.format(n=figure), form.en.format(n=figure)
    if kind == "count":
        return Text(f"{title.zh}{zh} {spec['unit']}", f"{en} {spec['one'] if value == 1 else title.en}")
    if kind == "area":
        return Text(f"{title.zh}{zh} ㎡", f"{en} m² of {title.en}")
    unit = Text.of(spec.get("unit", {"zh": "", "en": ""}))
    return Text(f"{title.zh}{zh}{unit.zh}", f"{title.en} of {en}{unit.en}")
