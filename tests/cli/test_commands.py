"""The command line as a user types it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hutong.cli.commands import app

ENV = {**os.environ, "HUTONG_LANG": "en", "NO_COLOR": "1", "COLUMNS": "160"}
FAST = ["--runs", "2", "--months", "12"]


def hutong(*args: str | Path, cwd: Path, lang: str = "en") -> Result:
    """Run a command in this process (a process of its own would compile and load everything again)."""
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [str(a) for a in args], env={**ENV, "HUTONG_LANG": lang})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds a small city named ``q``."""
    folder = tmp_path_factory.mktemp("cli")
    made = hutong("new", "q", "--quarter", "300", cwd=folder)
    assert made.exit_code == 0, made.stderr
    return folder


def left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_new_says_what_it_wrote(place: Path) -> None:
    assert (place / "q" / "city.toml").is_file()
    assert left(place) >= {"q"}
    assert not [name for name in left(place) if name.startswith(".")]


def test_new_does_not_overwrite(place: Path) -> None:
    before = (place / "q" / "city.toml").read_bytes()
    again = hutong("new", "q", "--quarter", "400", cwd=place)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert (place / "q" / "city.toml").read_bytes() == before


@pytest.mark.parametrize("args", [[], ["--osm", "x.osm", "--quarter", "300"]])
def test_new_wants_one_source(place: Path, args: list[str]) -> None:
    wrong = hutong("new", "z", *args, cwd=place)
    assert wrong.exit_code == 2
    assert "exactly one" in wrong.stderr
    assert not (place / "z").exists()


def test_info_json_counts_rows(place: Path) -> None:
    shown = hutong("info", "q", "--json", cwd=place)
    data = json.loads(shown.stdout)
    assert data["tables"]["dwellings"]["rows"] >= 300
    for column in data["tables"]["buildings"]["columns"].values():
        assert sum(column.values()) == pytest.approx(1)
    assert len(data["hash"]) == 64


def test_check_json_has_a_reason_for_every_unknown(place: Path) -> None:
    shown = hutong("check", "q", "--json", cwd=place)
    data = json.loads(shown.stdout)
    assert len(data["indicators"]) >= 15
    for row in data["values"]:
        if row["status"] == "unknown":
            assert row["value"] is None
            assert row["reason_en"]
            assert row["reason_zh"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_prints_in_both_languages(place: Path, lang: str) -> None:
    shown = hutong("check", "q", cwd=place, lang=lang)
    assert shown.exit_code == 0, shown.stderr
    assert ("指标" if lang == "zh" else "indicator") in shown.stdout


def test_plan_evolve_and_report(place: Path) -> None:
    plan = json.loads(hutong("plan", "q", "--json", cwd=place).stdout)
    assert [s["id"] for s in plan["schemes"]] == ["least_cost", "balanced", "most_benefit"]
    first = plan["schemes"][1]["choices"][0]["object_id"]
    why = hutong("plan", "q", "--explain", first, cwd=place)
    assert why.exit_code == 0, why.stderr
    assert len(why.stdout) > 20
    future = json.loads(hutong("evolve", "q", *FAST, "--json", cwd=place).stdout)
    assert len(future["settings"]) == 4
    page = hutong("report", "q", *FAST, cwd=place)
    assert page.exit_code == 0, page.stderr
    assert "q-report.html" in page.stdout
    assert (place / "q-report.html").stat().st_size > 50_000
    again = hutong("report", "q", *FAST, cwd=place)
    assert again.exit_code == 2
    assert "--force" in again.stderr


def test_explain_an_object_that_is_not_there(place: Path) -> None:
    wrong = hutong("plan", "q", "--explain", "no-such-thing", cwd=place)
    assert wrong.exit_code == 2
    assert "no-such-thing" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize("command", ["info", "check", "plan", "evolve", "report"])
def test_a_folder_that_is_no_city(tmp_path: Path, command: str) -> None:
    wrong = hutong(command, tmp_path, cwd=tmp_path)
    assert wrong.exit_code == 2
    assert "city.toml" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert left(tmp_path) == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_missing_map(tmp_path: Path, lang: str) -> None:
    wrong = hutong("new", "z", "--osm", "absent.osm", cwd=tmp_path, lang=lang)
    assert wrong.exit_code == 2
    assert "absent.osm" in wrong.stderr
    assert left(tmp_path) == set()


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # whoever began the tests may not hear it
    code = heard + "from hutong.cli import main; main()"
    command = [sys.executable, "-c", code, "demo", "out", "--runs", "100000"]
    with subprocess.Popen(command, cwd=tmp_path, env=ENV, stderr=subprocess.PIPE, text=True) as job:
        try:
            time.sleep(3)
            job.send_signal(signal.SIGINT)
            _, message = job.communicate(timeout=60)
        finally:
            job.kill()
    assert job.returncode == 130, message
    assert "Traceback" not in message
    assert left(tmp_path) == set()


def test_a_fault_of_ours_is_not_a_traceback(place: Path) -> None:
    code = (
        "import hutong.sense as s\n"
        "def broken(*a): raise RuntimeError('boom')\n"
        "s.checkup_over = broken\n"
        "from hutong.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "check", "q"]
    shown = subprocess.run(command, cwd=place, env=ENV, capture_output=True, text=True)
    assert shown.returncode == 70
    assert "boom" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_national_check_has_61_rows_and_metrics_are_plain_json(place: Path) -> None:
    shown = hutong("check", "q", "--national", "--metrics", "m.json", cwd=place)
    assert shown.exit_code == 0, shown.stderr
    assert "of 61 known" in shown.stdout
    data = json.loads((place / "m.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert data["schema_version"] == "0.1.0"
    assert data["units"] == {"length": "m", "area": "sqm"}
    for metric in data["metrics"].values():
        assert metric["status"] in ("known", "unknown", "not_applicable")
        assert (metric["value"] is None) == (metric["status"] != "known")
        assert (metric["reason"] is None) == (metric["status"] == "known")
        assert metric["unit"] in ("sqm", "m", "ratio", "count", "index", "none")
    again = hutong("check", "q", "--metrics", "m.json", cwd=place)
    assert again.exit_code == 2
    assert "--force" in again.stderr


def test_a_snapshot_is_the_same_as_itself(place: Path) -> None:
    shown = hutong("compare", "q", "q", "--json", cwd=place)
    assert shown.exit_code == 0, shown.stderr
    tally = json.loads(shown.stdout)["tally"]
    assert tally["better"] == tally["worse"] == 0
    assert tally["same"] > 10


def test_a_conversation_and_votes_so_far_on_the_page(place: Path) -> None:
    wrong = hutong("report", "q", "--votes", "v.csv", *FAST, cwd=place)
    assert wrong.exit_code == 2
    assert "--statements" in wrong.stderr
    people = range(40)
    votes = [f"{i},{j},{1 if (i < 20) == (j < 5) or j == 9 else -1}" for i in people for j in range(10)]
    (place / "v.csv").write_text("participant,statement,vote\n" + "\n".join(votes) + "\n", "utf-8")
    texts = [f"{j},观点{j}：先修管线还是先装电梯" for j in range(10)]
    (place / "s.csv").write_text("statement,text\n" + "\n".join(texts) + "\n", "utf-8")
    asked = ["--votes", "v.csv", "--statements", "s.csv", "--votes-title", "楼门意见", "--out", "talk.html"]
    page = hutong("report", "q", *asked, *FAST, cwd=place)
    assert page.exit_code == 0, page.stderr
    html = (place / "talk.html").read_text("utf-8")
    assert "楼门意见" in html
    assert "观点9" in html
    assert "--votes v.csv" in html
