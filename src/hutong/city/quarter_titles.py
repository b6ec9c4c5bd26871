"""Titles of a synthetic quarter: what document a home has, who manages it, and what is unclear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city.columns import category, ids, pick
from hutong.city.quarter_facilities import furniture
from hutong.city.schema import schema
from hutong.rng import generator


def titles(dwellings: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one title per dwelling; a public home that is let to others reads as sublet."""
    rng = generator(seed, "quarter titles")
    tenure = dwellings["tenure"].cat.codes.to_numpy()
    columns = schema().tables["titles"].columns
    states, documents = list(columns["state"].enum), list(columns["document"].enum)
    draw = rng.random(len(dwellings))
    state = np.full(len(dwellings), states.index("clear"), np.int8)
    document = np.full(len(dwellings), -1, np.int8)
    units: list[str | None] = [None]
    unit = np.zeros(len(dwellings), np.int8)
    for name, spec in furniture()["titles"].items():
        rows = tenure == list(dwellings["tenure"].cat.categories).index(name)
        document[rows] = documents.index(spec["document"])
        edges = np.cumsum([0.0, *spec["states"].values()])
        for word, low, high in zip(spec["states"], edges[:-1], edges[1:], strict=True):
            state[rows & (draw >= low) & (draw < high)] = states.index(word)
        if "unit" in spec:
            let = (dwellings["occupancy"] == "let").to_numpy()
            state[rows & let] = states.index("sublet")
            units.append(spec["unit"])
            unit[rows] = len(units) - 1
    document[state == states.index("missing")] = documents.index("none")
    names = pd.Series(units, dtype=dwellings["dwelling_id"].dtype)
    return pd.DataFrame(
        {
            "title_id": ids("t", len(dwellings), 8),
            "dwelling_id": dwellings["dwelling_id"],
            "document": category("titles", "document", document),
            "managing_unit": pick(names, unit),
            "state": category("titles", "state", state),
        },
        copy=False,
    )
