"""The synthetic quarter: exact size, a plausible map, the margins it claims, the same bytes for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hutong.city import City, facility_kinds, make_quarter
from hutong.city.quarter import DISTRICT, _households
from hutong.city.quarter_facilities import _counts
from hutong.errors import HutongError
from hutong.rng import generator


@pytest.fixture(scope="module")
def quarter() -> City:
    return make_quarter(1200, seed=1)


@pytest.fixture(scope="module")
def large() -> City:
    return make_quarter(30_000, seed=3)


@settings(max_examples=10, deadline=None)
@given(dwellings=st.integers(300, 4000), seed=st.integers(0, 2**31))
def test_any_size_is_exact_and_has_every_kind_of_place(dwellings: int, seed: int) -> None:
    city = make_quarter(dwellings, seed=seed)
    assert len(city["dwellings"]) == dwellings
    assert set(city["estates"]["kind"]) == {"hutong", "danwei", "commodity"}
    forms = city["buildings"].groupby("form", observed=True).size()
    assert {"courtyard", "slab", "tower", "other"} <= set(forms.index)
    uses = set(city["plots"]["land_use"])
    assert {"residential", "education", "green", "public_service", "industrial"} <= uses
    assert int(city["plots"]["reserved"].sum()) >= 1
    assert _is_connected(city)
    assert not _overlaps(city["buildings"].geometry)


@pytest.mark.parametrize("dwellings", [0, 299, 8_000_001])
def test_a_size_out_of_range_is_refused(dwellings: int) -> None:
    with pytest.raises(HutongError) as caught:
        make_quarter(dwellings)
    assert caught.value.code == "quarter-size"


def test_same_seed_same_bytes_other_seed_other_quarter(quarter: City) -> None:
    assert make_quarter(1200, seed=1).hash == quarter.hash
    assert make_quarter(1200, seed=2).hash != quarter.hash


def test_titles_may_be_left_out_and_change_nothing_else(quarter: City) -> None:
    without = make_quarter(1200, seed=1, titles=False)
    assert len(without["titles"]) == 0
    pd.testing.assert_frame_equal(without["dwellings"], quarter["dwellings"])


def _overlaps(shapes: pd.Series) -> list[tuple[int, int]]:
    geometry = np.asarray(shapes)
    a, b = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pair = a < b
    common = shapely.area(shapely.intersection(geometry[a[pair]], geometry[b[pair]]))
    return [(int(i), int(j)) for i, j, m2 in zip(a[pair], b[pair], common, strict=True) if m2 > 1e-6]


@pytest.mark.parametrize("city", ["quarter", "large"])
def test_nothing_overlaps_and_everything_stands_inside(city: str, request: pytest.FixtureRequest) -> None:
    made: City = request.getfixturevalue(city)
    for table in ("blocks", "plots", "buildings"):
        assert not _overlaps(made[table].geometry), table
    for table, column, outer in (("buildings", "plot_id", "plots"), ("plots", "block_id", "blocks")):
        holder = np.asarray(made[outer].geometry)[made.positions(table, column)]
        spill = shapely.area(shapely.difference(np.asarray(made[table].geometry), holder))
        assert spill.max() < 1e-6, table


def _is_connected(city: City) -> bool:
    a, b = city.positions("streets", "from_node"), city.positions("streets", "to_node")
    n = len(city["street_nodes"])
    return int(connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)))[0]) == 1


def test_streets_are_measured_and_cross_no_building(large: City) -> None:
    assert _is_connected(large)
    streets = large["streets"]
    np.testing.assert_allclose(streets["length_m"], streets.geometry.length, rtol=1e-12)
    assert (streets["length_m"] > 0).all()
    node = np.asarray(large["street_nodes"].geometry)
    ends = (
        shapely.get_point(np.asarray(streets.geometry), 0),
        shapely.get_point(np.asarray(streets.geometry), -1),
    )
    assert shapely.distance(ends[0], node[large.positions("streets", "from_node")]).max() == 0
    assert shapely.distance(ends[1], node[large.positions("streets", "to_node")]).max() == 0
    hit, _ = shapely.STRtree(np.asarray(large["buildings"].geometry)).query(
        np.asarray(streets.geometry), predicate="intersects"
    )
    assert len(hit) == 0
    near = shapely.STRtree(np.asarray(streets.geometry)).query_nearest(
        np.asarray(large["buildings"].geometry), return_distance=True
    )[1]
    assert near.max() < 60


def test_homes_fill_their_building_storey_by_storey(quarter: City) -> None:
    homes = quarter["dwellings"]
    building = quarter.positions("dwellings", "building_id")
    storeys = quarter["buildings"]["storeys"].to_numpy()[building]
    assert (homes["storey"] <= storeys).all()
    stair = quarter.positions("dwellings", "staircase_id")
    court = (quarter["buildings"]["form"] == "courtyard").to_numpy()[building]
    assert (court == (stair < 0)).all()
    of_stair = quarter.positions("staircases", "building_id")
    assert (of_stair[stair[stair >= 0]] == building[stair >= 0]).all()
    per_landing = homes[stair >= 0].groupby(["staircase_id", "storey"]).size()
    assert per_landing.between(2, 6).all()
    per_court = homes[court].groupby("building_id").size()
    assert per_court.between(4, 12).all()


def test_legal_areas_are_whole_cm2_and_follow_tenure(quarter: City) -> None:
    homes = quarter["dwellings"]
    for column in ("deed_cm2", "lease_cm2", "self_built_cm2"):
        assert (homes[column] % 100 == 0).all()
    public = homes["tenure"].isin(["public_direct", "public_unit", "central", "military"])
    assert (homes["lease_cm2"].gt(0) == public).all()
    assert (homes["deed_cm2"].gt(0) == ~public).all()
    legal = (homes["deed_cm2"] + homes["lease_cm2"] + homes["self_built_cm2"]) / 1e4
    floor = quarter["buildings"].set_index("building_id")["floor_area_m2"]
    assert (
        legal.groupby(homes["building_id"]).sum() <= floor.reindex(homes["building_id"].unique()) + 1e-6
    ).all()


def test_every_tenure_of_an_old_quarter_is_there(large: City) -> None:
    share = large["dwellings"]["tenure"].value_counts(normalize=True)
    for tenure in ("commodity", "reform", "private", "public_direct", "public_unit", "central", "military"):
        assert share[tenure] > 0.005
    assert share["collective"] == 0


def test_the_mix_of_blocks_hardly_depends_on_size() -> None:
    for dwellings in (1200, 5000, 40_000):
        city = make_quarter(dwellings, seed=4, titles=False)
        estate = city.positions("plots", "estate_id")[city.positions("buildings", "plot_id")]
        of_home = estate[city.positions("dwellings", "building_id")]
        share = city["estates"]["kind"].iloc[of_home].value_counts(normalize=True)
        assert share["hutong"] == pytest.approx(0.22, abs=0.04)
        assert share["danwei"] == pytest.approx(0.33, abs=0.05)


def test_old_city_caps_and_zones(quarter: City) -> None:
    plots = quarter["plots"]
    old = plots["old_city"].to_numpy(dtype=bool)
    assert (plots["height_cap_m"][old] == 9).all()
    assert set(plots["heritage"][old].astype(str)) == {"historic_block", "control_zone"}
    assert (plots["heritage"][~old] == "none").all()
    assert (plots["far_cap"][plots["reserved"].to_numpy(dtype=bool)] == 0).all()
    courts = quarter["buildings"]["form"] == "courtyard"
    assert (quarter["buildings"]["height_m"][courts] < 9).all()


def test_nothing_that_stands_breaks_its_caps(quarter: City) -> None:
    plots, plot = quarter["plots"], quarter.positions("buildings", "plot_id")
    floor = np.bincount(plot, weights=quarter["buildings"]["floor_area_m2"], minlength=len(plots))
    assert (floor / plots.area <= plots["far_cap"]).all()
    assert (quarter["buildings"]["height_m"].to_numpy() <= plots["height_cap_m"].to_numpy()[plot]).all()


def test_the_date_must_be_one_and_sets_the_age() -> None:
    with pytest.raises(HutongError) as caught:
        make_quarter(300, date="soon")
    assert caught.value.code == "bad-date"
    now, later = (make_quarter(300, seed=1, date=f"{year}-01-01")["buildings"] for year in (2026, 2046))
    assert later["cond_envelope"].mean() > now["cond_envelope"].mean()


def test_what_is_wrong_with_it_is_there(quarter: City) -> None:
    buildings, homes = quarter["buildings"], quarter["dwellings"]
    assert buildings["illegal"].any()
    assert (buildings["cond_structure"] == 4).any()
    slabs = (buildings["form"] == "slab") & (buildings["built_year"] < 1996)
    assert not buildings["lift"][slabs].any()
    empty = (homes["occupancy"] == "vacant").groupby(homes["building_id"]).all()
    assert empty.any(), "a courtyard handed back as a whole"
    assert (homes["residents"][homes["occupancy"] == "vacant"] == 0).all()
    assert (homes["elders"] + homes["children"] <= homes["residents"]).all()


def test_facilities_are_known_kinds_and_fall_short(large: City) -> None:
    counts = large["facilities"]["kind"].value_counts()
    assert set(counts.index) <= set(facility_kinds())
    superblocks = len(large["blocks"]) / 6
    assert counts["elderly_care"] < superblocks < counts["convenience"]
    parks = large["facilities"][large["facilities"]["kind"] == "park"]
    assert parks["area_m2"].gt(400).all()


def test_counts_of_a_facility_add_up_to_the_expected_number() -> None:
    assert _counts(200, 0.35).sum() == 70
    assert set(_counts(200, 0.35)) == {0, 1}
    assert _counts(1, 0.35).tolist() == [0]
    assert _counts(1, 2.6).tolist() == [3]


def test_titles_say_who_manages_and_what_is_unclear(large: City) -> None:
    titles, homes = large["titles"], large["dwellings"]
    tenure = homes["tenure"].to_numpy()[large.positions("titles", "dwelling_id")]
    public = pd.Series(tenure).isin(["public_direct", "public_unit", "central", "military"])
    assert (titles["managing_unit"].notna() == public).all()
    let = (homes["occupancy"] == "let").to_numpy()
    assert ((titles["state"] == "sublet") == (public & let)).all()
    clear = (titles["state"] == "clear").groupby(tenure).mean()
    assert clear["commodity"] > 0.95 > clear["private"]
    assert ((titles["document"] == "none") == (titles["state"] == "missing")).all()


def test_requests_are_about_faults_of_the_place(large: City) -> None:
    asked = large["requests"]
    assert len(asked) == 7500
    assert asked["time"].is_monotonic_increasing
    assert asked["text"].str.contains("{", regex=False).sum() == 0
    closed = asked["closed"].notna()
    assert (asked["closed"][closed] > asked["time"][closed]).all()
    assert asked["resolved"].isna().equals(~closed)
    heating = asked[asked["category"] == "供暖问题"]
    assert set((heating["time"] + pd.Timedelta(hours=8)).dt.month) <= {1, 2, 3, 11, 12}
    lifts = asked[asked["category"] == "加装电梯"]
    hit, building = large["buildings"].sindex.query(lifts.geometry, predicate="within")
    assert len(hit) == len(lifts)
    assert not large["buildings"]["lift"].iloc[building].any()


def test_provenance_tells_census_from_invention(quarter: City) -> None:
    assert quarter.provenance["dwellings"]["residents"].origin == "imputed"
    assert quarter.provenance["dwellings"]["residents"].source == "census2020"
    assert quarter.provenance["buildings"]["geometry"].origin == "assumed"
    named = {s.id for s in quarter.meta.sources}
    used = {p.source for columns in quarter.provenance.values() for p in columns.values()}
    assert used == named
    assert quarter.meta.recipe["district"] == DISTRICT
    assert quarter.coverage("dwellings", "residents") == 0


def test_estates_have_names_and_no_two_the_same(large: City) -> None:
    names = large["estates"]["name"]
    assert names.notna().all()
    assert names.is_unique
    homes = large["buildings"]["form"] != "other"
    assert large["buildings"]["name"].notna().equals(homes)


@given(courtyards=st.integers(1, 60), share=st.floats(0, 1))
def test_households_per_courtyard_add_up(courtyards: int, share: float) -> None:
    total = round(courtyards * (4 + 8 * share))
    count = _households(total, courtyards, generator(1, "test"))
    assert count.sum() == total
    assert count.min() >= 4
    assert count.max() <= 12


def test_too_many_households_do_not_fit() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        _households(100, 2, generator(1, "test"))
