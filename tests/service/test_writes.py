"""``services.py`` is the only write path of an app: no other module calls what changes a row."""

from __future__ import annotations

import ast
from pathlib import Path

import hutong.service

ROOT = Path(hutong.service.__file__).parent
WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "select_for_update", "execute",
}  # fmt: skip
#: Modules that may call something of such a name, and why.
ALLOWED = {
    "consent/clock.py": "reads the clock of the database",
    "demo.py": "City.save: a city folder, no row",
    "desk/briefing.py": "a Word document, no row",
    "desk/picture.py": "a picture in memory, no row",
    "evaluation/demo.py": "the demo's years gone by: no service answers a survey of the past",
    "ledger/keys.py": "a key file, no row",
    "neighbourhood/demo.py": "the demo's years gone by: no service answers a survey of the past",
    "requests/orders/replies.py": "a workbook, no row",
    "requests/photos.py": "a picture in memory, no row",
    "server.py": "the pragma on a database that does not exist yet",
    "simulation/demo.py": "a kept answer of the demo, which no job computed on this site",
    "twin/changed.py": "City.save: a city folder, no row",
    "web/kept.py": "reads the state of the database",
}


def calls(path: Path) -> set[str]:
    """Return the writing methods that a module calls."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {
        n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    }
    return found & WRITES


def test_only_services_write():
    wrong = {}
    for path in ROOT.rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if (
            path.name == "services.py"
            or "migrations" in path.parts
            or "frontend" in path.parts
            or name in ALLOWED
        ):
            continue
        if found := calls(path):
            wrong[name] = sorted(found)
    assert not wrong


def test_the_check_finds_a_write(tmp_path):
    probe = tmp_path / "views.py"
    probe.write_text("def view(request, thing):\n    thing.save()\n")
    assert calls(probe) == {"save"}


def locks_what_it_joins(source: str) -> list[int]:
    """Return the lines on which rows are locked with all that they are joined to: a place so locked lets nobody write at it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        chain, names, whole = node, set(), False
        while isinstance(chain, ast.Call) and isinstance(chain.func, ast.Attribute):
            names.add(chain.func.attr)
            whole |= chain.func.attr == "select_for_update" and "of" not in {k.arg for k in chain.keywords}
            chain = chain.func.value
        if whole and "select_related" in names:
            found.append(node.lineno)
    return found


def test_a_lock_holds_no_more_than_the_row():
    wrong = {
        str(p.relative_to(ROOT)): n
        for p in ROOT.rglob("*.py")
        if (n := locks_what_it_joins(p.read_text("utf-8")))
    }
    assert not wrong


def test_the_check_finds_a_lock_that_holds_more():
    assert locks_what_it_joins('A.objects.select_for_update().select_related("b").get()')
    assert not locks_what_it_joins('A.objects.select_for_update(of=("self",)).select_related("b").get()')
    assert not locks_what_it_joins("A.objects.select_for_update().get()")
