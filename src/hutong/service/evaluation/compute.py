"""An evaluation computed: :mod:`hutong.learn` on the snapshots of the site, as plain data that its page shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.world import GRADES, building_scores, occupied
from hutong.few import FEWEST_THINGS
from hutong.learn import carried, evaluate
from hutong.learn.evaluation import Evaluation
from hutong.loop import Settings, rules_for
from hutong.plan.learned import Learned
from hutong.plan.results import Measure
from hutong.report.words import word
from hutong.service.evaluation.words import CHANGES
from hutong.service.requests.selectors import JURISDICTION
from hutong.text import Text

#: A mean over buildings is an outcome where this share of the grades was observed (ours); what was imputed is none.
OBSERVED = 0.5


@dataclass(frozen=True)
class Made:
    """An evaluation with its catalogue, and the same as plain data."""

    found: Evaluation
    measures: Mapping[str, Measure]
    city: City
    data: dict[str, Any]


def make(
    cities: tuple[City, City, City | None],
    works: pd.DataFrame,
    measures: Sequence[Measure],
    held: Sequence[Learned],
    seen: Mapping[str, Sequence[Mapping[str, Any]]],
    step: Callable[[int, int, Text], None],
) -> Made:
    """Evaluate what was done between two snapshots, by the rules of the later one.

    Parameters
    ----------
    cities
        Before, after, and one still earlier for the placebo, or none.
    measures, held
        The catalogue with which the works were planned, and the lessons that had made it so.
    seen
        Rows about ``projects`` and ``operations`` of the site, kept as they are.
    """
    before, after, earlier = cities
    step(1, 3, Text("正在对比计划与结果", "Comparing plan and outcome"))
    found = evaluate(before, after, works, measures, rules_for(after, Settings(jurisdiction=JURISDICTION)), earlier=earlier)  # fmt: skip
    step(2, 3, Text("正在整理经验", "Putting the lessons together"))
    by_id = {m.id: m for m in measures}
    held_by = {(h.measure, h.quantity): h.value for h in held}
    names = {i.id: i for c in (found.before, found.after) for i in c.indicators}
    order = list(CHANGES)
    quarter = found.changes[found.changes["scale"] == "quarter"]
    data = {
        "summary": [both(t) for t in found.summary()],
        "works": [{**row, "title": _title(row["measure"], by_id)} for row in plain(found.works)],
        "effects": [
            {**row, "title": _title(row["measure"], by_id), "outcome_title": both(word("column", row["outcome"]))}
            for row in plain(found.effects)
        ],
        "changes": sorted(
            ({**row, "title": both(names[row["indicator"]].title), "unit": names[row["indicator"]].unit} for row in plain(quarter)),
            key=lambda r: order.index(r["verdict"]),
        ),
        "gains": few_together(plain(found.gains)),
        "lessons": [_lesson(row, by_id, held_by) for row in plain(found.lessons)],
        "state": state_of(after),
        "projects": list(seen["projects"]), "operations": list(seen["operations"]),
    }  # fmt: skip
    return Made(found, by_id, after, data)


def _lesson(
    row: dict[str, Any], measures: Mapping[str, Measure], held: Mapping[Any, float]
) -> dict[str, Any]:
    known = {k: math.nan if v is None else v for k, v in row.items()}
    key = row["measure"]
    value = carried(known, held.get((key, "acceptance"), 0.0), held.get((key, "cost"), 1.0))
    return {
        **row,
        "title": _title(key, measures),
        "value": value,
        "quantity_title": both(quantity(row["quantity"])),
    }


def quantity(name: str) -> Text:
    """Return what a lesson is about, in words."""
    fixed = {
        "cost": Text("实付 ÷ 计划", "paid ÷ planned"),
        "acceptance": Text("同意（签约）比例", "share that agrees"),
    }
    if name in fixed:
        return fixed[name]
    told = word("column", name.removeprefix("effect:"))
    return Text(f"效果：{told.zh}", f"Effect: {told.en}")


def few_together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return who gained, with tenures of which few homes lie on either side put together: no count singles out a home.

    ``all``, ``elders`` and ``low_income`` stand for themselves, without figures where they are few.
    """
    apart = {"all", "elders", "low_income"}
    tenures = sorted((r for r in rows if r["group"] not in apart), key=lambda r: r["all"])
    kept: list[dict[str, Any]] = []
    small: dict[str, Any] = {"group": "others", "reached": 0.0, "all": 0.0, "share": None}
    for r in tenures:
        if _few(r) or _few(small):
            small["reached"], small["all"] = small["reached"] + r["reached"], small["all"] + r["all"]
        else:
            kept.append(r)
    while _few(small) and kept:
        r = kept.pop(0)
        small["reached"], small["all"] = small["reached"] + r["reached"], small["all"] + r["all"]
    if small["all"]:
        small["share"] = small["reached"] / small["all"]
        kept.append(small)
    out = [r for r in rows if r["group"] == "all"] + sorted(kept, key=lambda r: -r["all"])
    out += [r for r in rows if r["group"] in apart - {"all"}]
    return [{**r, **({"reached": None, "all": None, "share": None} if _few(r) else {})} for r in out]


def _few(row: Mapping[str, Any]) -> bool:
    """Return whether a row names fewer homes than may be shown, on either side of the works."""
    return (
        0 < row["all"] < FEWEST_THINGS
        or 0 < row["reached"] < FEWEST_THINGS
        or 0 < row["all"] - row["reached"] < FEWEST_THINGS
    )


def state_of(city: City) -> dict[str, float | None]:
    """Return condition and service of the inhabited buildings as the model counts them, by household; None: not observed.

    It is what the model's forecasts are scored by: the same function, on what was really found.
    """
    try:
        homes = occupied(city)
        seen = np.mean([(city.origin("buildings", g) == 0)[homes.buildings].mean() for g in GRADES])
        condition, service = building_scores(city, homes.buildings, [])
    except HutongError as caught:
        if caught.code not in ("no-households", "incomplete-city"):
            raise
        return {"condition": None, "service": None}
    if seen < OBSERVED:
        return {"condition": None, "service": None}
    return {
        "condition": float(condition[homes.building].mean()),
        "service": float(service[homes.building].mean()),
    }


def both(text: Text) -> dict[str, str]:
    """Return a text as plain data."""
    return {"zh": text.zh, "en": text.en}


def _title(measure: str, measures: Mapping[str, Measure]) -> dict[str, str]:
    return both(measures[measure].title) if measure in measures else {"zh": measure, "en": measure}


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data; unknown is null."""
    return [{str(k): _value(v) for k, v in row.items()} for row in table.to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
