"""``hutong meters``: series of meters and sensors — read and checked, alerts, and the measured beside the estimated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hutong.cli.console import err, guarded, language, out, print_json, say
from hutong.errors import HutongError
from hutong.text import Text, number

if TYPE_CHECKING:
    import pandas as pd

    from hutong.sense.measurements import Measurements

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "计量与传感：读入校验、预警、实测对照估算。",
        "Meters and sensors: read and checked, alerts, measured beside estimated.",
    ),
)

FilePath = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=say("读数（CSV，或上报格式的 .json）", "readings (CSV, or .json as pushed)")
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        show_default=False,
        help=say("未注明时区的时间按此时区", "zone of times that state none, such as Asia/Shanghai"),
    ),
]
Clock = Annotated[str, typer.Option(help=say("按哪里的钟分日", "on whose clock days begin"))]
Units = Annotated[
    list[str] | None,
    typer.Option(
        "--unit",
        metavar="QUANTITY=UNIT",
        show_default=False,
        help=say("文件没有单位时注明，可多次", "unit where the file has none; repeatable"),
    ),
]
LeaveOut = Annotated[
    bool,
    typer.Option("--leave-out-broken", help=say("略去不合格的行", "leave broken rows out, and list them")),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE.csv", show_default=False, help=say("写出校验后的读数", "write what was read")
    ),
]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]


@app.command(
    help=say("读入并校验：单位、缺口、重复、时区。", "Read and check: units, gaps, repeats, time zones.")
)
@guarded
def read(
    file: FilePath,
    zone: Zone = None,
    unit: Units = None,
    leave_out_broken: LeaveOut = False,
    to: To = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Print each series with its step and its gaps."""
    _told(_read(file, zone, unit, leave_out_broken), to, force, as_json)


@app.command(
    help=say(
        "从 OGC SensorThings 服务取数并校验。", "Fetch readings from an OGC SensorThings service, and check."
    )
)
@guarded
def pull(
    url: Annotated[
        str, typer.Argument(metavar="URL", help=say("服务根地址", "root of the service (…/v1.1)"))
    ],
    quantity: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=QUANTITY",
            show_default=False,
            help=say("对方名称对应的测量项，可多次", "what a name of theirs measures; repeatable"),
        ),
    ] = None,
    leave_out_broken: LeaveOut = False,
    to: To = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Print what a service holds, and write it with --out."""
    from hutong.sense.measurement_feed import pull as fetch

    found = fetch(url, quantities=_pairs(quantity, "--quantity"), leave_out_broken=leave_out_broken)
    _told(found, to, force, as_json)


@app.command(
    help=say(
        "预警：越限（含滞回与持续时间）与失联。",
        "Alerts: limits passed (hysteresis, duration) and sensors gone silent.",
    )
)
@guarded
def alerts(
    file: FilePath,
    zone: Zone = None,
    unit: Units = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            show_default=False,
            help=say(
                "截至何时（判断失联），如 2026-01-02T08:00+08:00", "as of when, to tell who has gone silent"
            ),
        ),
    ] = None,
    clock: Clock = "Asia/Shanghai",
    leave_out_broken: LeaveOut = False,
    as_json: Json = False,
) -> None:
    """Print what happened, in order of time."""
    from hutong.sense.measurements import quantities
    from hutong.sense.series_alerts import alert_rules, all_alerts

    found = _read(file, zone, unit, leave_out_broken)
    table = all_alerts(found, until=None if until is None else _moment(until), zone=clock)
    if as_json:
        print_json(table.to_dict("records"))
        return
    lang, rules = language(), alert_rules()
    kinds = {
        "raised": Text("■ 触发", "■ raised"), "cleared": Text("● 解除", "● cleared"), "silent": Text("○ 失联", "○ silent"),
        "heard": Text("● 恢复", "● heard again"),
    }  # fmt: skip
    for row in table.to_dict("records"):
        rule = rules[row["rule"]]
        when = row["time"].tz_convert(clock)
        what = quantities()[row["quantity"]]
        value = (
            ""
            if row["value"] != row["value"]
            else f" {number(row['value'], lang, 2)} {what.unit_title.get(lang)}"
        )
        out.print(
            f"{when:%Y-%m-%d %H:%M} {kinds[row['kind']].get(lang)} {row['sensor_id']}: {rule.title.get(lang)}{value}"
            f"  [{rule.source} · {rule.confidence}]",
            markup=False,
            soft_wrap=True,
        )
    out.print(say(f"{len(table)} 条事件。", f"{len(table)} events."))
    unruled = sorted(set(found.table["quantity"]) - {r.quantity for r in rules.values()})
    if unruled:
        names = [quantities()[q].title.get(lang) for q in unruled]
        out.print(say(f"没有限值：{'、'.join(names)}", f"no limits for: {', '.join(names)}"), markup=False)


@app.command(
    help=say(
        "实测用能按气候修正，折成碳，与估算对照。",
        "Measured use, weather-normalised, as carbon beside what is estimated.",
    )
)
@guarded
def compare(
    file: FilePath,
    city: Annotated[Path, typer.Option("--city", metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    sensor: Annotated[str, typer.Option(help=say("能耗表编号", "the meter"))],
    building: Annotated[
        list[str], typer.Option(help=say("该表所供的房屋，可多次", "a building it serves; repeatable"))
    ],
    outdoor: Annotated[str, typer.Option(help=say("室外气温测点", "sensor of outdoor temperature"))],
    normal_degree_days: Annotated[
        float, typer.Option(min=0, help=say("标准年采暖度日数", "heating degree days of a normal year"))
    ],
    normal_source: Annotated[
        str, typer.Option(help=say("该度日数的出处", "whose figure that is (shown with the result)"))
    ],
    quantity: Annotated[
        str, typer.Option(help=say("测量项", "heat, electricity, gas, or …_register"))
    ] = "heat_register",
    zone: Zone = None,
    unit: Units = None,
    clock: Clock = "Asia/Shanghai",
    base: Annotated[
        float, typer.Option(min=5, max=25, help=say("基准温度（℃）", "base temperature (°C)"))
    ] = 18.0,
    jurisdiction: Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))] = "beijing",
    leave_out_broken: LeaveOut = False,
    as_json: Json = False,
) -> None:
    """Set measured energy beside the account of carbon."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.sense.measured_carbon import measured_beside_estimate
    from hutong.sense.measurements import quantities

    snapshot = City.load(city)
    result = measured_beside_estimate(
        _read(file, zone, unit, leave_out_broken), snapshot, rules_for(snapshot, Settings(jurisdiction=jurisdiction)),
        sensor=sensor, quantity=quantity, buildings=building, outdoor=outdoor,
        normal_degree_days=normal_degree_days, zone=clock, base_deg_c=base,
    )  # fmt: skip
    fit, lang = result.fit, language()
    if as_json:
        print_json(
            {
                "part": result.part, "unit": result.unit, "months": result.months, "base_deg_c": fit.base_deg_c,
                "base_load": fit.base_load, "slope": fit.slope, "r2": fit.r2, "scatter": fit.scatter, "usable": fit.usable,
                "verdict": fit.verdict, "normal_degree_days": normal_degree_days, "normal_source": normal_source,
                "use": result.use, "carbon_t": result.carbon_t, "estimate_t": result.estimate_t,
                "where": result.comparison.where, "text": result.comparison.text,
            }
        )  # fmt: skip
        return
    middle, low, high = (number(v, lang, 1) for v in result.use)
    c_low, c_high = (number(v, lang, 1) for v in result.carbon_t)
    name = quantities()[quantity].unit_title.get(lang)
    lines = (
        Text(
            f"{result.months} 个完整月份；基准温度 {fit.base_deg_c:g} ℃；R² {fit.r2:.2f}，CV(RMSE) {fit.scatter:.0%}。{fit.verdict.zh}",
            f"{result.months} whole months; base {fit.base_deg_c:g} °C; R² {fit.r2:.2f}, CV(RMSE) {fit.scatter:.0%}. {fit.verdict.en}",
        ),
        Text(
            f"标准年（{normal_degree_days:g} 度日，{normal_source}）用能 {middle} {name}（95% 区间 {low}–{high}），折合 {c_low}–{c_high} 吨 CO₂。",
            f"A normal year ({normal_degree_days:g} degree days, {normal_source}) uses {middle} {name} (95% interval {low}–{high}), {c_low}–{c_high} t CO₂.",
        ),
        result.comparison.text,
    )
    for line in lines:
        out.print(f"· {line.get(lang)}", markup=False, soft_wrap=True)


def _read(file: Path, zone: str | None, unit: list[str] | None, leave_out: bool) -> Measurements:
    from hutong.sense.measurement_feed import from_json
    from hutong.sense.measurements import read_measurements

    if not file.is_file():
        raise HutongError(
            "no-file",
            Text(f"没有文件 {file}。", f"There is no file {file}."),
            Text("请检查路径。", "Check the path."),
        )
    units = _pairs(unit, "--unit")
    if file.suffix.lower() == ".json":
        return from_json(file.read_bytes(), zone=zone, units=units, leave_out_broken=leave_out)
    return read_measurements(file, zone=zone, units=units, leave_out_broken=leave_out)


def _pairs(stated: list[str] | None, option: str) -> dict[str, str]:
    pairs = {name: value for name, _, value in (s.partition("=") for s in stated or ())}
    if not all(pairs) or not all(pairs.values()):
        raise HutongError(
            "bad-option",
            Text(f"{option} 写法不对。", f"{option} cannot be read."),
            Text(f"写作 {option} 名称=值。", f"Write {option} NAME=VALUE."),
        )
    return pairs


def _moment(word: str) -> pd.Timestamp:
    import pandas as pd

    try:
        moment = pd.Timestamp(word)
    except ValueError:
        moment = pd.NaT
    if moment is pd.NaT or moment.tzinfo is None:
        raise HutongError(
            "bad-time",
            Text(f"--until {word!r} 不是带时区的时间。", f"--until {word!r} is no time with a zone."),
            Text("写作 2026-01-02T08:00+08:00。", "Write it as 2026-01-02T08:00+08:00."),
        )
    return moment


def _told(found: Measurements, to: Path | None, force: bool, as_json: bool) -> None:
    """Write readings if asked, and print each series."""
    from hutong.city.text_table import csv_text
    from hutong.files import write_text
    from hutong.sense.measurements import gaps, overview

    if to is not None:
        write_text(to, csv_text(found.table), force=force)
        err.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)
    table, pauses = overview(found), gaps(found)
    if as_json:
        print_json(
            {
                "series": table.to_dict("records"), "gaps": pauses.to_dict("records"), "repeated": found.repeated,
                "left_out": list(found.left_out),
            }
        )  # fmt: skip
        return
    _show(found, table, pauses)


def _show(found: Measurements, table: pd.DataFrame, pauses: pd.DataFrame) -> None:
    from hutong.cli.show import grid_of
    from hutong.sense.measurements import quantities

    lang = language()
    grid = grid_of(
        (say("设备", "sensor"), "left"), (say("测量项", "quantity"), "left"), (say("读数", "readings"), "right"),
        (say("自（UTC）", "from (UTC)"), "left"), (say("至", "until"), "left"), (say("间隔", "step"), "right"),
        (say("最小", "least"), "right"), (say("最大", "most"), "right"), (say("缺口", "gaps"), "right"),
        (say("缺数", "missing"), "right"),
    )  # fmt: skip
    for row in table.to_dict("records"):
        what: Any = quantities()[row["quantity"]]
        bounds = (f"{number(row[c], lang, 2)} {what.unit_title.get(lang)}" for c in ("least", "most"))
        grid.add_row(
            row["sensor_id"], what.title.get(lang), number(row["readings"]), f"{row['first']:%Y-%m-%d %H:%M}",
            f"{row['last']:%Y-%m-%d %H:%M}", "–" if row["step"] != row["step"] else str(row["step"]), *bounds,
            number(row["gaps"]), number(row["missing"]),
        )  # fmt: skip
    out.print(grid)
    for row in pauses.head(10).to_dict("records"):
        out.print(
            say(
                f"缺口：{row['sensor_id']} {row['quantity']} {row['since']:%Y-%m-%d %H:%M} 至 {row['until']:%Y-%m-%d %H:%M}（缺 {row['missing']} 次）",
                f"gap: {row['sensor_id']} {row['quantity']} {row['since']:%Y-%m-%d %H:%M} to {row['until']:%Y-%m-%d %H:%M} ({row['missing']} missing)",
            ),
            markup=False,
        )
    if len(pauses) > 10:
        out.print(say(f"… 另有 {len(pauses) - 10} 处缺口", f"… and {len(pauses) - 10} more gaps"))
    if found.repeated:
        out.print(
            say(f"重复读数 {found.repeated} 条，只计一次", f"{found.repeated} repeated readings counted once")
        )
    for line in found.left_out:
        out.print(say(f"略去：{line}", f"left out: {line}"), markup=False)
