"""What section 7 prints: commands that run and make the same again."""

from __future__ import annotations

import shlex
from dataclasses import replace

from typer.testing import CliRunner

from hutong.cli.commands import app
from hutong.report.sections.method import commands
from hutong.text import Text

from .report_example import make_city, make_ensemble, make_plan
from .tree import read


def of(city, rules, recipe, title=None, budget=None, files=None):
    """Return the commands for a snapshot of such a recipe."""
    made = replace(city, meta=replace(city.meta, recipe=recipe, title=title or city.meta.title))
    plan = replace(make_plan(city), budget=budget)
    return commands(made, rules, plan, make_ensemble(), files or {})


def test_commands_of_each_kind_of_snapshot(rules):
    city = make_city()
    tail = "hutong report huaiyin --seed 1 --runs 20 --months 24 --jurisdiction beijing"
    quarter = {"maker": "quarter", "dwellings": 300, "seed": 7}
    assert of(city, rules, quarter) == ["hutong new huaiyin --quarter 300 --seed 7", tail]
    filled = {"importer": "osm", "completer_seed": 3, "completer_district": "110101"}
    assert of(city, rules, filled)[0] == "hutong new huaiyin --osm FILE --seed 3 --district 110101"
    assert of(city, rules, {"importer": "layers"})[0] == "hutong new huaiyin --map MAPPING.toml --no-fill"
    assert of(city, rules, {}) == [tail]


def test_a_title_a_budget_and_files_are_typed_safely(rules):
    city = make_city()
    quarter = {"maker": "quarter", "dwellings": 300, "seed": 7}
    made = of(
        city,
        rules,
        quarter,
        Text("东 '四'", "东 '四'"),
        {"city": 0.1, "district": 0.2},
        {"votes": "a b.csv", "votes-title": ""},
    )
    assert shlex.split(made[0])[-2:] == ["--title", "东 '四'"]
    assert shlex.split(made[1])[4:] == ["1", "--budget", "0.30", "--runs", "20", "--months", "24", "--jurisdiction", "beijing", "--votes", "a b.csv"]  # fmt: skip
    same_as_name = of(city, rules, quarter, Text("huaiyin", "huaiyin"))
    assert "--title" not in same_as_name[0]


def test_the_commands_printed_are_those_that_made_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = [
        ["new", "quarter", "--quarter", "300", "--seed", "2", "--title", "试点 一"],
        ["report", "quarter", "--seed", "2", "--budget", "300000000", "--runs", "2", "--months", "12", "--jurisdiction", "beijing"],
    ]  # fmt: skip
    for line in typed:
        done = CliRunner().invoke(app, line)
        assert done.exit_code == 0, done.output
    root = read((tmp_path / "quarter-report.html").read_text("utf-8"))[0]
    last = next(n for n in root.all("section") if n.attributes["id"] == "s7")
    printed = [n.words for n in last.all("code") if "block" in n.classes]
    assert [shlex.split(p) for p in printed] == [["hutong", *line] for line in typed]
