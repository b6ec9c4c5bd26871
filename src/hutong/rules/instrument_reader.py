"""Read the file of instruments, with every fault of it by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hutong.rules.reading import AUTHORITY_KEYS, Reader, open_law
from hutong.text import Text

STAGES = ("full", "pilot", "open")
_KEYS = (
    frozenset({"title", "holds_in", "from", "until", "stage", "when", "limits", "effects", "gap"})
    | AUTHORITY_KEYS
)
EFFECTS = ("area", "money", "time")
BOUNDS = ("most", "figure")


@dataclass(frozen=True, slots=True)
class Fact:
    """What a planner answers about a project: a flag, or one of some words."""

    id: str
    title: Text
    kind: str
    of: tuple[str, ...] = ()


def fits_kind(fact: Fact, answer: Any) -> bool:
    """Return whether an answer is one that a fact can have."""
    return isinstance(answer, bool) if fact.kind == "flag" else answer in fact.of


def read_instruments(path: Path) -> tuple[Mapping[str, Fact], Mapping[str, Mapping[str, Any]]]:
    """Return the facts that instruments ask about and the instruments as written, by name.

    Raises
    ------
    HutongError
        ``rules-broken``, with one row per fault.
    """
    raw, lines = open_law(path)
    return _Reader(path, lines).file(raw)


class _Reader(Reader):
    def file(self, raw: Any) -> tuple[Mapping[str, Fact], Mapping[str, Mapping[str, Any]]]:
        top = self.mapping(raw, (), "keys facts and instruments")
        self.keys(top, frozenset({"facts", "instruments"}), ())
        facts = {
            name: self.fact(name, spec)
            for name, spec in self.mapping(top.get("facts"), ("facts",), "{name: {kind, zh, en}}").items()
        }
        found = self.mapping(top.get("instruments"), ("instruments",), "{name: {title, when, ...}}")
        read = {name: self.instrument(spec, facts, ("instruments", name)) for name, spec in found.items()}
        self.done()
        return facts, read

    def fact(self, name: str, raw: Any) -> Fact:
        where = ("facts", name)
        spec = self.mapping(raw, where, "{kind, zh, en}")
        self.keys(spec, frozenset({"kind", "zh", "en", "of"}), where)
        title = self.text({k: spec.get(k) for k in ("zh", "en")}, where)
        if spec.get("kind") not in ("flag", "choice"):
            self.fault(where, f"kind is {spec.get('kind')!r}; expected flag or choice")
        of = self.names(spec.get("of"), (*where, "of"))
        if (spec.get("kind") == "choice") != bool(of):
            self.fault(where, "of is for a choice, and lists its answers")
        return Fact(name, title or Text(name, name), str(spec.get("kind")), of)

    def instrument(self, raw: Any, facts: Mapping[str, Fact], where: tuple[str, ...]) -> dict[str, Any]:
        spec = self.mapping(raw, where, "{title, holds_in, from, stage, when, limits, effects, ...}")
        self.keys(spec, _KEYS, where)
        self.text(spec.get("title"), (*where, "title"))
        self.names(spec.get("holds_in"), (*where, "holds_in"))
        self.date(spec.get("from"), (*where, "from"))
        if "until" in spec:
            self.date(spec["until"], (*where, "until"))
        if spec.get("stage") not in STAGES:
            self.fault(
                (*where, "stage"), f"stage is {spec.get('stage')!r}; expected one of {', '.join(STAGES)}"
            )
        spec["when"] = [
            self.condition(c, facts, (*where, "when", i))
            for i, c in enumerate(self.items(spec.get("when"), (*where, "when"), "a list of conditions"))
        ]
        spec["limits"] = [
            self.limit(x, (*where, "limits", i))
            for i, x in enumerate(
                self.items(spec.get("limits"), (*where, "limits"), "a list of {parameter: id}")
            )
        ]
        effects = self.mapping(spec.get("effects"), (*where, "effects"), "{area, money, time}")
        self.keys(effects, frozenset(EFFECTS), (*where, "effects"))
        for part in EFFECTS:
            self.text(effects.get(part), (*where, "effects", part))
        if "gap" in spec:
            self.text(spec["gap"], (*where, "gap"))
        spec["authority"] = self.authority(spec, where)
        return spec

    def limit(self, raw: Any, where: tuple[Any, ...]) -> dict[str, Any]:
        spec = self.mapping(raw, where, "{parameter: id}")
        self.keys(spec, frozenset({"parameter", "bound"}), where)
        if not isinstance(spec.get("parameter"), str):
            self.fault(where, f"{raw!r}; expected {{parameter: id of a figure of the rules}}")
        if spec.setdefault("bound", "most") not in BOUNDS:
            self.fault(where, f"bound is {spec['bound']!r}; expected one of {', '.join(BOUNDS)}")
        return spec

    def condition(self, raw: Any, facts: Mapping[str, Fact], where: tuple[Any, ...]) -> dict[str, Any]:
        spec = self.mapping(raw, where, "{rule: id} or {fact: name, is: ...}")
        kind = set(spec) - {"in"}
        if kind == {"rule"}:
            return spec
        if kind not in ({"fact", "is"}, {"fact", "among"}):
            self.fault(where, f"{raw!r}; expected {{rule: id}}, {{fact, is}} or {{fact, among}}")
            return spec
        fact = facts.get(str(spec["fact"]))
        if fact is None:
            self.fault(where, f"fact {spec['fact']!r} is not known; expected one of {', '.join(facts)}")
            return spec
        for answer in spec["among"] if "among" in spec else [spec["is"]]:
            if not fits_kind(fact, answer):
                self.fault(
                    where,
                    f"{answer!r} is no answer to {fact.id}; expected one of {', '.join(fact.of) or 'true, false'}",
                )
        return spec
