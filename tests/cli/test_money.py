"""The money commands as a user types them."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from hutong.city import make_quarter
from hutong.cli import money_plan as commands
from hutong.cli.money import app

ENV = {**os.environ, "HUTONG_LANG": "en", "NO_COLOR": "1", "COLUMNS": "160"}
BARGAIN = """
parties:
  operator: {without_yuan: 0, weight: 2, most_yuan: 400000}
  owners: {without_yuan: 100000}
  district: {title: {zh: 区里, en: The district}}
worth: {operator+owners: 300000, operator+district: 200000, owners+district: 150000, owners: 100000, operator+owners+district: 900000}
"""


def money(*args: str | Path, cwd: Path) -> Result:
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [str(a) for a in args], env=ENV)


@pytest.fixture(scope="module", autouse=True)
def plan_once() -> Iterator[None]:
    """Plan the same quarter once for all commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, "planned", functools.cache(commands.planned))
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money")
    make_quarter(dwellings=300, seed=1).save(folder / "q")
    (folder / "bargain.yaml").write_text(BARGAIN, "utf-8")
    return folder


def test_share_prints_clauses_divisions_and_who_blocks(place: Path) -> None:
    shown = money("share", "bargain.yaml", cwd=place)
    assert shown.exit_code == 0, shown.output
    assert "(its limit)" in shown.output
    assert "Shapley value" in shown.output
    assert "nucleolus" in shown.output
    data = json.loads(money("share", "bargain.yaml", "--json", cwd=place).stdout)
    assert sum(data["yuan"]) == pytest.approx(900_000)
    assert data["yuan"] == pytest.approx([400_000, 300_000, 200_000])
    assert data["divisions"]["shapley"]["in_core"] is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parties: {a: {weight: heavy, colour: red}, b: 3, c: {title: x}}\nsurplus: 3", ["a: weight heavy", "colour", "b: 3", "c: title", "surplus: not known", "surplus_yuan: missing"]),
        ("surplus_yuan: 4", ["parties are missing"]),
        ("surplus_yuan: yes\nparties: {a: {}}\nworth: [1]", ["surplus_yuan: True", "worth: yuan"]),
        ("surplus_yuan: 5\nparties: {a: {}}\nworth: {a: 4}", ["not the worth of all"]),
        ("parties: {a: {}\n", ["bargain"]),
    ],
)  # fmt: skip
def test_a_broken_bargain_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "bargain.yaml").write_text(text, "utf-8")
    shown = money("share", "bargain.yaml", cwd=tmp_path)
    assert shown.exit_code == 2
    for word in words:
        assert word in shown.stderr
    assert money("share", "none.yaml", cwd=tmp_path).exit_code == 2


def test_share_without_worths_shares_by_weight(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        "surplus_yuan: 90\nparties: {operator: {weight: 2}, owners: }\n", "utf-8"
    )
    data = json.loads(money("share", "b.yaml", "--json", cwd=tmp_path).stdout)
    assert data["yuan"] == pytest.approx([60, 30])
    assert data["divisions"] == {}
    assert "Owners receives" in money("share", "b.yaml", cwd=tmp_path).output


def test_risk_and_stress_of_a_city(place: Path) -> None:
    shown = money("risk", "q", "--draws", "500", cwd=place)
    assert shown.exit_code == 0, shown.output
    for words in ("500 draws", "Vacancy", "break-even", "the law allows 30", "no cap"):
        assert words in shown.output
    data = json.loads(money("risk", "q", "--draws", "500", "--json", cwd=place).stdout)
    assert sum(data["shares"].values()) == pytest.approx(1)
    assert len(data["tornado"]) == len(data["risks"])
    stressed = money("stress", "q", "--futures", "300", cwd=place)
    assert stressed.exit_code == 0, stressed.output
    assert "mean regret" in stressed.output
    failed = money("risk", "q", "--scheme", "none", cwd=place)
    assert failed.exit_code == 2
    assert "least_cost" in failed.stderr


def test_stress_as_json(place: Path) -> None:
    data = json.loads(money("stress", "q", "--futures", "300", "--json", cwd=place).stdout)
    assert {r["measure"] for r in data["regret"]} == {"operator_npv", "public_npv", "benefit"}
    assert 0 <= data["failure"]["share"] <= 1


def test_workbook_is_written_once(place: Path) -> None:
    shown = money("workbook", "q", "--out", "money.xlsx", cwd=place)
    assert shown.exit_code == 0, shown.output
    assert "指标 Returns" in load_workbook(place / "money.xlsx").sheetnames
    again = money("workbook", "q", "--out", "money.xlsx", cwd=place)
    assert again.exit_code == 2
    assert "--force" in again.stderr


def test_case_says_what_it_assumed(tmp_path: Path) -> None:
    shown = money("case", "--draws", "500", cwd=tmp_path)
    assert shown.exit_code == 0
    assert "inside the computed range" in shown.output
    assert "Assumed (U)" in shown.output


def test_accounts_of_every_party(place: Path) -> None:
    shown = money("accounts", "q", "--party", "operator", cwd=place)
    assert shown.exit_code == 0, shown.output
    for words in ("Lender", "Tax authority", "Maintenance fund", "Subdistrict", "counts as zero"):
        assert words in shown.output
    data = json.loads(money("accounts", "q", "--json", cwd=place).stdout)
    years = zip(*data["parties"].values(), strict=True)
    assert max(abs(sum(year)) for year in years) < 1
    assert data["lines"] is None


def test_recorded_income_raises_the_return_and_a_gap_in_it_is_an_error(place: Path) -> None:
    good = "income: [{line: data, product: x, legal_basis: y, buyer: z, price_yuan: 90000, per_year: 1, to: operator}]"
    (place / "income.yaml").write_text(good, "utf-8")
    (place / "gap.yaml").write_text(good.replace("legal_basis: y, ", ""), "utf-8")
    plain, more = (
        json.loads(money("accounts", "q", *extra, "--scheme", "most_benefit", "--json", cwd=place).stdout)
        for extra in ((), ("--income", "income.yaml"))
    )
    assert more["values"]["operator"] > plain["values"]["operator"]
    assert "bought by z" in more["recorded_income"][0]["en"]
    broken = money("accounts", "q", "--income", "gap.yaml", cwd=place)
    assert broken.exit_code == 2
    assert "legal_basis is missing" in broken.stderr
    assert money("accounts", "q", "--party", "nobody", cwd=place).exit_code == 2
    late = money("accounts", "q", "--scheme", "most_benefit", "--exit-year", "25", cwd=place)
    assert late.exit_code == 2
    assert "no net income is left" in late.stderr
