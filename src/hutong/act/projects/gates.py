"""Stage gates: the papers and periods that a step asks for, by procedure, tenure and kind of project, each with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from hutong.act.machine import Machine
from hutong.errors import HutongError
from hutong.rules import Procedure, Rules, WorkCalendar, procedure_of
from hutong.rules.procedure import Clock, Step
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a gate asks for: what it is, because of what, and the text it rests on."""

    id: str
    title: Text
    because: Text
    source: str
    article: str
    confidence: str
    of_step: bool = False

    @property
    def assumed(self) -> bool:
        """Whether no document stands behind it, so that it must be shown as an assumption."""
        return self.confidence == "U"


@dataclass(frozen=True)
class Gate:
    """What leaving a step asks for.

    ``turned`` is when the project was last sent back: papers of the step itself count only if they are newer.
    """

    step: Step
    papers: tuple[Paper, ...]
    turned: dt.datetime | None = None

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The periods that must have run before the project goes on."""
        return tuple(c for c in self.step.clocks if c.bound == "at_least" and c.parameter is not None)

    def has(self, paper: Paper, held: Mapping[str, dt.datetime]) -> bool:
        """Return whether a paper is there, and new enough."""
        at = held.get(paper.id)
        return at is not None and (self.turned is None or not paper.of_step or at >= self.turned)

    def missing(
        self,
        held: Mapping[str, dt.datetime],
        settled: Collection[str],
        since: dt.datetime,
        at: dt.datetime,
        calendar: WorkCalendar,
    ) -> tuple[Text, ...]:
        """Return what is still missing at a moment: papers, and periods with the day after which they have run.

        Parameters
        ----------
        held
            Papers by id, with the moment at which each was last handed in.
        settled
            Ids of papers that somebody recorded as not needed, with a reason.
        since
            When the step was entered.
        """
        out = [_lacking(p) for p in self.papers if not self.has(p, held) and p.id not in settled]
        for clock in self.clocks:
            end = clock.ends(since.astimezone(at.tzinfo).date(), calendar)
            if end is not None and at.date() <= end and clock.parameter is not None:
                title = clock.parameter.title
                out.append(Text(f"{title.zh}：至 {end} 期满", f"{title.en}: runs until {end}"))
        return tuple(out)


def _lacking(paper: Paper) -> Text:
    basis = "、".join(x for x in (paper.source, paper.article) if x and x != "ours")
    zh = "假设" if paper.assumed else basis
    en = "assumption" if paper.assumed else basis
    return Text(
        f"{paper.title.zh}（{paper.because.zh}{'；' if zh else ''}{zh}）",
        f"{paper.title.en} ({paper.because.en}{'; ' if en else ''}{en})",
    )


@cache
def _raw() -> Mapping[str, Any]:
    return dict(
        yaml.safe_load(resources.files(__package__).joinpath("gates.yaml").read_text(encoding="utf-8"))
    )


@cache
def project_types() -> Mapping[str, Text]:
    """Return the kinds of project, by id."""
    return {k: Text.of(v) for k, v in _raw()["types"].items()}


def check_types(types: Iterable[str]) -> None:
    """Raise ``no-type`` for a kind of project that is not known."""
    odd = sorted(set(types) - set(project_types()))
    if odd:
        raise HutongError(
            "no-type",
            Text(f"没有项目类型 {'、'.join(odd)}。", f"There is no kind of project {', '.join(odd)}."),
            Text(f"可选：{'、'.join(project_types())}。", f"Choose from {', '.join(project_types())}."),
        )


def personal_papers() -> frozenset[str]:
    """Return the papers that name people or their homes, and are never public."""
    return frozenset(_raw()["personal"])


def paper_titles(procedures: Iterable[Procedure]) -> dict[str, Text]:
    """Return every paper that projects may hold: those of procedures, and those of ``gates.yaml``."""
    out = {d: words for p in procedures for s in p.steps.values() for d, words in s.documents}
    return out | {k: Text.of(v) for k, v in _raw()["documents"].items()}


def gate_of(
    procedure: Procedure,
    machine: Machine,
    state: str,
    types: tuple[str, ...],
    tenures: tuple[str, ...],
    rules: Rules,
    turned: dt.datetime | None = None,
) -> Gate:
    """Return the gate of a step: papers of the procedure, then by tenure, then by kind of project, each once."""
    step = procedure.steps[state]
    found = [*_of_step(step), *_by_tenure(machine, state, types, tenures, rules)]
    found += _by_type(procedure, machine, state, types)
    once = {p.id: p for p in reversed(found)}
    return Gate(step, tuple(once[i] for i in dict.fromkeys(p.id for p in found)), turned)


def _of_step(step: Step) -> list[Paper]:
    a = step.authority
    basis = (a.source, a.article, a.confidence) if a else ("", "", "U")
    because = Text("本步骤", "this step")
    return [Paper(d, words, because, *basis, of_step=True) for d, words in step.documents]


def _first(machine: Machine, steps: Iterable[str]) -> str:
    return next((s for s in steps if s in machine.states), "")


def _by_tenure(
    machine: Machine, state: str, types: tuple[str, ...], tenures: tuple[str, ...], rules: Rules
) -> list[Paper]:
    table = _raw()["tenure_papers"]
    if state != _first(machine, table["steps"]):
        return []
    wanted = list(table["always"])
    if set(types) & set(_raw()["homes_concerned"]):
        wanted += table["homes"]
    out = []
    for tenure in tenures:
        own = procedure_of(tenure, rules)
        if own is None:
            continue
        because = Text(f"产权类型：{own.title.zh}", f"tenure: {own.title.en}")
        for step in own.steps.values():
            a = step.authority
            basis = (a.source, a.article, a.confidence) if a else ("", "", "U")
            out += [Paper(d, words, because, *basis) for d, words in step.documents if d in wanted]
    return out


def _by_type(procedure: Procedure, machine: Machine, state: str, types: tuple[str, ...]) -> list[Paper]:
    titles = paper_titles([procedure])
    out = []
    for row in _raw()["papers"]:
        mine = [t for t in types if row["types"] == "all" or t in row["types"]]
        if state != _first(machine, row["steps"]) or not (mine or row["types"] == "all"):
            continue
        named = [project_types()[t] for t in mine]
        because = (
            Text("各类项目", "every project")
            if row["types"] == "all"
            else Text("、".join(n.zh for n in named), ", ".join(n.en.lower() for n in named))
        )
        title = titles.get(row["document"], Text(row["document"], row["document"]))
        out.append(Paper(row["document"], title, because, row["source"], row["article"], row["confidence"]))
    return out
