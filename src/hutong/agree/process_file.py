"""A process as one YAML file: when things happened, what was published and answered, and what shows the five co's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hutong.agree.five_co import check_five_co
from hutong.agree.openness import Answer
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

KEYS = ("events", "published", "answers", "five_co", "not_applicable")


@dataclass(frozen=True, eq=False)
class Process:
    """``events`` and ``published`` by name; ``answers`` to consensus statements; ``five_co`` None where not given."""

    events: Mapping[str, dt.date]
    published: Mapping[str, dt.date]
    answers: tuple[Answer, ...]
    five_co: pd.DataFrame | None


def read_process(text: str) -> Process:
    """Read ``events`` and ``published`` {name: date}, ``answers`` {statement: {since, answered}}, ``five_co`` {check: [records]}.

    Raises
    ------
    HutongError
        ``bad-process`` naming each entry that is no date; ``bad-evidence`` for the checks.
    """
    body = read_yaml(text) or {}
    rows = [f"{k}: unknown" for k in body if k not in KEYS]
    dates: dict[str, dict[str, dt.date]] = {"events": {}, "published": {}}
    for part, into in dates.items():
        for name, value in (body.get(part) or {}).items():
            day = _day(value)
            if day is None:
                rows.append(f"{part}.{name}: {value!r} is no date")
            else:
                into[name] = day
    answers = []
    for name, given in (body.get("answers") or {}).items():
        since, answered = _day(given.get("since")), given.get("answered")
        if since is None or (answered is not None and _day(answered) is None):
            rows.append(f"answers.{name}: {given!r}; give since and, once answered, answered")
        else:
            answers.append(Answer(str(name), since, None if answered is None else _day(answered)))
    if rows:
        raise HutongError(
            "bad-process",
            Text(f"过程文件有 {len(rows)} 处不合格。", f"The file of the process is broken in {len(rows)} places."),
            Text(f"可用 {'、'.join(KEYS)}，日期写作 2026-11-23。", f"It may hold {', '.join(KEYS)}; dates are like 2026-11-23."),
            rows,
        )  # fmt: skip
    checks = None
    if "five_co" in body or "not_applicable" in body:
        checks = check_five_co(body.get("five_co") or {}, body.get("not_applicable") or {})
    return Process(dates["events"], dates["published"], tuple(answers), checks)


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
