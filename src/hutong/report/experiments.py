"""A question put to the model, as a block of the report or a page of its own: answer, chart, table, recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from hutong.city.text_table import csv_text
from hutong.evolve.experiments import Experiment
from hutong.files import write_bytes, write_text
from hutong.report.charts import W, amount, band_chart, interval, ticks
from hutong.report.format import bi_svg, both, join, num
from hutong.text import Text, percent

#: How series are called; ``word`` has those of the future section.
SERIES = {
    "value": Text("价值", "Value"),
    "governance": Text("治理", "Governance"),
    "space": Text("空间", "Space"),
    "coupling": Text("耦合协调度", "Coupling degree"),
    "coupling_fabric": Text("耦合协调度（不计数字覆盖）", "Coupling degree without digital coverage"),
    "support": Text("支持率", "Support"),
    "done": Text("完工比例", "Share completed"),
    "trust": Text("信任", "Trust"),
    "requests_open": Text("每百户未办结诉求", "Open requests per 100 households"),
}
#: Rows of a table shown before the rest is folded away.
FIRST = 30
H = 150.0


def view(found: Experiment) -> dict[str, Any]:
    """Return what the template shows of one experiment."""
    drawn = panels(found)
    return {
        "title": found.title,
        "question": found.question,
        "answer": found.answer,
        "panels": drawn,
        "reference": next((p["reference"] for p in drawn if p["reference"]), None),
        "columns": [
            t for k, t in found.columns.items() if k in found.table.columns and k not in NOT_A_COLUMN
        ],
        "rows": rows(found),
        "left_out": len(found.table) - min(len(found.table), FIRST),
        "effect": {"mean", "mean_low", "mean_high"} <= set(found.table.columns),
        "recipe": Text(*(_recipe(found.recipe, lang) for lang in ("zh", "en"))),
    }


#: Columns that are shares.
SHARES = ("share_positive", "best", "steepest_share", "false_alarms", "precision")
#: Columns drawn as a bar beside their figure, and those that are reckoned for the first rows only.
BARS = ("mu_star", "total", "p90", "steepest_share")
SPLIT = ("first", "first_error", "total", "total_error")
#: Columns drawn as one interval, or left to the files.
NOT_A_COLUMN = (
    "group",
    "mean_low",
    "mean_high",
    "low",
    "high",
    "share_negative",
    "id",
    "dial",
    "parameter",
    "indicator",
)


def panels(found: Experiment) -> list[dict[str, Any]]:
    """Return, per series, a small chart for each setting on one scale."""
    out = []
    for series, by_setting in found.bands.items():
        name = SERIES.get(series, Text(series, series))
        first = next(iter(by_setting.values()), None)
        charts: list[dict[str, Any]] = []
        reference: Text | None = None
        ends = [f(b) for f in (np.nanmin, np.nanmax) for b in by_setting.values()]
        scale = (float(min(ends)), float(max(ends))) if ends else (0.0, 1.0)
        for k, (setting, band) in enumerate(by_setting.items()):
            title = found.settings.get(setting, Text(setting, setting))
            label = join(name, " · ", title)
            over_time = "months" in found.recipe and band.shape[1] == int(found.recipe["months"]) + 1
            if not over_time:
                svg = level_chart(band, label, scale)
            elif scale[1] <= 1.0:
                svg = band_chart(band, label, first[1] if k and first is not None else None)
                reference = charts[0]["setting"] if k else None
            else:
                svg = level_chart(band, label, scale, Text("年", "year"), band.shape[1] / 12)
            charts.append({"setting": title, "svg": svg})
        out.append({"name": name, "charts": charts, "reference": reference})
    return out


def level_chart(
    band: np.ndarray, title: Text, scale: tuple[float, float], unit: Text | None = None, most: float = 1.0
) -> Markup:
    """Return a band over the levels of a dial (0 to full), or over years, on the scale of all settings."""
    low, high = scale
    marks = ticks(low, high if high > low else low + 0.01)
    left, right, top, bottom = 48.0, 12.0, 10.0, 26.0
    x = left + (W - left - right) * np.arange(band.shape[1]) / max(band.shape[1] - 1, 1)

    def at(v: Any) -> np.ndarray:
        return np.asarray(
            H - bottom - (H - bottom - top) * (np.asarray(v) - marks[0]) / (marks[-1] - marks[0])
        )

    grid = Markup("").join(
        Markup(
            '<path class="grid" d="M{} {y:.1f}H{}"/><text class="tick y" x="{}" y="{t:.1f}">{}</text>'
        ).format(left, W - right, left - 6, f"{m:.3g}", y=float(at(m)), t=float(at(m)) + 4)
        for m in marks
    )
    area = " ".join(
        f"{a:.1f},{b:.1f}"
        for a, b in [*zip(x, at(band[2]), strict=True), *zip(x[::-1], at(band[0])[::-1], strict=True)]
    )
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, at(band[1]), strict=True))
    ends = (
        (x[0], "x", Text("0", "0")),
        (
            x[-1],
            "x end",
            Text(f"{most:.0f} {unit.zh}", f"{unit.en} {most:.0f}") if unit else Text("用足", "full"),
        ),
    )
    axis = Markup("").join(
        Markup('<text class="tick {}" x="{:.1f}" y="{:.1f}">{}</text>').format(
            place, a, H - bottom + 20, bi_svg(t)
        )
        for a, place, t in ends
    )
    inner = Markup('{}<polygon class="band" points="{}"/><polyline class="median" points="{}"/>{}').format(
        grid, area, line, axis
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>'
    ).format(W, H, both(title), inner)


def rows(found: Experiment) -> list[dict[str, Any]]:
    """Return the rows shown; the first of a group carries its title."""
    out: list[dict[str, Any]] = []
    last = None
    for _, values in found.table.head(FIRST).iterrows():
        group = values.get("group")
        out.append({"group": group if group != last else None, "cells": row(found, values)})
        last = group
    return out


def row(found: Experiment, values: pd.Series) -> list[dict[str, Any]]:
    """Return the cells of a row, and its effect as an interval where it has one."""
    cells: list[dict[str, Any]] = []
    for key in found.columns:
        if key not in found.table.columns or key in NOT_A_COLUMN:
            continue
        cells.append(
            {"shown": shown(values[key], key), "figure": not isinstance(values[key], Text), "svg": None}
        )
        if key in BARS and np.isfinite(values[key]):
            cells[-1]["svg"] = amount(values[key], 1.0 if key in SHARES else found.table[key].max())
        if key == "mean" and "mean_low" in found.table.columns:
            bound = max(abs(values["mean_low"]), abs(values["mean_high"]), abs(values["mean"]))
            said = Text(
                f"{signed(values['mean'])}（{signed(values['mean_low'])} 至 {signed(values['mean_high'])}）",
                f"{signed(values['mean'])} ({signed(values['mean_low'])} to {signed(values['mean_high'])})",
            )
            svg = interval(values["mean"], values["mean_low"], values["mean_high"], bound, said)
            cells[-1] = {"shown": said, "figure": True, "svg": svg}
    return cells


def shown(value: Any, column: str) -> Text:
    """Return a cell in words: shares in per cent, other figures to three places, unknown as such."""
    if isinstance(value, Text):
        return value
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return Text("未分解", "not split") if column in SPLIT else Text("未知", "unknown")
    if isinstance(value, (int, np.integer)):
        return num(int(value))
    if column in SHARES:
        return Text(percent(value, "zh"), percent(value))
    if column == "variance_ratio":
        return num(value, 1)
    if isinstance(value, (float, np.floating)):
        return Text(signed(float(value)).removeprefix("+"), signed(float(value)).removeprefix("+"))
    return Text(str(value), str(value))


def signed(value: float) -> str:
    """Return a figure to three places with its sign, a true minus."""
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")


def _recipe(recipe: Any, lang: str) -> str:
    known = {
        "model_version": ("模型版本", "model version"), "model_digest": ("模型摘要", "model digest"), "city": ("城市快照", "city"),
        "runs": ("每种次数", "runs of each"), "months": ("月数", "months"), "seed": ("种子", "seed"),
    }  # fmt: skip
    k = 0 if lang == "zh" else 1
    parts = [f"{names[k]} {str(recipe[key])[:16]}" for key, names in known.items() if key in recipe]
    return ("；" if lang == "zh" else "; ").join(parts)


def experiment_page(found: Experiment) -> str:
    """Return one experiment as a self-contained HTML page in both languages."""
    from hutong.report.page import asset, environment, policy

    script = asset("speak.js").strip()
    html = (
        environment()
        .get_template("experiment_page.html.j2")
        .render(
            policy=policy(script),
            style=Markup(asset("page.css")),  # noqa: S704 (the package's own file)
            script=Markup(script),  # noqa: S704 (the package's own file)
            x=view(found),
        )
    )
    return html + "\n"


def views(found: Sequence[Experiment]) -> list[dict[str, Any]]:
    """Return what the report shows of several experiments."""
    return [view(x) for x in found]


def write_experiment(folder: Path, found: Experiment) -> None:
    """Write a result into a folder: ``result.json``, the table as CSV, and the page with the chart."""
    folder.mkdir(parents=True, exist_ok=True)
    table = found.table.copy()
    for column in table:
        table[column] = table[column].map(lambda v: v.get("en") if isinstance(v, Text) else v)
    write_text(folder / "result.json", found.to_json(), force=True)
    write_bytes(folder / "table.csv", csv_text(table).encode("utf-8-sig"), force=True)
    write_text(folder / "page.html", experiment_page(found), force=True)
