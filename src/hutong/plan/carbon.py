"""Carbon of measures: per unit for the planner's objective, and before and after wherever a measure applies.

Both rest on the account of :mod:`hutong.sense.carbon_works`: one set of factors, one source each. What the account has
no factor for (a measure's ``carbon_kg``) is an assumption of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.plan.mend import where_applies
from hutong.plan.objects import gather
from hutong.plan.results import Measure
from hutong.rules import Rules
from hutong.sense.carbon import stock
from hutong.sense.carbon_works import CARBON_EFFECTS, Work, before_after, per_unit
from hutong.sense.results import Checkup

#: ``carbon`` of a measure -> what its works embody.
EMBODIED: Mapping[str, str] = {
    "insulation": "retrofit",
    "retrofit": "retrofit",
    "rebuild": "rebuild",
    "lift": "none",
}
_SPANS = ("before", "after", "saved", "embodied", "net")


def carbon_kg(measures: Sequence[Measure], rules: Rules) -> NDArray[np.float64]:
    """Return kg CO2 saved per unit and year by each measure, less what it embodies spread over the design life."""
    table = per_unit(rules).set_index("measure")["net_middle"]
    return np.array([float(table[m.carbon]) if m.carbon else m.carbon_kg for m in measures])


def measure_carbon(city: City, check: Checkup, rules: Rules, measures: Sequence[Measure]) -> pd.DataFrame:
    """Return what each measure with carbon factors would change if it were done wherever its condition surely holds.

    Whether a rule forbids it there, or the money allows it, is not asked.

    Returns
    -------
    One row per measure: ``measure``, ``title_zh``, ``title_en``, ``buildings``, ``unknown`` (buildings whose change is not
    known; the tonnes leave them out), and low and high of ``before`` and ``after`` (t CO2 a year), ``saved`` (a year),
    ``embodied`` (once) and ``net`` (saved over the design life less embodied).
    """
    objects = gather(city, check, rules)
    ids, lifts = city["buildings"]["building_id"].to_numpy(dtype=object), stock(city).lifts
    rows = []
    for measure in (m for m in measures if m.carbon):
        at = where_applies(objects, (measure,))
        at = at[objects.building[at] >= 0]
        effects = {k: v for k, v in measure.effects.items() if k in CARBON_EFFECTS}
        works = {}
        for building, units in zip(objects.building[at], objects[measure.quantity][at], strict=True):
            more = {"lift": lifts[building] + units} if measure.carbon == "lift" else {}
            works[str(ids[building])] = Work(
                {**effects, **more}, EMBODIED[measure.carbon], measure.floor_factor
            )
        table = before_after(city, rules, works)
        known = table[table[[f"{s}_{end}" for s in _SPANS for end in ("low", "high")]].notna().all(axis=1)]
        rows.append(
            {
                "measure": measure.id,
                "title_zh": measure.title.zh,
                "title_en": measure.title.en,
                "buildings": len(table),
                "unknown": len(table) - len(known),
                **{
                    f"{span}_{end}_t": known[f"{span}_{end}"].sum() / 1000 if len(known) else np.nan
                    for span in _SPANS
                    for end in ("low", "high")
                },
            }
        )
    return pd.DataFrame(rows)
