"""Evaluation and scores on the command line, and the page."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from hutong.cli.learn import app
from hutong.plan import load_measures
from hutong.plan.learned import read_learned

from ..learn.learn_case import history


def run(*args, lang="en"):
    return CliRunner().invoke(app, [str(a) for a in args], env={"HUTONG_LANG": lang, "COLUMNS": "200"})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learn")
    *cities, works = history(dwellings=600)
    for city in cities:
        city.save(folder / city.meta.date[:4])
    works.to_csv(folder / "works.csv", index=False, date_format="%Y-%m-%d")
    return folder


def test_an_evaluation_is_said_and_written(place, tmp_path):
    args = (
        "evaluate",
        place / "2026",
        place / "2031",
        "--works",
        place / "works.csv",
        "--earlier",
        place / "2021",
    )
    done = run(*args, "--out", tmp_path / "e.html")
    assert done.exit_code == 0, done.stderr
    assert "works planned" in done.stdout
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "实付 ÷ 计划" in page
    assert not re.search(r'(?:src|href)="https?:', page)
    assert run(*args, "--out", tmp_path / "e.html").exit_code == 2
    again = run(*args, "--out", tmp_path / "e2.html")
    assert again.exit_code == 0
    assert (tmp_path / "e2.html").read_bytes() == (tmp_path / "e.html").read_bytes()
    told = json.loads(run(*args, "--json", "--lessons", tmp_path / "lessons.csv").stdout)
    catalogue = load_measures()
    assert read_learned(tmp_path / "lessons.csv", catalogue) == ()  # nobody has decided yet
    table = pd.read_csv(tmp_path / "lessons.csv", dtype={"decision": str, "decided": str, "reason": str})
    cost = (table["quantity"] == "cost").idxmax()
    table.loc[cost, ["decision", "decided", "reason"]] = [
        "accepted",
        "2031-09-01",
        "all contracts were dearer",
    ]
    table.to_csv(tmp_path / "lessons.csv", index=False)
    (one,) = read_learned(tmp_path / "lessons.csv", catalogue)
    assert (one.measure, one.quantity, one.source) == ("pipes", "cost", "2026-06-30/2031-06-30")
    assert told["works"][0]["measure"] == "pipes"
    assert {r["quantity"] for r in told["lessons"]} >= {"cost", "acceptance"}


def test_snapshots_in_the_wrong_order(place):
    done = run("evaluate", place / "2031", place / "2026", "--works", place / "works.csv")
    assert done.exit_code == 2
    assert "not in order" in done.stderr


HEAD = "id,mean,sd,reference_mean,reference_sd,outcome\n"


def test_scores(tmp_path):
    rows = "".join(f"f{i},{i},1,5,4,{i + (-1) ** i * 0.5 if i < 10 else ''}\n" for i in range(12))
    (tmp_path / "r.csv").write_text(HEAD + rows, encoding="utf-8")
    done = run("score", tmp_path / "r.csv")
    assert "Better than the reference" in done.stdout
    assert "10 have come due, 2 are waiting" in done.stdout
    assert json.loads(run("score", tmp_path / "r.csv", "--json").stdout)["forecasts"] == 10
    (tmp_path / "n.csv").write_text(HEAD + "f,1,1,1,1,\n", encoding="utf-8")
    assert "还没有" in run("score", tmp_path / "n.csv", lang="zh").stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,mean\nf,1\n", "r.csv: sd"),
        (HEAD + "f,1,0,1,1,\n", "r.csv:2 sd: 0"),
        (HEAD + "f,x,1,1,1,\n", "r.csv:2 mean: x"),
        (HEAD + "f,1,1,1,1,soon\n", "r.csv:2 outcome: soon"),
        (HEAD + "f,1,1,1,1,\nf,1,1,1,1,\n", "r.csv:3 id: f"),
    ],
)
def test_a_faulty_record_is_named(tmp_path, text, words):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    done = run("score", tmp_path / "r.csv")
    assert done.exit_code == 2
    assert words in done.stderr
