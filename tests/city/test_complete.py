"""The completer: never touches what is known, marks what it fills, and houses people as the census says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.city import City, Meta, Provenance, Source, complete, make_quarter, read_osm, schema
from hutong.city.complete_land import in_old_city
from hutong.city.complete_rules import rules, word_of
from hutong.city.margins import household_table, read_margins
from hutong.city.snapshot import ASSUMED, IMPUTED, NO_VALUE, OBSERVED
from hutong.errors import HutongError
from hutong.text import Text

CRS = "EPSG:4548"
#: Inside the second ring road, and in the north-west outside it (EPSG:4548).
OLD_CITY, OUTSIDE = (445_700.0, 4_418_000.0), (435_800.0, 4_429_800.0)


def bare(at: tuple[float, float] = OUTSIDE, count: int = 60, **columns: Any) -> City:
    """A map as importers give it: two estates, a school, a rest plot; buildings are outlines and little more."""
    x, y = at
    boxes = [shapely.box(x + 400 * k, y, x + 400 * k + 390, y + 800) for k in range(4)]
    row = np.arange(count)
    plot = row % 4
    ax, ay = x + 400 * plot + 10 + 45 * (row // 4 % 8), y + 10 + 40 * (row // 32)
    shapes = shapely.box(ax, ay, ax + 40, ay + np.where(row % 7 == 6, 1.2, 14))
    tables = {
        "blocks": gpd.GeoDataFrame(
            {"block_id": ["k"]}, geometry=[shapely.box(x - 5, y - 5, x + 1700, y + 900)], crs=CRS
        ),
        "estates": gpd.GeoDataFrame(
            {"estate_id": ["e0", "e1"], "block_id": "k", "name": ["前进里", None]}, geometry=boxes[:2], crs=CRS
        ),
        "plots": gpd.GeoDataFrame(
            {
                "plot_id": ["p0", "p1", "p2", "p3"], "block_id": "k", "estate_id": ["e0", "e1", None, None],
                "land_use": ["residential", "residential", "education", None],
            },
            geometry=boxes, crs=CRS,
        ),
        "buildings": gpd.GeoDataFrame(
            {"building_id": [f"w{k:04d}" for k in row], "plot_id": [f"p{k}" for k in plot], **columns},
            geometry=shapes, crs=CRS,
        ),
    }  # fmt: skip
    provenance = {
        name: {
            c: Provenance("observed", "map")
            for c in frame.columns
            if c in schema().tables[name].columns and frame[c].notna().any()
        }
        for name, frame in tables.items()
    }
    meta = Meta("bare", Text("底图", "bare map"), "2026-01-01", CRS, (Source("map", "map", "CC0-1.0"),))
    return City.build(meta, tables, provenance)


@pytest.fixture(scope="module")
def done() -> City:
    return complete(bare(), seed=1)


MAYBE_STOREYS = st.lists(st.one_of(st.none(), st.integers(1, 33).map(float)), min_size=24, max_size=24)
MAYBE_YEARS = st.lists(st.one_of(st.none(), st.integers(1900, 2024).map(float)), min_size=24, max_size=24)
MAYBE_USES = st.lists(
    st.one_of(st.none(), st.sampled_from(["residential", "education", "office", "dormitory", "other"])),
    min_size=24,
    max_size=24,
)
MAYBE_LIFTS = st.lists(st.sampled_from([None, True, False]), min_size=24, max_size=24)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    storeys=MAYBE_STOREYS, built_year=MAYBE_YEARS, use=MAYBE_USES, lift=MAYBE_LIFTS, seed=st.integers(0, 99)
)
def test_what_is_observed_is_never_touched(seed: int, **columns: list[Any]) -> None:
    before = bare(count=24, **columns)
    after = complete(before, seed=seed)
    for name, frame in before.tables.items():
        for column in schema().tables[name].columns:
            if column == "geometry":
                continue
            known = frame[column].notna().to_numpy()
            rows = np.flatnonzero(known)
            pd.testing.assert_series_equal(
                after[name][column].iloc[rows], frame[column].iloc[rows], check_names=False
            )
            assert (after.origin(name, column)[rows] == OBSERVED).all()
            new = after.origin(name, column)[: len(frame)][~known]
            assert set(new) <= {IMPUTED, ASSUMED, NO_VALUE}
    assert len(after["buildings"]) == len(before["buildings"])


def test_what_is_complete_stays_as_it_is() -> None:
    quarter = make_quarter(300, seed=1)
    after = complete(quarter, seed=5, district="110102")
    for name in schema().tables:
        pd.testing.assert_frame_equal(pd.DataFrame(after[name]), pd.DataFrame(quarter[name]))
    assert after.provenance == quarter.provenance


def test_every_cell_that_can_be_told_is_filled(done: City) -> None:
    unknown = {
        (name, column)
        for name in ("estates", "plots", "buildings", "staircases", "dwellings")
        for column in schema().tables[name].columns
        if done[name][column].isna().all()
    }
    assert unknown == {("buildings", "name"), ("buildings", "illegal")}
    assert done["estates"]["name"].isna().tolist() == [False, True], "an estate without a name keeps none"
    buildings = done["buildings"].drop(columns=["name", "illegal", "geometry"])
    assert buildings.drop(columns=[c for c in buildings if c.endswith("__origin")]).notna().all(axis=None)


def test_every_filled_cell_names_a_source_the_city_lists(done: City) -> None:
    listed = {s.id for s in done.meta.sources}
    assert {"map", "census2020", "completer"} <= listed
    for name, columns in done.provenance.items():
        for column, known in columns.items():
            assert set(known.source.split("+")) <= listed, (name, column)
    for name in ("buildings", "plots", "estates", "dwellings", "staircases"):
        for column in schema().tables[name].columns:
            if done[name][column].notna().any():
                assert column in done.provenance[name], (name, column)
    assert next(s for s in done.meta.sources if s.id == "census2020").licence == "MIT"
    recipe = done.meta.recipe
    assert (recipe["completer_seed"], recipe["completer_district"]) == (1, "110108")
    assert recipe["completer"] >= 1


def test_homes_are_imputed_and_none_is_observed(done: City) -> None:
    for column in ("dwelling_id", "residents", "elders", "children", "own_toilet", "occupancy"):
        assert done.provenance["dwellings"][column] == Provenance("imputed", "census2020")
        assert done.coverage("dwellings", column) == 0
    for column in ("tenure", "income_band"):
        assert done.provenance["dwellings"][column] == Provenance("assumed", "completer")


def test_same_seed_same_city_other_seed_other_city(done: City) -> None:
    assert complete(bare(), seed=1).hash == done.hash
    assert complete(bare(), seed=2).hash != done.hash
    assert complete(bare(), seed=1, district="110101").hash != done.hash


def test_the_order_of_the_rows_does_not_matter(done: City) -> None:
    given_ = bare()
    tables = {n: f.iloc[np.random.default_rng(4).permutation(len(f))] for n, f in given_.tables.items()}
    other = complete(City.build(given_.meta, tables, given_.provenance), seed=1)
    for name in ("estates", "plots", "buildings", "staircases", "dwellings"):
        key = schema().tables[name].key
        one, two = (c[name].sort_values(key).reset_index(drop=True) for c in (done, other))
        pd.testing.assert_frame_equal(pd.DataFrame(two), pd.DataFrame(one))


def test_completing_twice_changes_nothing(done: City) -> None:
    again = complete(done, seed=9)
    for name in schema().tables:
        pd.testing.assert_frame_equal(pd.DataFrame(again[name]), pd.DataFrame(done[name]))


def test_unknown_district_is_refused() -> None:
    with pytest.raises(HutongError) as caught:
        complete(bare(), district="999999")
    assert caught.value.code == "unknown-district"


def test_a_map_without_estates_or_homes_is_completed() -> None:
    city = bare(count=8, use=["education"] * 8)
    tables = {
        "blocks": city["blocks"],
        "plots": city["plots"].assign(estate_id=None),
        "buildings": city["buildings"],
    }
    after = complete(City.build(city.meta, tables, {}))
    assert len(after["dwellings"]) == len(after["staircases"]) == 0
    assert after["buildings"]["storeys"].tolist() == [4.0] * 8


def test_the_real_quarter_is_completed(shared: Path) -> None:
    before = read_osm(shared / "data/osm_beijing_cau/beijing_haidian_cau.osm", "cau")
    after = complete(before, seed=1)
    assert len(after["buildings"]) == len(before["buildings"]) >= 200
    assert after["buildings"]["storeys"].notna().all()
    observed = before["buildings"]["storeys"].notna()
    assert after.coverage("buildings", "storeys") == pytest.approx(observed.mean())
    assert len(after["dwellings"]) > 3000
    homes = after["dwellings"][after["dwellings"]["residents"] > 0]
    margins = read_margins("110108")
    assert homes["residents"].mean() == pytest.approx(margins["household_size"], abs=0.05)
    assert homes["own_toilet"].mean() == pytest.approx(margins["own_toilet_share"], abs=0.01)
    assert not after["plots"]["old_city"].any()


# --- buildings ---


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("学生公寓二号楼", "dormitory"), ("教学楼", "education"), ("图书馆", "education"), ("Teaching Building 3", "education"),
        ("校医院", "medical"), ("二食堂", "commercial"), ("金码大厦", "office"), ("如家酒店", "hotel"), ("锅炉房", "utility"),
        ("21号楼", "residential"), ("自行车库", "parking"), ("某某", None), (None, None),
    ],
)  # fmt: skip
def test_names_tell_uses(name: str | None, use: str | None) -> None:
    names = pd.Series([name], dtype=pd.StringDtype(na_value=np.nan))
    assert word_of(names, rules()["uses"]["by_name"])[0] == use


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("东四胡同", "hutong"), ("石科院生活区", "danwei"), ("清华东路27号院", "danwei"), ("农大小区-北区", "danwei"),
        ("富润家园", "commodity"), ("静淑苑", "commodity"), ("大华花园别墅", "commodity"), ("无名", None),
    ],
)  # fmt: skip
def test_names_tell_kinds_of_estates(name: str, kind: str | None) -> None:
    names = pd.Series([name], dtype=pd.StringDtype(na_value=np.nan))
    assert word_of(names, rules()["kinds_by_name"])[0] == kind


def test_storeys_come_from_height_then_neighbours_then_kind() -> None:
    height = [None] * 60
    height[0], height[1] = 17.4, 34.2
    city = complete(bare(height_m=height, use=["residential"] * 60))
    storeys, origin = city["buildings"]["storeys"], city.origin("buildings", "storeys")
    assert storeys[0] == 6
    assert storeys[1] == 12
    assert origin[0] == origin[1] == IMPUTED
    in_e1 = np.flatnonzero(city["buildings"]["plot_id"] == "p1")
    assert (storeys[in_e1] == 12).all(), "neighbours in the estate"
    alone = complete(bare(use=["residential"] * 60))
    in_e0 = np.flatnonzero(alone["buildings"]["plot_id"] == "p0")
    assert (alone["buildings"]["storeys"][in_e0] == rules()["homes"]["danwei"]["storeys"]).all(), (
        "前进里 is a work unit's"
    )
    assert (alone.origin("buildings", "storeys")[in_e0] == ASSUMED).all()


def test_floor_area_is_footprint_times_storeys_and_as_sure() -> None:
    city = complete(bare(storeys=[4.0, *[None] * 59], use=["residential"] * 60))
    buildings = city["buildings"]
    np.testing.assert_allclose(buildings["floor_area_m2"], buildings.area * buildings["storeys"], rtol=1e-3)
    assert city.origin("buildings", "floor_area_m2")[0] == IMPUTED
    assumed = city.origin("buildings", "storeys") == ASSUMED
    assert (city.origin("buildings", "floor_area_m2")[assumed] == ASSUMED).all()


def test_lifts_insulation_and_wear_follow_storeys_and_age(done: City) -> None:
    buildings = done["buildings"]
    assert (buildings["lift"] == (buildings["storeys"] >= 7)).all()
    assert (buildings["insulated"] == (buildings["built_year"] >= 2004)).all()
    grades = buildings[[c for c in buildings if c.startswith("cond_") and not c.endswith("__origin")]]
    assert grades.isin([1, 2, 3]).all(axis=None), "only a surveyor finds a dangerous building"
    old = buildings["built_year"] < buildings["built_year"].median()
    assert buildings["cond_pipes"][old].mean() > buildings["cond_pipes"][~old].mean()


def test_villas_are_low_and_few() -> None:
    city = bare(use=["residential"] * 60)
    tables = {**city.tables, "estates": city["estates"].assign(name=["大华花园别墅", None])}
    after = complete(City.build(city.meta, tables, city.provenance))
    villa = (after["buildings"]["plot_id"] == "p0").to_numpy()
    assert (after["buildings"]["storeys"][villa] == 3).all()
    per_home = (
        after["buildings"]["floor_area_m2"][villa].sum()
        / np.isin(after.positions("dwellings", "building_id"), np.flatnonzero(villa)).sum()
    )
    assert per_home > 200


# --- land ---


def test_plots_assume_no_growth(done: City) -> None:
    plots = done["plots"]
    floor = done["buildings"].groupby("plot_id")["floor_area_m2"].sum().reindex(plots["plot_id"]).to_numpy()
    spare = plots["far_cap"] - floor / plots.area
    assert spare.between(0, 0.01).all(), "what stands never breaks its own cap"
    assert set(done.origin("plots", "far_cap")) == {ASSUMED}
    assert not plots["reserved"].any()
    assert (plots["heritage"] == "none").all()
    assert plots["land_use"].notna().all()
    assert done.origin("plots", "land_use").tolist() == [OBSERVED, OBSERVED, OBSERVED, IMPUTED]


def test_a_plot_without_buildings_keeps_unknown_caps() -> None:
    city = bare(count=3)
    after = complete(city)
    assert np.isnan(after["plots"]["far_cap"][3])
    assert pd.isna(after["plots"]["land_use"][3])


def test_only_the_old_city_is_old_and_its_heritage_stays_unknown() -> None:
    inside = complete(bare(at=OLD_CITY), district="110101")
    assert inside["plots"]["old_city"].all()
    assert inside["plots"]["heritage"].isna().all()
    assert not complete(bare(at=OLD_CITY), district="110108")["plots"]["old_city"].any()
    assert not complete(bare(at=OUTSIDE), district="110102")["plots"]["old_city"].any()
    assert in_old_city(bare(at=OLD_CITY)["plots"].geometry, "110101").all()


def test_estates_are_served_by_kind(done: City) -> None:
    estates = done["estates"]
    assert estates["kind"].tolist()[0] == "danwei"
    homes = np.bincount(
        done["plots"]["estate_id"].map({"e0": 0, "e1": 1}).fillna(2).astype(int).to_numpy()[
            done.positions("buildings", "plot_id")[done.positions("dwellings", "building_id")]
        ],
        minlength=3,
    )  # fmt: skip
    ratio = rules()["parking_per_home"][estates["kind"].iloc[0]]
    assert estates["parking_spaces"].iloc[0] == np.rint(homes[0] * ratio)


# --- homes ---


@pytest.fixture(scope="module")
def many() -> City:
    city = bare(count=600, storeys=[6.0] * 600, use=["residential"] * 600)
    tables = {**city.tables, "estates": city["estates"].assign(name=["前进里", "和风家园"])}
    return complete(City.build(city.meta, tables, city.provenance), seed=3)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("household_size", 0.03), ("one_person_share", 0.012), ("one_elder_share", 0.01), ("two_elders_share", 0.01),
        ("children_population_share", 0.008), ("own_kitchen_share", 0.008), ("own_toilet_share", 0.008),
        ("rented_share", 0.02),
    ],
)  # fmt: skip
def test_a_completed_city_reproduces_the_margins(many: City, name: str, tolerance: float) -> None:
    homes = many["dwellings"]
    assert len(homes) > 15_000
    lived = homes[homes["residents"] > 0]
    found = {
        "household_size": lived["residents"].mean(),
        "one_person_share": (lived["residents"] == 1).mean(),
        "one_elder_share": (lived["elders"] == 1).mean(),
        "two_elders_share": (lived["elders"] == 2).mean(),
        "children_population_share": lived["children"].sum() / lived["residents"].sum(),
        "own_kitchen_share": lived["own_kitchen"].mean(),
        "own_toilet_share": lived["own_toilet"].mean(),
        "rented_share": lived["occupancy"].isin(["tenant", "let"]).mean(),
    }[name]
    assert found == pytest.approx(read_margins("110108")[name], abs=tolerance)


def test_share_of_elders_is_that_of_family_households(many: City) -> None:
    table = household_table("110108")
    expected = (table.share @ table.elders) / (table.share @ table.size)
    homes = many["dwellings"]
    assert homes["elders"].sum() / homes["residents"].sum() == pytest.approx(expected, abs=0.006)


def test_homes_have_the_census_floor_area(many: City) -> None:
    floor = many["buildings"]["floor_area_m2"].sum()
    margins = read_margins("110108")
    expected = margins["floor_area_per_person_m2"] * margins["household_size"]
    assert floor / len(many["dwellings"]) == pytest.approx(expected, rel=0.02)


def test_homes_stand_on_storeys_and_staircases_of_their_building(many: City) -> None:
    building = many.positions("dwellings", "building_id")
    stair = many.positions("dwellings", "staircase_id")
    assert (many["dwellings"]["storey"].to_numpy() <= many["buildings"]["storeys"].to_numpy()[building]).all()
    assert (many.positions("staircases", "building_id")[stair] == building).all()
    assert np.array_equal(np.unique(stair), np.arange(len(many["staircases"])))


def test_homes_that_are_known_stay_and_only_their_gaps_are_filled() -> None:
    city = bare(count=8, storeys=[6.0] * 8, use=["residential"] * 8)
    known = pd.DataFrame(
        {
            "dwelling_id": ["d00000007", "home"],
            "building_id": ["w0000", "w0000"],
            "residents": [1.0, np.nan],
            "tenure": ["private", None],
        }
    )
    provenance = {**city.provenance, "dwellings": {c: Provenance("observed", "roll") for c in known}}
    meta = Meta("b", Text("b", "b"), "2026-01-01", CRS, (*city.meta.sources, Source("roll", "roll", "x")))
    after = complete(City.build(meta, {**city.tables, "dwellings": known}, provenance))
    homes = after["dwellings"]
    assert (homes["building_id"] == "w0000").sum() == 2, "a building with homes gets no others"
    assert homes["dwelling_id"].is_unique
    assert homes["residents"][0] == 1
    assert homes["tenure"][0] == "private"
    assert after.origin("dwellings", "residents")[:3].tolist() == [OBSERVED, IMPUTED, IMPUTED]
    assert after.origin("dwellings", "tenure")[:3].tolist() == [OBSERVED, ASSUMED, ASSUMED]
    assert after.origin("dwellings", "dwelling_id")[:3].tolist() == [OBSERVED, OBSERVED, IMPUTED]
    assert (homes["elders"] + homes["children"] <= homes["residents"]).all()
    assert homes["deed_cm2"][0] > 0
    assert homes["lease_cm2"][0] == 0
    assert after.provenance["dwellings"]["residents"].source == "roll+census2020"
