"""The 61 indicators of the national check on the page: each once, with its value or the reason."""

from __future__ import annotations

import pandas as pd
import pytest

from hutong.report import render
from hutong.report.sections import national
from hutong.report.sections.national import value_of
from hutong.sense.city_scale import CityFigures, OwnFigure
from hutong.sense.national import CityFigure, national_table
from hutong.text import Text

from .report_example import make_check, make_city, make_ensemble, make_plan
from .tree import read


def _every(shown) -> list[int]:
    """Return the numbers shown, in whatever state."""
    out = []
    for g in shown["groups"]:
        out += [r["number"] for r in g["known"]]
        out += [number for part in (*g["unknown"], *g["absent"]) for number, _ in part["items"]]
    return out


def test_every_indicator_is_shown_once(loop):
    shown = national.view(loop.check, None)
    assert sorted(_every(shown)) == list(range(1, 62))
    assert [(g["scale"], g["n"]) for g in shown["groups"]] == [
        ("dwelling", 10),
        ("estate", 11),
        ("block", 10),
        ("city", 30),
    ]
    table = national_table(loop.check)
    known, short = int((table["status"] == "known").sum()), int((table["grade"] == "watch").sum())
    assert shown["summary"].en.startswith(f"Of 61, {known} are known and {short} of these fall short")


def test_every_unknown_has_a_reason_in_both_languages(loop):
    for group in national.view(loop.check, None)["groups"]:
        for part in (*group["unknown"], *group["absent"]):
            assert part["reason"].zh
            assert part["reason"].en
            assert part["n"] == len(part["items"])


def test_figures_of_the_city_take_their_place(loop):
    own = OwnFigure("own:trees", "行道树成活率", "%", 97.5, 2025, "园林年报", "city.csv")
    figures = CityFigures({34: CityFigure(34, 0.71, 2025, "市绿化统计公报", "city.csv")}, (own,))
    shown = national.view(loop.check, figures)
    city = next(g for g in shown["groups"] if g["scale"] == "city")
    assert [(r["number"], r["value"].en, r["source"]) for r in city["known"]] == [
        (34, "71%", "市绿化统计公报")
    ]
    assert city["unknown_n"] == 29
    html = render(loop.city, loop.rules, loop.check, loop.plan, loop.ensemble, figures=figures)
    root, faults = read(html)
    assert faults == []
    words = " ".join(n.words for n in root.all())
    assert "行道树成活率" in words
    assert "97.5 %" in words


@pytest.mark.parametrize(
    ("value", "zh", "en", "said"),
    [
        (39.0, "栋", "buildings", Text("39 栋", "39 buildings")),
        (0.868, "%", "%", Text("87%", "87%")),
        (0.004, "%", "%", Text("0.4%", "0.4%")),
        (1.25, "km", "km", Text("1.2 km", "1.2 km")),
        (1234.0, "个", "", Text("1,234 个", "1,234")),
    ],
)
def test_values_as_a_resident_reads_them(value, zh, en, said):
    assert value_of(pd.Series({"value": value, "unit_zh": zh, "unit_en": en})) == said


def test_the_page_shows_the_61_and_folds_the_citys(rules):
    city = make_city()
    html = render(city, rules, make_check(city), make_plan(city), make_ensemble())
    root, faults = read(html)
    assert faults == []
    assert any(n.attributes.get("id") == "national" for n in root.all("h3"))
    numbers = [n.words.strip() for n in root.all("span") if "no" in n.classes]
    assert sorted(map(int, numbers)) == list(range(1, 62))
    folded = [d for d in root.all("details") if any(n.words == "61" for n in d.all("span"))]
    assert len(folded) == 1
