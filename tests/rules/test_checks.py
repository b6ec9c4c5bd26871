"""What a scheme may and may not do, case by case (``cases.yaml``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import IN_PRINCIPLE, Justification, UnitAccount, check_scheme, floor_cap_m2, load_rules
from hutong.text import Text

FOLDER = Path(__file__).with_name("cases")
SOUND = read_yaml((FOLDER / "sound.yaml").read_text("utf-8"))
CASES = [
    case
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "sound.yaml"
    for case in read_yaml(path.read_text("utf-8"))["cases"]
]
RULES = load_rules("beijing")


def known(value):
    """In the cases ``~`` in a list and the word ``unknown`` are unknown, and null is none."""
    if isinstance(value, list):
        return np.array([np.nan if v is None else v for v in value])
    if isinstance(value, dict):
        return {k: known(v) for k, v in value.items()}
    return np.nan if value == "unknown" else value


def account(**change) -> UnitAccount:
    assert set(change) <= set(SOUND), "a case changes something that is not in the sound account"
    return UnitAccount(**{name: known(value) for name, value in {**SOUND, **change}.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].split(" · ")[-1])
def test_case(case):
    assert set(case) <= {"name", "change", "violations", "unchecked", "outside"}
    report = check_scheme(account(**case.get("change", {})), RULES)
    assert sorted(v.rule for v in report.violations) == sorted(case.get("violations", []))
    assert sorted(u.rule for u in report.unchecked) == sorted(case.get("unchecked", []))
    assert sorted(u.rule for u in report.outside) == sorted(case.get("outside", []))
    assert report.clear == (not case.get("violations") and not case.get("unchecked"))


#: What each file of cases is about: the rules that it must break in one case and keep in another.
COVERED = {
    "floor": ("unit.floor_growth_allowed", "far.above_cap_allowed", "unit.land_growth_allowed"),
    "heritage": (
        "old_city.demolition_allowed", "heritage.protected.demolition_allowed",
        "heritage.historic.demolition_allowed", "heritage.historic_block.demolition_allowed",
    ),
    "height": ("height.above_cap_allowed", "height.residential_max_m"),
    "land": ("reserved_land.building_allowed",),
    "people": ("rebuild.household_increase_allowed", "facility.elderly_care.floor_min_m2"),
    "money": ("operator.return_low", "operator.return_high", "concession.years_max", "unit.rent_growth_max"),
    "principle": ("unit.demolition_share_max", "unit.new_to_demolished_max", "unit.local_rehousing_min"),
}  # fmt: skip


@pytest.mark.parametrize("name", COVERED)
def test_every_check_has_passing_and_failing_cases(name):
    cases = read_yaml((FOLDER / f"{name}.yaml").read_text("utf-8"))["cases"]
    broken = [set(case.get("violations", [])) for case in cases]
    unknown = {rule for case in cases for rule in case.get("unchecked", [])}
    assert set.union(*broken) == set(COVERED[name])
    assert any(not rules for rules in broken)
    assert unknown, "no case shows what is unknown"


def test_every_limit_in_principle_has_its_cases():
    assert set(IN_PRINCIPLE) == {*COVERED["principle"], "operator.return_low", "operator.return_high"}


def test_violations_name_objects_and_quote_their_source():
    report = check_scheme(account(old_city=[0, 0, 1, 1], rehoused_locally=[0, 0, 1, 0]), RULES)
    city, rehousing = report.violations
    assert city.objects == ("shop-4",)
    assert city.rigid
    assert city.source == "《北京城市总体规划（2016年—2035年）》"
    assert (rehousing.value, rehousing.limit, rehousing.rigid) == (0.25, 0.5, False)
    assert rehousing.objects == ("court-3",)
    assert rehousing.article
    assert "25.0%" in rehousing.message.zh
    assert "25.0%" in rehousing.message.en


def test_an_unchecked_rule_names_the_objects_it_could_not_judge():
    (note,) = check_scheme(account(old_city=[0, 0, 1, None]), RULES).unchecked
    assert note.objects == ("shop-4",)
    assert "unknown" in note.message.en
    assert "未知" in note.message.zh


def test_an_assumed_limit_quotes_what_it_rests_on():
    (found,) = check_scheme(account(operator_npv_low=-5000.0), RULES).violations
    assert found.source.startswith("假设")
    assert not found.rigid


def test_a_limit_in_principle_is_passed_only_with_a_recorded_reason():
    scheme = account(rehoused_locally=[0, 0, 1, 0])
    reason = Justification(
        "unit.local_rehousing_min", Text("居民选择外区房源", "Residents chose homes elsewhere")
    )
    report = check_scheme(scheme, RULES, [reason])
    assert report.clear
    ((passed, why),) = report.justified
    assert (passed.rule, why) == ("unit.local_rehousing_min", reason)
    # a reason for something that is kept changes nothing
    assert check_scheme(account(), RULES, [reason]).justified == ()


@pytest.mark.parametrize(
    "justification",
    [
        Justification("old_city.demolition_allowed", Text("理由", "a reason")),
        Justification("unit.local_rehousing_min", Text(" ", "a reason")),
        Justification("unit.local_rehousing_min", Text("理由", "")),
        Justification("no.such.rule", Text("理由", "a reason")),
    ],
)
def test_a_rigid_limit_or_an_empty_reason_cannot_be_justified(justification):
    with pytest.raises(HutongError) as caught:
        check_scheme(account(), RULES, [justification])
    assert caught.value.code == "bad-justification"


def test_an_account_of_nothing_known_is_neither_clear_nor_violated():
    n = np.array([np.nan, np.nan])
    report = check_scheme(UnitAccount(np.array(["a", "b"]), n, n, n), RULES)
    assert report.violations == ()
    assert {u.rule for u in report.unchecked} == {
        "unit.floor_growth_allowed", "old_city.demolition_allowed", "heritage.protected.demolition_allowed",
        "heritage.historic.demolition_allowed", "heritage.historic_block.demolition_allowed",
        "height.above_cap_allowed", "height.residential_max_m", "reserved_land.building_allowed",
        "rebuild.household_increase_allowed", *IN_PRINCIPLE[:3],
    }  # fmt: skip
    assert {u.rule for u in report.outside} == {"far.above_cap_allowed", "unit.land_growth_allowed"}


def test_a_national_scheme_is_not_held_to_beijing():
    report = check_scheme(
        account(old_city=[0, 0, 1, 1], reserved=[0, 0, 0, 1], concession_years=31), load_rules("national")
    )
    assert "old_city.demolition_allowed" not in {v.rule for v in report.violations}
    assert "reserved_land.building_allowed" not in {v.rule for v in report.violations}
    assert "concession.years_max" not in {v.rule for v in report.violations}
    assert "unit.land_growth_allowed" not in {u.rule for u in report.outside}


def test_an_office_may_rule_otherwise_in_its_own_file(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Own}\nchecked: 2026-11-01\nparameters:\n"
        "  old_city.exempt_demolition_allowed:\n    values: [{from: 2024-01-01, value: true, source: 区政府纪要, confidence: D}]\n"
        "  rebuild.household_increase_allowed:\n    values: [{from: 2024-01-01, value: true, source: 区政府纪要, confidence: D}]\n"
        "  unit.floor_growth_allowed:\n    values: [{from: 2024-01-01, value: true, source: 区政府纪要, confidence: D}]\n",
        "utf-8",
    )
    rules = load_rules("beijing", extra=own)
    dangerous = account(
        old_city=[0, 0, 1, 1], dangerous=[0, 0, 0, 1], households_after=[50, 50, 8, 3], floor_cap_m2=9000.0
    )
    assert check_scheme(dangerous, rules).clear
    sound = account(old_city=[0, 0, 1, 1])
    assert [v.rule for v in check_scheme(sound, rules).violations] == ["old_city.demolition_allowed"]
    unsure = account(old_city=[0, 0, 1, 1], dangerous=[0, 0, 0, None])
    assert [v.rule for v in check_scheme(unsure, rules).unchecked] == ["old_city.demolition_allowed"]


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({"new_floor_m2": [0, 60, 0]}, "new_floor_m2: shape (3,), expected (4,)"),
        ({"relocated_households": [0, 0, -4, 0]}, "relocated_households: below 0 for court-3"),
        ({"object_id": ["a", "b", "b", "c"]}, "object_id: an object stands twice"),
        ({"demolished_m2": [0, 0, 0, 1001]}, "demolished_m2: above existing_floor_m2 for shop-4"),
        ({"rehoused_locally": [0, 0, 5, 0]}, "rehoused_locally: above relocated_households for court-3"),
        ({"uncounted_m2": [0, 61, 0, 0]}, "uncounted_m2: above new_floor_m2 for slab-2"),
        ({"far_cap": [2.1, 2.0, 0.6, 2.0]}, "far_cap: differs within plot p1"),
        ({"plot_area_m2": [4000, 4000, 2000]}, "plot_area_m2: shape (3,), expected (4,)"),
    ],
)
def test_an_account_that_contradicts_itself_is_refused(change, row):
    with pytest.raises(HutongError) as caught:
        account(**change)
    assert row in caught.value.rows


def test_floor_cap():
    assert floor_cap_m2([4000.0, 6000.0], RULES) == 10_000
    assert np.isnan(floor_cap_m2([4000.0, np.nan], RULES))
    with pytest.raises(HutongError) as caught:
        floor_cap_m2([4000.0], RULES, bonus=0.1)
    assert caught.value.code == "bonus-too-high"
    assert floor_cap_m2([1000.0], load_rules("national"), bonus=0.1) == pytest.approx(1100)


@settings(max_examples=60, deadline=None)
@given(
    existing=st.lists(st.integers(1, 5000), min_size=1, max_size=6),
    shares=st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=6, max_size=6),
    flags=st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=6, max_size=6),
)
def test_the_verdict_on_unknown_exemptions_holds_whatever_they_turn_out_to_be(existing, shares, flags):
    n = len(existing)
    floor = np.array(existing, float)
    demolished = floor * np.array(shares[:n])
    dangerous = np.array(flags[:n])

    def verdict(known: np.ndarray) -> str:
        report = check_scheme(
            UnitAccount(
                np.array([str(i) for i in range(n)]),
                floor,
                np.zeros(n),
                demolished,
                dangerous=known,
                illegal=np.zeros(n),
            ),
            RULES,
        )
        rule = "unit.demolition_share_max"
        if rule in {v.rule for v in report.violations}:
            return "broken"
        return "unknown" if rule in {u.rule for u in report.unchecked} else "kept"

    said = verdict(dangerous)
    extremes = {verdict(np.where(np.isnan(dangerous), fill, dangerous)) for fill in (0.0, 1.0)}
    assert "unknown" not in extremes
    assert extremes == ({"broken", "kept"} if said == "unknown" else {said})
