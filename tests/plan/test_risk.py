"""Risk: conservation, a plain loop beside the matrix, caps, and what follows for band, term and break-even."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.money import Calendar, before_loan
from hutong.plan.results import PARTIES
from hutong.plan.risk import LineYears, party_flows, simulate
from hutong.plan.risk_data import Risk, Risks, load_risks
from hutong.plan.sensitivity import (
    band_clauses,
    band_terms,
    break_even,
    concession_needed,
    risk_lines,
    risk_table,
    tornado,
)
from hutong.text import Text

from .conftest import Quarter
from .money_case import amounts_of, flow_table, make_scheme

BOOK = LineYears.of(flow_table())
WORDS = Text("甲", "a")


def risk(name: str, kind: str, lines: tuple[str, ...], **kw: object) -> Risk:
    shape = kw.pop("shape", {"low": -0.5, "mode": 0.0, "high": 3.0})
    return Risk(name, WORDS, kind, lines, "operator", shape, WORDS, WORDS, "U", **kw)  # type: ignore[arg-type]


OPERATION = ("income", "running", "lease", "renewal")


def test_lines_by_years_keep_every_yuan() -> None:
    flows = flow_table()
    assert BOOK.yuan.sum() == pytest.approx(flows["yuan"].sum())
    table = party_years(flows)
    for party in PARTIES:
        assert (BOOK.sign(party) @ BOOK.yuan) == pytest.approx(table.loc[party].to_numpy())


def test_as_planned_is_the_scheme() -> None:
    risks = load_risks()
    for party in PARTIES:
        flows = party_flows(BOOK, risks.risks, risks.planned[None, :], party)[0]
        assert flows[:22] == pytest.approx(party_years(flow_table()).loc[party].to_numpy())
        assert not flows[22:].any()


def test_every_year_adds_up_to_zero_in_every_draw() -> None:
    risks = load_risks()
    values = risks.draw(300, 5)
    values[:20, [r.id for r in risks].index("termination")] = np.linspace(0, 19, 20)
    total = sum(party_flows(BOOK, risks.risks, values, p) for p in PARTIES)
    assert np.abs(total).max() < 1e-6


def test_a_planned_scheme_keeps_every_yuan_in_every_draw(quarter: Quarter) -> None:
    """Taxes, fees and rent that follow what they rest on have two sides too, under caps, delay and early end."""
    risks = load_risks()
    values = risks.draw(200, 6)
    values[:20, [r.id for r in risks].index("termination")] = np.linspace(0, 19, 20)
    for scheme in quarter.plan.schemes:
        book = LineYears.of(before_loan(scheme.flows))
        total = sum(party_flows(book, risks.risks, values, p) for p in PARTIES)
        assert np.abs(total).max() < 1e-9 * book.yuan.sum()


def test_taxes_follow_what_they_rest_on_up_to_the_cap() -> None:
    flows = flow_table()
    tax = flows[flows["line"] == "lease"].assign(payee="treasury", line="cit_income", yuan=60_000.0)
    book = LineYears.of(pd.concat([flows, tax], ignore_index=True))
    risks = (risk("vacancy", "level", ("income",), cap=0.2, beyond="district"),)
    paid = party_flows(book, risks, np.array([[-0.1], [-0.5], [0.1]]), "treasury")[:, 5]
    assert paid == pytest.approx([54_000, 48_000, 66_000])


def by_loop(values: dict[str, float]) -> np.ndarray:
    """Return the operator's flow year by year, as the table of risks says it in words."""
    out = np.zeros(24)
    works, running, lease = 2e6, -150e3, -40e3
    over = min(values["overrun"], 0.1)
    for year in (0, 1):
        out[year] = -works * (1 + over)
    begin = 2 + values["delay"]
    end = min(22 + max(values["delay"] - 1, 0), 2 + values["end"])
    for year in range(2, 24):
        part = max(min(year + 1, end) - max(year, begin), 0)
        made_up = 600e3 * max(-values["vacancy"] - 0.2, 0)
        share = (
            1 + max(values["vacancy"], -0.2) + values["rent"]
        )  # rent is a share of income, and falls no further
        flow = 600e3 * (1 + values["vacancy"] + values["rent"]) + made_up + running + lease * share
        if year == 12:
            flow -= 350e3
        out[year] = flow * part
    if values["end"] < 20:
        out[int(2 + values["end"])] += 4e6 * (1 - values["end"] / 20) * 0.7
    return out


@pytest.mark.parametrize(
    "values",
    [
        {"overrun": 0.05, "delay": 0.5, "vacancy": -0.1, "rent": 0.05, "end": np.inf},
        {"overrun": 0.25, "delay": 1.7, "vacancy": -0.25, "rent": -0.1, "end": np.inf},
        {"overrun": -0.05, "delay": 0.0, "vacancy": 0.02, "rent": 0.0, "end": 7.4},
    ],
)
def test_flows_equal_a_plain_loop(values: dict[str, float]) -> None:
    risks = (
        risk("overrun", "level", ("works",), cap=0.1, beyond="district"),
        risk("delay", "delay", OPERATION, cap=1.0, beyond="extension"),
        risk("vacancy", "level", ("income",), cap=0.2, beyond="district"),
        risk("rent", "level", ("income",)),
        risk("end", "stop", OPERATION, cap=0.3, beyond="district", shape={"per_year": 0.01}),
    )
    row = np.array([[values[r.id] for r in risks]])
    assert party_flows(BOOK, risks, row, "operator")[0] == pytest.approx(by_loop(values))


def test_a_delay_prolongs_temporary_rent() -> None:
    risks = (risk("delay", "delay", OPERATION, prolongs=("temporary_rent",)),)
    late = party_flows(BOOK, risks, np.array([[0.0], [1.0]]), "tenants").sum(axis=1)
    assert late[1] == pytest.approx(1.5 * late[0])


def test_simulation_is_seeded_and_its_measures_are_those_of_the_draws() -> None:
    scheme = make_scheme()
    result = simulate(scheme, draws=3000, seed=4)
    again = simulate(scheme, draws=3000, seed=4)
    assert (result.npv == again.npv).all()
    assert (result.npv != simulate(scheme, draws=3000, seed=5).npv).any()
    assert sum(result.shares.values()) == pytest.approx(1)
    known = ~np.isnan(result.irr)
    inside = known & (result.irr >= 0.06) & (result.irr <= 0.08)
    assert result.shares["in_band"] == inside.mean()
    assert (result.npv[known & (result.irr > 0.0601)] > 0).all()
    operator = party_years(scheme.flows).loc["operator"].to_numpy()
    assert result.planned_irr == pytest.approx(irr(operator).rate)
    assert result.planned_npv == pytest.approx(npv(0.06, operator))
    assert result.cvar() == pytest.approx(np.sort(result.npv)[:150].mean())
    assert result.cvar() <= result.quantiles()[0]
    assert list(result.others.index) == [p for p in PARTIES if p not in ("lender", "outside")]
    for share in (0.5, 0.8):
        lifted = result.npv + result.needed(share)
        assert (lifted >= -1e-6).mean() == pytest.approx(share, abs=0.001)
    words = risk_lines(result)
    assert "3,000 draws" in words[0].en
    assert "假设" in words[-1].zh
    broken = replace(result, irr=np.where(np.arange(3000) < 300, np.nan, result.irr))
    assert any("10.0%" in t.en for t in risk_lines(broken))


def test_caps_help_the_bearer_and_cost_the_other() -> None:
    table = load_risks()
    bare = Risks(tuple(replace(r, cap=np.inf, beyond="") for r in table), table.correlation)
    capped, open_end = (simulate(make_scheme(), risks=t, draws=2000) for t in (table, bare))
    assert capped.cvar() > open_end.cvar()
    assert capped.others.loc["district", "mean"] < open_end.others.loc["district", "mean"]


def test_terms_of_the_band_share_above_and_extend_below() -> None:
    still = Risks(
        (risk("rent", "level", ("income",), shape={"low": -0.1, "mode": 0.0, "high": 0.3}),), np.eye(1)
    )
    result = simulate(make_scheme(flows=flow_table(income=540)), risks=still, draws=400)
    assert result.pace == pytest.approx(504e3 * (1 + still.draw(400, 1)[:, 0]) - 150e3)
    terms = band_terms(result, 5)
    by_hand = 0
    for pace in result.pace:
        flow = np.r_[-2e6, -2e6, np.full(25, pace)]
        flow[12] -= 350e3
        by_hand += bool(npv(0.06, flow) >= 0 > npv(0.06, flow[:22]))
    assert terms.lifted == by_hand / 400
    assert terms.lifted > 0
    assert terms.above == result.shares["above"]
    assert terms.surplus_yuan > 0
    assert terms.lifted + terms.still_below == pytest.approx(result.shares["below"])
    assert band_terms(result, 0).lifted == 0
    assert "5 years" in band_clauses(terms)[1].en
    gone = Risks((risk("end", "stop", OPERATION, shape={"per_year": 0.9}),), np.eye(1))
    ended = simulate(make_scheme(), risks=gone, draws=100)
    assert not ended.pace.any()
    assert band_terms(ended, 10).lifted == 0


def test_tornado_ranks_and_holds_the_rest_as_planned() -> None:
    table = tornado(make_scheme())
    assert (np.diff(table["swing"]) <= 0).all()
    planned = simulate(make_scheme(), draws=10).planned_npv
    rows = table.set_index("risk")
    assert rows.loc["rent", "npv_low"] < planned < rows.loc["rent", "npv_high"]
    assert rows.loc["running", "npv_low"] > planned > rows.loc["running", "npv_high"]
    alone = flow_table(income=600 * (1 + rows.loc["rent", "low_value"]))
    operator = party_years(alone).loc["operator"].to_numpy()
    assert rows.loc["rent", "npv_low"] == pytest.approx(npv(0.06, operator))


def test_break_even_levels_make_the_value_zero() -> None:
    table = break_even(make_scheme()).set_index("line")
    level = table.loc["income", "level"]
    operator = party_years(flow_table(income=600 * level)).loc["operator"].to_numpy()
    assert npv(0.06, operator) == pytest.approx(0, abs=1e-3)
    works = party_years(flow_table(scale=table.loc["works", "level"])).loc["operator"].to_numpy()
    assert npv(0.06, works) == pytest.approx(0, abs=1e-3)
    assert "temporary_rent" not in table.index
    poor = break_even(make_scheme(flows=flow_table(income=1.0))).set_index("line")
    assert np.isnan(poor.loc["running", "level"])
    assert "lease" not in table.index  # a share of the income moves with it


def test_term_needed_for_the_band() -> None:
    scheme = make_scheme()
    term = concession_needed(scheme, Calendar(20), longest=30)
    assert term.planned == 20

    def rate(years: int) -> float:
        flow = np.r_[-2e6, -2e6, np.full(years, 410e3)]
        flow[12::10] -= 350e3  # not in the last year or later: nobody replaces what is given up
        return irr(flow).rate

    assert term.least is not None
    assert rate(term.least) >= 0.06 > rate(term.least - 1)
    assert term.most is not None
    assert rate(term.most) <= 0.08 < rate(term.most + 1)
    assert concession_needed(scheme, Calendar(20), longest=30, level=0.5).least is None
    rich = make_scheme(flows=flow_table(income=9000), amounts=amounts_of(income=9000))
    assert concession_needed(rich, Calendar(20), longest=30).most is None
    for unknown in (make_scheme(flows=flow_table()), make_scheme(amounts=amounts_of(income=601))):
        with pytest.raises(HutongError) as caught:
            concession_needed(unknown, Calendar(20), longest=30)
        assert caught.value.code == "no-amounts"


def test_the_table_of_risks_is_said_and_marked() -> None:
    rows = risk_table()
    assert {row["mark"].en for row in rows} == {"U"}
    assert [row["title"].en for row in rows if row["cap"].en == "no cap"] == [
        "Level of rents",
        "Collection of fees (change of fees)",
        "Running cost",
    ]
    by_title = {row["title"].en: row for row in rows}
    assert by_title["Delay of opening"]["cap"].zh == "1.0 年"
    assert by_title["Early termination"]["spread"].en == "1.0% a year"
    assert by_title["Cost overrun"]["beyond"].zh == "区级财政"


def test_a_broken_table_names_every_entry(tmp_path: Path) -> None:
    good = "title: {zh: 甲, en: a}, trigger: {zh: 甲, en: a}, source: {zh: 甲, en: a}, confidence: U"
    bad = tmp_path / "risks.yaml"
    bad.write_text(
        "version: 1\nrisks:\n"
        f"  a: {{kind: lvl, lines: [works], bearer: outside, shape: {{low: 1, mode: 0, high: 2}}, {good}, cap: -1}}\n"
        f"  b: {{kind: stop, lines: [works], bearer: operator, shape: {{low: 0, mode: 0, high: 2}}, {good}}}\n"
        f"  c: {{kind: level, lines: [income], bearer: operator, shape: {{low: -0.9, mode: 0, high: 2}}, {good}}}\n"
        f"  d: {{kind: level, lines: [income], bearer: operator, shape: {{low: -0.9, mode: 0, high: 2}}, {good}}}\n"
        f"  e: {{kind: delay, lines: [income], bearer: operator, shape: {{low: -1, mode: 0, high: 2}}, {good}, cap: 1, beyond: district}}\n"
        "  f: {kind: level, colour: red}\n"
        f"  g: {{kind: stop, lines: [works], bearer: operator, shape: {{per_year: 2}}, {good}}}\n"
        "correlations: [{between: [c, z], rank: 0.2}]\n",
        "utf-8",
    )
    with pytest.raises(HutongError) as caught:
        load_risks(bad)
    assert caught.value.code == "invalid-catalogue"
    text = "\n".join(caught.value.rows)
    for words in ("a: kind lvl", "bearer outside", "cap and beyond", "b: shape", "income: -1.80", "e: beyond district", "at least 0", "f: colour", "per_year 2", "c, z"):  # fmt: skip
        assert words in text, words
