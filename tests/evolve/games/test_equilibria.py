from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.evolve.games import equilibria, growth, make_game, read_game
from hutong.evolve.games.equilibria import _search, _three_pairs

EXAMPLES = Path(__file__).parents[3] / "docs" / "games"
tables = st.lists(st.integers(-4, 4), min_size=24, max_size=24).map(lambda v: np.reshape(v, (3, 2, 2, 2)))


def gains(game, corner):
    """What each population would gain by its other strategy: the eigenvalues at a corner, by hand."""
    out = []
    for i, u in enumerate(game.payoffs):
        other = list(corner)
        other[i] = 1 - other[i]
        out.append(float(u[tuple(other)] - u[corner]))
    return out


@settings(max_examples=40, deadline=None)
@given(tables)
def test_the_corners_of_a_tri_party_game_follow_from_the_signs(payoffs):
    game = make_game(*payoffs)
    corners = {
        tuple(s[0] for s in e.support): e for e in equilibria(game).points if max(map(len, e.support)) == 1
    }
    assert set(corners) == set(product((0, 1), repeat=3))
    for corner, e in corners.items():
        expected = gains(game, corner)
        assert sorted(e.eigenvalues.real) == pytest.approx(sorted(expected))
        assert (e.kind == "stable") == all(g < 0 for g in expected)
        assert e.nash == all(g <= 0 for g in expected)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_every_point_found_rests(payoffs):
    game = make_game(*payoffs)
    found = equilibria(game)
    assert found.complete
    for e in found.points:
        assert max(np.abs(g).max() for g in growth(game, e.state)) < 1e-9
        assert all(x.min() >= 0 and x.sum() == pytest.approx(1) for x in e.state)


@pytest.mark.parametrize("seed", range(12))
def test_the_quadratic_finds_what_a_search_finds(seed):
    inner = list(np.random.default_rng(seed).normal(size=(3, 2, 2, 2)))
    solved = sorted(tuple(np.round(np.concatenate(f)[::2], 6)) for f in _three_pairs(inner)[0])
    searched = sorted(tuple(np.round(np.concatenate(f)[::2], 6)) for f in _search(inner, [2, 2, 2]))
    assert solved == searched


def test_a_centre_inside_a_tri_party_game_of_known_place():
    """Three matching pennies in a ring: nobody can do better than one half, and it is the only mix."""
    u = np.zeros((3, 2, 2, 2))
    for a, b, c in product((0, 1), repeat=3):
        u[:, a, b, c] = (a == b), (b == c), (c != a)
    mixed = [e for e in equilibria(make_game(*u)).points if min(map(len, e.support)) == 2]
    assert len(mixed) == 1
    assert np.concatenate(mixed[0].state) == pytest.approx([0.5] * 6)


def test_two_populations_at_their_closed_form():
    """Battle of the sexes and matching pennies."""
    battle = equilibria(make_game([[2, 0], [0, 1]], [[1, 0], [0, 2]])).points
    mixed = battle[-1]
    assert mixed.state[0] == pytest.approx([2 / 3, 1 / 3])
    assert mixed.state[1] == pytest.approx([1 / 3, 2 / 3])
    assert mixed.kind == "saddle"
    assert [e.kind for e in battle[:4]] == ["stable", "unstable", "unstable", "stable"]
    pennies = equilibria(make_game([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])).points[-1]
    assert pennies.kind == "neutral"
    assert pennies.nash


@pytest.mark.parametrize(
    ("payoffs", "lines"),
    [
        (([[1, 1], [1, 1]],), [((0, 1),)]),
        (([[1, 1], [0, 0]], [[3, 3], [3, 3]]), [((0,), (0, 1)), ((1,), (0, 1))]),
        (([[1, 1, 0], [1, 1, 0], [0, 0, 5]],), [((0, 1),), ((0, 1, 2),)]),
    ],
)
def test_lines_of_rest_points_are_told(payoffs, lines):
    assert list(equilibria(make_game(*payoffs)).lines) == lines


def test_four_parties_are_searched_and_say_so():
    found = equilibria(make_game(*np.random.default_rng(1).normal(size=(4, 2, 2, 2, 2))))
    assert not found.complete
    assert len([e for e in found.points if max(map(len, e.support)) == 1]) == 16


def test_too_many_supports_are_refused():
    with pytest.raises(HutongError, match="supports"):
        equilibria(make_game(np.eye(15)))


def test_the_example_of_three_parties():
    file = read_game(EXAMPLES / "tri-party.yaml")
    assert [e.kind for e in equilibria(file.game).points].count("stable") == 0
    soft = read_game(EXAMPLES / "tri-party.yaml", {"fine": 0.0, "subsidy": 0.0})
    stable = [e for e in equilibria(soft.game).points if e.kind == "stable"]
    assert [e.support for e in stable] == [((0,), (1,), (0,))]
