"""Output that is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hutong.errors import HutongError
from hutong.text import Text


def already_there(path: Path) -> HutongError:
    """Return the error for an output that exists."""
    return HutongError(
        "exists",
        Text(f"{path} 已存在。", f"{path} exists already."),
        Text("换一个名字，或加 --force 覆盖。", "Choose another name, or add --force to replace it."),
    )


def write_text(path: Path, text: str, force: bool = False) -> Path:
    """Write ``text`` (UTF-8) to ``path`` in one step; it raises as :func:`write_bytes` does."""
    return write_bytes(path, text.encode(), force=force)


def write_bytes(path: Path, data: bytes, force: bool = False, durable: bool = False) -> Path:
    """Write bytes to ``path`` in one step; ``durable`` waits until they would outlast a power cut.

    Raises
    ------
    HutongError
        ``exists`` if the file exists and ``force`` is not set; ``cannot-write`` if the folder refuses.
    """
    if path.exists() and not force:
        raise already_there(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as caught:
        raise HutongError(
            "cannot-write",
            Text(
                f"无法写入 {path.parent}：{caught.strerror}。",
                f"Cannot write in {path.parent}: {caught.strerror}.",
            ),
            Text("请检查文件夹是否存在、是否有写权限。", "Check that the folder exists and may be written."),
        ) from caught
    work = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        work.chmod(0o644)
        os.replace(work, path)
        if durable:
            _sync_folder(path.parent)
    finally:
        work.unlink(missing_ok=True)
    return path


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
