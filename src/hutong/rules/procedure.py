"""A tenure procedure as a state machine: what may happen next, by whom, with which papers, by when, and where it can end.

The platform compels nobody. It shows every statutory route that can follow, by tenure, with its documents and clocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hutong.errors import HutongError
from hutong.rules.reading import Authority
from hutong.rules.results import Parameter
from hutong.rules.workdays import WorkCalendar, add_months
from hutong.text import Text

OUTCOMES = ("settled", "stays", "stopped", "enforced", "manual")
BOUNDS = ("at_least", "at_most")
#: Said with every procedure.
NO_COMPULSION = Text(
    "平台不强迫任何人：按产权类型列出依法可能出现的每条路径及其文件和期限，选择属于当事人和法定机关。",
    "The platform compels nobody: it shows every statutory route that can follow, by tenure, with its documents and clocks; "
    "the choice is that of the people and bodies whom the law names.",
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit: the parameter that sets it, and whether it is the least or the most.

    ``parameter`` is None where the rules of the place do not give it.
    """

    id: str
    bound: str
    parameter: Parameter | None

    def ends(self, start: dt.date, calendar: WorkCalendar) -> dt.date | None:
        """Return the last day of the period that begins on the day after ``start``; None where no rule gives it."""
        if self.parameter is None:
            return None
        n = int(float(self.parameter.value))  # type: ignore[arg-type]
        return {
            "day": lambda: start + dt.timedelta(days=n),
            "working day": lambda: calendar.add(start, n),
            "month": lambda: add_months(start, n),
            "year": lambda: add_months(start, 12 * n),
        }[self.parameter.unit]()


@dataclass(frozen=True, slots=True)
class Event:
    """What may happen in a step, and the step it leads to."""

    id: str
    title: Text
    to: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who acts, the papers, the clocks, the figures it counts with, and what becomes of who holds out.

    ``outcome`` is "" for a step and one of :data:`OUTCOMES` for an end. Actors and documents are (id, words).
    """

    id: str
    title: Text
    who: tuple[tuple[str, Text], ...] = ()
    documents: tuple[tuple[str, Text], ...] = ()
    clocks: tuple[Clock, ...] = ()
    figures: tuple[tuple[str, Parameter | None], ...] = ()
    holdout: Text | None = None
    authority: Authority | None = None
    events: tuple[Event, ...] = ()
    outcome: str = ""

    @property
    def ends(self) -> bool:
        """Whether nothing follows."""
        return bool(self.outcome)


@dataclass(frozen=True, slots=True)
class Route:
    """One way from a step to an end, no step twice: (step, event) in order, and the end."""

    moves: tuple[tuple[Step, Event], ...]
    end: Step

    @property
    def documents(self) -> tuple[tuple[str, Text], ...]:
        """Every paper on the way, each once, in order."""
        return tuple(dict.fromkeys(d for step, _ in self.moves for d in step.documents))

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Every clock on the way, in order."""
        return tuple(c for step, _ in self.moves for c in step.clocks)


@dataclass(frozen=True)
class Procedure:
    """One procedure: its steps and ends by id, the tenures it is for, and whether a machine or people follow it.

    ``mode`` is ``machine`` or ``manual``: of a manual one the platform only notes what was asked and answered.
    """

    id: str
    title: Text
    about: Text
    tenures: tuple[str, ...]
    mode: str
    start: str
    steps: Mapping[str, Step]

    def step(self, state: str) -> Step:
        """Return a step or end.

        Raises
        ------
        HutongError
            ``no-such-step``, listing those there are.
        """
        if state in self.steps:
            return self.steps[state]
        raise HutongError(
            "no-such-step",
            Text(f"“{self.title.zh}”没有步骤 {state!r}。", f"“{self.title.en}” has no step {state!r}."),
            Text(f"步骤有：{'、'.join(self.steps)}。", f"The steps are: {', '.join(self.steps)}."),
        )

    def next(self, state: str, event: str) -> Step:
        """Return the step that an event leads to.

        Raises
        ------
        HutongError
            ``not-now`` if it cannot happen in this step, listing what can.
        """
        step = self.step(state)
        for e in step.events:
            if e.id == event:
                return self.steps[e.to]
        possible = [e.id for e in step.events]
        raise HutongError(
            "not-now",
            Text(f"“{step.title.zh}”时不能进行 {event}。", f"{event!r} cannot happen at “{step.title.en}”."),
            Text(f"现在可以：{'、'.join(possible)}。", f"Possible now: {', '.join(possible)}.")
            if possible
            else Text("该程序已经结束。", "The procedure has ended."),
        )

    def routes_from(self, state: str) -> tuple[Route, ...]:
        """Return every way from a step to an end on which no step comes twice, shortest first."""
        found = [Route(moves, end) for moves, end in self._walk(self.step(state), ())]
        return tuple(sorted(found, key=lambda r: len(r.moves)))

    def _walk(
        self, step: Step, moves: tuple[tuple[Step, Event], ...]
    ) -> Iterator[tuple[tuple[tuple[Step, Event], ...], Step]]:
        if step.ends:
            yield moves, step
            return
        been = {s.id for s, _ in moves} | {step.id}
        for event in step.events:
            if event.to not in been:
                yield from self._walk(self.steps[event.to], (*moves, (step, event)))

    def outcomes_from(self, state: str) -> tuple[str, ...]:
        """Return how things can end from a step, in the order of :data:`OUTCOMES`."""
        reached = {r.end.outcome for r in self.routes_from(state)}
        return tuple(o for o in OUTCOMES if o in reached)

    @cached_property
    def clocks(self) -> tuple[tuple[Step, Clock], ...]:
        """Every clock with its step."""
        return tuple((s, c) for s in self.steps.values() for c in s.clocks)
