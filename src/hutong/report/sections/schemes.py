"""Section 3: what could be done — schemes side by side, who pays, who gains, what limits."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.plan.finance import party_years
from hutong.plan.money import BUILDING
from hutong.plan.money_words import party_title
from hutong.plan.results import BENEFITS, PARTIES, Binding, Plan, Scheme
from hutong.report.charts import Part, cash_chart, stacked
from hutong.report.format import area, in_unit, join, listed, money, num, pct, same
from hutong.report.map_layers import measure_groups, measures_of
from hutong.report.sections import people
from hutong.report.sections.consent import at_risk
from hutong.report.words import word
from hutong.text import Text


def net_by_year(flows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, by party, what it receives less what it pays in each year (yuan; shape (years,))."""
    table = party_years(flows, 1)
    return {party: table.loc[party].to_numpy() for party in PARTIES}


def paid_and_received(scheme: Scheme) -> list[dict[str, Any]]:
    """Return, by party, the sums over all years of what it pays and receives."""
    flows = scheme.flows
    paid = flows.groupby("payer", observed=True)["yuan"].sum()
    got = flows.groupby("payee", observed=True)["yuan"].sum()
    rows = []
    for party in PARTIES:
        out, back = float(paid.get(party, 0.0)), float(got.get(party, 0.0))
        if out or back:
            rows.append(
                {"id": party, "name": party_title(party), "paid": out, "got": back, "net": back - out}
            )
    return rows


def capital_shares(scheme: Scheme) -> list[tuple[str, float]]:
    """Return who carries the capital of a scheme: what each party pays for building, less what it receives, before loans."""
    build = scheme.flows[scheme.flows["line"].isin(BUILDING)]
    first = [(p, -float(v.sum())) for p, v in net_by_year(build).items() if p != "outside"]
    return [(p, v) for p, v in first if v > 0]


def _pays(scheme: Scheme, whole: float) -> dict[str, Any]:
    parts = capital_shares(scheme)
    total = sum(v for _, v in parts)
    title = join(scheme.title, Text("：谁出资", ": who pays"))
    return {
        "bar": stacked([Part(f"party-{p}", party_title(p), v, money(v)) for p, v in parts], whole, title, 28),
        "parts": [(p, party_title(p), money(v), pct(v / total if total else math.nan)) for p, v in parts],
        "total": money(total),
    }


def _benefits(scheme: Scheme, plan: Plan) -> list[dict[str, Any]]:
    """Return the four benefits as a share of the most that any scheme reaches."""
    rows = []
    for benefit in BENEFITS:
        values = [float(s.choices[f"benefit_{benefit}"].sum()) for s in plan.schemes]
        most = max(values)
        mine = float(scheme.choices[f"benefit_{benefit}"].sum())
        part = Part(f"benefit-{benefit}", word("benefit", benefit), max(mine, 0.0), pct(mine))
        rows.append(
            {
                "name": word("benefit", benefit),
                "value": pct(mine),
                "bar": stacked([part], most if most > 0 else 1.0, scheme.title, 10),
            }
        )
    return rows


#: Rows of the comparison: the total, its words and its form; a row is left out where no scheme gives the total.
ROWS = (
    ("dwellings_helped", "惠及住户", "Homes reached", num),
    ("people_helped", "惠及居民", "Residents reached", num),
    ("capital_yuan", "工程投资", "Cost of works", money),
    ("public_yuan", "市、区、街道财政", "City, district and subdistrict budgets", money),
    ("owner_unit_yuan", "产权单位", "Property-holding units", money),
    ("owner_yuan", "业主", "Owners", money),
    ("operator_yuan", "实施主体", "Operator", money),
    ("operator_irr", "实施主体内部收益率", "Operator's internal rate of return", lambda v: pct(v, 1)),
    ("surrender_yuan", "退租补偿", "Paid for lease surrender", money),
    (
        "households_leaving",
        "自愿迁出的户数（预计）",
        "Households expected to leave by choice",
        lambda v: num(v, 0),
    ),
    ("demolished_m2", "拆除面积", "Floor area demolished", area),
    ("carbon_saved_t_per_year", "每年减碳（吨）", "CO₂ saved a year (t)", num),
)
#: Rows that are a part of a whole.
PARTS_OF = (
    ("alarms_lifted", "alarms_total", "消除的告警", "Alarms lifted"),
    ("findings_mended", "findings_total", "解决的问题", "Findings mended"),
)


def comparison(plan: Plan) -> list[dict[str, Any]]:
    """Return the comparison table, one row per question."""
    schemes = plan.schemes
    places = [num(s.choices["object_id"].nunique()) for s in schemes]
    rows = [{"label": Text("动工处数", "Places worked on"), "cells": places, "strong": False}]
    for key, zh, en, form in ROWS:
        if any(key in s.totals for s in schemes):
            cells = [form(s.totals.get(key, math.nan)) for s in schemes]
            rows.append({"label": Text(zh, en), "cells": cells, "strong": key == "capital_yuan"})
    for part, whole, zh, en in PARTS_OF:
        if any(part in s.totals for s in schemes):
            cells = [join(num(s.totals[part]), " / ", num(s.totals[whole])) for s in schemes]
            rows.append({"label": Text(zh, en), "cells": cells, "strong": False})
    doubts = [num(int(at_risk(s.choices).sum())) for s in schemes]
    rows.append(
        {
            "label": Text("同意尚无把握之处", "Places where consent is in doubt"),
            "cells": doubts,
            "strong": False,
        }
    )
    return rows


def certificate(scheme: Scheme) -> dict[str, Any]:
    """Return the solver's proof in words."""
    proof = scheme.certificate
    status = {
        "optimal": ("good", Text("已证明最优", "proved best")),
        "node_limit": ("watch", Text("在限定搜索量内最好", "best within the search limit")),
        "time_limit": ("watch", Text("时限内最好", "best within the time limit")),
        "infeasible": ("alarm", Text("没有可行方案", "no scheme is feasible")),
    }
    sign, words = status.get(proof.status, ("unknown", same(proof.status)))
    return {
        "sign": sign,
        "word": words,
        "objective": num(proof.objective, 2),
        "bound": num(proof.bound, 2),
        "gap": pct(proof.gap, 2),
        "size": Text(
            f"{proof.rows:,} 行 × {proof.columns:,} 列", f"{proof.rows:,} rows × {proof.columns:,} columns"
        ),
        "binding": [_limit(b) for b in proof.binding if not b.row.startswith(ALARM)],
        "alarms": [b.title for b in proof.binding if b.row.startswith(ALARM)],
    }


#: Rows that ask for an alarm to be lifted as far as it can be: there are many, so they are told together.
ALARM = "alarm:"


def _limit(binding: Binding) -> dict[str, Any]:
    value, limit = in_unit(binding.value, binding.unit), in_unit(binding.limit, binding.unit)
    amount = value if binding.unit == "rows" else join(value, " / ", limit)
    return {"title": binding.title, "amount": amount, "source": binding.source}


def _uses(scheme: Scheme, estate_of: dict[str, str]) -> dict[str, Counter[str]]:
    """Return, by measure, how often a scheme uses it in each named estate ("" elsewhere)."""
    out: dict[str, Counter[str]] = {}
    for choice in scheme.choices.itertuples(index=False):
        whole = choice.object_kind in ("estate", "block") and choice.name != choice.object_id
        place = estate_of.get(str(choice.building_id), str(choice.name) if whole else "")
        for measure in measures_of(str(choice.package)):
            out.setdefault(measure, Counter())[place] += 1
    return out


def measures(plan: Plan, city: City) -> list[dict[str, Any]]:
    """Return the measures that any scheme uses: how often in each scheme, and where most."""
    estate_of = estate_names(city)
    uses = [_uses(s, estate_of) for s in plan.schemes]
    rows = []
    for group in measure_groups(plan):
        for m in (m for m in plan.measures if m.group == group):
            mine = [u.get(m.id, Counter()) for u in uses]
            everywhere: Counter[str] = sum(mine, Counter())
            if not everywhere:
                continue
            named = sorted(((n, p) for p, n in everywhere.items() if p), key=lambda x: (-x[0], x[1]))
            rows.append(
                {
                    "title": m.title,
                    "group": word("measure_group", m.group),
                    "counts": [num(c.total()) if c else same("–") for c in mine],
                    "where": listed([same(p) for _, p in named], 3),
                    "source": m.source,
                    "assumed": m.confidence == "U",
                }
            )
    return rows


def estate_names(city: City) -> dict[str, str]:
    """Return the name of the estate of each building that stands in a named one."""
    plot = city.positions("buildings", "plot_id")
    estate = np.where(plot >= 0, city.positions("plots", "estate_id")[plot], -1)
    names = city["estates"]["name"].to_numpy()
    ids = city["buildings"]["building_id"]
    return {
        str(b): str(names[e])
        for b, e in zip(ids, estate, strict=True)
        if e >= 0 and isinstance(names[e], str)
    }


def cash(scheme: Scheme) -> list[dict[str, Any]]:
    """Return one small chart per party, each on its own scale: yearly net payments and their running sum."""
    nets = {p: v for p, v in net_by_year(scheme.flows).items() if p != "outside" and np.abs(v).sum() > 0}
    out = []
    for party, net in nets.items():
        title = join(scheme.title, " · ", party_title(party))
        out.append(
            {
                "name": party_title(party),
                "total": money(float(net.sum())),
                "gains": float(net.sum()) >= 0,
                "svg": cash_chart(net, title),
            }
        )
    return out


def view(city: City, plan: Plan) -> dict[str, Any]:
    """Return the comparison, the money, the measures and the limits of every scheme."""
    whole = max((sum(v for _, v in capital_shares(s)) for s in plan.schemes), default=1.0)
    return {
        "names": [(s.id, s.title) for s in plan.schemes],
        "rows": comparison(plan),
        "schemes": [
            {
                "id": s.id,
                "title": s.title,
                "pays": _pays(s, whole),
                "benefits": _benefits(s, plan),
                "certificate": certificate(s),
                "violations": s.violations,
                "cash": cash(s),
                "money": [
                    {
                        **r,
                        "paid": money(r["paid"]),
                        "got": money(r["got"]),
                        "net": money(r["net"]),
                        "minus": r["net"] < 0,
                    }
                    for r in paid_and_received(s)
                ],
                "empty": not len(s.choices),
            }
            for s in plan.schemes
        ],
        "measures": measures(plan, city),
        "people": people.view(plan),
    }
