"""``hutong space``: vacated and inefficient space, service gaps that it can fill, and what else it may become."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.console import err, guarded, language, out, print_json, say
from hutong.text import Text, number

if TYPE_CHECKING:
    import pandas as pd

    from hutong.city import City
    from hutong.rules import Rules

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "腾退与低效空间：台账、先补服务缺口、可作何用。",
        "Vacated and inefficient space: the register, service gaps first, possible uses.",
    ),
)

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Table = Annotated[
    Path | None,
    typer.Option(
        "--table",
        metavar="FILE",
        show_default=False,
        help=say(
            "空间台账（CSV 或 .xlsx）：产权、租期、状态、面积、缺陷",
            "what the office knows (CSV or .xlsx): holder, lease end, status, area, defects",
        ),
    ),
]
On = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        metavar="DATE",
        show_default=False,
        help=say("按哪一天判断租期（默认快照日期）", "day on which leases are judged (default: the snapshot's)"),
    ),
]  # fmt: skip
Jurisdiction = Annotated[
    str, typer.Option(help=say("适用规则（名称或规则文件）", "whose rules hold (a name or a rule file)"))
]
To = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.csv", show_default=False, help=say("写出全部行", "write every row")),
]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
#: What a state is called.
STATES = {
    "vacant": Text("空置", "vacant"), "lease_ended": Text("租约已到期", "lease ended"),
    "lease_ending": Text("租约将到期", "lease ends within a year"), "inefficient": Text("低效", "inefficient"),
    "in_use": Text("在用", "in use"), "unknown": Text("未知", "unknown"),
}  # fmt: skip


@app.command(help=say("空间台账。", "The register of vacated and inefficient space."))
@guarded
def register(
    city: CityPath,
    table: Table = None,
    on: On = None,
    to: To = None,
    jurisdiction: Jurisdiction = "beijing",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Print how much space of each kind and state there is, and write it all with --out."""
    from hutong.city.text_table import csv_text
    from hutong.cli.show import grid_of
    from hutong.files import write_text
    from hutong.rules.uses import use_book

    spaces, *_ = _spaces(city, table, on, jurisdiction)
    if to is not None:
        write_text(to, csv_text(spaces), force=force)
        err.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)
    if as_json:
        print_json(spaces.to_dict("records"))
        return
    grid = grid_of(
        (say("类别", "kind"), "left"), (say("状态", "status"), "left"), (say("处", "spaces"), "right"),
        (say("面积（m²）", "area (m²)"), "right"), (say("面积未知", "area unknown"), "right"),
    )  # fmt: skip
    for (kind, status), rows in spaces.groupby(["kind", "status"], sort=True):
        area = rows["floor_area_m2"]
        what = use_book().spaces[kind].get(language())
        grid.add_row(
            what,
            STATES[status].get(language()),
            number(len(rows)),
            number(area.sum()),
            number(int(area.isna().sum())),
        )
    out.print(grid)
    out.print(
        say(
            "没有人核查过的非住宅房屋记为未知，不等于空置。",
            "A building that nobody has looked at is unknown, which is not vacant.",
        )
    )


@app.command(help=say("服务缺口先用空置空间补上，其余可作何用。", "Service gaps first, then what else it may become."))  # fmt: skip
@guarded
def match(
    city: CityPath,
    table: Table = None,
    on: On = None,
    minutes: Annotated[float, typer.Option(min=1, max=60, help=say("步行分钟数", "minutes of walking"))] = 15,
    least: Annotated[
        int, typer.Option(min=1, help=say("不计更小的缺口（套）", "leave out gaps of fewer dwellings"))
    ] = 20,
    uses: Annotated[
        bool, typer.Option("--uses", help=say("列出其余空间可作何用", "list what the rest may become"))
    ] = False,
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Match gaps in services with free space."""
    from hutong.rules.uses import use_book
    from hutong.sense.gaps import access_gaps
    from hutong.sense.services import services
    from hutong.sense.space_match import gap_needs, match_gaps, possible_uses

    spaces, snapshot, rules = _spaces(city, table, on, jurisdiction)
    documented = {u.facility for u in use_book().uses.values()}
    known = [s for s in services().values() if s.kinds[0] in documented]
    found = [access_gaps(snapshot, rules, s, minutes, least_dwellings=least) for s in known]
    needs = gap_needs(found)
    matched = match_gaps(spaces, needs, rules).assign(
        place_zh=needs["place_zh"], place_en=needs["place_en"], dwellings=needs["dwellings"]
    )
    taken = matched.loc[matched["space_id"] != "", "space_id"]
    rest = possible_uses(spaces, rules, taken=taken) if uses else None
    if as_json:
        print_json(
            {
                "matched": matched.to_dict("records"),
                "unknown": {g.service: g.unknown for g in found if g.unknown is not None},
                **({} if rest is None else {"uses": rest.to_dict("records")}),
            }
        )
        return
    _show_matched(matched, found)
    if rest is not None:
        _show_uses(rest)


def _spaces(
    path: Path, table: Path | None, on: dt.datetime | None, jurisdiction: str
) -> tuple[pd.DataFrame, City, Rules]:
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.sense.space_table import read_spaces
    from hutong.sense.vacant_space import space_register

    snapshot = City.load(path)
    day = dt.date.fromisoformat(snapshot.meta.date) if on is None else on.date()
    told = None if table is None else read_spaces(table)
    return space_register(snapshot, day, told), snapshot, rules_for(snapshot, Settings(jurisdiction=jurisdiction))  # fmt: skip


def _show_matched(matched: pd.DataFrame, found: list[Any]) -> None:
    from hutong.sense.services import services

    lang = language()
    names = {s.kinds[0]: s.name.get(lang) for s in services().values()}
    for row in matched.sort_values("people", ascending=False, kind="stable").to_dict("records"):
        sign = "●" if row["space_id"] else "▲"
        who = say(
            f"{number(row['dwellings'])} 套、{number(row['people'])} 人", f"{number(row['dwellings'])} dwellings, {number(row['people'])} people"
        )  # fmt: skip
        line = f"{sign} {names[row['kind']]} — {row[f'place_{lang}']} ({who}): "
        line += f"{row['space_id']} — {row[f'reason_{lang}']}" if row["space_id"] else row[f"reason_{lang}"]
        if row[f"conditions_{lang}"]:
            line += say(f" 条件：{row[f'conditions_{lang}']}", f" On conditions: {row[f'conditions_{lang}']}")
        out.print(line, markup=False, soft_wrap=True)
    for gaps in found:
        if gaps.unknown is not None:
            out.print(
                f"○ {services()[gaps.service].name.get(lang)}: {gaps.unknown.get(lang)}",
                markup=False,
                soft_wrap=True,
            )
    served = int((matched["space_id"] != "").sum())
    out.print(
        say(
            f"{len(matched)} 处缺口，{served} 处可用腾退空间补上。",
            f"{served} of {len(matched)} gaps can be filled.",
        )
    )


def _show_uses(rest: pd.DataFrame) -> None:
    lang = language()
    out.print()
    for (use, verdict, conditions), rows in rest.groupby(
        [f"use_{lang}", "verdict", f"conditions_{lang}"], sort=False
    ):
        more = f" — {conditions}" if conditions else ""
        out.print(
            say(f"{use}：{verdict}，{len(rows)} 处{more}", f"{use}: {verdict}, {len(rows)} spaces{more}"),
            markup=False,
            soft_wrap=True,
        )
