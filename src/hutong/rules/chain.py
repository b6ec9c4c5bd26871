"""What one jurisdiction extends: its own file, those above it, and an office's file laid over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.source import DatedValue, Entry, RuleFile, Value, read_rule_file
from hutong.text import Text

#: What the files say of one parameter, from the farthest authority to the nearest: (jurisdiction, entry).
Layer = tuple[str, Entry]


def jurisdictions() -> tuple[str, ...]:
    """Return the names of the jurisdictions that come with Hutong."""
    folder = files(__package__).joinpath("data")
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def read_chain(jurisdiction: str, extra: Path | str | None = None) -> tuple[RuleFile, ...]:
    """Return the files that speak for a jurisdiction, from the farthest ancestor to the nearest.

    Raises
    ------
    HutongError
        For an unknown jurisdiction, a broken file, or an ``extra`` that extends another place.
    """
    chain: list[RuleFile] = []
    name: str | None = jurisdiction
    if jurisdiction.endswith((".yaml", ".yml")):
        chain.append(read_rule_file(Path(jurisdiction)))
        name = chain[0].extends
    while name is not None:
        chain.append(_shipped(name))
        name = chain[-1].extends
    chain.reverse()
    if extra is not None:
        chain.append(_overlay(Path(extra), chain))
    return tuple(chain)


@cache
def _shipped(name: str) -> RuleFile:
    known = jurisdictions()
    if name not in known:
        raise HutongError(
            "unknown-jurisdiction",
            Text(f"没有 {name!r} 的规则。", f"There are no rules for {name!r}."),
            Text(f"现有：{'、'.join(known)}。", f"There are: {', '.join(known)}."),
        )
    with as_file(files(__package__).joinpath("data", f"{name}.yaml")) as path:
        return read_rule_file(path)


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


def layers_of(chain: Sequence[RuleFile], parameter: str) -> tuple[Layer, ...]:
    """Return what each file of a chain says of one parameter."""
    return tuple((f.jurisdiction, f.entries[parameter]) for f in chain if parameter in f.entries)


def held_on(layers: Sequence[Layer], date: dt.date) -> tuple[str, DatedValue] | None:
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


def nearest(layers: Sequence[Layer], field: str) -> Any:
    """Return the nearest layer's field that is given."""
    return next((v for _, e in reversed(layers) if (v := getattr(e, field)) is not None), None)


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Fraction):
        return "an exact share"
    return "a word" if isinstance(value, str) else "a number"


def misfits(parameter: str, layers: Sequence[Layer]) -> list[str]:
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
