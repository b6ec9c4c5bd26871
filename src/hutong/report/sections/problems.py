"""Section 2: what is wrong — indicators by theme, and findings by rank."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from hutong.city import City
from hutong.plan import Mend, Plan, mend
from hutong.report.charts import Part, stacked
from hutong.report.format import in_unit, money, num, pct, same
from hutong.report.marks import kind_of, origin_shares
from hutong.report.words import word, words
from hutong.rules import Rules
from hutong.sense import warnings
from hutong.sense.results import STATUSES, Checkup, Finding, Indicator
from hutong.text import Text

FIRST_FINDINGS = 12


#: How the checkup's label of a place begins in English where it has no proper name.
def place_title(finding: Finding) -> Text:
    """Return the name of the place of a finding; by its own words where it has them."""
    if finding.scale in ("quarter", "city"):
        return Text("全片区", "the whole quarter")
    if finding.place.zh:
        return finding.place
    if finding.place_name not in ("", finding.place_id):
        return same(finding.place_name)
    kind = word("scale", finding.scale)
    return Text(f"未命名{kind.zh}（{finding.place_id}）", f"unnamed {kind.en} ({finding.place_id})")


def standard_of(indicator: Indicator) -> Text:
    """Return the standard with its direction."""
    if indicator.standard is None:
        return Text("无标准", "no standard")
    limit = in_unit(indicator.standard, indicator.unit)
    sign = "≥ " if indicator.direction == "higher" else "≤ "
    return Text(sign + limit.zh, sign + limit.en)


def _places(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how many places have each status, the gravest first, without those that are well."""
    counts = rows["status"].value_counts()
    return [
        {"status": s, "word": word("status", s), "n": int(counts[s])}
        for s in reversed(STATUSES)
        if s in counts.index and s in ("watch", "warn", "alarm")
    ]


def _kind(city: City, indicator: Indicator) -> str:
    """Return the weakest origin among the columns that an indicator needs."""
    needs = [need.split(".", 1) for need in indicator.needs]
    known = [kind_of(origin_shares(city, table, column)) for table, column in needs]
    return next((k for k in ("assumed", "imputed") if k in known), "observed")


def _row(city: City, check: Checkup, indicator: Indicator) -> dict[str, Any]:
    values = check.values[check.values["indicator"] == indicator.id]
    whole = values[values["scale"] == "quarter"]
    places = values[values["scale"] != "quarter"]
    head = whole.iloc[0] if len(whole) else None
    status = "unknown" if head is None else str(head["status"])
    value = float("nan") if head is None else float(head["value"])
    coverage = float("nan") if head is None else float(head["coverage"])
    observed = 0.0 if math.isnan(coverage) else coverage
    return {
        "id": indicator.id,
        "title": indicator.title,
        "formula": indicator.formula,
        "status": status,
        "word": word("status", status),
        "value": in_unit(value, indicator.unit),
        "guessed": not math.isnan(value) and observed < 1,
        "kind": _kind(city, indicator),
        "standard": standard_of(indicator),
        "source": f"{indicator.source} {indicator.article}".strip(),
        "confidence": indicator.confidence,
        "assumed": indicator.confidence == "U",
        "coverage": pct(coverage),
        "bar": stacked(
            [
                Part("observed", word("origin", "observed"), observed, pct(observed)),
                Part("imputed", Text("非实测", "not observed"), 1 - observed, pct(1 - observed)),
            ],
            1.0,
            Text("实测占比", "Observed"),
            8,
        ),
        "reason": _reason(head) if status == "unknown" else None,
        "says": _reason(head) if status != "unknown" else None,
        "places": _places(places),
        "people": num(float("nan") if head is None else float(head["people"])),
    }


def _reason(head: pd.Series | None) -> Text | None:
    if head is None:
        return Text("体检没有给出全片区数值", "the checkup gives no value for the whole quarter")
    if isinstance(head["reason_zh"], str) and head["reason_zh"]:
        return Text(head["reason_zh"], str(head["reason_en"]))
    return None


def remedy(mend: Mend) -> dict[str, Any] | None:
    """Return the measure that mends most of a finding: its effect and its cost there; None where nothing is known."""
    if not mend.remedies:
        return None if mend.nothing is None else {"nothing": mend.nothing}
    best, rest = mend.remedies[0], len(mend.remedies) - 1
    if math.isnan(best.mends) or math.isnan(best.cost_yuan):
        return None
    part = pct(best.mends)
    effect = Text(f"能补上缺口的 {part.zh}", f"mends {part.en} of what falls short")
    if best.mends > 1 - 1e-9:
        effect = Text("能全部解决", "mends all of it")
    if best.enough is None:
        effect = Text("能补上多少尚不清楚", "how much it mends is not known")
    cost = money(best.cost_yuan)
    return {
        "nothing": None,
        "title": Text(
            "＋".join(m.title.zh for m in best.package), " + ".join(m.title.en for m in best.package)
        ),
        "effect": effect,
        "cost": Text(f"在这里约 {cost.zh}", f"about {cost.en} here"),
        "assumed": best.assumed,
        "why": best.why,
        "rest": Text(f"另有 {rest} 种办法", f"{rest} other way{'' if rest == 1 else 's'}") if rest else None,
    }


def _finding(
    rank: int, finding: Finding, mend: Mend, check: Checkup, drawn: dict[str, int]
) -> dict[str, Any]:
    indicator = next(i for i in check.indicators if i.id == finding.indicator)
    place = place_title(finding)
    return {
        "rank": rank,
        "place": place,
        # a place called by words says its kind already
        "scale": word("scale", finding.scale) if place.zh == finding.place_name else None,
        "title": indicator.title,
        "status": finding.status,
        "word": word("status", finding.status),
        "people": num(finding.people),
        "reason": finding.reason,
        "trend": finding.trend,
        "remedy": remedy(mend),
        "objects": len(finding.objects),
        "targets": " ".join(str(drawn[o]) for o in finding.objects if o in drawn),
    }


def _warning(check: Checkup, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trend that will miss its standard: of what, where, and when."""
    title = next(i.title for i in check.indicators if i.id == row["indicator"])
    whole = Text("全片区", "the whole quarter")
    return {
        "title": title,
        "place": whole if row["scale"] == "quarter" else same(row["place_name"]),
        "reason": Text(row["reason_zh"], row["reason_en"]),
    }


def view(city: City, rules: Rules, check: Checkup, plan: Plan, drawn: dict[str, int]) -> dict[str, Any]:
    """Return the checkup by theme and the findings; ``drawn`` maps building ids to outlines on the map."""
    mends = mend(check, plan, city, rules)
    themes: dict[str, list[dict[str, Any]]] = {key: [] for key in words("theme")}
    for indicator in check.indicators:
        themes.setdefault(indicator.scale, []).append(_row(city, check, indicator))
    findings = [
        _finding(k, f, m, check, drawn) for k, (f, m) in enumerate(zip(check.findings, mends, strict=True), 1)
    ]
    statuses = [row["status"] for rows in themes.values() for row in rows]
    return {
        "themes": [(word("theme", key), rows) for key, rows in themes.items() if rows],
        "first": findings[:FIRST_FINDINGS],
        "more": findings[FIRST_FINDINGS:],
        "count": len(findings),
        "warnings": [_warning(check, row) for row in warnings(check).to_dict("records")],
        "past": len(check.trends) > 0,
        "tally": [(s, word("status", s), statuses.count(s)) for s in reversed(STATUSES) if s in statuses],
        "indicators": len(check.indicators),
        "notes": check.notes,
        "buildings": num(len(city["buildings"])),
    }
