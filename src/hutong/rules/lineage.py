"""Where a figure comes from: who says what from when, who decides, who overrides it, and how two books differ."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hutong.errors import HutongError
from hutong.rules.book import Rules, load_rules
from hutong.rules.chain import held_on, jurisdictions, layers_of, read_chain
from hutong.rules.reading import CONFIDENCE
from hutong.rules.results import Parameter
from hutong.rules.source import DatedValue
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file says of a parameter: its dated values, which of them holds on the day, and whether it decides.

    ``combine`` is nearest, min or max: how the file's value stands beside the wider one.
    """

    jurisdiction: str
    title: Text
    values: tuple[DatedValue, ...]
    combine: str
    held: DatedValue | None
    decides: bool


@dataclass(frozen=True, slots=True)
class Override:
    """A jurisdiction below this one that speaks of the same parameter for itself on the day."""

    jurisdiction: str
    title: Text
    value: DatedValue


@dataclass(frozen=True, slots=True)
class Explanation:
    """One parameter with everything that led to it.

    ``parameter`` is None where nothing holds on the day; ``since`` then is the first day on which something does.
    """

    id: str
    title: Text
    unit: str
    on: dt.date
    parameter: Parameter | None
    since: dt.date | None
    statements: tuple[Statement, ...]
    overridden_by: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that two books do not share: ``what`` is added, gone, value, basis or source."""

    id: str
    title: Text
    what: str
    before: Parameter | None
    after: Parameter | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many parameters have a source and how many are assumptions, and how many there are of each confidence."""

    sourced: int
    assumed: int
    by_confidence: Mapping[str, int]


def explain(
    parameter: str,
    jurisdiction: str = "beijing",
    on: dt.date | None = None,
    extra: Path | str | None = None,
) -> Explanation:
    """Explain one parameter: the chain of inheritance, what holds and why, and who overrides it elsewhere.

    Parameters
    ----------
    parameter
        Its id; an unknown one is an error that suggests near ones.
    jurisdiction, on, extra
        As for :func:`~hutong.rules.book.load_rules`.

    Raises
    ------
    HutongError
        ``unknown-rule``, and what ``load_rules`` raises.
    """
    rules = load_rules(jurisdiction, on, extra)
    chain = read_chain(jurisdiction, extra)
    layers = layers_of(chain, parameter)
    if not layers:
        rules[parameter]  # raises, with near ones
    held = held_on(layers, rules.on)
    titles = {f.jurisdiction: f.title for f in chain}
    statements = tuple(
        Statement(
            name, titles[name], e.values, e.combine, e.on(rules.on), held is not None and held[0] == name
        )
        for name, e in layers
    )
    title = next(e.title for _, e in reversed(layers) if e.title is not None)
    unit = next(e.unit for _, e in reversed(layers) if e.unit is not None)
    return Explanation(
        id=parameter,
        title=title,
        unit=unit,
        on=rules.on,
        parameter=rules.parameters.get(parameter),
        since=rules.later.get(parameter),
        statements=statements,
        overridden_by=tuple(_overrides(parameter, rules)),
    )


def _overrides(parameter: str, rules: Rules) -> list[Override]:
    """Return the shipped jurisdictions that extend this one and say something of their own."""
    found = []
    for name in jurisdictions():
        chain = read_chain(name)
        below = rules.jurisdiction in {f.jurisdiction for f in chain[:-1]}
        entry = chain[-1].entries.get(parameter)
        if below and entry is not None and (value := entry.on(rules.on)):
            found.append(Override(name, chain[-1].title, value))
    return found


def diff(before: Rules, after: Rules) -> tuple[Difference, ...]:
    """Return the parameters that two books do not share, in order of id: two places, or one place on two days."""
    found = []
    for name in sorted({*before.parameters, *after.parameters}):
        a, b = before.parameters.get(name), after.parameters.get(name)
        what = _difference(a, b)
        if what:
            shown = b or a
            assert shown is not None  # noqa: S101 (the id is from one of the two)
            found.append(Difference(name, shown.title, what, a, b))
    return tuple(found)


def _difference(a: Parameter | None, b: Parameter | None) -> str:
    if a is None or b is None:
        return "added" if a is None else "gone"
    if a.value != b.value or a.unit != b.unit:
        return "value"
    if (a.basis, a.population) != (b.basis, b.population):
        return "basis"
    return "source" if (a.source, a.article, a.in_force) != (b.source, b.article, b.in_force) else ""


def counts(rules: Rules) -> Counts:
    """Count the parameters that hold, by whether a document or an assumption stands behind them."""
    by = Counter(p.confidence for p in rules)
    assumed = sum(p.assumed for p in rules)
    return Counts(len(rules) - assumed, assumed, {c: by[c] for c in CONFIDENCE})


def select(rules: Rules, prefix: str = "") -> tuple[Parameter, ...]:
    """Return the parameters whose id is ``prefix`` or starts with it, whole words only (``vote`` finds ``vote.quorum``).

    Raises
    ------
    HutongError
        ``unknown-rule`` if there are none, naming the groups there are.
    """
    stem = prefix.rstrip(".")
    found = tuple(p for p in rules if not stem or p.id == stem or p.id.startswith(f"{stem}."))
    if found:
        return found
    if stem in rules.later:
        rules[stem]  # raises: not in force on the day
    groups = sorted({p.id.split(".")[0] for p in rules})
    raise HutongError(
        "unknown-rule",
        Text(f"没有以 {prefix!r} 开头的规则。", f"No rule begins with {prefix!r}."),
        Text(f"现有各组：{'、'.join(groups)}。", f"The groups are: {', '.join(groups)}."),
    )
