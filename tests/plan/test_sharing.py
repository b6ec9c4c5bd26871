"""Nash bargaining against its closed form and a numeric solver; coalitions against known games."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hutong.errors import HutongError
from hutong.plan.coalitions import (
    Game,
    contested_garment,
    core_check,
    least_core,
    nucleolus,
    shapley,
    shapley_sampled,
)
from hutong.plan.sharing import Party, clauses, fill, nash_split
from hutong.text import Text


def party(name: str, **kw: float) -> Party:
    return Party(name, Text(name, name), **kw)


def test_nash_closed_form() -> None:
    parties = [party("a", disagreement_yuan=10, weight=1), party("b", disagreement_yuan=20, weight=3)]
    split = nash_split(70, parties)
    assert split.yuan == pytest.approx((10 + 10, 20 + 30))
    assert split.marginal == pytest.approx((0.25, 0.75))
    assert split.gain_yuan == pytest.approx((10, 30))


def test_nash_with_bounds_is_what_a_solver_finds() -> None:
    parties = [
        party("a", disagreement_yuan=5, weight=2, most_yuan=20),
        party("b", disagreement_yuan=0, weight=1, least_yuan=30),
        party("c", disagreement_yuan=10, weight=1),
    ]
    split = nash_split(100, parties)
    d, w = np.array([5, 0, 10]), np.array([2, 1, 1])
    found = minimize(
        lambda x: -(w * np.log(np.maximum(x - d, 1e-9))).sum(),
        [15, 40, 45],
        bounds=[(6, 20), (30, 100), (11, 100)],
        constraints={"type": "eq", "fun": lambda x: x.sum() - 100},
        tol=1e-12,
    )
    assert split.yuan == pytest.approx(found.x, abs=1e-3)
    assert split.yuan == pytest.approx((20, 35, 45))
    assert split.bound == ("most", "", "")
    assert split.marginal == pytest.approx((0, 0.5, 0.5))
    tight = nash_split(60, parties)
    assert tight.bound == ("", "least", "")
    assert tight.yuan == pytest.approx((5 + 10, 30, 10 + 5))


amounts = st.floats(-1e6, 1e6, allow_nan=False)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(amounts, st.floats(0.1, 10), st.floats(0, 1e6)), min_size=1, max_size=6),
    st.floats(0, 1),
)
def test_nash_adds_up_and_nobody_loses(rows: list[tuple[float, float, float]], part: float) -> None:
    parties = [
        party(str(i), disagreement_yuan=d, weight=w, most_yuan=d + room)
        for i, (d, w, room) in enumerate(rows)
    ]
    low, high = sum(p.disagreement_yuan for p in parties), sum(p.most_yuan for p in parties)
    surplus = min(low + part * (high - low), high)
    assume(surplus >= low)
    split = nash_split(surplus, parties)
    assert sum(split.yuan) == pytest.approx(surplus, abs=1e-3)
    for p, x in zip(parties, split.yuan, strict=True):
        assert p.disagreement_yuan - 1e-6 <= x <= p.most_yuan + 1e-6
    for p, q in permutations(range(len(parties)), 2):  # who is not at a limit gains in proportion to weight
        if not split.bound[p] and split.bound[q] == "most":
            assert split.gain_yuan[p] / parties[p].weight >= split.gain_yuan[q] / parties[q].weight - 1e-3


@pytest.mark.parametrize(
    ("surplus", "parties", "code"),
    [
        (5, [party("a", disagreement_yuan=10)], "no-surplus"),
        (50, [party("a", most_yuan=10)], "surplus-left"),
        (5, [party("a", weight=0)], "bad-party"),
        (5, [party("a"), party("a")], "bad-party"),
        (5, [party("a", disagreement_yuan=float("nan"))], "bad-party"),
        (5, [party("a", least_yuan=3, most_yuan=2)], "bad-party"),
        (float("nan"), [party("a")], "bad-party"),
        (5, [], "bad-party"),
    ],
)
def test_bad_bargains_are_named(surplus: float, parties: list[Party], code: str) -> None:
    with pytest.raises(HutongError) as caught:
        nash_split(surplus, parties)
    assert caught.value.code == code
    assert caught.value.render("zh")


def test_clauses_state_amounts_and_what_follows_a_difference() -> None:
    parties = [
        Party("operator", Text("运营方", "The operator"), 0, 1, most_yuan=1e6),
        Party("owners", Text("业主", "The owners"), 0, 1),
    ]
    words = clauses(nash_split(4e6, parties))
    assert "300 万元" in words[2].zh
    assert "(its limit)" in words[1].en
    assert "The owners 100.0%" in words[-1].en


def test_fill_meets_the_total_between_all_bounds() -> None:
    lower, upper = np.array([0.0, 2, 4]), np.array([1.0, 3, 9])
    for total in np.linspace(6, 13, 29):
        x = fill(total, np.zeros(3), np.ones(3), lower, upper)
        assert x.sum() == pytest.approx(total)
        assert (x >= lower).all()
        assert (x <= upper).all()


# --- coalitions


def airport(costs: list[float]) -> Game:
    names = [str(i) for i in range(len(costs))]
    return Game.of(names, lambda s: -max((costs[int(i)] for i in s), default=0.0))


def test_airport_game() -> None:
    # Littlechild and Owen 1973: each stretch of runway is shared by those who need it
    value = shapley(airport([8.0, 11, 13, 18]))
    assert -value == pytest.approx([2, 3, 4, 9])
    assert core_check(airport([8.0, 11, 13, 18]), value).holds


@pytest.mark.parametrize(
    ("estate", "awards"), [(100, (100 / 3, 100 / 3, 100 / 3)), (200, (50, 75, 75)), (300, (50, 100, 150))]
)
def test_talmud_estates(estate: float, awards: tuple[float, ...]) -> None:
    claims = np.array([100.0, 200, 300])
    assert contested_garment(estate, claims) == pytest.approx(awards)
    game = Game.of(
        "abc", lambda s: max(0.0, estate - sum(c for c, n in zip(claims, "abc", strict=True) if n not in s))
    )
    assert nucleolus(game) == pytest.approx(awards)


def test_contested_garment_itself_and_bad_claims() -> None:
    assert contested_garment(1.0, np.array([1.0, 0.5])) == pytest.approx([0.75, 0.25])
    for estate, claims in ((7.0, [1.0, 2]), (1.0, [-1.0, 5]), (1.0, []), (float("nan"), [3.0])):
        with pytest.raises(HutongError, match="claims"):
            contested_garment(estate, np.array(claims))


def by_hand(game: Game) -> np.ndarray:
    """Average the contributions over all orders of joining."""
    n = len(game.players)
    total, count = np.zeros(n), 0
    for order in permutations(range(n)):
        mask = 0
        for i in order:
            total[i] += game.worth[mask | 1 << i] - game.worth[mask]
            mask |= 1 << i
        count += 1
    return total / count


@st.composite
def games(draw: st.DrawFn, most: int = 4) -> Game:
    n = draw(st.integers(1, most))
    worth = draw(st.lists(st.integers(-100, 100), min_size=2**n - 1, max_size=2**n - 1))
    return Game(tuple("abcdefgh"[:n]), np.array([0, *worth], float))


@settings(max_examples=60, deadline=None)
@given(games())
def test_shapley_is_the_mean_over_orders(game: Game) -> None:
    value = shapley(game)
    assert value == pytest.approx(by_hand(game))
    assert value.sum() == pytest.approx(game.worth[-1])


@settings(max_examples=40, deadline=None)
@given(games(), st.integers(-5, 5))
def test_shapley_is_additive_symmetric_and_gives_a_dummy_its_own(game: Game, k: int) -> None:
    double = Game(game.players, game.worth * 2 + k * game.members.sum(axis=1))
    assert shapley(double) == pytest.approx(2 * shapley(game) + k)
    swapped = game.members[:, ::-1] @ (1 << np.arange(len(game.players)))
    assert shapley(Game(game.players, game.worth[swapped])) == pytest.approx(shapley(game)[::-1])
    dummy = Game((*game.players, "dummy"), np.concatenate([game.worth, game.worth + 7]))
    assert shapley(dummy)[-1] == pytest.approx(7)
    assert shapley(dummy)[:-1] == pytest.approx(shapley(game))


def test_twelve_players_exactly_and_more_by_sampling() -> None:
    weights = np.arange(1.0, 13)
    game = Game.of([str(i) for i in range(12)], lambda s: sum(weights[int(i)] for i in s) ** 2)
    exact = shapley(game)
    assert exact == pytest.approx(weights * weights.sum())
    many = np.arange(1.0, 21)
    value, error = shapley_sampled(
        [str(i) for i in range(20)], lambda on: np.sqrt(on @ many), orders=400, seed=3
    )
    again, _ = shapley_sampled([str(i) for i in range(20)], lambda on: np.sqrt(on @ many), orders=400, seed=3)
    assert (value == again).all()
    assert value.sum() == pytest.approx(np.sqrt(many.sum()))
    assert (error > 0).all()
    sampled, se = shapley_sampled(game.players, lambda on: game.worth[on @ (1 << np.arange(12))], orders=500)
    assert (np.abs(sampled - exact) <= 5 * se + 1e-9).all()


def test_core_names_who_blocks() -> None:
    # glove game: one left, two right gloves; only (1, 0, 0) is in the core
    gloves = Game.of("lrs", lambda s: float("l" in s and bool(s & {"r", "s"})))
    assert core_check(gloves, np.array([1.0, 0, 0])).holds
    shared = core_check(gloves, np.array([0.5, 0.5, 0]))
    assert shared.blocking == ("l", "s")
    assert shared.gain == pytest.approx(0.5)
    assert not shared.empty
    assert "l, s" in shared.text.en
    majority = Game.of("abc", lambda s: float(len(s) >= 2))
    assert core_check(majority, np.full(3, 1 / 3)).empty
    assert least_core(majority)[0] == pytest.approx(1 / 3)
    assert not core_check(gloves, np.zeros(3)).efficient
    assert core_check(Game.of("a", lambda s: 5.0 * len(s)), np.array([5.0])).holds
    assert least_core(Game.of("a", lambda s: 5.0 * len(s)))[1] == pytest.approx([5])


def complaints(game: Game, x: np.ndarray) -> np.ndarray:
    return np.sort((game.worth - game.members @ x)[1:-1])[::-1]


@settings(max_examples=40, deadline=None)
@given(games(most=4), st.integers(0, 2**31))
def test_nucleolus_has_the_least_complaints(game: Game, seed: int) -> None:
    x = nucleolus(game)
    assert x.sum() == pytest.approx(game.worth[-1], abs=1e-6)
    best = complaints(game, x)
    random = np.random.default_rng(seed)
    for size in (0.1, 1, 10):
        step = random.normal(size=(20, len(x))) * size
        step -= step.mean(axis=1, keepdims=True)
        for other in x + step:
            differ = complaints(game, other) - best
            first = np.flatnonzero(np.abs(differ) > 1e-6)
            assert first.size == 0 or differ[first[0]] > 0


def test_reading_a_game() -> None:
    game = Game.read(["a", "b"], {"a+b": 10, "a": 2})
    assert game.worth.tolist() == [0, 2, 0, 10]
    for worths in ({"a+c": 1}, {"a+b": 1, "b+a": 2}, {}, {"a+a": 1}):
        with pytest.raises(HutongError) as caught:
            Game.read(["a", "b"], worths)
        assert caught.value.code == "bad-game"
        assert caught.value.rows
    with pytest.raises(HutongError):
        Game(tuple("abcdefghijklm"), np.zeros(2**13))
    with pytest.raises(HutongError):
        Game(("a",), np.array([1.0, 2]))
    with pytest.raises(HutongError):
        Game(("a", "a"), np.zeros(4))
    with pytest.raises(HutongError, match="coalitions"):
        nucleolus(Game(("a",), np.zeros(3)))
    with pytest.raises(HutongError) as caught:
        nucleolus(Game(tuple("abcdefghijk"), np.zeros(2**11)))
    assert caught.value.code == "too-many-players"
