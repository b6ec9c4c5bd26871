"""The registry of indicators: ``indicators.yaml`` with the figures of the law filled in, and a city's own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules, load_rules
from hutong.sense.formulas import kinds_used, needs_of, texts_of
from hutong.sense.own_indicators import REQUIRED, read_own
from hutong.sense.places import SCALES as PLACES
from hutong.sense.results import Indicator
from hutong.text import Text

__all__ = ["CONFIDENCES", "Entry", "broken", "kinds_used", "registry"]

#: From documented to guessed: an indicator is as sure as the least sure figure that it uses.
CONFIDENCES = ("D", "D-", "K", "U")
DIRECTIONS = ("lower", "higher")
SCALES = ("dwelling", "estate", "block", "city")


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
        ``invalid-indicator`` for broken entries (of a city's own file with their lines); ``unknown-rule`` for a figure
        that no rule gives.
    """
    read = Entry(rules or load_rules("national")).read
    words = {"direction": DIRECTIONS, "scale": SCALES, "confidence": CONFIDENCES, "scales": PLACES}
    more = () if own is None else read_own(own, read, _raw(), words)
    return (*(i for i in map(read, _raw().items()) if i is not None), *more)


@cache
def _raw() -> Mapping[str, Any]:
    entries: Mapping[str, Any] = read_yaml(files(__package__).joinpath("indicators.yaml").read_text("utf-8"))
    return entries


class Entry:
    """Reads entries of the registry under given rules."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def read(self, item: tuple[str, Mapping[str, Any]]) -> Indicator | None:
        """Return one indicator, or None where a figure it needs is not yet in force."""
        name, raw = item
        missing = [key for key in REQUIRED if key not in raw]
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
