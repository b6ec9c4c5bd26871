"""Flexible instruments 政策工具: when each applies, within what limits, and what it does to area, money and time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.book import Rules
from hutong.rules.instrument_reader import EFFECTS, Fact, fits_kind, read_instruments
from hutong.rules.reading import Authority
from hutong.rules.results import Parameter
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a flag of the rules (``subject`` is its id, ``state`` what it says), or a fact and the answers that fit."""

    subject: str
    title: Text
    fits: tuple[bool | str, ...]
    by_rule: bool
    state: bool | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure of the rules that bounds an instrument: ``most`` may not be passed, ``figure`` only enters its terms."""

    parameter: Parameter
    bound: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument as it stands in a jurisdiction on a date.

    ``limits`` are figures of the rules; ``undocumented`` names limits that the rules of the place do not give; ``gap``
    says what no document gives, and is never filled in.
    """

    id: str
    title: Text
    since: dt.date
    until: dt.date | None
    stage: str
    conditions: tuple[Condition, ...]
    limits: tuple[Limit, ...]
    undocumented: tuple[str, ...]
    area: Text
    money: Text
    time: Text
    gap: Text | None
    authority: Authority
    holds_in: tuple[str, ...]

    def in_force(self, on: dt.date) -> bool:
        """Return whether the instrument runs on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Applies:
    """Whether an instrument applies: yes, no or unknown, and every reason for it."""

    verdict: str
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Excess:
    """A proposed figure beyond a limit of an instrument."""

    parameter: Parameter
    proposed: float


def fact_book() -> Mapping[str, Fact]:
    """Return the facts that instruments ask about, by name."""
    return _shipped()[0]


@cache
def _shipped() -> tuple[Mapping[str, Fact], Mapping[str, Mapping[str, Any]]]:
    with as_file(files(__package__).joinpath("instruments.yaml")) as path:
        return read_instruments(path)


def instruments(
    rules: Rules, on: dt.date | None = None, ended: bool = False, path: Path | None = None
) -> tuple[Instrument, ...]:
    """Return the instruments that a jurisdiction has on a day.

    Parameters
    ----------
    rules
        The rules of the place; their figures are the limits.
    on
        The day; by default that of the rules.
    ended
        Whether to list those not yet or no longer in force too.
    path
        Another file of the same form; by default the one that comes with Hutong.

    Raises
    ------
    HutongError
        ``rules-broken`` for a broken file, with line and expected form.
    """
    facts, raw = _shipped() if path is None else read_instruments(path)
    found = tuple(_resolve(name, spec, facts, rules) for name, spec in raw.items())
    here = [i for i in found if set(i.holds_in) & set(rules.lineage)]
    day = on or rules.on
    return tuple(i for i in here if ended or i.in_force(day))


def applicable(
    instrument: Instrument, facts: Mapping[str, bool | str | None], on: dt.date | None = None
) -> Applies:
    """Return whether an instrument applies to a project, with every reason; what is not answered is unknown.

    Parameters
    ----------
    facts
        Answers by name (:func:`fact_book`); None or missing is unknown.
    on
        A day on which it must be in force; without it, the day is not judged.

    Raises
    ------
    HutongError
        ``bad-fact`` for a fact or an answer that does not exist.
    """
    _check_facts(facts)
    no: list[Text] = []
    open_: list[Text] = []
    yes: list[Text] = []
    if on is not None and not instrument.in_force(on):
        end = instrument.until or ""
        no.append(
            Text(
                f"{on} 不在施行期内（{instrument.since} 至 {end or '今'}）。",
                f"Not in force on {on} (from {instrument.since}{f' to {end}' if end else ''}).",
            )
        )
    for c in instrument.conditions:
        answer = c.state if c.by_rule else facts.get(c.subject)
        if answer is None:
            open_.append(Text(f"未知：{c.title.zh}。", f"Unknown: {c.title.en}."))
        elif answer in c.fits:
            yes.append(Text(f"符合：{c.title.zh}。", f"Holds: {c.title.en}."))
        else:
            no.append(Text(f"不符合：{c.title.zh}。", f"Does not hold: {c.title.en}."))
    verdict = "no" if no else "unknown" if open_ else "yes"
    return Applies(verdict, tuple(no + open_ + yes))


def beyond(instrument: Instrument, proposed: Mapping[str, float]) -> tuple[Excess, ...]:
    """Return the proposed figures (by parameter id) that are beyond the instrument's limits.

    Raises
    ------
    HutongError
        ``bad-limit`` for a figure that the instrument does not limit.
    """
    limits = {x.parameter.id: x.parameter for x in instrument.limits if x.bound == "most"}
    rows = [
        f"{name}: expected one of {', '.join(limits) or 'none'}" for name in proposed if name not in limits
    ]
    if rows:
        raise HutongError(
            "bad-limit",
            Text(f"“{instrument.title.zh}”没有这些限额。", f"“{instrument.title.en}” has no such limits."),
            Text("请按所列名称给出数值。", "Give the figures by the names listed."),
            rows,
        )
    over = [(limits[n], v) for n, v in proposed.items() if v > float(limits[n].value) * (1 + 1e-9)]
    return tuple(Excess(p, v) for p, v in over)


def _check_facts(facts: Mapping[str, bool | str | None]) -> None:
    known, rows = fact_book(), []
    for name, answer in facts.items():
        if name not in known:
            rows.append(f"{name}: no such fact")
        elif answer is not None and not fits_kind(known[name], answer):
            of = ", ".join(known[name].of) or "true, false"
            rows.append(f"{name}: {answer!r}; expected one of {of}")
    if rows:
        raise HutongError(
            "bad-fact",
            Text("所答事项不合格。", "Some answers do not fit."),
            Text("请按所列改正；未知的可不答。", "Mend those listed; leave out what is unknown."),
            rows,
        )


def _resolve(name: str, raw: Mapping[str, Any], facts: Mapping[str, Fact], rules: Rules) -> Instrument:
    conditions = []
    for c in raw["when"]:
        if "in" in c and not set(c["in"]) & set(rules.lineage):
            continue
        if "rule" in c:
            p = rules.parameters.get(c["rule"])
            title = p.title if p is not None else Text(c["rule"], c["rule"])
            state = None if p is None else bool(p.value)
            conditions.append(Condition(c["rule"], title, (True,), by_rule=True, state=state))
        else:
            fits = tuple(c["among"]) if "among" in c else (c["is"],)
            conditions.append(Condition(c["fact"], facts[c["fact"]].title, fits, by_rule=False))
    return Instrument(
        id=name,
        title=Text.of(raw["title"]),
        since=raw["from"],
        until=raw.get("until"),
        stage=raw["stage"],
        conditions=tuple(conditions),
        limits=tuple(
            Limit(rules[x["parameter"]], x["bound"]) for x in raw["limits"] if x["parameter"] in rules
        ),
        undocumented=tuple(x["parameter"] for x in raw["limits"] if x["parameter"] not in rules),
        **{part: Text.of(raw["effects"][part]) for part in EFFECTS},
        gap=Text.of(raw["gap"]) if "gap" in raw else None,
        authority=raw["authority"],
        holds_in=tuple(raw["holds_in"]),
    )
