"""The ledger on the command line."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from hutong.act.ledger import Book, SigningKey, write_download
from hutong.cli.ledger import app


def run(*args, lang="en"):
    return CliRunner().invoke(app, [str(a) for a in args], env={"HUTONG_LANG": lang, "COLUMNS": "200"})


@pytest.fixture
def made(tmp_path):
    result = run("key", tmp_path / "k", "--name", "quarter.example")
    key = SigningKey.load(tmp_path / "k")
    assert result.stdout.strip() == str(key.verifier)
    book = Book("quarter.example/ledger")
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    book.record("case.closed", at, {"case": "c-1", "unit": "water", "resolved": True}, {"reply": "已修好"})
    (tmp_path / "r.json").write_text(book.receipt(0, key).text(), encoding="utf-8")
    return write_download(tmp_path / "d", book.entries, book.checkpoint(key), key.verifier), key


def test_verify(made, tmp_path):
    folder, key = made
    done = run("verify", folder, "--key", key.verifier, "--receipt", tmp_path / "r.json", "--json")
    assert json.loads(done.stdout)["size"] == 1
    assert "请与公示栏核对" in run("verify", folder, lang="zh").stdout


def test_what_does_not_hold_is_said(made, tmp_path):
    folder, key = made
    other = SigningKey.new("quarter.example").verifier
    assert "no valid signature" in run("verify", folder, "--key", other).stderr
    entries = folder / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"water", b"waste"))
    broken = run("verify", folder, "--key", key.verifier)
    assert broken.exit_code == 2
    assert "altered" in broken.stderr
    assert "tell the auditor" in broken.stderr
    assert "Cannot read" in run("verify", tmp_path / "none").stderr


def test_a_key_is_not_replaced(made, tmp_path):
    assert "never replaced" in run("key", tmp_path / "k", "--name", "x").stderr


def test_the_checker_is_written_out(tmp_path):
    assert run("checker", tmp_path / "checker.py").exit_code == 0
    assert "RFC 6962" in (tmp_path / "checker.py").read_text(encoding="utf-8")
    assert "exists" in run("checker", tmp_path / "checker.py").stderr
