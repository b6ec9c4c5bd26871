"""Every family of limits equals a brute-force search that knows only what the family means."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from hutong.errors import HutongError
from hutong.plan.bands import OperatorMoney, add_bands, add_fund
from hutong.plan.finance import npv
from hutong.plan.flows import ANY, Flow, add_flows, add_place_rows
from hutong.plan.money import Calendar
from hutong.plan.phasing import Moves, Phases, phased
from hutong.plan.problem import Row, RowBuilder
from hutong.plan.solve import Solution, solve

from .test_solve import row

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)
Pick = tuple[int, ...]


def picks(group: np.ndarray) -> Iterator[Pick]:
    """Yield every choice of at most one option per object."""
    for chosen in itertools.product(*[[-1, *np.flatnonzero(group == g)] for g in range(group.max() + 1)]):
        yield tuple(int(c) for c in chosen if c >= 0)


def best_of(group: np.ndarray, gain: np.ndarray, allowed: Callable[[Pick], bool]) -> float:
    return max((float(gain[list(p)].sum()) for p in picks(group) if allowed(p)), default=-np.inf)


def assert_equal(build: RowBuilder, group: np.ndarray, gain: np.ndarray, best: float) -> Solution | None:
    problem = build.build(gain, group, np.ones(group.size))
    if not np.isfinite(best):
        with pytest.raises(HutongError) as caught:
            solve(problem, gap=0.0)
        assert caught.value.code == "infeasible"
        return None
    found = solve(problem, gap=0.0)
    assert float(gain @ found.x[: gain.size]) == pytest.approx(best, abs=1e-3)
    return found


def feasible(a: list[list[float]], b: list[float], e: list[list[float]], most: list[float]) -> bool:
    """Return whether 0 ≤ x ≤ most exists with a x ≤ b and e x = 0."""
    if not most:
        return all(v >= -1e-9 for v in b)
    done = linprog(np.zeros(len(most)), np.array(a) if a else None, np.array(b) + 1e-9 if a else None, np.array(e) if e else None,
                   np.zeros(len(e)) if e else None, [(0, m) for m in most])  # fmt: skip
    return bool(done.status == 0)


@FEW
@given(SEEDS)
def test_floor_area_moves_between_places_and_is_conserved(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(3), 3)
    place = random.integers(0, 3, 3)[group]
    change = random.integers(-80, 120, 9).astype(float)
    room = random.choice([0.0, 30.0, 60.0, np.nan], 3)
    names = ["a", "b", "c"]
    ends = [*names, ANY]
    flows = [
        Flow(*(ends[i] for i in random.choice(4, 2, replace=False)), float(random.integers(0, 90)), "批准")
        for _ in range(int(random.integers(0, 4)))
    ]
    gain = random.integers(1, 40, 9).astype(float)
    build = RowBuilder.over(9)
    moved = add_flows(build, "transfer", row("t").title, "m2", row("t").title, flows, names)
    matrix = sparse.csr_array((change, (place, np.arange(9))), shape=(3, 9))
    add_place_rows(build, [row(f"plot:{p}") for p in names], matrix, room, moved)

    def allowed(pick: Pick) -> bool:
        a, b, pool = [], [], []
        for p in range(3):
            if not np.isnan(room[p]):
                a.append([float(f.giver == names[p]) - float(f.taker == names[p]) for f in flows])
                b.append(float(room[p]) - sum(change[i] for i in pick if place[i] == p))
        pool = [float(f.giver == ANY) - float(f.taker == ANY) for f in flows]
        return feasible(a, b, [pool] if any(pool) else [], [f.most for f in flows])

    found = assert_equal(build, group, gain, best_of(group, gain, allowed))
    if found is None:
        return
    sent = found.x[moved.columns]
    assert (sent <= np.array([f.most for f in flows]) + 1e-6).all()
    into = sum(x for x, f in zip(sent, flows, strict=True) if f.taker == ANY)
    out = sum(x for x, f in zip(sent, flows, strict=True) if f.giver == ANY)
    assert into == pytest.approx(out, abs=1e-5)
    assert float((moved.incidence @ sent).sum() + into - out) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    "flow",
    [Flow("a", "x", 5, "批"), Flow("a", "a", 5, "批"), Flow("a", "b", -1, "批"), Flow("a", "b", 5, " ")],
)
def test_a_flow_that_cannot_be_used(flow: Flow) -> None:
    with pytest.raises(HutongError) as caught:
        add_flows(RowBuilder.over(1), "transfer", row("t").title, "m2", row("t").title, [flow], ["a", "b"])
    assert caught.value.code == "bad-flow"


def operator(random: np.random.Generator, n: int) -> OperatorMoney:
    """Return works, income, running cost and a renewal every ten years."""
    works = random.integers(0, 50, n) * 1e5
    amounts = np.array(
        [works, works * random.uniform(0.0, 0.2, n), works * random.uniform(0.0, 0.05, n),
         works * random.choice([0.0, 0.1], n)]
    )  # fmt: skip
    return OperatorMoney(("build", "operate", "operate", "renewal@10"), (-1.0, 1.0, -1.0, -1.0), amounts)


def yearly(money: OperatorMoney, pick: list[int], term: Calendar, surplus: float) -> np.ndarray:
    """Return the operator's flows year by year, from what each payment is."""
    works, income, running, renewal = money.amounts[:, pick].sum(axis=1)
    out = np.zeros(term.years + 2)
    out[:2] -= works / 2
    out[2:] += income - running - surplus
    for year in range(2 + 10, term.years + 2, 10):
        out[year] -= renewal
    return out


RATES = (0.06, 0.08)


def in_band(money: OperatorMoney, pick: list[int], term: Calendar) -> bool:
    """Return whether some surplus a year brings the return into the band."""
    low, high = (float(npv(r, yearly(money, pick, term, 0.0))) for r in RATES)
    a_low, a_high = (term.factor("operate", r) for r in RATES)
    return max(0.0, high / a_high) <= low / a_low + 1e-6 and low >= -1e-3


@FEW
@given(SEEDS)
def test_a_choice_of_concession_years_per_unit(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(3), 3)
    unit = np.array([0, 0, 1])[group]
    money = operator(random, 9)
    gain = random.integers(1, 40, 9).astype(float)
    terms = [Calendar(y) for y in (8, 14, 25)]
    build = RowBuilder.over(9)
    columns = add_bands(
        build, money, unit, ["u", "v"], terms, RATES, (row("operator.low"), row("operator.high"))
    )

    def allowed(pick: Pick) -> bool:
        return all(any(in_band(money, [i for i in pick if unit[i] == u], t) for t in terms) for u in range(2))

    found = assert_equal(build, group, gain, best_of(group, gain, allowed))
    assert found is not None
    assert columns.chosen is not None
    for u in range(2):
        pick = [int(i) for i in found.chosen if i < 9 and unit[i] == u]
        term = [t for t, z in zip(terms, columns.chosen[u], strict=True) if found.x[z] > 0.5]
        if not money.amounts[:, pick].any():
            continue
        assert len(term) == 1
        flows = yearly(money, pick, term[0], float(found.x[columns.surplus[u]].sum()))
        assert npv(RATES[0], flows) >= -30
        assert npv(RATES[1], flows) <= 30


@FEW
@given(SEEDS)
def test_lean_units_are_carried_by_fat_ones(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(3), 3)
    unit = np.array([0, 1, 1])[group]
    money, term = operator(random, 9), Calendar(20)
    gain = random.integers(1, 40, 9).astype(float)
    flow = Flow("v", "u", float(random.integers(0, 4)) * 1e5, "片区平衡协议")
    build = RowBuilder.over(9)
    support = add_flows(build, "support", row("s").title, "yuan", row("s").title, [flow], ["u", "v"])
    add_bands(
        build,
        money,
        unit,
        ["u", "v"],
        [term],
        RATES,
        (row("operator.low"), row("operator.high")),
        support,
    )
    a = [term.factor("operate", r) for r in RATES]

    def allowed(pick: Pick) -> bool:
        rows, limits = [], []
        for u, way in ((0, 1.0), (1, -1.0)):  # columns: support, surplus of u, surplus of v
            own = [i for i in pick if unit[i] == u]
            low, high = (float(npv(r, yearly(money, own, term, 0.0))) for r in RATES)
            share = [float(u == 0), float(u == 1)]
            rows.append([-way * a[0], a[0] * share[0], a[0] * share[1]])
            limits.append(low)
            rows.append([way * a[1], -a[1] * share[0], -a[1] * share[1]])
            limits.append(-high)
        return feasible(rows, limits, [], [flow.most, 1e9, 1e9])

    assert_equal(build, group, gain, best_of(group, gain, allowed))


@FEW
@given(SEEDS)
def test_the_maintenance_fund_eases_the_burden(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(4), 2)
    due = random.integers(0, 60, 8).astype(float) * 1e3
    most = random.integers(5, 40, 4).astype(float) * 1e3
    fund_of = np.array([0, 0, 1, -1])
    funds = random.integers(0, 50, 2).astype(float) * 1e3
    gain = random.integers(1, 40, 8).astype(float)
    build = RowBuilder.over(8)
    drawn = add_fund(
        build,
        sparse.csr_array((due, (group, np.arange(8))), shape=(4, 8)),
        most,
        [row(f"burden:{i}") for i in range(4)],
        fund_of,
        funds,
        [row("fund:0"), row("fund:1")],
    )

    def allowed(pick: Pick) -> bool:
        need = np.zeros(4)
        for i in pick:
            need[group[i]] = max(0.0, due[i] - most[group[i]])
        return need[3] == 0 and all(need[fund_of == f].sum() <= funds[f] + 1e-6 for f in range(2))

    found = assert_equal(build, group, gain, best_of(group, gain, allowed))
    assert found is not None
    for f in range(2):
        assert found.x[drawn][fund_of == f].sum() <= funds[f] + 1e-3


@FEW
@given(SEEDS)
def test_works_spread_over_years(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(3), 2)
    n, years = 6, 3
    cost = random.integers(10, 60, n).astype(float)
    gain = random.integers(1, 40, n).astype(float)
    out = random.integers(0, 8, n).astype(float)
    stay = random.choice([1, 2], n)
    gives = random.choice([0.0, 3.0], n)
    worth = random.integers(-20, 20, n).astype(float)
    budget, room = float(random.integers(15, 60)), float(random.integers(3, 12))
    build = RowBuilder.over(n)
    build.add(row("operator.low"), worth, lower=0.0)
    static = build.build(gain, group, np.ones(n))
    problem = phased(
        static, Phases(years, {"city": budget}, room), {"operator.low": 0.05}, 0.03, {"city": cost},
        np.array([0.5, 0.5]), Moves(out, stay, gives),
    )  # fmt: skip

    def allowed(pick: list[tuple[int, int]]) -> bool:
        for year in range(years + 1):
            paid = sum(cost[i] / 2 for i, t in pick if t <= year <= t + 1)
            if paid > budget + 1e-9:
                return False
        for year in range(years):
            away = sum(out[i] for i, t in pick if t <= year < t + stay[i])
            more = sum(gives[i] for i, t in pick if year >= t + max(stay[i], 2))
            if away > room + more + 1e-9:
                return False
        return sum(worth[i] * 1.05**-t for i, t in pick) >= -1e-9

    best = 0.0
    choices = [
        [None, *[(int(i), t) for i in np.flatnonzero(group == g) for t in range(years)]] for g in range(3)
    ]
    for pick in itertools.product(*choices):
        done = [p for p in pick if p is not None]
        if allowed(done):
            best = max(best, sum(gain[i] * 1.03**-t for i, t in done))
    found = solve(problem, gap=0.0)
    assert found.certificate.objective == pytest.approx(best, abs=1e-6)


@FEW
@given(SEEDS, st.floats(1.0, 3.0))
def test_relaxing_a_limit_never_lowers_the_optimum(seed: int, ease: float) -> None:
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(4), 3)
    cost, gain = random.uniform(1, 9, 12), random.uniform(0, 5, 12)
    values = []
    for limit in (10.0, 10.0 * ease):
        build = RowBuilder.over(12)
        build.add(Row("budget.city", *[row("b").title] * 1, "yuan", row("b").title), cost, upper=limit)
        values.append(solve(build.build(gain, group, np.ones(12)), gap=0.0).certificate.objective)
    assert values[1] >= values[0] - 1e-9
