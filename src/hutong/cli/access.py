"""``hutong access``: who walks to what, where the gaps are, and what a site would mend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.rules import Rules
    from hutong.sense.services import Service

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "步行可达：生活圈覆盖、缺口位置与建议选址。",
        "Walking access: circles, located gaps, suggested sites.",
    ),
)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
WHO = {
    "residents": Text("居民", "residents"),
    "elders": Text("老年人", "older people"),
    "children": Text("儿童", "children"),
}


@app.command(help=say("5、10、15 分钟生活圈的覆盖率。", "Coverage of the 5-, 10- and 15-minute circles."))
@guarded
def circles(city: CityPath, jurisdiction: Jurisdiction = "beijing", as_json: Json = False) -> None:
    """Print one row per service and walker: coverage of three circles, the median walk, how many are in reach."""
    from rich.table import Table

    from hutong.sense.circles import MINUTES
    from hutong.sense.circles import circles as count
    from hutong.sense.services import services
    from hutong.text import number, percent

    table = count(*_read(city, jurisdiction))
    if as_json:
        print_json(table.to_dict("records"))
        return
    lang = language()
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for head in (
        say("服务", "service"),
        say("人群", "who"),
        *(say(f"{m} 分钟", f"{m} min") for m in MINUTES),
    ):
        grid.add_column(head)
    grid.add_column(say("距离中位数（米）", "median walk (m)"), justify="right")
    for (service, who), rows in table.groupby(["service", "who"], sort=False):
        first = rows.iloc[0]
        if first["status"] == "unknown":
            shown = [say(f"未知：{first['reason_zh']}", f"unknown: {first['reason_en']}"), "", "", ""]
        else:
            far = first["nearest_m"]
            middle = say("更远", "farther") if far == float("inf") else number(far, lang)
            shown = [*(percent(share, lang) for share in rows["coverage"]), middle]
        grid.add_row(services()[service].name.get(lang), WHO[who].get(lang), *shown)
    out.print(grid)


@app.command(
    help=say(
        "按容量的可达性（E2SFCA）：每千人分得多少。",
        "Capacity-aware access (E2SFCA): places per 1,000 people.",
    )
)
@guarded
def capacity(
    city: CityPath,
    service: Annotated[
        list[str] | None,
        typer.Option(help=say("服务（可重复；默认全部）", "service (may be repeated; default: all)")),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE.csv", show_default=False, help=say("逐栋写出", "write each building")
        ),
    ] = None,
    jurisdiction: Jurisdiction = "beijing",
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
    as_json: Json = False,
) -> None:
    """Print how places are shared by those who can walk to them: the least, middle and most over people."""
    from hutong.city.text_table import csv_text
    from hutong.cli.show import grid_of
    from hutong.files import write_text
    from hutong.sense.e2sfca import capacity_summary
    from hutong.sense.services import services
    from hutong.text import number, percent

    snapshot, rules = _read(city, jurisdiction)
    table, each = capacity_summary(snapshot, rules, _services(service))
    if to is not None:
        write_text(to, csv_text(each, index=True), force=force)
    if as_json:
        print_json(table.to_dict("records"))
        return
    lang = language()
    grid = grid_of(
        (say("服务", "service"), "left"), (say("人群", "who"), "left"), (say("一成的人少于", "a tenth have under"), "right"),
        (say("中位数（个/千人）", "median (per 1,000)"), "right"), (say("一成的人多于", "a tenth have over"), "right"),
        (say("走不到的人", "reach none"), "right"), (say("未知的人", "unknown"), "right"),
    )  # fmt: skip
    unknown: list[str] = []
    for row in table.to_dict("records"):
        name = (services()[row["service"]].name.get(lang), WHO[row["who"]].get(lang))
        if row["reason_en"]:
            unknown.append(f"○ {name[0]}: {row[f'reason_{lang}']}")
            continue
        shown = (number(row[c], lang, 1) for c in ("low", "median", "high"))
        grid.add_row(*name, *shown, percent(row["none"], lang), percent(row["unknown"], lang))
    out.print(grid)
    for line in unknown:
        out.print(line, markup=False, soft_wrap=True)
    out.print(
        say(
            "三圈权重取自 Luo 和 Qi（2009）的驾车研究，用于步行是假设。",
            "The weights of the three zones come from drives (Luo and Qi 2009); for walks they are an assumption.",
        )
    )


@app.command(
    help=say(
        "没有某类设施的住房在哪里，设在哪里最好。",
        "Which homes lack a service, and where one would serve most.",
    )
)
@guarded
def gaps(
    city: CityPath,
    service: Annotated[
        list[str] | None,
        typer.Option(help=say("服务（可重复；默认全部）", "service (may be repeated; default: all)")),
    ] = None,
    minutes: Annotated[float, typer.Option(min=1, max=60, help=say("步行分钟数", "minutes of walking"))] = 15,
    idle: Annotated[
        list[str] | None,
        typer.Option(help=say("可利用的闲置建筑编号（可重复）", "id of an idle building (may be repeated)")),
    ] = None,
    sites: Annotated[int, typer.Option(min=1, max=20, help=say("每处缺口建议几个选址", "sites per gap"))] = 1,
    least: Annotated[
        int, typer.Option(min=1, help=say("不列出更小的缺口（套）", "leave out gaps of fewer dwellings"))
    ] = 1,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Print the gaps of each service, most dwellings first."""
    from dataclasses import asdict

    from hutong.sense.gaps import access_gaps

    snapshot, rules = _read(city, jurisdiction)
    buildings = list(idle or ())
    known = set(snapshot["buildings"]["building_id"])
    if strange := [b for b in buildings if b not in known]:
        raise HutongError(
            "unknown-building",
            Text(f"没有编号为 {'、'.join(strange)} 的建筑。", f"There is no building {', '.join(strange)}."),
            Text("请核对 --idle 中的编号。", "Check the ids given by --idle."),
        )
    found = [
        access_gaps(snapshot, rules, one, minutes, idle=buildings, most_sites=sites, least_dwellings=least)
        for one in _services(service)
    ]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    _show_gaps(found)


@app.command(
    help=say(
        "步行障碍：台阶、断头路网、远离道路。", "Barriers on foot: steps, cut-off streets, missing paths."
    )
)
@guarded
def barriers(city: CityPath, jurisdiction: Jurisdiction = "beijing", as_json: Json = False) -> None:
    """Print what stands between homes and services, and what the map cannot show."""
    from dataclasses import asdict

    from hutong.sense.barriers import barriers as find

    found, notes = find(*_read(city, jurisdiction))
    if as_json:
        print_json({"barriers": [asdict(one) for one in found], "notes": list(notes)})
        return
    for text in (*(one.text for one in found), *notes):
        out.print(f"· {text.get(language())}", markup=False, soft_wrap=True)
    if not found:
        out.print(say("没有发现步行障碍。", "No barriers were found."))


def _show_gaps(found: list[Any]) -> None:
    from hutong.sense.services import services

    lang = language()
    for one in found:
        name = services()[one.service].name.get(lang)
        if one.unknown is not None:
            out.print(f"○ {name}: {one.unknown.get(lang)}", markup=False, soft_wrap=True)
        elif not one.gaps:
            out.print(say(f"● {name}：没有缺口", f"● {name}: no gaps"), markup=False)
        for gap in one.gaps:
            out.print(f"▲ {gap.text.get(lang)}", markup=False, soft_wrap=True)
            for site in (*gap.sites, *gap.reuse):
                kind = (
                    say("街道节点", "street node")
                    if site.kind == "node"
                    else say("闲置建筑", "idle building")
                )
                walk = say(f"平均步行 {site.mean_walk_m:.0f} 米", f"mean walk {site.mean_walk_m:.0f} m")
                served = say(f"{site.dwellings} 套", f"{site.dwellings} dwellings")
                line = f"    {kind} {site.id} ({site.x:.0f}, {site.y:.0f}): {served}, {walk}"
                out.print(line, markup=False, soft_wrap=True)


def _services(names: list[str] | None) -> list[Service]:
    from hutong.sense.services import services

    known = services()
    if strange := [name for name in names or () if name not in known]:
        raise HutongError(
            "unknown-service",
            Text(f"没有名为 {'、'.join(strange)} 的服务。", f"There is no service {', '.join(strange)}."),
            Text(f"可用：{'、'.join(known)}。", f"Use one of: {', '.join(known)}."),
        )
    return [known[name] for name in names or known]


def _read(path: Path, jurisdiction: str) -> tuple[City, Rules]:
    from hutong.city import City
    from hutong.loop import Settings, rules_for

    snapshot = City.load(path)
    return snapshot, rules_for(snapshot, Settings(jurisdiction=jurisdiction))
