"""The only writes to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from hutong.act.ledger import Opening as Secret
from hutong.act.ledger import make_entry
from hutong.act.ledger.checker import leaf_hash
from hutong.service.accounts.models import User
from hutong.service.ledger import selectors
from hutong.service.ledger.findable import of_entry
from hutong.service.ledger.models import Author, Checkpoint, Entry, Opening
from hutong.service.places.models import Place
from hutong.service.search import services as search

#: A stored checkpoint is as old as this before an act makes another.
SEAL_EVERY_S = 60
#: PostgreSQL's lock under which entries get their numbers, one after another.
NUMBERS_LOCK = 0x6C65646765720001


@transaction.atomic
def record(
    act: str,
    public: Mapping[str, object],
    private: Mapping[str, object] | None = None,
    *,
    place: Place | None,
    by: User | None = None,
    at: datetime | None = None,
) -> Entry:
    """Add an act within the transaction of the deed: both stand, or neither.

    Parameters
    ----------
    act, public, private
        As ``act/ledger/acts.yaml`` says; private values enter only as commitments.
    place
        Where it belongs; its pages show it.
    by
        Who did it, for the receipt; kept apart and erasable.

    Raises
    ------
    HutongError
        ``ledger-entry`` if the act is not what ``acts.yaml`` says.
    """
    entry, openings = _add(act, public, private, place, at)
    Opening.objects.bulk_create(
        Opening(entry=entry, field=name, salt=o.salt, value=o.value) for name, o in openings.items()
    )
    if by is not None:
        Author.objects.create(entry=entry, owner=by)
    return entry


@transaction.atomic
def record_sealed(
    act: str,
    public: Mapping[str, object],
    private: Mapping[str, object],
    *,
    place: Place | None,
    at: datetime | None = None,
) -> tuple[Entry, Mapping[str, Secret]]:
    """Add an act as :func:`record` does, but keep neither openings nor author: the caller seals them."""
    return _add(act, public, private, place, at)


def _add(
    act: str,
    public: Mapping[str, object],
    private: Mapping[str, object] | None,
    place: Place | None,
    at: datetime | None,
) -> tuple[Entry, Mapping[str, Secret]]:
    _one_at_a_time()
    last = Entry.objects.order_by("-index").values_list("index", flat=True).first()
    when = (at or timezone.now()).replace(microsecond=0)
    index = 0 if last is None else last + 1
    data, openings = make_entry(index, act, when, public, private)
    entry = Entry.objects.create(
        index=index, act=act, at=when, data=data.decode(), leaf=leaf_hash(data), place=place
    )
    search.put([of_entry(entry)])
    transaction.on_commit(seal_when_due)
    return entry, openings


def _one_at_a_time() -> None:
    """Let no other transaction take a number until this one has ended (SQLite writes one at a time anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS_LOCK])


def seal() -> Checkpoint | None:
    """Store a signed checkpoint of all entries; none if nothing was added since the last."""
    size = selectors.size()
    if not size or Checkpoint.objects.filter(size=size).exists():
        return None
    try:
        with transaction.atomic():
            return Checkpoint.objects.create(size=size, note=selectors.signed_note(size))
    except IntegrityError:  # another process sealed the same entries at the same moment
        return None


def seal_when_due() -> None:
    """Seal, unless that was just done; a checkpoint from later than now was made while the clock ran ahead."""
    last = Checkpoint.objects.first()
    if last is None or not 0 <= (timezone.now() - last.at).total_seconds() < SEAL_EVERY_S:
        seal()


@transaction.atomic
def erase(entry: Entry) -> None:
    """Forget who did an act and what its commitments held; the entry stays and the ledger verifies."""
    entry.openings.all().delete()
    Author.objects.filter(entry=entry).delete()
