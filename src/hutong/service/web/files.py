"""Files from the data folder, with byte ranges (a map reads its tiles in pieces) and revalidation."""

from __future__ import annotations

import re
from pathlib import Path

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import http_date

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def send_file(request: HttpRequest, path: Path, kind: str, download: str = "") -> HttpResponse:
    """Answer with a file, whole or in the range asked for (RFC 9110 §14); ``download`` names it for keeping.

    Raises
    ------
    Http404
        If there is no such file.
    """
    if not path.is_file():
        raise Http404
    stat = path.stat()
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    asked = _range(request.headers.get("Range", ""), stat.st_size)
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif asked == (0, -1):
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{stat.st_size}"})
    elif asked is not None:
        first, last = asked
        response = StreamingHttpResponse(_piece(path, first, last), status=206, content_type=kind)
        response["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
        response["Content-Length"] = str(last - first + 1)
    else:
        response = FileResponse(
            path.open("rb"), content_type=kind, as_attachment=bool(download), filename=download
        )
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Last-Modified"] = http_date(stat.st_mtime)
    response["Cache-Control"] = "private, max-age=300"
    return response


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for, None for the whole file, (0, -1) if it cannot be met."""
    found = _RANGE.match(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (0, -1)
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else (0, -1)


def _piece(path: Path, first: int, last: int):  # type: ignore[no-untyped-def]
    with path.open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (data := file.read(min(CHUNK, left))):
            left -= len(data)
            yield data
