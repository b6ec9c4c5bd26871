"""``hutong doctor``: what is wrong with an installation, and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hutong.errors import HutongError
from hutong.service.environment import Environment, read_environment
from hutong.text import Text

LEAST_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at."""

    ok: bool
    what: Text
    hint: Text = Text("", "")  # noqa: RUF009 (a Text cannot change)


def examine() -> Iterator[Examined]:
    """Look at settings, data folder, database, front end, and background work, in this order."""
    try:
        env = read_environment()
    except HutongError as caught:
        yield Examined(False, caught.what, caught.hint)
        return
    yield Examined(True, Text(f"数据文件夹 {env.data}", f"data folder {env.data}"))
    yield from _disk(env)
    yield _front_end()
    yield from _database(env)


def _disk(env: Environment) -> Iterator[Examined]:
    free = shutil.disk_usage(env.data).free / 1e9
    yield Examined(
        free >= LEAST_FREE_GB,
        Text(f"磁盘剩余 {free:.1f} GB", f"{free:.1f} GB of disk are free"),
        Text("请腾出空间或换一个 HUTONG_DATA。", "Free some, or move HUTONG_DATA."),
    )
    key = env.data / "secret.key"
    if key.exists():
        yield Examined(
            key.stat().st_mode & 0o077 == 0,
            Text("密钥文件只有本用户能读", "the secret key is readable by this user alone"),
            Text(f"请运行 chmod 600 {key}。", f"Run chmod 600 {key}."),
        )


def _front_end() -> Examined:
    from hutong.service.server import check_front_end

    return _tried(check_front_end, Text("前端组件齐全", "the front-end packages are there"))


def _database(env: Environment) -> Iterator[Examined]:
    from hutong.service.setup import ready

    ready()
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    name = "SQLite" if env.database["ENGINE"].endswith("sqlite3") else "PostgreSQL"
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as caught:
        yield Examined(
            False,
            Text(f"{name} 连不上：{caught}", f"{name} cannot be reached: {caught}"),
            Text("请检查 DATABASE_URL 和数据库服务。", "Check DATABASE_URL and the database server."),
        )
        return
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Examined(
        not behind,
        Text(f"{name} 可用，{len(behind)} 项迁移未做", f"{name} answers; {len(behind)} migrations are due"),
        Text("请运行 hutong serve，它会自动迁移。", "Run hutong serve: it migrates."),
    )
    if not behind:
        yield from _work()
        yield _ledger()


def _work() -> Iterator[Examined]:
    from hutong.service.jobs.models import Job
    from hutong.service.jobs.selectors import stuck

    count = stuck(Job.objects.all()).count()
    yield Examined(
        not count,
        Text(f"{count} 项后台任务卡住或失败", f"{count} jobs are stuck or failed"),
        Text(
            "请确认后台进程在运行，并在“后台任务”页重试。",
            "Check that a worker runs, and try them again on the page Jobs.",
        ),
    )


def _ledger() -> Examined:
    from hutong.service.ledger.selectors import faults, size

    found = list(faults())
    told = found[0] if found else None
    return Examined(
        told is None,
        Text(told.zh, told.en)
        if told is not None
        else Text(f"台账 {size()} 条全部核验无误", f"all {size()} entries of the ledger hold"),
        Text(
            "请停止写入，保留数据库副本，并告知审计人员。",
            "Stop writing, keep a copy of the database, and tell the auditor.",
        ),
    )


def _tried(check: Callable[[], None], what: Text) -> Examined:
    try:
        check()
    except HutongError as caught:
        return Examined(False, caught.what, caught.hint)
    return Examined(True, what)
