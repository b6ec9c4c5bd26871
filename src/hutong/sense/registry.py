"""The registry of indicators: ``indicators.yaml`` with the figures of the law filled in, and a city's own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules, load_rules
from hutong.sense.formulas import kinds_used, needs_of, texts_of
from hutong.sense.results import Indicator
from hutong.text import Text

__all__ = ["CONFIDENCES", "Entry", "broken", "kinds_used", "registry"]

#: From documented to guessed: an indicator is as sure as the least sure figure that it uses.
CONFIDENCES = ("D", "D-", "K", "U")
DIRECTIONS = ("lower", "higher")
SCALES = ("dwelling", "estate", "block", "city")
_REQUIRED = ("title", "scale", "unit", "direction", "standard", "source", "article", "confidence", "compute")


def registry(rules: Rules | None = None, own: Path | None = None) -> tuple[Indicator, ...]:
    """Return the indicators in the order of ``indicators.yaml``, then a city's own.

    An indicator whose figures are not yet in force on the date of the rules is left out.

    Parameters
    ----------
    rules
        Where ``{rule: id}`` is looked up; without it, the national rules.
    own
        A file of a city's own indicators in the form of ``indicators.yaml`` (docs/checkup.md).

    Raises
    ------
    HutongError
        ``invalid-indicator`` for a broken entry or an id that stands already; ``unknown-rule`` for a figure that
        no rule gives; ``unreadable`` for a file that is no YAML.
    """
    entries = dict(_raw())
    for name, raw in ({} if own is None else _own(own)).items():
        if name in entries:
            raise broken(name, "the id stands already")
        if not isinstance(raw, Mapping):
            raise broken(name, "it is no entry")
        entries[name] = raw
    return tuple(
        i for i in map(Entry(rules or load_rules("national")).read, entries.items()) if i is not None
    )


@cache
def _raw() -> Mapping[str, Any]:
    entries: Mapping[str, Any] = read_yaml(files(__package__).joinpath("indicators.yaml").read_text("utf-8"))
    return entries


def _own(path: Path) -> Mapping[str, Any]:
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as caught:
        raise _unreadable(path, str(caught)) from caught
    if not isinstance(raw, Mapping):
        raise _unreadable(path, "no entries")
    return raw


class Entry:
    """Reads entries of the registry under given rules."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def read(self, item: tuple[str, Mapping[str, Any]]) -> Indicator | None:
        """Return one indicator, or None where a figure it needs is not yet in force."""
        name, raw = item
        missing = [key for key in _REQUIRED if key not in raw]
        words = (("direction", DIRECTIONS), ("confidence", CONFIDENCES), ("scale", SCALES))
        missing += [key for key, allowed in words if key in raw and raw[key] not in allowed]
        if missing:
            raise broken(name, f"missing or wrong: {', '.join(missing)}")
        used = list(_rules_in(raw))
        if any(rule in self.rules.later for rule in used):
            return None
        spec = {key: self._figures(value) for key, value in raw.items()}
        try:
            needs = tuple(dict.fromkeys(needs_of(spec["compute"])))
            phrase, formula, noun = texts_of(spec)
        except (ValueError, KeyError, TypeError) as caught:
            raise broken(name, str(caught)) from caught
        confidences = [raw["confidence"], *(self.rules[rule].confidence for rule in used)]
        lower = spec["direction"] == "lower"
        return Indicator(
            id=name,
            title=Text.of(spec["title"]),
            scale=spec["scale"],
            unit=spec["unit"],
            direction=spec["direction"],
            standard=spec["standard"],
            watch=spec.get("watch"),
            warn=spec.get("warn"),
            source=spec["source"],
            article=spec["article"],
            confidence=max(confidences, key=CONFIDENCES.index),
            formula=formula,
            needs=needs,
            worst=spec.get("worst", 1.0 if lower else 0.0),
            gravity=spec.get("gravity", 1.0),
            bounds_confidence=spec.get("bounds_confidence", "U"),
            scales=tuple(spec.get("scales", ("quarter", "estate", "block", "rest"))),
            finding=spec.get("finding", True),
            compute=spec["compute"],
            phrase=phrase,
            noun=noun,
        )

    def _figures(self, value: Any) -> Any:
        """Replace ``{rule: id}`` by the rule's figure and ``{minutes, speed}`` by metres, at any depth."""
        if isinstance(value, Mapping):
            if set(value) == {"rule"}:
                return self.rules.number(value["rule"])
            inner = {key: self._figures(v) for key, v in value.items()}
            if set(inner) == {"minutes", "speed"}:
                return float(inner["minutes"] * inner["speed"])
            return inner
        if isinstance(value, list):
            return [self._figures(v) for v in value]
        return value


def _rules_in(value: Any) -> Iterator[str]:
    """Yield the ids of all rules that an entry refers to."""
    if isinstance(value, Mapping):
        if set(value) == {"rule"}:
            yield value["rule"]
        else:
            for inner in value.values():
                yield from _rules_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rules_in(inner)


def broken(name: str, why: str) -> HutongError:
    """Return the error for an entry of the registry that cannot be used."""
    return HutongError(
        "invalid-indicator",
        Text(f"指标 {name} 的定义有误：{why}。", f"The indicator {name} is broken: {why}."),
        Text("请改正 indicators.yaml 中的这一条。", "Mend its entry in indicators.yaml."),
    )


def _unreadable(path: Path, why: str) -> HutongError:
    return HutongError(
        "unreadable",
        Text(f"{path} 无法读取：{why}。", f"{path} cannot be read: {why}."),
        Text("请对照 docs/checkup.md 改正。", "Mend it after docs/checkup.md."),
    )
