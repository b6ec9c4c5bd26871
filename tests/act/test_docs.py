"""docs/act.md is drawn from the tables, and its example is a project."""

from pathlib import Path

import pytest

from hutong.act.contracts import asset_machine, contract_machine
from hutong.act.machine_page import machine_page
from hutong.act.projects import change_machine, defect_machine, permit_machine, read_project
from hutong.errors import HutongError
from hutong.rules import official_calendar

PAGE = Path(__file__).parents[2].joinpath("docs", "act.md").read_text("utf-8")
TABLES = (permit_machine(), defect_machine(), change_machine(), contract_machine(), asset_machine())


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.id)
def test_the_documentation_is_drawn_from_the_tables(table):
    for lang in ("zh", "en"):
        assert machine_page(table, lang) in PAGE


def example(tmp_path, **replaced):
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "project.yaml"
    file.write_text(text, "utf-8")
    return file


def test_the_example_is_a_project(tmp_path):
    found = read_project(example(tmp_path), official_calendar())
    assert found.project.state == "reserve_list"
    assert [s.state for s in (*found.permits, *found.defects, *found.changes)] == ["preparing", "reported", "drafted"]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("opened: 2026-01-05", "opend: 2026-01-05", "unknown key 'opend'"),
        ("menu: 2026-02-01", "menu: 2026-02-09", "menu of works"),  # handed in after the step
        ("willingness.willing", "vote.passed", "cannot follow"),
        ("kinds: [common_parts]", "kinds: [weather]", "weather"),
        ("budget_yuan: 400000", "budget_yuan: 0.5", "no whole number"),
        ("day: 2026-03-02", "day: soon", "soon"),
    ],
)
def test_faults_are_named_with_their_line(tmp_path, old, new, words):
    with pytest.raises(HutongError) as caught:
        read_project(example(tmp_path, one=(old, new)), official_calendar())
    assert caught.value.code == "bad-project"
    assert any(words in row and row.startswith("project.yaml:") for row in caught.value.rows)
