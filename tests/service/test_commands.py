"""``hutong service …`` and ``hutong doctor`` on a site of their own, as typed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def hutong(tmp_path_factory):
    """Return a function that runs a command on a new site and returns its exit code and output."""
    folder = tmp_path_factory.mktemp("commands")
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "HUTONG_TEST_POSTGRES")}
    env |= {"HUTONG_DATA": str(folder / "data"), "HUTONG_LANG": "en"}

    def run(*words, **more):
        command = [sys.executable, "-c", "from hutong.cli import main; main()", *words]
        done = subprocess.run(command, env=env | more, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_from_nothing_to_an_imported_quarter(hutong, folders):
    code, said = hutong("service", "administrator", "lin", "--city", "c", "市", "City")
    assert code == 0, said
    assert said.startswith("lin  ")
    for parent, kind, name in (
        ("/c/", "district", "d"),
        ("/c/d/", "subdistrict", "s"),
        ("/c/d/s/", "quarter", "q"),
    ):
        code, said = hutong("service", "place", parent, kind, name, "地", "Place")
        assert (code, said.strip()) == (0, f"{parent}{name}/")
    code, said = hutong("service", "import", str(folders[0]), "--quarter", "/c/d/s/q/")
    assert code == 0, said
    assert "Imported: /twin/1" in said
    code, said = hutong("service", "import", str(folders[0]), "--quarter", "/c/d/s/q/")
    assert code == 2
    assert "imported before" in said


@pytest.mark.parametrize(
    ("words", "env", "what"),
    [
        (("service", "import", ".", "--quarter", "/nowhere/"), {}, "There is no place /nowhere/"),
        (("doctor",), {"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL is not written as it must be."),
        (
            ("service", "migrate"),
            {"DATABASE_URL": "postgres://x@127.0.0.1:1/y"},
            "The database cannot be reached",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(hutong, words, env, what):
    code, said = hutong(*words, **env)
    assert code == 2
    assert what in said
    assert "Traceback" not in said
