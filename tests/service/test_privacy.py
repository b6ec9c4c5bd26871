"""Nothing that a reader may not see leaves the site: marks in every row, looked for in every page, file and log line.

``privacy.yaml`` says of each field who may see it; ``planted.py`` puts the marks. The same marks begin like formulas and end
like markup: no page shows them as markup, and no table that goes out lets a spreadsheet compute them.
"""

from __future__ import annotations

import csv
import gzip
import io
import logging
import re
import zipfile
import zlib
from collections import defaultdict

import pytest

from hutong.sense.sheets import FORMULA
from tests.service.crowd import ENGLISH, TABLE, gathered
from tests.service.planted import BROKEN, MARK, TAG, Garden, households, planting, rest, seen_by
from tests.service.planted import TABLE as FIELDS
from tests.service.test_hostile import read_by


def stored():
    """Return every field of ours that holds words, marks, files or data, as ``app.Model.field``."""
    from django.apps import apps
    from django.db import models

    kinds = (
        models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField,
        models.GenericIPAddressField,
    )  # fmt: skip
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("hutong.service")
        for field in model._meta.concrete_fields
        if isinstance(field, kinds)
    }


def test_every_field_stands_in_the_table_once(database):
    names = list(seen_by())
    for rows in FIELDS["unplanted"].values():
        names += [f"{model}.{field}" for model, fields in rows.items() for field in fields.split()]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"stand twice: {twice}"
    assert set(names) == stored(), sorted(set(names) ^ stored())


class Lines(logging.Handler):
    """Keeps every line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def log():
    """Return every line of every log from here on, at the levels of a site; our own lines and refusals whatever their level."""
    lines = Lines()
    named = [logging.getLogger()] + [
        found
        for name in list(logging.root.manager.loggerDict)
        if not (found := logging.getLogger(name)).propagate
    ]
    louder = {"hutong": logging.DEBUG, "django.request": logging.WARNING}
    levels = [(one, one.level) for one in named]
    for one in named:
        one.addHandler(lines)
        one.setLevel(louder.get(one.name, one.level))
    yield lines.lines
    for one, level in levels:
        one.removeHandler(lines)
        one.setLevel(level)


@pytest.fixture(scope="module")
def garden(country, imported, folders, log):
    """Return everybody and every object with marks in each row, the index of search and an edition made of them."""
    from django.utils import timezone

    from hutong.service.open_data import services as open_data
    from hutong.service.search import services as search

    found = Garden()
    with planting(found), gathered(country, imported, folders) as crowd:
        rest(country, crowd.people[1][2].person)
        crowd.people.extend(households(country))
        search.rebuild()
        edition = open_data.make(country.city, timezone.localdate() - timezone.timedelta(days=1))
        crowd.found["open_data_zip"]["whole"] = {"pk": edition.pk}
        crowd.found["open_data_edition"]["whole"] = {"pk": edition.pk}
        for file in edition.files.all():
            crowd.found["open_data_file"][file.name] = {"pk": file.pk}
        found.crowd = crowd
        yield found


def test_a_mark_lies_in_every_field_that_can_hold_one(garden):
    assert set(seen_by()) == {planted.name for planted in garden.marks}


def parts(name: str, data: bytes):
    """Yield what lies in a file: itself, or what was packed in it, with its name."""
    if data[:2] == b"\x1f\x8b":
        yield from parts(name.removesuffix(".gz"), gzip.decompress(data))
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from parts(inner, archive.read(inner))
    elif data[:4] == b"PAR1":
        import pyarrow.parquet as parquet

        yield name, str(parquet.read_table(io.BytesIO(data)).to_pydict()).encode()
    elif data[:5] == b"%PDF-":
        streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.S)
        yield name, data + b"".join(_inflated(s) for s in streams)
    else:
        yield name, data


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:  # a stream that is not packed stands in the file as it is
        return b""


ENDINGS = {"csv": ".csv", "html": ".html", "xml": ".xml", "svg": ".xml"}


def answered(client, path: str) -> list[tuple[str, bytes]]:
    """Return an answer as files by name, its head as one of them, and undo what asking for it did."""
    from django.db import transaction

    point = transaction.savepoint()
    answer = client.get(path, headers=ENGLISH)
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    transaction.savepoint_rollback(point)
    head = "\n".join(f"{name}: {value}" for name, value in answer.items())
    kind = answer.get("Content-Type", "")
    ending = next((end for part, end in ENDINGS.items() if part in kind), ".json")
    if "gbk" in path:
        data = data.decode("gb18030").encode("utf-8-sig")
    return [("head", head.encode()), *parts(f"{path}{ending}", data)]


def faults(name: str, data: bytes) -> list[str]:
    """Return the marks that a reader's program would take for more than words: markup, or a formula."""
    if name.endswith((".html", ".xml")):
        broken = BROKEN.findall(data) if name.endswith(".html") else TAG.findall(data)
        found = [f"markup: {m.decode()}" for m in broken]
        return found + [f"formula: {m.decode()}" for m in re.findall(rb"<f>[^<]*qzx[0-9a-f]{5}", data)]
    if name.endswith(".csv"):
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        cells = [cell for row in rows for cell in row if MARK.search(cell.encode())]
        return [f"formula: {cell}" for cell in cells if cell.startswith(FORMULA)]
    return []


def readers(crowd, page: str, most: int | None) -> list:
    """Return who opens a page: everybody, or a visitor, somebody without a role and ``most`` others, by turns."""
    from hutong.service.web.rest import ACCESS

    people = [*crowd.people, *(crowd.machines if page.split()[0] in ACCESS else [])]
    if most is None:
        return people
    first = zlib.crc32(page.encode())
    return [people[0], people[2], *(people[(first + k * 11) % len(people)] for k in range(most))]


#: Other shapes of a file that is given out; what reads ``q`` is asked for the marks too.
SHAPES = {
    "request_replies": [f"form={form}&since=2000-01-01&until=2100-01-01" for form in ("csv", "gbk", "xlsx")]
}


def queries(page: str) -> list[str]:
    """Return with which queries a page is opened beside its plain address."""
    return [*SHAPES.get(page, []), *(["q=qzx"] if "q" in read_by(page) else [])]


def walk(garden, page: str, most: int | None) -> tuple[list[str], set[int]]:
    """Open a page; return what was shown to whom it may not be or not as words, and the marks that were seen."""
    from django.urls import reverse

    leaks, wrong, seen = defaultdict(set), set(), set()
    for variant, found in garden.crowd.found.get(page, {"": {}}).items():
        path = reverse(page, kwargs=found)
        visits = [
            (reader, address)
            for reader in readers(garden.crowd, f"{page} {variant}", most)
            for address in [path, *(f"{path}?{query}" for query in queries(page))]
        ]
        for (who, far, client), address in visits:
            called = f"{who}{' elsewhere' if far else ''}"
            try:
                files = answered(client, address)
            except Exception as caught:
                wrong.add(f"{page} {variant} to {called}: {type(caught).__name__}: {caught}")
                continue
            for name, data in files:
                numbers = {int(m, 16) for m in MARK.findall(data)}
                wrong |= {
                    f"{page} {variant} {name}: {fault}" for fault in (faults(name, data) if numbers else ())
                }
                for n in numbers:
                    if not garden.allowed(n, who, far, getattr(client, "person", None)):
                        leaks[garden.marks[n].name, variant].add(called)
                seen |= numbers
    told = [f"{name} on {page} {variant}: {', '.join(sorted(who))}" for (name, variant), who in leaks.items()]
    return sorted([*told, *wrong]), seen


READ = sorted(page for page, row in TABLE.items() if row.get("method", "GET") == "GET")


def test_readers_by_turns_see_what_they_may_and_as_words(garden):
    found = [walk(garden, page, 2) for page in READ]
    assert not any(wrong for wrong, _ in found), "\n".join(line for wrong, _ in found for line in wrong)
    assert len({garden.marks[n].name for _, seen in found for n in seen}) > 70


@pytest.mark.slow
@pytest.mark.parametrize("page", READ)
def test_everybody_sees_what_they_may_and_as_words(garden, page):
    wrong, _ = walk(garden, page, None)
    assert not wrong, "\n".join(wrong)


def test_search_finds_for_nobody_what_they_may_not_read(garden):
    from django.contrib.auth.models import AnonymousUser

    from hutong.service.search import selectors

    leaks = set()
    for who, far, client in garden.crowd.people:
        person = getattr(client, "person", None)
        for kind in selectors.kinds():
            for found in selectors.find(person or AnonymousUser(), "qzx", kind.id):
                words = f"{found.title_zh} {found.title_en} {found.detail_zh} {found.detail_en} {found.grams}"
                for n in {int(m, 16) for m in MARK.findall(words.encode())}:
                    if not garden.allowed(n, who, far, person):
                        leaks.add(f"{garden.marks[n].name} in {kind.id}: {who}{' elsewhere' if far else ''}")
    assert not leaks, "\n".join(sorted(leaks))


def test_the_log_tells_nothing_of_what_is_stored(garden, log):
    """Whoever runs the server reads its log; what people write and who they are does not stand there."""
    told = {(garden.marks[int(m, 16)].name, line) for line in log for m in MARK.findall(line.encode())}
    assert not told, sorted(told)[:20]
    assert len(log) > 20


def test_what_anyone_reads_in_the_ledger_is_nobodys_words(garden):
    """The public fields of an act are codes, numbers, days and hashes: no mark stands in the whole of the record."""
    from hutong.service.ledger.models import Checkpoint, Entry

    for data in (
        *Entry.objects.values_list("data", flat=True),
        *Checkpoint.objects.values_list("note", flat=True),
    ):
        assert not MARK.search(data.encode()), data
    assert Entry.objects.count() > 20
