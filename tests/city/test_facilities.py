"""Facility kinds as data, and what tags mean them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from hutong.city.facilities import big_enough, drawn_twice, facility_kinds, facility_rules
from hutong.city.shapes import array


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "school", "name": "槐荫小学"}, "primary_school"),
        ({"amenity": "school", "name": "Lane Primary School"}, "primary_school"),
        ({"amenity": "school", "name": "槐荫中学"}, "middle_school"),
        ({"amenity": "school"}, "school"),
        ({"shop": "greengrocer"}, "fresh_market"),
        ({"shop": "convenience;kiosk"}, "convenience"),
        ({"amenity": "social_facility", "social_facility:for": "senior"}, "elderly_care"),
        ({"amenity": "social_facility"}, "community_service"),
        ({"highway": "bus_stop"}, "bus_stop"),
        ({"building": "yes"}, None),
        ({"amenity": "bench"}, None),
    ],
)
def test_tags_mean_kinds(tags: dict[str, str], kind: str | None) -> None:
    assert facility_rules().match(tags) == kind


def test_every_kind_is_named_in_both_languages_and_found_by_some_tag() -> None:
    for kind in facility_kinds().values():
        assert kind.name.zh
        assert kind.name.en
        assert kind.osm
    assert {name for name, _ in facility_rules().rules} == set(facility_kinds())


def test_least_areas() -> None:
    kind = np.array(["park", "park", "park", "sports"], object)
    assert big_enough(kind, np.array([399.0, 400.0, np.nan, 1.0])).tolist() == [False, True, True, True]


def test_a_point_in_an_area_of_the_same_kind_and_name_is_the_same() -> None:
    area = shapely.box(0, 0, 10, 10)
    frame = gpd.GeoDataFrame(
        {"kind": ["park", "park", "park", "sports", "park"], "name": ["A", "A", "B", "A", None]},
        geometry=[shapely.Point(5, 5), *[shapely.Point(1, 1)] * 4],
    )
    assert drawn_twice(frame, array([area, None, None, None, None])).tolist() == [
        False,
        True,
        False,
        False,
        True,
    ]
