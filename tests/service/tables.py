"""The tables of an empty site: ``hutong service migrate`` makes them from nothing once, and they are kept for the
databases of the tests until a migration or a package changes. Whoever takes a copy still migrates it, which finds nothing
to do."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "src/hutong/service"
KEPT = ROOT / ".pytest_cache/d/hutong-tables"


def _state() -> str:
    """Return a digest of what the tables follow from: our migrations, the list of apps, and the installed packages."""
    seen = hashlib.sha256(sqlite3.sqlite_version.encode())
    for path in sorted([*SERVICE.glob("*/migrations/*.py"), SERVICE / "settings.py"]):
        seen.update(str(path.relative_to(SERVICE)).encode() + path.read_bytes())
    for package in sorted(f"{d.name}=={d.version}" for d in distributions()):
        seen.update(package.encode())
    return seen.hexdigest()[:16]


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file of a name for the present state; the first of several processes makes it, the others wait for it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{_state()}-{name}"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            for old in KEPT.glob(f"*-{name}"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=KEPT) as folder:
                made = Path(folder) / name
                make(made)
                made.replace(path)
    return path


def _migrate(data: Path, database: str = "") -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HUTONG_", "DATABASE_URL"))}
    env |= {"HUTONG_DATA": str(data), "DATABASE_URL": database}
    command = [sys.executable, "-c", "from hutong.cli import main; main()", "service", "migrate"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def sqlite() -> Path:
    """Return an SQLite file with the tables of an empty site, which is only read."""

    def make(path: Path) -> None:
        data = path.parent / "data"
        _migrate(data)
        source, target = sqlite3.connect(data / "hutong.sqlite3"), sqlite3.connect(path)
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        source.close()
        target.close()

    return _kept("tables.sqlite3", make)


@contextmanager
def in_memory(name: str):
    """Hold the tables in the shared memory where Django looks for the test database of a connection."""
    held = sqlite3.connect(f"file:memorydb_{name}?mode=memory&cache=shared", uri=True)
    source = sqlite3.connect(sqlite())
    source.backup(held)
    source.close()
    yield
    held.close()


def lay_out(data: Path) -> None:
    """Put the tables into the data folder of a site that has not run yet."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite(), data / "hutong.sqlite3")


def fill(cluster) -> None:
    """Put the tables into the database that a PostgreSQL cluster copies new ones from, unless they are there."""

    def make(path: Path) -> None:
        cluster.client("psql", "postgres", "-c", "CREATE DATABASE empty_site")
        _migrate(path.parent / "data", cluster.address("empty_site"))
        cluster.client("pg_dump", "empty_site", "-f", str(path))

    made = _kept(f"postgres{cluster.version}.sql", make)
    cluster.client("psql", "template1", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(made))
