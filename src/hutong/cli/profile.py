"""``hutong profile``: estates by theme, how evenly outcomes are shared, and where problems cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.console import guarded, language, out, print_json, say

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.sense import Checkup

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "小区画像：分项得分、排名、协调度、短板、均衡与聚集。",
        "Profiles of estates: themes, rank, step, obstacles, equity, clusters.",
    ),
)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Scale = Annotated[str, typer.Option(help=say("estate 小区 / block 街区", "estate or block"))]


@app.command(
    help=say("各小区的得分、排名、协调度和短板。", "Scores, rank, step and obstacles of each estate.")
)
@guarded
def estates(
    city: CityPath,
    weights: Annotated[
        str, typer.Option(help=say("equal 等权 / entropy 熵权", "equal or entropy"))
    ] = "equal",
    scale: Scale = "estate",
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Print a profile per estate, the best first, those without a rank last."""
    from hutong.sense.profile import profile

    snapshot, check = _check(city, jurisdiction)
    table = profile(check, snapshot, weights, scale).sort_values("rank", kind="stable")
    if as_json:
        print_json({"places": table.reset_index().to_dict("records"), **table.attrs})
        return
    for text in table["text"]:
        out.print(f"· {text.get(language())}", markup=False, soft_wrap=True)
    out.print(table.attrs["normalisation"].get(language()), markup=False, soft_wrap=True)


@app.command(help=say("各方面在居民之间是否均衡。", "How evenly each theme is shared among residents."))
@guarded
def equity(city: CityPath, jurisdiction: Jurisdiction = "beijing", as_json: Json = False) -> None:
    """Print mean, worst-off decile, Gini and Theil (within and between kinds of estate) per theme."""
    from rich.table import Table

    from hutong.sense.equity import equity_table
    from hutong.sense.profile import profile, themes
    from hutong.text import number

    snapshot, check = _check(city, jurisdiction)
    table = profile(check, snapshot)
    kinds = snapshot["estates"].set_index("estate_id")["kind"].astype(object).reindex(table.index)
    found = equity_table(table[list(themes())], table["residents"], kinds)
    if as_json:
        print_json(found.to_dict("index"))
        return
    grid = Table(box=None, header_style="bold", pad_edge=False)
    heads = (("方面", "theme"), ("平均", "mean"), ("最差的一成", "worst-off tenth"), ("基尼", "Gini"), ("泰尔", "Theil"),
             ("组内", "within"), ("组间", "between"))  # fmt: skip
    for zh, en in heads:
        grid.add_column(say(zh, en))
    for name, row in found.iterrows():
        grid.add_row(themes()[str(name)].title.get(language()), *(number(x, language(), 3) for x in row))
    out.print(grid)


@app.command(help=say("某项指标的短板是否集中连片。", "Whether an indicator's shortfalls cluster in space."))
@guarded
def clusters(
    city: CityPath,
    indicator: Annotated[
        str, typer.Argument(metavar="INDICATOR", help=say("指标编号", "id of an indicator"))
    ],
    scale: Scale = "estate",
    seed: Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))] = 1,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Print Moran's I of an indicator's scores, and the places that cluster."""
    from dataclasses import asdict

    from hutong.sense.clusters import clustering

    snapshot, check = _check(city, jurisdiction)
    found = clustering(check, snapshot, indicator, scale, seed=seed)
    if as_json:
        whole = None if found.whole is None else asdict(found.whole)
        print_json({"text": found.text, "moran": whole, "places": found.places.to_dict("records")})
        return
    out.print(found.text.get(language()), markup=False, soft_wrap=True)


def _check(path: Path, jurisdiction: str) -> tuple[City, Checkup]:
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.sense import checkup

    snapshot = City.load(path)
    return snapshot, checkup(snapshot, rules_for(snapshot, Settings(jurisdiction=jurisdiction)))
