"""Contradictions: the set named is one, every limit of it is needed, and the ways out lead out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.plan.conflict import contradiction, find_conflict, kind_of, only, quick_explain, ways_out
from hutong.plan.highs import Effort
from hutong.plan.prices import by_prices
from hutong.plan.problem import Problem, Row, RowBuilder
from hutong.text import Text

from .test_solve import brute_force, instances, row

EFFORT = Effort(0.0, 10.0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(instances(with_band=False), st.integers(0, 60), st.integers(0, 60))
def test_the_set_is_a_contradiction_and_none_of_it_can_be_missed(
    problem: Problem, wanted: int, cheap: int
) -> None:
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[2], upper[0] = float(wanted), cheap * 1e5
    problem = replace(problem, lower=lower, upper=upper)
    found = find_conflict(problem, EFFORT)
    if np.isfinite(brute_force(problem)):
        assert found is None
        return
    assert found is not None
    assert found.smallest
    names = [r.id for r in problem.rows]
    rows = np.array([names.index(r.row.id) for r in found.rows])
    assert not np.isfinite(brute_force(only(problem, rows)))
    for at in range(rows.size):
        assert np.isfinite(brute_force(only(problem, np.delete(rows, at))))


@given(st.sets(st.integers(0, 11), min_size=1, max_size=12))
def test_quick_explain_finds_the_set(needed: set[int]) -> None:
    found = quick_explain(np.arange(12), lambda held: needed <= set(held.tolist()))
    assert set(found.tolist()) == needed


def test_ways_out_of_too_little_money() -> None:
    build = RowBuilder.over(2)
    build.add(row("budget.city"), np.array([30.0, 40.0]), upper=25.0)
    build.add(row("alarm:x"), np.array([1.0, 1.0]), lower=2.0)
    problem = build.build(np.zeros(2), np.array([0, 1]), np.ones(2))
    ways = ways_out(problem, EFFORT)
    assert [w.en for w, _ in ways] == ["more money", "lower aims"]
    money, aims = (rows[0] for _, rows in ways)
    assert (money.limit, money.needed, money.short) == (25.0, 70.0, 45.0)
    assert (aims.limit, aims.needed) == (2.0, 0.0)
    eased = replace(problem, upper=np.array([70.0, np.inf]))
    assert find_conflict(eased, EFFORT) is None


def test_kinds_of_limits() -> None:
    words = Text("x", "x")
    kinds = {
        i: kind_of(Row(i, words, "m2", words))[0]
        for i in (
            "budget.city",
            "alarm:a:b",
            "menu_basic:b1",
            "reserve",
            "transfer.plots.pool",
            "unit.demolition_share_max",
            "plot_ratio:p1",
            "no_worse:b1:c",
        )
    }
    assert kinds == {
        "budget.city": "money",
        "alarm:a:b": "aims",
        "menu_basic:b1": "aims",
        "reserve": "allowances",
        "transfer.plots.pool": "rigid",
        "unit.demolition_share_max": "principle",
        "plot_ratio:p1": "rigid",
        "no_worse:b1:c": "rigid",
    }


def either_or() -> Problem:
    """Return one object that halves of two options would serve, but no whole one, beside rows that do not matter."""
    build = RowBuilder.over(3)
    build.add(row("no_worse:x"), np.array([1.0, 1.0, -1.0]), lower=-1.0)
    build.add(row("alarm:a"), np.array([1.0, 0.0, 0.0]), lower=0.5)
    build.add(row("year.city:0"), np.array([4.0, 4.0, 2.0]), upper=9.0)
    build.add(row("alarm:b"), np.array([0.0, 1.0, 0.0]), lower=0.5)
    return build.build(np.array([1.0, 1.0, 1.0]), np.array([0, 0, 1]), np.ones(3))


def test_a_contradiction_in_whole_options_is_named() -> None:
    found = find_conflict(either_or(), EFFORT)
    assert found is not None
    assert found.smallest
    assert [r.row.id for r in found.rows] == ["alarm:a", "alarm:b"]


def test_ways_out_come_first_and_money_before_aims() -> None:
    build = RowBuilder.over(30)
    for i in range(30):
        build.add(row(f"alarm:{i}"), np.eye(30)[i], lower=1.0)
    build.add(row("budget.city"), np.full(30, 2.0), upper=50.0)
    # 25 could be afforded, so that 26 alarms and the budget are the smallest set
    lines = contradiction(build.build(np.zeros(30), np.arange(30), np.ones(30)), EFFORT).rows
    assert [line.startswith("→") for line in lines] == [True, True] + [False] * 27
    assert lines[2].startswith("budget.city")
    assert lines[3].startswith("alarm:")


def test_prices_do_not_call_nothing_an_optimum() -> None:
    found = by_prices(either_or(), Effort(1e-3, 10.0))
    assert (found.status, found.x) == ("infeasible", None)
