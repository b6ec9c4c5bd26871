from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hutong.city import make_quarter
from hutong.cli import access, profile


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    path = tmp_path_factory.mktemp("city") / "quarter"
    make_quarter(dwellings=300, seed=1).save(path)
    return str(path)


def run(app, *arguments, fails=False):
    done = CliRunner().invoke(app, list(arguments), env={"HUTONG_LANG": "en"})
    assert (done.exit_code == 2) == fails, done.output
    return done.output


def test_circles(city):
    assert "Community clinic" in run(access.app, "circles", city)
    rows = json.loads(run(access.app, "circles", city, "--json"))
    assert {row["minutes"] for row in rows} == {5, 10, 15}
    assert all(0 <= row["coverage"] <= 1 for row in rows if row["status"] == "known")


def test_capacity_is_shared_among_those_who_can_walk_to_it(city, tmp_path):
    out = tmp_path / "each.csv"
    shown = run(
        access.app, "capacity", city, "--service", "kindergarten", "--service", "park", "--out", str(out)
    )
    assert "Park or green: the capacity of none" in shown
    (care, park) = json.loads(
        run(access.app, "capacity", city, "--service", "kindergarten", "--service", "park", "--json")
    )
    assert 0 <= care["low"] <= care["median"] <= care["high"]
    assert park["reason_zh"]
    assert out.read_text("utf-8").startswith("building_id,kindergarten,park")
    run(access.app, "capacity", city, "--out", str(out), fails=True)


def test_gaps(city):
    arguments = ("gaps", city, "--service", "canteen", "--service", "bus_stop", "--minutes", "5")
    shown = run(access.app, *arguments, "--idle", "b0000001")
    assert "have no community canteen" in shown
    assert "Bus stop: no gaps" in shown
    assert "idle building b0000001" in shown
    (first, second) = json.loads(run(access.app, *arguments, "--json"))
    assert first["gaps"][0]["dwellings"] > 0
    assert second["gaps"] == []


def test_what_does_not_exist_is_refused(city):
    assert "no_such" in run(access.app, "gaps", city, "--service", "no_such", fails=True)
    assert "b-none" in run(access.app, "gaps", city, "--idle", "b-none", fails=True)
    assert "no_such" in run(profile.app, "clusters", city, "no_such", fails=True)
    run(profile.app, "estates", city, "--weights", "best", fails=True)


def test_barriers(city):
    assert "No barriers" in run(access.app, "barriers", city)
    assert json.loads(run(access.app, "barriers", city, "--json")) == {"barriers": [], "notes": []}


def test_profiles(city):
    assert "ranks 1 of" in run(profile.app, "estates", city)
    got = json.loads(run(profile.app, "estates", city, "--json", "--weights", "entropy"))
    assert sum(got["weights"].values()) == pytest.approx(1)
    ranks = [place["rank"] for place in got["places"]]
    assert ranks == sorted(ranks)


def test_equity_and_clusters(city):
    assert "Building condition" in run(profile.app, "equity", city)
    found = json.loads(run(profile.app, "equity", city, "--json"))
    assert found["condition"]["worst_off"] <= found["condition"]["mean"]
    assert "cannot be told" in run(profile.app, "clusters", city, "reach_park")
    assert json.loads(run(profile.app, "clusters", city, "reach_park", "--json"))["moran"] is None
