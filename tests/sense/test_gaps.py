from __future__ import annotations

import numpy as np
import pytest

from hutong.sense.gaps import access_gaps
from hutong.sense.services import kinds_of, services
from hutong.sense.walks import walks

from .sense_street import at


def test_the_gap_of_the_street_by_hand(street, rules):
    got = access_gaps(street, rules, services()["clinic"], minutes=5, idle=["b4"])
    assert got.unknown is None
    (gap,) = got.gaps
    # b3 is 650 m from the clinic; two dwellings, one known resident. Nodes 3 and 4 are as near: the first is taken.
    assert gap.buildings == ("b3",)
    assert (gap.dwellings, gap.people, gap.reach_m) == (2, 1.0, 400.0)
    assert [(s.id, s.kind, s.dwellings, s.mean_walk_m) for s in gap.sites] == [("3", "node", 2, 130.0)]
    assert [(s.id, s.kind, s.dwellings, s.mean_walk_m) for s in gap.reuse] == [("b4", "building", 2, 310.0)]
    assert (gap.sites[0].x, gap.sites[0].y) == (at(600, 0).x, at(600, 0).y)
    assert gap.place.zh == "东街"
    assert gap.text.zh.startswith("东街：2 套住房（居民 1 人）步行 5 分钟（400 米）内没有社区卫生服务站。")
    assert "利用闲置房屋 b4，可服务 2 套" in gap.text.zh
    assert (
        "2 dwellings (1 resident) have no community clinic within a walk of 5 minutes (400 m)" in gap.text.en
    )
    assert gap.edge == 1.0
    assert "靠近地图边缘" in gap.text.zh


def test_older_people_walk_less_far(street, rules):
    got = access_gaps(street, rules, services()["clinic"], minutes=10, who="elders")
    assert got.reach_m == 600
    assert got.gaps[0].people == 1
    assert "older person's pace" in got.gaps[0].text.en
    assert not access_gaps(street, rules, services()["clinic"], minutes=10).gaps


def test_homes_far_apart_are_two_gaps_largest_first(rebuilt, rules):
    city = rebuilt(facilities=lambda t: t.set_geometry([at(990, 0), at(900, 10), at(390, 0)], crs=t.crs))
    gaps = access_gaps(city, rules, services()["clinic"], minutes=2).gaps
    assert [g.buildings for g in gaps] == [("b1",), ("b3",), ("b2",)]
    assert [g.dwellings for g in gaps] == [2, 2, 1]
    assert access_gaps(city, rules, services()["clinic"], minutes=2, least_dwellings=2).gaps == gaps[:2]


def test_what_is_not_mapped_makes_no_gaps(street, rules):
    got = access_gaps(street, rules, services()["kindergarten"])
    assert got.gaps == ()
    assert "幼儿园" in got.unknown.zh


def test_where_people_are_unknown_dwellings_count(rebuilt, rules):
    city = rebuilt(dwellings=lambda t: t.assign(residents=np.nan))
    (gap,) = access_gaps(city, rules, services()["clinic"], minutes=5).gaps
    assert np.isnan(gap.people)
    assert gap.sites[0].dwellings == 2
    assert "居民" not in gap.text.zh


def test_on_a_quarter_sites_serve_what_they_say(quarter, rules):
    service = services()["park"]
    got = access_gaps(
        quarter, rules, service, minutes=3, most_sites=3, found=walks(quarter, kinds_of(), 1200.0)
    )
    near = walks(quarter, service.kinds, got.reach_m).nearest[:, 0] <= got.reach_m
    ids = quarter["buildings"]["building_id"]
    homes = quarter["dwellings"].groupby("building_id").size().reindex(ids).fillna(0).to_numpy()
    inside = {b for g in got.gaps for b in g.buildings}
    count = quarter["dwellings"].groupby("building_id")["residents"].sum().reindex(ids).fillna(0).to_numpy()
    assert inside == set(ids[~near & (homes > 0) & (count > 0)])
    for gap in got.gaps:
        assert gap.dwellings == homes[np.isin(ids, gap.buildings)].sum()
        assert gap.edge == 0  # nothing was observed
        assert sum(s.dwellings for s in gap.sites) <= gap.dwellings
        seen: set[str] = set()
        for site in gap.sites:
            assert not seen & set(site.buildings)
            seen |= set(site.buildings)
            assert site.people == count[np.isin(ids, site.buildings)].sum()


def test_places_in_words():
    from hutong.sense.gap_words import place_text
    from hutong.text import Text

    first = [Text("甲", "A"), Text("乙", "B")]
    assert place_text(first[:1], 1, 1.0, "estate").zh == "甲"
    assert place_text(first[:1], 1, 0.9, "estate").en == "A and around"
    assert place_text(first, 5, 0.6, "estate").zh == "甲等处"
    assert place_text(first, 2, 0.4, "block").en == "A and B"
    assert place_text(first, 3, 0.4, "estate").en == "A, B and 1 more estate"
    assert place_text(first, 9, 0.2, "block").zh == "甲、乙等 9 个街区"
    assert place_text(first, 9, 0.2, "block").en == "A, B and 7 more blocks"


@pytest.mark.parametrize("serves", [1, 7])
def test_texts_say_all_or_how_many(serves):
    from hutong.sense.gap_words import gap_text
    from hutong.text import Text

    text = gap_text(services()["park"], "children", 5, 400.0, Text("甲", "A"), 7, 3.0, 0.0, serves, None)
    assert ("全部服务" in text.zh) == (serves == 7)
    assert ("serve all of them" in text.en) == (serves == 7)
    assert "(3 children)" in text.en
    part = gap_text(services()["park"], "children", 5, 400.0, Text("甲", "A"), 7, 3.0, 0.5, serves, None)
    assert "50%" in part.zh
    assert part.en.endswith(
        "50% of these dwellings lie near the map's edge and may be served from outside it."
    )
    one = gap_text(services()["park"], "residents", 5, 400.0, Text("甲", "A"), 1, 1.0, 0.0, 0, None)
    assert one.en == "A: 1 dwelling (1 resident) has no park or green within a walk of 5 minutes (400 m)."
