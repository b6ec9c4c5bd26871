"""Reading and proving the ledger."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.act.ledger import Checkpoint as Statement
from hutong.act.ledger import Fault, Note, Opening, Receipt, Tree, check_entries
from hutong.act.ledger.book import download_files
from hutong.act.ledger.checker import leaf_hash
from hutong.service.ledger.keys import signing_key
from hutong.service.ledger.models import Checkpoint, Entry
from hutong.service.places.models import Place
from hutong.service.places.selectors import paths_to

ORIGIN = "hutong/ledger"
_lock = threading.Lock()
_kept: dict[str, Tree] = {}


def size() -> int:
    """Return how many entries there are."""
    last = Entry.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def tree() -> Tree:
    """Return the tree of all entries; kept by the process and extended by what was added since.

    What another transaction took back is noticed: the last leaf that is kept must stand in the database.
    """
    with _lock:
        kept = _kept.get("tree", Tree())
        if kept.size:
            last = Entry.objects.filter(index=kept.size - 1).values_list("leaf", flat=True).first()
            if last is None or bytes(last) != kept.leaf(kept.size - 1):
                kept = Tree()
        rows = Entry.objects.filter(index__gte=kept.size).order_by("index").values_list("leaf", flat=True)
        for leaf in rows.iterator(chunk_size=10_000):
            kept.append(bytes(leaf))
        _kept["tree"] = kept
        return kept


def signed_note(upto: int | None = None) -> str:
    """Return a signed checkpoint of the first ``upto`` entries, or of all."""
    whole = tree()
    count = whole.size if upto is None else upto
    return signing_key().sign(Statement(ORIGIN, count, whole.root(count)))


def entries(act: str = "", place: Place | None = None, before: int | None = None) -> QuerySet[Entry]:
    """Return entries, newest first: of one kind, at or within a place, and older than a number."""
    rows = Entry.objects.select_related("place")
    if act:
        rows = rows.filter(act=act)
    if place is not None:
        rows = rows.filter(Q(place=place) | Q(place__path__startswith=place.path))
    return rows if before is None else rows.filter(index__lt=before)


def entry(index: int) -> Entry:
    """Return an entry, or raise ``Http404``."""
    found = Entry.objects.select_related("place", "author").filter(index=index).first()
    if found is None:
        raise Http404
    return found


def receipt(found: Entry) -> Receipt:
    """Return the receipt of an entry with its openings, for whoever did the act."""
    held = {o.field: Opening(bytes(o.salt), o.value) for o in found.openings.all()}
    whole = tree()
    note = signed_note(whole.size)
    return Receipt(found.data.encode(), tuple(whole.inclusion(found.index, whole.size)), note, held)


def download() -> bytes:
    """Return the public download as a zip: entries, signed checkpoint, key, checker."""
    count = size()
    rows = Entry.objects.filter(index__lt=count).order_by("index").values_list("data", flat=True)
    older = Checkpoint.objects.filter(size__lt=count).order_by("size").values_list("note", flat=True)
    lines = (data.encode() for data in rows.iterator(chunk_size=10_000))
    files = download_files(lines, signed_note(count), signing_key().verifier, list(older)[-100:])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"hutong-ledger/{name}", data)
    return out.getvalue()


def faults() -> Iterator[Fault]:
    """Check the database as a citizen checks a download, and what was sealed earlier; say what does not hold."""
    rows = Entry.objects.order_by("index")
    try:
        check_entries([row.data.encode() for row in rows.iterator(chunk_size=10_000)])
    except Fault as caught:
        yield caught
        return
    whole = Tree()
    for row in rows.iterator(chunk_size=10_000):
        leaf = leaf_hash(row.data.encode())
        if leaf != bytes(row.leaf) or row.act != row.value["act"]:
            yield Fault(f"第 {row.index} 条与其哈希不符。", f"Entry {row.index} is not what its hash says.")
        whole.append(leaf)
    verifier = signing_key().verifier
    for sealed in Checkpoint.objects.order_by("size").iterator():
        try:
            note = Note.read(sealed.note)
            said = Statement.read(note.text)
        except Fault as caught:
            yield caught
            continue
        right = said.size == sealed.size <= whole.size and note.signed_by(verifier)
        if not right or whole.root(said.size) != said.root:
            yield Fault(
                f"与第 {sealed.size} 条时封存的校验点不符。",
                f"The ledger is not the one that was sealed at {sealed.size}.",
            )


def about(place: Place, most: int = 8) -> tuple[list[Entry], list[Entry]]:
    """Return the newest entries at a place, and those of the estate, block and quarter that it lies in."""
    above = [path for path in paths_to(place) if path != place.path]
    kinds = ("quarter", "block", "estate")
    around = Entry.objects.select_related("place").filter(place__path__in=above, place__kind__in=kinds)
    return list(entries(place=place)[:most]), list(around[:most])
