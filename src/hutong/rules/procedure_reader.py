"""Read procedures, with every fault by line: unknown words, missing texts, steps that lead nowhere or are never reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.book import Rules
from hutong.rules.chain import jurisdictions, read_chain
from hutong.rules.procedure import BOUNDS, OUTCOMES, Clock, Event, Procedure, Step
from hutong.rules.reading import AUTHORITY_KEYS, Reader, open_law
from hutong.text import Text

_TOP = frozenset({"title", "about", "tenures", "holds_in", "mode", "start", "include", "states", "ends"})
_STEP = frozenset({"title", "who", "documents", "clocks", "figures", "holdout", "events"}) | AUTHORITY_KEYS
_TENURES = frozenset(
    {"commodity", "reform", "private", "public_direct", "public_unit", "central", "military", "collective"}
)
_UNITS = ("day", "working day", "month", "year")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step as written: words and figures by id."""

    step: Step
    clocks: tuple[tuple[str, str], ...]
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A procedure as written, before the rules of a place give its figures."""

    procedure: Procedure
    drafts: Mapping[str, _Draft]
    holds_in: tuple[str, ...]


def procedure_names() -> tuple[str, ...]:
    """Return the names of the procedures that come with Hutong."""
    folder = files(__package__).joinpath("procedures")
    names = (f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))
    return tuple(sorted(set(names) - {"words"}))


def load_procedure(name: str, rules: Rules, path: Path | None = None) -> Procedure:
    """Return a procedure with the figures of a place on a date.

    Parameters
    ----------
    name
        From :func:`procedure_names`, or any name where ``path`` is given.
    rules
        The rules of the place; a clock or figure that they do not give is None, and shown as not documented.
    path
        A file of the same form; its ``include`` names the parts that come with Hutong.

    Raises
    ------
    HutongError
        ``unknown-procedure``; ``rules-broken`` for a broken file; ``procedure-elsewhere`` if it does not hold there.
    """
    if path is None and name not in procedure_names():
        raise HutongError(
            "unknown-procedure",
            Text(f"没有名为 {name!r} 的程序。", f"There is no procedure {name!r}."),
            Text(f"现有：{'、'.join(procedure_names())}。", f"There are: {', '.join(procedure_names())}."),
        )
    written = _shipped(name) if path is None else _read(name, path)
    if not set(written.holds_in) & set(rules.lineage):
        raise HutongError(
            "procedure-elsewhere",
            Text(
                f"程序 {name} 不适用于 {rules.jurisdiction}。",
                f"The procedure {name} does not hold in {rules.jurisdiction}.",
            ),
            Text(f"适用于：{'、'.join(written.holds_in)}。", f"It holds in: {', '.join(written.holds_in)}."),
        )
    return _resolve(written, rules)


def load_procedures(rules: Rules) -> Mapping[str, Procedure]:
    """Return the procedures that hold in a place, by name."""
    here = [n for n in procedure_names() if set(_shipped(n).holds_in) & set(rules.lineage)]
    return {name: _resolve(_shipped(name), rules) for name in here}


def procedure_of(tenure: str, rules: Rules) -> Procedure | None:
    """Return the procedure of a tenure, or None where none is documented for the place."""
    return next((p for p in load_procedures(rules).values() if tenure in p.tenures), None)


def _resolve(written: _Written, rules: Rules) -> Procedure:
    steps = {}
    for name, draft in written.drafts.items():
        s = draft.step
        clocks = tuple(Clock(i, bound, rules.parameters.get(i)) for i, bound in draft.clocks)
        figures = tuple((i, rules.parameters.get(i)) for i in draft.figures)
        steps[name] = Step(
            s.id, s.title, s.who, s.documents, clocks, figures, s.holdout, s.authority, s.events, s.outcome
        )
    p = written.procedure
    return Procedure(p.id, p.title, p.about, p.tenures, p.mode, p.start, steps)


@cache
def _shipped(name: str) -> _Written:
    with as_file(files(__package__).joinpath("procedures", f"{name}.yaml")) as path:
        return _read(name, path)


@cache
def _words() -> tuple[Mapping[str, Text], Mapping[str, Text]]:
    with as_file(files(__package__).joinpath("procedures", "words.yaml")) as path:
        raw, _ = open_law(path)
    actors, documents = ({k: Text.of(v) for k, v in raw[part].items()} for part in ("actors", "documents"))
    return actors, documents


@cache
def _parameters() -> Mapping[str, frozenset[str]]:
    """Return the units in which any shipped jurisdiction gives each parameter."""
    units: dict[str, set[str]] = {}
    for place in jurisdictions():
        for file in read_chain(place):
            for name, entry in file.entries.items():
                units.setdefault(name, set()).update({entry.unit} - {None})  # type: ignore[arg-type]
    return {name: frozenset(found) for name, found in units.items()}


def _read(name: str, path: Path) -> _Written:
    raw, lines = open_law(path)
    return _Reader(path, lines).file(name, raw)


def _part(name: str) -> Path:
    with as_file(files(__package__).joinpath("procedures", "parts", f"{name}.yaml")) as path:
        return path


class _Reader(Reader):
    def file(self, name: str, raw: Any) -> _Written:
        top = self.mapping(raw, (), "keys title, about, start, states and ends")
        self.keys(top, _TOP, ())
        title = self.text(top.get("title"), ("title",)) or Text(name, name)
        about = self.text(top.get("about"), ("about",)) or Text("", "")
        tenures = self.names(top.get("tenures"), ("tenures",), _TENURES)
        holds_in = self.names(top.get("holds_in"), ("holds_in",), frozenset(jurisdictions()))
        if top.get("mode") not in ("machine", "manual"):
            self.fault(("mode",), f"mode is {top.get('mode')!r}; expected machine or manual")
        drafts = self.states(top)
        for part in self.names(top.get("include"), ("include",)):
            self.include(part, drafts)
        start = str(top.get("start"))
        if not self.rows:
            self.graph(start, drafts)
        self.done()
        p = Procedure(
            name, title, about, tenures, str(top["mode"]), start, {k: d.step for k, d in drafts.items()}
        )
        return _Written(p, drafts, holds_in)

    def include(self, part: str, drafts: dict[str, _Draft]) -> None:
        """Add the steps of a shared part; a step that the procedure writes itself stands."""
        path = _part(part)
        if not path.exists():
            self.fault(("include",), f"{part!r} is no part; see procedures/parts")
            return
        raw, lines = open_law(path)
        reader = _Reader(path, lines)
        top = reader.mapping(raw, (), "keys states and ends")
        reader.keys(top, frozenset({"states", "ends"}), ())
        for key, draft in reader.states(top).items():
            drafts.setdefault(key, draft)
        reader.done()

    def states(self, top: Mapping[str, Any]) -> dict[str, _Draft]:
        found = {
            key: self.step(key, spec, ("states", key))
            for key, spec in self.mapping(top.get("states"), ("states",), "{name: {title, who, ...}}").items()
        }
        ends = self.mapping(top.get("ends") or {}, ("ends",), "{name: {zh, en, outcome}}")
        return found | {key: self.end(key, spec, ("ends", key)) for key, spec in ends.items()}

    def end(self, key: str, raw: Any, where: tuple[Any, ...]) -> _Draft:
        spec = self.mapping(raw, where, "{zh, en, outcome}")
        self.keys(spec, frozenset({"zh", "en", "outcome"}), where)
        title = self.text({k: spec.get(k) for k in ("zh", "en")}, where) or Text(key, key)
        if spec.get("outcome") not in OUTCOMES:
            self.fault(where, f"outcome is {spec.get('outcome')!r}; expected one of {', '.join(OUTCOMES)}")
        return _Draft(Step(key, title, outcome=str(spec.get("outcome"))), (), ())

    def step(self, key: str, raw: Any, where: tuple[Any, ...]) -> _Draft:
        spec = self.mapping(raw, where, "{title, who, documents, events, ...}")
        self.keys(spec, _STEP, where)
        actors, papers = _words()
        who = self.names(spec.get("who"), (*where, "who"), frozenset(actors))
        documents = self.names(spec.get("documents"), (*where, "documents"), frozenset(papers))
        if not who or not documents:
            self.fault(
                where, f"{key} has no one who acts or no document; expected who: [...] and documents: [...]"
            )
        step = Step(
            id=key,
            title=self.text(spec.get("title"), (*where, "title")) or Text(key, key),
            who=tuple((w, actors[w]) for w in who),
            documents=tuple((d, papers[d]) for d in documents),
            holdout=self.text(spec["holdout"], (*where, "holdout")) if "holdout" in spec else None,
            authority=self.authority(spec, where),
            events=tuple(
                self.event(e, x, (*where, "events", e))
                for e, x in self.mapping(
                    spec.get("events"), (*where, "events"), "{name: {to, zh, en}}"
                ).items()
            ),
        )
        clocks = [
            self.clock(c, (*where, "clocks", i))
            for i, c in enumerate(
                self.items(spec.get("clocks"), (*where, "clocks"), "a list of {parameter, bound}")
            )
        ]
        figures = self.names(spec.get("figures"), (*where, "figures"), frozenset(_parameters()))
        return _Draft(step, tuple(clocks), figures)

    def clock(self, raw: Any, where: tuple[Any, ...]) -> tuple[str, str]:
        spec = self.mapping(raw, where, "{parameter, bound}")
        name, bound = str(spec.get("parameter")), str(spec.get("bound"))
        units = _parameters().get(name)
        if units is None:
            self.fault(where, f"parameter {name!r} is in no rule file")
        elif not units <= set(_UNITS):
            self.fault(
                where,
                f"parameter {name!r} is in {', '.join(sorted(units))}; expected one of {', '.join(_UNITS)}",
            )
        if bound not in BOUNDS:
            self.fault(where, f"bound is {bound!r}; expected one of {', '.join(BOUNDS)}")
        return name, bound

    def event(self, key: str, raw: Any, where: tuple[Any, ...]) -> Event:
        spec = self.mapping(raw, where, "{to, zh, en}")
        self.keys(spec, frozenset({"to", "zh", "en"}), where)
        title = self.text({k: spec.get(k) for k in ("zh", "en")}, where) or Text(key, key)
        return Event(key, title, str(spec.get("to")))

    def graph(self, start: str, drafts: Mapping[str, _Draft]) -> None:
        """Note what does not hang together: missing targets, steps never reached, steps from which nothing ends."""
        if start not in drafts:
            self.fault(("start",), f"start is {start!r}; expected one of {', '.join(drafts)}")
            return
        leads = {k: [e.to for e in d.step.events] for k, d in drafts.items()}
        for key, targets in leads.items():
            for target in targets:
                if target not in drafts:
                    self.fault(("states", key), f"{key} leads to {target!r}, which does not exist")
            if not targets and not drafts[key].step.ends:
                self.fault(("states", key), f"{key} is a dead end; expected events, or an entry under ends")
        reached = _closure({start}, leads)
        back: dict[str, list[str]] = {}
        for key, targets in leads.items():
            for target in targets:
                back.setdefault(target, []).append(key)
        ending = _closure({k for k, d in drafts.items() if d.step.ends}, back)
        for key in drafts:
            if key not in reached:
                self.fault(("states", key), f"{key} is never reached from {start}")
            elif key not in ending:
                self.fault(("states", key), f"no end can be reached from {key}")


def _closure(seeds: set[str], leads: Mapping[str, list[str]]) -> set[str]:
    found, todo = set(seeds), list(seeds)
    while todo:
        for target in leads.get(todo.pop(), []):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found
