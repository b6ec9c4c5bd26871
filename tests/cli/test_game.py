from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hutong.cli.commands import app

EXAMPLES = Path(__file__).parents[2] / "docs" / "games"


def run(*words: str, lang: str = "en"):
    return CliRunner().invoke(app, ["evolve", "game", *words], env={"HUTONG_LANG": lang, "COLUMNS": "200"})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["tri-party.yaml", "repeated-dilemma.yaml"])
def test_examples_show_in_both_languages(name, lang):
    shown = run(str(EXAMPLES / name), lang=lang)
    assert shown.exit_code == 0, shown.output
    assert ("鞍点" if lang == "zh" else "saddle") in shown.output


def test_json_holds_the_published_figures():
    found = json.loads(run(str(EXAMPLES / "repeated-dilemma.yaml"), "--json").output)
    assert found["finite"]["fixation"][1][2] == pytest.approx(0.026625729107)
    assert found["finite"]["frequencies"] == pytest.approx([0.06294922, 0.46364094, 0.47340984], abs=1e-8)
    assert found["finite"]["fixation"][0][0] is None
    assert [p["kind"] for p in found["rest_points"]][:3] == ["saddle", "stable", "saddle"]


def test_a_sweep_says_where_the_stable_point_goes():
    words = (str(EXAMPLES / "tri-party.yaml"), "--set", "subsidy=0", "--sweep", "fine=0:6:4")
    rows = json.loads(run(*words, "--json").output)["rows"]
    assert [len(r["stable"]) for r in rows] == [1, 1, 0, 0]
    assert "supervise · cut · take part" in run(*words).output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.yaml"], "cannot be read"),
        ([str(EXAMPLES / "tri-party.yaml"), "--set", "fine"], "NAME=VALUE"),
        ([str(EXAMPLES / "tri-party.yaml"), "--set", "tax=1"], "no parameter tax"),
        ([str(EXAMPLES / "tri-party.yaml"), "--sweep", "fine=0:6"], "LOW:HIGH:STEPS"),
        ([str(EXAMPLES / "tri-party.yaml"), "--sweep", "fine=0:6:1"], "LOW:HIGH:STEPS"),
    ],
)
def test_bad_words_are_told(words, told):
    shown = run(*words)
    assert shown.exit_code == 2
    assert told in shown.stderr
