"""A quarter seen three times, with works between the last two whose true effect is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hutong.city import City, Provenance, make_quarter
from hutong.rng import generator

CONDITION = "cond_pipes"


def dated(city, year, buildings):
    provenance = {**city.provenance, "buildings": dict(city.provenance["buildings"])}
    provenance["buildings"][CONDITION] = Provenance("observed", "survey")
    tables = {**city.tables, "buildings": buildings}
    return City.build(replace(city.meta, date=f"{year}-06-30"), tables, provenance)


def history(dwellings=2400, effect=-2.0, seed=1):
    """Return snapshots of 2021, 2026 and 2031 and the record of works (new pipes) between the last two."""
    city = make_quarter(dwellings=dwellings, seed=seed)
    buildings = city["buildings"]
    random = generator(seed, "history")
    n = len(buildings)
    grade = random.uniform(2.5, 3.8, n)
    works = random.uniform(size=n) < np.clip((grade - 2.4) / 2, 0.05, 0.9)
    wear = 0.1 + random.normal(0, 0.05, n)
    out = []
    for year, value in (
        (2021, grade - wear),
        (2026, grade),
        (2031, np.where(works, np.maximum(grade + effect, 1), grade + wear) + random.normal(0, 0.05, n)),
    ):
        frame = buildings.copy()
        frame[CONDITION] = np.clip(value, 1, 4)
        out.append(dated(city, year, frame))
    ids = buildings["building_id"].to_numpy(str)[works]
    record = pd.DataFrame(
        {
            "building_id": ids,
            "measure": "pipes",
            "finished": pd.Timestamp("2028-05-01"),
            "planned_finish": pd.Timestamp("2028-03-01"),
            "planned_yuan": 100_000.0,
            "paid_yuan": 100_000 * np.exp(random.normal(np.log(1.3), 0.1, ids.size)),
            "predicted_share": 0.8,
            "asked": 20.0,
            "signed": random.binomial(20, 0.6, ids.size).astype(float),
        }
    )
    return (*out, record)
