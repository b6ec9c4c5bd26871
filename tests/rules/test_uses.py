"""What vacated space may become: lists by date, space and zone; what no list speaks of is unknown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.rules.uses import VERDICTS, read_uses, use_book, use_verdict

RULES = load_rules("beijing")
NATION = load_rules("national")


@pytest.mark.parametrize(
    ("use", "space", "zone", "verdict"),
    [
        ("elderly_care", "vacated_room", "historic_block", "conditional"),
        ("rental_housing", "vacated_room", "", "conditional"),
        ("hotel", "vacated_room", "none", "unknown"),
        ("commodity_housing", "factory", "none", "prohibited"),
        ("restaurant", "vacant_home", "none", "conditional"),
        ("elderly_care", "vacant_home", "none", "unknown"),
        ("elderly_care", "office", "none", "conditional"),
        ("rental_housing", "office", "none", "conditional"),
        ("hazardous_store", "factory", "historic_block", "prohibited"),
        ("hazardous_store", "factory", "none", "unknown"),
        ("hazardous_store", "factory", "", "unknown"),
        ("wholesale", "shop", "none", "unknown"),
        ("restaurant", "shop", "none", "unknown"),
    ],
)
def test_what_a_space_may_become(use, space, zone, verdict):
    found = use_verdict(use, space, RULES, zone)
    assert found.verdict == verdict
    assert bool(found.conditions) == (verdict == "conditional" or use == "wholesale")
    assert bool(found.lists) or verdict == "unknown"


def test_lists_hold_from_their_day_and_in_their_place():
    assert use_verdict("rental_housing", "office", RULES, "none", dt.date(2025, 12, 31)).verdict == "unknown"
    assert (
        use_verdict("elderly_care", "vacated_room", RULES, "none", dt.date(2023, 2, 28)).verdict == "unknown"
    )
    assert use_verdict("commodity_housing", "factory", NATION, "none").verdict == "unknown"
    assert (
        use_verdict("restaurant", "vacant_home", NATION, "none").conditions[0].zh
        == "经有利害关系的业主一致同意"
    )


def test_every_list_rests_on_a_document_and_every_service_is_a_facility_kind():
    kinds = read_yaml((Path(__file__).parents[2] / "src/hutong/city/facility_kinds.yaml").read_text("utf-8"))
    book = use_book()
    assert {u.facility for u in book.uses.values() if u.facility} <= set(kinds)
    for x in book.lists:
        assert x.authority.source or x.authority.note is not None
        assert {v for v, _ in x.says.values()} <= set(VERDICTS)


@pytest.mark.parametrize("args", [("castle", "shop"), ("hotel", "castle"), ("hotel", "shop", "moon")])
def test_words_that_do_not_exist(args):
    use, space, *zone = args
    with pytest.raises(HutongError) as caught:
        use_verdict(use, space, RULES, *zone)
    assert caught.value.code == "bad-use"


GOOD = (
    "spaces: {shop: {zh: 商铺, en: shop}}\nuses: {hotel: {zh: 住宿, en: hotel}, spa: {zh: 浴场, en: spa}}\nlists:\n  one:\n"
    "    title: {zh: 一, en: One}\n    holds_in: [beijing]\n    from: 2024-01-01\n    until: 2025-12-31\n    spaces: [shop]\n"
    "    zones: []\n    allowed: [spa]\n    conditional: {hotel: {zh: 报批, en: approval}}\n    source: 文件\n    confidence: D\n"
)


def test_a_list_of_ones_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD, "utf-8")
    book = read_uses(path)
    assert use_verdict("spa", "shop", RULES, on=dt.date(2025, 1, 1), book=book).verdict == "allowed"
    assert use_verdict("spa", "shop", RULES, on=dt.date(2026, 1, 1), book=book).verdict == "unknown"


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("spaces: [shop]", "spaces: [moon]", "own.yaml:9: 'moon' is not known; expected one of shop"),
        (
            "{hotel: {zh: 报批, en: approval}}",
            "{inn: {zh: 报批, en: approval}}",
            "own.yaml:12: 'inn' is not known",
        ),
        ("allowed: [spa]", "allowed: [hotel]", "own.yaml:12: 'hotel' stands twice in the list"),
        (
            "    allowed: [spa]\n    conditional: {hotel: {zh: 报批, en: approval}}\n",
            "",
            "own.yaml:4: one says nothing",
        ),
        ("until: 2025-12-31", "until: never", "own.yaml:8: until is 'never'"),
        ("{hotel: {zh: 报批, en: approval}}", "{hotel: yes}", "own.yaml:12: hotel is True"),
    ],
)
def test_a_broken_file_says_where(tmp_path, good, bad, said):
    path = tmp_path / "own.yaml"
    path.write_text(GOOD.replace(good, bad), "utf-8")
    with pytest.raises(HutongError) as caught:
        read_uses(path)
    assert any(r.startswith(said) for r in caught.value.rows), caught.value.rows
