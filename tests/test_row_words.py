"""Lines about broken rows are read in Chinese as in English; what the readers say is known to the book of words."""

from __future__ import annotations

import pandas as pd
import pytest

from hutong.errors import HutongError, Row, row_text
from hutong.text import Text


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("a.csv row 3 (诉求时间): the time is missing: 'x'", "a.csv 第 3 行（诉求时间）：缺少时间：'x'"),
        ("a.csv row 1: column '编号' stands twice", "a.csv 第 1 行：“'编号'”列重复"),
        ("a.csv row 3: 4 cells for 5 columns", "a.csv 第 3 行：4 格，应为 5 列"),
        ("column dwelling_id is missing", "缺少“dwelling_id”列"),
        ("buildings.storeys: the column is missing", "buildings.storeys：缺少这一列"),
        (
            "buildings.storeys row 2 (id b1): must be a whole number",
            "buildings.storeys 第 2 行（id b1）：应为整数",
        ),
        ("row 3: tenure: 'x' is not one of a, b", "第 3 行：tenure：'x' 不是 a, b 之一"),
        (
            "votes.csv row 2: vote 'maybe' is not 1, -1 or 0",
            "votes.csv 第 2 行：表态 'maybe' 应为 1、-1 或 0",
        ),
        (
            "a.yaml:3: year is -1; expected a whole year from 0 to 30",
            "a.yaml 第 3 行：year 写的是 -1，应为 0 至 30 的整数年",
        ),
        ("nobody wrote a pattern for this", "nobody wrote a pattern for this"),
    ],
)
def test_a_line_is_read_in_both_languages(en, zh):
    assert row_text(en) == Text(zh, en)


def test_an_error_shows_its_rows_in_the_language_asked_for():
    rows = [Row("甲行", "row a"), "row 2: empty"]
    error = HutongError("x", Text("坏了。", "Broken."), Text("请改。", "Mend it."), rows)
    assert error.render("zh").splitlines() == ["坏了。", "  甲行", "  第 2 行：有空格子", "请改。"]
    assert error.render("en").splitlines() == ["Broken.", "  row a", "  row 2: empty", "Mend it."]


def test_a_broken_snapshot_and_a_broken_list_of_requests_are_told_in_chinese(tmp_path):
    """The two readers that most people meet, through the files themselves."""
    from hutong.city import make_quarter
    from hutong.city.schema import problems_in
    from hutong.sense.requests import read_requests

    path = tmp_path / "list.csv"
    path.write_text("编号,标题,内容,诉求时间\n1,漏水,楼上漏水,明天\n1,,,2026-01-02\n", "utf-8")
    with pytest.raises(HutongError) as caught:
        read_requests(path)
    frame = make_quarter(dwellings=300, seed=1)["estates"].copy()
    frame.loc[frame.index[0], "block_id"] = "nowhere"
    frame.geometry = frame.geometry.centroid
    keys = {"blocks": pd.Index(["b01"])}
    lines = [*caught.value.rows, *problems_in("estates", frame, keys)]
    shown = [row_text(line).zh for line in lines]
    assert len(shown) >= 3
    assert not [s for s in shown if "must" in s or "the " in s], shown


BROKEN_SCHEME = """\
hutong_scheme: 9
id: 7
city: [x]
title: {de: nein}
colour: red
budget: {moon: 1, city: -2}
terms: {concession_years: 1.5, surplus_share_owners: 2}
instruments: {magic: 1, far_bonus: -1, uncounted: {b1: {kind: pool, m2: 3}, b2: 4, b3: {kind: lift, m2: -3}}}
justifications: {nothing: {zh: "", en: ""}, height: {zh: " ", en: " "}}
objects:
  b1: {measures: [], offer: 3, year: 99, measure: x, banana: 1}
  b2: [1]
  b3: {measures: [lift, lift], offer: none}
"""


@pytest.mark.parametrize(
    ("name", "text", "least"),
    [
        ("a.yaml", BROKEN_SCHEME, 18),
        ("a.yaml", "objects: {}\nobjects: {}\n", 1),
        ("a.yaml", "objects:\n  b1: {measures: [a], offer: b}\n c: d: e\n", 1),
        ("a.yaml", "hutong_scheme: 1\nterms: 3\n", 2),
        ("a.yaml", "- 1\n", 1),
        ("a.csv", "object_id,measures\nb1,lift\n", 1),
        ("a.csv", "object_id,measures,offer,year\nb1,,x,1\nb1,lift,,\nb2,lift,x,soon\n", 3),
    ],
)
def test_a_broken_scheme_is_told_in_chinese(name, text, least):
    from pathlib import Path

    from hutong.plan.document_file import read_scheme_text

    with pytest.raises(HutongError) as caught:
        read_scheme_text(Path(name), text)
    shown = [row_text(line).zh for line in caught.value.rows]
    assert len(shown) >= least, shown
    english = ("expected", "unknown", "must", " is ", "the ", "reason", "twice", "only")
    assert not [s for s in shown if any(word in s for word in english)], shown
