"""The parts on who gains and on trade-offs say what their data say, in both languages, and ask no other host."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hutong.plan.pareto import POINT_COLUMNS, Pareto, Proof
from hutong.plan.results import BENEFITS
from hutong.plan.who_gains import GROUP_COLUMNS, WhoGains
from hutong.report import render
from hutong.report.pareto_page import pareto_chart, pareto_page
from hutong.report.sections import people

from .report_example import make_check, make_city, make_ensemble, make_plan


def points(n: int = 7) -> Pareto:
    random = np.random.default_rng(2)
    rows = [
        (f"p{i}", *v, v.mean(), 1e8, 1.3e8, 0.002, "") for i, v in enumerate(random.uniform(0.2, 0.9, (n, 4)))
    ]
    table = pd.DataFrame(rows, columns=list(POINT_COLUMNS))
    for b in BENEFITS:
        k = table[b].idxmax()
        table.loc[k, "best_in"] = f"{table.loc[k, 'best_in']}+{b}".strip("+")
    return Pareto(table, (), {}, {}, {"city": 1e8, "district": 5e7}, Proof(n, 0, 0, 0, 0.002, 3))


def test_every_point_is_a_line_and_a_row() -> None:
    found = points()
    page = pareto_page(found)
    assert page.count("<polyline") == 2 * len(found.points)
    assert page.count('class="line best"') == 2 * int((found.points["best_in"] != "").sum())
    assert page.count("●</td>") == 2 * len(BENEFITS)
    assert page.count("<tr>") == 2 * (len(found.points) + 1)
    assert "http" not in page
    for words in ("四项效益之间的权衡", "What one benefit costs in another", "1.5 亿元", "¥150m"):
        assert words in page
    high = str(pareto_chart(replace(found, points=found.points.assign(economic=0.0)), "en"))
    assert high.count('points="40.0,300.0') == len(found.points)  # a share of 0 lies on the baseline


def gains(winners: int, losers: int) -> WhoGains:
    rows = [
        ("tenure", "private", 10, winners, losers, 10 - winners - losers, 9e3, 1e3, 8e3),
        ("income", "1", 10, winners, losers, 10 - winners - losers, 9e3, 1e3, 8e3),
    ]
    return WhoGains(
        10, winners, losers, 0.25, 0.1, 0.4, -500.0, 8e3, pd.DataFrame(rows, columns=list(GROUP_COLUMNS))
    )


def test_who_gains_is_told_by_tenure(rules: object) -> None:
    city = make_city()
    plan = make_plan(city)
    assert people.view(plan) == []
    told = replace(plan, people={s.id: gains(7, 2) for s in plan.schemes})
    seen = people.view(told)
    assert [s["title"] for s in seen] == [s.title for s in plan.schemes]
    assert [r["name"].en for r in seen[0]["rows"]] == ["private house"]
    assert "gain 7" in str(seen[0]["rows"][0]["bar"])
    assert "lose 2" in str(seen[0]["rows"][0]["bar"])
    page = render(city, rules, make_check(city), told, make_ensemble())  # type: ignore[arg-type]
    assert "哪些住户得益" in page
    assert "Which households gain" in page
    assert "哪些住户得益" not in render(city, rules, make_check(city), plan, make_ensemble())  # type: ignore[arg-type]
