"""Who gains and who loses by each scheme, by tenure: part of section 3."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hutong.plan.results import Plan, Scheme
from hutong.plan.who_gains import WhoGains
from hutong.report.charts import Part, stacked
from hutong.report.format import join, money, num, pct
from hutong.report.words import word
from hutong.text import Text

#: Kinds of household in a bar: the class of the style sheet, the column, the words.
KINDS = (
    ("good", "winners", Text("得益", "gain")),
    ("unknown", "untouched", Text("不受影响", "untouched")),
    ("alarm", "losers", Text("受损", "lose")),
)


def view(plan: Plan) -> list[dict[str, Any]]:
    """Return, for each scheme whose households are known, figures and one bar per tenure; nothing where none is."""
    return [_scheme(s, plan.people[s.id]) for s in plan.schemes if s.id in plan.people]


def _scheme(scheme: Scheme, found: WhoGains) -> dict[str, Any]:
    rows = found.groups[found.groups["by"] == "tenure"].sort_values("households", ascending=False)
    return {
        "title": scheme.title,
        "figures": [
            (Text("得益户", "Households that gain"), num(found.winners)),
            (Text("受损户", "Households that lose"), num(found.losers)),
            (Text("户均净收益", "Mean net gain"), money(found.mean_net_yuan)),
            (Text("最差一成户均", "Mean of the worst-off tenth"), money(found.worst_decile_yuan)),
            (Text("收益的基尼系数", "Gini of the gains"), num(found.gini, 2)),
            (Text("产权类型之间的差距占比", "Share of inequality between tenures"), pct(found.between_tenures)),
        ],
        "rows": [_tenure(scheme, pd.Series(row._asdict())) for row in rows.itertuples(index=False)],
    }  # fmt: skip


def _tenure(scheme: Scheme, row: pd.Series) -> dict[str, Any]:
    name, homes = word("tenure", str(row["group"])), float(row["households"])
    parts = [Part(css, words, float(row[key]), num(float(row[key]))) for css, key, words in KINDS]
    return {
        "name": name,
        "homes": num(homes),
        "bar": stacked(parts, homes, join(scheme.title, Text("：", ": "), name), 12),
        "net": money(float(row["net_yuan"])),
        "minus": float(row["net_yuan"]) < 0,
    }
