from __future__ import annotations

import pytest
import yaml

from hutong.errors import HutongError
from hutong.evolve.games import read_game
from hutong.evolve.games.formula import value_of

from .test_equilibria import EXAMPLES


def write(folder, text):
    path = folder / "game.yaml"
    path.write_text(text, encoding="utf-8")
    return path


PAIR = """
populations: {office: [act, wait], owner: [sign, hold]}
parameters: {b: 2, c: b / 4}
payoffs:
  - {when: [act, sign], pay: [b, b - c]}
  - {when: [act, hold], pay: [-c, 0]}
  - {when: [wait, sign], pay: [0, -c]}
  - {when: [wait, hold], pay: [0, 0]}
"""


def test_formulas_and_changes(tmp_path):
    file = read_game(write(tmp_path, PAIR))
    assert file.game.payoffs[1].tolist() == [[1.5, 0.0], [-0.5, 0.0]]
    assert [x.tolist() for x in file.start] == [[0.5, 0.5]] * 2
    changed = read_game(write(tmp_path, PAIR), {"c": 1.0})
    assert changed.game.payoffs[0].tolist() == [[2.0, -1.0], [0.0, 0.0]]


@pytest.mark.parametrize("name", [p.name for p in sorted(EXAMPLES.glob("*.yaml"))])
def test_the_examples_read(name):
    file = read_game(EXAMPLES / name)
    assert file.source
    assert all(t.zh and t.en for t in file.titles.values())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[wait, hold], pay: [0, 0]", "[wait, sign], pay: [0, 0]", "repeats a profile"),
        ("  - {when: [wait, hold], pay: [0, 0]}\n", "", r"\(wait, hold\) has no pay-offs"),
        ("[act, sign]", "[act, leave]", "owner has no strategy leave"),
        ("[act, sign]", "[act]", "each of the 2 populations"),
        ("[b, b - c]", "[b]", "must hold 2 pay-offs"),
        ("[b, b - c]", "[b, b - d]", "no parameter d"),
        ("[b, b - c]", "[b, b.real]", "cannot be worked out"),
        ("[b, b - c]", "[b, '1/0']", "cannot be worked out"),
        ("[b, b - c]", "[b, true]", "cannot be worked out"),
        ("{b: 2,", "{b: 2, b: 3,", "cannot be read"),
        ("{office: [act, wait], owner: [sign, hold]}", "{}", "populations, with their strategies, are missing"),
        ("parameters", "start: {office: [0.5, 0.4], owner: [1, 0]}\nparameters", "add up to 1"),
        ("parameters", "start: {office: [1, 0]}\nparameters", "shares of every population"),
        ("parameters", "finite: {size: 9, intensity: 1}\nparameters", "plays itself"),
        ("parameters", "matrix: [[1]]\nparameters", "several populations take payoffs"),
        ("parameters", "until: 0\nparameters", "above 0"),
        ("parameters", "color: red\nparameters", "unknown entries: color"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path, old, new, words):
    assert old in PAIR
    with pytest.raises(HutongError, match=words):
        read_game(write(tmp_path, PAIR.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("finite", "words"),
    [("{size: 9}", "must hold size"), ("{size: 1.5, intensity: 1}", "whole number"),
     ("{size: 9, intensity: 1, process: wright}", "fermi or moran")],
)  # fmt: skip
def test_finite_populations_are_checked(tmp_path, finite, words):
    text = f"populations: {{p: [a, b]}}\nmatrix: [[1, 2], [3, 4]]\nfinite: {finite}\n"
    with pytest.raises(HutongError, match=words):
        read_game(write(tmp_path, text))


def test_a_matrix_must_be_square(tmp_path):
    with pytest.raises(HutongError, match="2 rows of 2"):
        read_game(write(tmp_path, "populations: {p: [a, b]}\nmatrix: [[1, 2]]\n"))


def test_changes_of_unknown_parameters_and_missing_files_are_refused(tmp_path):
    with pytest.raises(HutongError, match="no parameter x"):
        read_game(write(tmp_path, PAIR), {"x": 1.0})
    with pytest.raises(HutongError, match="cannot be read"):
        read_game(tmp_path / "none.yaml")
    with pytest.raises(HutongError, match="not a mapping"):
        read_game(write(tmp_path, yaml.safe_dump([1, 2])))


@pytest.mark.parametrize(
    ("formula", "value"), [("2 ** 3 - 1", 7.0), ("-(a + 1) / 2", -2.0), (4, 4.0), ("1e-3", 1e-3)]
)
def test_formulas_are_plain_arithmetic(formula, value):
    assert value_of(formula, {"a": 3.0}, "here") == value


@pytest.mark.parametrize(
    "formula", ["a()", "[1]", "'x'", "(-1) ** 0.5", "9 ** 9 ** 9", "1e400", "a if a else 1", None, "a b"]
)
def test_anything_else_is_refused(formula):
    with pytest.raises(HutongError, match="cannot be worked out"):
        value_of(formula, {"a": 3.0}, "here")
