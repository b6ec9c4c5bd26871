"""The commands. Each is thin: read, call one stage of the loop, show."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong import __version__
from hutong.cli import (
    access,
    act,
    act_contracts,
    agree,
    agree_council,
    agree_rolls,
    carbon,
    check,
    compare,
    evolve,
    learn,
    ledger,
    meters,
    money,
    plan,
    practice,
    profile,
    requests,
    rules,
    service,
    space,
    survey,
    titles,
)
from hutong.cli.console import cores, err, guarded, out, print_json, progress, say
from hutong.errors import HutongError
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.loop import Progress, Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say(
        "城市街区更新的开放平台：感知—决策—实施—反馈。",
        "The open platform on which a city quarter renews itself.",
    ),
)

for _part_of in (agree_council, agree_rolls):  # files of one group
    agree.app.add_typer(_part_of.app)
act.app.add_typer(act_contracts.app)
for _beside in (carbon, check, compare, practice, service):  # their commands stand beside these
    app.add_typer(_beside.app)
for _name, _part in (
    ("access", access),
    ("act", act),
    ("agree", agree),
    ("evolve", evolve),
    ("learn", learn),
    ("ledger", ledger),
    ("meters", meters),
    ("money", money),
    ("plan", plan),
    ("profile", profile),
    ("requests", requests),
    ("rules", rules),
    ("space", space),
    ("survey", survey),
    ("titles", titles),
):
    app.add_typer(_part.app, name=_name)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Runs = Annotated[int, typer.Option(min=2, max=100_000, help=say("每种情景的次数", "runs of each setting"))]
Months = Annotated[int, typer.Option(min=12, max=1200, help=say("推演月数", "months run forward"))]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        show_default=False,
        help=say(
            "线程数（默认全部核；不影响结果）", "threads (default: all cores; never changes the result)"
        ),
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False),
]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]

DEFAULT_DISTRICT = "110108"


def _version(show: bool) -> None:
    if show:
        out.print(f"hutong {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    _version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("版本", "version"))
    ] = False,
) -> None:
    pass


@app.command(
    help=say(
        "生成示例街区，走完整个闭环，写出报告。", "Make a quarter, run the whole loop, write the report."
    )
)
@guarded
def demo(
    folder: Annotated[Path, typer.Argument(help=say("输出文件夹", "output folder"))] = Path("hutong-demo"),
    dwellings: Annotated[int, typer.Option(min=300, max=20_000)] = 1200,
    seed: Seed = 1,
    runs: Runs = 100,
    months: Months = 120,
    threads: Threads = None,
    force: Force = False,
    serve: Annotated[
        bool, typer.Option("--serve", help=say("随后提供在线服务", "then serve the live site"))
    ] = False,
    port: service.Port = 8000,
) -> None:
    """Make a synthetic quarter and report on it."""
    from hutong.city import make_quarter
    from hutong.loop import Settings

    city_path, report_path = folder / "quarter", folder / "report.html"
    if serve:
        service.check_installed()
        os.environ.setdefault("HUTONG_DATA", str(folder / "site"))
        if report_path.exists() and not force:  # made before: only the site is wanted
            service.start("127.0.0.1", port, demo=True)
            return
    _refuse_existing(force, city_path, report_path)
    begun = time.monotonic()
    with progress() as step:
        step(0, 1, Text("正在生成街区", "Making the quarter"))
        city = make_quarter(dwellings=dwellings, seed=seed, name="quarter")
        settings = Settings(seed=seed, runs=runs, months=months, threads=threads or cores())
        page = _page(city, settings, step)
    folder.mkdir(parents=True, exist_ok=True)
    city.save(city_path, force=force)
    _write_report(report_path, page, force, begun)
    if serve:
        service.start("127.0.0.1", port, demo=True)


@app.command(
    help=say(
        "新建城市快照：来自 OSM 地图、自有数据或示例街区。",
        "Make a city folder from an OSM map, your own data or a synthetic quarter.",
    )
)
@guarded
def new(
    name: Annotated[Path, typer.Argument(metavar="NAME", help=say("要新建的文件夹", "folder to make"))],
    osm: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("OSM 文件（.osm 或 .pbf）", "OSM file (.osm or .pbf)")),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="MAPPING.toml", help=say("自有图层的对应表", "mapping of your own layers")
        ),
    ] = None,
    quarter: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=300,
            max=8_000_000,
            help=say("示例街区的住房套数", "synthetic quarter of N dwellings"),
        ),
    ] = None,
    district: Annotated[
        str, typer.Option(help=say("补全所用区划代码", "district code whose census fills gaps"))
    ] = DEFAULT_DISTRICT,
    title: Annotated[
        str | None, typer.Option(help=say("名称（页面上显示）", "title shown on the page"))
    ] = None,
    fill: Annotated[
        bool,
        typer.Option(
            "--fill/--no-fill",
            help=say(
                "用统计数据补全缺项（标为推算）", "fill gaps from published statistics (marked imputed)"
            ),
        ),
    ] = True,
    seed: Seed = 1,
    force: Force = False,
) -> None:
    """Make a snapshot and say what is in it."""
    from hutong.city import complete, make_quarter, read_mapping, read_osm
    from hutong.cli.show import show_info

    if sum(choice is not None for choice in (osm, mapping, quarter)) != 1:
        raise HutongError(
            "choose-one",
            Text(
                "请在 --osm、--map、--quarter 中选择一个。", "Give exactly one of --osm, --map and --quarter."
            ),
            Text("例如：hutong new cau --osm map.osm", "For example: hutong new cau --osm map.osm"),
        )
    _refuse_existing(force, name)
    with progress() as step:
        if osm is not None:
            step(0, 1, Text("正在读取地图", "Reading the map"))
            city = read_osm(osm, name=name.name)
        elif mapping is not None:
            step(0, 1, Text("正在读取图层", "Reading the layers"))
            city = read_mapping(mapping)
        else:
            step(0, 1, Text("正在生成街区", "Making the quarter"))
            city = make_quarter(dwellings=int(quarter or 0), seed=seed, name=name.name)
        if title is not None:
            city = replace(city, meta=replace(city.meta, title=Text(title, title)))
        if fill and quarter is None:
            step(0, 1, Text("正在补全缺项（标为推算）", "Filling gaps (marked imputed)"))
            city = complete(city, seed=seed, district=district)
        step(0, 1, Text("正在保存", "Saving"))
        city.save(name, force=force)
    show_info(city)
    out.print(say(f"已写入 {name}", f"Wrote {name}"), markup=False, soft_wrap=True)


@app.command(
    help=say("快照里有什么、有多少是实测。", "What a city folder holds and how much of it was observed.")
)
@guarded
def info(city: CityPath, as_json: Json = False) -> None:
    """Describe a snapshot."""
    from hutong.city import City
    from hutong.cli.show import info_data, show_info

    snapshot = City.load(city)
    if as_json:
        print_json(info_data(snapshot))
    else:
        show_info(snapshot)


@app.command(
    help=say("走完整个闭环，写出一份可打印的网页报告。", "Run the whole loop and write one printable page.")
)
@guarded
def report(
    city: CityPath,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help=say("输出文件（默认 CITY-report.html）", "output file (default CITY-report.html)"),
        ),
    ] = None,
    votes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("对观点的表态（CSV）", "votes on statements (CSV)")),
    ] = None,
    statements: Annotated[
        Path | None, typer.Option(metavar="FILE", help=say("观点（CSV）", "the statements (CSV)"))
    ] = None,
    votes_title: Annotated[
        str | None, typer.Option(help=say("这次讨论的名称", "name of the conversation"))
    ] = None,
    votes_source: Annotated[
        str, typer.Option(help=say("讨论数据的来源与署名", "source and attribution of the conversation"))
    ] = "",
    ballots: Annotated[
        Path | None, typer.Option(metavar="FILE", help=say("表决进展（CSV）", "votes of owners so far (CSV)"))
    ] = None,
    figures: check.Figures = None,
    before: check.Before = None,
    own: check.Own = None,
    experiment: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=say("实验结果 result.json（可多次）", "result.json of an experiment (repeatable)"),
        ),
    ] = None,
    runs: Runs = 100,
    months: Months = 120,
    budget: Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    threads: Threads = None,
    force: Force = False,
) -> None:
    """Write the report."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.report import counts_from_file, opinions_from_files
    from hutong.sense.city_scale import read_city_figures

    begun = time.monotonic()
    settings = Settings(
        jurisdiction=jurisdiction,
        seed=seed,
        budget=budget,
        runs=runs,
        months=months,
        threads=threads or cores(),
        own=own,
    )
    if (votes is None) != (statements is None):
        raise HutongError(
            "votes-and-statements",
            Text("--votes 与 --statements 要一起给出。", "--votes and --statements go together."),
            Text(
                "请给出两个文件（见 docs/report.md）。", "Give both files (docs/report.md has their columns)."
            ),
        )
    folder = city.resolve()
    target = to or Path(f"{folder.name}-report.html")
    _refuse_existing(force, target)
    with progress() as step:
        step(0, 1, Text("正在打开快照", "Opening the city"))
        snapshot = City.load(city)
        extras: dict[str, Any] = {"files": {}}
        if votes is not None and statements is not None:
            extras["opinions"] = opinions_from_files(
                votes, statements, seed, title=votes_title, source=votes_source
            )
        if ballots is not None:
            extras["counts"] = counts_from_file(ballots, snapshot, rules_for(snapshot, settings))
            extras["files"]["ballots"] = str(ballots)
        if figures is not None:
            extras["figures"] = read_city_figures(figures)
            extras["files"]["figures"] = str(figures)
        if experiment:
            from hutong.evolve.experiments import Experiment

            extras["experiments"] = [Experiment.from_json(path) for path in experiment]
            extras["files"]["experiment"] = [str(path) for path in experiment]
        if own is not None:
            extras["files"]["own"] = str(own)
        if before:
            extras["files"]["before"] = [str(path) for path in before]
        earlier = [City.load(path) for path in before or ()]
        page = _page(snapshot, settings, step, earlier, **extras)
    _write_report(target, page, force, begun)


def _refuse_existing(force: bool, *paths: Path) -> None:
    """Say that an output exists before any work is done for it."""
    from hutong.files import already_there

    for path in paths:
        if path.exists() and not force:
            raise already_there(path)


def _page(city: City, settings: Settings, step: Progress, earlier: Sequence[City] = (), **extras: Any) -> str:
    from hutong.loop import run_loop
    from hutong.report import render

    step(0, 1, Text("正在体检", "Checking the quarter"))
    loop = run_loop(city, settings, step, earlier)
    step(0, 1, Text("正在排版", "Setting the page"))
    return render(loop.city, loop.rules, loop.check, loop.plan, loop.ensemble, made_at=_now(), **extras)


def _now() -> dt.datetime:
    """Return the time shown on the page; ``SOURCE_DATE_EPOCH`` fixes it for reproducible files."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is not None and epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.now(dt.UTC)


def _write_report(path: Path, page: str, force: bool, begun: float) -> None:
    from hutong.files import write_text

    write_text(path, page, force=force)
    seconds = time.monotonic() - begun
    err.print(say(f"用时 {seconds:.0f} 秒", f"took {seconds:.0f} s"))
    out.print(
        say(f"报告已写入 {path}（用浏览器打开）", f"Report written to {path} (open it in a browser)"),
        markup=False,
        soft_wrap=True,
    )
