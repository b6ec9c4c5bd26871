"""The checklist for the look of the place, case by case (``appearance_cases.yaml``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.rules.appearance import ABOUT, GRADES, ZONES, checklist, judge

RULES = load_rules("beijing")
CASES = read_yaml(Path(__file__).with_name("appearance_cases.yaml").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"].split(" · ")[-1])
def test_case(case):
    items = checklist(case["grade"], case["zone"], RULES)
    judged = judge(items, case["answers"], RULES)
    assert {j.item.id for j in judged if j.verdict == "fail"} == set(case.get("fail", []))
    assert {j.item.id for j in judged if j.verdict == "unknown"} == set(case.get("unknown", []))


def test_every_question_passes_in_one_case_and_fails_in_another():
    seen = {"pass": set(), "fail": set()}
    for case in CASES:
        for j in judge(checklist(case["grade"], case["zone"], RULES), case["answers"], RULES):
            seen.setdefault(j.verdict, set()).add(j.item.id)
    asked = {i.id for g in GRADES for z in ZONES for i in checklist(g, z, RULES)}
    assert seen["pass"] == seen["fail"] == asked


def test_each_grade_is_asked_of_roof_materials_gate_and_height():
    for grade in GRADES[1:]:
        about = {i.about for i in checklist(grade, "control_zone", RULES)}
        assert {"roof", "materials", "gate", "sightline", "height"} <= about <= set(ABOUT)
    assert {i.id for i in checklist("none", "none", RULES)} == {"height_within_cap"}


def test_a_grade_not_known_is_asked_everything_it_could_be():
    ids = {i.id for i in checklist("", "", RULES)}
    assert ids == {i.id for g in GRADES for z in ZONES for i in checklist(g, z, RULES)}


def test_elsewhere_the_local_questions_are_not_asked():
    assert "sightline_clear" not in {
        i.id for i in checklist("historic", "historic_block", load_rules("shanghai"))
    }
    assert "roof_form_kept" in {i.id for i in checklist("historic", "historic_block", load_rules("shanghai"))}


def test_every_question_rests_on_a_document_or_says_that_it_does_not():
    for item in checklist("", "", RULES):
        assert item.authority.source or item.authority.note is not None
        assert item.why.zh
        assert item.why.en


@pytest.mark.parametrize(
    ("answers", "row"),
    [
        ({"volume_kept": "yes"}, "volume_kept: 'yes'; expected true or false"),
        ({"height_kept": True}, "height_kept: True; expected a number"),
        ({"height_before_m": "5"}, "height_before_m: '5'; expected a number"),
        ({"new_building_in_core": "castle"}, "new_building_in_core: 'castle'; expected one of nothing,"),
        ({"colour": True}, "colour: not asked"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(answers, row):
    with pytest.raises(HutongError) as caught:
        judge(checklist("historic", "historic_block", RULES), answers, RULES)
    assert any(r.startswith(row) for r in caught.value.rows), caught.value.rows


def test_an_unknown_grade_is_an_error():
    with pytest.raises(HutongError) as caught:
        checklist("grand", "none", RULES)
    assert caught.value.code == "bad-grade"


GOOD = (
    "items:\n  one:\n    about: roof\n    ask: {zh: 问, en: ask}\n    why: {zh: 因, en: why}\n    grades: [historic]\n"
    "    zones: []\n    holds_in: [beijing]\n    expect: {is: true}\n    source: 文件\n    confidence: D\n"
)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("about: roof", "about: door", "own.yaml:3: about is 'door'"),
        ("expect: {is: true}", "expect: {maybe: 1}", "own.yaml:9: {'maybe': 1}; expected is"),
        ("expect: {is: true}", "expect: {among: [a, b], of: [a]}", "own.yaml:9: {'among'"),
        (
            "grades: [historic]",
            "grades: [old]",
            "own.yaml:6: 'old' is not known; expected one of historic, none",
        ),
        ("ask: {zh: 问, en: ask}", "ask: {zh: 问}", "own.yaml:4: ask is"),
    ],
)
def test_a_broken_file_says_where(tmp_path, good, bad, said):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD, "utf-8")
    assert len(checklist("historic", "none", RULES, path=path)) == 1
    path.write_text(GOOD.replace(good, bad), "utf-8")
    with pytest.raises(HutongError) as caught:
        checklist("historic", "none", RULES, path=path)
    assert any(r.startswith(said) for r in caught.value.rows), caught.value.rows
