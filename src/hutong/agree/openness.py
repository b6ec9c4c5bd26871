"""How open a process has been: what was published when it was due, and what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd

from hutong.agree.projection import wilson
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

#: Shares of fewer people are not shown (confidence U: a design choice).
LEAST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A consensus statement: when it became one, and when its written answer was published, None if not yet."""

    statement: str
    since: dt.date
    answered: dt.date | None


@dataclass(frozen=True)
class Openness:
    """The score of a process on a day.

    ``items`` has one row per item and per statement: ``item``, ``due``, ``published``, ``state`` and ``points``.
    ``score`` is the mean of the points of all that was due, in [0, 1], NaN while nothing was; ``due`` their number.
    ``answered`` is (answered in time, answered late, overdue) of the consensus statements.
    """

    on: dt.date
    items: pd.DataFrame
    score: float
    due: int
    answered: tuple[int, int, int]


@cache
def _data() -> Mapping[str, Any]:
    read: Mapping[str, Any] = read_yaml(
        files(__package__).joinpath("data", "openness.yaml").read_text("utf-8")
    )
    return read


def openness(
    rules: Rules,
    on: dt.date,
    events: Mapping[str, dt.date],
    published: Mapping[str, dt.date],
    answers: Iterable[Answer] = (),
    answer_days: int | None = None,
) -> Openness:
    """Return the openness of a process, by what it published and answered until a day.

    In time counts 1, late ½, overdue 0: a convention, said beside the score. What is not due yet, and what hangs on an
    event that is not dated, does not count.

    Parameters
    ----------
    events
        Dates of ``scheme``, ``approval``, ``vote_opens``, ``vote_closes``, ``signing_opens``, ``works_start``, ``works_end``, as
        far as they are fixed.
    published
        Date on which each item (``data/openness.yaml``) was published.
    answer_days
        Days within which a consensus statement is answered in writing; the process's own, by default ours (30,
        confidence U).

    Raises
    ------
    HutongError
        For an item or event that does not exist.
    """
    known_events = {
        due.get("before") or due["after"] for due in (i["due"] for i in _data()["items"].values())
    }
    wrong = [f"item {i}" for i in published if i not in _data()["items"]]
    wrong += [f"event {e}" for e in events if e not in known_events]
    if wrong or (answer_days is not None and answer_days < 0):
        raise HutongError(
            "bad-openness",
            Text("公开事项、事件或答复期限不合格。", "The items, events or days do not fit."),
            Text(
                f"事项可用：{'、'.join(_data()['items'])}。",
                f"Items: {', '.join(_data()['items'])}; events: {', '.join(sorted(known_events))}.",
            ),
            wrong,
        )
    rows = [
        _row(item, _due(spec["due"], events, rules), published.get(item), on)
        for item, spec in _data()["items"].items()
    ]
    allowed = int(_data()["answer"]["days"]) if answer_days is None else answer_days
    replies = [
        _row(f"answer:{a.statement}", a.since + dt.timedelta(days=allowed), a.answered, on) for a in answers
    ]
    table = pd.DataFrame([*rows, *replies], columns=["item", "due", "published", "state", "points"])
    table["points"] = table["points"].astype(float)
    counted = table["points"].dropna()
    states = [r["state"] for r in replies]
    return Openness(
        on=on,
        items=table,
        score=float(counted.mean()) if len(counted) else float("nan"),
        due=len(counted),
        answered=(states.count("on_time"), states.count("late"), states.count("overdue")),
    )


def answer_days() -> int:
    """Return the days within which a consensus statement is answered in writing, unless a process says otherwise."""
    return int(_data()["answer"]["days"])


def item_titles() -> Mapping[str, Text]:
    """Return the items that an open process publishes, by id."""
    return {name: Text.of(spec["title"]) for name, spec in _data()["items"].items()}


def _due(due: Mapping[str, Any], events: Mapping[str, dt.date], rules: Rules) -> dt.date | None:
    """Return the last day on which an item is in time; None where the event is not dated or no rule says."""
    way = "before" if "before" in due else "after"
    unit = "working_days" if "working_days" in due else "days"
    event, length = events.get(due[way]), due[unit]
    if isinstance(length, str):
        if length not in rules:
            return None
        length = int(rules.number(length))
    if event is None:
        return None
    steps = -length if way == "before" else length
    if unit == "days":
        return event + dt.timedelta(days=steps)
    roll: Literal["backward", "forward"] = "backward" if steps < 0 else "forward"
    moved: dt.date = np.busday_offset(np.datetime64(event, "D"), steps, roll=roll).item()
    return moved


def _row(item: str, due: dt.date | None, published: dt.date | None, on: dt.date) -> dict[str, Any]:
    out = published if published is not None and published <= on else None
    if due is None:
        state = "not_dated"
    elif out is not None:
        state = "on_time" if out <= due else "late"
    else:
        state = "overdue" if on > due else "not_due"
    return {
        "item": item,
        "due": due,
        "published": out,
        "state": state,
        "points": _data()["points"].get(state, np.nan),
    }


def trust_indicators(
    counts: Mapping[str, tuple[int, int]], level: float = 0.9, least: int = LEAST_PEOPLE
) -> pd.DataFrame:
    """Return indicators of trust from surveys and behaviour, each with its number of people and Wilson interval.

    They are not summed into one figure: what people say and what they do are different things.

    Parameters
    ----------
    counts
        For each indicator (``data/openness.yaml``) how many of how many people.
    least
        Fewest people of whom a share is shown.

    Returns
    -------
    One row per indicator, whether counted or not: ``indicator``, ``comes_from`` (survey or behaviour), ``n``, ``share``,
    ``low``, ``high`` (NaN where unknown or too few), ``zh``, ``en``.

    Raises
    ------
    HutongError
        For an indicator that does not exist, or counts that cannot be.
    """
    known = _data()["trust"]
    wrong = [f"{i}: no such indicator" for i in counts if i not in known]
    wrong += [f"{i}: {k} of {n}" for i, (k, n) in counts.items() if not 0 <= k <= n]
    if wrong:
        raise HutongError(
            "bad-trust",
            Text("信任指标不合格。", "The indicators of trust do not fit."),
            Text(f"可用：{'、'.join(known)}。", f"Use {', '.join(known)}."),
            wrong,
        )
    rows = []
    for name, spec in known.items():
        hits, n = counts.get(name, (0, 0))
        shown = n >= max(1, least)
        low, high = wilson(hits, n, level) if shown else (np.nan, np.nan)
        rows.append(
            {
                "indicator": name,
                "comes_from": spec["from"],
                "n": n if name in counts else pd.NA,
                "share": hits / n if shown else np.nan,
                "low": low,
                "high": high,
                "zh": spec["zh"],
                "en": spec["en"],
            }
        )
    return pd.DataFrame(rows).astype({"n": "Int64"})
