"""How commands speak: the language, errors without tracebacks, progress, tables and JSON."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from typer.core import TyperGroup

from hutong.errors import HutongError
from hutong.text import Lang, Text

P = ParamSpec("P")
R = TypeVar("R")

#: Exit codes: what the user can mend, what is a fault of ours, and a stop by Ctrl-C.
EXIT_USER, EXIT_BUG, EXIT_STOPPED = 2, 70, 130

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def language() -> Lang:
    """Return the language of messages: ``HUTONG_LANG``, else the locale, else English."""
    for name in ("HUTONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def group_with(default: str) -> type[TyperGroup]:
    """Return a kind of group in which the name of the ``default`` command may be left out."""

    class Group(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
                args = [default, *args]
            return list(super().parse_args(ctx, args))

    return Group


def say(zh: str, en: str) -> str:
    """Return the sentence in the language of the user."""
    return Text(zh, en).get(language())


#: Which command lists what may stand where an error found something else.
LISTED_BY = {
    "bad-scheme": Text("hutong plan measures 列出全部措施和供选条件。", "hutong plan measures lists all measures and offers."),
    "unknown-object": Text("hutong plan --json 列出全部对象。", "hutong plan --json lists all objects."),
}  # fmt: skip


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn errors into one sentence and an exit code; a traceback only with ``HUTONG_DEBUG=1``."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except HutongError as caught:
            err.print(f"[red]✗[/] {escape(caught.render(language()))}", soft_wrap=True)
            if caught.code in LISTED_BY:
                err.print(escape(LISTED_BY[caught.code].get(language())), soft_wrap=True)
            raise typer.Exit(EXIT_USER) from None
        except KeyboardInterrupt:
            err.print(say("已停止；没有写入任何内容。", "Stopped; nothing was written."))
            raise typer.Exit(EXIT_STOPPED) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as caught:
            if os.environ.get("HUTONG_DEBUG"):
                raise
            err.print(
                say(
                    f"程序内部错误（{type(caught).__name__}：{caught}）。请加 HUTONG_DEBUG=1 重新运行，并把输出告诉开发者。",
                    f"A fault inside Hutong ({type(caught).__name__}: {caught}). Run again with HUTONG_DEBUG=1 and send the output to the developers.",
                ),
                markup=False,
                soft_wrap=True,
            )
            raise typer.Exit(EXIT_BUG) from None

    return run


@contextmanager
def progress() -> Iterator[Callable[[int, int, Text], None]]:
    """Show what is being done on stderr, with time left; on a plain stream, one line per step."""
    lang = language()
    if not err.is_terminal:
        seen: set[str] = set()

        def line(_done: int, _total: int, what: Text) -> None:
            if what.en not in seen:
                seen.add(what.en)
                err.print(f"· {what.get(lang)}", markup=False)

        yield line
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bar:
        tasks: dict[str, Any] = {}

        def step(done: int, total: int, what: Text) -> None:
            if what.en not in tasks:
                for task in tasks.values():
                    bar.update(task, completed=bar.tasks[task].total)
                tasks[what.en] = bar.add_task(what.get(lang), total=max(total, 1))
            bar.update(tasks[what.en], completed=done, total=max(total, 1))

        yield step
        for task in tasks.values():
            bar.update(task, completed=bar.tasks[task].total)


def as_text(value: Any) -> str:
    """Return JSON for a script: unknown numbers are null, never NaN."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def print_json(value: Any) -> None:
    """Write JSON for a script to stdout."""
    sys.stdout.write(as_text(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)
