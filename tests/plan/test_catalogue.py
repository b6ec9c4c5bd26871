"""The catalogue loads, and says clearly what is wrong with a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hutong.city.schema import schema
from hutong.errors import HutongError
from hutong.plan import load_measures
from hutong.plan.catalogue import load_acceptance, load_assumptions, load_offers

GOOD = {
    "title": {"zh": "修缮", "en": "Repair"}, "group": "basic", "applies_to": "building", "condition": "cond_fire >= 3",
    "quantity": "floor_area_m2", "unit": "m2", "capital": [1, 2, 3], "life_years": 20, "disruption": 0.2,
    "matter": "ordinary", "effects": {"cond_fire": -1}, "source": {"zh": "测试", "en": "test"}, "confidence": "U",
}  # fmt: skip


def test_the_catalogue_covers_the_field() -> None:
    measures = load_measures()
    assert len(measures) >= 16
    assert {m.applies_to for m in measures} == {"building", "courtyard", "estate"}
    assert {m.group for m in measures} == {"basic", "improving", "upgrading", "courtyard"}
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
    assert any(r.startswith("repair: ") and said in r for r in caught.value.rows), caught.value.rows


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
