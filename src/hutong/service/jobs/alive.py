"""Which workers live: each holds a lock on a file of its name, which the system lets go however the process ends."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """Return where the files of the workers lie."""
    path = Path(settings.MEDIA_ROOT) / "workers"
    path.mkdir(exist_ok=True)
    return path


class Sign:
    """A sign that this process lives, under a ``name`` that no other ever had."""

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self.path = folder() / self.name
        making = folder() / f".{self.name}"  # nobody finds it before it is locked
        self._handle = os.open(making, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        making.rename(self.path)

    def end(self) -> None:
        """Take the sign away."""
        os.close(self._handle)


def lives(name: str) -> bool | None:
    """Return whether the worker of a name lives; None if it cannot be known here (it shares no data folder)."""
    try:
        handle = os.open(folder() / name, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def forget(name: str) -> None:
    """Remove the file of a worker that is dead and has left nothing to take up."""
    (folder() / name).unlink(missing_ok=True)


def dead() -> list[str]:
    """Return the names of the workers that have died and were not forgotten."""
    return sorted(p.name for p in folder().iterdir() if not p.name.startswith(".") and lives(p.name) is False)
