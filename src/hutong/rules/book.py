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
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.results import Parameter
from hutong.rules.source import DatedValue, Entry, RuleFile, Value, read_rule_file
from hutong.text import Text


@dataclass(frozen=True)
class Rules:
    """All parameters of a jurisdiction that hold on a date; iterate for the parameters in order of id.

    ``later`` gives, for ids that exist but do not hold on the date, the first day on which they do.
    """

    jurisdiction: str
    title: Text
    on: dt.date
    checked: dt.date
    parameters: Mapping[str, Parameter]
    later: Mapping[str, dt.date]

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
            else Text("docs/rules.md 列出全部规则。", "docs/rules.md lists all rules."),
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


def jurisdictions() -> tuple[str, ...]:
    """Return the names of the jurisdictions that come with Hutong."""
    folder = files(__package__).joinpath("data")
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_rules(
    jurisdiction: str = "beijing", on: dt.date | None = None, extra: Path | str | None = None
) -> Rules:
    """Return the rules of a jurisdiction that held on a date.

    Parameters
    ----------
    jurisdiction
        A name from :func:`jurisdictions`; what it does not say is taken from the one it extends.
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
    chain = _chain(jurisdiction)
    if extra is not None:
        chain = [*chain, _overlay(Path(extra), chain)]
    checked = max(f.checked for f in chain)
    date = on or checked
    ids = sorted({i for f in chain for i in f.entries})
    parameters: dict[str, Parameter] = {}
    later: dict[str, dt.date] = {}
    faults: list[str] = []
    for parameter in ids:
        layers = [(f.jurisdiction, f.entries[parameter]) for f in chain if parameter in f.entries]
        misfits = _misfits(parameter, layers)
        faults += misfits
        if misfits:
            continue
        held = _held(layers, date)
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
    return Rules(last.jurisdiction, last.title, date, checked, parameters, later)


def _chain(jurisdiction: str) -> list[RuleFile]:
    """Return the files from the farthest ancestor to the jurisdiction itself."""
    known = jurisdictions()
    chain: list[RuleFile] = []
    name: str | None = jurisdiction
    while name is not None:
        if name not in known:
            raise HutongError(
                "unknown-jurisdiction",
                Text(f"没有 {name!r} 的规则。", f"There are no rules for {name!r}."),
                Text(f"现有：{'、'.join(known)}。", f"There are: {', '.join(known)}."),
            )
        with as_file(files(__package__).joinpath("data", f"{name}.yaml")) as path:
            chain.append(read_rule_file(path))
        name = chain[-1].extends
    return chain[::-1]


def _overlay(path: Path, chain: Sequence[RuleFile]) -> RuleFile:
    overlay = read_rule_file(path)
    under = chain[-1].jurisdiction
    if overlay.extends != under:
        raise HutongError(
            "rules-overlay",
            Text(
                f"规则文件 {path.name} 标明 extends: {overlay.extends}，不是 {under}。",
                f"The rule file {path.name} says extends: {overlay.extends}, not {under}.",
            ),
            Text(
                f"请写 extends: {under}，或选用它所扩展的地区。",
                f"Write extends: {under}, or load what it extends.",
            ),
        )
    return overlay


Layer = tuple[str, Entry]


def _held(layers: Sequence[Layer], date: dt.date) -> tuple[str, DatedValue] | None:
    """Return what holds on a date and who says so: the nearest, or the stricter where a file combines."""
    held: tuple[str, DatedValue] | None = None
    for name, entry in layers:
        mine = entry.on(date)
        if mine is None:
            continue
        keep_theirs = False
        if held is not None and entry.combine != "nearest":
            ours: Any = mine.value
            theirs: Any = held[1].value
            keep_theirs = theirs < ours if entry.combine == "min" else theirs > ours
        if not keep_theirs:
            held = (name, mine)
    return held


def _first(layers: Sequence[Layer], field: str) -> Any:
    """Return the nearest layer's field that is given."""
    return next((v for _, e in reversed(layers) if (v := getattr(e, field)) is not None), None)


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Fraction):
        return "an exact share"
    return "a word" if isinstance(value, str) else "a number"


def _misfits(parameter: str, layers: Sequence[Layer]) -> list[str]:
    """Return what does not fit together across the files that speak of one parameter."""
    faults = [
        f"{layers[0][0]}: {parameter}: {field} is missing; the first file to name a parameter must give it"
        for field in ("title", "unit")
        if getattr(layers[0][1], field) is None
    ]
    units = {e.unit for _, e in layers if e.unit is not None}
    if len(units) > 1:
        faults.append(f"{layers[-1][0]}: {parameter}: unit differs ({', '.join(sorted(units))})")
    kinds = {_kind(v.value): name for name, e in layers for v in e.values if v.value is not None}
    if len(kinds) > 1:
        said = ", ".join(f"{kind} in {name}" for kind, name in kinds.items())
        faults.append(f"{layers[-1][0]}: {parameter}: the kind of value differs ({said})")
    if not kinds:
        faults.append(f"{layers[-1][0]}: {parameter}: no value at all")
    ordered = {"a number", "an exact share"}
    if any(e.combine != "nearest" for _, e in layers) and not set(kinds) <= ordered:
        faults.append(f"{layers[-1][0]}: {parameter}: only numbers can be combined by min or max")
    return faults


def _parameter(parameter: str, layers: Sequence[Layer], held: tuple[str, DatedValue]) -> Parameter:
    name, dated = held
    assert dated.value is not None  # noqa: S101 (Entry.on never returns an ended rule)
    return Parameter(
        id=parameter,
        title=_first(layers, "title"),
        value=dated.value,
        unit=_first(layers, "unit"),
        source=dated.source,
        article=dated.article,
        in_force=dated.since,
        confidence=dated.confidence,
        jurisdiction=name,
        basis=_first(layers, "basis") or "",
        population=_first(layers, "population") or "",
        note=dated.note,
    )
