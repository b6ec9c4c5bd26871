"""Recording, receipts, erasure, and a download in which any changed byte is found."""

import datetime as dt
import json
import random
import shutil
import subprocess
import sys

import pytest

from hutong.act.ledger import (
    Book,
    Fault,
    SigningKey,
    act_kinds,
    check_folder,
    check_receipt,
    make_entry,
    write_download,
)
from hutong.act.ledger.checker import LARGEST_INTEGER, canonical, commitment, main
from hutong.act.ledger.entry import TYPES
from hutong.errors import HutongError

AT = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CAST = {"ballot": "lift-3", "channel": "counter"}


@pytest.fixture(scope="module")
def key():
    return SigningKey.new("quarter.example")


@pytest.fixture(scope="module")
def book():
    book = Book("quarter.example/ledger")
    book.record(
        "ballot.opened", AT, {"ballot": "lift-3", "roll": "r-1", "closes": "2026-04-01", "rule": "278"}
    )
    for voter in range(40):
        book.record("ballot.cast", AT, CAST, {"voter": f"户-{voter}", "choice": "for"})
    book.record("ballot.closed", AT, {"ballot": "lift-3", "cast": 40})
    return book


@pytest.fixture
def download(tmp_path, book, key):
    return write_download(tmp_path / "download", book.entries, book.checkpoint(key), key.verifier)


def test_no_personal_word_enters(book):
    assert all("户-" not in e.decode() for e in book.entries)
    assert book.openings[1]["voter"].value == "户-0"


def test_a_download_holds(download, key):
    assert check_folder(download, key.verifier).size == 42


def test_any_changed_byte_is_found(tmp_path, download, key):
    """A thousand single changes, in entries and in the checkpoint."""
    draw = random.Random(1)  # noqa: S311
    work = tmp_path / "work"
    shutil.copytree(download, work)
    for _ in range(1000):
        path = work / draw.choice(["entries.jsonl", "entries.jsonl", "entries.jsonl", "checkpoint"])
        whole = path.read_bytes()
        at = draw.randrange(len(whole))
        bad = bytearray(whole)
        bad[at] ^= draw.randrange(1, 256)
        path.write_bytes(bad)
        with pytest.raises(Fault):
            check_folder(work, key.verifier)
        path.write_bytes(whole)
    assert check_folder(work, key.verifier).size == 42


@pytest.mark.parametrize("change", ["drop", "swap", "double", "cut"])
def test_moved_lines_are_found(download, key, change):
    path = download / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "drop":
        del lines[5]
    elif change == "swap":
        lines[5], lines[6] = lines[6], lines[5]
    elif change == "double":
        lines.insert(5, lines[5])
    else:
        lines[-1] = lines[-1][:-1]
    path.write_bytes(b"".join(lines))
    with pytest.raises(Fault):
        check_folder(download, key.verifier)


def test_rewritten_history_is_found(tmp_path, key):
    """Whoever holds the key can sign another past; a checkpoint kept from earlier shows it."""
    first, second = Book("quarter.example/ledger"), Book("quarter.example/ledger")
    for book, cast in ((first, 3), (second, 4)):
        book.record("ballot.closed", AT, {"ballot": "b", "cast": cast})
    kept = tmp_path / "kept"
    kept.write_text(first.checkpoint(key), encoding="utf-8")
    for book in (first, second):
        book.record("ballot.closed", AT, {"ballot": "c", "cast": 1})
    honest = write_download(tmp_path / "a", first.entries, first.checkpoint(key), key.verifier)
    forged = write_download(tmp_path / "b", second.entries, second.checkpoint(key), key.verifier)
    assert check_folder(honest, key.verifier, older=[kept]).size == 2
    assert check_folder(forged, key.verifier).size == 2
    with pytest.raises(Fault, match="rewritten"):
        check_folder(forged, key.verifier, older=[kept])


def test_a_receipt_holds_by_itself(tmp_path, book, key):
    path = tmp_path / "receipt.json"
    path.write_text(book.receipt(7, key).text(), encoding="utf-8")
    assert check_receipt(path, key.verifier)["n"] == 7
    receipt = json.loads(path.read_text(encoding="utf-8"))
    for spoil in (
        {"entry": {**receipt["entry"], "at": "2026-03-01T01:30:01Z"}},
        {"proof": receipt["proof"][:-1]},
        {"openings": {"choice": {"salt": "00" * 32, "value": "for"}}},
        {"openings": {"choice": {**receipt["openings"]["choice"], "value": "against"}}},
    ):
        path.write_text(json.dumps(receipt | spoil), encoding="utf-8")
        with pytest.raises(Fault):
            check_receipt(path, key.verifier)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(Fault, match="no receipt"):
        check_receipt(path, key.verifier)


def test_erasing_leaves_the_tree_and_takes_the_value(key):
    book = Book("o")
    book.record("case.closed", AT, {"case": "c-1", "unit": "water", "resolved": True}, {"reply": "已修好"})
    root = book.tree.root()
    book.erase(0)
    assert book.tree.root() == root
    assert book.receipt(0, key).openings == {}


def test_equal_values_look_different():
    a, b = (make_entry(0, "ballot.cast", AT, CAST, {"voter": "x", "choice": "for"})[0] for _ in "ab")
    assert a != b


def test_entry_is_in_utc_and_canonical():
    entry, openings = make_entry(3, "ballot.cast", AT, CAST, {"voter": "x", "choice": "for"})
    value = json.loads(entry)
    assert value["at"] == "2026-03-01T01:30:00Z"
    assert canonical(value) == entry
    opening = openings["voter"]
    assert value["private"]["voter"] == commitment(opening.salt, "x")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"act": "ballot.lost"}, "no act"),
        ({"at": dt.datetime(2026, 3, 1)}, "no zone"),  # noqa: DTZ001
        ({"public": {"ballot": "b"}}, "lacks field channel"),
        ({"public": {**CAST, "name": "x"}}, "unknown field name"),
        ({"public": {**CAST, "channel": "a free text"}}, "should be id"),
        ({"private": {"voter": "x"}}, "lacks field choice"),
        ({"private": {"voter": 1.5, "choice": "for"}}, "whole numbers"),
    ],
)
def test_what_may_not_enter(change, words):
    asked = {
        "act": "ballot.cast",
        "at": AT,
        "public": CAST,
        "private": {"voter": "x", "choice": "for"},
    } | change
    with pytest.raises(HutongError, match=words):
        make_entry(0, **asked)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("id", "a.b:c/d-1", "张三"),
        ("hash", "0" * 64, "0" * 63),
        ("date", "2026-02-28", "2026-02-30"),
        ("flag", True, 1),
        ("count", 0, -1),
        ("area_cm2", -5, True),
        ("count", LARGEST_INTEGER, LARGEST_INTEGER + 1),
    ],
)
def test_types_of_public_fields(kind, good, bad):
    assert TYPES[kind](good)
    assert not TYPES[kind](bad)


def test_every_act_has_words_and_known_types():
    for kind in act_kinds().values():
        assert kind.title.zh
        assert kind.title.en
        assert {*kind.public.values()} <= {*TYPES}
        assert not {*kind.public} & {*kind.private}


def test_canonical_form():
    """RFC 8785: keys by UTF-16 units, no space, characters as they are; no fractions, no halves."""
    assert canonical({"\U0001f600": 1, "\ufb33": 2, "a": [True, None, "é\n"]}) == (
        '{"a":[true,null,"é\\n"],"\U0001f600":1,"\ufb33":2}'.encode()
    )
    for bad in (1.0, {1: 2}, "\ud800", 2**53, b"x"):
        with pytest.raises(Fault):
            canonical(bad)


def test_the_checker_runs_alone(download, key, tmp_path):
    """As a citizen would: the file from the download, an isolated Python, no site-packages."""
    run = [sys.executable, "-I", "-S", str(download / "checker.py"), str(download)]
    done = subprocess.run([*run, "--key", str(key.verifier)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 42 entries hold" in done.stdout
    assert "notice board" not in done.stdout
    assert "notice board" in subprocess.run(run, capture_output=True, text=True).stdout
    entries = download / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"counter", b"online!", 1))
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 1
    assert "altered" in done.stdout


def test_the_checker_says_what_it_cannot_read(tmp_path, capsys, key):
    assert main([str(tmp_path / "none"), "--key", str(key.verifier)]) == 2
    assert main([str(tmp_path / "none")]) == 2
    (tmp_path / "key").write_text("x")
    assert main([str(tmp_path)]) == 1
    assert "Cannot read" in capsys.readouterr().out


def test_a_download_is_written_whole_or_not_at_all(tmp_path, book, key):
    write_download(tmp_path / "d", book.entries, book.checkpoint(key), key.verifier)
    with pytest.raises(HutongError, match="exists"):
        write_download(tmp_path / "d", book.entries, book.checkpoint(key), key.verifier)
    (tmp_path / "file").write_text("")
    with pytest.raises(HutongError, match="Cannot write"):
        write_download(tmp_path / "file" / "d", book.entries, book.checkpoint(key), key.verifier)
