from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.e2sfca import (
    FAST,
    capacity_access,
    capacity_summary,
    e2sfca,
    gaussian,
    gaussian_to_zero,
    stepwise,
)
from hutong.sense.services import kinds_of, services
from hutong.sense.walks import walks


def problem(seed: int, homes: int = 60, places: int = 9):
    rng = np.random.default_rng(seed)
    home, place = np.divmod(np.arange(homes * places), places)
    metres = rng.integers(0, 2000, homes * places).astype(float)
    demand, supply = rng.integers(1, 90, homes).astype(float), rng.integers(0, 40, places).astype(float)
    return demand, supply, home, place, metres


@pytest.mark.parametrize("name", ["slow", "fast", "gaussian", "to_zero"])
def test_equals_the_package_access(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from access import weights
        from access.fca import two_stage_fca
    bounds = [400.0, 800.0, 1200.0]
    ours, theirs = {
        "slow": (stepwise(bounds), weights.step_fn(dict(zip(bounds, (1, 0.68, 0.22), strict=True)))),
        "fast": (stepwise(bounds, FAST), weights.step_fn(dict(zip(bounds, FAST, strict=True)))),
        "gaussian": (gaussian(500.0), weights.gaussian(500.0)),
        "to_zero": (gaussian_to_zero(1200.0), lambda d: float(gaussian_to_zero(1200.0)(np.array([d]))[0])),
    }[name]
    demand, supply, home, place, metres = problem(3)
    got = e2sfca(demand, supply, home, place, metres, ours)
    cost = pd.DataFrame({"origin": home, "dest": place, "cost": metres})
    people, capacity = pd.DataFrame({"demand": demand}), pd.DataFrame({"supply": supply})
    people.index.name = capacity.index.name = "geoid"
    want = two_stage_fca(people, capacity, cost, max_cost=None, demand_index=True, weight_fn=theirs)
    np.testing.assert_allclose(got, want.reindex(range(len(demand))).fillna(0), rtol=0, atol=1e-9)


def test_gaussian_to_zero_is_one_at_the_door_and_nothing_at_the_end():
    got = gaussian_to_zero(1000.0)(np.array([0.0, 500.0, 1000.0, 1000.1]))
    want = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    np.testing.assert_allclose(got, [1, want, 0, 0], atol=1e-12)


def test_zones_hold_up_to_their_bound():
    got = stepwise([400, 800, 1200])(np.array([0.0, 400.0, 400.1, 800.0, 1200.0, 1200.1]))
    assert got.tolist() == [1, 1, 0.68, 0.68, 0.22, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_capacity_is_shared_out_exactly_once(seed):
    demand, supply, home, place, metres = problem(seed, homes=20, places=5)
    near = metres <= 800
    access = e2sfca(demand, supply, home, place, metres, stepwise([800.0], [1.0]))
    reached = np.unique(place[near])
    assert (access * demand).sum() == pytest.approx(supply[reached].sum())


def test_unknown_spreads_to_those_it_concerns():
    home, place, metres = np.array([0, 1, 2]), np.array([0, 0, 1]), np.array([10.0, 10.0, 10.0])
    decay = stepwise([100.0], [1.0])
    unknown_people = e2sfca(np.array([np.nan, 2, 3]), np.array([4.0, 6.0]), home, place, metres, decay)
    np.testing.assert_array_equal(unknown_people, [np.nan, np.nan, 2])
    unknown_capacity = e2sfca(np.array([1.0, 2, 3]), np.array([np.nan, 6.0]), home, place, metres, decay)
    np.testing.assert_array_equal(unknown_capacity, [np.nan, np.nan, 2])
    nobody = e2sfca(np.array([0.0, 0, 3]), np.array([4.0, 6.0]), home, place, metres, decay)
    np.testing.assert_array_equal(nobody, [np.nan, np.nan, 2])
    assert e2sfca(np.array([1.0]), np.array([4.0]), home[:0], place[:0], metres[:0], decay).tolist() == [0]


def test_places_per_thousand_by_hand(rebuilt, rules):
    city = rebuilt(facilities=lambda t: t.assign(capacity=[None, None, 12.0]))
    found = walks(city, kinds_of(), 1200.0)
    # Elders 3, 0 and 1 at 370, 70 and 340 m of the station, 60 m a minute: all in the second zone but b2 in the first.
    got = capacity_access(city, rules, found, services()["elderly_care"])
    ratio = 12 / (0.68 * 3 + 0.68 * 1)
    np.testing.assert_allclose(got.to_numpy()[:3], 1000 * ratio * np.array([0.68, 1, 0.68]))
    assert got.index[0] == "b1"
    assert got.name == "elderly_care"


def test_capacity_summed_up_over_people(rebuilt, rules):
    city = rebuilt(facilities=lambda t: t.assign(capacity=[None, None, 12.0]))
    table, each = capacity_summary(city, rules, [services()["elderly_care"], services()["clinic"]])
    care, clinic = table.to_dict("records")
    # all four elders have the same: those of b1 and b3 stand in the second zone
    own = 1000 * 12 / (0.68 * 4) * 0.68
    assert [care[c] for c in ("low", "median", "high")] == pytest.approx([own] * 3)
    assert (care["none"], care["unknown"], care["reason_en"]) == (0, 0, "")
    assert "capacity" in clinic["reason_en"]
    assert np.isnan(clinic["median"])
    assert list(each.columns) == ["elderly_care", "clinic"]
    assert each.index.name == "building_id"


def test_unknown_capacity_and_unmapped_kinds_have_reasons(street, rules):
    found = walks(street, kinds_of(), 1200.0)
    clinic = capacity_access(street, rules, found, services()["clinic"])
    assert clinic.isna().all()
    assert "capacity" in clinic.attrs["reason"].en
    nursery = capacity_access(street, rules, found, services()["nursery"])
    assert nursery.isna().all()
    assert "托育" in nursery.attrs["reason"].zh


def test_walks_must_be_long_enough(street, rules):
    with pytest.raises(HutongError, match="1200 m are needed"):
        capacity_access(street, rules, walks(street, kinds_of(), 900.0), services()["clinic"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: stepwise([300, 200], [1, 1]),
        lambda: stepwise([300], [1, 1]),
        lambda: stepwise([300], [-1]),
        lambda: stepwise([], []),
        lambda: gaussian(0),
        lambda: gaussian_to_zero(-1),
    ],
)
def test_what_is_no_decay_is_refused(make):
    with pytest.raises(HutongError):
        make()
