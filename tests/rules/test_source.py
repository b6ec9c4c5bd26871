"""A broken rule file says where it is broken and what is expected."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from hutong.errors import HutongError
from hutong.rules.source import read_rule_file

HEAD = "jurisdiction: own\nextends: beijing\ntitle: {zh: 本区, en: Own}\nchecked: 2026-11-01\nparameters:\n"


def write(tmp_path, text: str):
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return path


def rows(tmp_path, text: str) -> list[str]:
    with pytest.raises(HutongError) as caught:
        read_rule_file(write(tmp_path, text))
    assert caught.value.code == "rules-broken"
    return list(caught.value.rows)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('"2/3"', Fraction(2, 3)),
        ('"95%"', Fraction(19, 20)),
        ('"12.5%"', Fraction(1, 8)),
        ("0.2", 0.2),
        ("30", 30),
        ("true", True),
        ("ordinary", "ordinary"),
        ("~", None),
    ],
)
def test_values_are_kept_exactly(tmp_path, written, kept):
    text = (
        HEAD + f"  a.b:\n    values: [{{from: 2023-03-01, value: {written}, source: 文件, confidence: D}}]\n"
    )
    (value,) = read_rule_file(write(tmp_path, text)).entries["a.b"].values
    assert value.value == kept
    assert type(value.value) is type(kept)
    assert value.since == dt.date(2023, 3, 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  a.b:\n    values: [{from: 2023-03-01, value: 2/x, source: s, confidence: D}]\n", "own.yaml:7: value is '2/x'; expected a number"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: .nan, source: s, confidence: D}]\n", "own.yaml:7: value is nan; expected a number"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: .inf, source: s, confidence: D}]\n", "own.yaml:7: value is inf; expected a number"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: [1], source: s, confidence: D}]\n", "own.yaml:7: value is [1]; expected a number"),
        ("  a.b:\n    values: [{from: 2023, value: 1, source: s, confidence: D}]\n", "own.yaml:7: from is 2023; expected a date such as 2023-03-01"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, source: s, confidence: X}]\n", "own.yaml:7: confidence is 'X'; expected one of D, D-, K, U"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, confidence: D}]\n", "own.yaml:7: source is missing; expected the document"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, confidence: U}]\n", "own.yaml:7: an assumption (confidence U) must say in note"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, source: 3, confidence: D}]\n", "own.yaml:7: source is 3; expected text"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, source: s, confidence: D, note: x}]\n", "own.yaml:7: note is 'x'; expected {zh: 文字, en: words}"),
        ("  a.b:\n    values: [{from: 2023-03-01, value: 1, source: s, confidence: D, unti: 3}]\n", "own.yaml:7: unknown key 'unti'; expected one of article,"),
        ("  a.b:\n    values: [12]\n", "own.yaml:7: 12; expected {from, value, source, article, confidence}"),
        ("  a.b:\n    values: []\n", "own.yaml:7: values is empty; expected a list"),
        ("  a.b:\n    unit: m\n", "own.yaml:6: values is empty; expected a list"),
        ("  a.b: 3\n", "own.yaml:6: a.b is 3; expected title, unit and values"),
        ("  A-b:\n    values: [{from: 2023-03-01, value: 1, source: s, confidence: D}]\n", "own.yaml:6: id 'A-b'; expected dotted words"),
        ("  a.b:\n    combine: most\n    values: [{from: 2023-03-01, value: 1, source: s, confidence: D}]\n", "own.yaml:7: combine is 'most'; expected one of nearest, min, max"),
        ("  a.b:\n    values:\n      - {from: 2023-03-01, value: 1, source: s, confidence: D}\n      - {from: 2023-03-01, value: 2, source: s, confidence: D}\n", "own.yaml:9: from 2023-03-01 does not follow 2023-03-01; expected dates in order, each once"),
        ("  a.b:\n    unit: m\n    unit: m\n    values: []\n", "own.yaml:8: key 'unit' is written twice"),
        ("  a.b: [\n", "own.yaml:7: expected the node content, but found '<stream end>'"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_line_and_expected_form(tmp_path, body, expected):
    found = rows(tmp_path, HEAD + body)
    assert any(row.startswith(expected) for row in found), found


def test_all_faults_are_found_at_once(tmp_path):
    text = "jurisdiction: Own City\nextends: [x]\nchecked: today\ntitle: {zh: 本区}\nextra: 1\nparameters:\n  a.b: 3\n"
    found = rows(tmp_path, text)
    assert [r.split(": ", 2)[0] for r in found].count("own.yaml:1") == 1
    for part in (
        "own.yaml:5: unknown key 'extra'",
        "own.yaml:1: jurisdiction is 'Own City'; expected a name such as beijing",
        "own.yaml:2: extends is ['x']",
        "own.yaml:3: checked is 'today'",
        "own.yaml:4: title is",
        "own.yaml:7: a.b is 3",
    ):
        assert any(r.startswith(part) for r in found), (part, found)


@pytest.mark.parametrize("text", ["", "- a\n", "jurisdiction: own\n", "jurisdiction: own\nparameters: 3\n"])
def test_a_file_of_another_kind_is_refused(tmp_path, text):
    assert rows(tmp_path, text) == [
        "own.yaml:1: expected keys jurisdiction, title, checked and parameters: {id: ...}"
    ]


def test_a_file_that_cannot_be_read(tmp_path):
    bad = tmp_path / "own.yaml"
    for prepare in (lambda: None, lambda: bad.write_bytes("标题: 北京".encode("gbk"))):
        prepare()
        with pytest.raises(HutongError) as caught:
            read_rule_file(bad)
        assert caught.value.code == "rules-unreadable"
