"""``hutong serve``: migrate, load the demo quarter into an empty site, and serve with a worker beside."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.service.setup import ready
from hutong.text import Text

THREADS = 8
#: The background worker is looked after this often.
LOOK_S = 1.0
log = logging.getLogger(__name__)


def prepare() -> None:
    """Bring the database to this version, a new one quickly.

    Raises
    ------
    HutongError
        ``no-database`` if the server of ``DATABASE_URL`` cannot be reached.
    """
    ready()
    from django.core.management import call_command
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as caught:
        raise HutongError(
            "no-database",
            Text(f"连不上数据库：{caught}", f"The database cannot be reached: {caught}"),
            Text(
                "请检查 DATABASE_URL 和数据库服务；不设则用内置的 SQLite。",
                "Check DATABASE_URL and the database server; unset, the embedded SQLite is used.",
            ),
        ) from caught
    fresh = connection.vendor == "sqlite" and not connection.introspection.table_names()
    if fresh:  # nothing is lost if this is cut off: it begins again
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    call_command("migrate", verbosity=0, interactive=False)
    if fresh:
        connection.close()


def front_end_missing() -> bool:
    """Return whether the packages that the pages use in the browser are not installed."""
    return not (Path(__file__).parent / "web" / "static" / "vendor" / "stamp").is_file()


def check_front_end() -> None:
    """Raise ``no-front-end`` if the pages could not work in a browser."""
    if front_end_missing():
        raise HutongError(
            "no-front-end",
            Text("网页所用的前端组件没有安装。", "The front-end packages of the pages are not installed."),
            Text(
                "请运行 pip install -e '.[service]'（需要网络），或 python src/hutong/service/frontend/install.py。",
                "Run pip install -e '.[service]' (it needs the network), or python src/hutong/service/frontend/install.py.",
            ),
        )


def serve_pages(host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve pages until stopped, without a worker; it raises as :func:`serve` does."""
    ready()
    _check_port(host, port)
    _gunicorn(host, port, told)


def serve(host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve until stopped, with one background worker; ``told`` gets the address once pages are served.

    Raises
    ------
    HutongError
        ``port-taken``.
    """
    _check_port(host, port)
    over = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(over,), daemon=True)
    keeper.start()
    try:
        _gunicorn(host, port, told)
    finally:
        over.set()
        keeper.join()


def _keep_worker(over: threading.Event) -> None:
    """Run a worker until ``over``; one that dies is replaced."""
    worker = _start_worker()
    while not over.wait(LOOK_S):
        if worker.poll() is not None:
            log.warning("the background worker ended; another is started")
            worker = _start_worker()
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(timeout=10)
    except subprocess.TimeoutExpired:
        worker.kill()


def _start_worker() -> subprocess.Popen[bytes]:
    env = {**os.environ, "HUTONG_WORKER_WITH_PARENT": "1"}
    return subprocess.Popen([sys.executable, "-m", "hutong.service.worker"], env=env)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as caught:
            raise HutongError(
                "port-taken",
                Text(
                    f"不能在 {host}:{port} 上提供服务：{caught.strerror}。",
                    f"Cannot serve on {host}:{port}: {caught.strerror}.",
                ),
                Text("请用 --port 换一个端口。", "Choose another with --port."),
            ) from caught


def _gunicorn(host: str, port: int, told: Callable[[str], None]) -> None:
    from django.conf import settings
    from gunicorn.app.base import BaseApplication

    class Site(BaseApplication):
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "worker_class": "gthread",
                "workers": settings.ENVIRONMENT.workers,
                "threads": THREADS,
                "timeout": 60,
                "keepalive": 30,  # a form takes longer to fill in than the usual two seconds; no thread waits meanwhile
                "loglevel": "warning",
                "post_worker_init": lambda worker: (
                    told(f"http://{host}:{port}/") if worker.age == 1 else None
                ),
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from hutong.service.wsgi import application

            return application

    Site().run()
