"""``hutong act`` as a user types it, in one process: files in, files out, and one bad input for each."""

import json
import os

import pytest
from typer.testing import CliRunner

from hutong.act.contracts import asset_table, contract_text
from hutong.cli import act_contracts  # noqa: F401 (its commands stand beside those of act)
from hutong.cli.commands import act
from tests.act.contracts.test_contracts import ASSETS, terms
from tests.act.test_docs import example

ENV = {**os.environ, "HUTONG_LANG": "en"}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*args, code=0):
        got = CliRunner().invoke(act.app, [str(a) for a in args], env=ENV)
        assert got.exit_code == code, got.output
        return got.output

    return call


def test_project(run, tmp_path):
    file = example(tmp_path)
    said = run("project", file, "--on", "2026-09-20")
    assert "application" in said
    assert "SPI" in said
    assert "common parts" not in said
    body = json.loads(run("project", file, "--on", "2026-09-20", "--json"))
    assert (body["state"], body["library"]) == ("reserve_list", "proposed")
    assert body["works"]["earned_yuan"] == [80_000, 80_000]
    assert "unknown key" in run("project", example(tmp_path, a=("types:", "kinds:")), code=2)
    assert "no day" in run("project", example(tmp_path), "--on", "soon", code=2)


def test_change_and_machine(run):
    said = run("change", "common_parts", "schedule")
    assert "new vote of the owners" in said
    assert "no consent anew (assumption)" in said
    assert "no kind of change" in run("change", "weather", code=2)
    assert "stateDiagram" in run("machine", "estate")
    assert "no machine" in run("machine", "weather", code=2)


def test_floor(run, tmp_path):
    (tmp_path / "p.csv").write_text("place,within\nd,\nu,d\n", "utf-8")
    rows = "kind,day,place,m2,approval,to,uncounted\nopening,2026-01-05,u,100.5,A-1,,\ndemolish,2026-02-05,u,20.25,A-2,,\n"
    (tmp_path / "b.csv").write_text(rows, "utf-8")
    assert "80.25" in run("floor", "p.csv", "b.csv", "-o", "out.csv")
    assert "802500" in (tmp_path / "out.csv").read_text("utf-8")
    assert "exists already" in run("floor", "p.csv", "b.csv", "-o", "out.csv", code=2)
    (tmp_path / "b.csv").write_text(rows.replace("20.25", "200.12345"), "utf-8")
    assert "row 3" in run("floor", "p.csv", "b.csv", code=2)
    (tmp_path / "b.csv").write_text(rows.replace("20.25", "200"), "utf-8")
    assert "entry 2" in run("floor", "p.csv", "b.csv", code=2)


def test_returns_and_assets(run, tmp_path):
    (tmp_path / "c.json").write_text(contract_text(terms()), "utf-8")
    (tmp_path / "r.csv").write_text(
        "period,works,income,running\n2026,1000000,,\n2027,,160000,40000\n", "utf-8"
    )
    assert "above the band" in run("returns", "c.json", "r.csv", "--on", "2028-02-01")
    body = json.loads(run("returns", "c.json", "r.csv", "--on", "2029-02-01", "--json"))
    assert (body["standing"], body["missing"]) == ("unknown", [2028])
    (tmp_path / "c.json").write_text("{}", "utf-8")
    assert "no contract file" in run("returns", "c.json", "r.csv", code=2)
    asset_table(ASSETS).to_csv(tmp_path / "a.csv", index=False)
    assert "a2" in run("assets", "a.csv", "--on", "2025-01-01")
    (tmp_path / "a.csv").write_text("asset\nx\n", "utf-8")
    assert "column object is missing" in run("assets", "a.csv", code=2)
