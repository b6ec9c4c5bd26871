"""An error says what is wrong, where, and what to do, in both languages."""

from __future__ import annotations

from hutong.errors import HutongError
from hutong.text import Text


def make(rows: int) -> HutongError:
    return HutongError(
        "invalid-data",
        Text("有误。", "It is wrong."),
        Text("请改正。", "Mend it."),
        [f"row {n}" for n in range(rows)],
    )


def test_it_reads_as_what_rows_hint() -> None:
    assert make(2).render("en") == "It is wrong.\n  row 0\n  row 1\nMend it."
    assert make(2).render("zh") == "有误。\n  第 0 行\n  第 1 行\n请改正。"
    assert str(make(0)) == "It is wrong.\nMend it."


def test_long_lists_are_cut_and_counted() -> None:
    assert "  … and 5 more rows" in make(25).render("en").splitlines()
    assert "  … 另有 5 行" in make(25).render("zh").splitlines()
    assert len(make(25).render("en", most_rows=3).splitlines()) == 6
    assert "more" not in make(20).render("en")


def test_it_keeps_its_code_and_every_row() -> None:
    error = make(25)
    assert error.code == "invalid-data"
    assert len(error.rows) == 25
    assert error.args == ("It is wrong.",)
