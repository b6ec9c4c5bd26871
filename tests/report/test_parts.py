"""The pieces of the page: figures, drawings, words, sums."""

from __future__ import annotations

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from hutong.plan import mend
from hutong.report import map as maps
from hutong.report.charts import Part, cash_chart, stacked, ticks
from hutong.report.details import per_building
from hutong.report.format import area, bi, day, grade, in_unit, listed, money, pct, same
from hutong.report.map_layers import FINDING_BOUNDS, finding_layer, layers, worst_grade
from hutong.report.marks import kind_of, note_of, origin_shares
from hutong.report.sections import consent, problems, schemes
from hutong.report.words import _words, word
from hutong.rules import load_rules
from hutong.text import Text

from .report_example import CRS, make_check, make_city, make_plan
from .tree import read


def test_words_have_two_languages_and_nothing_else():
    def walk(entry, path):
        if "zh" in entry:
            assert set(entry) == {"zh", "en"}, path
            assert entry["zh"] is not None
            assert entry["en"] is not None
        else:
            for key, below in entry.items():
                if isinstance(below, dict) and key != "needs":
                    walk(below, [*path, key])

    for group, entries in _words().items():
        walk(entries, [group])


def test_a_word_without_a_name_is_seen_as_it_is():
    assert word("building_use", "windmill") == Text("windmill", "windmill")


def test_every_column_and_table_of_the_schema_has_a_name():
    from hutong.city import schema

    for name, table in schema().tables.items():
        assert name in _words()["table"]
        for column in table.columns.values():
            assert column.key or column.name in _words()["column"], (name, column.name)


def test_figures_as_people_read_them():
    assert area(65_640) == Text("6.6 万 m²", "65,640 m²")
    assert area(math.nan).en == "unknown"
    assert day("2026-11-23") == Text("2026年11月23日", "23 Nov 2026")
    assert pct(0.0004).en == "<1%"
    assert pct(0.9999).en == ">99%"
    assert pct(1.0).en == "100%"
    assert grade(3.0) == same("C")
    assert in_unit(0.5, "ratio").en == "50%"
    assert in_unit(1750, "m2").zh == "1,750 m²"
    assert in_unit(36.5, "years") == Text("36.5 年", "36.5 years")
    assert in_unit(math.nan, "m").zh == "未知"
    assert in_unit(7, "furlong").en == "7 furlong"
    assert listed([same("a"), same("b"), same("c")], 2) == Text("a、b等 3 处", "a, b and 1 more")
    assert (
        str(bi(Text("<", ">")))
        == '<span class="zh" lang="zh-CN">&lt;</span><span class="en" lang="en">&gt;</span>'
    )


def test_origins_take_the_weakest():
    city = make_city()
    shares = origin_shares(city, "buildings", "storeys")
    assert shares["observed"] == pytest.approx(14 / 24)
    assert kind_of(shares) == "imputed"
    assert note_of(shares) == Text("实测 58%，推算 42%", "observed 58%, imputed 42%")
    assert kind_of(origin_shares(city, "plots", "far_cap")) == "unknown"


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(2, 6))
def test_ticks_cover_the_range_in_round_steps(low, span, most):
    high = low + span
    marks = ticks(low, high, most)
    step = marks[1] - marks[0]
    rounding = 1e-6 * span + 1e-12 * abs(low)
    assert marks[0] <= low + rounding
    assert marks[-1] >= high - rounding
    assert len(marks) <= most + 3
    assert step > 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=6))
def test_stacked_bar_fills_its_whole(sizes):
    parts = [Part(f"p{k}", same(k), s, same(s)) for k, s in enumerate(sizes)]
    svg = read(str(stacked(parts, sum(sizes), same("t"))))[0]
    widths = [float(r.attributes["width"].rstrip("%")) for r in svg.all("rect")]
    shown = [s for s in sizes if s > 0]
    assert len(widths) <= len(shown)
    if sum(sizes) > 0 and min(shown) / sum(sizes) > 0.01:
        assert sum(widths) == pytest.approx(100, abs=0.1)


def test_cash_chart_names_the_total():
    svg = read(str(cash_chart(np.array([-10e4, 4e4, 4e4, 4e4]), same("owners"))))[0].all("svg")[0]
    assert "2 万元" in svg.attributes["aria-label"]
    bars = [r.attributes["class"] for r in svg.all("rect")]
    assert bars == ["out", "in", "in", "in"]


def test_paths_keep_the_shape_to_a_tenth_of_a_unit():
    frame = maps.Frame(0.0, 100.0, 1.0, 100.0)
    shape = box(10.04, 20.0, 50.26, 61.0).difference(box(20, 30, 30, 40))
    flat = frame.flat(gpd.GeoSeries([shape], crs=CRS))[0]
    assert flat.area == pytest.approx(shape.area)
    path = maps.path_of(flat)
    assert path.count("M") == 2
    assert path.count("z") == 2
    corners = shapely.get_coordinates(flat.exterior)
    start = [float(v) for v in path[1:].split("l")[0].split()]
    assert start == pytest.approx(np.round(corners[0], 1))


@pytest.mark.parametrize(("scale", "metres"), [(1.0, 200), (0.5, 200), (0.1, 2000), (10.0, 20)])
def test_scale_bar_is_round_and_fits(scale, metres):
    frame = maps.Frame(0, 0, scale, 100)
    assert maps.scale_length(frame) == metres
    assert metres * scale <= 0.22 * maps.WIDTH


def test_a_large_map_is_capped_at_the_largest_footprints(monkeypatch):
    city = make_city()
    monkeypatch.setattr(maps, "MOST_BUILDINGS", 5)
    rows = maps.drawn(city)
    areas = city["buildings"].geometry.area.to_numpy()
    assert len(rows) == 5
    assert areas[rows].min() >= np.delete(areas, rows).max()


def test_layers_count_every_building_once():
    city = make_city()
    shown = layers(city, make_check(city), make_plan(city))
    assert len(shown) == 7
    for layer in shown:
        assert sum(layer.counts()) == len(city["buildings"])
        assert len(layer.classes) <= 6


def test_finding_layer_counts_findings_not_mentions():
    city = make_city()
    layer = finding_layer(city, make_check(city))
    assert FINDING_BOUNDS[0] == 1
    assert (layer.codes[:18] == 0).all()
    assert (layer.codes[18:] == -1).all()


def test_worst_grade_is_unknown_only_where_none_is_known():
    worst = worst_grade(make_city())
    assert np.isnan(worst[-4:]).all()
    assert not np.isnan(worst[:-4]).any()


def test_residents_per_building_add_up():
    city = make_city()
    assert np.nansum(per_building(city, "residents")) == city["dwellings"]["residents"].sum()
    assert per_building(city, None).sum() == len(city["dwellings"])
    assert np.isnan(per_building(city, "residents")[-1])


def test_money_between_all_parties_cancels():
    for scheme in make_plan(make_city()).schemes:
        nets = schemes.net_by_year(scheme.flows)
        assert sum(nets.values()) == pytest.approx(np.zeros(len(nets["city"])))
        shares = dict(schemes.capital_shares(scheme))
        assert "outside" not in shares
        assert all(v > 0 for v in shares.values())


def test_the_real_plans_money_is_the_reports_money(loop):
    for scheme in loop.plan.schemes:
        assert dict(schemes.capital_shares(scheme)).get("city", 0.0) == pytest.approx(
            scheme.totals["city_yuan"]
        )
        assert sum(schemes.net_by_year(scheme.flows).values()) == pytest.approx(np.zeros(22), abs=1e-3)


def test_a_package_needs_the_strictest_consent_of_its_measures():
    plan = make_plan(make_city())
    assert consent.matter_of("pipes", plan) == "ordinary"
    assert consent.matter_of("pipes+lift", plan) == "special"
    assert consent.matter_of("lift+lease_surrender", plan) == "surrender"


def test_rules_are_quoted_in_words_with_their_source(rules):
    said = consent.explain("special", rules)
    assert "三分之二" in said["text"].zh
    assert "3/4" in said["text"].en
    assert any("第278条" in s for s in said["sources"])
    assert consent.marks("special", rules) == pytest.approx([3 / 4])  # who must take part is told in words
    assert consent.marks("surrender", rules) == []
    assert consent.explain("signing", rules)["assumed"]


@pytest.mark.parametrize(
    ("chance", "status"), [(0.95, "good"), (0.6, "watch"), (0.2, "alarm"), (math.nan, "unknown")]
)
def test_outlook(chance, status):
    assert consent.verdict(chance, True)[0] == status
    assert consent.verdict(chance, False)[0] == "plain"


@pytest.mark.parametrize(
    ("scale", "name", "own", "title"),
    [
        ("estate", "和明里", Text("", ""), same("和明里")),
        ("estate", "A / B 座", Text("", ""), same("A / B 座")),
        ("rest", "甲以外 / others", Text("甲以外", "others"), Text("甲以外", "others")),
        ("estate", "", Text("", ""), Text("未命名小区（p）", "unnamed estate (p)")),
        ("quarter", "虚构街区", Text("", ""), Text("全片区", "the whole quarter")),
    ],
)
def test_a_place_is_called_by_one_language_at_a_time(scale, name, own, title):
    finding = dataclasses.replace(
        make_check(make_city()).findings[0], scale=scale, place_id="p", place_name=name, place=own
    )
    assert problems.place_title(finding) == title


def test_the_line_under_a_finding_is_the_best_remedy(loop):
    mends = mend(loop.check, loop.plan, loop.city, loop.rules)
    shown = [problems.remedy(m) for m in mends]
    assert len(shown) == len(loop.check.findings)
    for one, line in zip(mends, shown, strict=True):
        if one.nothing is not None:
            assert line == {"nothing": one.nothing}
            continue
        best = one.remedies[0]
        assert best.measure.title.zh in line["title"].zh
        assert line["cost"] == Text(
            f"在这里约 {money(best.cost_yuan).zh}", f"about {money(best.cost_yuan).en} here"
        )
        assert (line["rest"] is None) == (len(one.remedies) == 1)
    assert any(line and line["nothing"] is None and line["assumed"] for line in shown)
    assert any(line and line["nothing"] is not None for line in shown)


def test_without_a_place_a_remedy_says_nothing(loop):
    known = next(m for m in mend(loop.check, loop.plan) if m.remedies)
    assert problems.remedy(known) is None


def test_findings_on_the_page_carry_their_remedies(loop_page):
    root = read(loop_page)[0]
    cards = [n for n in root.all("li") if "finding" in n.classes]
    lines = [[p for p in card.all("p") if "mend" in p.classes] for card in cards]
    assert all(len(one) == 1 for one in lines)
    assert any(p[0].all("b") for p in lines)


@pytest.mark.parametrize("matter", ["ordinary", "special", "signing", "surrender", "none"])
def test_what_the_rules_of_a_place_do_not_set_is_said_to_be_unset(matter: str) -> None:
    rules = load_rules("national")
    said = consent.explain(matter, rules)
    assert ("未定比例" in said["text"].zh) == (matter == "signing")
    assert len(consent.marks(matter, rules)) == (matter in ("ordinary", "special"))
