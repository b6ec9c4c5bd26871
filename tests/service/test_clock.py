"""The clock of the server jumps: votes go by the database's clock, the ledger keeps its order, and what was sealed holds."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from hutong.act.ledger import Verifier, check_folder, check_receipt
from hutong.errors import HutongError

DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """Return by how much the server's clock goes wrong; the database's own is another."""
    from django.utils import timezone

    real, moved = timezone.now, [dt.timedelta()]
    monkeypatch.setattr(timezone, "now", lambda: real() + moved[0])
    return moved


@pytest.mark.parametrize("jump", [-400 * DAY, -1 * DAY, 1 * DAY, 400 * DAY])
def test_the_database_tells_the_time_of_a_vote_whatever_the_server_says(db, clock, jump):
    from hutong.service.consent import clock as votes

    before = votes.now()
    clock[0] = jump
    assert dt.timedelta() <= votes.now() - before < dt.timedelta(minutes=1)


@pytest.mark.parametrize("jump", [-400 * DAY, 400 * DAY])
def test_a_vote_opens_and_closes_by_the_database_alone(consent, clock, jump):
    """The server's clock says that the vote is over, or not begun: it takes ballots; after its time it takes none."""
    ballot = consent.ballot(consent.roll(9))
    clock[0] = jump
    assert consent.answer(ballot, 1, "yes").at == consent.clock[0]
    consent.clock[0] = ballot.closes
    with pytest.raises(HutongError) as refused:
        consent.answer(ballot, 2, "yes")
    assert refused.value.what.en
    assert refused.value.hint.en
    assert ballot.casts.count() == 1
    assert consent.finish(ballot).state == "counted"


def test_the_ledger_keeps_its_order_and_holds(town, clock, client, tmp_path):
    """Acts while the clock jumps forwards and back: numbers go on, each checkpoint holds the one before, receipts verify."""
    from hutong.service.ledger import selectors, services
    from hutong.service.ledger.models import Checkpoint

    owner, told = town.person("planner"), []
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    key = Verifier.read(client.get("/ledger/key").content.decode())
    for n, jump in enumerate((0, 400, 0, -400, 0, 1)):
        clock[0] = jump * DAY
        public = {"ballot": f"b-{n}", "channel": "counter"}
        entry = services.record(
            "ballot.cast", public, {"voter": "v", "choice": "for"}, place=town.building, by=owner
        )
        services.seal_when_due()
        told.append(entry.index)
        old = tmp_path / f"checkpoint-{n}"
        old.write_text(selectors.signed_note(), "utf-8")
    clock[0] = dt.timedelta()
    assert told == list(range(told[0], told[0] + 6))
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    assert sizes[-1] == selectors.size()
    with zipfile.ZipFile(io.BytesIO(client.get("/ledger/hutong-ledger.zip").content)) as archive:
        archive.extractall(tmp_path)
    olds = [tmp_path / f"checkpoint-{n}" for n in range(6)]
    assert check_folder(tmp_path / "hutong-ledger", key, older=olds).size == selectors.size()
    for index in told:
        path = tmp_path / "receipt.json"
        path.write_bytes(client.get(f"/ledger/{index}/receipt.json").content)
        assert check_receipt(path, key)["n"] == index


def test_a_clock_set_back_does_not_keep_the_ledger_from_being_sealed(town, clock):
    """A checkpoint that was made while the clock ran ahead is no reason to wait until the clock is there again."""
    from hutong.service.ledger import selectors, services
    from hutong.service.ledger.models import Checkpoint

    clock[0] = 400 * DAY
    services.record("unit.retired", {"unit": "u-1"}, place=town.subdistrict)
    services.seal_when_due()
    clock[0] = dt.timedelta()
    services.record("unit.retired", {"unit": "u-2"}, place=town.subdistrict)
    services.seal_when_due()
    assert Checkpoint.objects.first().size == selectors.size()
