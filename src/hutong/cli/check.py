"""``hutong check``: the city health check, with its past, the 61 of the nation, and what mends each finding."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.console import err, guarded, print_json, say

app = typer.Typer()

Before = Annotated[
    list[Path] | None,
    typer.Option(
        "--before",
        metavar="CITY",
        show_default=False,
        help=say(
            "较早的快照，按日期先后，可多次（至少两个）：问题按趋势加权",
            "an earlier snapshot, in order of time, repeatable (two at least): findings are weighed by trend",
        ),
    ),
]
Own = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.yaml", show_default=False, help=say("城市自己的指标", "a city's own indicators")
    ),
]
Figures = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help=say("城市尺度指标表", "figures of the whole city (CSV or .xlsx)"),
    ),
]


@app.command(help=say("城市体检：指标、状态、问题。", "The city health check: indicators, status, findings."))
@guarded
def check(
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    before: Before = None,
    measures: Annotated[
        bool,
        typer.Option(
            "--measures",
            help=say("列出能解决各问题的措施", "list the measures that mend each finding, and why"),
        ),
    ] = False,
    national: Annotated[
        bool, typer.Option("--national", help=say("列出全国体检 61 项", "list the 61 of the national check"))
    ] = False,
    figures: Figures = None,
    own: Own = None,
    metrics: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            show_default=False,
            help=say("把全部数值写成 JSON", "write every figure as JSON"),
        ),
    ] = None,
    jurisdiction: Annotated[
        str, typer.Option(help=say("适用规则（名称或规则文件）", "whose rules hold (a name or a rule file)"))
    ] = "beijing",
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Check a snapshot."""
    from hutong.city import City
    from hutong.cli.console import as_text
    from hutong.cli.show_check import check_data, show_check, show_national
    from hutong.files import already_there, write_text
    from hutong.loop import Settings, rules_for
    from hutong.plan import load_measures, mend
    from hutong.sense import checkup_over
    from hutong.sense.city_scale import read_city_figures
    from hutong.sense.metrics import metrics as all_metrics
    from hutong.sense.national import national_table

    if metrics is not None and metrics.exists() and not force:
        raise already_there(metrics)
    snapshots = [City.load(path) for path in [*(before or ()), city]]
    snapshot = snapshots[-1]
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    result = checkup_over(snapshots, rules, own)
    given = None if figures is None else read_city_figures(figures).national
    if metrics is not None:
        write_text(metrics, as_text(all_metrics(snapshot, result, given)), force=force)
        err.print(say(f"已写入 {metrics}", f"Wrote {metrics}"), markup=False, soft_wrap=True)
    table = national_table(result, given)
    mends = mend(result, load_measures(), snapshot, rules) if measures else ()
    if as_json:
        print_json({**check_data(result, mends), "national": table.to_dict("records")})
    elif national:
        show_national(table)
    else:
        show_check(snapshot, result, mends)
