"""The rules that held on a date, nearest authority first."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import Parameter, counts, jurisdictions, load_rules

RULES = load_rules("beijing")
HEAD = "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Own}\nchecked: 2027-01-01\nparameters:\n"


def own(tmp_path, body: str, head: str = HEAD) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(head + body, "utf-8")
    return path


@pytest.mark.parametrize("name", jurisdictions())
def test_every_parameter_has_a_source_or_is_marked_an_assumption(name):
    rules = load_rules(name)
    for p in rules:
        assert p.unit
        assert p.title.zh
        assert p.title.en
        if p.assumed:
            assert p.note is not None
            assert p.note.zh.startswith(("假设", "设计取值")), p.id
            assert p.note.en.startswith(("Assumption", "Design choice")), p.id
        else:
            assert p.source, p.id
    n = counts(rules)
    assert n.sourced + n.assumed == len(rules) == sum(n.by_confidence.values())
    row = [
        name,
        rules.title.zh,
        len(rules),
        n.sourced,
        n.assumed,
        *(n.by_confidence[c] for c in ("D", "D-", "K")),
    ]
    docs = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    assert f"| {' | '.join(map(str, row))} |" in docs, "docs/rules.md prints other counts"


@pytest.mark.parametrize(
    ("parameter", "value", "confidence", "article"),
    [
        ("vote.quorum.area", Fraction(2, 3), "D", "第278条"),
        ("vote.quorum.heads", Fraction(2, 3), "D", "第278条"),
        ("vote.special.area", Fraction(3, 4), "D", "第278条"),
        ("vote.special.heads", Fraction(3, 4), "D", "第278条"),
        ("vote.ordinary.area", Fraction(1, 2), "D", "第278条"),
        ("vote.ordinary.heads", Fraction(1, 2), "D", "第278条"),
        ("vote.unanimous.heads", Fraction(1), "D", "第279条"),
        ("vote.notice_days", 15, "D", "第35条"),
        ("scheme.publicity_working_days", 15, "K", "条次待核"),
        ("signing.mediation_trigger", Fraction(19, 20), "D", "条次待核"),
        ("signing.mediation_trigger_public", Fraction(19, 20), "K", "条次待核"),
        ("signing.rebuild_min", Fraction(9, 10), "U", ""),
        ("presigning.threshold", Fraction(3, 4), "D", "2017年公告"),
        ("unit.demolition_share_max", 0.20, "D", "原则要求（条次待核）"),
        ("unit.new_to_demolished_max", 2.0, "D", "第一条"),
        ("unit.local_rehousing_min", 0.50, "D", "第一条"),
        ("unit.rent_growth_max", 0.05, "D", "第一条"),
        ("far.bonus_max", 0.0, "U", ""),
        ("old_city.demolition_allowed", False, "D", "“老城不能再拆”"),
        ("rebuild.household_increase_allowed", False, "D", "条次待核"),
        ("reserved_land.building_allowed", False, "K", "战略留白"),
        ("operator.return_low", 0.06, "U", ""),
        ("operator.return_high", 0.08, "U", ""),
        ("finance.interest_subsidy_years_max", 5, "D", "条次待核"),
        ("finance.interest_subsidy_rate_max", 0.02, "D", "条次待核"),
        ("concession.years_max", 30, "D", "第13条"),
        ("lift.subsidy_yuan", 640_000, "K", "年度标准待核"),
        ("request.emergency_hours_max", 2, "D", "条次待核"),
        ("request.utility_hours_max", 24, "D", "条次待核"),
        ("request.general_days_max", 7, "D", "条次待核"),
        ("request.complex_days_max", 15, "D", "条次待核"),
        ("facility.elderly_care.floor_min_m2", 350, "K", "附表"),
        ("access.speed_elder_m_min", 60, "D-", ""),
        ("access.speed_m_min", 80, "D-", ""),
        ("carbon.grid_kg_per_kwh", 0.5580, "D", "附表（未见原件）"),
        ("carbon.heat_t_per_gj", 0.11, "D-", ""),
        ("carbon.gas_kg_per_m3", 2.16, "D", ""),
        ("carbon.embodied.rebuild_high", 550, "U", ""),
        ("pipe.gas_age_max_years", 20, "D", "指标2"),
        ("remedy.reconsideration_days", 60, "D", "第20条"),
        ("remedy.suit_months", 6, "D-", "第46条"),
        ("remedy.enforcement_demand_days", 10, "D", "第54条、第69条"),
        ("expropriation.comment_days_min", 30, "D", "第10条"),
        ("heritage.historic.demolition_allowed", False, "D", "第33条、第34条"),
        ("unit.land_growth_allowed", False, "D", "第6条、第24条"),
        ("tax.community_service_relief", False, "K", "执行期至2025-12-31"),
    ],
)
def test_figures_as_documented(parameter, value, confidence, article):
    p = RULES[parameter]
    assert (p.value, p.confidence, p.article) == (value, confidence, article)
    assert type(p.value) is type(value)


@pytest.mark.parametrize(
    ("city", "parameter", "value", "basis", "confidence"),
    [
        ("shanghai", "willingness.apply_min", Fraction(9, 10), "households", "K"),
        ("shanghai", "presigning.threshold", Fraction(4, 5), "households", "K"),
        ("shanghai", "signing.rebuild_min", Fraction(19, 20), "tenants", "D"),
        ("shanghai", "signing.mediation_trigger_public", Fraction(19, 20), "tenants", "D"),
        ("shenzhen", "willingness.apply_min", Fraction(19, 20), "heads", "K"),
        ("shenzhen", "willingness.apply_min_area", Fraction(19, 20), "area", "K"),
        ("shenzhen", "willingness.other_min_area", Fraction(2, 3), "area", "D-"),
        ("shenzhen", "signing.mediation_trigger_area", Fraction(19, 20), "area", "K"),
        ("zhejiang", "willingness.apply_min", Fraction(9, 10), "households", "D"),
        ("zhejiang", "presigning.threshold", Fraction(4, 5), "households", "D"),
        ("shanghai", "far.heritage_bonus_allowed", True, "", "D"),
        ("shanghai", "carbon.grid_kg_per_kwh", 0.5849, "", "D"),
        ("shenzhen", "far.base_share.first_use", 0.60, "", "D"),
        ("shenzhen", "far.bonus_max", 0.30, "floor_area", "U"),
        ("shenzhen", "carbon.grid_kg_per_kwh", 0.4403, "", "D"),
        ("zhejiang", "carbon.grid_kg_per_kwh", 0.5153, "", "D"),
    ],
)
def test_what_is_documented_of_other_places(city, parameter, value, basis, confidence):
    p = load_rules(city)[parameter]
    assert (p.value, p.basis, p.confidence, p.jurisdiction) == (value, basis, confidence, city)


def test_figures_that_must_agree_with_each_other():
    value = RULES.number
    assert value("lift.subsidy_yuan") == value("lift.subsidy_equipment_yuan") + value(
        "lift.subsidy_pipes_yuan"
    )
    assert value("operator.return_low") < value("operator.return_high")
    assert value("far.bonus_max") <= value("far.bonus_conceivable_max")
    assert value("park.small_min_m2") < value("park.large_min_m2")
    for low in [p.id for p in RULES if p.id.endswith("_low")]:
        assert value(low) < value(low.removesuffix("_low") + "_high")
    majorities = [RULES.value(f"vote.matter.{i}") for i in range(1, 10)]
    assert [i + 1 for i, m in enumerate(majorities) if m == "special"] == [6, 7, 8]
    assert set(majorities) == {"special", "ordinary"}


def test_denominators_are_kept_apart():
    basis = {i: (RULES[i].basis, RULES[i].population) for i in (
        "vote.special.area", "vote.special.heads", "signing.mediation_trigger", "signing.mediation_trigger_public",
        "presigning.threshold", "vote.unanimous.heads")}  # fmt: skip
    assert basis == {
        "vote.special.area": ("area", "participating"),
        "vote.special.heads": ("heads", "participating"),
        "signing.mediation_trigger": ("heads", "all"),
        "signing.mediation_trigger_public": ("tenants", "all"),
        "presigning.threshold": ("households", "all"),
        "vote.unanimous.heads": ("heads", "interested"),
    }


def test_radii_agree_with_the_facility_kinds():
    kinds = read_yaml((Path(__file__).parents[2] / "src/hutong/city/facility_kinds.yaml").read_text("utf-8"))
    for kind, spec in kinds.items():
        if f"access.radius.{kind}" in RULES and "radius_m" in spec:
            assert spec["radius_m"] == RULES.number(f"access.radius.{kind}"), kind


def test_the_nearest_jurisdiction_wins_and_the_rest_is_inherited():
    national = load_rules("national")
    assert national["far.bonus_max"].value == 0.30
    assert RULES["far.bonus_max"].value == 0.0
    assert (RULES["unit.rent_growth_max"].jurisdiction, RULES["far.bonus_max"].jurisdiction) == (
        "national",
        "beijing",
    )
    assert RULES["far.bonus_max"].title == national["far.bonus_max"].title
    assert jurisdictions() == ("beijing", "national", "shanghai", "shenzhen", "zhejiang")


def test_what_held_on_a_date():
    def rate(*day):
        return load_rules("beijing", dt.date(*day)).value("finance.lpr_5y")

    assert (rate(2024, 10, 21), rate(2025, 5, 19), rate(2025, 5, 20)) == (0.036, 0.036, 0.035)
    with pytest.raises(HutongError) as caught:
        rate(2024, 10, 20)
    assert caught.value.code == "rule-not-in-force"
    assert "2024-10-21" in caught.value.hint.en
    # before the national 40 years only Beijing's 30 held
    assert load_rules("beijing", dt.date(2023, 1, 1)).value("concession.years_max") == 30
    assert load_rules("national").value("concession.years_max") == 40


def test_without_a_date_the_rules_are_those_last_checked():
    assert RULES.on == RULES.checked == dt.date(2026, 11, 1)


def test_an_unknown_id_suggests_near_ones():
    with pytest.raises(HutongError) as caught:
        RULES["vote.quorom.area"]
    assert caught.value.code == "unknown-rule"
    assert "vote.quorum.area" in caught.value.hint.en
    with pytest.raises(HutongError) as caught:
        RULES["@@@@"]
    assert "hutong rules show" in caught.value.hint.zh


def test_iteration_is_in_order_and_typed():
    ids = [p.id for p in RULES]
    assert ids == sorted(ids)
    assert len(RULES) == len(ids)
    assert all(isinstance(p, Parameter) for p in RULES)
    assert "vote.quorum.area" in RULES
    assert "no.such" not in RULES


@pytest.mark.parametrize(
    ("read", "parameter"),
    [
        ("number", "vote.silence"),
        ("number", "surrender.has_threshold"),
        ("flag", "vote.quorum.area"),
        ("fraction", "unit.demolition_share_max"),
        ("fraction", "vote.notice_days"),
    ],
)
def test_a_value_of_another_kind_is_an_error(read, parameter):
    with pytest.raises(HutongError) as caught:
        getattr(RULES, read)(parameter)
    assert caught.value.code == "rule-kind"


def test_the_hash_follows_the_values(tmp_path):
    assert RULES.hash == load_rules("beijing").hash
    assert RULES.hash != load_rules("beijing", dt.date(2022, 1, 1)).hash
    same = "  far.bonus_max:\n    values: [{from: 2024-01-01, value: 0.1, source: 区文件, confidence: D}]\n"
    assert RULES.hash != load_rules("beijing", extra=own(tmp_path, same)).hash


def test_an_overlay_adds_changes_and_ends_rules(tmp_path):
    body = (
        "  far.bonus_max:\n    values:\n"
        "      - {from: 2024-01-01, value: 0.1, source: 区文件, confidence: D}\n"
        "      - {from: 2025-01-01, value: ~, source: 区文件, confidence: D}\n"
        "  own.benches_per_lane:\n    title: {zh: 每巷座椅, en: Benches per lane}\n    unit: count\n"
        "    values: [{from: 2024-01-01, value: 2, source: 区文件, confidence: D}]\n"
        "  concession.years_max:\n    combine: min\n    values: [{from: 2024-01-01, value: 35, source: 区文件, confidence: D}]\n"
        "  park.small_min_m2:\n    combine: max\n    values: [{from: 2024-01-01, value: 600, source: 区文件, confidence: D}]\n"
    )
    path = own(tmp_path, body)
    rules = load_rules("beijing", dt.date(2024, 6, 1), extra=path)
    assert rules.jurisdiction == "own"
    assert (rules["far.bonus_max"].value, rules["far.bonus_max"].jurisdiction) == (0.1, "own")
    assert rules.value("own.benches_per_lane") == 2
    assert (rules["concession.years_max"].value, rules["concession.years_max"].jurisdiction) == (
        30,
        "beijing",
    )
    assert (rules["park.small_min_m2"].value, rules["park.small_min_m2"].jurisdiction) == (600, "own")
    ended = load_rules("beijing", extra=str(path))
    assert ended.on == dt.date(2027, 1, 1)
    assert (ended["far.bonus_max"].value, ended["far.bonus_max"].jurisdiction) == (0.0, "beijing")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("  own.new:\n    values: [{from: 2024-01-01, value: 2, source: s, confidence: D}]\n", "own.new: title is missing"),
        ("  vote.quorum.area:\n    values: [{from: 2024-01-01, value: 0.667, source: s, confidence: D}]\n", "the kind of value differs"),
        ("  access.tier_5_m:\n    unit: km\n    values: [{from: 2024-01-01, value: 1, source: s, confidence: D}]\n", "unit differs (km, m)"),
        ("  own.new:\n    title: {zh: 新, en: New}\n    unit: m\n    values: [{from: 2024-01-01, value: ~, source: s, confidence: D}]\n", "no value at all"),
        ("  vote.silence:\n    combine: min\n    values: [{from: 2024-01-01, value: abstain, source: s, confidence: D}]\n", "only numbers can be combined"),
    ],
)  # fmt: skip
def test_an_overlay_must_fit_what_it_lies_over(tmp_path, body, said):
    with pytest.raises(HutongError) as caught:
        load_rules("beijing", extra=own(tmp_path, body))
    assert caught.value.code == "rules-broken"
    assert any(said in row for row in caught.value.rows), caught.value.rows


def test_an_overlay_for_another_place_is_refused(tmp_path):
    with pytest.raises(HutongError) as caught:
        load_rules(
            "national",
            extra=own(
                tmp_path,
                "  a.b: {}\n".replace(
                    "a.b: {}",
                    "far.bonus_max:\n    values: [{from: 2024-01-01, value: 0.1, source: s, confidence: D}]",
                ),
            ),
        )
    assert caught.value.code == "rules-overlay"


def test_an_unknown_jurisdiction_lists_those_there_are():
    with pytest.raises(HutongError) as caught:
        load_rules("atlantis")
    assert caught.value.code == "unknown-jurisdiction"
    assert "beijing" in caught.value.hint.en
