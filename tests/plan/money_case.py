"""A small scheme made by hand, so that money can be tested without planning first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.plan.money import LINE_ROW, LINES
from hutong.plan.results import CHOICE_COLUMNS, Certificate, Plan, Scheme
from hutong.text import Text

YEARS = 22


def flow_table(scale: float = 1.0, income: float = 600.0) -> pd.DataFrame:
    """Return works in years 0 and 1, twenty years of operation and one renewal, all thousands of yuan."""
    rows = []
    for year in (0, 1):
        rows += [
            (year, "operator", "outside", 2000.0 * scale, "works", "E-1"),
            (year, "city", "outside", 5000.0, "works", "E-1"),
            (year, "district", "outside", 4000.0, "works", "B-2"),
            (year, "city", "tenants", 300.0, "temporary_rent", "B-2"),
        ]
    for year in range(2, YEARS):
        rows += [
            (year, "outside", "operator", income, "income", "E-1"),
            (year, "operator", "outside", 150.0, "running", "E-1"),
            (year, "operator", "owner_unit", income / 15, "lease", "E-1"),
            (year, "outside", "owners", 90.0, "income", "B-2"),
        ]
    rows.append((12, "operator", "outside", 350.0, "renewal", "E-1"))
    frame = pd.DataFrame(rows, columns=["year", "payer", "payee", "yuan", "line", "object_id"])
    return frame.assign(yuan=frame["yuan"] * 1000)


def amounts_of(scale: float = 1.0, income: float = 600.0) -> np.ndarray:
    """Return the amounts that make the payments of :func:`flow_table`."""
    out = np.zeros(len(LINES))
    for line, thousands in {
        "works:operator>outside": 4000 * scale,
        "works:city>outside": 10000,
        "works:district>outside": 8000,
        "temporary_rent:city>tenants": 600,
        "income:outside>operator": income,
        "running:operator>outside": 150,
        "lease:operator>owner_unit": income / 15,
        "income:outside>owners": 90,
        "renewal:operator>outside@10": 350,
    }.items():
        out[LINE_ROW[line]] = thousands * 1000
    return out  # fmt: skip


def make_scheme(
    name: str = "balanced",
    flows: pd.DataFrame | None = None,
    amounts: np.ndarray | None = None,
    **benefit: float,
) -> Scheme:
    """Return a scheme of two choices."""
    choices = pd.DataFrame(
        [
            {
                "object_id": "E-1", "object_kind": "estate", "name": "E-1", "package": "estate", "offer": "free",
                "pass_probability": 0.9, "acceptance": 0.8, "benefit_economic": benefit.get("economic", 2.0),
                "benefit_social": benefit.get("social", 5.0), "benefit_ecological": 1.0, "benefit_cultural": 0.0,
            },
            {
                "object_id": "B-2", "object_kind": "building", "name": "=B-2", "package": "lift", "offer": "share",
                "pass_probability": 0.8, "acceptance": 0.75, "benefit_economic": 0.5, "benefit_social": 3.0,
                "benefit_ecological": 2.0, "benefit_cultural": 1.0,
            },
        ],
        columns=list(CHOICE_COLUMNS),
    )  # fmt: skip
    terms = {"concession_years": 20.0, "return_low": 0.06, "return_high": 0.08, "surplus_share_owners": 0.5}
    certificate = Certificate("optimal", 1.0, 1.0, 0.0, 1, 1, ())
    table = flow_table() if flows is None else flows
    if amounts is None and flows is None:
        amounts = amounts_of()
    return Scheme(name, Text("均衡", "Balanced"), choices, table, {}, certificate, (), terms, amounts)


def make_plan(*schemes: Scheme) -> Plan:
    """Return a plan of these schemes, or of the one above."""
    note = Text("假设（U）：甲。", "Assumed (U): this.")
    return Plan(schemes or (make_scheme(),), (), pd.DataFrame(), (note,))
