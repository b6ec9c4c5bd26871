"""The settings of an installation, read from the environment and checked before anything starts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hutong.errors import HutongError
from hutong.text import Text

#: Shortest secret key that is accepted, in characters.
SHORTEST_KEY = 32
#: Web processes that are started without being asked for.
MOST_WORKERS = 4
#: Stands in the data folder of a practice site, and in no other.
PRACTICE_MARK = "practice-site"
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Environment:
    """What ``HUTONG_DATA``, ``DATABASE_URL``, ``HUTONG_URL``, ``HUTONG_SECRET_KEY``, ``HUTONG_PROXY``, ``HUTONG_PRACTICE`` … say."""

    data: Path
    database: Mapping[str, Any]
    hosts: tuple[str, ...]
    origin: str  # https://… of the public address; empty on a machine of one's own
    secret_key: str
    behind_proxy: bool
    open311_keys: tuple[str, ...] = ()  # of programs that may file requests
    jurisdiction: str = "beijing"  # whose rules hold: a shipped name, or a rule file
    workers: int = 1  # web processes of ``hutong serve``
    practice: bool = False  # a site for practice: everything on it is made up and marked
    practice_url: str = ""  # where the practice site of a real one is

    @property
    def public(self) -> bool:
        """Whether the site has a public https address."""
        return bool(self.origin)


def read_environment(env: Mapping[str, str] | None = None) -> Environment:
    """Read and check the settings; a secret key is made once and kept in the data folder.

    Raises
    ------
    HutongError
        ``bad-data-folder``, ``practice-folder``, ``bad-database-url``, ``bad-url``, ``weak-secret-key``, ``weak-key`` or ``bad-workers``.
    """
    given = os.environ if env is None else env
    data = _data_folder(given.get("HUTONG_DATA", "hutong-data"))
    practice = given.get("HUTONG_PRACTICE", "") == "1"
    _check_kind(data, practice)
    origin, hosts = _address(given.get("HUTONG_URL", ""))
    base = database(given.get("DATABASE_URL", ""), data)
    return Environment(
        data=data,
        database=base,
        hosts=hosts,
        origin=origin,
        secret_key=_secret_key(given.get("HUTONG_SECRET_KEY", ""), data),
        behind_proxy=given.get("HUTONG_PROXY", "") == "1",
        open311_keys=_keys(given.get("HUTONG_OPEN311_KEYS", "")),
        jurisdiction=given.get("HUTONG_JURISDICTION", "beijing"),
        workers=_workers(given.get("HUTONG_WORKERS", ""), base),
        practice=practice,
        practice_url=given.get("HUTONG_PRACTICE_URL", ""),
    )


def _workers(given: str, base: Mapping[str, Any]) -> int:
    """Return how many web processes to run: by default one for each core, up to four, and one on SQLite."""
    if not given:
        return 1 if "sqlite3" in base["ENGINE"] else min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    if not given.isdecimal() or not 1 <= int(given) <= 64:
        raise HutongError(
            "bad-workers",
            Text(
                f"HUTONG_WORKERS={given} 不是网页进程数。",
                f"HUTONG_WORKERS={given} is no number of web processes.",
            ),
            Text(
                "请给 1 到 64 的整数；不设则按核数。",
                "Give a whole number from 1 to 64; unset, it goes by the cores.",
            ),
        )
    return int(given)


def _keys(given: str) -> tuple[str, ...]:
    keys = tuple(k.strip() for k in given.split(",") if k.strip())
    if any(len(k) < SHORTEST_KEY for k in keys):
        raise HutongError(
            "weak-key",
            Text("HUTONG_OPEN311_KEYS 中有过短的密钥。", "A key in HUTONG_OPEN311_KEYS is too short."),
            Text(
                f"每个至少 {SHORTEST_KEY} 个字符，用逗号分开。",
                f"Give each {SHORTEST_KEY} characters or more, with commas between.",
            ),
        )
    return keys


def _check_kind(data: Path, practice: bool) -> None:
    """Refuse to open the data of practice as a real site, and those of a real site for practice."""
    marked = (data / PRACTICE_MARK).exists()
    if (
        practice
        and not marked
        and not (data / "hutong.sqlite3").exists()
        and not (data / "ledger.key").exists()
    ):
        (data / PRACTICE_MARK).write_text("practice\n")
        marked = True
    if practice != marked:
        raise HutongError(
            "practice-folder",
            Text(
                f"{data} 是{'练习' if marked else '正式'}站点的数据，不能当作{'正式' if marked else '练习'}站点打开。",
                f"{data} holds a {'practice' if marked else 'real'} site and cannot be opened as a {'real' if marked else 'practice'} one.",
            ),
            Text(
                "练习站请用 hutong practice，它有自己的数据文件夹。",
                "Use hutong practice; it has a data folder of its own.",
            ),
        )


def _data_folder(name: str) -> Path:
    path = Path(name).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / "snapshots").mkdir(exist_ok=True)
    except OSError as caught:
        raise HutongError(
            "bad-data-folder",
            Text(
                f"数据文件夹 {path} 不能使用：{caught.strerror}。",
                f"The data folder {path} cannot be used: {caught.strerror}.",
            ),
            Text(
                "请把 HUTONG_DATA 设为一个可写的文件夹。", "Set HUTONG_DATA to a folder that may be written."
            ),
        ) from caught
    return path


def database(url: str, data: Path) -> dict[str, Any]:
    """Return Django's database settings for a ``DATABASE_URL``; none means SQLite in the data folder.

    Raises
    ------
    HutongError
        ``bad-database-url``.
    """
    parts = urlsplit(url or f"sqlite:///{data / 'hutong.sqlite3'}")
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": {
                # readers go on while one writes; a writer takes its lock at the start and others wait for it
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000;",
            },
        }
    name = unquote(parts.path[1:])
    if parts.scheme not in ("postgres", "postgresql") or not name or "/" in name:
        raise HutongError(
            "bad-database-url",
            Text("DATABASE_URL 的写法不对。", "DATABASE_URL is not written as it must be."),
            Text(
                "请写成 postgres://用户:密码@主机:5432/库名，或 sqlite:////绝对/路径.sqlite3；不设则用内置的 SQLite。",
                "Write postgres://user:password@host:5432/name or sqlite:////absolute/path.sqlite3; unset means the embedded SQLite.",
            ),
        )
    try:
        port = parts.port
    except ValueError as caught:
        raise HutongError(
            "bad-database-url",
            Text("DATABASE_URL 的端口不是数。", "The port in DATABASE_URL is not a number."),
            Text("例如 postgres://…@主机:5432/库名。", "For example postgres://…@host:5432/name."),
        ) from caught
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _address(url: str) -> tuple[str, tuple[str, ...]]:
    if not url:
        return "", LOCAL_HOSTS
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/"):
        raise HutongError(
            "bad-url",
            Text(
                f"HUTONG_URL={url} 不是站点的 https 地址。",
                f"HUTONG_URL={url} is not the https address of a site.",
            ),
            Text(
                "例如 https://gengxin.example.cn；只在本机使用时不要设置。",
                "For example https://renewal.example.org; leave it unset on a machine of your own.",
            ),
        )
    return f"https://{parts.netloc}", (parts.hostname, *LOCAL_HOSTS)


def _secret_key(given: str, data: Path) -> str:
    if given:
        if len(given) < SHORTEST_KEY:
            raise HutongError(
                "weak-secret-key",
                Text("HUTONG_SECRET_KEY 太短。", "HUTONG_SECRET_KEY is too short."),
                Text(
                    f"至少 {SHORTEST_KEY} 个随机字符；不设则自动生成并存在数据文件夹里。",
                    f"Give at least {SHORTEST_KEY} random characters; unset, one is made and kept in the data folder.",
                ),
            )
        return given
    path = data / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
