"""Ways out: what buyers pay is worth their yield to them, and every yuan of it has two sides."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.refinance import load_refinancing, way_out, ways_out
from hutong.plan.results import PARTIES

from .money_case import flow_table, make_scheme


@pytest.mark.parametrize("option", ["abs", "reit"])
def test_a_sale_leaves_nothing_and_pays_the_buyers_their_yield(option: str) -> None:
    out = way_out(make_scheme(), option, 5, first_year=2026)
    years = party_years(out.flows)
    assert out.year == 6
    assert out.date == "2032"
    assert np.abs(years.loc["operator"].to_numpy()[7:]).max() < 1e-6
    plan = party_years(flow_table()).loc["operator"].to_numpy()
    assert out.proceeds_yuan == pytest.approx(out.terms.share * npv(out.terms.rate, np.r_[0.0, plan[7:]]))
    assert years.loc["operator"].to_numpy()[6] == pytest.approx(plan[6] + out.proceeds_yuan)
    assert np.abs(years.sum(axis=0)).max() < 1e-6
    bought = np.r_[-out.proceeds_yuan / out.terms.share, plan[7:]]
    assert irr(bought).rate == pytest.approx(out.terms.rate)
    assert "2032" in out.text.en
    assert "U:" in out.text.en


def test_a_pledge_is_repaid_from_the_income() -> None:
    out = way_out(make_scheme(), "pledge", 1)
    with_it, plan = (party_years(f).loc["operator"].to_numpy() for f in (out.flows, flow_table()))
    assert npv(out.terms.rate, with_it) == pytest.approx(
        npv(out.terms.rate, plan)
    )  # a loan at its own rate is worth 0
    assert (with_it - plan)[out.year] == pytest.approx(out.proceeds_yuan)
    assert ((with_it - plan)[out.year + 1 : out.year + 1 + out.terms.years] < 0).all()
    assert (with_it - plan)[out.year + 1 + out.terms.years :] == pytest.approx(0)
    assert set(out.flows["payer"]) <= set(PARTIES)


def test_a_refinancing_never_touches_another_party() -> None:
    plan = party_years(flow_table())
    for out in ways_out(make_scheme(), 4):
        years = party_years(out.flows)
        for party in ("city", "district", "owners", "tenants", "owner_unit"):
            assert years.loc[party].to_numpy() == pytest.approx(plan.loc[party].to_numpy())


def test_too_early_unknown_or_too_late_is_said() -> None:
    for option, year, code in (
        ("reit", 1, "too-early"),
        ("bond", 5, "unknown-refinancing"),
        ("abs", 20, "nothing-left"),
    ):
        with pytest.raises(HutongError) as caught:
            way_out(make_scheme(), option, year)
        assert caught.value.code == code
    assert [w.terms.id for w in ways_out(make_scheme(), 2)] == ["pledge", "abs"]
    assert [w.year for w in ways_out(make_scheme())] == [1 + t.earliest for t in load_refinancing().values()]
    assert ways_out(make_scheme(flows=flow_table(income=1.0))) == ()
