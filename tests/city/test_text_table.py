"""A table that goes out holds nothing that a spreadsheet computes, and is read back as it was."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import hutong
from hutong.city.text_table import FORMULA, csv_text, harmless, plain, read_text_table

WORDS = st.text(st.sampled_from("'=+-@＝＠\t\r\n\",;a1楼"), max_size=5) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)  # fmt: skip


@settings(deadline=None)
@given(WORDS)
def test_a_cell_is_guarded_and_read_back(word):
    assert not harmless(word).startswith(FORMULA)
    assert plain(harmless(word)) == word
    assert (harmless(word) == word) == (not word.lstrip("'").startswith(FORMULA))


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, st.floats(-1e6, 1e6)), min_size=1, max_size=6))
def test_a_table_is_read_back_as_it_was(tmp_path_factory, rows):
    table = pd.DataFrame({"key": [str(n) for n in range(len(rows))], "words": [w for w, _ in rows], "n": [n for _, n in rows]})  # fmt: skip
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_bytes(csv_text(table).encode())
    again = read_text_table(path)
    assert again["words"].fillna("").tolist() == table["words"].tolist()
    assert again["n"].astype(float).tolist() == table["n"].tolist()
    path.write_bytes(csv_text(table.set_index("words"), index=True).encode())
    assert read_text_table(path)["words"].fillna("").tolist() == table["words"].tolist()


def test_nothing_else_writes_tables():
    """Every CSV of the package is written by csv_text, a form (csv_bytes), or cell by cell through harmless."""
    folder = Path(hutong.__file__).parent
    bare = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text("utf-8")
        calls = {n.func.attr for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}  # fmt: skip
        if calls & {"to_csv", "to_excel", "DictWriter"} or ("writer" in calls and "csv" in text):
            guarded = "harmless" in text
            if not guarded:
                bare.append(str(path.relative_to(folder)))
    assert not bare
