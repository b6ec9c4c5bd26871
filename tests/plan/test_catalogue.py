"""The catalogue loads, and says clearly what is wrong with a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hutong.city.schema import schema
from hutong.errors import HutongError
from hutong.plan import load_measures
from hutong.plan.catalogue import GROUPS, load_acceptance, load_assumptions, load_offers, with_own
from hutong.plan.catalogue_page import catalogue_page, counts
from hutong.plan.options import build_options

from .conftest import Quarter

GOOD = {
    "title": {"zh": "修缮", "en": "Repair"}, "group": "basic", "applies_to": "building", "condition": "cond_fire >= 3",
    "quantity": "floor_area_m2", "unit": "m2", "capital": [1, 2, 3], "life_years": 20, "disruption": 0.2,
    "matter": "ordinary", "effects": {"cond_fire": -1}, "source": {"zh": "测试", "en": "test"}, "confidence": "U",
}  # fmt: skip


def test_the_catalogue_covers_the_field() -> None:
    measures = load_measures()
    assert len(measures) >= 40
    assert {m.applies_to for m in measures} == {"building", "courtyard", "estate"}
    assert {m.group for m in measures} == set(GROUPS)
    assert all(m.running_low <= m.running <= m.running_high for m in measures)
    assert all(0 < m.effect_spread <= 1 and m.effects and m.life_years > 0 for m in measures)
    assert {m.matter for m in measures} == {"ordinary", "special", "signing", "surrender", "none"}
    assert all(m.capital_low <= m.capital <= m.capital_high for m in measures)
    assert all(m.title.zh != m.title.en and m.source.zh and m.source.en for m in measures)


def test_common_parts_earn_for_the_owners() -> None:
    by_id = {m.id: m for m in load_measures()}
    assert by_id["parking"].income_to == "owners"
    assert by_id["charging"].income_to == "owners"


def test_offers_and_assumptions_are_marked() -> None:
    assert {o.use for o in load_offers()} == {"household", "free", "surrender", "estate"}
    assert all(a.confidence in ("D", "D-", "K", "U") and a.source for a in load_assumptions().values())
    assert load_assumptions()["surrender_price_yuan_m2"].confidence == "U"
    assert load_acceptance()["confidence"] == "U"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"capital": [-1, 2, 3]}, "negative cost"),
        ({"capital": [3, 2, 1]}, "low to high"),
        ({"capital": 5}, "[low, mid, high]"),
        ({"excludes": ["nothing"]}, "'nothing', which is no measure"),
        ({"requires": ["nothing"]}, "which is no measure"),
        ({"effects": {"beauty": 1}}, "effect 'beauty' is unknown"),
        ({"group": "other"}, "group is 'other'"),
        ({"matter": "vote"}, "matter is 'vote'"),
        ({"disruption": 2}, "disruption is 2"),
        ({"running": -3}, "running is -3"),
        ({"revenue": 3}, "income_to names nobody"),
        ({"income_to": "city"}, "income_to is 'city'"),
        ({"price": 3}, "no key 'price'"),
        ({"running": [3, 2, 1]}, "running [3, 2, 1] must go from low to high"),
        ({"effects": {"cond_fire": "much"}}, "must be a number"),
        ({"condition": "cond_fire >="}, "cannot be read"),
        ({"effect_spread": -1}, "effect_spread is -1"),
        ({"gain": {"dog": 1}}, "gain 'dog' is unknown"),
        ({"title": {"zh": "修", "en": "Walls", "roof": None}}, "quotation marks"),
    ],
)
def test_a_broken_measure_is_named(tmp_path: Path, change: dict, said: str) -> None:
    file = tmp_path / "measures.yaml"
    file.write_text(
        yaml.safe_dump({"version": 1, "measures": {"repair": {**GOOD, **change}}}, allow_unicode=True),
        "utf-8",
    )
    with pytest.raises(HutongError) as caught:
        load_measures(file)
    assert caught.value.code == "invalid-catalogue"
    assert any(
        r.startswith("measures.yaml:") and ": repair: " in r and said in r for r in caught.value.rows
    ), caught.value.rows


def test_a_missing_key_and_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "measures.yaml"
    file.write_text(yaml.safe_dump({"measures": {"a": GOOD}}), "utf-8")
    assert load_measures(file)[0].capital == 2.0
    file.write_text(
        yaml.safe_dump({"measures": {"a": {k: v for k, v in GOOD.items() if k != "capital"}}}), "utf-8"
    )
    with pytest.raises(HutongError, match="capital is missing"):
        load_measures(file)


def test_tenures_are_those_of_the_city() -> None:
    from hutong.plan.objects import TENURES

    assert tuple(schema().tables["dwellings"].columns["tenure"].enum) == TENURES
    assert set(load_acceptance()["tenure"]) == set(TENURES)


def test_a_fault_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    lines = yaml.safe_dump({"measures": {"a": GOOD, "b": {**GOOD, "group": "other"}}}, sort_keys=False)
    file.write_text(lines, "utf-8")
    with pytest.raises(HutongError) as caught:
        load_measures(file)
    (row,) = caught.value.rows
    at = int(row.split(":")[1])
    assert lines.splitlines()[at - 1].strip() == "group: other"
    file.write_text("measures: [", "utf-8")
    with pytest.raises(HutongError, match=r"own.yaml"):
        load_measures(file)
    file.write_text("measures: 3\n", "utf-8")
    with pytest.raises(HutongError, match="with one entry each"):
        load_measures(file)
    with pytest.raises(HutongError) as caught:
        load_measures(tmp_path / "none.yaml")
    assert caught.value.code == "cannot-read"


def test_a_city_adds_and_replaces_measures_without_code(tmp_path: Path, quarter: Quarter) -> None:
    file = tmp_path / "own.yaml"
    own = {**GOOD, "gain": {"base": 5000}, "condition": "dwellings >= 1", "excludes": ["pipes"]}
    file.write_text(yaml.safe_dump({"measures": {"paint": own, "pipes": {**own, "excludes": []}}}), "utf-8")
    both = with_own(load_measures(), file)
    assert len(both) == len(load_measures()) + 1
    assert next(m for m in both if m.id == "pipes").capital == 2
    options = build_options(quarter.objects, both, quarter.rules, seed=1)
    assert options.has("paint").any()
    assert not (options.has("paint") & options.has("pipes")).any()
    file.write_text(
        yaml.safe_dump({"measures": {"paint": {k: v for k, v in own.items() if k != "gain"}}}), "utf-8"
    )
    with pytest.raises(HutongError, match="gain is missing"):
        with_own(load_measures(), file)


def test_the_page_of_the_catalogue_is_made_from_it() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "measures.md").read_text("utf-8")
    assert page == catalogue_page(load_measures())
    n = counts(load_measures())
    assert (
        f"{n['measures']} measures: {n['sourced']} with figures from a document, {n['assumed']} with" in page
    )
    assert n["measures"] == n["sourced"] + n["assumed"] == page.count("**Source")
