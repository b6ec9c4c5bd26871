"""Contracts: drawn from a scheme, watched by the planner's own functions; assets over their life."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hutong.act.contracts import (
    Asset,
    Return,
    added,
    asset_machine,
    asset_table,
    band_lines,
    contract_machine,
    contract_text,
    draw_contract,
    planned_pace,
    read_assets,
    read_contract,
    read_returns,
    register,
    watch,
)
from hutong.act.machine import Deed
from hutong.act.standing import begin, live
from hutong.errors import HutongError
from hutong.plan import irr, npv
from hutong.plan.finance import annuity_factor
from hutong.plan.results import Certificate, Scheme
from hutong.plan.risk import LineYears, _pace
from hutong.rules import load_rules
from hutong.text import Text

RULES = load_rules("beijing")
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def scheme(income=150.0, years=20):
    """Works of 1,000 in year 0, then income less 40 of running costs for ``years`` years (thousand yuan)."""
    rows = [
        (0, "operator", "outside", 1_000_000.0, "works", "a"),
        (0, "lender", "operator", 5e5, "loan", "a"),
    ]
    for k in range(years):
        rows.append((1 + k, "outside", "operator", income * 1000, "income", "a"))
        rows.append((1 + k, "operator", "outside", 40_000.0, "running", "b"))
        rows.append((1 + k, "owners", "outside", 7.0, "running", "b"))
    flows = pd.DataFrame(rows, columns=["year", "payer", "payee", "yuan", "line", "object_id"])
    terms = {"concession_years": years, "return_low": 0.06, "return_high": 0.08, "surplus_share_owners": 0.5}
    none = Certificate("optimal", 0, 0, 0, 0, 0, ())
    totals = {"income_lease_yuan": income * 1000}
    return Scheme("s", Text("方案", "Scheme"), pd.DataFrame(), flows, totals, none, (), terms)


def terms(**kwargs):
    return draw_contract(scheme(**kwargs), RULES, "c1", 2026)


def actual(income, count, running=40_000):
    works = Return("2026", {"works": 1_000_000})
    return [works, *(Return(str(2027 + k), {"income": income, "running": running}) for k in range(count))]


def test_the_contract_is_the_schemes_money_before_the_loan():
    t = terms()
    assert set(t.plan["line"]) == {"works", "income", "running"}
    assert t.horizon == 21
    assert (t.extension_most, t.band_assumed) == (0, True)  # rooms are let for twenty years at most
    assert terms(years=15).extension_most == 5
    said = " ".join(c.en for c in t.clauses)
    assert "6.0%–8.0%" in said
    assert "assumption" in said
    assert "20 years" in said


def test_a_contract_is_read_back_to_the_same_bytes():
    text = contract_text(terms())
    assert contract_text(read_contract(text)) == text
    assert read_contract(text).digest == terms().digest
    assert terms(income=151.0).digest != terms().digest


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"hutong_contract": 2}', '{"hutong_contract": 1, "plan": []}']
)
def test_what_is_no_contract(text):
    with pytest.raises(HutongError, match="no contract file"):
        read_contract(text)


def test_as_planned_it_is_where_the_plan_is():
    """110 a year for 20 years on 1,000: IRR 9.07 %, above the band."""
    t = terms()
    band = watch(t, [], 2026)
    net = np.array([-1e6, *[110_000.0] * 20])
    assert np.allclose(band.net, net)
    assert band.standing == "above"
    assert band.irr.rate == pytest.approx(irr(net).rate)
    assert band.npv_high == pytest.approx(float(npv(0.08, net)))


def test_what_is_above_is_shared_so_that_the_high_return_is_left():
    """After two good years: what is shared in the 18 left brings the return to 8 % exactly."""
    t = terms(income=140.0)
    band = watch(t, actual(160_000, 2), 2029)
    assert band.standing == "above"
    assert band.years_left == 18
    total = sum(band.share.values())
    after = band.net.copy()
    after[3:] -= total
    assert float(npv(0.08, after)) == pytest.approx(0, abs=annuity_factor(0.08, 3, 18))  # whole yuan, up
    assert band.share["maintenance_fund"] == pytest.approx(total / 2, abs=1)
    assert any("owners" in line.en for line in band_lines(t, band))


def test_in_the_band_nothing_follows():
    t = terms(income=136.0)  # 96 a year: 7.2 %
    band = watch(t, actual(136_000, 3), 2030)
    assert (band.standing, sum(band.share.values()), band.extension) == ("in", 0, 0)
    assert len(band_lines(t, band)) == 1


def test_below_the_term_grows_by_the_years_that_are_needed():
    """Fewest years, against trying each by itself."""
    t = replace(terms(income=125.0, years=15), extension_most=15)
    band = watch(t, actual(120_000, 2), 2029)
    assert band.standing == "below"
    pace = planned_pace(t)
    assert pace == 85_000

    def worth(n):
        return float(npv(0.06, np.concatenate([band.net, np.full(n, pace)])))

    assert band.extension == next(n for n in range(1, 16) if worth(n) >= 0)
    longer = watch(t, actual(120_000, 2), 2029, added=band.extension)
    assert longer.standing == "in"
    assert longer.npv_low == pytest.approx(worth(band.extension))
    assert watch(replace(t, extension_most=1), actual(90_000, 2), 2029).extension is None


def test_the_pace_is_that_of_the_risk_draws():
    s = scheme()
    book = LineYears.of(s.flows[s.flows["line"] != "loan"])
    base = _pace(book, (), np.empty((1, 0)), "operator")
    assert planned_pace(terms()) == pytest.approx(base[0])


def test_a_year_that_was_not_reported_whole_is_unknown():
    t = terms()
    band = watch(t, actual(150_000, 1), 2029)
    assert (band.standing, band.missing) == ("unknown", (2028,))
    assert sum(band.share.values()) == 0
    assert band.extension == 0
    quarters = [Return(f"2028Q{q}", {"income": 37_500, "running": 10_000}) for q in range(1, 5)]
    assert watch(t, [*actual(150_000, 1), *quarters[:3]], 2029).missing == (2028,)
    whole = watch(t, [*actual(150_000, 1), *quarters], 2029)
    assert whole.missing == ()
    assert whole.net[2] == 110_000


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"period": "26", "income": "1"}, "write 2027"),
        ({"period": "2027", "luck": "1"}, "not known"),
        ({"period": "2027", "income": "1.5"}, "row 2"),
        ({"period": "2027", "income": "-1"}, "whole number"),
        ({"period": "2027", "income": "", "vacancy": "5"}, "no line of money"),
        ({"period": "2027", "income": "1", "vacancy": "101"}, "0 to 100"),
        ({"income": "1"}, "period is missing"),
    ],
)
def test_returns_that_do_not_fit(row, words):
    with pytest.raises(HutongError) as caught:
        read_returns(pd.DataFrame([row]))
    assert words in "\n".join(caught.value.rows)


def test_a_period_reported_twice():
    t = terms()
    for extra in (Return("2027", {"income": 1}), Return("2027Q1", {"income": 1})):
        with pytest.raises(HutongError, match="reported twice"):
            watch(t, [*actual(150_000, 1), extra], 2029)


def test_a_contract_names_the_version_that_it_was_drawn_from():
    plain, named = terms(), draw_contract(scheme(), RULES, "c1", 2026, ("S00001-2", "ab" * 32))
    assert "version" not in contract_text(plain)  # its bytes, and so its hash, are as they always were
    assert read_contract(contract_text(named)).version == "S00001-2"
    assert "S00001-2" in named.clauses[0].en
    assert "ab" * 32 in named.clauses[0].zh
    assert named.clauses[1:] == plain.clauses


def test_a_scheme_without_an_operation_has_no_contract():
    s = scheme()
    with pytest.raises(HutongError, match="Nothing is operated"):
        draw_contract(replace(s, flows=s.flows[s.flows["payer"] == "owners"]), RULES, "c", 2026)


def test_a_contract_is_extended_within_the_law_and_no_further():
    c = begin(contract_machine(), "c1", NOW, {"extension_most": 5})
    c = live(c, [Deed("publish", NOW, "office", {"document": "a"}), Deed("sign", NOW, "office", {"document": "b"}), Deed("start", NOW, "operator")])  # fmt: skip
    more = {"document": "x", "reason": "收入低于预期"}
    c = c.after(Deed("extend", NOW, "office", {"years": 3, **more}))
    assert added(c) == 3
    for years in (3, 0, -1):
        with pytest.raises(HutongError, match="extended by 5"):
            c.after(Deed("extend", NOW, "office", {"years": years, **more}))


# --- assets -------------------------------------------------------------------------------------------------------

ASSETS = (
    Asset("a1", "b1", "lift", dt.date(2020, 1, 1), 20, 400_000),
    Asset("a2", "b1", "insulation", dt.date(2004, 1, 1), 25, 100_000),
)


def test_the_register_by_hand():
    found = register(ASSETS, dt.date(2025, 1, 1))
    assert ASSETS[0].value(dt.date(2025, 1, 1)) == round(400_000 * (dt.date(2040, 1, 1) - dt.date(2025, 1, 1)).days / (dt.date(2040, 1, 1) - dt.date(2020, 1, 1)).days)  # fmt: skip
    assert found.yearly_yuan == 400_000 / 20 + 100_000 / 25
    assert [a.id for a in found.due] == ["a2"]
    assert ASSETS[0].warranty(RULES) == dt.date(2022, 1, 1)
    assert ASSETS[1].warranty(RULES) == dt.date(2009, 1, 1)
    assert ASSETS[1].value(dt.date(2050, 1, 1)) == 0


def test_a_cost_that_is_not_known_leaves_the_sums_unknown():
    found = register([*ASSETS, replace(ASSETS[0], id="a3", cost_yuan=None)], dt.date(2025, 1, 1))
    assert (found.value_yuan, found.yearly_yuan) == (None, None)


def test_assets_are_read_back():
    table = asset_table(ASSETS)
    assert read_assets(table) == ASSETS
    with pytest.raises(HutongError) as caught:
        read_assets(table.drop(columns="kind"))
    assert "kind is missing" in caught.value.rows[0]
    with pytest.raises(HutongError, match="does not fit"):
        read_assets(table.assign(made="soon"))
    with pytest.raises(HutongError, match="does not fit"):
        register([ASSETS[0], ASSETS[0]], dt.date(2025, 1, 1))


@pytest.mark.parametrize("table", [contract_machine(), asset_machine()])
def test_every_actor_acts_and_every_field_is_asked_for(table):
    assert {a for e in table.events.values() for a in e.by} == set(table.actors)
    assert {n for e in table.events.values() for n in e.needs} == set(table.fields)
