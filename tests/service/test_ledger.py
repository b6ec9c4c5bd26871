"""The ledger, live: what is recorded cannot be changed, what is erased is gone, and a download verifies."""

import io
import json
import random
import zipfile
from types import SimpleNamespace

import pytest

from hutong.act.ledger import Checkpoint, Fault, Note, Verifier, check_folder, check_receipt
from hutong.errors import HutongError

BALLOT = {"ballot": "b-1", "channel": "counter"}


@pytest.fixture
def ledger(db):
    from hutong.service.ledger import selectors, services

    return services, selectors


def cast(services, town, n=1, by=None):
    return [
        services.record(
            "ballot.cast", BALLOT, {"voter": f"户-{i}", "choice": "for"}, place=town.building, by=by
        )
        for i in range(n)
    ]


def unzip(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder / "hutong-ledger"


def test_entries_are_numbered_and_proved(ledger, town):
    services, selectors = ledger
    made = cast(services, town, 5)
    assert [e.index for e in made] == [0, 1, 2, 3, 4]
    assert "户-" not in "".join(e.data for e in made)
    assert list(selectors.faults()) == []
    note = Note.read(selectors.signed_note())
    assert Checkpoint.read(note.text).size == 5
    assert Checkpoint.read(note.text).root == selectors.tree().root()


def test_the_database_refuses_changes(ledger, town):
    from django.db import DatabaseError, transaction

    from hutong.service.ledger.models import Checkpoint as Sealed
    from hutong.service.ledger.models import Entry

    services, _ = ledger
    cast(services, town, 2)
    assert services.seal().size == 2
    assert services.seal() is None
    for rows, field in ((Entry.objects.filter(index=1), "data"), (Sealed.objects.all(), "note")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**{field: "x"})
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete("default")
    assert Entry.objects.count() == 2


def test_what_is_taken_back_leaves_no_trace_in_proofs(ledger, town):
    from django.db import transaction

    services, selectors = ledger
    cast(services, town, 3)
    try:
        with transaction.atomic():
            cast(services, town, 2)
            assert selectors.tree().size == 5
            raise RuntimeError
    except RuntimeError:
        pass
    assert selectors.tree().size == 3
    cast(services, town, 4)
    assert selectors.tree().size == 7
    assert list(selectors.faults()) == []


def test_a_download_holds_and_any_changed_row_is_found(ledger, town, tmp_path):
    services, selectors = ledger
    cast(services, town, 30)
    services.seal()
    cast(services, town, 1)
    folder = unzip(selectors.download(), tmp_path)
    key = Verifier.read((folder / "key").read_text())
    assert check_folder(folder, key, older=[folder / "checkpoint.0"]).size == 31
    assert (folder / "checker.py").read_text(encoding="utf-8").startswith("#!")


def test_a_thousand_changes_of_the_stored_entries_are_found(ledger, town):
    """Someone who gets past the triggers: any byte of any stored entry."""
    from django.db import connection

    services, selectors = ledger
    cast(services, town, 12)
    services.seal()
    _drop_triggers(connection)
    draw = random.Random(1)  # noqa: S311
    from hutong.service.ledger.models import Entry

    kept = dict(Entry.objects.values_list("index", "data"))
    for _ in range(1000):
        index = draw.randrange(len(kept))
        at = draw.randrange(len(kept[index]))
        letter = chr(draw.choice([c for c in range(32, 127) if chr(c) != kept[index][at]]))
        Entry.objects.filter(index=index).update(data=kept[index][:at] + letter + kept[index][at + 1 :])
        assert any(isinstance(f, Fault) for f in selectors.faults())
        Entry.objects.filter(index=index).update(data=kept[index])
    assert list(selectors.faults()) == []


def _drop_triggers(connection):
    from importlib import import_module

    allow = import_module("hutong.service.ledger.migrations.0002_append_only").allow
    with connection.cursor() as cursor:
        allow(None, SimpleNamespace(connection=connection, execute=cursor.execute))


def test_a_whole_rewriting_is_found_by_what_was_sealed(ledger, town):
    from hutong.act.ledger.checker import leaf_hash
    from hutong.service.ledger.models import Entry

    services, selectors = ledger
    cast(services, town, 4)
    services.seal()
    from django.db import connection

    _drop_triggers(connection)
    row = Entry.objects.get(index=2)
    data = row.data.replace("counter", "online")
    Entry.objects.filter(index=2).update(data=data, leaf=leaf_hash(data.encode()))
    assert any("sealed at 4" in f.en for f in selectors.faults())


def test_erasing_forgets_the_person_and_keeps_the_entry(ledger, town):
    from hutong.service.ledger.models import Author, Opening

    services, selectors = ledger
    owner = town.person("planner")
    (entry,) = cast(services, town, by=owner)
    root = selectors.tree().root()
    services.erase(entry)
    assert not Opening.objects.exists()
    assert not Author.objects.exists()
    assert selectors.tree().root() == root
    assert list(selectors.faults()) == []


def test_what_is_no_act_is_refused_and_nothing_is_written(ledger, town):
    services, selectors = ledger
    with pytest.raises(HutongError, match="no act"):
        services.record("ballot.stolen", {}, place=town.quarter)
    with pytest.raises(HutongError, match="should be id"):
        services.record(
            "ballot.cast", {"ballot": "张三", "channel": "x"}, {"voter": 1, "choice": 2}, place=None
        )
    assert selectors.size() == 0


def test_pages(ledger, town, client):
    services, _ = ledger
    assert "Nothing is recorded yet" in client.get("/ledger/").content.decode()
    cast(services, town, 60)
    page = client.get("/ledger/").content.decode()
    assert "Ballot cast" in page
    assert "before=10" in page
    assert "户-" not in page
    assert "Nothing" not in client.get("/ledger/?act=ballot.cast&before=10").content.decode()
    assert "Nothing is recorded yet" in client.get("/ledger/?act=case.closed").content.decode()
    assert client.get("/ledger/?act=<script>&before=x").status_code == 200
    assert client.get("/ledger/59").status_code == 200
    assert client.get("/ledger/60").status_code == 404
    told = client.get("/ledger/consistency/30").json()
    assert told["size"] == 60
    assert client.get("/ledger/consistency/61").status_code == 400
    assert client.get("/ledger/checker.py")["Content-Disposition"].startswith("attachment")


def test_a_receipt_is_for_whoever_did_it(ledger, town, client, tmp_path):
    services, _ = ledger
    owner = town.person("planner")
    (entry,) = cast(services, town, by=owner)
    assert client.get(f"/ledger/{entry.index}/receipt").status_code == 403
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/ledger/{entry.index}/receipt").content.decode()
    assert "户-0" in page
    assert "<svg" in page
    path = tmp_path / "receipt.json"
    path.write_bytes(client.get(f"/ledger/{entry.index}/receipt.json").content)
    key = Verifier.read(client.get("/ledger/key").content.decode())
    assert check_receipt(path, key)["n"] == entry.index
    assert json.loads(path.read_text())["openings"]["voter"]["value"] == "户-0"
