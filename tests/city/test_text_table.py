"""A table that goes out holds nothing that a spreadsheet computes, and is read back as it was."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest
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


#: Calls that write cells, by the name of the method.
WRITES = {"to_csv", "to_excel", "writerow", "writerows"}
#: What guards the cells that it is given, or makes them: other than texts, nothing is a formula.
GUARDS = {"harmless", "harmless_table", "_cell"}


def unguarded(code: str) -> list[int]:
    """Return the lines of a module where cells are written that no guard is called on.

    Guarded is a call whose cells go through one of :data:`GUARDS` in that very call, whose table was made by one in the same
    function, or whose cells are names that the code itself gives (text in the code, or the attribute ``columns``).
    """
    tree, bare = ast.parse(code), []
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)] + [tree]:
        own = list(_own(function))
        made = {t.id for n in own if isinstance(n, ast.Assign) and _calls(n.value) & GUARDS for t in n.targets if isinstance(t, ast.Name)}  # fmt: skip
        for n in own:
            if not (isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in WRITES):
                continue
            cells = n.func.value if n.func.attr.startswith("to_") else n.args[0]
            given = {x.id for x in ast.walk(cells) if isinstance(x, ast.Name)}
            if not (_calls(cells) & GUARDS or given & made or _given_by_code(cells)):
                bare.append(n.lineno)
    return bare


def _own(node):
    """Yield what stands in a function or module, without the functions in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own(child)


def _calls(node) -> set[str]:
    return {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def _given_by_code(node) -> bool:
    """Return whether cells are texts in the code, a constant (in capitals), or a table's names of columns."""
    if isinstance(node, ast.List | ast.Tuple):
        return all(isinstance(e, ast.Constant) for e in node.elts)
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    attributes = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return "columns" in attributes or (bool(names) and all(name.isupper() for name in names))


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("harmless\ndef f(t):\n    return t.to_csv()", [3]),
        ("# harmless\nout.writerows(rows)", [2]),
        ("def f(t):\n    t = harmless(t)\ndef g(t):\n    t.to_csv()", [4]),
        ("out.writerow([harmless(a), b])", []),
        ("harmless_table(t).to_csv()", []),
        ("def f(t):\n    u = harmless_table(t)\n    u.to_csv()", []),
        ("out.writerow(['id', 'key'])", []),
        ("out.writerow(['id', name])", [1]),
    ],
)
def test_an_unguarded_cell_is_found(code, lines):
    assert unguarded(code) == lines


def test_nothing_else_writes_tables():
    """Every cell of a CSV that the package writes goes through harmless where it is written."""
    folder = Path(hutong.__file__).parent
    bare = [
        f"{path.relative_to(folder)}:{line}"
        for path in sorted(folder.rglob("*.py"))
        for line in unguarded(path.read_text("utf-8"))
    ]
    assert not bare
