from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.evolve.games import (
    fixation,
    fixation_probability,
    fixation_table,
    rare_mutations,
    read_game,
    stationary,
    stationary_of,
)
from hutong.evolve.games.finite import compositions

from .test_equilibria import EXAMPLES


@pytest.fixture(scope="module")
def dilemma():
    return read_game(EXAMPLES / "repeated-dilemma.yaml").game.payoffs[0]


def test_moran_fixation_of_an_advantage():
    exact = (1 - 1 / 1.1) / (1 - 1.1**-100)
    assert exact == pytest.approx(0.090915688271, abs=1e-12)
    assert fixation(np.full(99, 1 / 1.1)) == pytest.approx(exact, rel=1e-12)
    # The same through pay-offs: fitness 1 − β + β·pay-off with β = 1 is the pay-off.
    assert fixation_probability(np.array([[1.1, 1.1], [1, 1]]), 0, 1, 100, 1.0, "moran") == pytest.approx(
        exact
    )


def test_fermi_fixation_of_a_constant_difference():
    exact = (1 - math.exp(-0.05)) / (1 - math.exp(-2.5))
    assert exact == pytest.approx(0.0531319081, abs=1e-10)
    assert fixation_probability(np.array([[1, 1], [0, 0]]), 0, 1, 50, 0.05) == pytest.approx(exact, rel=1e-12)


def test_the_published_repeated_dilemma(dilemma):
    """Imhof, Fudenberg and Nowak 2005, with Z = 100 and β = 0.05."""
    assert fixation_table(dilemma, 100, 0.05)[1, 2] == pytest.approx(0.026625729107, abs=1e-12)
    frequencies = stationary(dilemma, 100, 0.05, 1e-3).frequencies
    assert frequencies == pytest.approx([0.06294922, 0.46364094, 0.47340984], abs=1e-8)


def test_fixation_of_tiny_chances_does_not_underflow():
    assert fixation_probability(np.array([[0, 0], [1, 1]]), 0, 1, 100, 5.0) == pytest.approx(
        (math.exp(5) - 1) / (math.exp(500) - 1), rel=1e-9
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), process=st.sampled_from(["fermi", "moran"]), size=st.integers(2, 9))
def test_fixation_equals_the_absorbing_chain(seed, process, size):
    matrix = np.random.default_rng(seed).uniform(0, 3, (2, 2))
    up, down = np.zeros(size + 1), np.zeros(size + 1)
    for i in range(1, size):
        a = ((i - 1) * matrix[0, 0] + (size - i) * matrix[0, 1]) / (size - 1)
        b = (i * matrix[1, 0] + (size - i - 1) * matrix[1, 1]) / (size - 1)
        if process == "fermi":
            pair = i / size * (size - i) / (size - 1)
            up[i], down[i] = pair / (1 + math.exp(-0.4 * (a - b))), pair / (1 + math.exp(0.4 * (a - b)))
        else:
            fit = i * (0.6 + 0.4 * a), (size - i) * (0.6 + 0.4 * b)
            up[i] = fit[0] / sum(fit) * (size - i) / size
            down[i] = fit[1] / sum(fit) * i / size
    chain = np.diag(1 - up - down) + np.diag(up[:-1], 1) + np.diag(down[1:], -1)
    inner = chain[1:-1, 1:-1]
    absorbed = np.linalg.solve(np.eye(size - 1) - inner, chain[1:-1, -1]) if size > 1 else np.ones(1)
    assert fixation_probability(matrix, 0, 1, size, 0.4, process) == pytest.approx(absorbed[0], rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), process=st.sampled_from(["fermi", "moran"]), parts=st.integers(2, 4))
def test_the_long_run_equals_a_plain_chain(seed, process, parts):
    """Every transition counted player by player, and the stationary distribution by brute force."""
    rng = np.random.default_rng(seed)
    matrix, size, beta, mu = rng.uniform(0, 3, (parts, parts)), 4, 0.3, 0.05
    found = stationary(matrix, size, beta, mu, process)
    names = [tuple(r) for r in found.states.tolist()]
    chain = np.zeros((len(names), len(names)))
    for k, counts in enumerate(names):
        for loser in range(parts):
            for winner in range(parts):
                if loser == winner or not counts[loser]:
                    continue
                pay = [
                    sum((counts[j] - (j == h)) * matrix[h, j] for j in range(parts)) / (size - 1)
                    for h in range(parts)
                ]
                if process == "fermi":
                    copied = counts[winner] / (size - 1) / (1 + math.exp(-beta * (pay[winner] - pay[loser])))
                else:
                    fit = [n * (1 - beta + beta * p) for n, p in zip(counts, pay, strict=True)]
                    copied = fit[winner] / sum(fit)
                after = list(counts)
                after[loser] -= 1
                after[winner] += 1
                rate = counts[loser] / size * ((1 - mu) * copied + mu / (parts - 1))
                chain[k, names.index(tuple(after))] += rate
    np.fill_diagonal(chain, 1 - chain.sum(axis=1))
    assert found.share @ chain == pytest.approx(found.share, abs=1e-12)
    assert found.share.sum() == pytest.approx(1)
    assert found.share.min() > 0


def test_rare_mutations_are_the_limit(dilemma):
    limit = rare_mutations(dilemma, 20, 0.05)
    near = stationary(dilemma, 20, 0.05, 1e-7).frequencies
    assert near == pytest.approx(limit, abs=1e-4)


def test_state_reduction_keeps_tiny_chances():
    chain = np.array([[0, 1e-30, 1e-200], [1e-10, 0, 1e-150], [1e-100, 1e-160, 0]])
    share = stationary_of(chain)
    flow = share[:, None] * chain
    assert flow.sum(axis=0) == pytest.approx(flow.sum(axis=1), rel=1e-9)


def test_compositions_are_all_and_in_order():
    rows = compositions(4, 3)
    assert len(rows) == math.comb(6, 2)
    assert rows.tolist() == sorted(rows.tolist())
    assert (rows.sum(axis=1) == 4).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: fixation_probability(m, 0, 1, 1, 0.1), "at least two players"),
        (lambda m: fixation_probability(m, 0, 1, 9, -0.1), "at least two players"),
        (lambda m: fixation_probability(m - 99, 0, 1, 9, 0.5, "moran"), "not above 0"),
        (lambda m: stationary(m, 9, 0.5, 0.0), "mutation rate"),
        (lambda m: stationary(np.kron(m, np.ones((2, 2))), 100, 0.5, 0.1), "states"),
    ],
)
def test_what_cannot_be_is_refused(dilemma, call, words):
    with pytest.raises(HutongError, match=words):
        call(dilemma)
