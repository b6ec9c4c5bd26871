"""Where figures come from, who overrides them, and how books differ."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.errors import HutongError
from hutong.rules import diff, explain, load_rules, select


def test_the_chain_of_a_figure_that_two_laws_limit():
    told = explain("concession.years_max")
    assert [(s.jurisdiction, s.held.value, s.combine, s.decides) for s in told.statements] == [
        ("national", 40, "nearest", False),
        ("beijing", 30, "min", True),
    ]
    assert told.parameter.value == 30
    assert told.overridden_by == ()
    assert [
        (o.jurisdiction, o.value.value) for o in explain("concession.years_max", "national").overridden_by
    ] == [("beijing", 30)]


def test_who_overrides_the_nation():
    told = explain("carbon.grid_kg_per_kwh", "national", dt.date(2025, 1, 1))
    assert {o.jurisdiction: o.value.value for o in told.overridden_by} == {
        "beijing": 0.5580, "shanghai": 0.5849, "shenzhen": 0.4403, "zhejiang": 0.5153,
    }  # fmt: skip
    # a city is not overridden by its equals
    assert explain("carbon.grid_kg_per_kwh", "beijing").overridden_by == ()


def test_a_figure_that_does_not_hold_yet():
    told = explain("lease.state_owned_years_max", on=dt.date(2024, 5, 1))
    assert told.parameter is None
    assert told.since == dt.date(2026, 1, 1)
    assert not any(s.decides for s in told.statements)


def test_an_unknown_figure_suggests_near_ones():
    with pytest.raises(HutongError) as caught:
        explain("concession.year_max")
    assert "concession.years_max" in caught.value.hint.en


def test_an_own_file_stands_at_the_end_of_the_chain(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Own}\nchecked: 2026-11-01\nparameters:\n"
        "  far.bonus_max:\n    values: [{from: 2026-01-01, value: 0.1, source: 区文件, confidence: D}]\n",
        "utf-8",
    )
    told = explain("far.bonus_max", extra=own)
    assert [(s.jurisdiction, s.decides) for s in told.statements] == [
        ("national", False),
        ("beijing", False),
        ("own", True),
    ]
    (change,) = diff(load_rules("beijing"), load_rules("beijing", extra=own))
    assert (change.id, change.what, change.before.value, change.after.value) == (
        "far.bonus_max",
        "value",
        0.0,
        0.1,
    )


def test_two_days_of_one_place():
    before, after = (load_rules("beijing", dt.date(*d)) for d in ((2025, 5, 19), (2025, 5, 20)))
    (change,) = diff(before, after)
    assert (change.id, change.what, change.before.value, change.after.value) == (
        "finance.lpr_5y", "value", 0.036, 0.035,
    )  # fmt: skip
    ended = {
        d.id: d.what
        for d in diff(
            load_rules("beijing", dt.date(2025, 12, 31)), load_rules("beijing", dt.date(2026, 1, 1))
        )
    }
    assert ended["tax.community_service_relief"] == "value"
    assert ended["lease.state_owned_years_max"] == "added"


def test_two_places():
    found = {d.id: d for d in diff(load_rules("beijing"), load_rules("shenzhen"))}
    assert found["old_city.demolition_allowed"].what == "gone"
    assert found["willingness.other_min"].what == "added"
    assert found["willingness.apply_min"].what == "value"
    assert "unit.rent_growth_max" not in found
    assert diff(load_rules("beijing"), load_rules("beijing")) == ()
    # the same share of another population is a difference too
    by_place = {d.id: d.what for d in diff(load_rules("shanghai"), load_rules("beijing"))}
    assert by_place["signing.mediation_trigger"] == "source"
    assert {d.what for d in diff(load_rules("shanghai"), load_rules("zhejiang"))} >= {
        "gone",
        "value",
        "source",
    }


def test_a_basis_that_differs_is_told(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: zhejiang\ntitle: {zh: 本市, en: Own}\nchecked: 2026-11-01\nparameters:\n"
        '  presigning.threshold:\n    basis: area\n    values: [{from: 2026-01-01, value: "80%", source: 市文件, confidence: D}]\n',
        "utf-8",
    )
    (change,) = diff(load_rules("zhejiang"), load_rules("zhejiang", extra=own))
    assert (change.what, change.after.basis) == ("basis", "area")


def test_a_prefix_selects_whole_words():
    rules = load_rules("beijing")
    assert {p.id for p in select(rules, "vote.quorum")} == {
        "vote.quorum.area", "vote.quorum.heads", "vote.quorum.strict",
    }  # fmt: skip
    assert select(rules, "vote.quorum.") == select(rules, "vote.quorum")
    assert len(select(rules)) == len(rules)
    with pytest.raises(HutongError) as caught:
        select(rules, "vot")
    assert "vote" in caught.value.hint.en
    with pytest.raises(HutongError) as caught:
        select(load_rules("beijing", dt.date(2024, 5, 1)), "lease.state_owned_years_max")
    assert caught.value.code == "rule-not-in-force"
