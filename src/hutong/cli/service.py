"""``hutong serve`` and ``hutong doctor``: the live service."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from hutong.cli.console import err, guarded, out, progress, say
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer()

Host = Annotated[str, typer.Option(help=say("监听的地址", "address to listen on"))]
Port = Annotated[int, typer.Option(min=1, max=65535, help=say("端口", "port"))]


def check_installed() -> None:
    """Raise ``service-not-installed`` if the live service's packages are missing."""
    if find_spec("django") is None or find_spec("allauth") is None:
        raise HutongError(
            "service-not-installed",
            Text("没有安装在线服务所需的组件。", "What the live service needs is not installed."),
            Text("请运行 pip install 'hutong[service]'。", "Run pip install 'hutong[service]'."),
        )


@app.command(help=say("在本机提供在线服务。", "Serve the live site on this machine."))
@guarded
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo/--no-demo", help=say("空站点装入示例街区", "load the demo quarter into an empty site")
        ),
    ] = True,
) -> None:
    """Prepare the site and serve it until stopped."""
    start(host, port, demo)


def start(host: str, port: int, demo: bool) -> None:
    """Migrate, load the demo if the site is empty, and serve."""
    check_installed()
    from hutong.service.server import check_front_end, prepare
    from hutong.service.server import serve as run

    check_front_end()
    err.print(say("· 正在准备数据库", "· Preparing the database"))
    prepare()
    if demo:
        _demo()
    run(host, port, _told)


def _demo() -> None:
    from hutong.service.demo import is_empty, load_demo

    if not is_empty():
        return
    err.print(say("· 正在装入示例街区（一次）", "· Loading the demo quarter (once)"))
    with progress() as step:
        passwords = load_demo(step)
    out.print(say("\n示例账号的密码只显示这一次：", "\nPasswords of the demo accounts, shown this once:"))
    for name, (title, password) in passwords.items():
        out.print(f"  {name:<12} {password}   {say(title.zh, title.en)}", markup=False)


def _told(address: str) -> None:
    out.print(
        say(f"\n服务地址 {address}（Ctrl-C 停止）", f"\nServing on {address} (Ctrl-C stops)"), markup=False
    )


@app.command(
    help=say(
        "检查在线服务的安装，说明问题所在。", "Say what is wrong with an installation of the live service."
    )
)
@guarded
def doctor() -> None:
    """Check an installation and say what to mend."""
    check_installed()
    from hutong.service.doctor import examine

    failed = 0
    for finding in examine():
        failed += not finding.ok
        sign = "[green]●[/]" if finding.ok else "[red]■[/]"
        out.print(f"{sign} {say(finding.what.zh, finding.what.en)}", soft_wrap=True)
        if not finding.ok:
            out.print(f"  {say(finding.hint.zh, finding.hint.en)}", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(2)
