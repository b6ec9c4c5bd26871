"""A loan put in the place of another is the loan that the lines of the scheme already hold."""

from __future__ import annotations

import pytest

from hutong.plan.lending import LOAN_LINES, lend, subsidised_share
from hutong.plan.loans import LoanTerms, loan_assumptions
from hutong.plan.money import loan_within

from .conftest import Quarter
from .money_case import flow_table, make_scheme


@pytest.mark.parametrize("name", ["least_cost", "balanced", "most_benefit"])
def test_the_scheme_s_own_terms_give_its_own_payments(quarter: Quarter, name: str) -> None:
    scheme = quarter.plan.scheme(name)
    terms = loan_within(quarter.rules, int(scheme.terms["concession_years"]))
    again = lend(scheme.flows, terms, loan_assumptions()["share"].value, subsidised_share(scheme))
    keys = ["line", "payer", "payee", "year"]
    mine, theirs = (f.groupby(keys)["yuan"].sum() for f in (scheme.flows, again))
    assert set(mine.index) == set(theirs.index)
    # the amounts are whole yuan per object
    assert mine.to_numpy() == pytest.approx(theirs.reindex(mine.index).to_numpy(), abs=len(scheme.choices))


def test_no_loan_and_no_works() -> None:
    terms = LoanTerms(0.04, 8, grace_years=2)
    assert not lend(flow_table(), terms, 0.0)["line"].isin(LOAN_LINES).any()
    rest = flow_table()
    rest = rest[rest["line"] != "works"]
    assert len(lend(rest, terms, 0.6)) == len(rest)
    assert subsidised_share(make_scheme(flows=rest)) == 1.0


def test_the_public_pays_the_subsidy_by_its_shares() -> None:
    terms = LoanTerms(0.04, 8, grace_years=2, subsidy_rate=0.02, subsidy_years=5)
    flows = lend(flow_table(), terms, 0.5, subsidised=0.25)
    paid = flows[flows["line"] == "interest_subsidy"].groupby("payer")["yuan"].sum()
    interest = flows.loc[flows["line"] == "interest", ["year", "yuan"]].set_index("year")["yuan"]
    # 2 of the 4 % on a quarter of what is owed, in the five years after the first draw
    assert paid.sum() == pytest.approx(interest[interest.index <= 5].sum() * 0.5 * 0.25)
    assert paid["city"] == pytest.approx(paid["district"])
