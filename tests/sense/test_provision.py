"""What whole places are provided with, worked out by hand on the street of ``sense_street.py``."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense import checkup
from hutong.sense.ground import Ground
from hutong.sense.places import Places
from hutong.sense.provision import cover, gap
from hutong.sense.registry import Entry, registry

from .sense_street import at


def ground(city):
    return Ground(city, checkup(city, load_rules("beijing")).access)


def facilities(**columns):
    return lambda t: t.assign(**columns)


def value(city, rules, name):
    found = checkup(city, rules).overall(name)
    return found["value"], found["status"]


@pytest.mark.parametrize(
    ("size", "want"),
    [(350.0, (0.0, "good")), (349.0, (1.0, "alarm")), (None, (None, "unknown"))],
)
def test_a_station_must_be_large_enough(rebuilt, rules, size, want):
    # The station stands at x=390: b2 walks 70 m, b1 370 m; half of the estate's homes (d3 of three) is one third.
    city = rebuilt(
        facilities=facilities(floor_area_m2=[None, None, size]),
        dwellings=lambda t: t.assign(building_id=["b1", "b2", "b2", "b3", "b3"], staircase_id=None),
    )
    got = value(city, rules, "built_elderly_care")
    assert got[1] == want[1]
    assert np.isnan(got[0]) if want[0] is None else got[0] == want[0]


def test_most_homes_decide(rebuilt, rules):
    city = rebuilt(facilities=facilities(floor_area_m2=[None, None, 400.0]))
    assert value(city, rules, "built_elderly_care") == (1.0, "alarm")  # two of three homes stand in b1


def test_what_no_map_shows_is_unknown(rebuilt, rules):
    found = checkup(rebuilt(), rules).overall("built_nursery")
    assert found["status"] == "unknown"
    assert "none is mapped" in found["reason_en"]
    made = checkup(rebuilt(origin="assumed"), rules).overall("built_nursery")
    assert (made["value"], made["status"]) == (1.0, "alarm")
    cut = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    assert checkup(cut, rules).overall("built_elderly_care")["reason_en"] == "there is no street network"


def test_parking_is_never_short_below_nothing(rebuilt, rules):
    assert value(rebuilt(), rules, "parking_gap") == (1.0, "watch")
    many = rebuilt(estates=lambda t: t.assign(parking_spaces=9.0))
    assert value(many, rules, "parking_gap") == (0.0, "good")
    unknown = rebuilt(estates=lambda t: t.assign(parking_spaces=None))
    assert value(unknown, rules, "parking_gap")[1] == "unknown"


def test_charging_points_stand_in_the_estate_or_were_counted(rebuilt, rules):
    def spaces(t):
        return t.assign(parking_spaces=95.0)

    def chargers(capacity):
        return facilities(kind="charging", capacity=[capacity, capacity, None])

    # f1 and f3 lie in the estate, f2 outside it; 95 spaces need 9.5 points.
    some = rebuilt(estates=spaces, facilities=lambda t: chargers(4.0)(t).iloc[:2])
    assert value(some, rules, "charging_gap") == (6.0, "watch")
    enough = rebuilt(estates=spaces, facilities=lambda t: chargers(20.0)(t).iloc[:2])
    assert value(enough, rules, "charging_gap") == (0.0, "good")
    unsure = rebuilt(estates=spaces, facilities=chargers(4.0))
    found = checkup(unsure, rules).overall("charging_gap")
    assert found["status"] == "unknown"
    assert found["reason_en"] == "the capacity of each charging station is unknown"
    unmapped = checkup(rebuilt(estates=spaces), rules).overall("charging_gap")
    assert "none is mapped" in unmapped["reason_en"]
    made = rebuilt(origin="assumed", estates=spaces)
    assert value(made, rules, "charging_gap") == (10.0, "watch")


def test_school_places_for_the_children_there_are(rebuilt, rules):
    def schools(capacity):
        return facilities(kind=["primary_school", "park", "park"], capacity=[capacity, None, None])

    # 3 children are known: 1.2 places, so two whole ones less what there is.
    assert value(rebuilt(facilities=schools(0.0)), rules, "school_gap") == (2.0, "watch")
    assert value(rebuilt(facilities=schools(5.0)), rules, "school_gap") == (0.0, "good")
    assert value(rebuilt(facilities=schools(None)), rules, "school_gap")[1] == "unknown"


def land(t):
    return t.assign(land_use=["residential", "green"])


def test_land_within_the_radius(rebuilt, rules):
    # The plot runs from x=-50 to 450, 200 m high; the school stands 950 m east of x=450 and reaches 50 m into it.
    far = rebuilt(
        plots=land,
        facilities=facilities(kind="middle_school", geometry=[at(1400, 0)] * 3),
        blocks=lambda t: t,
    )
    got, _ = value(far, rules, "cover_middle_school")
    circle = at(1400, 0).buffer(1000, quad_segs=256)
    want = (
        circle.intersection(shapely.box(at(-50, 0).x, at(0, -100).y, at(450, 0).x, at(0, 100).y)).area / 1e5
    )
    assert got == pytest.approx(want, abs=2e-3)
    near = rebuilt(plots=land, facilities=facilities(kind="middle_school"))
    assert value(near, rules, "cover_middle_school") == (1.0, "good")


def test_a_school_that_may_be_the_wrong_one_is_unknown(rebuilt, rules):
    kinds = ["school", "park", "middle_school"]
    apart = [at(200, 0), at(0, 0), at(5000, 0)]
    city = rebuilt(plots=land, facilities=lambda t: t.assign(kind=kinds).set_geometry(apart, crs=t.crs))
    assert value(city, rules, "cover_middle_school")[1] == "unknown"


@pytest.mark.parametrize(("area", "covered"), [(5000.0, 1.0), (500.0, 0.0), (399.0, 0.0), (None, None)])
def test_larger_parks_reach_farther(rebuilt, rules, area, covered):
    # The park stands 450 m east of a small plot: within 500 m, beyond 300 m.
    def plots(t):
        small = shapely.box(at(0, 0).x, at(0, -5).y, at(10, 0).x, at(0, 5).y)
        return land(t).set_geometry([small, t.geometry.iloc[1]], crs=t.crs)

    park = facilities(kind="park", area_m2=area)
    city = rebuilt(plots=plots, facilities=lambda t: park(t).set_geometry([at(460, 0)] * 3, crs=t.crs))
    got, status = value(city, rules, "cover_park")
    assert status == "unknown" if covered is None else got == covered


def test_plots_of_unknown_use_are_left_out(rebuilt):
    city = rebuilt(
        plots=lambda t: t.assign(land_use=["residential", None]),
        facilities=facilities(kind="park", area_m2=6000.0),
    )
    spec = next(i for i in registry() if i.id == "cover_park").compute["cover"]
    cases = cover(ground(city), spec)
    assert np.isnan(cases.top).tolist() == [False, True]


def test_a_gap_by_persons(rebuilt):
    spec = {"of": "estates", "need": {"count": "elders", "times": 2.0}, "have": {"column": "parking_spaces"}}
    assert gap(ground(rebuilt()), spec).top.tolist() == [4.0]  # three elders, two spaces


def test_places_of_streets_blocks_and_plots(street):
    places = Places.of(street)
    assert places.rows("streets").estate.tolist() == [0, 0, -1, -1, -1]  # by their middles; x=500 is outside
    assert places.rows("blocks").block.tolist() == [0]
    assert places.rows("plots").estate.tolist() == [0, -1]


@pytest.mark.parametrize(
    "compute",
    [
        {"served": {"of": "buildings", "kinds": ["park"], "least": {"area_m2": 1}, "metres": 1}},
        {"served": {"of": "estates", "kinds": ["park"], "least": {"colour": 1}, "metres": 1}},
        {"served": {"of": "estates", "kinds": ["castle"], "least": {"area_m2": 1}, "metres": 1}},
        {"cover": {"land_use": ["residential"], "kind": "park", "rings": []}},
        {"cover": {"land_use": ["residential"], "kind": "castle", "rings": [{"metres": 3}]}},
        {"gap": {"of": "moons", "need": {"count": "dwellings"}, "have": {"column": "parking_spaces"}}},
        {"gap": {"of": "estates", "need": {"count": "cats"}, "have": {"column": "parking_spaces"}}},
        {"total": {"of": "streets", "sum": "survey.no_such_item"}},
        {"share": {"of": "buildings", "fails": {"any": [{"colour": True}]}}},
    ],
)
def test_broken_formulas_are_refused(compute):
    raw = {
        "title": {"zh": "甲", "en": "A"}, "scale": "block", "unit": "ratio", "direction": "lower", "standard": 0,
        "source": "s", "article": "a", "confidence": "D", "phrase": {"zh": "x", "en": "x"},
        "formula": {"zh": "x", "en": "x"}, "compute": compute,
    }  # fmt: skip
    with pytest.raises(HutongError) as caught:
        Entry(load_rules("national")).read(("test", raw))
    assert caught.value.code in ("invalid-indicator", "unknown-column")


OWN = """
tall:
  title: {zh: 高楼, en: Tall buildings}
  scale: block
  unit: ratio
  direction: lower
  standard: 0.5
  source: 本市体检办法
  article: 自有指标 1
  confidence: K
  phrase: {zh: 高于六层, en: are taller than six storeys}
  formula: {zh: 六层以上建筑数 ÷ 建筑数, en: buildings of six storeys or more ÷ buildings}
  compute: {share: {of: buildings, fails: {storeys: {at_least: 6}}}}
"""


def test_a_city_adds_its_own_indicator_by_a_file(tmp_path, street, rules):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, "utf-8")
    assert registry(rules, own=path)[-1].id == "tall"
    check = checkup(street, rules, own=path)
    assert check.overall("tall")["value"] == 0.25


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("\na: [", "own.yaml:2: "),
        ("3", "own.yaml:1: 3; expected {name"),
        ("x: 3", "own.yaml:1: 3; expected an entry"),
        ("dangerous: {}", "own.yaml:1: dangerous stands already"),
        (
            OWN.replace("lower", "sideways"),
            "own.yaml:6: direction is 'sideways'; expected one of lower, higher",
        ),
        (
            OWN.replace("at_least: 6", "above: 6"),
            "own.yaml:13: storeys: {'above': 6}; expected one of {at_least",
        ),
        (OWN.replace("at_least: 6", "at_least: six"), "own.yaml:13: storeys: {'at_least': 'six'}"),
        (OWN.replace("storeys", "stories"), "own.yaml:13: There is no column buildings.stories"),
        (OWN.replace("share:", "part:"), "compute must name one of share"),
        (OWN.replace("standard: 0.5", "standard: half"), "own.yaml:7: standard is 'half'; expected a number"),
        (OWN.replace("  unit: ratio\n", ""), "own.yaml:2: unit is missing"),
        (OWN + "  colour: red\n", "own.yaml:14: unknown key 'colour'"),
        (OWN.replace("tall:", "Tall one:"), "expected a name of lower-case letters"),
        (OWN.replace(", en: Tall buildings", ""), "own.yaml:3: title is"),
    ],
)
def test_a_broken_file_of_own_indicators_names_the_line(tmp_path, rules, text, named):
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(HutongError) as caught:
        registry(rules, own=tmp_path / "own.yaml")
    assert caught.value.code == "invalid-indicator"
    assert named in "\n".join(caught.value.rows)
    with pytest.raises(HutongError):
        registry(rules, own=tmp_path / "missing.yaml")


def slow_served(city, kind, column, least, metres, access):
    """Estates most of whose homes have no facility of that size, home by home."""
    column_of = access.kinds.index(kind)
    large = city["facilities"][city["facilities"]["kind"] == kind][column] >= least
    assert large.all() or not large.any()  # then the nearest of the kind is the nearest large one
    plots = city["plots"].set_index("plot_id")
    homes = city["dwellings"].groupby("building_id").size()
    buildings = city["buildings"].set_index("building_id")
    out = {}
    for estate in city["estates"]["estate_id"]:
        total = near = 0
        for building, count in homes.items():
            if plots.loc[buildings.loc[building, "plot_id"], "estate_id"] != estate:
                continue
            total += count
            at_row = city["buildings"].index[city["buildings"]["building_id"] == building][0]
            near += count * bool(large.all() and access.distance[at_row, column_of] <= metres)
        if total:
            out[estate] = float(near / total < 0.5)
    return out


def test_equals_a_plain_reference(quarter, rules):
    check = checkup(quarter, rules)
    rows = check.values[(check.values["indicator"] == "built_ground") & (check.values["scale"] == "estate")]
    kinds = set(quarter["facilities"]["kind"])
    assert "park" in kinds
    access = check.access
    want = slow_served(quarter, "park", "area_m2", 150, rules.number("access.tier_5_m"), access)
    if "sports" in kinds:
        other = slow_served(quarter, "sports", "area_m2", 150, rules.number("access.tier_5_m"), access)
        want = {k: min(v, other[k]) for k, v in want.items()}
    assert rows.set_index("place_id")["value"].to_dict() == want
