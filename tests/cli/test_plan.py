"""``hutong plan`` and its parts as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .test_commands import hutong


@pytest.mark.parametrize("args", [["nowhere"], ["--seed", "2", "nowhere"], ["make", "nowhere"]])
def test_the_name_of_the_default_may_be_left_out(tmp_path: Path, args: list[str]) -> None:
    wrong = hutong("plan", *args, cwd=tmp_path)
    assert wrong.exit_code == 2
    assert "nowhere is not a city folder" in wrong.stderr


def test_its_parts_are_listed(tmp_path: Path) -> None:
    shown = hutong("plan", "--help", cwd=tmp_path)
    assert shown.exit_code == 0
    assert "make" in shown.stdout
    assert "three schemes" in shown.stdout.lower()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small quarter with its balanced scheme as a file."""
    folder = tmp_path_factory.mktemp("plan")
    assert hutong("new", "q", "--quarter", "300", cwd=folder).exit_code == 0
    done = hutong("plan", "save", "q", "--out", "a.yaml", cwd=folder)
    assert done.exit_code == 0, done.stderr
    return folder


def test_a_scheme_is_saved_checked_explained_and_compared(saved: Path) -> None:
    checked = hutong("plan", "check", "q", "a.yaml", cwd=saved)
    assert checked.exit_code == 0, checked.stdout
    assert "No rule broken" in checked.stdout
    text = (saved / "a.yaml").read_text("utf-8")
    object_id = text.split("objects:\n")[1].split(":")[0].strip()
    why = hutong("plan", "explain", "q", object_id, "--scheme", "a.yaml", cwd=saved)
    assert why.exit_code == 0
    assert "public money" in why.stdout
    (saved / "b.yaml").write_text(text.replace("terms:", "budget: {city: 5}\nterms:"), "utf-8")
    broken = hutong("plan", "check", "q", "b.yaml", cwd=saved)
    assert broken.exit_code == 1
    assert "City budget" in broken.stdout
    changed = hutong("plan", "diff", "q", "a.yaml", "b.yaml", "--json", cwd=saved)
    assert changed.exit_code == 0
    assert json.loads(changed.stdout)["before"] != json.loads(changed.stdout)["after"]


@pytest.mark.parametrize("jurisdiction", ["national", "shanghai"])
def test_a_place_without_beijing_s_rules_has_schemes_too(saved: Path, jurisdiction: str) -> None:
    solved = hutong("plan", "solve", "q", "--jurisdiction", jurisdiction, cwd=saved)
    assert solved.exit_code == 0, solved.stderr


def test_bad_schemes_are_refused_in_words_and_nothing_is_left(saved: Path) -> None:
    before = {p.name for p in saved.iterdir()}
    again = hutong("plan", "save", "q", "--out", "a.yaml", cwd=saved)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    text = (saved / "a.yaml").read_text("utf-8")
    (saved / "c.yaml").write_text(text.replace("measures: [", "measures: [gold, ", 1), "utf-8")
    wrong = hutong("plan", "check", "q", "c.yaml", cwd=saved)
    assert wrong.exit_code == 2
    assert "no measure 'gold'" in wrong.stderr
    assert "hutong plan measures lists all measures" in wrong.stderr
    assert hutong("plan", "save", "q", "--scheme", "c.yaml", "--out", "d.yaml", cwd=saved).exit_code == 2
    assert hutong("plan", "save", "q", "--scheme", "a.yaml", "--out", "d.csv", cwd=saved).exit_code == 2
    assert {p.name for p in saved.iterdir()} == before | {"c.yaml"}
    assert "invalid" not in wrong.stdout


def test_the_catalogue_and_a_citys_own_file(saved: Path, tmp_path: Path) -> None:
    listed = hutong("plan", "measures", "--json", cwd=tmp_path)
    assert len(json.loads(listed.stdout)) >= 40
    own = tmp_path / "own.yaml"
    own.write_text("measures:\n  paint: {title: 3}\n", "utf-8")
    wrong = hutong("plan", "check", "q", str(saved / "a.yaml"), "--measures", str(own), cwd=saved)
    assert wrong.exit_code == 2
    assert "own.yaml:2" in wrong.stderr
