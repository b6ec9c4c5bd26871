"""A checkup as tables for a person and as plain data for a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from hutong.city import City
from hutong.cli.console import language, out, say
from hutong.cli.show import grid_of
from hutong.plan import Mend
from hutong.sense import warnings
from hutong.sense.results import Checkup
from hutong.sense.trend import priority
from hutong.sense.wording import quantity
from hutong.text import Text, number, percent

STATUS_WORDS = {
    "good": Text("● 良好", "● good"),
    "watch": Text("◐ 关注", "◐ watch"),
    "warn": Text("▲ 预警", "▲ warn"),
    "alarm": Text("■ 告警", "■ alarm"),
    "unknown": Text("○ 未知", "○ unknown"),
}
STATUS_STYLES = {"good": "green", "watch": "yellow", "warn": "dark_orange", "alarm": "red", "unknown": "dim"}
_FINDINGS_SHOWN = 24
_MEASURES_SHOWN = 3
#: A reason that more rows than this share is told once.
_REASON_SHARED = 3


def check_data(check: Checkup, mends: Sequence[Mend] = ()) -> dict[str, Any]:
    """Return every value, finding and trend of a checkup, and what mends each finding where that was asked."""
    return {
        "indicators": [
            {
                "id": i.id,
                "title": i.title,
                "unit": i.unit,
                "standard": i.standard,
                "source": i.source,
                "article": i.article,
            }
            for i in check.indicators
        ],
        "values": check.values.to_dict("records"),
        "findings": [
            {
                "indicator": f.indicator,
                "scale": f.scale,
                "place_id": f.place_id,
                "place_name": f.place_name,
                "status": f.status,
                "value": f.value,
                "standard": f.standard,
                "people": f.people,
                "coverage": f.coverage,
                "severity": f.severity,
                "reason": f.reason,
                "objects": list(f.objects),
                "trend": f.trend if f.trend.en else None,
                "trend_weight": f.trend_weight,
                "priority": priority(f),
                **({} if not mends else {"why": mends[k].why, "measures": _remedies(mends[k])}),
            }
            for k, f in enumerate(check.findings)
        ],
        "trends": check.trends.to_dict("records"),
        "warnings": warnings(check).to_dict("records"),
    }


def show_check(city: City, check: Checkup, mends: Sequence[Mend] = ()) -> None:
    """Print the quarter's indicators, then the findings by rank."""
    lang = language()
    out.print(f"[bold]{city.meta.title.get(lang)}[/] · {city.meta.date}")
    table = grid_of(
        (say("指标", "indicator"), "left"),
        (say("数值", "value"), "right"),
        (say("标准", "standard"), "right"),
        (say("状态", "status"), "left"),
        (say("实测占比", "observed"), "right"),
        (say("依据", "source"), "left"),
    )
    titles = {}
    for indicator in check.indicators:
        titles[indicator.id] = indicator.title
        row = check.overall(indicator.id)
        status = str(row["status"])
        table.add_row(
            indicator.title.get(lang),
            quantity(float(row["value"]), indicator.unit).get(lang),
            "–" if indicator.standard is None else quantity(indicator.standard, indicator.unit).get(lang),
            f"[{STATUS_STYLES[status]}]{STATUS_WORDS[status].get(lang)}[/]",
            percent(float(row["coverage"]), lang),
            f"{indicator.source} {indicator.article}".strip(),
        )
    out.print(table)
    _show_warnings(check, titles)
    out.print()
    out.print(
        f"[bold]{say('问题', 'Findings')}[/] ({len(check.findings)}) [dim]"
        + say("按严重程度 × 人数 × 趋势排序", "by severity × people × trend")
        + "[/]"
    )
    for rank, finding in enumerate(check.findings[:_FINDINGS_SHOWN], 1):
        word = STATUS_WORDS[finding.status].get(lang)
        out.print(
            f"{rank:>3}. {word} {titles[finding.indicator].get(lang)} — {finding.reason.get(lang)}",
            markup=False,
        )
        if finding.trend.en:
            weight = f"× {finding.trend_weight:.2f}"
            trend = finding.trend.get(lang)
            out.print(say(f"     趋势：{trend}（{weight}）", f"     trend: {trend} ({weight})"), markup=False)
        if mends:
            _show_remedies(mends[rank - 1])
    if len(check.findings) > _FINDINGS_SHOWN:
        more = len(check.findings) - _FINDINGS_SHOWN
        out.print(say(f"… 另有 {more} 条（--json 看全部）", f"… and {more} more (--json shows all)"))


def _show_warnings(check: Checkup, titles: Mapping[str, Text]) -> None:
    """Print what meets its standard now and will miss it, where earlier snapshots were given."""
    if not len(check.trends):
        return
    lang, soon = language(), warnings(check)
    out.print()
    out.print(
        f"[bold]{say('预警：三年内将越过标准', 'Warnings: will miss the standard within three years')}[/]"
        f" ({len(soon)})"
    )
    for row in soon.to_dict("records"):
        place = row["place_name"] if row["scale"] != "quarter" else say("全片区", "the whole quarter")
        out.print(
            f"  ▲ {titles[row['indicator']].get(lang)} — {place}: {row[f'reason_{lang}']}", markup=False
        )


def _show_remedies(mend: Mend) -> None:
    lang = language()
    if mend.nothing is not None:
        out.print(f"     → {mend.nothing.get(lang)}", markup=False)
    for remedy in mend.remedies[:_MEASURES_SHOWN]:
        out.print(f"     → {remedy.why.get(lang)}", markup=False)


def _remedies(mend: Mend) -> list[dict[str, Any]]:
    return [
        {
            "measures": [m.id for m in r.package], "mends": r.mends, "enough": r.enough, "places": r.places,
            "cost_low_yuan": r.cost_low_yuan, "cost_yuan": r.cost_yuan, "cost_high_yuan": r.cost_high_yuan,
            "assumed": r.assumed, "why": r.why,
        }
        for r in mend.remedies
    ]  # fmt: skip


def show_national(table: pd.DataFrame) -> None:
    """Print the 61 indicators of the national check, each with its value or the reason for none.

    A reason that many share stands once below the table, under a letter.
    """
    lang = language()
    often = table.loc[table["status"] != "known", f"reason_{lang}"].value_counts()
    letters = {reason: chr(ord("a") + i) for i, reason in enumerate(often[often > _REASON_SHARED].index)}
    grid = grid_of(
        ("#", "right"),
        (say("指标", "indicator"), "left"),
        (say("数值", "value"), "right"),
        (say("单位", "unit"), "left"),
        (say("可信度", "confidence"), "left"),
        (say("未知的原因", "why unknown"), "left"),
    )
    for row in table.to_dict("records"):
        known = row["status"] == "known"
        ratio = row[f"unit_{lang}"] == "%"  # kept as a share
        value = "○"
        if known:
            digits = 0 if float(row["value"]).is_integer() else 2
            value = percent(row["value"], lang) if ratio else number(row["value"], lang, digits)
        grid.add_row(
            str(row["number"]),
            row[f"title_{lang}"],
            value,
            "" if known and ratio else row[f"unit_{lang}"],
            row["confidence"] if known else "",
            f"({letters[reason]})" if (reason := row[f"reason_{lang}"]) in letters else reason,
        )
    out.print(grid)
    for reason, letter in letters.items():
        out.print(f"({letter}) {reason}", markup=False)
    known_rows = int((table["status"] == "known").sum())
    out.print(say(f"已知 {known_rows} 项，共 {len(table)} 项", f"{known_rows} of {len(table)} known"))
