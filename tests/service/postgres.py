"""A PostgreSQL of the tests' own, in a temporary folder, from the machine's binaries."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A running server that listens on a socket in its own folder and nowhere else."""

    def __init__(self, durable: bool = False) -> None:
        programs = binaries()
        if programs is None:
            raise RuntimeError("HUTONG_TEST_POSTGRES is set, but there is no PostgreSQL (Debian: postgresql)")
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="hutong-pg-"))
        self.data = self.folder / "data"
        self.user = None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.user = "nobody"
            shutil.chown(self.folder, "nobody")
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "hutong",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": self.folder,
            "fsync": "on" if durable else "off",
            "max_locks_per_transaction": 2048,  # a module's tests share what they are made from: one long transaction
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    @property
    def url(self) -> str:
        """The ``DATABASE_URL`` of the cluster's own database."""
        return self.address("postgres")

    def address(self, database: str) -> str:
        """Return the ``DATABASE_URL`` of a database."""
        return f"postgres://hutong@/{database}?host={self.folder}"

    @property
    def version(self) -> str:
        """The version of its data, such as 17."""
        return (self.data / "PG_VERSION").read_text().strip()

    def client(self, program: str, database: str, *arguments: str) -> None:
        """Run a client program on a database; what it says is in the error if it fails."""
        where = ("-h", str(self.folder), "-U", "hutong", "-d", database)
        done = subprocess.run(
            [str(self.programs / program), *where, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never close
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed with {done.returncode}")
