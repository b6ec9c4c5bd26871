"""The rules of a jurisdiction on a date: what is inherited, what the nearest authority says, what held when."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from hutong.errors import HutongError
from hutong.rules.chain import Layer, held_on, layers_of, misfits, nearest, read_chain
from hutong.rules.results import Parameter
from hutong.rules.source import DatedValue, Value
from hutong.text import Text


@dataclass(frozen=True)
class Rules:
    """All parameters of a jurisdiction that hold on a date; iterate for the parameters in order of id.

    ``later`` gives, for ids that exist but do not hold on the date, the first day on which they do; ``lineage`` names
    the jurisdictions that speak, from the farthest to the nearest.
    """

    jurisdiction: str
    title: Text
    on: dt.date
    checked: dt.date
    parameters: Mapping[str, Parameter]
    later: Mapping[str, dt.date]
    lineage: tuple[str, ...] = ()

    def __getitem__(self, parameter: str) -> Parameter:
        """Return a parameter; an unknown id is an error that suggests near ones."""
        found = self.parameters.get(parameter)
        if found is not None:
            return found
        if parameter in self.later:
            since = self.later[parameter]
            raise HutongError(
                "rule-not-in-force",
                Text(
                    f"规则 {parameter} 在 {self.on} 尚未施行或已失效。",
                    f"The rule {parameter} does not hold on {self.on}.",
                ),
                Text(
                    f"最早施行于 {since}，请换一个日期。", f"It first holds on {since}; choose another date."
                ),
            )
        near = get_close_matches(parameter, [*self.parameters, *self.later], n=3, cutoff=0.4)
        raise HutongError(
            "unknown-rule",
            Text(f"没有名为 {parameter!r} 的规则。", f"There is no rule {parameter!r}."),
            Text(f"相近的有：{'、'.join(near)}。", f"Near ones: {', '.join(near)}.")
            if near
            else Text("hutong rules show 列出全部规则。", "hutong rules show lists them all."),
        )

    def __contains__(self, parameter: object) -> bool:
        return parameter in self.parameters

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def __len__(self) -> int:
        return len(self.parameters)

    def value(self, parameter: str) -> Value:
        """Return the value of a parameter as it is kept."""
        return self[parameter].value

    def number(self, parameter: str) -> float:
        """Return a quantity as float; a flag or a word is an error."""
        value = self.value(parameter)
        if isinstance(value, bool | str):
            raise _wrong_kind(parameter, value, Text("数值", "a number"))
        return float(value)

    def flag(self, parameter: str) -> bool:
        """Return a yes-or-no rule; anything else is an error."""
        value = self.value(parameter)
        if not isinstance(value, bool):
            raise _wrong_kind(parameter, value, Text("是或否", "true or false"))
        return value

    def forbids(self, parameter: str) -> bool:
        """Return whether the jurisdiction has the rule and it says no; a place without the rule forbids nothing by it."""
        return parameter in self and not self.flag(parameter)

    def fraction(self, parameter: str) -> Fraction:
        """Return an exact share, as votes and signatures need it; a float is an error."""
        value = self.value(parameter)
        if not isinstance(value, Fraction):
            raise _wrong_kind(parameter, value, Text("精确分数（如 2/3）", "an exact share such as 2/3"))
        return value

    @cached_property
    def hash(self) -> str:
        """SHA-256 of every value, its source and date: the same rules have the same hash."""
        rows = [
            [p.id, repr(p.value), p.unit, p.source, p.article, str(p.in_force), p.confidence, p.jurisdiction]
            for p in self
        ]
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _wrong_kind(parameter: str, value: Value, kind: Text) -> HutongError:
    return HutongError(
        "rule-kind",
        Text(
            f"规则 {parameter} 的值 {value!r} 不是{kind.zh}。",
            f"The rule {parameter} is {value!r}, not {kind.en}.",
        ),
        Text("请在规则文件中改正该值。", "Mend the value in the rule file."),
    )


def load_rules(
    jurisdiction: str = "beijing", on: dt.date | None = None, extra: Path | str | None = None
) -> Rules:
    """Return the rules of a jurisdiction that held on a date.

    Parameters
    ----------
    jurisdiction
        A name from :func:`~hutong.rules.chain.jurisdictions`, or the path of a rule file (``.yaml``) of one's own;
        what it does not say is taken from the one it extends.
    on
        The day. Without it, the latest day up to which the files were checked, so that the same files
        give the same rules on any day.
    extra
        A file of a city's or a unit's own figures, laid over the jurisdiction (docs/rules.md).

    Raises
    ------
    HutongError
        For an unknown jurisdiction and for broken files (with file, line and the form expected).
    """
    chain = read_chain(jurisdiction, extra)
    checked = max(f.checked for f in chain)
    date = on or checked
    ids = sorted({i for f in chain for i in f.entries})
    parameters: dict[str, Parameter] = {}
    later: dict[str, dt.date] = {}
    faults: list[str] = []
    for parameter in ids:
        layers = layers_of(chain, parameter)
        broken = misfits(parameter, layers)
        faults += broken
        if broken:
            continue
        held = held_on(layers, date)
        if held is None:
            later[parameter] = min(v.since for _, e in layers for v in e.values if v.value is not None)
        else:
            parameters[parameter] = _parameter(parameter, layers, held)
    if faults:
        raise HutongError(
            "rules-broken",
            Text(
                f"{jurisdiction} 的规则有 {len(faults)} 处错误。",
                f"The rules of {jurisdiction} have {len(faults)} faults.",
            ),
            Text("请改正所列规则后重试。", "Mend the rules listed and try again."),
            faults,
        )
    last = chain[-1]
    lineage = tuple(f.jurisdiction for f in chain)
    return Rules(last.jurisdiction, last.title, date, checked, parameters, later, lineage)


def _parameter(parameter: str, layers: Sequence[Layer], held: tuple[str, DatedValue]) -> Parameter:
    name, dated = held
    assert dated.value is not None  # noqa: S101 (Entry.on never returns an ended rule)
    return Parameter(
        id=parameter,
        title=nearest(layers, "title"),
        value=dated.value,
        unit=nearest(layers, "unit"),
        source=dated.source,
        article=dated.article,
        in_force=dated.since,
        confidence=dated.confidence,
        jurisdiction=name,
        basis=nearest(layers, "basis") or "",
        population=nearest(layers, "population") or "",
        note=dated.note,
    )
