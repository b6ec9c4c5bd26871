"""``hutong practice``: a practice site of its own, marked on every page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import err, guarded, progress, say
from hutong.cli.service import Host, Port, check_installed, told
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer()


@app.command(
    "practice",
    help=say(
        "提供练习站：虚构的街区，自己的数据库。",
        "Serve a practice site: a made-up quarter, a database of its own.",
    ),
)
@guarded
def practice(
    host: Host = "127.0.0.1",
    port: Port = 8001,
    data: Annotated[
        Path, typer.Option(help=say("练习站自己的数据文件夹", "the practice site's own data folder"))
    ] = Path("hutong-practice"),
    reset: Annotated[
        bool, typer.Option("--reset", help=say("先清空练习站", "empty the practice site first"))
    ] = False,
) -> None:
    """Prepare a practice site and serve it until stopped; it never touches another database."""
    check_installed()
    if reset:
        empty(data)
    os.environ.update({"HUTONG_DATA": str(data), "HUTONG_PRACTICE": "1"})
    os.environ.pop("DATABASE_URL", None)  # a real site's, perhaps
    from hutong.service.server import check_front_end, prepare, serve

    check_front_end()
    err.print(say("· 正在准备练习站", "· Preparing the practice site"))
    prepare()
    from hutong.service.practice.site import is_laid_out, lay_out

    if not is_laid_out():
        err.print(say("· 正在布置虚构的街区（一次）", "· Laying out the made-up quarter (once)"))
        with progress() as step:
            lay_out(step)
    serve(host, port, told)


def empty(folder: Path) -> None:
    """Remove the data of a practice site.

    Raises
    ------
    HutongError
        ``practice-folder`` if the folder is not one of a practice site.
    """
    from hutong.service.environment import PRACTICE_MARK

    if not folder.exists():
        return
    if not (folder / PRACTICE_MARK).is_file():
        raise HutongError(
            "practice-folder",
            Text(
                f"{folder} 不是练习站的数据，没有删除。",
                f"{folder} is not the data of a practice site; nothing was removed.",
            ),
            Text("请用 --data 指明练习站的文件夹。", "Name the practice site's folder with --data."),
        )
    shutil.rmtree(folder)
