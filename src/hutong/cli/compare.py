"""``hutong compare`` and ``hutong trend``: what changed between snapshots, and where it leads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hutong.cli.console import guarded, language, out, print_json, say
from hutong.text import Text

app = typer.Typer(no_args_is_help=True, help=say("逐年比较快照。", "Compare snapshots year on year."))

Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]

_WORDS = {
    "better": Text("▲ 好转", "▲ better"),
    "worse": Text("▼ 变差", "▼ worse"),
    "same": Text("＝ 不变", "= same"),
    "unknown": Text("○ 无法判断", "○ unknown"),
}
_STYLES = {"better": "green", "worse": "red", "same": "", "unknown": "dim"}


@app.command(
    help=say(
        "前后两次快照：哪些好转、变差、不变，哪些无法判断。",
        "Two snapshots: what got better, worse or stayed, and what cannot be told.",
    )
)
@guarded
def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help=say("较早的快照", "the earlier snapshot"))],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help=say("较晚的快照", "the later snapshot"))],
    jurisdiction: Jurisdiction = "beijing",
    places: Annotated[
        bool, typer.Option("--places", help=say("列出小区和街区", "list estates and blocks as well"))
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare two snapshots by the rules of the later one."""
    from hutong.sense.compare import VERDICTS, tally_of
    from hutong.sense.compare import compare as compare_checks

    (_, first), (_, last) = _checked([before, after], jurisdiction)
    table = compare_checks(first, last)
    shown = table if places else table[table["scale"] == "quarter"]
    if as_json:
        print_json({"tally": tally_of(table), "rows": shown.to_dict("records")})
        return
    titles = {i.id: i.title for check in (first, last) for i in check.indicators}
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in (say("指标", "indicator"), say("地点", "place"), say("变化", "change"), say("说明", "why")):
        grid.add_column(name)
    zh = language() == "zh"
    for verdict in VERDICTS:
        for row in shown[shown["verdict"] == verdict].to_dict("records"):
            grid.add_row(
                titles[row["indicator"]].get(language()),
                row["place_name"],
                f"[{_STYLES[verdict]}]{_WORDS[verdict].get(language())}[/]"
                if _STYLES[verdict]
                else _WORDS[verdict].get(language()),
                row["reason_zh"] if zh else row["reason_en"],
            )
    out.print(grid)
    counts = tally_of(table)
    out.print("  ".join(f"{_WORDS[v].get(language())} {counts[v]}" for v in VERDICTS), markup=False)


@app.command(
    help=say(
        "三次以上快照：按现有趋势，三年内哪些将越过标准。",
        "Three or more snapshots: what will miss its standard within three years as things go.",
    )
)
@guarded
def trend(
    cities: Annotated[
        list[Path], typer.Argument(metavar="CITY...", help=say("按日期先后", "in order of time"))
    ],
    jurisdiction: Jurisdiction = "beijing",
    as_json: Json = False,
) -> None:
    """Warn of standards that will be missed."""
    from hutong.sense.trend import trends

    checks = _checked(cities, jurisdiction)
    table = trends(checks)
    if as_json:
        print_json(table.to_dict("records"))
        return
    titles = {i.id: i.title for i in checks[-1][1].indicators}
    warned = table[table["warning"]]
    for row in warned.to_dict("records"):
        reason = row["reason_zh"] if language() == "zh" else row["reason_en"]
        out.print(
            f"▲ {titles[row['indicator']].get(language())} — {row['place_name']}: {reason}", markup=False
        )
    out.print(
        say(
            f"{len(table)} 条趋势，{len(warned)} 条预警。",
            f"{len(table)} trends, {len(warned)} warnings.",
        )
    )


def _checked(paths: list[Path], jurisdiction: str) -> list:  # type: ignore[type-arg]
    """Return the day and the checkup of each snapshot, all by the rules of the last."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.sense import checkup

    cities = [City.load(path) for path in paths]
    rules = rules_for(cities[-1], Settings(jurisdiction=jurisdiction))
    return [(city.meta.date, checkup(city, rules)) for city in cities]
