"""Units made are whole, even, and of neighbours; question files say what is wrong with them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.plan import Flow, Phases, Question
from hutong.plan.question_file import read_question
from hutong.plan.renewal_units import _members, compact, make_units

from .conftest import Quarter


def test_units_of_a_quarter(quarter: Quarter) -> None:
    objects = quarter.objects
    units = make_units(quarter.city, objects, 2)
    places = {objects.ids[i] for i in objects.estate}
    assert set(units) == places
    homes = dict.fromkeys(units.values(), 0.0)
    for place, unit in units.items():
        homes[unit] += float(objects["dwellings"][objects.row_of_id[place]])
    assert len(homes) == 2
    mean = sum(homes.values()) / 2
    assert all(abs(h - mean) <= 0.35 * mean + 1e-6 for h in homes.values())
    with pytest.raises(HutongError) as caught:
        make_units(quarter.city, objects, len(places) + 1)
    assert caught.value.code == "bad-units"
    with pytest.raises(HutongError) as caught:
        make_units(quarter.city, objects, len(places), uneven=0.0)
    assert caught.value.code == "infeasible"


def test_two_clusters_are_found() -> None:
    random = np.random.default_rng(1)
    points = np.vstack([random.normal(0, 10, (6, 2)), random.normal(500, 10, (6, 2))])
    labels = compact(points, np.ones(12), 2, 0.1)
    assert len(set(labels[:6])) == 1
    assert len(set(labels[6:])) == 1
    assert labels[0] != labels[6]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_members_equal_brute_force(seed: int) -> None:
    random = np.random.default_rng(seed)
    points, weight = random.uniform(0, 100, (5, 2)), random.integers(1, 9, 5).astype(float)
    centres = points[:2]
    mean = weight.sum() / 2
    far = ((points[:, None] - centres[None]) ** 2).sum(axis=2)

    def cost(labels: tuple[int, ...]) -> float:
        size = np.bincount(labels, weight, 2)
        even = (np.abs(size - mean) <= 0.6 * mean + 1e-9).all() and len(set(labels)) == 2
        return float((far[np.arange(5), list(labels)] * weight).sum()) if even else np.inf

    best = min(cost(labels) for labels in itertools.product((0, 1), repeat=5))
    if np.isfinite(best):
        found = _members(points, weight, centres, 0.6)
        assert cost(tuple(int(v) for v in found)) == pytest.approx(best, rel=1e-4)


FILE = """
mode: money
budget: {city: 1e7}
least: {weighted: 0.4}
without: [surrender]
reasons: {unit.local_rehousing_min: {zh: 自愿外迁, en: they wish to move}}
years: [10, 20]
units: {east: [e1, e2], west: [e3]}
plot_flows: [{from: p1, to: "*", most: 300, approval: 批复}]
phases: {years: 3, budgets: {city: 5e6, district: [1, 2, 3, 4]}, room: 40}
mix: {service: [0, 0.02]}
"""


def test_a_question_file(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(FILE, "utf-8")
    read = read_question(path)
    assert read == Question(
        mode="money",
        budget={"city": 1e7},
        least={"weighted": 0.4},
        off=frozenset({"surrender"}),
        reasons=read.reasons,
        years=(10, 20),
        units={"e1": "east", "e2": "east", "e3": "west"},
        plot_flows=(Flow("p1", "*", 300.0, "批复"),),
        phases=Phases(3, {"city": 5e6, "district": (1.0, 2.0, 3.0, 4.0)}, 40.0),
        mix={"service": (0.0, 0.02)},
    )
    assert read.reasons[0].reason.en == "they wish to move"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modes: money", "no such key"),
        ("budget: much", "budget"),
        ("units: {east: []}", "empty"),
        ("units: {east: [a], west: [a]}", "two units"),
        ("phases: {years: two}", "phases"),
        ("phases: {years: 2, rooms: 4}", "rooms"),
        ("- a", "mapping"),
        ("plot_flows: [{from: a, to: b}]", "plot_flows"),
    ],
)
def test_a_question_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(HutongError) as caught:
        read_question(path)
    assert caught.value.code == "bad-question-file"
    assert said in caught.value.render("en")


def test_a_question_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HutongError) as caught:
        read_question(tmp_path / "absent.yaml")
    assert caught.value.code == "bad-question-file"
