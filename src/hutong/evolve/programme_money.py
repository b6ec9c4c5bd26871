"""What a scheme's payments say of each project: operation, the operator's return, who of the public pays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hutong.plan import irr_many
from hutong.plan.money import before_loan

#: First year of operation in the flows of a scheme; works fall in the two years before.
FIRST_YEAR = 2
#: Stands for "no internal rate": nobody would bid for it.
NO_RETURN = -1.0


def yearly_cost(flows: pd.DataFrame, rows: pd.DataFrame, parties: Sequence[str]) -> np.ndarray:
    """Return what each project costs ``parties`` a year in operation, less what it brings them, shape (P,).

    Read from the first year of operation (all are alike but that of the renewal). What is paid for the unit as a
    whole, the surplus, is shared among the projects by what the operator put into them. The interest subsidy, which ends
    after some years, is left out.
    """
    year = flows[(flows["year"] == FIRST_YEAR) & (flows["line"] != "interest_subsidy")]
    paid = [(year[side].isin(parties)).to_numpy(float) for side in ("payer", "payee")]
    net = (
        pd.Series((paid[0] - paid[1]) * year["yuan"].to_numpy(float))
        .groupby(year["object_id"].to_numpy())
        .sum()
    )
    own = net.reindex(rows["object_id"]).fillna(0.0).to_numpy(float)
    put_in = rows["operator_yuan"].fillna(0).to_numpy(float).clip(min=0)
    unit = float(net.drop(labels=rows["object_id"], errors="ignore").sum())
    return np.asarray(own + unit * put_in / max(put_in.sum(), 1.0), np.float64)


def operator_returns(flows: pd.DataFrame, object_ids: Sequence[str]) -> tuple[np.ndarray, float]:
    """Return the internal rate of the operator's own payments on each project, and that of the whole unit.

    The rates are those of ``hutong.plan``, after tax and before the loan; ``NO_RETURN`` where there is none or more than one.
    """
    flows = before_loan(flows)
    mine = flows[(flows["payer"] == "operator") | (flows["payee"] == "operator")]
    sign = (mine["payee"] == "operator").to_numpy(float) - (mine["payer"] == "operator").to_numpy(float)
    years = int(mine["year"].max()) + 1 if len(mine) else 1
    place = pd.Index(object_ids).get_indexer(mine["object_id"])
    table = np.zeros((len(object_ids) + 1, years))
    year, yuan = mine["year"].to_numpy(int), sign * mine["yuan"].to_numpy(float)
    inside = place >= 0
    np.add.at(table, (place[inside], year[inside]), yuan[inside])
    np.add.at(table[-1], year, yuan)
    rates, _ = irr_many(table)
    rates = np.where(np.isfinite(rates), rates, NO_RETURN)
    return rates[:-1], float(rates[-1])


def city_part(flows: pd.DataFrame, object_ids: Sequence[str], public: np.ndarray) -> np.ndarray:
    """Return which part of each project's public cost the city pays, as the payments of the works say."""
    works = (flows["year"] < FIRST_YEAR) & (flows["line"] != "interest_subsidy")
    build = flows[works & (flows["payer"] == "city")]
    paid = build.groupby("object_id")["yuan"].sum().reindex(list(object_ids)).fillna(0.0).to_numpy(float)
    return np.minimum(paid, public)
