"""Money: what the optimiser counts is what is paid, and every yuan has a payer and a payee."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.plan import FLOW_COLUMNS, PARTIES, npv, party_years
from hutong.plan.money import LINES, Calendar, paid_by, spread, value_to

CALENDAR = Calendar(20, 10)


def some_amounts(options: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 9_000_000, (options, len(LINES))).astype(float)


def test_lines_have_two_parties() -> None:
    for line in LINES:
        assert line.payer in PARTIES
        assert line.payee in PARTIES
        assert line.payer != line.payee
    assert len({line.id for line in LINES}) == len(LINES)
    assert {line.payer for line in LINES if line.name.startswith("surrender")} == {"city", "district"}
    assert {line.payee for line in LINES if line.name.startswith("surrender")} == {"tenants"}


@pytest.mark.parametrize("rate", [0.0, 0.06, 0.08, 0.2])
@pytest.mark.parametrize("party", ["operator", "city", "owners", "outside"])
def test_coefficients_equal_the_flows(rate: float, party: str) -> None:
    amounts = some_amounts(7)
    flows = spread(amounts, [f"o{i}" for i in range(7)], CALENDAR)
    years = party_years(flows, CALENDAR.horizon).loc[party].to_numpy()
    assert npv(rate, years) == pytest.approx((amounts @ value_to((party,), CALENDAR, rate)).sum(), rel=1e-12)


def test_flows_reconcile_exactly() -> None:
    amounts = some_amounts(5)
    flows = spread(amounts, list("abcde"), CALENDAR)
    assert tuple(flows.columns) == FLOW_COLUMNS
    assert (flows["yuan"] > 0).all()
    assert (party_years(flows).sum(axis=0) == 0).all()
    paid = flows[flows["payer"] == "city"].groupby("object_id")["yuan"].sum()
    assert (paid.to_numpy() == amounts @ paid_by("city")).all()


def test_calendar() -> None:
    assert CALENDAR.horizon == 22
    assert CALENDAR.shares("build").tolist()[:3] == [0.5, 0.5, 0.0]
    assert CALENDAR.shares("operate").sum() == 20
    assert np.flatnonzero(CALENDAR.shares("renewal")).tolist() == [12]
    assert Calendar(8, 10).shares("renewal").sum() == 0
    assert CALENDAR.factor("operate", 0.06) == pytest.approx(sum(1.06**-y for y in range(2, 22)))


def test_nothing_chosen_pays_nothing() -> None:
    flows = spread(np.zeros((0, len(LINES))), [], CALENDAR)
    assert len(flows) == 0
    assert tuple(flows.columns) == FLOW_COLUMNS
