"""``hutong titles``: the title register, the cases that clear its gaps, and how far each place is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.console import err, guarded, language, out, print_json, say
from hutong.text import number, percent

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "产权台账：登记、待理清案件、各院落理清到何处。",
        "Titles: the register, cases that clear gaps, how far each place is.",
    ),
)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
To = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.csv", show_default=False, help=say("写出全部行", "write every row")),
]
Jurisdiction = Annotated[
    str, typer.Option(help=say("适用规则（名称或规则文件）", "whose rules hold (a name or a rule file)"))
]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
_SHOWN = 20


@app.command(
    help=say(
        "各院落（或楼栋、小区、街区、全片区）有多少住房产权已理清。",
        "How many homes of each courtyard (building, estate, block, the quarter) are cleared.",
    )
)
@guarded
def check(
    city: CityPath,
    level: Annotated[str, typer.Option(help="courtyard | building | estate | block | quarter")] = "courtyard",
    to: To = None,
    jurisdiction: Jurisdiction = "beijing",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Print the places where least is cleared first."""
    from hutong.city import City
    from hutong.cli.show_check import STATUS_STYLES, STATUS_WORDS
    from hutong.loop import Settings, rules_for
    from hutong.sense.title_register import title_checkup
    from hutong.sense.title_rule import gap_book

    snapshot = City.load(city)
    table = title_checkup(snapshot, rules_for(snapshot, Settings(jurisdiction=jurisdiction)), level)
    if _elsewhere(table, to, force, as_json):
        return
    if not len(table):
        out.print(say("这一层级没有地点。", "There is no place of this level."))
        return
    lang, book = language(), gap_book()
    grid = _grid(say("地点", "place"), say("状态", "status"), say("已理清", "cleared"), say("占比", "share"), say("登记实测", "observed"), say("缺什么（套）", "what is lacking (homes)"))  # fmt: skip
    shown = table.sort_values(["share", "homes"], ascending=[True, False], kind="stable")
    for row in shown.head(_SHOWN).to_dict("records"):
        lacking = [
            f"{book[name.removeprefix('gap_')].title.get(lang)} {row[name]}"
            for name in table
            if name.startswith("gap_") and row[name]
        ]
        grid.add_row(
            row["place_id"], f"[{STATUS_STYLES[row['status']]}]{STATUS_WORDS[row['status']].get(lang)}[/]",
            f"{row['cleared']}/{row['concerned']}", percent(row["share"], lang), percent(row["observed"], lang),
            say("；", "; ").join(lacking),
        )  # fmt: skip
    out.print(grid)
    _more(len(table))
    counts = table["status"].value_counts()
    out.print("  ".join(f"{STATUS_WORDS[s].get(lang)} {n}" for s, n in counts.items()), markup=False)
    out.print(
        say(
            "▲ 预警：已理清的不到签约生效所需的比例，签约无法达标，须先理清。",
            "▲ warn: fewer are cleared than must sign; signing cannot reach its share until titles are cleared.",
        )
    )


@app.command(
    help=say(
        "待理清案件：缺什么、需要哪些文件、谁来办。",
        "Cases: what is lacking, which papers clear it, who acts.",
    )
)
@guarded
def cases(city: CityPath, to: To = None, force: Force = False, as_json: Json = False) -> None:
    """Print the kinds of case with their number, and write each with --out."""
    from hutong.city import City
    from hutong.sense.title_register import title_cases

    table = title_cases(City.load(city))
    if _elsewhere(table, to, force, as_json):
        return
    lang = language()
    grid = _grid(
        say("案由", "gap"),
        say("件", "cases"),
        say("院落", "courtyards"),
        say("需要", "papers"),
        say("谁来办", "who acts"),
    )
    for (reason, papers, who), rows in table.groupby(
        [f"reason_{lang}", f"documents_{lang}", f"who_{lang}"], sort=False
    ):
        yards = rows.loc[rows["courtyard"], "building_id"].nunique()
        grid.add_row(reason, number(len(rows)), number(yards), papers, who)
    out.print(grid)
    out.print(
        say(
            f"{len(table)} 件，涉及 {table['dwelling_id'].nunique()} 套住房（--out 逐件写出）。",
            f"{len(table)} cases at {table['dwelling_id'].nunique()} homes (--out writes each).",
        )
    )


@app.command(help=say("产权台账逐条。", "The register, title by title."))
@guarded
def register(city: CityPath, to: To = None, force: Force = False, as_json: Json = False) -> None:
    """Print what the register holds by tenure, and write it with --out."""
    from hutong.city import City
    from hutong.sense.title_register import title_register

    table = title_register(City.load(city))
    if _elsewhere(table, to, force, as_json):
        return
    grid = _grid(
        say("产权类型", "tenure"),
        say("条", "rows"),
        say("在业主名册", "on the owners' roll"),
        say("在承租人名册", "on the lessees' roll"),
    )
    for tenure, rows in table.groupby("tenure", sort=True):
        grid.add_row(tenure or say("未知", "unknown"), number(len(rows)), number(int(rows["on_owners_roll"].sum())), number(int(rows["on_lessees_roll"].sum())))  # fmt: skip
    out.print(grid)


def _elsewhere(table: pd.DataFrame, to: Path | None, force: bool, as_json: bool) -> bool:
    """Write a table where it was asked for; whether it was printed as JSON."""
    from hutong.city.text_table import csv_text
    from hutong.files import write_text

    if to is not None:
        write_text(to, csv_text(table), force=force)
        err.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)
    if as_json:
        print_json(table.to_dict("records"))
    return as_json


def _more(rows: int) -> None:
    if rows > _SHOWN:
        out.print(say(f"… 另有 {rows - _SHOWN} 处（--out 全部写出）", f"… and {rows - _SHOWN} more (--out writes all)"))  # fmt: skip


def _grid(*heads: str):  # type: ignore[no-untyped-def]
    from hutong.cli.show import grid_of

    return grid_of(*((head, "left") for head in heads))
