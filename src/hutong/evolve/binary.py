"""Yes or no of very many households: each answers its neighbours by a chance from a table, in one pass.

The smallest model of the family: a household of some kind, with k of its neighbours in favour, is in favour next with
chance[kind, own answer, k] — Fermi imitation, logit choice, a threshold, the voter model. With equal costs and ties
on a lattice it is the Ising model with Glauber dynamics, whose answer is known.

Chances are whole numbers of 2⁻³², compared with a draw of 32 bits named by (seed, household, step): equal on every machine and
for any number of threads. Sixteen bits decide all but one draw in 65,536; only then the other sixteen are drawn.
Households should stand along a space-filling curve (``hutong.evolve.network.morton``), so that neighbours are near in memory. Where ties are
regular (a lattice row by row, doors along corridors), ``hutong.evolve.lanes`` is several times as fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit, uint32

from hutong.errors import HutongError
from hutong.evolve.households import njit_inner
from hutong.rng import philox7
from hutong.text import Text

#: Streams of randomness: the upper sixteen bits, eight households to a block of words, and the lower ones.
UPPER, LOWER = np.uint32(31), np.uint32(32)
#: Households of which the draws lie together.
CHUNK = 2048


class Crowd(NamedTuple):
    """Who hears whom, and the chances; made by :func:`make_crowd`."""

    ties: np.ndarray  # uint32 (n, 8 · blocks); places left over point at n, which is never in favour
    base: np.ndarray  # uint16 (n,) first place of the household's kind in the tables
    upper: np.ndarray  # uint16, upper half of the limit; per kind, neighbours in favour and own answer
    limit: np.ndarray  # uint64, chance in units of 2⁻³²


def make_crowd(indptr: np.ndarray, indices: np.ndarray, kind: np.ndarray, chance: np.ndarray) -> Crowd:
    """Return a crowd.

    Parameters
    ----------
    indptr, indices
        Ties as compressed sparse rows, of n households.
    kind
        Row of ``chance`` of each household, whole numbers (n,). A chance that depends on the number of neighbours needs a
        kind for each number.
    chance
        Chance of being in favour next, float64 (kinds, 2, most neighbours + 1): by own answer and by neighbours in
        favour.

    Raises
    ------
    HutongError
        ``bad-crowd`` where shapes do not fit, or a chance lies outside [0, 1].
    """
    n, first = len(indptr) - 1, indptr[:-1].astype(np.int64)
    degree = indptr[1:].astype(np.int64) - first
    most = int(degree.max(initial=0))
    fits = chance.ndim == 3 and chance.shape[1] == 2 and chance.shape[2] > most and len(kind) == n
    if (
        not fits
        or not ((chance >= 0) & (chance <= 1)).all()
        or chance.size > 65536
        or np.any(kind >= len(chance))
    ):
        raise HutongError(
            "bad-crowd",
            Text("机会表或类别与网络不符，或机会不在 0–1 之间。", "The chances or kinds do not fit the network, or a chance is outside [0, 1]."),
            Text("chance 的形状应为（类别, 2, 最多邻居数+1）。", "Chances have the shape (kinds, 2, most neighbours + 1)."),
        )  # fmt: skip
    ties = np.full((n, max(-(-most // 8), 1) * 8), n, np.uint32)
    ties[np.repeat(np.arange(n), degree), np.arange(len(indices)) - np.repeat(first, degree)] = indices
    limit = np.floor(chance.transpose(0, 2, 1) * 2.0**32).astype(np.uint64)
    upper = np.minimum(limit >> np.uint64(16), 0xFFFF).astype(np.uint16)
    base = (kind.astype(np.int64) * 2 * chance.shape[2]).astype(np.uint16)
    return Crowd(ties, base, upper.reshape(-1), limit.reshape(-1))


def run_crowd(
    crowd: Crowd, start: np.ndarray, steps: int, seed: int = 1, threads: int = 1, parts: Sequence[int] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Run a crowd; return how many are in favour after each step, int64 (steps + 1,), and the last answers, uint8 (n,).

    Parameters
    ----------
    start
        Answers at the start, 0 or 1.
    threads
        Never changes the result.
    parts
        Empty: all answer at once, to what the others said a step ago. Otherwise where groups end that answer one after the
        other within a step, for instance the two colours of a checkerboard; nobody may have a tie within its group.
    """
    n = len(crowd.base)
    now, then = np.zeros(n + 1, np.uint8), np.zeros(n + 1, np.uint8)
    now[:n] = start
    counts = np.zeros(steps + 1, np.int64)
    counts[0] = now.sum()
    key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    with ThreadPoolExecutor(threads) as pool:
        for step in range(1, steps + 1):
            target = now if parts else then
            for first, last in zip((0, *parts), (*parts, n), strict=True):
                cuts = _cuts(first, last, threads)
                jobs = [
                    pool.submit(answer, *crowd, now, target, a, b, np.uint32(step), *key)
                    for a, b in pairwise(cuts)
                ]
                counts[step] += sum(job.result() for job in jobs)
            now, then = target, now
    return counts, now[:n].copy()


def _cuts(first: int, last: int, threads: int) -> list[int]:
    """Return where the work of each thread begins, at whole chunks."""
    inner = {-(-(first + (last - first) * k // threads) // CHUNK) * CHUNK for k in range(1, threads)}
    return [first, *sorted(c for c in inner if first < c < last), last]


@njit(cache=True, nogil=True, error_model="numpy")
def answer(ties, base, upper, limit, now, then, first, last, step, key0, key1):  # type: ignore[no-untyped-def]
    """Write the next answers of households ``first`` … ``last`` − 1 and return how many are in favour."""
    draws, wanted = np.empty(CHUNK, np.uint16), np.empty(CHUNK, np.uint16)
    words, heard = draws.view(np.uint32).reshape(4, CHUNK // 8), np.empty(CHUNK, np.uint16)
    flat, favour = ties.reshape(-1), 0
    for chunk in range(first - first % CHUNK, last, CHUNK):
        begin, end = max(chunk, first), min(chunk + CHUNK, last)
        here = slice(begin - chunk, end - chunk)
        _draw(words, chunk // 8, step, key0, key1)
        if ties.shape[1] == 8:
            _hear(flat[8 * begin :], now, heard[here])
        else:
            _hear_far(ties[begin:end], now, heard[here])
        _look(base[begin:end], now[begin:end], heard[here], upper, wanted[here])
        if _any_equal(draws.view(np.uint64), wanted.view(np.uint64)):
            for i in range(begin, end):
                j = i - chunk
                if draws[j] == wanted[j]:
                    low = philox7(i, step, LOWER, 0, key0, key1)[0] >> uint32(16)
                    whole = (uint32(draws[j]) << uint32(16)) | low
                    draws[j] = 0
                    wanted[j] = whole < limit[np.intp(base[i]) + now[i] + 2 * np.intp(heard[j])]
        favour += _decide(draws[here], wanted[here], then[begin:end])
    return favour


# The loops stand in functions of their own: in one piece they take a third longer.


@njit_inner
def _draw(words, block, step, key0, key1):  # type: ignore[no-untyped-def]
    a0, a1, a2, a3 = words[0], words[1], words[2], words[3]
    for j in range(len(a0)):
        a0[j], a1[j], a2[j], a3[j] = philox7(block + j, step, UPPER, 0, key0, key1)


@njit_inner
def _hear(flat, now, heard):  # type: ignore[no-untyped-def]
    """Write how many of each household's eight neighbours are in favour; nothing but the loads stands in this loop."""
    k = 0
    for j in range(len(heard)):
        count = np.intp(now[flat[k]]) + now[flat[k + 1]] + now[flat[k + 2]] + now[flat[k + 3]]
        heard[j] = count + now[flat[k + 4]] + now[flat[k + 5]] + now[flat[k + 6]] + now[flat[k + 7]]
        k += 8


@njit_inner
def _hear_far(ties, now, heard):  # type: ignore[no-untyped-def]
    """Write the same for more than eight neighbours."""
    for j in range(len(heard)):
        count = np.intp(0)
        for place in ties[j]:
            count += now[place]
        heard[j] = count


@njit_inner
def _look(base, own, heard, upper, limits):  # type: ignore[no-untyped-def]
    """Write the upper half of each household's limit."""
    for j in range(len(limits)):
        limits[j] = upper[np.intp(base[j]) + own[j] + 2 * np.intp(heard[j])]


@njit_inner
def _any_equal(draws, limits):  # type: ignore[no-untyped-def]
    """Return whether any sixteen bits are equal (four to a word; a zero half borrows from its sign bit)."""
    found = np.uint64(0)
    for k in range(len(draws)):
        x = draws[k] ^ limits[k]
        found |= (x - np.uint64(0x0001_0001_0001_0001)) & ~x & np.uint64(0x8000_8000_8000_8000)
    return found != 0


@njit_inner
def _decide(draws, limits, then):  # type: ignore[no-untyped-def]
    """Write who is in favour next and return how many."""
    total = uint32(0)
    for j in range(len(draws)):
        yes = np.uint8(draws[j] < limits[j])
        then[j] = yes
        total += yes
    return total
