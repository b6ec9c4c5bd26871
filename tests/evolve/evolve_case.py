"""What the tests of evolve share: a scheme written by hand, and one run of the kernel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.evolve.dials import as_floats, make_dials, platform
from hutong.evolve.kernel import RAW, as_record, new_state, simulate
from hutong.plan.results import CHOICE_COLUMNS, FLOW_COLUMNS, Certificate, Scheme
from hutong.text import Text

PACKAGES = {
    "courtyard": (
        "lease_surrender+courtyard_restoration",
        "courtyard_repair+courtyard_pipes",
        "courtyard_improvement",
    ),
    "building": ("insulation+lift", "repair_common+pipes", "rebuild_in_place"),
}


def write_scheme(city: City) -> Scheme:
    """Return a scheme that treats every inhabited building and the first estate."""
    table = city["buildings"]
    homes = np.bincount(city.positions("dwellings", "building_id"), minlength=len(table)).astype(float)
    rows = []
    for place in np.flatnonzero(homes):
        kind = "courtyard" if table["form"].iloc[place] == "courtyard" else "building"
        k = len(rows)
        rows.append(_row(table["building_id"].iloc[place], kind, PACKAGES[kind][k % 3], homes[place], k))
    rows.append(
        _row(city["estates"]["estate_id"].iloc[0], "estate", "estate_environment", homes.sum() / 4, 1)
    )
    return Scheme(
        "balanced",
        Text("均衡", "Balanced"),
        pd.DataFrame(rows, columns=list(CHOICE_COLUMNS)),
        _flows(rows),
        {},
        Certificate("optimal", 0.0, 0.0, 0.0, 0, 0, ()),
        (),
        {},
    )


def _flows(rows: list[dict]) -> pd.DataFrame:
    """Return payments that fit the choices: works in two years, twenty of operation for what an operator runs."""
    out = []
    for k, row in enumerate(rows):
        who, lines = row["object_id"], []
        for year in (0, 1):
            lines += [(year, "city", 0.3 * row["public_yuan"]), (year, "district", 0.2 * row["public_yuan"])]
            lines += [
                (year, "owners", 0.5 * row["owner_yuan"]),
                (year, "operator", 0.5 * row["operator_yuan"]),
            ]
        out += [(y, payer, "outside", yuan, "works", who) for y, payer, yuan in lines if yuan > 0]
        if row["operator_yuan"] > 0:
            yearly = (0.06 + 0.02 * (k % 5)) * row["operator_yuan"]
            out += [
                (y, "outside", "operator", yuan, "income", who) for y in range(2, 22) for yuan in [yearly]
            ]
    return pd.DataFrame(out, columns=list(FLOW_COLUMNS))


def _row(object_id: str, kind: str, package: str, homes: float, k: int) -> dict[str, object]:
    capital = 60_000.0 * homes
    return {
        "object_id": object_id,
        "object_kind": kind,
        "name": object_id,
        "building_id": None if kind == "estate" else object_id,
        "package": package,
        "offer": "share10",
        "capital_yuan": capital,
        "public_yuan": 0.8 * capital,
        "owner_yuan": 0.1 * capital,
        "operator_yuan": 0.1 * capital if k % 2 else 0.0,
        "people": 2.4 * homes,
        "dwellings": homes,
        "acceptance": 0.6 + 0.05 * (k % 7),
        "pass_probability": 0.7,
        "floor_before_m2": 1.0,
        "floor_after_m2": 1.0,
        "demolished_m2": 0.0,
        "leaving": 0.5 + 0.05 * (k % 5) if "lease_surrender" in package else float("nan"),
        "benefit_economic": homes * (1 + k % 3),
        "benefit_social": homes,
        "benefit_ecological": homes * (k % 2),
        "benefit_cultural": homes * (k % 5 == 0),
    }


def run_once(world, values, seed=7, months=60, digital=1.0, deliberation=1.0, **dials) -> np.ndarray:
    """Return RAW of one run, shape (len(RAW), months + 1)."""
    out = np.empty((len(RAW), months + 1))
    chosen = make_dials(**{**platform(digital), "structure": deliberation, **dials})
    simulate(world, *new_state(world), as_record(values), as_floats(chosen), np.uint64(seed), out)
    return out
