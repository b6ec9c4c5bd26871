"""A scheme's accounts, and what carries its years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.accounts import account_lines, accounts, line_years, party_rows
from hutong.plan.carriers import at_stake, carrier_lines, carriers
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.finance_more import dscr, mirr
from hutong.plan.lending import lend
from hutong.plan.loans import LoanTerms, repay
from hutong.plan.money import before_loan
from hutong.rules import Rules, load_rules

from .conftest import Quarter
from .money_case import flow_table, make_scheme

TERMS = LoanTerms(0.04, 10, grace_years=2, subsidy_rate=0.02, subsidy_years=5)


def test_measures_of_the_operator_by_hand(rules: Rules) -> None:
    scheme = make_scheme(flows=lend(flow_table(), TERMS, 0.5))
    found = accounts(scheme, rules)
    table = repay([1e6, 1e6], TERMS)
    plan = party_years(flow_table()).loc["operator"].to_numpy()
    bare = plan + np.pad(table["subsidy"].to_numpy(), (0, 22 - len(table)))
    assert found.operator == pytest.approx(bare)
    assert found.irr.rate == pytest.approx(irr(bare).rate)
    own = plan + np.pad((table["drawn"] - table["service"]).to_numpy(), (0, 22 - len(table)))
    assert found.own == pytest.approx(own)
    assert found.own_irr.rate > found.irr.rate > irr(plan).rate  # borrowed below the return, and subsidised
    assert found.mirr == pytest.approx(mirr(bare, rules.number("finance.lpr_5y"), 0.06))
    service = np.where(np.arange(22) < 2, 0.0, np.pad(table["service"].to_numpy(), (0, 22 - len(table))))
    assert found.cover.least == pytest.approx(dscr(np.r_[0, 0, np.full(20, 410e3)], service).least)
    assert found.values["district"] == pytest.approx(
        npv(rules.number("finance.discount_public"), party_years(scheme.flows).loc["district"].to_numpy())
    )
    words = " ".join(t.en for t in account_lines(found))
    assert "before the loan" in words
    assert "covered" in words


def test_no_return_and_several_returns_are_said(rules: Rules) -> None:
    poor = accounts(make_scheme(flows=flow_table(income=1.0)), rules)
    assert poor.irr.flag == "no_root"
    assert "none (no root)" in account_lines(poor)[0].en
    assert "never within" in " ".join(t.en for t in account_lines(poor))
    flows = flow_table(income=1.0)
    rows = {0: (1.0e5, False), 1: (2.3e5, True), 2: (1.32e5, False)}
    flows = flows.iloc[:0]
    for year, (yuan, received) in rows.items():
        pair = ("outside", "operator") if received else ("operator", "outside")
        flows.loc[len(flows)] = [year, *pair, yuan, "income" if received else "works", "E-1"]
    several = accounts(make_scheme(flows=flows), rules)
    assert several.irr.flag == "several_roots"
    assert "several roots" in account_lines(several)[0].en
    nobody = flow_table()
    nobody = nobody[(nobody["payer"] != "operator") & (nobody["payee"] != "operator")]
    assert "no payments" in account_lines(accounts(make_scheme(flows=nobody), rules))[0].en


def test_rows_and_lines_add_up(quarter: Quarter) -> None:
    scheme = quarter.plan.scheme("balanced")
    found = accounts(scheme, quarter.rules)
    rows = party_rows(found)
    assert sum(float(r["total"]) for r in rows) == pytest.approx(0, abs=1)  # type: ignore[arg-type]
    assert {"lender", "treasury", "subdistrict", "maintenance_fund"} <= {r["party"] for r in rows}
    lines = line_years(scheme, "operator")
    assert sum(lines.values()) == pytest.approx(found.own)
    with pytest.raises(HutongError, match="no party"):
        line_years(scheme, "nobody")


def test_what_carries_the_years_is_named_with_its_limit(quarter: Quarter) -> None:
    scheme = quarter.plan.scheme("most_benefit")
    totals = {
        **scheme.totals,
        "income_concession_yuan": 5e5,
        "income_lease_yuan": 1e6,
        "income_mandate_yuan": 2e5,
        "income_common_yuan": 3e5,
    }
    found = {c.id: c for c in carriers(replace(scheme, totals=totals), quarter.rules)}
    assert found["concession"].limit == 30  # Beijing's 30 stand beside the national 40: the shorter holds
    assert not found["concession"].exceeds
    assert found["lease"].limit == 20
    assert found["state"].limit == 10
    assert found["state"].exceeds
    assert found["mandate"].limit is None
    assert "278" in found["common"].source.en
    words = carrier_lines(tuple(found.values()))
    assert any("renewed contract" in t.en for t in words)
    stake = at_stake(tuple(found.values()), 0.0)
    assert stake is not None
    assert "50%" in stake.en  # half of twenty equal years come after the tenth
    assert at_stake((found["lease"],), 0.06) is None
    assert "state" not in {c.id for c in carriers(replace(scheme, totals=totals), load_rules("shanghai"))}
    assert carriers(replace(scheme, totals={}), quarter.rules) == ()


def test_the_takings_of_a_scheme_are_those_of_its_lines(quarter: Quarter) -> None:
    for scheme in quarter.plan.schemes:
        flows = before_loan(scheme.flows)
        year = flows[flows["year"] == 2]
        got = year[(year["payee"] == "operator") & year["line"].isin(("income", "service_fee"))]["yuan"].sum()
        named = sum(scheme.totals[f"income_{c}_yuan"] for c in ("concession", "lease", "mandate"))
        assert named == pytest.approx(got, abs=len(scheme.choices))
        common = year[(year["payee"] == "owners") & (year["line"] == "income")]["yuan"].sum()
        assert scheme.totals["income_common_yuan"] == pytest.approx(common)
