"""Instruments: when they apply, their limits, what no document gives, and what a broken file says."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.rules.chain import jurisdictions, read_chain
from hutong.rules.instruments import applicable, beyond, fact_book, instruments

RULES = load_rules("beijing")
ALL = {i.id: i for i in instruments(RULES, ended=True)}
PARAMETERS = {i for j in jurisdictions() for f in read_chain(j) for i in f.entries}


def test_the_instruments_of_each_place():
    assert {i.id for i in instruments(RULES)} == {
        "far_bonus", "floor_transfer", "uncounted_area", "factory_storeys", "functional_mix", "use_change",
        "livelihood_growth", "city_reserve_quota", "lift_subsidy", "interest_subsidy", "concession",
        "state_lease_term", "maintenance_fund", "provident_fund",
    }  # fmt: skip
    shenzhen = {i.id for i in instruments(load_rules("shenzhen"))}
    assert "base_mix_shares" in shenzhen
    assert "factory_storeys" not in shenzhen


def test_tax_relief_ends_with_2025():
    relief = ALL["community_tax_relief"]
    last = dt.date(2025, 12, 31)
    then = load_rules("beijing", last)
    assert "community_tax_relief" in {i.id for i in instruments(then)}
    assert "community_tax_relief" not in {
        i.id for i in instruments(load_rules("beijing", dt.date(2026, 1, 1)))
    }
    (held,) = [i for i in instruments(then) if i.id == "community_tax_relief"]
    assert held.limits[0].parameter.value == 0.90
    assert applicable(held, {"service": "nursery"}, last).verdict == "yes"
    late = applicable(relief, {"service": "nursery"}, dt.date(2026, 1, 1))
    assert late.verdict == "no"
    assert "2025-12-31" in late.reasons[0].en


@pytest.mark.parametrize(
    ("instrument", "facts", "verdict"),
    [
        ("far_bonus", {}, "unknown"),
        ("far_bonus", {"pilot_project": True}, "yes"),
        ("far_bonus", {"pilot_project": False}, "no"),
        ("floor_transfer", {"same_district": True}, "yes"),
        ("uncounted_area", {"added_part": "lift"}, "yes"),
        ("uncounted_area", {"added_part": "other"}, "no"),
        ("factory_storeys", {"building_use": "industrial", "added_part": "storeys"}, "unknown"),
        ("factory_storeys", {"building_use": "office", "added_part": None}, "no"),
        ("functional_mix", {"on_negative_list": False}, "unknown"),
        ("functional_mix", {"on_negative_list": False, "within_mix_share": True}, "yes"),
        ("use_change", {"land_user_unchanged": True, "plan_conditions_unchanged": True, "on_negative_list": False}, "yes"),
        ("livelihood_growth", {"fills_service_gap": True}, "yes"),
        ("city_reserve_quota", {"project": "dangerous_rebuild"}, "yes"),
        ("city_reserve_quota", {"project": "courtyard"}, "no"),
        ("lift_subsidy", {"added_part": "lift", "owners_decided": False}, "no"),
        ("interest_subsidy", {"project": "old_estate", "private_capital": True, "loan_financed": True}, "yes"),
        ("concession", {"operates_public_asset": True}, "yes"),
        ("state_lease_term", {"holder_state_owned": True, "pilot_project": True}, "yes"),
        ("maintenance_fund", {"fund_work": "roof", "owners_decided": True}, "yes"),
        ("maintenance_fund", {"fund_work": "other", "owners_decided": True}, "no"),
        ("provident_fund", {"project": "dangerous_rebuild", "owner_lives_there": True}, "yes"),
    ],
)  # fmt: skip
def test_when_an_instrument_applies(instrument, facts, verdict):
    answer = applicable(ALL[instrument], facts)
    assert answer.verdict == verdict
    assert answer.reasons


def test_limits_are_the_figures_of_the_rules():
    limits = {p.parameter.id: p.parameter.value for i in ALL.values() for p in i.limits}
    assert limits["concession.years_max"] == 30  # the shorter of 30 (Beijing) and 40 (national)
    assert limits["finance.interest_subsidy_years_max"] == 5
    assert limits["finance.interest_subsidy_rate_max"] == 0.02
    assert limits["lease.state_owned_years_max"] == 10
    assert limits["land.transition_years"] == 5
    national = {i.id: i for i in instruments(load_rules("national"))}
    assert national["concession"].limits[0].parameter.value == 40
    assert national["maintenance_fund"].undocumented == ("fund.replenish_trigger",)


def test_what_is_beyond_a_limit():
    subsidy = ALL["interest_subsidy"]
    keep = {"finance.interest_subsidy_years_max": 5, "finance.interest_subsidy_rate_max": 0.02}
    assert beyond(subsidy, keep) == ()
    (over,) = beyond(subsidy, {**keep, "finance.interest_subsidy_rate_max": 0.021})
    assert (over.parameter.id, over.proposed) == ("finance.interest_subsidy_rate_max", 0.021)
    with pytest.raises(HutongError) as caught:
        beyond(subsidy, {"far.bonus_max": 0.1})
    assert caught.value.code == "bad-limit"
    # the trigger of the fund is a term, not a bound
    with pytest.raises(HutongError):
        beyond(ALL["maintenance_fund"], {"fund.replenish_trigger": 0.9})


def test_every_instrument_says_all_it_must():
    for i in ALL.values():
        assert i.conditions or i.limits, i.id
        for text in (i.area, i.money, i.time, i.title):
            assert text.zh
            assert text.en
        assert i.authority.source or i.authority.assumed
    # percentages of the functional mix were not read: none may appear
    assert not ALL["functional_mix"].limits
    assert ALL["functional_mix"].gap is not None


def test_every_rule_that_an_instrument_names_exists():
    for i in ALL.values():
        named = {x.parameter.id for x in i.limits} | set(i.undocumented)
        named |= {c.subject for c in i.conditions if c.by_rule}
        assert named <= PARAMETERS
        assert {c.subject for c in i.conditions if not c.by_rule} <= set(fact_book())


def test_a_flag_the_place_does_not_give_is_unknown():
    bonus = next(
        i
        for i in instruments(load_rules("beijing", dt.date(2022, 1, 1)), ended=True)
        if i.id == "factory_storeys"
    )
    facts = {"building_use": "industrial", "added_part": "storeys", "pilot_project": True}
    assert applicable(bonus, facts).verdict == "unknown"


def test_answers_that_do_not_exist_are_refused():
    with pytest.raises(HutongError) as caught:
        applicable(ALL["concession"], {"operates_public_asset": "yes", "colour": True, "project": "castle"})
    assert caught.value.code == "bad-fact"
    assert len(caught.value.rows) == 3


GOOD = (
    "facts:\n  small: {kind: flag, zh: 小, en: small}\n  sort: {kind: choice, zh: 类, en: sort, of: [a, b]}\n"
    "instruments:\n  one:\n    title: {zh: 一, en: One}\n    holds_in: [beijing]\n    from: 2024-01-01\n    stage: full\n"
    "    when: [{fact: small, is: true}]\n    limits: [{parameter: concession.years_max}]\n"
    "    effects: {area: {zh: 无, en: none}, money: {zh: 无, en: none}, time: {zh: 无, en: none}}\n"
    "    source: 文件\n    confidence: D\n"
)


def test_a_file_of_ones_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD, "utf-8")
    (one,) = instruments(RULES, path=path)
    assert one.limits[0].parameter.value == 30
    assert instruments(load_rules("shanghai"), path=path) == ()
    assert instruments(RULES, dt.date(2023, 1, 1), path=path) == ()


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("kind: flag", "kind: maybe", "own.yaml:2: kind is 'maybe'; expected flag or choice"),
        (", of: [a, b]", "", "own.yaml:3: of is for a choice"),
        ("is: true", "is: 3", "own.yaml:10: 3 is no answer to small; expected one of true, false"),
        ("{fact: small, is: true}", "{fact: big, is: true}", "own.yaml:10: fact 'big' is not known"),
        ("{fact: small, is: true}", "{fact: small}", "own.yaml:10: {'fact': 'small'}; expected {rule: id}"),
        ("stage: full", "stage: later", "own.yaml:9: stage is 'later'; expected one of full, pilot, open"),
        ("from: 2024-01-01", "from: 2024", "own.yaml:8: from is 2024; expected a date"),
        ("[{parameter: concession.years_max}]", "[{value: 3}]", "own.yaml:11: {'value': 3}; expected"),
        ("{parameter: concession.years_max}", "{parameter: a.b, bound: least}", "own.yaml:11: bound is 'least'; expected one of most, figure"),
        ("    source: 文件\n", "", "own.yaml:5: source is missing"),
        ("title: {zh: 一, en: One}", "title: One", "own.yaml:6: title is 'One'; expected {zh: 文字, en: words}"),
        ("    stage: full\n", "    stage: full\n    price: 3\n", "own.yaml:10: unknown key 'price'"),
        ("    when: [{fact: small, is: true}]\n", "    when: 3\n", "own.yaml:10: 3; expected a list of conditions"),
        ("holds_in: [beijing]", "holds_in: [3]", "own.yaml:7: 3; expected a name"),
        ("    from: 2024-01-01\n", "    from: 2024-01-01\n    until: soon\n    gap: x\n", "own.yaml:9: until is 'soon'"),
    ],
)  # fmt: skip
def test_a_broken_file_says_where(tmp_path, good, bad, said):
    assert good in GOOD
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace(good, bad, 1), "utf-8")
    with pytest.raises(HutongError) as caught:
        instruments(RULES, path=path)
    assert caught.value.code == "rules-broken"
    assert any(r.startswith(said) for r in caught.value.rows), caught.value.rows
