"""What each act of consent requires, read from the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hutong.agree import SIGNING, Threshold, consent_rule, signing_rule, vote_rule
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")


@pytest.mark.parametrize("matter", ["special", 6, 7, 8])
def test_special_matters(matter):
    rule = vote_rule(RULES, matter)
    assert (rule.quorum_area, rule.quorum_heads) == (Threshold(2, 3, False),) * 2
    assert (rule.pass_area, rule.pass_heads) == (Threshold(3, 4, False),) * 2
    assert (rule.population, rule.silence) == ("participating", "absent")
    assert all(p in RULES for p in rule.parameters)


@pytest.mark.parametrize("matter", ["ordinary", 1, 2, 3, 4, 5, 9])
def test_ordinary_matters(matter):
    rule = vote_rule(RULES, matter)
    assert (rule.quorum_area, rule.quorum_heads) == (Threshold(2, 3, False),) * 2
    assert (rule.pass_area, rule.pass_heads) == (Threshold(1, 2, True),) * 2


def test_a_numbered_matter_keeps_its_name():
    assert vote_rule(RULES, 7).id == "vote.matter.7"
    assert vote_rule(RULES, 7).title.zh == "改建、重建建筑物及其附属设施"


def test_use_of_a_dwelling_for_business_needs_all_interested():
    rule = vote_rule(RULES, "unanimous")
    assert (rule.pass_heads, rule.pass_area, rule.quorum_area, rule.quorum_heads) == (
        Threshold(1, 1, False),
        None,
        None,
        None,
    )
    assert rule.population == "all"


@pytest.mark.parametrize("matter", [0, 10, True, "signing", "7", None])
def test_other_matters_are_not_votes(matter):
    with pytest.raises(HutongError) as caught:
        vote_rule(RULES, matter)
    assert caught.value.code == "unknown-matter"


@pytest.mark.parametrize(
    ("act", "threshold", "basis"),
    [
        ("mediation", Threshold(19, 20, False), "heads"),
        ("mediation_public", Threshold(19, 20, False), "tenants"),
        ("rebuild", Threshold(9, 10, False), "households"),
        ("rebuild_start", Threshold(1, 1, False), "households"),
        ("presigning", Threshold(3, 4, False), "households"),
        ("willingness", Threshold(2, 3, False), "households"),
    ],
)
def test_signing_acts(act, threshold, basis):
    rule = signing_rule(RULES, act)
    assert (rule.pass_heads, rule.pass_area, rule.quorum_heads) == (threshold, None, None)
    assert (rule.basis, rule.population) == (basis, "all")
    assert act in SIGNING


@pytest.mark.parametrize("act", ["surrender", "special", ""])
def test_surrender_is_no_signing_act(act):
    with pytest.raises(HutongError) as caught:
        signing_rule(RULES, act)
    assert caught.value.code == "unknown-act"


def test_the_words_of_the_measures():
    assert consent_rule(RULES, "special") == vote_rule(RULES, "special")
    assert consent_rule(RULES, "signing") == signing_rule(RULES, "mediation")
    assert consent_rule(RULES, "surrender") is None
    assert consent_rule(RULES, "none") is None
    with pytest.raises(HutongError):
        consent_rule(RULES, "whatever")


@pytest.mark.parametrize(
    "change", [{"population": "some"}, {"silence": "yes"}, {"pass_area": None, "pass_heads": None}]
)
def test_a_rule_that_nothing_can_be_counted_by_is_refused(change):
    with pytest.raises(HutongError) as caught:
        replace(vote_rule(RULES, 7), **change)
    assert caught.value.code == "unsupported-rule"


def test_a_city_may_count_silence_otherwise(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Own}\nchecked: 2026-11-01\nparameters:\n"
        "  vote.silence:\n    values: [{from: 2024-01-01, value: abstain, source: 议事规则, confidence: D}]\n",
        "utf-8",
    )
    assert vote_rule(load_rules("beijing", extra=own), 7).silence == "abstain"


@pytest.mark.parametrize(
    ("city", "act", "heads", "area", "basis"),
    [
        ("shanghai", "willingness", Threshold(9, 10, False), None, "households"),
        ("shanghai", "presigning", Threshold(4, 5, False), None, "households"),
        ("shanghai", "rebuild", Threshold(19, 20, False), None, "tenants"),
        ("shanghai", "mediation_public", Threshold(19, 20, False), None, "tenants"),
        ("shenzhen", "mediation", Threshold(19, 20, False), Threshold(19, 20, False), "heads+area"),
        ("shenzhen", "willingness", Threshold(19, 20, False), Threshold(19, 20, False), "heads+area"),
        ("shenzhen", "willingness_other", Threshold(2, 3, False), Threshold(2, 3, False), "heads+area"),
        ("zhejiang", "willingness", Threshold(9, 10, False), None, "households"),
        ("zhejiang", "presigning", Threshold(4, 5, False), None, "households"),
    ],
)
def test_signing_in_other_places(city, act, heads, area, basis):
    rules = load_rules(city)
    rule = signing_rule(rules, act)
    assert (rule.pass_heads, rule.pass_area, rule.basis, rule.population) == (heads, area, basis, "all")
    assert all(p in rules for p in rule.parameters)


def test_an_act_for_which_a_place_sets_no_share_is_told():
    with pytest.raises(HutongError, match="mediation"):
        signing_rule(load_rules("zhejiang"), "mediation")
    with pytest.raises(HutongError) as caught:
        signing_rule(load_rules("shenzhen"), "presigning")
    assert caught.value.code == "act-without-share"
    assert "mediation" in caught.value.hint.en


def test_where_no_share_opens_mediation_everyone_must_sign():
    rules = load_rules("national")
    assert consent_rule(rules, "signing") == vote_rule(rules, "unanimous")
