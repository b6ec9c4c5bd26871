"""What every page must hold, whatever the quarter: safe, whole in both languages, readable by everyone."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import json
import re
import time

import pandas as pd
import pytest

from hutong.report import render
from hutong.report.page import policy
from hutong.sense.trend import TREND_COLUMNS
from hutong.text import Text

from .report_example import EVIL, make_check, make_city, make_ensemble, make_plan
from .tree import read


@pytest.fixture(params=["page", "evil_page", "loop_page", "talk_page"])
def any_page(request):
    return request.getfixturevalue(request.param)


def test_nesting_is_sound(any_page):
    assert any_page.startswith("<!DOCTYPE html>")
    assert read(any_page)[1] == []


def test_ids_are_unique_and_references_lead_somewhere(any_page):
    nodes = read(any_page)[0].all()
    ids = [n.attributes["id"] for n in nodes if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    for node in nodes:
        for name in ("href", "aria-labelledby", "aria-describedby", "for"):
            target = node.attributes.get(name, "")
            if name == "href" and not target.startswith("#"):
                continue
            assert not target or target.lstrip("#") in ids, (node.tag, target)


def test_same_input_same_bytes_apart_from_the_timestamp(city, rules, page):
    made = (city, rules, make_check(city), make_plan(city), make_ensemble())
    assert render(*made, made_at="2026-11-23T09:00:00+08:00") == page
    other = render(*made, made_at="2027-01-01T00:00:00+08:00")
    cut = re.compile(r'<time id="made-at".*?</time>')
    assert other != page
    assert cut.sub("", other) == cut.sub("", page)
    assert "made-at" not in render(*made)


def test_trends_and_what_will_miss_its_standard(city, rules):
    """With a past, each finding says how it moves, and what will cross its standard is listed before them."""
    check = make_check(city)
    row = dict.fromkeys(TREND_COLUMNS, 0.0) | {
        "indicator": check.findings[0].indicator, "scale": "quarter", "place_id": "quarter", "place_name": "q",
        "warning": True, "reason_zh": "照此约 2 年后将越过标准", "reason_en": "so it crosses the standard in about 2 years",
    }  # fmt: skip
    first = dataclasses.replace(
        check.findings[0], trend=Text("每年上升", "rises each year"), trend_weight=1.5
    )
    past = dataclasses.replace(
        check, findings=(first, *check.findings[1:]), trends=pd.DataFrame([row, row | {"warning": False}])
    )
    page = render(city, rules, past, make_plan(city), make_ensemble(), files={"before": ["a", "b"]})
    for words in (
        "照此约 2 年后",
        "so it crosses the standard",
        "每年上升",
        "rises each year",
        "severity × people × trend",
    ):
        assert words in page
    assert page.count("so it crosses the standard") == 1
    assert "--before a --before b" in page
    plain = render(city, rules, check, make_plan(city), make_ensemble())
    assert "will miss the standard within three years" not in plain
    assert "Ranked by severity × people." in plain
    calm = dataclasses.replace(past, trends=pd.DataFrame([row | {"warning": False}]))
    assert "no indicator that meets its standard will miss it" in render(
        city, rules, calm, make_plan(city), make_ensemble()
    )


def test_nothing_is_loaded_from_anywhere(any_page):
    root = read(any_page)[0]
    for node in root.all():
        assert node.tag not in ("link", "iframe", "img", "object", "embed", "image"), node.tag
        assert "src" not in node.attributes
        assert not any(name.startswith("on") for name in node.attributes)
        if node.tag == "use":
            assert node.attributes["href"].startswith("#")
    style = root.all("style")[0].words
    assert "@import" not in style
    assert all(u.startswith("#") for u in re.findall(r"url\(([^)]*)\)", style))


def test_the_policy_allows_this_script_alone(any_page):
    root = read(any_page)[0]
    meta = next(m for m in root.all("meta") if "http-equiv" in m.attributes)
    scripts = [s for s in root.all("script") if s.attributes.get("type") != "application/json"]
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].words.encode()).digest()).decode()
    assert meta.attributes["content"] == policy(scripts[0].words)
    assert f"script-src 'sha256-{digest}'" in meta.attributes["content"]
    assert meta.attributes["content"].startswith("default-src 'none'")


def test_every_chinese_text_has_its_english_sibling(any_page):
    root = read(any_page)[0]
    pairs = 0
    for node in root.all():
        if "zh" in node.classes:
            siblings = node.parent.children
            after = siblings[siblings.index(node) + 1]
            assert "en" in after.classes, node.words
            assert after.words.strip(), node.words
            assert node.words.strip(), after.words
            pairs += 1
    assert pairs > 200
    data = json.loads(next(s for s in root.all("script") if s.attributes.get("type")).words)
    assert all(len(t) in (1, 2) for t in data["texts"])
    assert {len(row) for row in data["rows"]} == {len(data["labels"]) + 2}


def test_no_chinese_sentence_stands_outside_the_pairs(page):
    names = {"槐荫", "柳荫", "第七次全国人口普查", "甲座", "乙座", "号楼"}
    stray = []
    for node in read(page)[0].all():
        if node.tag in ("script", "style") or {"zh", "en"} & set(node.classes):
            continue
        if node.tag in ("cite", "code", "title", "q", "blockquote") or {"source", "tip"} & set(node.classes):
            continue
        text = node.words.strip()
        if re.search(r"[\u4e00-\u9fff]", text) and not any(n in text for n in names):
            stray.append((node.tag, node.classes, text))
    assert stray == []


def test_names_from_the_map_are_text_and_nothing_else(evil_page):
    assert EVIL not in evil_page
    assert "<script>alert" not in evil_page
    root = read(evil_page)[0]
    assert len(root.all("script")) == 2
    assert any(EVIL in n.words for n in root.all())
    data = json.loads(next(s for s in root.all("script") if s.attributes.get("type")).words)
    assert [EVIL] in data["texts"]


def test_headings_go_down_one_step_at_a_time(any_page):
    levels = [int(n.tag[1]) for n in read(any_page)[0].all() if re.fullmatch(r"h[1-6]", n.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_tables_name_their_headers(any_page):
    for table in read(any_page)[0].all("table"):
        headers = table.all("th")
        assert headers
        assert all(h.attributes.get("scope") in ("col", "row") for h in headers)
        for row in table.all("tbody")[0].all("tr"):
            assert row.children[0].attributes.get("scope") == "row"


def test_every_drawing_is_named_or_hidden(any_page):
    for svg in read(any_page)[0].all("svg"):
        hidden = svg.attributes.get("aria-hidden") == "true"
        named = svg.attributes.get("role") == "img" and (
            svg.attributes.get("aria-label") or svg.attributes.get("aria-labelledby")
        )
        assert hidden != bool(named)


def test_controls_have_names(any_page):
    root = read(any_page)[0]
    labels = {n.attributes.get("for") for n in root.all("label")}
    for button in root.all("button"):
        assert button.attributes.get("aria-label") or button.words.strip() or button.all("span")
    for box in root.all("input"):
        assert box.attributes["id"] in labels or box.parent.tag == "label"


def test_status_is_never_colour_alone(page):
    for node in read(page)[0].all("span"):
        if "st" in node.classes:
            assert node.all("use")
            assert node.words.strip() or node.all("span")


def _luminance(code: str) -> float:
    channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_type_stands_out_from_the_paper(page):
    style = read(page)[0].all("style")[0].words
    tokens = dict(re.findall(r"--(\w+):(#[0-9A-F]{6})", style))
    for ground in ("paper", "card"):
        for ink in ("ink", "brick", "vermilion", "jade"):
            assert _contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
    for status in (
        "watch",
        "warn",
        "alarm",
        "good",
    ):  # signs, not type: WCAG 1.4.11 asks for 3 to 1 with a shape
        token = {"alarm": "vermilion", "good": "jade"}.get(status, status)
        assert _contrast(tokens[token], tokens["paper"]) >= 2.5


def test_ramps_darken_step_by_step(page):
    style = read(page)[0].all("style")[0].words
    for ramp, darker in (("condition", True), ("finding", True), ("scheme", True), ("year", False)):
        colours = re.findall(rf"--{ramp}-\d:(#[0-9A-F]{{6}})", style)
        light = [_luminance(c) for c in colours]
        assert len(light) >= 4
        assert light == sorted(light, reverse=darker)


def test_sections_stand_in_a_planners_order(page):
    ids = [n.attributes["id"] for n in read(page)[0].all("section")]
    assert ids == ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"]


def test_imputed_and_assumed_figures_carry_a_mark(page):
    root = read(page)[0]
    hero = next(n for n in root.all("section") if n.attributes["id"] == "s0")
    marked = ["guess" in " ".join(" ".join(c.classes) for c in dd.all()) for dd in hero.all("dd")]
    assert marked == [False, True, True, True]  # outlines are observed; homes, people and floor area are not


def test_a_page_of_the_real_loop_is_small_and_fast(loop):
    begun = time.process_time()
    html = render(loop.city, loop.rules, loop.check, loop.plan, loop.ensemble)
    assert time.process_time() - begun < 5
    assert len(html.encode()) < 3_000_000


def test_the_attribution_stands_on_the_map(page, loop_page):
    map_of = {
        name: next(n for n in read(p)[0].all("svg") if "map" in n.classes)
        for name, p in (("osm", page), ("own", loop_page))
    }
    words = {name: " ".join(t.words for t in svg.all("text")) for name, svg in map_of.items()}
    assert "© OpenStreetMap contributors" in words["osm"]
    assert "© OpenStreetMap contributors" not in words["own"]


def test_empty_results_have_words_of_their_own(rules):
    city = make_city()
    check = dataclasses.replace(make_check(city), findings=())
    plan = make_plan(city)
    bare = [
        dataclasses.replace(s, choices=s.choices.iloc[:0], flows=s.flows.iloc[:0], totals={}, violations=())
        for s in plan.schemes
    ]
    html = render(city, rules, check, dataclasses.replace(plan, schemes=tuple(bare)), make_ensemble())
    for words in (
        "没有低于标准的指标",
        "没有选中任何措施",
        "这一方案没有需要同意的措施",
        "没有找到既合规又付得起的措施",
        "不需要居民表决",
    ):
        assert words in html
    assert read(html)[1] == []
    assert "nan" not in re.sub(r"<(script|style).*?</\1>", "", html, flags=re.S).lower().split()
