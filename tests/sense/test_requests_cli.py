"""``hutong requests`` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hutong.city import make_quarter
from hutong.cli.requests import app

from .request_texts import office_table

ENV = {"HUTONG_LANG": "en", "NO_COLOR": "1", "COLUMNS": "160"}


def requests(*args: str | Path, lang: str = "en") -> Result:
    return CliRunner().invoke(app, [str(a) for a in args], env={**ENV, "HUTONG_LANG": lang})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("requests") / "工单.csv"
    path.write_bytes(office_table(300).to_csv(index=False).encode("gbk"))
    return path


def test_analyse_shows_classes_and_rates(file: Path) -> None:
    shown = requests("analyse", file, "--datum", "gcj02")
    assert shown.exit_code == 0, shown.output
    for word in ("inquiries", "Heating", "甲街道", "too few to say", "usual department"):
        assert word in shown.stdout
    chinese = requests("analyse", file, "--datum", "gcj02", lang="zh")
    assert "供暖" in chinese.stdout
    data = json.loads(requests("analyse", file, "--datum", "gcj02", "--json").stdout)
    assert data["method"] == ["stated"]
    assert data["masked"]["phone"] == 300
    assert data["requests"] == sum(c["requests"] for c in data["categories"])


def test_a_city_folder_can_be_analysed(tmp_path: Path) -> None:
    make_quarter(dwellings=300, seed=1).save(tmp_path / "q")
    shown = requests("analyse", tmp_path / "q")
    assert shown.exit_code == 0, shown.output
    assert "none was merged" in shown.stdout


def test_evaluate_prints_macro_f1(file: Path) -> None:
    shown = requests("evaluate", file)
    assert shown.exit_code == 0, shown.output
    assert "macro-F1 = " in shown.stdout
    data = json.loads(requests("evaluate", file, "--json", "--folds", "3").stdout)
    assert data["folds"] == len(data["macro_f1_by_fold"]) == 3
    assert data["macro_f1"] > 0.9


def test_train_writes_a_model_and_its_card_that_analyse_uses(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.npz"
    done = requests("train", file, "--out", out)
    assert done.exit_code == 0, done.output
    assert "Model card" in out.with_suffix(".md").read_text("utf-8")
    again = requests("train", file, "--out", out)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    used = json.loads(requests("analyse", file, "--datum", "wgs84", "--model", out, "--json").stdout)
    assert used["method"] == ["model"]


def test_mistakes_end_in_one_sentence(file: Path, tmp_path: Path) -> None:
    assert "datum" in requests("analyse", file).stderr
    wrong = requests("evaluate", file, "--column", "colour=标题")
    assert wrong.exit_code == 2
    assert "--column cannot be read" in wrong.stderr
    bare = tmp_path / "a.csv"
    bare.write_text("内容\n漏水\n", encoding="utf-8")
    assert "no column of classes" in requests("evaluate", bare).stderr
