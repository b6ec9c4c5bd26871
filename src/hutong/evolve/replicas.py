"""Very many runs of the yes-or-no model at once, 64 to a machine word: a replica is a bit.

The same model as :mod:`hutong.evolve.binary`, for the shape of distributions and for maps of parameters: replicas may share
their chances or each have their own. Neighbours in favour are added up bit by bit (carry-save adders), and the uniform draw is
compared with the limit of each replica from the highest bit down: eight bits for every replica, further bits only for words of 64 in which
one is still undecided. Limits are whole numbers of 2⁻³², as there.

Bit b of the draw of replica 64 k + r for household i in a step is bit r of draw number step · 2⁴⁰ + i · 2⁸ + 8 b + k of
:func:`hutong.rng.mixed`, b = 0 the highest.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit

from hutong.errors import HutongError
from hutong.evolve.households import njit_inner
from hutong.rng import GOLDEN, mixed, mixing_keys
from hutong.text import Text

#: Stream of randomness; words of 64 replicas that go together; bits of a limit; most neighbours.
STREAM, WORDS, BITS, MOST = 33, 8, 32, 8
#: Bits compared for all.
AHEAD = 8
#: Replicas of one batch; places within which households of one kind are taken together.
BATCH, NEAR = 64 * WORDS, 4096
FULL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
ONE = np.uint64(1)
#: From a draw of a bit to that of the next lower bit.
LOWER = np.uint64(8 * int(GOLDEN) % 2**64)
#: Where things stand in the working array of one household, eight words each: its neighbours' answers and its own, how many are in favour
#: (four bits), place of the first draw; then the bits of the limits of its kind, ``ROW`` words each.
OWN, COUNT, PLACE, TABLE, ROW = 64, 72, 104, 112, 2 * (MOST + 1) * WORDS
#: And far from what is read, the answer and which replicas are undecided.
YES = TABLE + (BITS + 2) * ROW
STILL = YES + ROW


class Replicas(NamedTuple):
    """Ties and chances of a batch of 512 replicas; made by :func:`make_replicas`."""

    ties: np.ndarray  # uint32 (n + 1, MOST); places left over point at n, which is never in favour
    kind: np.ndarray  # uint16 (n,)
    order: np.ndarray  # uint32 (n,) in which they are gone through: who is of one kind, near each other
    #: uint64 (kinds, BITS + 1, 2 · (MOST + 1) · WORDS): bit b of the limit of each replica, highest first, by neighbours in favour: that of
    #: who is against, and what differs for who is in favour. The first plane marks a chance of one.
    planes: np.ndarray


def make_replicas(indptr: np.ndarray, indices: np.ndarray, kind: np.ndarray, chance: np.ndarray) -> Replicas:
    """Return a batch of 512 replicas.

    Parameters
    ----------
    indptr, indices, kind
        As for :func:`hutong.evolve.binary.make_crowd`; at most 8 neighbours.
    chance
        Chance of being in favour next, float64 (kinds, 2, most neighbours + 1), or with a last axis of 512 for chances of each
        replica's own.

    Raises
    ------
    HutongError
        ``bad-crowd`` where shapes do not fit, there are more than 8 neighbours, or a chance lies outside [0, 1].
    """
    first = indptr[:-1].astype(np.int64)
    degree = indptr[1:].astype(np.int64) - first
    most = int(degree.max(initial=0))
    every = np.repeat(chance[..., None], BATCH, axis=-1) if chance.ndim == 3 else chance
    fits = every.ndim == 4 and every.shape[1] == 2 and every.shape[2] > most and every.shape[3] == BATCH
    if (
        not fits
        or most > MOST
        or len(kind) != len(degree)
        or not ((every >= 0) & (every <= 1)).all()
        or np.any(kind >= len(every))
    ):
        raise HutongError(
            "bad-crowd",
            Text("机会表或类别与网络不符，或机会不在 0–1 之间。", "The chances or kinds do not fit the network, or a chance is outside [0, 1]."),
            Text("chance 的形状应为（类别, 2, 最多邻居数+1[, 512]），邻居不超过 8。",
                 "Chances have the shape (kinds, 2, most neighbours + 1[, 512]); at most 8 neighbours."),
        )  # fmt: skip
    limit = np.zeros((len(every), MOST + 1, 2, WORDS, 64), np.uint64)
    known = every[:, :, : MOST + 1].swapaxes(1, 2)
    limit[:, : known.shape[1]] = np.floor(known * 2.0**32).reshape(len(every), -1, 2, WORDS, 64)
    place = np.arange(64, dtype=np.uint64)
    planes = np.stack(
        [(((limit >> np.uint64(BITS - b)) & ONE) << place).sum(axis=-1, dtype=np.uint64) for b in range(BITS + 1)], axis=1
    )  # fmt: skip
    planes[:, :, :, 1] ^= planes[:, :, :, 0]
    n = len(degree)
    ties = np.full((n + 1, MOST), n, np.uint32)
    ties[np.repeat(np.arange(n), degree), np.arange(len(indices)) - np.repeat(first, degree)] = indices
    order = np.lexsort((kind, np.arange(n) // NEAR)).astype(np.uint32)
    return Replicas(ties, kind.astype(np.uint16), order, planes.reshape(len(every), BITS + 1, -1))


def run_replicas(
    replicas: Replicas, start: np.ndarray, steps: int, seed: int = 1, every: int = 1, threads: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Run a batch; return how many are in favour in each replica, int64 (steps // every + 1, 512), and the last answers.

    Parameters
    ----------
    start
        Answers at the start, uint64 (n, WORDS), bit r of word k is replica 64 k + r; or 0/1 (n,) for all alike.
    every
        Steps between counts.
    threads
        Never changes the result.

    Raises
    ------
    ValueError
        More than 2²⁴ − 1 steps, for which there are no draws.
    """
    if steps >= 1 << 24:
        raise ValueError("at most 2**24 - 1 steps")
    n = len(replicas.ties) - 1
    now, then = np.zeros((n + 1, WORDS), np.uint64), np.zeros((n + 1, WORDS), np.uint64)
    now[:n] = start if start.ndim == 2 else np.where(start[:, None] > 0, FULL, np.uint64(0))
    counts = np.zeros((steps // every + 1, BATCH), np.int64)
    count_replicas(now, 0, n, counts[0])
    keys = mixing_keys(seed, STREAM)
    cuts = [n * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for step in range(1, steps + 1):
            jobs = [
                pool.submit(step_replicas, *replicas, now, then, a, b, np.uint64(step), *keys)
                for a, b in pairwise(cuts)
            ]
            for job in jobs:
                job.result()
            now, then = then, now
            if step % every == 0:
                parts = np.zeros((threads, BATCH), np.int64)
                jobs = [
                    pool.submit(count_replicas, now, *cut, part)
                    for cut, part in zip(pairwise(cuts), parts, strict=True)
                ]
                for job in jobs:
                    job.result()
                counts[step // every] = parts.sum(axis=0)
    return counts, now[:n]


@njit(cache=True, nogil=True, error_model="numpy")
def step_replicas(ties, kind, order, planes, now, then, first, last, step, key0, key1):  # type: ignore[no-untyped-def]
    """Write the next answers in every replica, of households ``first`` … ``last`` − 1 of the order."""
    x, words, held = np.zeros(STILL + ROW, np.uint64), now.shape[1], -1
    for i in order[first:last]:
        if kind[i] != held:
            held = int(kind[i])
            _load(planes[held], x)
        _gather(ties[i], now, now[i], x)
        _add(x, key0 + GOLDEN * (step << np.uint64(40) | np.uint64(i) << np.uint64(8)), words)
        _compare(x, key1, words)
        for k in range(words):
            if x[STILL + k]:
                _finish(x, key1, k)
            then[i, k] = x[YES + k]


# The functions below are straight lines over the words of a household, which machines do side by side. That compilers see to it, everything of
# a household lies in one array at fixed places, and the number of words comes from outside: where they know that there are only eight
# they do them one after the other.


@njit_inner
def _load(rows, x):  # type: ignore[no-untyped-def]
    for b in range(len(rows)):
        for k in range(ROW):
            x[TABLE + ROW * b + k] = rows[b, k]


@njit_inner
def _gather(tie, now, own, x):  # type: ignore[no-untyped-def]
    """Bring the answers of the neighbours and of the household itself together."""
    for j in range(MOST):
        other = now[tie[j]]
        for k in range(len(other)):
            x[WORDS * j + k] = other[k]
    for k in range(len(own)):
        x[OWN + k] = own[k]


@njit_inner
def _add(x, place, words):  # type: ignore[no-untyped-def]
    """Add up the neighbours' answers bit by bit (carry-save)."""
    for k in range(words):
        a, b, c, d = x[k], x[8 + k], x[16 + k], x[24 + k]
        e, f, g, h = x[32 + k], x[40 + k], x[48 + k], x[56 + k]
        s0, c0 = a ^ b ^ c, (a & b) | (c & (a ^ b))
        s1, c1 = d ^ e ^ f, (d & e) | (f & (d ^ e))
        s2, c2 = g ^ h, g & h
        one, c3 = s0 ^ s1 ^ s2, (s0 & s1) | (s2 & (s0 ^ s1))
        t0, e0 = c0 ^ c1 ^ c2, (c0 & c1) | (c2 & (c0 ^ c1))
        two, e1 = t0 ^ c3, t0 & c3
        x[COUNT + k], x[COUNT + 8 + k], x[COUNT + 16 + k], x[COUNT + 24 + k] = one, two, e0 ^ e1, e0 & e1
        x[PLACE + k] = place + GOLDEN * np.uint64(k)


@njit(forceinline=True)
def _either(a, b, which):  # type: ignore[no-untyped-def]
    return a ^ (which & (a ^ b))


@njit(forceinline=True)
def _at(x, place):  # type: ignore[no-untyped-def]
    """Return ``x[place]``; that it cannot be negative is what lets loops run side by side."""
    return x[np.uintp(place)]


@njit(forceinline=True)
def _limit(x, q, k):  # type: ignore[no-untyped-def]
    """Return one bit of each replica's limit: that of the state it is in, found by halving the row that begins at ``q``."""
    me, one, two = x[OWN + k], x[COUNT + k], x[COUNT + 8 + k]
    a, b = _at(x, q + k) ^ (_at(x, q + 8 + k) & me), _at(x, q + 16 + k) ^ (_at(x, q + 24 + k) & me)
    c, d = _at(x, q + 32 + k) ^ (_at(x, q + 40 + k) & me), _at(x, q + 48 + k) ^ (_at(x, q + 56 + k) & me)
    e, f = _at(x, q + 64 + k) ^ (_at(x, q + 72 + k) & me), _at(x, q + 80 + k) ^ (_at(x, q + 88 + k) & me)
    g, h = _at(x, q + 96 + k) ^ (_at(x, q + 104 + k) & me), _at(x, q + 112 + k) ^ (_at(x, q + 120 + k) & me)
    low = _either(_either(a, b, one), _either(c, d, one), two)
    high = _either(_either(e, f, one), _either(g, h, one), two)
    all_eight = _at(x, q + 128 + k) ^ (_at(x, q + 136 + k) & me)
    return _either(_either(low, high, x[COUNT + 16 + k]), all_eight, x[COUNT + 24 + k])


@njit_inner
def _compare(x, key1, words):  # type: ignore[no-untyped-def]
    """Begin with those whose chance is one, and compare the upper bits of limit and draw."""
    for k in range(words):
        sure = _limit(x, TABLE, k)
        x[YES + k], x[STILL + k] = sure, ~sure
    _bit(x, 0, key1, words)
    _bit(x, 1, key1, words)
    _bit(x, 2, key1, words)
    _bit(x, 3, key1, words)
    _bit(x, 4, key1, words)
    _bit(x, 5, key1, words)
    _bit(x, 6, key1, words)
    _bit(x, 7, key1, words)


@njit(forceinline=True)
def _bit(x, b, key1, words):  # type: ignore[no-untyped-def]
    """Compare one bit: below the limit is yes, above it no, and who is level goes on."""
    for k in range(words):
        limit, still = _limit(x, TABLE + ROW * (b + 1), k), x[STILL + k]
        drawn = mixed(x[PLACE + k] + np.uint64(b) * LOWER, key1)
        x[YES + k] |= still & limit & ~drawn
        x[STILL + k] = still & ~(limit ^ drawn)


@njit_inner
def _finish(x, key1, k):  # type: ignore[no-untyped-def]
    """Compare the lower bits of a word in which someone is level."""
    still, yes, b = x[STILL + k], x[YES + k], AHEAD
    place = x[PLACE + k] + np.uint64(AHEAD) * LOWER
    while still and b < BITS:
        limit, drawn = _limit(x, TABLE + ROW * (b + 1), k), mixed(place, key1)
        yes |= still & limit & ~drawn
        still &= ~(limit ^ drawn)
        place += LOWER
        b += 1
    x[YES + k] = yes


@njit(cache=True, nogil=True)
def count_replicas(now, first, last, counts):  # type: ignore[no-untyped-def]
    """Add to ``counts`` how many of households ``first`` … ``last`` − 1 are in favour in each replica."""
    digits, words = np.zeros(8 * WORDS, np.uint64), now.shape[1]
    for begin in range(first, last, 255):  # what eight binary digits hold
        digits[:] = 0
        for i in range(begin, min(begin + 255, last)):
            _tally(now[i], digits, words)
        for k in range(words):
            for r in range(64):
                for d in range(8):
                    counts[64 * k + r] += ((digits[WORDS * d + k] >> np.uint64(r)) & ONE) << np.uint64(d)


@njit_inner
def _tally(more, x, words):  # type: ignore[no-untyped-def]
    """Add one bit to each replica's count of eight binary digits."""
    for k in range(words):
        c0 = x[k] & more[k]
        c1, c2 = x[8 + k] & c0, x[16 + k] & x[8 + k] & c0
        c3 = x[24 + k] & c2
        c4 = x[32 + k] & c3
        c5 = x[40 + k] & c4
        c6 = x[48 + k] & c5
        x[k] ^= more[k]
        x[8 + k] ^= c0
        x[16 + k] ^= c1
        x[24 + k] ^= c2
        x[32 + k] ^= c3
        x[40 + k] ^= c4
        x[48 + k] ^= c5
        x[56 + k] ^= c6
