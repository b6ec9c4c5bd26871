"""Section 6: how sure are we — what was observed, what was filled in, what was assumed."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.city import City, schema
from hutong.evolve.results import Ensemble
from hutong.plan.results import Plan
from hutong.report.charts import Part, stacked
from hutong.report.format import in_unit, num, pct, same
from hutong.report.marks import origin_shares
from hutong.report.words import word
from hutong.rules import Rules
from hutong.text import Text

ORIGINS = ("observed", "imputed", "assumed", "unknown")


def _bar(shares: dict[str, float], title: Text) -> Any:
    return stacked([Part(o, word("origin", o), shares[o], pct(shares[o])) for o in ORIGINS], 1.0, title, 12)


def coverage(city: City) -> list[dict[str, Any]]:
    """Return, for each table with rows, the mean shares by origin, and those of each column."""
    out = []
    for name, table in schema().tables.items():
        if not len(city[name]):
            continue
        columns = []
        for column in table.columns.values():
            if column.key:
                continue
            shares = origin_shares(city, name, column.name)
            title = word("column", column.name)
            columns.append(
                {
                    "name": title,
                    "bar": _bar(shares, title),
                    "shares": {o: pct(shares[o]) for o in ORIGINS},
                    "source": _source(city, name, column.name),
                    "observed": shares["observed"],
                }
            )
        mean = {
            o: float(
                np.mean([origin_shares(city, name, c.name)[o] for c in table.columns.values() if not c.key])
            )
            for o in ORIGINS
        }
        title = word("table", name)
        out.append({"name": title, "rows": num(len(city[name])), "bar": _bar(mean, title), "shares": {o: pct(mean[o]) for o in ORIGINS}, "columns": columns})  # fmt: skip
    return out


def _source(city: City, table: str, column: str) -> Text:
    known = city.provenance.get(table, {}).get(column)
    return Text("未注明", "not stated") if known is None else same(known.source.replace("+", " + "))


def assumptions(rules: Rules, plan: Plan, ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return every assumption by where it enters."""
    from_rules = [
        Text(f"{p.title.zh}：{_value(p).zh}{('，' + p.note.zh) if p.note else ''}", f"{p.title.en}: {_value(p).en}{('. ' + p.note.en) if p.note else ''}")
        for p in rules
        if p.assumed
    ]  # fmt: skip
    from_measures = [
        Text(
            f"{m.title.zh}：造价 {money_range(m.capital_low, m.capital_high).zh}／{word('priced_by', m.unit).zh}",
            f"{m.title.en}: cost {money_range(m.capital_low, m.capital_high).en} per {word('priced_by', m.unit).en}",
        )
        for m in plan.measures
        if m.confidence == "U"
    ]
    groups = (
        (Text("规则参数", "Rules"), from_rules),
        (Text("措施造价", "Costs of measures"), from_measures),
        (Text("方案计算", "Schemes"), list(plan.assumptions)),
        (Text("未来模拟", "Simulated futures"), list(ensemble.assumptions)),
    )
    return [{"title": t, "items": items, "n": len(items)} for t, items in groups if items]


def _value(parameter: Any) -> Text:
    value = parameter.value
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, str):
        return same(value)
    return in_unit(float(value), parameter.unit)


def money_range(low: float, high: float) -> Text:
    """Return a range of yuan with an en dash."""
    zh, en = num(low).zh, num(low).en
    return Text(f"{zh}–{num(high).zh} 元", f"¥{en}–{num(high).en}")


def view(city: City, rules: Rules, plan: Plan, ensemble: Ensemble) -> dict[str, Any]:
    """Return coverage, assumptions and sources."""
    return {
        "tables": coverage(city),
        "origins": [(o, word("origin", o)) for o in ORIGINS],
        "assumptions": assumptions(rules, plan, ensemble),
        "sources": city.meta.sources,
        "notes": city.meta.notes,
    }
