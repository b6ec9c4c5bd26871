"""Loans against the closed form of annuities and by hand; further measures against numpy and known cases."""

from __future__ import annotations

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.plan.finance import irr_many, npv, payback_year
from hutong.plan.finance_more import dscr, mirr, payback_time
from hutong.plan.loans import (
    LoanTerms,
    annuity,
    check_subsidy,
    default_loan,
    drawdown,
    loan_assumptions,
    repay,
)
from hutong.rules import Rules, load_rules


def test_irr_of_100_000_flows_equals_pyxirr() -> None:
    random = np.random.default_rng(11)
    flows = random.uniform(10, 400, (100_000, 22))
    flows[:, 0] = -random.uniform(500, 2500, len(flows))
    flows[:, 1] = -random.uniform(0, 500, len(flows))
    rates, flags = irr_many(flows)
    assert (flags == 0).all()
    theirs = np.array([pyxirr.irr(row) for row in flows], float)
    assert np.abs(rates - theirs).max() <= 1e-9


def test_mirr() -> None:
    flows = np.array([-120000.0, 39000, 30000, 21000, 37000, 46000])
    assert mirr(flows, 0.10, 0.12) == pytest.approx(0.126094, abs=1e-6)  # the example of spreadsheet manuals
    assert mirr(flows, 0.10, 0.12) == pytest.approx(pyxirr.mirr(flows, 0.10, 0.12))
    assert np.isnan(mirr(np.array([1.0, 2.0]), 0.1, 0.1))
    assert np.isnan(mirr(np.array([-1.0]), 0.1, 0.1))


def test_payback_time_is_within_the_year_that_pays_back() -> None:
    flows = np.array([-100.0, 60, 80])
    assert payback_time(flows) == pytest.approx(1.5)
    assert payback_time(flows, 0.1) == pytest.approx(1 + (100 - 60 / 1.1) / (80 / 1.21))
    assert payback_time(np.array([5.0, 1])) == 0
    assert np.isnan(payback_time(np.array([-100.0, 10])))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=8), st.floats(0, 0.3))
def test_payback_time_agrees_with_payback_year(payments: list[int], rate: float) -> None:
    flows = np.array(payments, float)
    year, time = payback_year(flows, rate), payback_time(flows, rate)
    assert np.isnan(year) == np.isnan(time)
    assert np.isnan(year) or year - 1 <= time <= year + 1e-9


def test_dscr() -> None:
    cover = dscr(np.array([0.0, 120, 150, 80]), np.array([0.0, 100, 100, 100]))
    assert np.isnan(cover.by_year[0])
    assert (cover.least, cover.year) == (pytest.approx(0.8), 3)
    assert dscr(np.ones(3), np.zeros(3)).year == -1
    assert np.isnan(dscr(np.ones(3), np.zeros(3)).least)


def test_annuity_pays_the_same_each_year() -> None:
    table = repay([1000.0], LoanTerms(rate=0.05, years=4))
    assert table["service"].tolist()[1:] == pytest.approx([1000 * 0.05 / (1 - 1.05**-4)] * 4)
    assert table["closing"].iloc[-1] == 0
    assert annuity(100, 0.0, 4) == 25


def test_equal_principal_with_grace_by_hand() -> None:
    table = repay([600.0, 400], LoanTerms(0.1, 4, grace_years=2, method="equal_principal"))
    assert table["interest"].tolist() == pytest.approx([0, 60, 100, 100, 50])
    assert table["principal"].tolist() == pytest.approx([0, 0, 0, 500, 500])
    assert table["service"].tolist() == pytest.approx([0, 60, 100, 600, 550])


def test_interest_subsidy_and_capitalised_interest() -> None:
    plain = repay([1000.0], LoanTerms(0.04, 5))
    helped = repay([1000.0], LoanTerms(0.04, 5, subsidy_rate=0.02, subsidy_years=2))
    assert helped["subsidy"].tolist() == pytest.approx([0, 20, 0.02 * plain["opening"][2], 0, 0, 0])
    assert (plain["service"] - helped["service"]).tolist() == pytest.approx(helped["subsidy"].tolist())
    rolled = repay([1000.0], LoanTerms(0.1, 3, grace_years=1, capitalised=True))
    assert rolled["service"][1] == 0
    assert rolled["opening"][2] == pytest.approx(1100)
    assert repay([1000.0], LoanTerms(0.01, 3, subsidy_rate=0.02, subsidy_years=3))[
        "service"
    ].sum() == pytest.approx(1000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=3),
    st.floats(0, 0.2),
    st.integers(1, 20),
    st.sampled_from(["annuity", "equal_principal"]),
    st.booleans(),
)
def test_a_loan_is_worth_nothing_at_its_own_rate(
    drawn: list[float], rate: float, years: int, method: str, capitalised: bool
) -> None:
    terms = LoanTerms(rate, years + 2, 2, method, capitalised)  # type: ignore[arg-type]
    table = repay(drawn, terms)
    worth = npv(rate, (table["drawn"] - table["service"]).to_numpy())
    assert worth == pytest.approx(0, abs=1e-6 * (1 + sum(drawn)))
    assert table["closing"].iloc[-1] == pytest.approx(0, abs=1e-6)
    if not capitalised:
        assert table["principal"].sum() == pytest.approx(sum(drawn))


def test_drawdown_shares_building_between_loan_and_own_money() -> None:
    loan, own = drawdown(np.array([50.0, 50]), 0.6)
    assert (loan.tolist(), own.tolist()) == ([30, 30], [20, 20])
    loan, own = drawdown(np.array([50.0, 50]), 0.6, equity_first=True)
    assert (loan.tolist(), own.tolist()) == ([10, 50], [40, 0])
    for costs, share in (([1.0], 1.5), ([-1.0], 0.5)):
        with pytest.raises(HutongError, match="borrowed"):
            drawdown(np.array(costs), share)


def test_bad_terms_are_named(rules: Rules) -> None:
    for kw in ({"rate": 2.0, "years": 3}, {"rate": 0.1, "years": 3, "grace_years": 3}, {"rate": 0.1, "years": 2, "subsidy_rate": -1.0}, {"rate": 0.1, "years": 2, "method": "balloon"}):  # fmt: skip
        with pytest.raises(HutongError) as caught:
            LoanTerms(**kw)  # type: ignore[arg-type]
        assert caught.value.code == "bad-loan"
    with pytest.raises(HutongError, match="drawn"):
        repay([1.0, 0, 0, 1], LoanTerms(0.1, 4))
    check_subsidy(LoanTerms(0.03, 5, subsidy_rate=0.02, subsidy_years=5), rules)
    check_subsidy(LoanTerms(0.03, 5), rules)
    for over in (
        LoanTerms(0.03, 5, subsidy_rate=0.021, subsidy_years=5),
        LoanTerms(0.03, 9, subsidy_rate=0.02, subsidy_years=6),
    ):
        with pytest.raises(HutongError) as caught:
            check_subsidy(over, rules)
        assert caught.value.code == "subsidy-limit"
        assert "社会资本" in caught.value.render("zh")


def test_default_loan_follows_the_rules(rules: Rules) -> None:
    terms, share = default_loan(rules)
    assert (terms.rate, terms.subsidy_rate, terms.subsidy_years) == (0.035, 0.02, 5)
    assert 0 < share < 1
    assert default_loan(load_rules("national"))[0].subsidy_rate == 0
    assert {a.confidence for a in loan_assumptions().values()} == {"U"}
