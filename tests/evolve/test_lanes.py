"""Households 64 to a word against a plain twin, bit for bit, and against what is expected."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve.lanes import AHEAD, BLOCK, LOWER, UPPER, WORDS, make_lanes, run_lanes
from hutong.rng import philox7


def rows(ties: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.cumsum([0, *map(len, ties)]), np.array([k for row in ties for k in row], np.int64)


def plain(ties, kind, chance, start, steps, seed):
    """Return the counts and answers, one household at a time."""
    key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    now, counts = [int(a) for a in start], [int(sum(start))]
    for step in range(1, steps + 1):
        then, kept = [], {}
        for i, row in enumerate(ties):
            limit = int(np.floor(chance[kind[i], now[i], sum(now[k] for k in row)] * 2.0**32))
            block, place = divmod(i, BLOCK)
            word, bit = divmod(place, 64)
            part, pair = divmod(word, WORDS // 4)
            value = 0
            for b in range(AHEAD):
                at = (block * (WORDS // 2) + 2 * pair + bit // 32, b)
                if at not in kept:
                    kept[at] = philox7(at[0], step, UPPER, b, *key)
                value = 2 * value + (int(kept[at][part]) >> bit % 32 & 1)
            low = philox7(i, step, LOWER, 0, *key)[0] >> AHEAD
            then.append(int((value << (32 - AHEAD) | int(low)) < limit))
        now = then
        counts.append(sum(now))
    return counts, now


def network(n: int) -> list[list[int]]:
    """Return doors on each side, the next courtyard, and for some a tie anywhere, one of them twice."""
    rng = np.random.default_rng(3)
    ties = []
    for i in range(n):
        row = [k for k in (i - 2, i - 1, i + 1, i + 2, i + 64, i - 131) if 0 <= k < n]
        row += rng.integers(0, n, i % 3).tolist()
        ties.append(row)
    ties[7] = [5, 5, 9, 9, 9]
    ties[8] = []
    return ties


@pytest.mark.parametrize("threads", [1, 3])
def test_equals_the_plain_twin_bit_for_bit(threads):
    n = 2 * BLOCK + 77
    ties = network(n)
    rng = np.random.default_rng(4)
    kind, chance = rng.integers(0, 3, n), rng.random((3, 2, 9))
    chance[0, 0, 2], chance[1, 1, 3], chance[2] = 1.0, 0.0, np.round(chance[2] * 16) / 16
    start = rng.integers(0, 2, n)
    lanes = make_lanes(*rows(ties), kind, chance)
    assert len(lanes.away) >= 12  # four shifts at least in each block
    assert 0 < len(lanes.odd) < len(lanes.mask) * BLOCK
    counts, last = run_lanes(lanes, start, 2, seed=0x1_2345_6789, threads=threads)
    twin, answers = plain(ties, kind, chance, start, 2, 0x1_2345_6789)
    assert counts.tolist() == twin
    assert last.tolist() == answers


def test_decoupled_logit_households():
    """Costs c ~ U(0, 1), benefit 0.3, noise 0.1: the mean is known."""
    n, kinds = 200_000, 256
    cost = (np.arange(kinds) + 0.5) / kinds
    chance = np.broadcast_to(1 / (1 + np.exp((cost - 0.3) / 0.1))[:, None, None], (kinds, 2, 1))
    lanes = make_lanes(np.zeros(n + 1, np.int64), np.zeros(0, np.int64), np.arange(n) % kinds, chance)
    counts, _ = run_lanes(lanes, np.zeros(n), 20)
    share, spread = counts[1:] / n, np.sqrt((chance[:, 0, 0] * (1 - chance[:, 0, 0])).mean() / n / 20)
    assert share.mean() == pytest.approx(0.304767588512, abs=4 * spread + 1e-5)
    assert share.std() == pytest.approx(spread * np.sqrt(20), rel=0.6)


def test_nobody_moves_without_chance_and_everybody_with_a_chance_of_one():
    ties = rows(network(300))
    start = np.arange(300) % 2
    for value in (0.0, 1.0):
        lanes = make_lanes(*ties, np.zeros(300, int), np.full((1, 2, 9), value))
        counts, last = run_lanes(lanes, start, 1)
        assert counts.tolist() == [150, 300 * value]
        assert (last == value).all()


@pytest.mark.parametrize(
    "change",
    [{"chance": np.full((1, 2, 9), 1.5)}, {"chance": np.ones((1, 2, 3))}, {"kind": np.ones(300, int)}],
)
def test_what_does_not_fit_is_refused(change):
    given = {"kind": np.zeros(300, int), "chance": np.full((1, 2, 9), 0.5)} | change
    with pytest.raises(HutongError) as caught:
        make_lanes(*rows(network(300)), **given)
    assert caught.value.code == "bad-crowd"


def test_nine_neighbours_are_too_many():
    with pytest.raises(HutongError):
        make_lanes(np.array([0, 9]), np.zeros(9, int), np.zeros(1, int), np.full((1, 2, 10), 0.5))
