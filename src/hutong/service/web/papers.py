"""Files that are handed in: told apart by what they are and not by their name, of a bounded size, kept by their hash."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404

from hutong.errors import HutongError
from hutong.files import write_bytes
from hutong.text import Text

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
#: What each kind of file is sent back as.
KINDS = {
    "pdf": "application/pdf",
    "json": "application/json",  # drawn up here, never taken from outside
    "yaml": "application/yaml; charset=utf-8",  # a scheme of the studio, likewise
    "png": "image/png",
    "jpg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_STARTS = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))
_PARTS = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx"}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is kept: its bytes, what it is, its SHA-256, and what its sender called it."""

    data: bytes
    suffix: str
    digest: str
    called: str


def document(sent: Any) -> Document:
    """Return an uploaded file as a document.

    Raises
    ------
    HutongError
        ``bad-paper`` if it is empty, too large, or of another kind than those in :data:`KINDS`.
    """
    data = sent.read(MOST_BYTES + 1)
    if not data or len(data) > MOST_BYTES:
        raise _bad("文件是空的，或超过 20 MB", "The file is empty, or larger than 20 MB")
    return of_bytes(data, str(getattr(sent, "name", "")))


def of_bytes(data: bytes, called: str) -> Document:
    """Return bytes as a document; it raises ``bad-paper`` as :func:`document` does."""
    suffix = next((s for start, s in _STARTS if data.startswith(start)), "") or _packed(data)
    if not suffix:
        raise _bad("文件不是 PDF、图片、Word 或 Excel", "The file is no PDF, picture, Word or Excel file")
    plain = "".join(c for c in called.rsplit("/", 1)[-1] if c.isprintable() and c not in '<>"\\')
    return Document(data, suffix, hashlib.sha256(data).hexdigest(), plain[:100])


def keep(found: Document) -> None:
    """Write a document below the data folder; the same document is the same file."""
    path = _path(found.digest, found.suffix)
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        write_bytes(path, found.data, force=True)


def send(digest: str, suffix: str, name: str) -> FileResponse:
    """Answer with a document for keeping, called ``name``; a browser never opens it in a page of ours.

    Raises
    ------
    Http404
        If there is no such file.
    """
    path = _path(digest, suffix)
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), content_type=KINDS[suffix], as_attachment=True, filename=f"{name}.{suffix}"
    )


def _path(digest: str, suffix: str) -> Path:
    return Path(settings.ENVIRONMENT.data) / "papers" / f"{digest}.{suffix}"


def of_version(data: bytes, called: str) -> Document:
    """Return the document of a scheme's version as it is kept."""
    return Document(data, "yaml", hashlib.sha256(data).hexdigest(), called)


def _packed(data: bytes) -> str:
    """Return what an Office file is; macros and bombs are none."""
    if not data.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if sum(i.file_size for i in archive.infolist()) > MOST_UNPACKED:
                return ""
    except (zipfile.BadZipFile, ValueError):
        return ""
    if any(n.lower().endswith("vbaproject.bin") for n in names):
        return ""
    return next((kind for part, kind in _PARTS.items() if part in names), "")


def _bad(zh: str, en: str) -> HutongError:
    return HutongError(
        "bad-paper",
        Text(f"{zh}。", f"{en}."),
        Text("请另存为 PDF 后再上传。", "Save it as a PDF and send that."),
    )
