"""The look of the place 风貌: the checklist of a design by heritage grade and zone, and what answers say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.book import Rules
from hutong.rules.reading import AUTHORITY_KEYS, Authority, Reader, open_law
from hutong.text import Text

GRADES = ("none", "traditional", "historic", "protected")
ZONES = ("none", "control_zone", "historic_block")
ABOUT = ("roof", "materials", "gate", "sightline", "height", "use", "permit")
_EXPECT = ({"is"}, {"among", "of"}, {"at_most"}, {"same_as"}, {"at_least_rule"})
_KEYS = frozenset({"about", "ask", "why", "grades", "zones", "holds_in", "expect"}) | AUTHORITY_KEYS
#: Heights are read to the centimetre.
_CM = 0.005

Answer = bool | str | float | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the checklist: what is asked and why, of whom, the answer expected, and what that rests on."""

    id: str
    about: str
    ask: Text
    why: Text
    grades: tuple[str, ...]
    zones: tuple[str, ...]
    holds_in: tuple[str, ...]
    expect: Mapping[str, Any]
    authority: Authority


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its verdict: pass, fail or unknown."""

    item: Item
    verdict: str
    answer: Answer


def checklist(grade: str, zone: str, rules: Rules, path: Path | None = None) -> tuple[Item, ...]:
    """Return what a design is asked, for a building of a heritage grade on a plot of a heritage zone.

    Parameters
    ----------
    grade, zone
        Of the building (:data:`GRADES`) and of its plot (:data:`ZONES`); "" where unknown: then everything is asked
        that could be asked.
    path
        Another file of the same form; by default the one that comes with Hutong.

    Raises
    ------
    HutongError
        ``bad-grade`` for another word; ``rules-broken`` for a broken file.
    """
    if grade not in (*GRADES, "") or zone not in (*ZONES, ""):
        raise HutongError(
            "bad-grade",
            Text(f"没有等级 {grade!r} 或范围 {zone!r}。", f"There is no grade {grade!r} or zone {zone!r}."),
            Text(
                f"等级：{'、'.join(GRADES)}；范围：{'、'.join(ZONES)}。",
                f"Grades: {', '.join(GRADES)}; zones: {', '.join(ZONES)}.",
            ),
        )
    items = _shipped() if path is None else _read(path)
    return tuple(
        i
        for i in items
        if set(i.holds_in) & set(rules.lineage)
        and (not i.grades or not grade or grade in i.grades)
        and (not i.zones or not zone or zone in i.zones)
    )


def judge(items: tuple[Item, ...], answers: Mapping[str, Answer], rules: Rules) -> tuple[Judged, ...]:
    """Judge a design by its answers; what is not answered is unknown, which is not a failure.

    Parameters
    ----------
    items
        From :func:`checklist`.
    answers
        By id of the item, and by name of what a height is compared with (``height_before_m``, ``height_cap_m``).

    Raises
    ------
    HutongError
        ``bad-answer`` for an answer to nothing that is asked, or of another kind.
    """
    compared = {i.expect.get("at_most", i.expect.get("same_as")) for i in items} - {None}
    known = {i.id for i in items} | compared
    rows = [f"{name}: not asked" for name in answers if name not in known]
    rows += [
        f"{i.id}: {answers[i.id]!r}; expected {_form(i)}" for i in items if not _fits(i, answers.get(i.id))
    ]
    rows += [
        f"{c}: {answers[c]!r}; expected a number" for c in compared if not _number_or_none(answers.get(c))
    ]
    if rows:
        raise HutongError(
            "bad-answer",
            Text("风貌清单的答复不合格。", "Some answers to the checklist do not fit."),
            Text("请按所列改正；未知的可不答。", "Mend those listed; leave out what is unknown."),
            rows,
        )
    return tuple(Judged(i, _verdict(i, answers, rules), answers.get(i.id)) for i in items)


def _verdict(item: Item, answers: Mapping[str, Answer], rules: Rules) -> str:
    answer, expect = answers.get(item.id), item.expect
    if answer is None:
        return "unknown"
    if "is" in expect:
        return "pass" if answer == expect["is"] else "fail"
    if "among" in expect:
        return "pass" if answer in expect["among"] else "fail"
    value = float(answer)
    if "at_least_rule" in expect:
        rule = expect["at_least_rule"]
        limit = rules.number(rule) if rule in rules else math.nan
        return _state(value >= limit, value, limit)
    other = answers.get(expect.get("at_most") or expect["same_as"])
    limit = math.nan if other is None else float(other)
    if "at_most" in expect:
        return _state(value <= limit + _CM, value, limit)
    return _state(abs(value - limit) <= _CM, value, limit)


def _state(holds: bool, *needed: float) -> str:
    if any(math.isnan(x) for x in needed):
        return "unknown"
    return "pass" if holds else "fail"


def _number_or_none(answer: Answer) -> bool:
    return answer is None or (isinstance(answer, int | float) and not isinstance(answer, bool))


def _fits(item: Item, answer: Answer) -> bool:
    if answer is None:
        return True
    if "is" in item.expect:
        return isinstance(answer, bool)
    return answer in item.expect["of"] if "of" in item.expect else _number_or_none(answer)


def _form(item: Item) -> str:
    if "is" in item.expect:
        return "true or false"
    return f"one of {', '.join(item.expect['of'])}" if "of" in item.expect else "a number"


@cache
def _shipped() -> tuple[Item, ...]:
    with as_file(files(__package__).joinpath("appearance.yaml")) as path:
        return _read(path)


def _read(path: Path) -> tuple[Item, ...]:
    raw, lines = open_law(path)
    return _Reader(path, lines).file(raw)


class _Reader(Reader):
    def file(self, raw: Any) -> tuple[Item, ...]:
        top = self.mapping(raw, (), "a key items")
        self.keys(top, frozenset({"items"}), ())
        found = self.mapping(top.get("items"), ("items",), "{name: {about, ask, ...}}")
        items = tuple(self.item(name, spec, ("items", name)) for name, spec in found.items())
        self.done()
        return items

    def item(self, name: str, raw: Any, where: tuple[Any, ...]) -> Item:
        spec = self.mapping(raw, where, "{about, ask, why, grades, zones, holds_in, expect}")
        self.keys(spec, _KEYS, where)
        if spec.get("about") not in ABOUT:
            self.fault(
                (*where, "about"), f"about is {spec.get('about')!r}; expected one of {', '.join(ABOUT)}"
            )
        expect = self.mapping(spec.get("expect"), (*where, "expect"), "{is: true} or another form")
        if set(expect) not in _EXPECT or ("of" in expect and not set(expect["among"]) <= set(expect["of"])):
            self.fault(
                (*where, "expect"),
                f"{expect!r}; expected is, among and of, at_most, same_as or at_least_rule",
            )
        unset = Text("", "")
        return Item(
            id=name,
            about=str(spec.get("about")),
            ask=self.text(spec.get("ask"), (*where, "ask")) or unset,
            why=self.text(spec.get("why"), (*where, "why")) or unset,
            grades=self.names(spec.get("grades"), (*where, "grades"), frozenset(GRADES)),
            zones=self.names(spec.get("zones"), (*where, "zones"), frozenset(ZONES)),
            holds_in=self.names(spec.get("holds_in"), (*where, "holds_in")),
            expect=expect,
            authority=self.authority(spec, where),
        )
