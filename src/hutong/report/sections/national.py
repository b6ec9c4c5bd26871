"""Section 2, the national check: its 61 basic indicators, each with its value or the reason why it is not known."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hutong.report.charts import Part, stacked
from hutong.report.format import join, num, pct, same
from hutong.report.words import words
from hutong.sense import Checkup
from hutong.sense.city_scale import CityFigures
from hutong.sense.national import KNOWN, NOT_APPLICABLE, national_table
from hutong.text import Text

#: How a figure stands to its standard: sign and words.
GRADES = {
    "good": ("good", Text("达标", "met")),
    "watch": ("warn", Text("未达标", "not met")),
    "none": ("plain", Text("无统一标准", "no common standard")),
}
SURE = {"high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low")}
#: Scales whose unknown indicators are folded: they are the city's to give.
FOLDED = ("city",)


def _pair(row: pd.Series, name: str) -> Text:
    return Text(str(row[f"{name}_zh"]), str(row[f"{name}_en"]))


def value_of(row: pd.Series) -> Text:
    """Return a known figure with its unit; a percentage is kept as a share of 1."""
    value, unit = float(row["value"]), _pair(row, "unit")
    if unit.en == "%":
        return pct(value, 0 if value.is_integer() or abs(value) >= 0.1 else 1)
    digits = 0 if value.is_integer() or abs(value) >= 100 else 1
    figure = num(value, digits)
    return Text(f"{figure.zh} {unit.zh}".strip(), f"{figure.en} {unit.en}".strip())


def _known(row: pd.Series) -> dict[str, Any]:
    status, word = GRADES[str(row["grade"])]
    coverage = float(row["coverage"])
    note = _pair(row, "assumption")
    return {
        "number": int(row["number"]),
        "title": _pair(row, "title"),
        "formula": _pair(row, "formula"),
        "value": value_of(row),
        "guessed": not math.isnan(coverage) and coverage < 1,
        "status": status,
        "word": word,
        "sure": SURE[str(row["confidence"])],
        "note": note if note.zh else None,
        "source": str(row["source"]),
    }


def _unknown(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the unknown indicators by their reason, those with most indicators first."""
    out = []
    for (zh, en), part in rows.groupby(["reason_zh", "reason_en"], sort=False):
        items = [(int(r["number"]), _pair(r, "title")) for _, r in part.iterrows()]
        out.append({"reason": Text(str(zh), str(en)), "items": items, "n": len(items)})
    return sorted(out, key=lambda group: -group["n"])


def _bar(good: int, short: int, plain: int, other: int, title: Text) -> Any:
    parts = [
        Part("good", GRADES["good"][1], good, same(good)),
        Part("warn", GRADES["watch"][1], short, same(short)),
        Part("plain", GRADES["none"][1], plain, same(plain)),
        Part("unknown", Text("未知", "unknown"), other, same(other)),
    ]
    return stacked(parts, good + short + plain + other, title, 12)


def _group(scale: str, title: Text, rows: pd.DataFrame) -> dict[str, Any]:
    known = rows[rows["status"] == KNOWN]
    absent = rows[rows["status"] == NOT_APPLICABLE]
    unknown = rows[(rows["status"] != KNOWN) & (rows["status"] != NOT_APPLICABLE)]
    grades = known["grade"].value_counts()
    good, short, plain = (int(grades.get(g, 0)) for g in GRADES)
    return {
        "scale": scale,
        "title": title,
        "n": len(rows),
        "known": [_known(row) for _, row in known.iterrows()],
        "known_n": len(known),
        "unknown": _unknown(unknown),
        "unknown_n": len(unknown),
        "absent_n": len(absent),
        "absent": _unknown(absent),
        "good": good,
        "short": short,
        "said": Text(
            f"共 {len(rows)} 项：达标 {good}，未达标 {short}，未知 {len(unknown)}",
            f"of {len(rows)}: met {good}, not met {short}, unknown {len(unknown)}",
        ),
        "folded": scale in FOLDED,
        "bar": _bar(good, short, plain, len(unknown) + len(absent), title),
    }


def summary(groups: list[dict[str, Any]]) -> Text:
    """Return in one sentence how much is known, and how much of it falls short."""
    known, short = (sum(g[k] for g in groups) for k in ("known_n", "short"))
    unknown, absent = (sum(g[k] for g in groups) for k in ("unknown_n", "absent_n"))
    zh = f"{known + unknown + absent} 项中，{known} 项有数，其中 {short} 项未达标；{unknown} 项还不知道"
    en = f"Of {known + unknown + absent}, {known} are known and {short} of these fall short; {unknown} are unknown"
    if absent:
        zh, en = f"{zh}，{absent} 项这里不适用", f"{en}, {absent} do not apply here"
    return Text(f"{zh}。", f"{en}.")


def view(check: Checkup, figures: CityFigures | None) -> dict[str, Any]:
    """Return the national check by scale; the figures of the city are those of its file, where there is one."""
    table = national_table(check, None if figures is None else figures.national)
    groups = [
        _group(scale, title, table[table["scale"] == scale])
        for scale, title in words("theme").items()
        if (table["scale"] == scale).any()
    ]
    own = () if figures is None else figures.own
    return {
        "summary": summary(groups),
        "groups": groups,
        "own": [
            {
                "title": same(o.title),
                "value": join(num(o.value, 0 if float(o.value).is_integer() else 1), f" {o.unit}"),
                "source": f"{o.source} {o.year}",
            }
            for o in own
        ],
    }
