"""The documentation names what exists, and only that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hutong.city import schema
from hutong.cli.commands import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_column_is_in_the_city_folder_page() -> None:
    page = (ROOT / "docs" / "city-folder.md").read_text("utf-8")
    sections = dict(re.findall(r"### `(\w+)`[^\n]*\n(.*?)(?=\n### |\Z)", page, re.S))
    assert set(sections) == set(schema().tables)
    for name, table in schema().tables.items():
        named = re.findall(r"^\| `(\w+)` \|", sections[name], re.M)
        assert named == list(table.columns)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_names_every_command(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    for command in app.registered_commands:
        name = command.callback.__name__ if command.callback else ""
        assert f"hutong {name}" in text or f"run {name}" in text
