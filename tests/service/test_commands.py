"""``hutong service …`` and ``hutong doctor``, as typed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner


def typed(*words):
    """Run a command in this process, on the tests' own database; return its exit code and output."""
    from hutong.cli import service

    done = CliRunner().invoke(service.app, list(words), env={"HUTONG_LANG": "en"})
    return done.exit_code, done.output


def test_from_nothing_to_an_imported_quarter(db, folders):
    code, said = typed("service", "administrator", "lin", "c", "市", "City")
    assert code == 0, said
    assert said.startswith("lin  ")
    for parent, kind, name in (
        ("/c/", "district", "d"),
        ("/c/d/", "subdistrict", "s"),
        ("/c/d/s/", "quarter", "q"),
    ):
        code, said = typed("service", "place", parent, kind, name, "地", "Place")
        assert (code, said.strip()) == (0, f"{parent}{name}/")
    words = ("service", "import", str(folders[0]), "--quarter", "/c/d/s/q/")
    code, said = typed(*words)
    assert code == 0, said
    assert "Imported: /twin/" in said
    assert "says of no quarter which it is" in said
    assert "hutong new --title" in said
    code, said = typed(*words)
    assert code == 2
    assert "imported before" in said
    code, said = typed("service", "search")
    assert (code, "things can be found" in said) == (0, True)
    assert "There is no place /nowhere/" in typed("service", "import", ".", "--quarter", "/nowhere/")[1]


@pytest.mark.parametrize(
    ("words", "url", "what"),
    [
        (("doctor",), "mysql://x/y", "DATABASE_URL is not written as it must be."),
        (("service", "migrate"), "postgres://x@127.0.0.1:1/y", "The database cannot be reached"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, words, url, what):
    env = {**os.environ, "HUTONG_DATA": str(tmp_path), "HUTONG_LANG": "en", "DATABASE_URL": url}
    command = [sys.executable, "-c", "from hutong.cli import main; main()", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert what in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
