"""Copying run player by player: chances of fixation by many runs, and games on networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hutong.evolve.games.finite import check_population, moran_fitness
from hutong.rng import philox

#: Streams of randomness.
FIXATION, NETWORK = np.uint32(21), np.uint32(22)
UNIT = 2.0**-32


def estimate_fixation(
    matrix: np.ndarray,
    mutant: int,
    resident: int,
    size: int,
    intensity: float,
    runs: int,
    seed: int = 1,
    process: str = "fermi",
) -> float:
    """Return in which share of ``runs`` one ``mutant`` took over, by the process of :func:`fixation_probability`.

    Only steps in which the number of mutants changes are drawn: between them nothing happens, so the share is the same. Run r
    draws from (seed, r).
    """
    check_population(size, intensity)
    i = np.arange(size + 1)
    pair = matrix[np.ix_([mutant, resident], [mutant, resident])]
    mine = ((i - 1) * pair[0, 0] + (size - i) * pair[0, 1]) / (size - 1)
    theirs = (i * pair[1, 0] + (size - i - 1) * pair[1, 1]) / (size - 1)
    if process == "fermi":
        up = 1.0 / (1.0 + np.exp(-intensity * (mine - theirs)))
    else:
        fit = moran_fitness(mine, intensity), moran_fitness(theirs, intensity)
        up = fit[0] / (fit[0] + fit[1])
    limits = np.floor(up * 2.0**32).astype(np.uint64)
    return float(_count_fixed(limits, size, runs, np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)) / runs)


@njit(cache=True, nogil=True)
def _count_fixed(limits, size, runs, key0, key1):  # type: ignore[no-untyped-def]
    """Return how many of ``runs`` walks from 1 reach ``size`` before 0; they rise with chance limits[i] / 2³²."""
    fixed = 0
    for run in range(runs):
        i, step = 1, 0
        while 0 < i < size:
            words = philox(run, step, FIXATION, 0, key0, key1)
            step += 1
            for word in words:
                if 0 < i < size:
                    i += 1 if word < limits[i] else -1
        fixed += i == size
    return fixed


def play_on_network(
    indptr: np.ndarray,
    indices: np.ndarray,
    matrix: np.ndarray,
    start: np.ndarray,
    noise: float,
    rounds: int,
    seed: int = 1,
    average: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Play a game on a network; return the players of each strategy after each round, and the last strategies.

    In a round, as often as there are players, a random player and a random neighbour of it add up (or average) what they
    get from all their neighbours, and the player takes over the neighbour's strategy with chance
    1 / (1 + exp((mine − theirs) / noise)) (Szabó and Tőke 1998).

    Parameters
    ----------
    indptr, indices
        Ties as compressed sparse rows, of n players.
    matrix
        Pay-off of the row's strategy against the column's.
    start
        Strategy of each player, integers (n,).
    average
        Pay-offs per neighbour instead of their sum.

    Returns
    -------
    Counts, int64 (rounds + 1, strategies); strategies, uint8 (n,).
    """
    now = np.array(start, np.uint8)
    counts = np.zeros((rounds + 1, len(matrix)), np.int64)
    key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    pay: Any = np.ascontiguousarray(matrix, np.float64)
    _play(
        np.asarray(indptr, np.uint32), np.asarray(indices, np.uint32), pay, now, noise, average, *key, counts
    )
    return counts, now


@njit(cache=True, nogil=True)
def _play(indptr, indices, matrix, now, noise, average, key0, key1, counts):  # type: ignore[no-untyped-def]
    n = len(now)
    for h in now:
        counts[0, h] += 1
    for round_ in range(1, len(counts)):
        for turn in range(n):
            w0, w1, w2, _ = philox(turn, round_, NETWORK, 0, key0, key1)
            i = (np.uint64(w0) * np.uint64(n)) >> np.uint64(32)
            degree = indptr[i + 1] - indptr[i]
            if degree == 0:
                continue
            j = indices[indptr[i] + ((np.uint64(w1) * np.uint64(degree)) >> np.uint64(32))]
            if now[i] == now[j]:
                continue
            mine, theirs = 0.0, 0.0
            for place in range(indptr[i], indptr[i + 1]):
                mine += matrix[now[i], now[indices[place]]]
            for place in range(indptr[j], indptr[j + 1]):
                theirs += matrix[now[j], now[indices[place]]]
            if average:
                mine /= degree
                theirs /= indptr[j + 1] - indptr[j]
            if w2 * UNIT < 1.0 / (1.0 + np.exp((mine - theirs) / noise)):
                now[i] = now[j]
        for h in now:
            counts[round_, h] += 1
