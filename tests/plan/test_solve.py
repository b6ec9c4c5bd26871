"""The solver equals a brute-force search, prunes nothing that matters, and names contradictions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.plan.prices import lagrangian_bound
from hutong.plan.problem import Problem, Row, RowBuilder, settle_single, undominated
from hutong.plan.solve import binding_rows, solve
from hutong.text import Text


def row(name: str) -> Row:
    return Row(name, Text(name, name), "yuan", Text("test", "test"))


def brute_force(problem: Problem) -> float:
    """Try every combination; a continuous last column (the surplus) takes its smallest feasible value or fails."""
    groups = [[-1, *np.flatnonzero(problem.group == g)] for g in range(problem.group.max() + 1)]
    free = np.flatnonzero(problem.group < 0)
    best = -np.inf
    matrix = problem.matrix.toarray()
    for pick in itertools.product(*groups):
        x = np.zeros(problem.group.size)
        x[[p for p in pick if p >= 0]] = 1
        for s in _free_values(problem, matrix, x, free):
            y = x.copy()
            y[free] = s
            activity = matrix @ y
            slack = 1e-9 * np.array([r.scale for r in problem.rows])
            if (activity >= problem.lower - slack).all() and (activity <= problem.upper + slack).all():
                best = max(best, float(problem.objective @ y))
    return best


def _free_values(problem: Problem, matrix: np.ndarray, x: np.ndarray, free: np.ndarray) -> list[float]:
    """Return the corner values of one free column: zero, and where a row that it touches is at a limit."""
    if not free.size:
        return [0.0]
    base, slope = matrix @ x, matrix[:, free[0]]
    corners = [0.0, float(problem.column_upper[free[0]])]
    for bound in (problem.lower, problem.upper):
        touch = (slope != 0) & np.isfinite(bound)
        corners += list((bound[touch] - base[touch]) / slope[touch])
    return [c for c in corners if 0 <= c <= problem.column_upper[free[0]]]


@st.composite
def instances(draw: st.DrawFn, with_band: bool) -> Problem:
    """Small problems with a budget, a floor-area cap, a floor to reach and the micro-profit band with its surplus."""
    seed = draw(st.integers(0, 2**32 - 1))
    objects, options = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    random = np.random.default_rng(seed)
    n = objects * options
    columns = n + with_band
    group = np.full(columns, -1)
    group[:n] = np.repeat(np.arange(objects), options)

    def over(values: np.ndarray, surplus: float = 0.0) -> np.ndarray:
        return np.concatenate([values, [surplus]]) if with_band else values

    cost = random.integers(1, 60, n).astype(float) * 1e5
    benefit = random.integers(0, 40, n).astype(float)
    floor = random.integers(-300, 300, n).astype(float)
    build = RowBuilder.over(columns)
    build.add(row("budget"), over(cost), upper=float(random.integers(20, 160)) * 1e5)
    build.add(row("floor_area"), over(floor), upper=float(random.integers(0, 200)))
    build.add(row("mend"), over(benefit), lower=float(random.integers(0, 25)))
    if with_band:
        low = random.integers(-30, 30, n).astype(float) * 1e4
        high = low - random.integers(0, 20, n) * 1e4
        build.add(row("band_low"), over(low, -11.0), lower=0.0)
        build.add(row("band_high"), over(high, -9.0), upper=0.0)
    upper = np.ones(columns)
    upper[n:] = 1e6
    return build.build(over(benefit - cost / 1e6, -1e-7), group, upper)


@settings(max_examples=60, deadline=None)
@given(st.booleans().flatmap(instances))
def test_optimum_equals_brute_force(problem: Problem) -> None:
    best = brute_force(problem)
    if not np.isfinite(best):
        with pytest.raises(HutongError) as caught:
            solve(problem, gap=0.0)
        assert caught.value.code == "infeasible"
        assert caught.value.rows
        return
    found = solve(problem, gap=0.0)
    assert found.certificate.objective == pytest.approx(best, abs=1e-6)
    assert found.certificate.bound >= best - 1e-6
    without = solve(problem, gap=0.0, prune=False)
    assert without.certificate.objective == pytest.approx(best, abs=1e-6)
    assert np.bincount(problem.group[found.chosen][problem.group[found.chosen] >= 0], minlength=1).max() <= 1


def small(budget: float, must: float) -> Problem:
    build = RowBuilder.over(4)
    build.add(row("budget"), np.array([10.0, 30.0, 20.0, 20.0]), upper=budget)
    build.add(row("alarms"), np.array([1.0, 2.0, 1.0, 1.0]), lower=must)
    return build.build(np.array([1.0, 4.0, 2.0, 2.0]), np.array([0, 0, 1, 1]), np.ones(4))


def test_equal_options_leave_one_and_useless_ones_go() -> None:
    assert undominated(small(50, 0)).tolist() == [True, True, True, False]
    build = RowBuilder.over(2)
    build.add(row("budget"), np.array([5.0, 5.0]), upper=9)
    useless = build.build(np.array([-1.0, 2.0]), np.array([0, 0]), np.ones(2))
    assert undominated(useless).tolist() == [False, True]


def test_binding_rows_are_named() -> None:
    found = solve(small(50, 3))
    assert [b.row for b in found.certificate.binding] == ["budget", "alarms"]
    assert found.chosen.tolist() == [1, 2]
    assert found.certificate.status == "optimal"
    assert found.certificate.gap <= 1e-3
    assert binding_rows(small(80, 1), found.x) == ()


def test_contradiction_names_the_rows_and_the_gap() -> None:
    with pytest.raises(HutongError) as caught:
        solve(small(30, 3))
    text = caught.value.render("en")
    assert caught.value.code == "infeasible"
    assert "budget" in text or "alarms" in text
    assert "short by" in text
    limits = [r for r in caught.value.rows if not r.startswith("→")]
    assert len(limits) == 2
    assert len(caught.value.rows) == 4  # and a way out by each


def test_same_seed_same_answer() -> None:
    random = np.random.default_rng(3)
    build = RowBuilder.over(400)
    build.add(row("budget"), random.uniform(1, 9, 400), upper=120)
    problem = build.build(random.uniform(0, 5, 400), np.repeat(np.arange(100), 4), np.ones(400))
    first, second = solve(problem), solve(problem)
    assert (first.x == second.x).all()
    assert first.certificate == second.certificate


def test_empty_problem() -> None:
    build = RowBuilder.over(1)
    build.add(row("budget"), np.array([5.0]), upper=1)
    found = solve(build.build(np.array([1.0]), np.array([0]), np.ones(1)))
    assert found.chosen.size == 0
    assert found.certificate.objective == 0


def big(seed: int, lowest: float) -> Problem:
    """Return 40 objects × 6 options under a budget and rows of one object each."""
    random = np.random.default_rng(seed)
    n = 240
    group = np.repeat(np.arange(40), 6)
    build = RowBuilder.over(n)
    cost = random.uniform(1, 9, n)
    build.add(row("budget"), cost, upper=67.0)
    build.add(row("alarms"), random.uniform(0, 1, n) * (random.random(n) < 0.2), lower=lowest)
    net = random.normal(1.0, 1.0, n)
    build.add_sparse(
        [row(f"own:{i}") for i in range(40)], group, np.arange(n), net, [0.0] * 40, [np.inf] * 40
    )
    return build.build(cost**0.7 * random.uniform(0.5, 1.5, n), group, np.ones(n))


@pytest.mark.parametrize("seed", range(4))
def test_solving_by_prices_equals_the_plain_search(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = big(seed, 1.0)
    plain = solve(problem, gap=1e-4, prune=False)
    monkeypatch.setattr("hutong.plan.solve.PRICES_FROM", 1)
    found = solve(problem, gap=1e-4)
    assert found.certificate.status == "optimal"
    assert found.certificate.gap <= 1e-4
    assert found.certificate.objective == pytest.approx(plain.certificate.objective, rel=2e-4)
    assert found.certificate.bound >= plain.certificate.objective - 1e-6
    assert (problem.matrix @ found.x >= problem.lower - 1e-6).all()
    assert (problem.matrix @ found.x <= problem.upper + 1e-6).all()
    exact = solve(problem, gap=0.0)  # the relaxation alone cannot prove this: the search goes on behind it
    assert exact.certificate.objective == pytest.approx(
        solve(problem, gap=0.0, prune=False).certificate.objective
    )
    with pytest.raises(HutongError, match="cannot be met"):
        solve(big(seed, 500.0), gap=1e-4)


def test_the_bound_is_what_any_prices_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Lagrangian bound holds for every price, and equals a plain sum over objects."""
    problem = big(5, 1.0)
    best = solve(problem, gap=0.0, prune=False).certificate.objective
    random = np.random.default_rng(1)
    scale = np.array([r.scale for r in problem.rows])
    dense = problem.matrix.toarray()
    for _ in range(20):
        y = np.concatenate([random.uniform(0, 9, 1), -random.uniform(0, 9, 41) * (random.random(41) < 0.3)])
        bound, worth = lagrangian_bound(problem, y)
        plain = y[0] / scale[0] * problem.upper[0]
        plain += sum(y[r] / scale[r] * problem.lower[r] for r in range(1, 42))
        value = problem.objective - (y / scale) @ dense
        plain += sum(max(0.0, value[problem.group == g].max()) for g in range(40))
        assert bound == pytest.approx(plain)
        assert worth == pytest.approx(value)
        assert bound >= best - 1e-9


def test_a_start_is_used_and_never_made_worse() -> None:
    problem = big(3, 1.0)
    exact = solve(problem, gap=0.0)
    again = solve(problem, gap=0.0, start=exact.x)
    assert again.certificate.objective == pytest.approx(exact.certificate.objective)
    told: list[float] = []
    solve(problem, gap=0.0, node_limit=0, start=exact.x, watch=lambda value, _bound: told.append(value))
    wrong = np.ones(exact.x.size)  # breaks every limit: not a choice, and not used
    assert solve(problem, gap=0.0, start=wrong).certificate.objective == pytest.approx(
        exact.certificate.objective
    )


def test_rows_of_one_object_are_settled_beforehand() -> None:
    problem = big(1, 0.5)
    keep, rest = settle_single(problem)
    assert len(rest.rows) == 2
    net = problem.matrix[2:, :].tocoo()
    bad = np.unique(net.coords[1][net.data < -1e-6])
    assert (~keep).sum() == bad.size
    assert not keep[bad].any()


def test_limits_of_effort_are_said() -> None:
    problem = big(2, 1.0)
    quick = solve(problem, gap=0.0, node_limit=0)
    assert quick.certificate.status in ("optimal", "node_limit")
    assert quick.certificate.bound >= quick.certificate.objective
