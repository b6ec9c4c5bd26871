"""Schedule and budget against what happened: planned, earned and spent value (earned value management).

PV, EV and AC are those of ANSI/EIA-748: the budget of the work that should be done, of the work that is done, and what it
cost. A task without a report is not "0 done": what is not known stays unknown, and figures that need it are a range.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hutong.errors import HutongError
from hutong.text import Text

FULL = 10_000  # shares done are whole basis points


@dataclass(frozen=True, slots=True)
class Task:
    """A task: its days (both worked) and its budget in whole yuan, None where it has none yet."""

    id: str
    title: str
    start: dt.date
    end: dt.date
    budget_yuan: int | None = None

    def planned(self, day: dt.date) -> int:
        """Return the share that should be done at the end of a day, in basis points, even over its days."""
        span = (self.end - self.start).days + 1
        gone = min(max((day - self.start).days + 1, 0), span)
        return FULL * gone // span


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of a task on a day: the share done (basis points) and all that was spent so far (whole yuan)."""

    task: str
    day: dt.date
    done: int | None = None
    spent_yuan: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A task on a day: planned and earned yuan and what was spent, days late (below 0: early), and its last report."""

    task: Task
    planned: int
    done: int | None
    spent_yuan: int | None
    reported: dt.date | None
    late_days: int

    @property
    def standing(self) -> str:
        """Return good, watch, alarm or unknown."""
        if self.done is None:
            return "unknown"
        if self.done == self.planned == 0:
            return "same"
        if self.done == FULL or self.done >= self.planned:
            return "good"
        return "alarm" if self.late_days > 0 else "watch"


@dataclass(frozen=True)
class Progress:
    """A project on a day. Money is whole yuan; None where a task that counts is not known.

    ``earned`` is a range: unknown shares counted as nothing done, and as all done.
    """

    day: dt.date
    lines: tuple[Line, ...]
    budget: int | None
    planned: int | None
    earned: tuple[int, int] | None
    spent: int | None

    @property
    def unreported(self) -> tuple[str, ...]:
        """Tasks that should have begun and of which no report says how far they are."""
        return tuple(x.task.id for x in self.lines if x.done is None and x.planned)

    @property
    def schedule_index(self) -> float | None:
        """SPI = EV/PV; None where either is not known for sure."""
        return _ratio(self._sure, self.planned)

    @property
    def cost_index(self) -> float | None:
        """CPI = EV/AC; None where either is not known for sure."""
        return _ratio(self._sure, self.spent)

    @property
    def at_completion(self) -> int | None:
        """Estimate at completion BAC/CPI: what it costs if work goes on at the cost so far."""
        index = self.cost_index
        return None if index is None or not index or self.budget is None else round(self.budget / index)

    @property
    def _sure(self) -> int | None:
        return self.earned[0] if self.earned and self.earned[0] == self.earned[1] else None


def _ratio(above: int | None, below: int | None) -> float | None:
    return None if above is None or not below else above / below


def progress(tasks: Sequence[Task], reports: Sequence[Report], day: dt.date) -> Progress:
    """Return where a project stands at the end of a day, by the last report of each task up to it.

    A task that ought not to have begun and of which nothing is reported counts as not begun, and as nothing spent.

    Raises
    ------
    HutongError
        ``bad-progress`` with every row that does not fit.
    """
    _check(tasks, reports)
    lines = []
    for task in tasks:
        mine = sorted((r for r in reports if r.task == task.id and r.day <= day), key=lambda r: r.day)
        done = next((r.done for r in reversed(mine) if r.done is not None), None)
        spent = next((r.spent_yuan for r in reversed(mine) if r.spent_yuan is not None), None)
        planned = task.planned(day)
        if planned == 0 and not mine:
            done, spent = 0, 0
        late = 0 if done == FULL else max((day - task.end).days, 0)
        lines.append(Line(task, planned, done, spent, mine[-1].day if mine else None, late))
    return Progress(
        day,
        tuple(lines),
        _total([t.budget_yuan for t in tasks]),
        _total([_part(x.task.budget_yuan, x.planned) for x in lines]),
        _earned(lines),
        _total([x.spent_yuan for x in lines]),
    )


def _part(budget: int | None, share: int) -> int | None:
    return None if budget is None else budget * share // FULL


def _total(values: Sequence[int | None]) -> int | None:
    return None if not values or any(v is None for v in values) else sum(v for v in values if v is not None)


def _earned(lines: Sequence[Line]) -> tuple[int, int] | None:
    low = _total([_part(x.task.budget_yuan, x.done or 0) for x in lines])
    high = _total([_part(x.task.budget_yuan, FULL if x.done is None else x.done) for x in lines])
    return None if low is None or high is None else (low, high)


def _check(tasks: Sequence[Task], reports: Sequence[Report]) -> None:
    rows = []
    ids = [t.id for t in tasks]
    for t in tasks:
        if ids.count(t.id) > 1:
            rows.append(f"task {t.id}: stands twice")
        if t.end < t.start:
            rows.append(f"task {t.id}: ends {t.end}, before it begins {t.start}")
        if t.budget_yuan is not None and t.budget_yuan < 0:
            rows.append(f"task {t.id}: budget {t.budget_yuan}")
    spent: Mapping[str, list[Report]] = {i: [] for i in ids}
    for r in reports:
        if r.task not in spent:
            rows.append(f"report {r.day}: there is no task {r.task}")
            continue
        spent[r.task].append(r)
        if r.done is not None and not 0 <= r.done <= FULL:
            rows.append(f"report {r.task} {r.day}: {r.done / 100:g} % done")
        if r.spent_yuan is not None and r.spent_yuan < 0:
            rows.append(f"report {r.task} {r.day}: {r.spent_yuan} yuan spent")
    if rows:
        raise HutongError(
            "bad-progress",
            Text("进度表不合格。", "The tasks or reports do not fit."),
            Text("请改正所列各行。", "Mend the rows listed."),
            rows,
        )
