"""The page on a real neighbourhood."""

from __future__ import annotations

import re

import pytest

from hutong.city import complete, read_osm
from hutong.loop import Settings, run_loop
from hutong.report import render

from .tree import read


@pytest.mark.shared
def test_the_qinghua_east_road_quarter(shared):
    city = read_osm(shared / "data/osm_beijing_cau/beijing_haidian_cau.osm", name="cau")
    done = run_loop(complete(city, seed=1, district="110108"), Settings(runs=2, months=12))
    html = render(done.city, done.rules, done.check, done.plan, done.ensemble)
    assert len(html.encode()) < 3_000_000
    root, faults = read(html)
    assert faults == []
    outlines = [p for p in root.all("path") if re.fullmatch(r"b\d+", p.attributes.get("id", ""))]
    assert len(outlines) >= 200
    drawing = next(n for n in root.all("svg") if "map" in n.classes)
    words = {t.words for t in drawing.all("text")}
    assert {"中建壹品·学府公馆", "© OpenStreetMap contributors"} <= words
    assert "ODbL" in html
    assert sum("guess" in n.classes for n in root.all("span")) > 40
