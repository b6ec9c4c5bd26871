from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.cells import cells, columns_named, holds, observed

from .sense_street import build, tables

NAN = np.nan


def test_a_path_follows_the_reference(street):
    assert cells(street, "dwellings", "building.storeys").values.tolist() == [6, 6, 5, 1, 1]


def test_the_first_known_alternative_counts(street):
    got = cells(street, "dwellings", "staircase.lift or building.lift").values
    assert got.tolist() == [0, 0, 1, 0, 0]


def test_a_missing_reference_is_unknown(street):
    got = cells(street, "dwellings", "staircase.lift")
    np.testing.assert_array_equal(got.values, [0, 0, NAN, NAN, NAN])
    assert got.origin.tolist() == [0, 0, -1, -1, -1]


def test_a_path_into_an_empty_table_is_unknown(rebuilt):
    city = rebuilt(staircases=lambda t: t.iloc[:0], dwellings=lambda t: t.assign(staircase_id=None))
    assert np.isnan(cells(city, "dwellings", "staircase.lift").values).all()


@pytest.mark.parametrize(
    ("condition", "want"),
    [
        ({"use": "residential"}, [1, 1, 1, 0]),
        ({"use": ["office", "hotel"]}, [0, 0, 0, 1]),
        ({"building_id": ["b2"]}, [0, 1, 0, 0]),
        ({"insulated": False}, [1, NAN, 0, 1]),
        ({"cond_structure": {"at_least": 3}}, [1, 0, NAN, 1]),
        ({"cond_structure": {"at_most": 2}}, [0, 1, NAN, 0]),
        ({"pipe_year": {"years_at_least": 20}}, [1, 0, 1, NAN]),
        ({"use": "office", "cond_structure": {"at_least": 3}}, [0, 0, 0, 1]),  # false beats unknown
        ({"insulated": False, "use": "residential"}, [1, NAN, 0, 0]),
        ({}, [1, 1, 1, 1]),
    ],
)
def test_conditions(street, condition, want):
    np.testing.assert_array_equal(holds(street, "buildings", condition), want)


def test_observed_asks_for_every_column(street):
    assert observed(street, "buildings", {"insulated": 0, "cond_structure": 0}).tolist() == [
        True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "condition", "code"),
    [
        ("buildings", {"colour": True}, "unknown-column"),
        ("buildings", {"garden.storeys": True}, "unknown-column"),
        ("buildings", {"use": "castle"}, "unknown-condition"),
        ("buildings", {"storeys": {"above": 3}}, "unknown-condition"),
    ],
)
def test_mistakes_are_named(street, table, condition, code):
    with pytest.raises(HutongError) as caught:
        holds(street, table, condition)
    assert caught.value.code == code


def test_columns_named():
    names = list(columns_named("dwellings", "staircase.lift or building.lift"))
    assert names == ["staircases.lift", "buildings.lift"]
    with pytest.raises(HutongError):
        list(columns_named("dwellings", "colour"))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=4))
def test_unknown_never_turns_into_a_truth(lifts):
    changed = tables()
    changed["buildings"]["lift"] = lifts
    got = holds(build(changed), "buildings", {"lift": True, "use": "residential"})
    want = [NAN if v is None else float(v) for v in lifts[:3]] + [0.0]
    np.testing.assert_array_equal(got, want)
