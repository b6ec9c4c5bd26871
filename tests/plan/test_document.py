"""A scheme as a document: read and written whole, versions by hash, faults with their line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.plan.document import Choice, SchemeDocument, Uncounted, document_of
from hutong.plan.document_file import read_scheme, to_yaml, write_scheme
from hutong.text import Text

from .conftest import Quarter

FULL = SchemeDocument(
    "east",
    Text("东片", "East"),
    "quarter",
    "2026-01-01",
    "beijing",
    {"b2": Choice(("pipes", "lift"), "share10", 2), "b1": Choice(("canteen",), "public")},
    far_bonus=0.05,
    uncounted={"b2": Uncounted("lift", 12.5)},
    terms={"concession_years": 15.0},
    budget={"city": 1e7, "district": 2e7},
    justifications={"unit.demolition_share_max": Text("鉴定", "certified")},
    note=Text("草案", "draft"),
)

WORDS = st.text("abcdefghij_0123456789-", min_size=1, max_size=8)
CHOICES = st.builds(
    Choice,
    st.lists(WORDS, min_size=1, max_size=4, unique=True).map(lambda m: tuple(sorted(m))),
    WORDS,
    st.integers(0, 30),
)


def test_a_document_comes_back_whole(tmp_path: Path) -> None:
    path = write_scheme(tmp_path / "east.yaml", FULL)
    back = read_scheme(path)
    assert back.version == FULL.version
    assert to_yaml(back) == to_yaml(FULL)
    assert back == replace(FULL, choices={k: replace(c, measures=tuple(sorted(c.measures))) for k, c in FULL.choices.items()})  # fmt: skip
    with pytest.raises(HutongError) as caught:
        write_scheme(path, FULL)
    assert caught.value.code == "exists"


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(WORDS, CHOICES, max_size=6))
def test_any_choices_survive_yaml_and_csv(tmp_path_factory: pytest.TempPathFactory, choices: dict) -> None:
    folder = tmp_path_factory.mktemp("s")
    document = SchemeDocument("s", Text("s", "s"), choices=choices)
    for name in ("s.yaml", "s.csv"):
        back = read_scheme(write_scheme(folder / name, document))
        assert dict(back.choices) == dict(document.choices)
        assert back.version == document.version


def test_the_version_is_of_what_bears_on_the_result() -> None:
    assert replace(FULL, title=Text("新", "new"), note=Text("", "")).version == FULL.version
    for other in (
        replace(FULL, far_bonus=0.0), replace(FULL, terms={}), replace(FULL, budget={}), FULL.put("b1", None),
        FULL.put("b2", Choice(("pipes", "lift"), "share20", 2)), FULL.put("b2", Choice(("pipes", "lift"), "share10", 3)),
        replace(FULL, uncounted={}), replace(FULL, justifications={}), replace(FULL, city="x"),
    ):  # fmt: skip
        assert other.version != FULL.version
    assert FULL.put("b1", None).based_on == FULL.version
    swapped = FULL.put("b2", Choice(("lift", "pipes"), "share10", 2))
    assert swapped.version == FULL.version


def test_a_solved_scheme_becomes_a_document(quarter: Quarter) -> None:
    scheme = quarter.plan.scheme("balanced")
    document = document_of(scheme, city="quarter")
    assert set(document.choices) == set(scheme.choices["object_id"])
    assert document.terms["concession_years"] == scheme.terms["concession_years"]


GOOD = "hutong_scheme: 1\nid: s\nobjects:\n  b1: {measures: [pipes], offer: share0}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (GOOD + "colour: red\n", 5, "unknown key 'colour'"),
        (GOOD.replace("scheme: 1", "scheme: 9"), 1, "this version reads 1"),
        (GOOD.replace("[pipes]", "[]"), 4, "expected a list of one or more"),
        (GOOD.replace("[pipes]", "[pipes, pipes]"), 4, "names a measure twice"),
        (GOOD.replace("offer: share0", "ofer: share0"), 4, "near it: offer"),
        (GOOD.replace("share0}", "share0, year: -1}"), 4, "expected a whole year"),
        (GOOD + "budget: {city: -5}\n", 5, "city is -5"),
        (GOOD + "terms: {rent: 3}\n", 5, "unknown terms 'rent'"),
        (GOOD + "terms: {concession_years: 2.5}\n", 5, "whole years"),
        (GOOD + "instruments: {magic: 1}\n", 5, "unknown instrument 'magic'"),
        (GOOD + "instruments: {far_bonus: -1}\n", 5, "far_bonus is -1"),
        (GOOD + "instruments:\n  uncounted:\n    b1: {kind: pool, m2: 3}\n", 7, "expected one of stairs"),
        (GOOD + "justifications: {old_city.demolition_allowed: why}\n", 5, "cannot be passed with a reason"),
        (GOOD + "justifications: {unit.demolition_share_max: ' '}\n", 5, "is empty"),
        ("hutong_scheme: 1\nid: s\n", 1, "objects is missing"),
        (GOOD + "  b1: {measures: [lift], offer: share0}\n", 5, "twice"),
        ("hutong_scheme: [", 1, ""),
        ("- 1\n", 1, "expected keys"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(HutongError) as caught:
        read_scheme(path)
    assert caught.value.code == "invalid-scheme"
    assert any(r.startswith(f"s.yaml:{line}") and said in r for r in caught.value.rows), caught.value.rows


def test_csv_faults_and_what_csv_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    for text, said in (
        ("object_id,measures\nb1,pipes\n", "expected object_id, measures, offer, year"),
        ("object_id,measures,offer\nb1,pipes,share0\nb1,lift,share0\n", "s.csv:3:"),
        ("object_id,measures,offer,year\nb1,pipes,share0,soon\n", "s.csv:2:"),
        ("object_id,measures,offer\nb1,,share0\n", "one or more"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(HutongError) as caught:
            read_scheme(path)
        assert any(said in r for r in caught.value.rows), caught.value.rows
    with pytest.raises(HutongError) as caught:
        write_scheme(tmp_path / "t.csv", FULL)
    assert caught.value.code == "csv-too-narrow"
    assert not (tmp_path / "t.csv").exists()
    for name in ("s.txt", "s"):
        with pytest.raises(HutongError, match="no form"):
            read_scheme(tmp_path / name)
        with pytest.raises(HutongError, match="no form"):
            write_scheme(tmp_path / name, FULL)
    with pytest.raises(HutongError) as caught:
        read_scheme(tmp_path / "none.yaml")
    assert caught.value.code == "cannot-read"
