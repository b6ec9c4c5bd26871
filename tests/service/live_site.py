"""The real server in processes of its own, on SQLite or a PostgreSQL of its own, for tests and benches that must not share
its process: it can be killed, and loaded."""

from __future__ import annotations

import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.service.tables import lay_out

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Site:
    """A data folder and a database, and the server when it runs."""

    folder: Path
    database: str = ""
    workers: int = 1
    port: int = 0
    process: subprocess.Popen | None = None
    starts: list[float] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Return the variables of the server's processes."""
        out = {
            k: v
            for k, v in os.environ.items()
            if k not in ("DATABASE_URL", "HUTONG_TEST_POSTGRES", "HUTONG_DATA")
        }
        out |= {
            "HUTONG_DATA": str(self.folder / "data"),
            "HUTONG_LANG": "en",
            "HUTONG_WORKERS": str(self.workers),
        }
        return out | ({"DATABASE_URL": self.database} if self.database else {})

    def here(self) -> None:
        """Let this process read and write the same database through Django."""
        os.environ.update(self.environment())
        from hutong.service.server import prepare

        prepare()

    def start(self) -> None:
        """Start ``hutong serve`` and wait until it answers."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        began = time.monotonic()
        log = (self.folder / "log").open("a")
        command = [
            sys.executable,
            "-c",
            "from hutong.cli import main; main()",
            "serve",
            "--no-demo",
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            command, env=self.environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        while time.monotonic() - began < 120:
            try:
                urllib.request.urlopen(f"{self.address}/static/hutong/mark.svg").close()  # noqa: S310 (our own server)
                self.starts.append(time.monotonic() - began)
                return
            except (urllib.error.URLError, ConnectionError) as caught:
                if self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()[-4000:]) from caught
                time.sleep(0.1)
        raise RuntimeError("the server did not answer within two minutes")

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Kill the whole process group at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)
            self.process = None

    def cpu_seconds(self) -> float:
        """Return the processor time that the processes of the server have taken so far."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(words[2]) == self.process.pid:  # the process group
                total += sum(int(w) for w in words[11:15])
        return total / os.sysconf("SC_CLK_TCK")


@contextmanager
def site(postgres: bool, workers: int = 1):
    """Yield a new, empty site that does not run yet; everything is removed at the end."""
    from tests.service.postgres import Cluster

    cluster = Cluster(durable=True) if postgres else None
    with tempfile.TemporaryDirectory(prefix="hutong-live-") as name:
        made = Site(Path(name), cluster.url if cluster else "", workers)
        if cluster is None:
            lay_out(made.folder / "data")
        try:
            yield made
        finally:
            if made.process is not None:
                made.kill()
            if cluster is not None:
                from django.db import connections

                connections.close_all()
                cluster.stop()


class Browser:
    """A signed-in or anonymous browser: one connection, cookies, forms; what the server did not answer raises ``OSError``
    or ``http.client.HTTPException``."""

    def __init__(self, address: str, user=None, host: str = "") -> None:
        self.at = urlsplit(address)
        self.cookies = {"csrftoken": secrets.token_hex(16)}
        self.extra = {"X-Forwarded-For": host} if host else {}
        self.connection: HTTPConnection | None = None
        if user is not None:
            from django.test import Client

            client = Client()
            client.force_login(user, backend=BACKEND)
            self.cookies["sessionid"] = client.cookies["sessionid"].value

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = ""
    ) -> tuple[int, dict, bytes]:
        """Send a request; return status, headers and body."""
        if self.connection is None or self._closed_over_there():
            self.connection = HTTPConnection(self.at.hostname, self.at.port, timeout=60)
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept-Language": "en",
            **self.extra,
        }
        if kind:
            headers["Content-Type"] = kind
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except BaseException:
            self.connection.close()
            self.connection = None
            raise
        for value in answer.headers.get_all("Set-Cookie", []):
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, dict(answer.headers), data

    def _closed_over_there(self) -> bool:
        """Return whether the server has closed the connection meanwhile: it does after half a minute without a request."""
        sock = self.connection.sock
        return sock is not None and bool(select.select([sock], [], [], 0)[0])

    def get(self, path: str) -> tuple[int, dict, bytes]:
        """Open a page."""
        return self.ask("GET", path)

    def post(
        self, path: str, fields: dict[str, str], photos: Sequence[bytes] = ()
    ) -> tuple[int, dict, bytes]:
        """Send a form, with photos in its field of that name."""
        edge = secrets.token_hex(12)
        body = bytearray()
        for name, value in {**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]}.items():
            body += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for data in photos:
            body += (
                f'--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'.encode()
            )
            body += b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n"
        body += f"--{edge}--\r\n".encode()
        return self.ask("POST", path, bytes(body), f"multipart/form-data; boundary={edge}")
