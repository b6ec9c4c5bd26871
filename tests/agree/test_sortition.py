"""Sortition: feasibility that names what conflicts, and lotteries against every panel there is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from hutong.agree import sortition_lottery
from hutong.agree.sortition import Pool, Quota, Selection, find_panel, quotas_from, relaxation, with_fixed
from hutong.agree.sortition_lottery import FairLottery, check_certificate, fair_lottery
from hutong.errors import HutongError


def people(seed: int, n: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(n)],
            "gender": draw.choice(["f", "m"], n, p=[0.65, 0.35]),
            "age": draw.choice(["young", "middle", "old"], n, p=[0.15, 0.35, 0.5]),
            "home": draw.choice(["owner", "tenant"], n, p=[0.75, 0.25]),
        }
    )


QUOTAS = quotas_from(
    {
        "gender": {"f": (2, 2), "m": (2, 2)},
        "age": {"young": (1, 2), "old": (1, 2)},
        "home": {"tenant": (1, 2)},
    }
)


def selection(seed: int = 1, n: int = 12) -> Selection:
    return Selection(Pool.from_table(people(seed, n)), 4, QUOTAS)


def every_panel(s: Selection) -> np.ndarray:
    """All panels person by person, bool (panels, people): the plain reference."""
    out = []
    for panel in combinations(range(len(s.pool)), s.size):
        counts = [s.pool.count(q, [s.pool.ids[i] for i in panel]) for q in s.quotas]
        if all(q.least <= c <= q.most for q, c in zip(s.quotas, counts, strict=True)):
            out.append(np.isin(np.arange(len(s.pool)), panel))
    return np.array(out)


def plain_leximin(panels: np.ndarray) -> np.ndarray:
    """Leximin by its definition: raise the least, fix whoever cannot be raised, go on."""
    n = panels.shape[1]
    fixed = np.full(n, np.nan)

    def least(goal: np.ndarray, floor: np.ndarray, open_: np.ndarray) -> float:
        # maximise goal · chance + z with chance >= floor, >= z for the open
        m = len(panels)
        cost = -np.append(panels @ goal, 0.0 if goal.any() else 1.0)
        a = np.hstack([-panels.T.astype(float), np.where(open_, 1.0, 0.0)[:, None]])
        b = -np.where(open_, 0.0, floor)
        if goal.any():
            a[:, -1], b = 0, -floor
        found = linprog(
            cost, A_ub=a, b_ub=b, A_eq=[[1.0] * m + [0.0]], b_eq=[1.0], bounds=[(0, None)] * (m + 1)
        )
        return -float(found.fun)

    while np.isnan(fixed).any():
        open_ = np.isnan(fixed)
        z = least(np.zeros(n), np.nan_to_num(fixed) - 1e-9, open_)
        floor = np.where(open_, z, fixed) - 1e-9
        stuck = [i for i in np.flatnonzero(open_) if least(np.eye(n)[i], floor, open_) <= z + 1e-6]
        fixed[stuck] = z
    return fixed


@pytest.mark.parametrize("seed", [1, 3, 4, 5, 6, 7])
def test_small_pools_against_every_panel(seed):
    s = selection(seed)
    panels = every_panel(s)
    assert len(panels) > 5
    expected = plain_leximin(panels)
    lottery = fair_lottery(s)
    chances = np.array([float(c) for c in lottery.chances()])[s.kind]
    assert np.sort(chances) == pytest.approx(np.sort(expected), abs=2e-5)
    assert chances == pytest.approx(expected, abs=2e-5)
    drawable = expected > 1e-7
    assert {int(k) for k in s.kind[~drawable]} == set(lottery.excluded)
    least = fair_lottery(s, leximin=False).certificate
    assert float(least.least) == pytest.approx(expected[drawable].min(), abs=2e-6)
    for panel in lottery.panels:
        assert s.meets(panel)
    assert lottery.certificate.complete
    assert lottery.certificate.leximin
    assert not least.leximin


def test_two_hundred_people_have_the_best_least_chance_and_the_proof():
    table = people(3, 200)
    quotas = quotas_from(
        {
            "gender": {"f": (9, 11), "m": (9, 11)},
            "age": {"young": (4, 6), "middle": (6, 8), "old": (7, 9)},
            "home": {"owner": (11, 13), "tenant": (7, 9)},
        }
    )
    s = Selection(Pool.from_table(table), 20, quotas)
    lottery = fair_lottery(s)
    certificate = lottery.certificate
    assert certificate.complete
    assert 0 <= certificate.gap < Fraction(1, 100_000)
    assert check_certificate(s, certificate)
    assert min(lottery.chances()) == certificate.least
    assert sum(c * int(n) for c, n in zip(lottery.chances(), s.sizes, strict=True)) == 20
    # a forged bound does not hold
    assert not check_certificate(s, replace(certificate, bound=certificate.bound / 2))
    assert not check_certificate(s, replace(certificate, worth=certificate.worth - 1))
    assert not check_certificate(s, replace(certificate, prices=()))
    # 9 of at most 11 men among 200 cannot have more than the most seats over the men
    men = s.pool.count(quotas[1])
    assert certificate.bound <= Fraction(11, men)
    assert "%" in certificate.text().zh


def test_the_same_lottery_every_time():
    one, two = fair_lottery(selection(3)), fair_lottery(selection(3))
    assert (one.panels == two.panels).all()
    assert (one.weights == two.weights).all()
    assert one.certificate == two.certificate


def test_a_limit_still_gives_a_lottery_and_says_how_far_it_is():
    table = people(3, 60)
    s = Selection(Pool.from_table(table), 4, QUOTAS)
    full = fair_lottery(s).certificate
    short = fair_lottery(s, rounds=0)
    assert not short.certificate.complete
    assert not short.certificate.leximin
    assert short.certificate.least <= full.least
    assert short.certificate.bound >= full.bound
    assert check_certificate(s, short.certificate)
    assert "limit" in short.certificate.text().en
    ticks = iter(range(1000))
    timed: FairLottery = fair_lottery(s, seconds=2, clock=lambda: float(next(ticks)))
    assert not timed.certificate.leximin
    assert fair_lottery(s, rounds=500).certificate.least == full.least


def test_the_start_for_many_kinds_changes_nothing_but_the_way(monkeypatch):
    s = Selection(Pool.from_table(people(3, 60)), 4, QUOTAS)
    plain = fair_lottery(s)
    monkeypatch.setattr(sortition_lottery, "MANY_KINDS", 0)
    spread = fair_lottery(s)
    assert spread.certificate.complete
    assert float(spread.certificate.least) == pytest.approx(float(plain.certificate.least), abs=2e-6)
    assert [float(c) for c in spread.chances()] == pytest.approx(
        [float(c) for c in plain.chances()], abs=2e-5
    )
    at_once = fair_lottery(s, seconds=0)
    assert at_once.certificate.bound <= Fraction(4, 60)  # places / people, at worst
    assert check_certificate(s, at_once.certificate)


def test_who_cannot_be_drawn_is_said():
    # one wants two tenants, and the only tenants are women; men are never drawn to a panel of two
    table = pd.DataFrame({"id": list("abcd"), "gender": list("ffmm"), "home": ["t", "t", "o", "o"]})
    s = Selection(Pool.from_table(table), 2, (Quota("home", "t", 2, 2),))
    lottery = fair_lottery(s)
    assert [lottery.chances()[k] for k in s.kind] == [1, 1, 0, 0]
    assert len(lottery.excluded) == 1
    assert lottery.certificate.least == lottery.certificate.bound == 1
    assert check_certificate(s, lottery.certificate)


def test_conflicting_quotas_are_named_with_the_least_change():
    table = pd.DataFrame({"id": list("abcdef"), "gender": list("fffffm"), "home": list("ttoooo")})
    pool = Pool.from_table(table)
    quotas = (
        Quota("gender", "m", 2, 3),
        Quota("home", "t", 1, 2),
    )
    with pytest.raises(HutongError) as caught:
        Selection(pool, 3, quotas)
    assert caught.value.code == "quotas-conflict"
    assert caught.value.rows == (
        "conflict: gender = m: at least 2 of 3 (pool: 1)",
        "possible with: gender = m: at least 1 instead of 2",
    )
    # each alone is possible, together they are not: three seats, two tenants (women) and two of at most one woman
    quotas = (Quota("gender", "f", 0, 1), Quota("home", "t", 2, 2), Quota("home", "o", 0, 3))
    with pytest.raises(HutongError) as caught:
        Selection(pool, 3, quotas)
    rows = caught.value.rows
    assert {r for r in rows if r.startswith("conflict")} == {"conflict: gender = f: at most 1 of 3 (pool: 5)"}
    assert [r for r in rows if r.startswith("possible")] == [
        "possible with: gender = f: at most 2 instead of 1"
    ]
    big = pd.concat([table, pd.DataFrame({"id": list("xyz"), "gender": list("mmm"), "home": list("ooo")})])
    with pytest.raises(HutongError) as caught:
        Selection(Pool.from_table(big), 3, quotas)
    rows = caught.value.rows
    assert rows[:2] == (
        "conflict: gender = f: at most 1 of 3 (pool: 5)",
        "conflict: home = t: at least 2 of 3 (pool: 2)",
    )
    assert len(rows) == 3  # one of them gives way by one


def test_the_least_change_makes_a_panel_possible():
    s = selection(1)
    assert relaxation(s) == ()
    with pytest.raises(HutongError) as caught:
        Selection(s.pool, 4, (*s.quotas, Quota("age", "middle", 4, 4)))
    broken = [r for r in caught.value.rows if r.startswith("possible")]
    changed = {r.split(": ")[1] for r in broken}
    loose = []
    for q in (*s.quotas, Quota("age", "middle", 4, 4)):
        for row in broken:
            if q.name in row:
                number = int(row.split(" instead")[0].split()[-1])
                q = replace(q, least=number) if "at least" in row else replace(q, most=number)
        loose.append(q)
    assert changed
    again = Selection(s.pool, 4, tuple(loose))
    assert find_panel(again, np.ones(len(again.sizes), np.int64)).sum() == 4


def test_broken_pools_and_quotas_name_every_row():
    with pytest.raises(HutongError) as caught:
        Pool.from_table(pd.DataFrame({"id": ["a", "a", None, ""]}))
    assert caught.value.rows == (
        "row 1: a is listed twice",
        "row 2: the id is empty",
        "row 3: the id is empty",
    )
    with pytest.raises(HutongError) as caught:
        Pool.from_table(pd.DataFrame({"name": ["a"]}))
    assert caught.value.rows == ("column id is missing",)
    pool = Pool.from_table(people(1, 5))
    with pytest.raises(HutongError) as caught:
        Selection(pool, 6, (Quota("age", "old", 2, 1), Quota("age", "old", 0, 1), Quota("shoe", "42", 0, 1)))
    assert caught.value.rows == (
        "panel of 6: the pool has 5 people",
        "age = old: 2 to 1 is not a range of whole numbers",
        "age = old: given twice",
        "shoe = 42: the pool has no column shoe",
    )
    with pytest.raises(HutongError) as caught:
        pool.without(["r0", "nobody"])
    assert caught.value.rows == ("nobody: not in the pool",)
    assert pool.count(Quota("shoe", "42", 0, 1)) == 0


def test_unknown_categories_count_to_no_quota():
    table = pd.DataFrame({"id": ["a", "b", "c"], "gender": ["f", None, "m"]})
    s = Selection(Pool.from_table(table), 2, (Quota("gender", "f", 1, 1), Quota("gender", "m", 0, 0)))
    assert [float(c) for c in np.array(fair_lottery(s).chances())[s.kind]] == [1, 1, 0]


def test_without_quotas_all_have_the_same_chance():
    s = Selection(Pool.from_table(people(1, 7)), 3, ())
    assert fair_lottery(s).chances() == (Fraction(3, 7),)


def test_known_members_count_to_the_quotas():
    pool = Pool.from_table(people(1, 12))
    known = {"r0": {"gender": "f", "age": "old"}, "guest": {"gender": "m", "home": "tenant"}}
    s = with_fixed(pool, 4, QUOTAS, known)
    assert (s.size, len(s.pool)) == (2, 11)
    limits = {q.name: (q.least, q.most) for q in s.quotas}
    assert limits["gender = f"] == limits["gender = m"] == (1, 1)
    assert limits["age = old"] == (0, 1)
    assert limits["home = tenant"] == (0, 1)
    with pytest.raises(HutongError) as caught:
        with_fixed(pool, 2, QUOTAS, {str(i): {"gender": "m"} for i in range(3)})
    assert caught.value.rows == (
        "gender = m: 3 members are known already, at most 2 are allowed",
        "panel of 2: 3 members are known already",
    )
