"""Questions to the optimiser as a user types them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .test_commands import ENV, hutong


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    assert hutong("new", "q", "--quarter", "300", cwd=folder).exit_code == 0
    return folder


def test_a_question_over_years(place: Path) -> None:
    args = (
        "plan",
        "solve",
        "q",
        "--mode",
        "money",
        "--phases",
        "3",
        "--yearly",
        "3e7",
        "--room",
        "60",
        "--gap",
        "0.01",
    )
    asked = hutong(*args, "--json", cwd=place)
    assert asked.exit_code == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert set(answer["starts"].values()) <= {0, 1, 2}
    assert answer["scheme"]["violations"] == []
    assert answer["scheme"]["certificate"]["gap"] <= 0.01


def test_units_and_instruments(place: Path) -> None:
    listed = hutong("plan", "units", "q", "2", cwd=place)
    assert listed.exit_code == 0, listed.stderr
    assert listed.stdout.startswith("units:")
    (place / "q.yaml").write_text(
        listed.stdout + "goals: false\nbalance: unit\nmode: money\nleast: {weighted: 0.3}\n", "utf-8"
    )
    solved = hutong("plan", "solve", "q", "--question", "q.yaml", "--gap", "0.02", cwd=place)
    assert solved.exit_code == 0, solved.stderr
    assert "unit-1" in solved.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--off", "concesion"], "concession"),
        (["--least", "social"], "NAME=VALUE"),
        (["--least", "social=much"], "number"),
        (["--question", "absent.yaml"], "absent.yaml"),
        (["--reason", "unit.floor_growth_allowed=because"], "limits in principle"),
        (["--budget", "1000"], "more money"),
    ],
)
def test_a_question_that_cannot_be_answered(place: Path, args: list[str], said: str) -> None:
    before = set(place.iterdir())
    wrong = hutong("plan", "solve", "q", *args, cwd=place)
    assert wrong.exit_code == 2
    assert said in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert set(place.iterdir()) == before


@pytest.mark.slow
def test_an_interrupt_gives_the_best_found_or_says_so(place: Path) -> None:
    before = set(place.iterdir())
    code = (
        "import sys; sys.argv = ['hutong', 'plan', 'solve', 'q', '--years', '5', '--years', '10', '--years', '15', '--years', '20',"
        " '--gap', '0']; from hutong.cli import main; main()"
    )
    job = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=place,
        env=ENV,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert job.stderr is not None
    for line in job.stderr:
        if "Solving" in line:
            break
    time.sleep(2.0)
    job.send_signal(signal.SIGINT)
    said, rest = job.communicate(timeout=120)
    assert "Traceback" not in rest
    if job.returncode == 0:
        assert "proven gap" in said
    else:
        assert job.returncode == 130
        assert "nothing was written" in rest
    assert set(place.iterdir()) == before
