"""``hutong serve``, ``hutong doctor`` and ``hutong service …``: the live service."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import err, guarded, language, out, progress, say
from hutong.errors import HutongError
from hutong.text import Text

app = typer.Typer()
admin = typer.Typer(no_args_is_help=True, help=say("在线服务的运维", "running the live service"))
app.add_typer(admin, name="service")

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
    run(host, port, told)


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


def told(address: str) -> None:
    """Say where a site is served."""
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


def _ready() -> None:
    check_installed()
    from hutong.service.server import prepare

    prepare()


@admin.command(help=say("把数据库升级到本版本。", "Bring the database to this version."))
@guarded
def migrate() -> None:
    """Migrate the database."""
    _ready()
    out.print(say("数据库已就绪。", "The database is ready."))


@admin.command(help=say("只运行网页进程（生产环境）。", "Run the web process alone (on a server)."))
@guarded
def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve pages without a worker beside."""
    check_installed()
    from hutong.service.server import check_front_end, serve_pages

    check_front_end()
    serve_pages(host, port, told)


@admin.command(help=say("只运行后台进程（生产环境）。", "Run a background worker alone (on a server)."))
@guarded
def worker() -> None:
    """Work until stopped."""
    check_installed()
    from hutong.service.worker import main

    main()


@admin.command(
    help=say("建立管理员账号，密码只显示一次。", "Make an administrator; the password is shown once.")
)
@guarded
def administrator(
    name: Annotated[str, typer.Argument(help=say("用户名", "user name"))],
    code: Annotated[
        str, typer.Argument(help=say("城市编码，如 beijing", "code of the city, such as beijing"))
    ],
    zh: Annotated[str, typer.Argument(help=say("城市中文名", "name of the city in Chinese"))],
    en: Annotated[str, typer.Argument(help=say("城市英文名", "name of the city in English"))],
) -> None:
    """Make the city's place and an account that administers it."""
    _ready()
    from hutong.service.accounts.services import make_administrator
    from hutong.service.demo import new_password
    from hutong.service.places.services import NewPlace, make_place

    password = new_password()
    make_administrator(name, password, make_place(None, NewPlace("city", code, Text(zh, en))))
    out.print(f"{name}  {password}", markup=False)


@admin.command("place", help=say("在上级地点下建立地点。", "Make a place under another."))
@guarded
def make_place_(
    parent: Annotated[
        str, typer.Argument(help=say("上级路径，如 /demo/", "path of the one above, such as /demo/"))
    ],
    kind: Annotated[str, typer.Argument(help="district | subdistrict | quarter")],
    code: Annotated[str, typer.Argument(help=say("编码", "code"))],
    zh: Annotated[str, typer.Argument(help=say("中文名", "name in Chinese"))],
    en: Annotated[str, typer.Argument(help=say("英文名", "name in English"))],
) -> None:
    """Make a district, subdistrict or quarter."""
    _ready()
    from hutong.service.places.selectors import at
    from hutong.service.places.services import NewPlace, make_place

    out.print(make_place(at(parent), NewPlace(kind, code, Text(zh, en))).path, markup=False)


@admin.command(
    "units",
    help=say(
        "导入承办单位表（code、name_zh、name_en、place、people）。",
        "Take in a table of units (code, name_zh, name_en, place, people).",
    ),
)
@guarded
def units_(
    table: Annotated[Path, typer.Argument(metavar="FILE", help=say("CSV 或 xlsx 文件", "CSV or .xlsx file"))],
    place: Annotated[
        str,
        typer.Option(
            help=say("没有写明 place 的行属于哪里（路径）", "path of where rows without a place serve")
        ),
    ],
) -> None:
    """Make or rename the units of a table, all or none."""
    _ready()
    from hutong.service.places.selectors import at
    from hutong.service.requests.units.reading import take_units

    n = take_units(table, at(place), None)
    out.print(say(f"已导入 {n} 个单位。", f"{n} units were taken in."), markup=False)


@admin.command(
    "dispatch",
    help=say(
        "导入派单目录（category、place、unit、helpers、from、until）。",
        "Take in a dispatch catalogue (category, place, unit, helpers, from, until).",
    ),
)
@guarded
def dispatch_(
    table: Annotated[Path, typer.Argument(metavar="FILE", help=say("CSV 或 xlsx 文件", "CSV or .xlsx file"))],
    place: Annotated[
        str,
        typer.Option(
            help=say("没有写明 place 的行属于哪里（路径）", "path of where rows without a place hold")
        ),
    ],
) -> None:
    """Take in the rows of a dispatch catalogue, all or none."""
    _ready()
    from hutong.service.places.selectors import at
    from hutong.service.requests.units.reading import take_dispatch

    n = take_dispatch(table, at(place), None)
    out.print(say(f"已导入 {n} 行。", f"{n} rows were taken in."), markup=False)


@admin.command("import", help=say("导入城市快照文件夹。", "Import a city folder."))
@guarded
def import_(
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    quarter: Annotated[str, typer.Option(help=say("片区路径", "path of the quarter"))],
) -> None:
    """Import a city folder of any size."""
    _ready()
    from hutong.service.places.selectors import at
    from hutong.service.twin.selectors import title_doubt
    from hutong.service.twin.services import import_city

    with progress() as step:
        snapshot = import_city(city, at(quarter), None, step)
    out.print(say(f"已导入：/twin/{snapshot.pk}", f"Imported: /twin/{snapshot.pk}"), markup=False)
    for said in title_doubt(snapshot) or ():
        err.print(said.get(language()), markup=False)


@admin.command(
    "search",
    help=say("重建搜索索引（升级后运行一次）。", "Make the search index anew (once after an upgrade)."),
)
@guarded
def search_() -> None:
    """Make the index of search anew from everything that can be found."""
    _ready()
    from hutong.service.search.services import rebuild

    count = rebuild()
    out.print(say(f"可搜索 {count} 项。", f"{count} things can be found."), markup=False)


@admin.command(
    "open-data",
    help=say("制作某一天的开放数据，或重做并比较。", "Make a day's open data, or make it again and compare."),
)
@guarded
def open_data_(
    city: Annotated[str, typer.Argument(help=say("城市路径，如 /demo/", "path of the city, such as /demo/"))],
    date: Annotated[
        str, typer.Option(help=say("截至哪一天（YYYY-MM-DD）", "as of the end of which day (YYYY-MM-DD)"))
    ],
    check: Annotated[
        bool, typer.Option("--check", help=say("重做已有的一版并比较", "make an edition again and compare"))
    ] = False,
) -> None:
    """Make an edition of a city's open data; or make one again and name the files that differ."""
    _ready()
    from hutong.service.open_data import selectors, services
    from hutong.service.places.selectors import at

    place, day = at(city), _day(date)
    if not check:
        made = services.make(place, day)
        out.print(say(f"{made.files.count()} 个文件：{made.folder}", f"{made.files.count()} files: {made.folder}"), markup=False)  # fmt: skip
        return
    found = selectors.edition_on(place, day)
    if found is None:
        raise HutongError(
            "no-edition",
            Text(f"没有 {day} 的版本。", f"There is no edition of {day}."),
            Text("先不带 --check 制作。", "Make it first, without --check."),
        )
    differ = services.differences(found)
    if not differ:
        out.print(say("逐字节相同。", "The same, byte for byte."))
        return
    for name in differ:
        out.print(f"■ {name}", markup=False)
    raise typer.Exit(1)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as caught:
        raise HutongError(
            "bad-date",
            Text(f"{text} 不是日期。", f"{text} is no date."),
            Text("请写成 YYYY-MM-DD。", "Write it as YYYY-MM-DD."),
        ) from caught
