"""Three schemes: proved, checked, reconciled, and different for a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan import (
    BENEFITS,
    CHOICE_COLUMNS,
    FLOW_COLUMNS,
    PARTIES,
    Plan,
    explain,
    irr,
    make_plan,
    party_years,
)
from hutong.plan.acceptance import household_gains
from hutong.plan.desk import GAP
from hutong.plan.money import BUILDING, PUBLIC, before_loan
from hutong.sense.checkup import checkup

from .conftest import Quarter

IDS = ("least_cost", "balanced", "most_benefit")


def test_schemes_are_ordered_by_money_and_benefit(quarter: Quarter) -> None:
    plan = quarter.plan
    assert tuple(s.id for s in plan.schemes) == IDS
    public = [s.totals["public_yuan"] for s in plan.schemes]
    assert public[0] <= public[1] * 1.001 <= public[2] * 1.01
    benefit = [sum(s.totals[f"benefit_{b}"] for b in BENEFITS) for s in plan.schemes]
    assert benefit[0] <= benefit[1] * 1.02
    assert benefit[0] < benefit[2]
    lifted = [s.totals["alarms_lifted"] for s in plan.schemes]
    assert min(lifted) > 0


@pytest.mark.parametrize("name", IDS)
def test_a_scheme_breaks_no_rule_and_is_proved(quarter: Quarter, name: str) -> None:
    scheme = quarter.plan.scheme(name)
    assert scheme.violations == ()
    assert scheme.totals["unchecked_rules"] == 0
    assert scheme.certificate.status == "optimal"
    assert 0 <= scheme.certificate.gap <= GAP
    assert scheme.certificate.bound >= scheme.certificate.objective
    assert not scheme.choices["object_id"].duplicated().any()


@pytest.mark.parametrize("name", IDS)
def test_money_reconciles(quarter: Quarter, name: str) -> None:
    scheme = quarter.plan.scheme(name)
    flows, totals = scheme.flows, scheme.totals
    assert tuple(flows.columns) == FLOW_COLUMNS
    assert tuple(scheme.choices.columns) == CHOICE_COLUMNS
    assert (flows["yuan"] > 0).all()
    assert set(flows["payer"]) | set(flows["payee"]) <= set(PARTIES)
    assert np.abs(party_years(flows).sum(axis=0)).max() < 1e-3
    build = flows[flows["line"].isin(BUILDING)]
    for key, payer in (
        ("city_yuan", "city"),
        ("district_yuan", "district"),
        ("subdistrict_yuan", "subdistrict"),
        ("maintenance_fund_yuan", "maintenance_fund"),
        ("operator_yuan", "operator"),
        ("owner_unit_yuan", "owner_unit"),
    ):
        assert totals[key] == build.loc[build["payer"] == payer, "yuan"].sum()
    assert totals["public_yuan"] == sum(totals[f"{p}_yuan"] for p in PUBLIC)
    owners = build.loc[build["payer"] == "owners", "yuan"].sum()
    assert totals["owner_yuan"] == owners + totals["maintenance_fund_yuan"]
    net = before_loan(flows)
    assert not {"lender"} & (set(net["payer"]) | set(net["payee"]))
    lent = flows.loc[flows["line"] == "loan", "yuan"].sum()
    assert lent == pytest.approx(flows.loc[flows["line"] == "repayment", "yuan"].sum())
    assert lent == pytest.approx(0.6 * totals["operator_yuan"], abs=len(scheme.choices))
    tax = party_years(flows).loc["treasury"].to_numpy()
    assert (tax >= -1).all()  # over the unit no more is deducted than is due
    assert (tax[2:] > 0).all() or not lent
    assert totals["public_yuan"] == pytest.approx(scheme.choices["public_yuan"].sum())
    assert totals["capital_yuan"] == pytest.approx(scheme.choices["capital_yuan"].sum())
    surrender = flows[flows["line"].str.startswith("surrender")]
    assert set(surrender["payer"]) <= {"city", "district"}
    assert totals["surrender_yuan"] == surrender["yuan"].sum()


@pytest.mark.parametrize("name", IDS)
def test_the_band_holds_when_the_return_is_computed_afterwards(quarter: Quarter, name: str) -> None:
    scheme = quarter.plan.scheme(name)
    operator = party_years(before_loan(scheme.flows)).loc["operator"].to_numpy()
    if not operator.any():
        assert scheme.totals["operator_yuan"] == 0
        return
    rate = irr(operator)
    assert rate.flag == "unique"
    assert scheme.terms["return_low"] - 1e-6 <= rate.rate <= scheme.terms["return_high"] + 1e-6
    assert rate.rate == pytest.approx(scheme.totals["operator_irr"])


def test_common_parts_never_pay_the_operator(quarter: Quarter) -> None:
    for scheme in quarter.plan.schemes:
        parking = scheme.choices[scheme.choices["package"].isin(["parking", "charging", "parking+charging"])]
        flows = scheme.flows[scheme.flows["object_id"].isin(parking["object_id"])]
        assert "operator" not in set(flows["payee"])


def test_nobody_is_left_worse_off(quarter: Quarter) -> None:
    o = quarter.options
    for scheme in quarter.plan.schemes:
        key = dict(
            zip(
                zip(
                    quarter.plan.options["object_id"],
                    quarter.plan.options["package"],
                    quarter.plan.options["offer"],
                    strict=True,
                ),
                range(len(o)),
                strict=True,
            )
        )
        net: dict[tuple[int, int], float] = {}
        for row in scheme.choices.itertuples():
            option = key[(row.object_id, row.package, row.offer)]
            members = (
                np.flatnonzero(o.objects.estate == o.object[option])
                if row.object_kind == "estate"
                else [o.object[option]]
            )
            for member in members:
                for tenure, value in enumerate(o.answer.net_yuan[option]):
                    net[(int(member), tenure)] = net.get((int(member), tenure), 0.0) + float(
                        np.nan_to_num(value)
                    )
        homes = o.objects.households
        for place, tenure in set(zip(homes.object.tolist(), homes.tenure.tolist(), strict=True)):
            assert net.get((place, tenure), 0.0) >= -1.0


def test_the_same_seed_gives_the_same_plan(quarter: Quarter) -> None:
    again = make_plan(quarter.city, quarter.check, quarter.rules, seed=1)
    for first, second in zip(quarter.plan.schemes, again.schemes, strict=True):
        pd.testing.assert_frame_equal(first.choices, second.choices)
        pd.testing.assert_frame_equal(first.flows, second.flows)
        assert first.certificate == second.certificate
    assert again.assumptions == quarter.plan.assumptions


def test_a_budget_is_kept_and_too_small_a_one_is_explained(quarter: Quarter) -> None:
    least = quarter.plan.scheme("least_cost").totals
    budget = {"city": least["city_yuan"] * 1.2, "district": least["district_yuan"] * 1.2}
    seen: list[int] = []
    plan = make_plan(
        quarter.city,
        quarter.check,
        quarter.rules,
        budget=budget,
        progress=lambda done, _total, _what: seen.append(done),
    )
    assert seen == list(range(7))
    assert plan.budget == budget
    assert quarter.plan.budget is None
    for scheme in plan.schemes:
        assert scheme.totals["city_yuan"] <= budget["city"] + 1
        assert scheme.totals["district_yuan"] <= budget["district"] + 1
    with pytest.raises(HutongError) as caught:
        make_plan(quarter.city, quarter.check, quarter.rules, budget=least["public_yuan"] * 0.3)
    assert caught.value.code == "infeasible"
    assert "short by" in caught.value.render("en")
    assert any("budget" in r or "alarm" in r for r in caught.value.rows)


@pytest.mark.parametrize("budget", [-1.0, float("nan"), {"province": 5.0}])
def test_an_unusable_budget(quarter: Quarter, budget: object) -> None:
    with pytest.raises(HutongError) as caught:
        make_plan(quarter.city, quarter.check, quarter.rules, budget=budget)  # type: ignore[arg-type]
    assert caught.value.code == "bad-budget"


def without(city: City, keep: np.ndarray) -> City:
    """Return the city with only the dwellings marked."""
    dwellings = city["dwellings"][keep].reset_index(drop=True)
    tables = {**city.tables, "dwellings": dwellings, "titles": city["titles"].iloc[:0]}
    return City.build(city.meta, tables, city.provenance)


def test_a_city_without_courtyards(rules: object, quarter: Quarter) -> None:
    form = quarter.city["buildings"]["form"].astype(str).to_numpy()
    city = without(quarter.city, form[quarter.city.positions("dwellings", "building_id")] != "courtyard")
    plan = make_plan(city, checkup(city, quarter.rules), quarter.rules)
    assert plan.scheme("balanced").totals["benefit_cultural"] == 0
    assert len(plan.scheme("balanced").choices) > 0
    assert "courtyard" not in set(plan.options["object_kind"])


def test_a_city_without_homes_has_empty_schemes_and_says_so(quarter: Quarter) -> None:
    city = without(quarter.city, np.zeros(len(quarter.city["dwellings"]), bool))
    plan = make_plan(city, checkup(city, quarter.rules), quarter.rules)
    assert all(len(s.choices) == 0 and len(s.flows) == 0 for s in plan.schemes)
    assert plan.scheme("balanced").totals["public_yuan"] == 0
    assert any("没有可提供的备选项" in a.zh for a in plan.assumptions)
    assert plan.scheme("balanced").violations == ()


def test_a_city_without_estates(quarter: Quarter) -> None:
    plots = quarter.city["plots"].assign(
        estate_id=pd.Series(np.nan, index=quarter.city["plots"].index, dtype="object")
    )
    tables = {**quarter.city.tables, "plots": plots, "estates": quarter.city["estates"].iloc[:0]}
    city = City.build(
        quarter.city.meta, tables, {k: v for k, v in quarter.city.provenance.items() if k != "estates"}
    )
    plan = make_plan(city, checkup(city, quarter.rules), quarter.rules)
    assert "estate" not in set(plan.options["object_kind"])
    assert any("known estate" in a.en for a in plan.assumptions)
    blocks = plan.options[plan.options["object_kind"] == "block"]
    assert set(blocks["object_id"]) <= set(city["blocks"]["block_id"])
    assert (blocks["package"].str.contains("estate_environment")).any()
    assert "block" in set(plan.scheme("most_benefit").choices["object_kind"])


def test_unknown_conditions_are_not_repaired(quarter: Quarter) -> None:
    columns = [
        "cond_structure",
        "cond_envelope",
        "cond_pipes",
        "cond_fire",
        "cond_access",
        "pipe_year",
        "floor_area_m2",
    ]
    buildings = quarter.city["buildings"].copy()
    buildings[columns] = np.nan
    city = replace(quarter.city, tables={**quarter.city.tables, "buildings": buildings})
    plan = make_plan(city, checkup(city, quarter.rules), quarter.rules)
    used = set("+".join(plan.options["package"]).split("+"))
    assert not used & {
        "repair_common",
        "seismic_retrofit",
        "pipes",
        "fire_safety",
        "courtyard_repair",
        "rebuild_in_place",
    }


def test_explanations_name_measures_money_and_people(quarter: Quarter) -> None:
    plan = quarter.plan
    chosen = plan.scheme("balanced").choices
    for object_id in chosen["object_id"]:
        text = explain(plan, "balanced", object_id)
        assert "options were open" in text.en
        assert "公共资金" in text.zh
    left = set(plan.options["object_id"]) - set(plan.scheme("least_cost").choices["object_id"])
    for object_id in sorted(left)[:2]:
        assert "leaves it as it is" in explain(plan, "least_cost", object_id).en


@pytest.mark.parametrize(
    ("scheme", "thing", "code"), [("best", "x", "unknown-scheme"), ("balanced", "x", "unknown-object")]
)
def test_explaining_what_is_not_there(quarter: Quarter, scheme: str, thing: str, code: str) -> None:
    with pytest.raises(HutongError) as caught:
        explain(quarter.plan, scheme, thing)
    assert caught.value.code == code
    near = caught.value.hint.en
    assert any(word in near for word in (*quarter.plan.options["object_id"], "balanced"))


def test_an_object_that_is_nearly_right_is_named(quarter: Quarter) -> None:
    object_id = str(quarter.plan.options["object_id"].iloc[0])
    with pytest.raises(HutongError) as caught:
        explain(quarter.plan, "balanced", object_id.upper() + "x")
    assert object_id in caught.value.hint.zh
    name = str(quarter.plan.options["name"].iloc[-1])
    with pytest.raises(HutongError) as caught:
        explain(quarter.plan, "balanced", name)
    if name != str(quarter.plan.options["object_id"].iloc[-1]):
        assert str(quarter.plan.options["object_id"].iloc[-1]) in caught.value.hint.en


def test_who_leaves_stands_apart_from_the_common_vote(quarter: Quarter) -> None:
    options = quarter.plan.options
    surrender = options["package"].str.contains("lease_surrender")
    assert (options["leaving"].notna() == surrender).all()
    assert options.loc[surrender, "leaving"].between(0, 1).all()
    assert options["acceptance"].between(0, 1).all()
    assert (options.loc[surrender, "acceptance"] != options.loc[surrender, "leaving"]).any()


def test_empty_homes_gain_nothing(quarter: Quarter) -> None:
    homes = quarter.objects.households
    empty = ~homes.occupied
    assert empty.any()
    assert (household_gains(quarter.objects, quarter.plan.measures)[empty] == 0).all()
    assert (homes.residents[empty] == 0).all()
    assert not (homes.may_surrender & empty).any()


def test_the_notes_begin_with_what_holds_by_construction(quarter: Quarter) -> None:
    notes = quarter.plan.assumptions
    assert "by construction" in notes[0].en
    joined_zh, joined_en = "".join(n.zh for n in notes), " ".join(n.en for n in notes)
    assert "20 years" in joined_en
    assert "20 年" in joined_zh
    for raw in ("yuan/m2", "ratio", " m2/", "DESIGN", "facts §", "assumption"):
        assert raw not in joined_zh.replace("acceptance", "")
    assert "报警" not in joined_zh


def test_sources_are_told_in_both_languages(quarter: Quarter) -> None:
    for scheme in quarter.plan.schemes:
        for row in scheme.certificate.binding:
            assert row.source.zh
            assert row.source.en
            assert "DESIGN" not in row.source.zh + row.source.en
    for measure in quarter.plan.measures:
        assert "facts" not in measure.source.en
        assert ("假设" in measure.source.zh) == ("assumption" in measure.source.en)


def test_magnitudes_are_those_of_the_trade(quarter: Quarter) -> None:
    """Works cost what comprehensive renovation costs; homes get a few ten or hundred thousand yuan each."""
    for scheme in quarter.plan.schemes:
        totals = scheme.totals
        assert 200 < totals["capital_yuan"] / totals["floor_before_m2"] < 6000
        assert 10_000 < totals["capital_yuan"] / max(totals["dwellings_helped"], 1) < 600_000
        assert totals["owner_yuan"] < 0.3 * totals["capital_yuan"]
        assert totals["floor_after_m2"] <= totals["floor_before_m2"] + 1
        assert 0.8 <= totals["consent_expected"] <= 1


@pytest.mark.shared
def test_a_real_neighbourhood(shared: Path, rules: object) -> None:
    from hutong.city.complete import complete
    from hutong.city.osm import read_osm

    path = shared / "data" / "osm_beijing_cau" / "beijing_haidian_cau.osm"
    city = complete(read_osm(path, name="cau"), seed=1, district="110108")
    plan: Plan = make_plan(city, checkup(city, rules), rules)  # type: ignore[arg-type]
    for scheme in plan.schemes:
        assert scheme.violations == ()
        assert len(scheme.choices) > 50
        assert scheme.certificate.gap <= 0.01
