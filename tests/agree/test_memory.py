"""The heat of attachment: people, not points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.memory import LIMITS, attachment, attachment_of_buildings, read_memories, to_appraise
from hutong.city import make_quarter
from hutong.errors import HutongError


def told(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "x", "y"])


def plain(rows, places, radius):
    """Sum over people the kernel of their nearest memory, in plain loops."""
    out = []
    for px, py in places:
        best = {}
        for person, x, y in rows:
            d2 = ((x - px) ** 2 + (y - py) ** 2) / radius**2
            if d2 <= 1:
                best[person] = max(best.get(person, 0.0), (1 - d2) ** 2)
        out.append((len(best), sum(best.values())))
    return out


points = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.integers(0, 100), st.integers(0, 100)), max_size=25
)


@settings(max_examples=80, deadline=None)
@given(
    points,
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=6),
    st.integers(1, 4),
)
def test_against_plain_loops(rows, places, least):
    found = attachment(told(*rows), np.array(places, float), 37.3, least)
    top = max((d for n, d in plain(rows, places, 37.3) if n >= least), default=np.nan)
    for i, (n, density) in enumerate(plain(rows, places, 37.3)):
        if n >= least:
            assert found["people"][i] == n
            assert found["density"][i] == pytest.approx(density)
            assert found["heat"][i] == pytest.approx(density / top)
        else:
            assert np.isnan(found["heat"][i])
            assert found["people"].isna()[i] == (n > 0)
    again = attachment(told(*rows[::-1]), np.array(places, float), 37.3, least)
    pd.testing.assert_frame_equal(found, again, check_exact=True)


def test_ten_stories_of_one_weigh_as_one():
    one = told(*((p, 0, 0) for p in "abcde"))
    many = told(*((p, 0, 0) for p in "abcde"), *(("a", 0, 0) for _ in range(9)))
    pd.testing.assert_frame_equal(attachment(one, [[0, 5]]), attachment(many, [[0, 5]]))


def test_few_people_show_nothing():
    found = attachment(told(*((p, 0, 0) for p in "abcd")), [[0, 0], [500, 0]])
    assert found["heat"].isna().all()
    assert found["people"].isna()[0]
    assert found["people"][1] == 0
    assert attachment(told(), [[0, 0]])["heat"].isna().all()
    assert "silence is not indifference" in LIMITS.en


def test_a_score_per_building():
    city = make_quarter(dwellings=300, seed=1)
    middle = city["buildings"].geometry.centroid.iloc[3]
    table = attachment_of_buildings(city, told(*((p, middle.x, middle.y) for p in "abcdef")))
    assert table["building_id"].tolist() == city["buildings"]["building_id"].tolist()
    assert table["heat"][3] == 1
    assert table["people"][3] == 6
    assert table["heat"].dropna().between(0, 1).all()
    assert table["heat"].isna().any()


@pytest.mark.parametrize(
    ("table", "args"),
    [
        (told(("a", np.nan, 0)), {}),
        (told((None, 1, 0)), {}),
        (told(("a", 1, 0)).drop(columns="person"), {}),
        (told(("a", 1, 0)), {"radius_m": 0}),
        (told(("a", 1, 0)), {"least_people": 0}),
    ],
)
def test_what_does_not_fit(table, args):
    with pytest.raises(HutongError) as caught:
        attachment(table, [[0, 0]], **args)
    assert caught.value.code == "bad-memories"


def test_memories_are_read_from_text_and_broken_rows_named():
    table = pd.DataFrame(
        {"person": ["a", None, "c"], "x": ["1", "2", "three"], "y": ["4.5", "5", "6"]}, dtype=object
    )
    read = read_memories(table.iloc[:1])
    assert read.to_dict("records") == [{"person": "a", "x": 1.0, "y": 4.5}]
    with pytest.raises(HutongError) as caught:
        read_memories(table)
    assert caught.value.rows == ("row 3: no person or position", "row 4: no person or position")
    with pytest.raises(HutongError, match="memories"):
        read_memories(table[["person", "x"]])


def test_warm_places_that_nothing_protects_are_hints_for_an_appraisal():
    city = make_quarter(dwellings=300, seed=1)
    buildings = city["buildings"]
    heat = pd.DataFrame(
        {
            "building_id": buildings["building_id"],
            "people": pd.array([7] * len(buildings), "Int64"),
            "heat": 0.2,
        }
    )
    grade = buildings["heritage_grade"].astype("object")
    zone = city["plots"].set_index("plot_id")["heritage"].reindex(buildings["plot_id"]).to_numpy()
    free = ~grade.isin(["historic", "protected"]).to_numpy() & (zone != "historic_block")
    warm, guarded = np.flatnonzero(free)[:2], np.flatnonzero(~free)[:1]
    heat.loc[warm, "heat"] = [0.6, 0.9]
    heat.loc[guarded, "heat"] = 1.0
    table = to_appraise(city, heat)
    assert table["building_id"].tolist() == buildings["building_id"].iloc[warm[::-1]].tolist()
    assert table["people"].tolist() == [7, 7]
