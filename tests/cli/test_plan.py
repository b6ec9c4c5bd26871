"""``hutong plan`` and its parts as a user types them."""

from __future__ import annotations

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
