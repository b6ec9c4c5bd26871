"""The evaluation as one page: what was promised, what came, what it cost, who gained, what to change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from hutong.agree.homes import tenures
from hutong.learn.evaluation import Evaluation
from hutong.plan.results import Measure
from hutong.report.charts import Part, interval, stacked
from hutong.report.format import day, num, pct, same
from hutong.report.map import symbols
from hutong.report.page import asset, environment, policy
from hutong.report.words import word
from hutong.sense.results import Indicator
from hutong.sense.wording import figure
from hutong.text import Text, yuan

_VERDICTS = {
    "as_planned": ("good", Text("与计划相符", "as planned")),
    "more": ("good", Text("好于计划", "more than planned")),
    "less": ("warn", Text("不及计划", "less than planned")),
    "unknown": ("unknown", Text("无法判断", "cannot be told")),
}
_CHANGES = {
    "better": ("good", Text("好转", "better")),
    "worse": ("warn", Text("变差", "worse")),
    "same": ("plain", Text("不变", "same")),
    "unknown": ("unknown", Text("无法判断", "cannot be told")),
}
_GROUPS = {
    "all": Text("全部住房", "All homes"),
    "elders": Text("有老人的住房", "Homes with older people"),
    "low_income": Text("低收入住户", "Low incomes"),
    "others": Text("其他产权（合并）", "Other tenures, together"),
}
_QUANTITIES = {
    "cost": Text("实付 ÷ 计划", "paid ÷ planned"),
    "acceptance": Text("签约比例", "share that signs"),
}


def render_evaluation(
    evaluation: Evaluation,
    measures: Mapping[str, Measure],
    title: Text,
    gains: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """Return the evaluation as one HTML page in Chinese and English; the same results give the same bytes.

    Parameters
    ----------
    measures
        The catalogue by id, for names.
    title
        Name of the quarter.
    gains
        Who gained, where few homes were put together or taken out; default: as the evaluation has it.
    """
    script = asset("speak.js").strip()
    names = {i.id: i for c in (evaluation.before, evaluation.after) for i in c.indicators}
    html = (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            policy=policy(script),
            style=Markup(asset("page.css")),  # noqa: S704 (the package's own file)
            script=Markup(script),  # noqa: S704 (the package's own file)
            symbols=symbols(),
            title=title,
            start=day(evaluation.start),
            end=day(evaluation.end),
            summary=evaluation.summary(),
            works=[_work(row, measures) for row in evaluation.works.to_dict("records")],
            effects=_effects(evaluation.effects, measures),
            changes=_changes(evaluation.changes, names),
            gains=[_gain(row) for row in (evaluation.gains.to_dict("records") if gains is None else gains)],
            lessons=[_lesson(row, measures) for row in evaluation.lessons.to_dict("records")],
        )
    )
    return html + "\n"


def _named(measure: str, measures: Mapping[str, Measure]) -> Text:
    return measures[measure].title if measure in measures else same(measure)


def _money(value: float) -> Text:
    return Text(yuan(value, "zh"), yuan(value, "en"))


def _work(row: dict[str, Any], measures: Mapping[str, Measure]) -> dict[str, Any]:
    late, ratio = row["late_days_median"], row["ratio"]
    return {
        "name": _named(row["measure"], measures),
        "works": num(row["works"]),
        "finished": num(row["finished"]),
        "late": num(row["late"])
        if math.isnan(late)
        else Text(f"{row['late']}（中位 {late:.0f} 天）", f"{row['late']} (median {late:.0f} days)"),
        "planned": _money(row["planned_yuan"]),
        "paid": _money(row["paid_yuan"]),
        "ratio": Text("未知", "unknown") if math.isnan(ratio) else pct(ratio),
        "over": ratio > 1.1,
    }


def _outcome(name: str) -> Text:
    return word("column", name)


def _effects(table: pd.DataFrame, measures: Mapping[str, Measure]) -> list[dict[str, Any]]:
    sizes = table[["planned", "estimate", "low", "high"]].abs().to_numpy(float)
    known = sizes[~pd.isna(sizes)]
    bound = float(known.max()) if known.size else 1.0
    out = []
    for row in table.to_dict("records"):
        status, said = _VERDICTS[row["verdict"]]
        name, told = _named(row["measure"], measures), Text(row["reason_zh"], row["reason_en"])
        svg = None
        if not math.isnan(row["estimate"]):
            svg = interval(row["estimate"], row["low"], row["high"], bound, told)
        out.append(
            {
                "name": name, "outcome": _outcome(row["outcome"]), "status": status, "word": said, "why": told, "svg": svg,
                "open": svg is not None and row["low"] <= 0 <= row["high"],
                "cases": Text(f"{row['treated']} 处对 {row['compared']} 处", f"{row['treated']} against {row['compared']}"),
            }
        )  # fmt: skip
    return out


def _changes(table: pd.DataFrame, names: Mapping[str, Indicator]) -> list[dict[str, Any]]:
    out = []
    for row in table[table["scale"] == "quarter"].to_dict("records"):
        status, said = _CHANGES[row["verdict"]]
        kind = names[row["indicator"]]
        out.append(
            {
                "name": kind.title, "status": status, "word": said, "why": Text(row["reason_zh"], row["reason_en"]),
                "before": figure(float(row["before"]), kind.unit), "after": figure(float(row["after"]), kind.unit),
                "order": ["worse", "better", "same", "unknown"].index(row["verdict"]),
            }
        )  # fmt: skip
    return sorted(out, key=lambda r: r["order"])


def _group(name: str) -> Text:
    return _GROUPS.get(name) or Text.of(dict(tenures()[name]))


def _gain(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["all"] is None:
        few = Text("太少，不列", "too few to show")
        return {"name": _group(row["group"]), "share": few, "bar": None, "homes": few, "all": few}
    share = row["share"]
    name = _group(row["group"])
    said = Text("未知", "unknown") if math.isnan(share) else pct(share)
    bar = None if math.isnan(share) else stacked([Part("good", name, share, said)], 1.0, name)
    return {"name": name, "share": said, "bar": bar, "homes": num(row["reached"]), "all": num(row["all"])}


def _lesson(row: dict[str, Any], measures: Mapping[str, Measure]) -> dict[str, Any]:
    quantity = row["quantity"]
    effect = quantity.startswith("effect:")
    shown = _plain if quantity != "acceptance" else pct

    def ranged(which: str) -> Text:
        low, high = shown(row[f"{which}_low"]), shown(row[f"{which}_high"])
        middle = shown(row[which])
        return Text(f"{middle.zh}（{low.zh}–{high.zh}）", f"{middle.en} ({low.en}–{high.en})")

    return {
        "name": _named(row["measure"], measures),
        "quantity": _outcome(quantity.removeprefix("effect:")) if effect else _QUANTITIES[quantity],
        "before": ranged("before"),
        "after": ranged("after"),
        "cases": num(row["cases"]),
        "moved": row["moved"],
    }


def _plain(value: float) -> Text:
    return num(value, 2)
