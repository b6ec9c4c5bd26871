"""A project as a file (YAML): its steps, papers, tasks, reports, permits, defects and change orders; read whole or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hutong.act.machine import Deed
from hutong.act.projects.changes import begin_change
from hutong.act.projects.machines import defect_machine, permit_machine
from hutong.act.projects.progress import Report, Task
from hutong.act.projects.project import Course, advance, begin_project, course
from hutong.act.standing import Standing, begin
from hutong.errors import HutongError
from hutong.plan.planner_file import PlannerFile, open_planner_file
from hutong.rules import WorkCalendar, load_rules
from hutong.text import Text

ZONE = ZoneInfo("Asia/Shanghai")
_KEYS = (
    "project", "title", "procedure", "jurisdiction", "types", "tenures", "opened", "steps", "papers", "settled",
    "published", "tasks", "reports", "permits", "defects", "changes",
)  # fmt: skip
_NEEDED = ("project", "procedure", "opened")
T = TypeVar("T")


@dataclass(frozen=True)
class ProjectFile:
    """What a file says of a project, with everything under it as it stands."""

    id: str
    title: Text
    course: Course
    project: Standing
    papers: Mapping[str, dt.datetime]
    settled: Mapping[str, str]
    published: tuple[tuple[str, dt.date], ...]
    tasks: tuple[Task, ...]
    reports: tuple[Report, ...]
    permits: tuple[Standing, ...] = ()
    defects: tuple[Standing, ...] = ()
    changes: tuple[Standing, ...] = field(default_factory=tuple)


def read_project(path: Path, calendar: WorkCalendar) -> ProjectFile:
    """Return a project from its file.

    Raises
    ------
    HutongError
        ``cannot-read``; ``bad-project`` with the line of every entry that does not fit.
    """
    file = open_planner_file(path, _bad)
    raw = file.raw
    for key in raw:
        if key not in _KEYS:
            file.fault((key,), f"unknown key {key!r}; expected one of {', '.join(_KEYS)}")
    for key in _NEEDED:
        if key not in raw:
            file.fault((), f"{key} is missing")
    file.stop(_bad)
    papers = {str(k): v for k, v in _pairs(file, "papers", _moment).items()}
    settled = {str(k): str(v) for k, v in (raw.get("settled") or {}).items()}
    found = course(str(raw["procedure"]), load_rules(str(raw.get("jurisdiction", "beijing"))))
    project = _project(file, found, papers, settled, calendar)
    out = ProjectFile(
        str(raw["project"]),
        Text.of(raw.get("title", {"zh": str(raw["project"]), "en": str(raw["project"])})),
        found,
        project,
        papers,
        settled,
        tuple(_rows(file, "published", lambda r: (str(r["kind"]), _day(r["day"])))),
        tuple(_rows(file, "tasks", _task)),
        tuple(_rows(file, "reports", _report)),
        tuple(_lives(file, "permits", lambda r, at: begin(permit_machine(), str(r["id"]), at))),
        tuple(_lives(file, "defects", lambda r, at: begin(defect_machine(), str(r["id"]), at))),
        tuple(_lives(file, "changes", lambda r, at: begin_change(str(r["id"]), r["kinds"], at))),
    )
    file.stop(_bad)
    return out


def _project(
    file: PlannerFile, found: Course, papers: Mapping[str, dt.datetime], settled: Mapping[str, str], calendar: WorkCalendar
) -> Standing:  # fmt: skip
    said = {"types": tuple(file.raw.get("types", ())), "tenures": tuple(file.raw.get("tenures", ()))}
    project = begin_project(found, str(file.raw["project"]), _moment(file.raw["opened"]), said)
    for i, row in enumerate(file.raw.get("steps") or ()):
        try:
            deed = _deed(row)
            held = {p: at for p, at in papers.items() if at <= deed.at}
            project = advance(found, project, deed, held, calendar, settled)
        except HutongError as caught:
            file.fault(("steps", i), f"{caught.what.zh} / {caught.what.en} {'; '.join(caught.rows)}".strip())
            break  # what follows rests on it
        except (KeyError, TypeError, ValueError) as caught:
            file.fault(("steps", i), f"expected event, at and by: {caught}")
            break
    return project


def _lives(
    file: PlannerFile, key: str, start: Callable[[Mapping[str, Any], dt.datetime], Standing]
) -> list[Standing]:
    def one(row: Mapping[str, Any]) -> Standing:
        standing = start(row, _moment(row["opened"]))
        for step in row.get("steps") or ():
            standing = standing.after(_deed(step))
        return standing

    return _rows(file, key, one)


def _rows(file: PlannerFile, key: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    out = []
    for i, row in enumerate(file.raw.get(key) or ()):
        try:
            out.append(read(row))
        except HutongError as caught:
            file.fault((key, i), f"{caught.what.zh} / {caught.what.en}")
        except (KeyError, TypeError, ValueError) as caught:
            file.fault((key, i), f"{type(caught).__name__}: {caught}")
    return out


def _pairs(file: PlannerFile, key: str, read: Callable[[Any], T]) -> dict[Any, T]:
    out = {}
    for name, value in (file.raw.get(key) or {}).items():
        try:
            out[name] = read(value)
        except (TypeError, ValueError) as caught:
            file.fault((key, name), str(caught))
    return out


def _deed(row: Mapping[str, Any]) -> Deed:
    said = {k: v for k, v in row.items() if k not in ("event", "at", "by")}
    return Deed(str(row["event"]), _moment(row["at"]), str(row["by"]), said)


def _task(row: Mapping[str, Any]) -> Task:
    return Task(
        str(row["id"]), str(row.get("title", row["id"])), _day(row["start"]), _day(row["end"]), _whole(row.get("budget_yuan"))
    )  # fmt: skip


def _report(row: Mapping[str, Any]) -> Report:
    done = row.get("done_percent")
    return Report(
        str(row["task"]), _day(row["day"]), None if done is None else round(float(done) * 100), _whole(row.get("spent_yuan"))
    )  # fmt: skip


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZONE)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(12), ZONE)
    found = dt.datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _day(value: Any) -> dt.date:
    return _moment(value).date()


def _bad(name: str, rows: list[str]) -> HutongError:
    return HutongError(
        "bad-project",
        Text(
            f"项目文件 {name} 有 {len(rows)} 处不合格。", f"The project file {name} has {len(rows)} faults."
        ),
        Text(
            "请改正所列各行；docs/act.md 说明其格式。",
            "Mend the lines listed; docs/act.md explains the form.",
        ),
        rows,
    )
