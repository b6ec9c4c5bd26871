"""Money: what the optimiser counts is what is paid, and every yuan has a payer and a payee."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.plan import FLOW_COLUMNS, PARTIES, LoanTerms, load_assumptions, money, npv, party_years, repay
from hutong.plan.money import (
    BUILDING,
    LINES,
    Calendar,
    before_loan,
    default_calendar,
    loan_within,
    paid_by,
    spread,
    value_to,
)
from hutong.rules import Rules

LOAN = LoanTerms(0.035, 12, grace_years=2, subsidy_rate=0.02, subsidy_years=5)
CALENDAR = Calendar(20, 0.01, LOAN)


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
@pytest.mark.parametrize("party", PARTIES)
def test_coefficients_equal_the_flows(rate: float, party: str) -> None:
    amounts = some_amounts(7)
    flows = spread(amounts, [f"o{i}" for i in range(7)], CALENDAR)
    counted = flows if party == "lender" else before_loan(flows)
    years = party_years(counted, CALENDAR.horizon).loc[party].to_numpy()
    assert npv(rate, years) == pytest.approx((amounts @ value_to((party,), CALENDAR, rate)).sum(), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    line=st.integers(0, len(LINES) - 1),
    yuan=st.integers(0, 10**9),
    years=st.integers(13, 40),
    growth=st.floats(-0.02, 0.05),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_yuan_has_a_payer_and_a_payee(
    line: int, yuan: int, years: int, growth: float, seed: int
) -> None:
    """Over every line and any term: all parties add up to zero in every year, and no party is unknown."""
    amounts = np.random.default_rng(seed).integers(0, 9_000_000, (3, len(LINES))).astype(float)
    amounts[0, line] = yuan
    calendar = Calendar(years, growth, LOAN)
    flows = spread(amounts, list("abc"), calendar)
    assert flows["payer"].isin(PARTIES).all()
    assert flows["payee"].isin(PARTIES).all()
    table = party_years(flows)
    assert np.abs(table.sum(axis=0)).max() <= 1e-9 * flows["yuan"].sum()
    assert table.shape[1] <= calendar.horizon
    lone = np.zeros((1, len(LINES)))
    lone[0, line] = yuan
    paid = spread(lone, ["a"], calendar)
    expected = yuan * calendar.shares(LINES[line].schedule).sum()
    assert paid["yuan"].sum() == pytest.approx(expected, rel=1e-12)
    assert set(paid["payer"]) <= {LINES[line].payer}


def test_amounts_of_whole_years_reconcile_exactly() -> None:
    amounts = some_amounts(5)
    amounts[:, [x.schedule not in ("build", "operate") for x in LINES]] = 0
    flows = spread(amounts, list("abcde"), CALENDAR)
    assert tuple(flows.columns) == FLOW_COLUMNS
    assert (flows["yuan"] > 0).all()
    assert (party_years(flows).sum(axis=0) == 0).all()
    paid = flows[(flows["payer"] == "city") & flows["line"].isin(BUILDING)].groupby("object_id")["yuan"].sum()
    assert (paid.to_numpy() == amounts @ paid_by("city")).all()


def test_calendar() -> None:
    assert CALENDAR.horizon == 22
    assert CALENDAR.shares("build").tolist()[:3] == [0.5, 0.5, 0.0]
    assert CALENDAR.shares("operate").sum() == 20
    assert CALENDAR.factor("operate", 0.06) == pytest.approx(sum(1.06**-y for y in range(2, 22)))
    assert CALENDAR.shares("rent")[[2, 3, 21]] == pytest.approx([1, 1.01, 1.01**19])
    assert np.flatnonzero(CALENDAR.shares("renewal@5")).tolist() == [7, 12, 17]
    assert np.flatnonzero(CALENDAR.shares("renewal@15")).tolist() == [17]
    assert not CALENDAR.shares("renewal@20").any()  # worn out at the end: nobody replaces it for no use
    assert CALENDAR.shares("spread")[[1, 2, 21]].tolist() == [0.0, 0.05, 0.05]
    assert CALENDAR.shares("spread@5").sum() == pytest.approx(3)
    assert CALENDAR.shares("end@50")[-1] == pytest.approx(0.6)
    assert CALENDAR.shares("end@15")[-1] == pytest.approx(10 / 15)  # replaced once, five years old
    assert CALENDAR.shares("end@20")[-1] == 0
    assert not Calendar(8).shares("renewal@10").any()


def test_the_loan_of_the_calendar_is_that_of_the_schedule() -> None:
    table = repay([0.5, 0.5], LOAN)
    for kind, column in (("repayment", "principal"), ("interest", "interest"), ("subsidy", "subsidy")):
        assert CALENDAR.shares(kind)[: len(table)] == pytest.approx(table[column].to_numpy())
    assert CALENDAR.shares("repayment").sum() == pytest.approx(1)
    assert CALENDAR.factor("build", 0.035) == pytest.approx(
        CALENDAR.factor("repayment", 0.035) + CALENDAR.factor("interest", 0.035)
    )
    with pytest.raises(HutongError, match="outlasts"):
        Calendar(10, loan=LOAN).shares("repayment")


def test_a_loan_ends_with_operation_and_rents_keep_to_their_limit(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loan_within(rules, 6).years == 7
    assert default_calendar(rules, 20).loan == loan_within(rules, 20)
    values = dict(load_assumptions())
    values["rent_growth"] = replace(values["rent_growth"], value=0.06)
    monkeypatch.setattr(money, "load_assumptions", lambda: values)
    with pytest.raises(HutongError) as caught:
        default_calendar(rules, 20)
    assert caught.value.code == "rent-growth"


def test_nothing_chosen_pays_nothing() -> None:
    flows = spread(np.zeros((0, len(LINES))), [], CALENDAR)
    assert len(flows) == 0
    assert tuple(flows.columns) == FLOW_COLUMNS
