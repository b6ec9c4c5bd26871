"""The whole loop: the same input gives the same page, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from hutong.city import complete, make_quarter, read_osm
from hutong.loop import Loop, Settings, run_loop
from hutong.report import render
from hutong.text import Text


def page(loop: Loop) -> bytes:
    return render(loop.city, loop.rules, loop.check, loop.plan, loop.ensemble).encode()


def test_threads_do_not_change_a_byte() -> None:
    pages = []
    for threads in (1, 2):
        city = make_quarter(dwellings=300, seed=3)
        pages.append(page(run_loop(city, Settings(seed=3, runs=4, months=24, threads=threads))))
    assert pages[0] == pages[1]


def test_another_seed_changes_the_page() -> None:
    first = make_quarter(dwellings=300, seed=3)
    second = make_quarter(dwellings=300, seed=4)
    assert first.hash != second.hash


def test_progress_names_its_steps_in_both_languages() -> None:
    seen: list[Text] = []
    city = make_quarter(dwellings=300, seed=1)
    run_loop(city, Settings(runs=2, months=12), lambda _done, _total, what: seen.append(what))
    assert seen
    assert all(text.zh and text.en for text in seen)


@pytest.fixture(scope="module")
def haidian(shared: Path) -> Loop:
    """Return the loop on the Qinghua East Road quarter."""
    osm = shared / "data" / "osm_beijing_cau" / "beijing_haidian_cau.osm"
    city = complete(read_osm(osm, name="cau"), seed=1, district="110108")
    return run_loop(city, Settings(runs=4, months=24))


@pytest.mark.shared
def test_the_real_quarter_has_its_buildings_and_estates(haidian: Loop) -> None:
    city = haidian.city
    assert len(city["buildings"]) >= 200
    names = set(city["estates"]["name"].dropna())
    assert {"富润家园", "农大小区-北区", "清华东路27号院", "中建壹品·学府公馆", "大华花园别墅"} <= names
    assert len(city["facilities"]) > 50


@pytest.mark.shared
def test_the_real_quarter_marks_what_was_imputed(haidian: Loop) -> None:
    city = haidian.city
    assert 0 < city.coverage("buildings", "storeys") < 0.2
    assert (city.origin("dwellings", "tenure") == 0).sum() == 0
    html = page(haidian).decode()
    assert "© OpenStreetMap contributors" in html
    assert "推算" in html
    assert "imputed" in html
    assert "富润家园" in html
