"""Conditions: three-valued, clear about what cannot be read, and put in words."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.catalogue import load_measures
from hutong.plan.condition import Condition, Joined, Not, evaluate, plain, read_condition, truth_of
from hutong.plan.condition_words import asks, unfit
from hutong.plan.objects import KINDS
from hutong.text import Text

from .conftest import Quarter

NAN = np.nan
COLUMNS = {"a": np.array([1.0, 3.0, NAN, 4.0]), "b": np.array([0.0, 1.0, 0.0, NAN])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >= 3", [0, 1, 0, 1]),
        ("b", [0, 1, 0, 0]),
        ("~b", [1, 0, 1, 0]),
        ("a >= 3 | ~b", [1, 1, 1, 1]),
        ("a >= 3 & ~b", [0, 0, 0, 0]),
        ("a >= 3 & (b | a == 4)", [0, 1, 0, 1]),
        ("~(a >= 3)", [1, 0, 0, 0]),
        ("a < 2 | a != 3", [1, 0, 0, 1]),
        ("a <= 1.5", [1, 0, 0, 0]),
        ("~a > 2", [1, 0, 0, 0]),
    ],
)
def test_unknown_is_never_true(text: str, expected: list[int]) -> None:
    assert evaluate(text, COLUMNS).tolist() == [bool(e) for e in expected]


@pytest.mark.parametrize("text", ["c > 1", "a >", "a > b", "(a > 1", "a > 1 b", "a ? 1", "", "& a"])
def test_a_condition_that_cannot_be_read(text: str) -> None:
    with pytest.raises(HutongError) as caught:
        evaluate(text, COLUMNS)
    assert caught.value.code == "bad-condition"


@pytest.mark.parametrize(
    "text", ["a >= 3 & ~b", "~(a >= 3 | b)", "~(a >= 3 & ~b)", "~~b", "a == 4 | ~(b & a < 2)"]
)
def test_denied_comparisons_turned_round_say_the_same(text: str) -> None:
    """The words are those of the condition without ``~``: both are surely true, and surely false, in the same places."""

    def back(condition: Condition) -> str:
        assert not isinstance(condition, Not)
        if isinstance(condition, Joined):
            return "(" + f" {condition.operator} ".join(map(back, condition.parts)) + ")"
        return f"{condition.column} {condition.operator} {condition.number:g}"

    turned, asked = truth_of(back(plain(read_condition(text))), COLUMNS), truth_of(text, COLUMNS)
    assert turned.yes.tolist() == asked.yes.tolist()
    assert turned.no.tolist() == asked.no.tolist()


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("cond_structure >= 4", "结构状况 D 级", "structure graded D"),
        ("cond_pipes >= 3 | pipe_age >= 30", "管线状况 C 级或更差，或管线使用年数至少 30 年", "pipes graded C or worse or pipe age of at least 30 years"),
        ("storeys >= 4 & staircases_without_lift > 0", "层数至少 4 层，且有未装电梯的楼门", "at least 4 storeys and some staircases without a lift"),
        ("named == 0 & (lift | ~insulated)", "是街区内不属小区的部分，且（有电梯，或没有保温）", "the part of a block that is in no estate and (a lift or no insulation)"),
        ("~(idle_m2 >= 50 & leases >= 1)", "闲置用房不足 50 ㎡，或没有可申请退租的公房承租户", "less than 50 m² of idle floor or no public tenancies that could be surrendered"),
        ("cond_fire >= 2.5", "消防状况 2.5 级或更差（A 为 1，D 为 4）", "fire safety graded 2.5 or worse (A is 1, D is 4)"),
        ("lift < 1 & named >= 1", "没有电梯，且是一个小区", "no lift and an estate"),
        ("leased_share > 0.5 & menu_allows_lift", "公房占比超过 50%，且居民菜单同意", "share of floor in public tenancy of more than 50% and a yes of the residents' menu"),
    ],
)  # fmt: skip
def test_what_is_asked_for_in_words(text: str, zh: str, en: str) -> None:
    assert asks(text) == Text(zh, en)


def test_no_name_of_a_column_is_left_in_the_words(quarter: Quarter) -> None:
    """Every column of the object table is called something, whatever is asked of it and whatever an object has."""
    for name in quarter.objects.columns:
        for text in (name, f"~{name}", f"{name} >= 2", f"{name} == 0.5"):
            said = asks(text)
            assert not re.search("[a-z]", said.zh), said
            assert "_" not in said.en, said
    for m in load_measures():
        assert not re.search(r"[><=~&|_]", asks(m.condition).zh + asks(m.condition).en)


def changed(quarter: Quarter, measure: str, **values: float) -> tuple[str, Text] | None:
    """Say how a measure fits its first object after some columns were set."""
    m = next(m for m in load_measures() if m.id == measure)
    objects = quarter.objects
    row = int(np.flatnonzero(objects.kind == KINDS.index(m.applies_to))[0])
    columns = dict(objects.columns)
    for name, value in values.items():
        columns[name] = columns[name].copy()
        columns[name][row] = value
    return unfit(m, replace(objects, columns=columns), row)


def test_what_an_object_has_is_said_with_what_is_asked(quarter: Quarter) -> None:
    said = changed(quarter, "rebuild_in_place", cond_structure=2)
    assert said == ("not_needed", Text("要求结构状况 D 级；这里结构状况 B 级", "asks for structure graded D; here: structure graded B"))  # fmt: skip
    said = changed(quarter, "rebuild_in_place", cond_structure=NAN)
    assert said is not None
    assert said[0] == "unknown_need"
    assert "这里结构状况未知" in said[1].zh
    assert "structure unknown, so nobody can say" in said[1].en
    assert changed(quarter, "rebuild_in_place", cond_structure=4) is None


def test_what_surely_fails_is_not_called_unknown(quarter: Quarter) -> None:
    """One part that surely fails decides, whatever is not known beside it."""
    said = changed(quarter, "lift", storeys=3, staircases_without_lift=NAN)
    assert said is not None
    assert said[0] == "not_needed"
    assert said[1].en.endswith("here: 3 storeys, staircases without a lift unknown")


def test_few_people_are_not_counted(quarter: Quarter) -> None:
    for elders, said in (
        (0, "no elders"),
        (1, "fewer than 5 elders"),
        (4, "fewer than 5 elders"),
        (5, "5 elders"),
    ):
        found = changed(quarter, "courtyard_sensors", cond_fire=4, elders=elders)
        assert found is not None
        assert found[1].en.endswith(f", {said}")
