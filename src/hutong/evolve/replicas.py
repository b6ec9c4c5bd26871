"""Very many runs of the yes-or-no model at once, 64 to a machine word: a replica is a bit.

The same model as :mod:`hutong.evolve.binary`, for the shape of distributions and for maps of parameters: replicas may share
their chances or each have their own. Neighbours in favour are added up bit by bit (carry-save adders), and the uniform draw is
compared with the limit of each replica from the highest bit down; as soon as every replica of a household has decided, no further
bit is drawn. Limits are whole numbers of 2⁻³², as there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from hutong.errors import HutongError
from hutong.evolve.households import njit_inner
from hutong.rng import philox7
from hutong.text import Text

#: Stream of randomness; words of 64 replicas that go together; bits of a limit; most neighbours.
STREAM, WORDS, BITS, MOST = np.uint32(33), 8, 32, 8
#: Own answer and neighbours in favour: state 2 · neighbours in favour + own answer.
STATES = 2 * (MOST + 1)
#: Bits drawn at once for each replica; most households need about as many.
AHEAD = 8
#: Replicas of one batch.
BATCH = 64 * WORDS
FULL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Replicas(NamedTuple):
    """Ties and chances of a batch of 512 replicas; made by :func:`make_replicas`."""

    ties: np.ndarray  # uint32 (n, MOST); places left over point at n, which is never in favour
    kind: np.ndarray  # uint16 (n,)
    #: uint64 (kinds, BITS + 1, STATES · WORDS): bit b of the limit of each replica, highest first; the first plane marks a
    #: chance of one.
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
    if not fits or most > MOST or len(kind) != len(degree) or not ((every >= 0) & (every <= 1)).all():
        raise HutongError(
            "bad-crowd",
            Text("机会表或类别与网络不符，或机会不在 0–1 之间。", "The chances or kinds do not fit the network, or a chance is outside [0, 1]."),
            Text("chance 的形状应为（类别, 2, 最多邻居数+1[, 512]），邻居不超过 8。",
                 "Chances have the shape (kinds, 2, most neighbours + 1[, 512]); at most 8 neighbours."),
        )  # fmt: skip
    limit = np.zeros((len(every), STATES, WORDS, 64), np.uint64)
    known = every[:, :, : MOST + 1].swapaxes(1, 2)
    limit[:, : 2 * known.shape[1]] = np.floor(known * 2.0**32).reshape(len(every), -1, WORDS, 64)
    place = np.arange(64, dtype=np.uint64)
    planes = [
        (((limit >> np.uint64(BITS - b)) & np.uint64(1)) << place).sum(axis=-1, dtype=np.uint64)
        for b in range(BITS + 1)
    ]
    ties = np.full((len(degree), MOST), len(degree), np.uint32)
    ties[np.repeat(np.arange(len(degree)), degree), np.arange(len(indices)) - np.repeat(first, degree)] = (
        indices
    )
    return Replicas(ties, kind.astype(np.uint16), np.stack(planes, axis=1).reshape(len(every), BITS + 1, -1))


def run_replicas(
    replicas: Replicas, start: np.ndarray, steps: int, seed: int = 1, every: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Run a batch; return how many are in favour in each replica, int64 (steps // every + 1, 512), and the last answers.

    Parameters
    ----------
    start
        Answers at the start, uint64 (n, WORDS), bit r of word k is replica 64 k + r; or 0/1 (n,) for all alike.
    every
        Steps between counts.
    """
    n = len(replicas.kind)
    now, then = np.zeros((n + 1, WORDS), np.uint64), np.zeros((n + 1, WORDS), np.uint64)
    now[:n] = start if start.ndim == 2 else np.where(start[:, None] > 0, FULL, np.uint64(0))
    counts = np.zeros((steps // every + 1, BATCH), np.int64)
    _count(now[:n], counts[0])
    key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    for step in range(1, steps + 1):
        step_replicas(*replicas, now, then, 0, n, np.uint32(step), *key)
        now, then = then, now
        if step % every == 0:
            _count(now[:n], counts[step // every])
    return counts, now[:n]


@njit(cache=True, nogil=True, error_model="numpy")
def step_replicas(ties, kind, planes, now, then, first, last, step, key0, key1):  # type: ignore[no-untyped-def]
    """Write the next answers of households ``first`` … ``last`` − 1 in every replica."""
    near, masks = np.zeros((MOST + 1) * WORDS, np.uint64), np.zeros(STATES * WORDS, np.uint64)
    words, limit = np.zeros((4, 4 * AHEAD), np.uint32), np.zeros(WORDS, np.uint64)
    draws = words.view(np.uint64)  # two bits of every replica in a row
    still, yes = np.zeros(WORDS, np.uint64), np.zeros(WORDS, np.uint64)
    for i in range(first, last):
        _gather(ties[i], now, now[i], near)
        _states(near, masks)
        table = planes[kind[i]]
        _limit(table[0], masks, yes)  # where the chance is one
        left = np.uint64(0)
        for k in range(WORDS):
            still[k] = ~yes[k]
            left |= still[k]
        b = 0
        while left and b < BITS:
            if b % AHEAD == 0:
                _words(words, i, b // AHEAD, step, key0, key1)
            place = b % AHEAD
            _limit(table[b + 1], masks, limit)
            left = _decide(limit, draws[place // 2, WORDS * (place % 2) :], still, yes)
            b += 1
        for k in range(WORDS):
            then[i, k] = yes[k]


# The functions below are straight lines over eight words, which machines do side by side: so each reads flat arrays at fixed
# places.


@njit_inner
def _gather(tie, now, own, near):  # type: ignore[no-untyped-def]
    """Bring the answers of the neighbours and of the household itself together."""
    for j in range(MOST):
        other = now[tie[j]]
        for k in range(WORDS):
            near[WORDS * j + k] = other[k]
    for k in range(WORDS):
        near[WORDS * MOST + k] = own[k]


@njit_inner
def _states(x, m):  # type: ignore[no-untyped-def]
    """Add up the neighbours' answers bit by bit (carry-save), and mark which replicas are in which state."""
    for k in range(WORDS):
        a, b, c, d = x[k], x[8 + k], x[16 + k], x[24 + k]
        e, f, g, h, me = x[32 + k], x[40 + k], x[48 + k], x[56 + k], x[64 + k]
        s0, c0 = a ^ b ^ c, (a & b) | (c & (a ^ b))
        s1, c1 = d ^ e ^ f, (d & e) | (f & (d ^ e))
        s2, c2 = g ^ h, g & h
        one, c3 = s0 ^ s1 ^ s2, (s0 & s1) | (s2 & (s0 ^ s1))
        t0, e0 = c0 ^ c1 ^ c2, (c0 & c1) | (c2 & (c0 ^ c1))
        two, e1 = t0 ^ c3, t0 & c3
        four, eight = e0 ^ e1, e0 & e1
        l0, l1, l2, l3 = ~two & ~one, ~two & one, two & ~one, two & one
        low = ~four & ~eight
        m[k], m[8 + k] = l0 & low & ~me, l0 & low & me
        m[16 + k], m[24 + k] = l1 & low & ~me, l1 & low & me
        m[32 + k], m[40 + k] = l2 & low & ~me, l2 & low & me
        m[48 + k], m[56 + k] = l3 & low & ~me, l3 & low & me
        m[64 + k], m[72 + k] = l0 & four & ~me, l0 & four & me
        m[80 + k], m[88 + k] = l1 & four & ~me, l1 & four & me
        m[96 + k], m[104 + k] = l2 & four & ~me, l2 & four & me
        m[112 + k], m[120 + k] = l3 & four & ~me, l3 & four & me
        m[128 + k], m[136 + k] = eight & ~me, eight & me


@njit_inner
def _words(words, entity, group, step, key0, key1):  # type: ignore[no-untyped-def]
    """Draw ``AHEAD`` bits of every replica's uniform number at once."""
    a0, a1, a2, a3 = words[0], words[1], words[2], words[3]
    for j in range(4 * AHEAD):
        a0[j], a1[j], a2[j], a3[j] = philox7(entity, step, STREAM, group * (4 * AHEAD) + j, key0, key1)


@njit_inner
def _limit(p, m, limit):  # type: ignore[no-untyped-def]
    """Write one bit of each replica's limit: that of the state it is in."""
    for k in range(WORDS):
        limit[k] = (
            (m[k] & p[k]) | (m[8 + k] & p[8 + k]) | (m[16 + k] & p[16 + k])
            | (m[24 + k] & p[24 + k]) | (m[32 + k] & p[32 + k]) | (m[40 + k] & p[40 + k])
            | (m[48 + k] & p[48 + k]) | (m[56 + k] & p[56 + k]) | (m[64 + k] & p[64 + k])
            | (m[72 + k] & p[72 + k]) | (m[80 + k] & p[80 + k]) | (m[88 + k] & p[88 + k])
            | (m[96 + k] & p[96 + k]) | (m[104 + k] & p[104 + k]) | (m[112 + k] & p[112 + k])
            | (m[120 + k] & p[120 + k]) | (m[128 + k] & p[128 + k]) | (m[136 + k] & p[136 + k])
        )  # fmt: skip


@njit_inner
def _decide(limit, draws, still, yes):  # type: ignore[no-untyped-def]
    """Compare one bit of draw and limit where they were equal so far; return the replicas left."""
    left = np.uint64(0)
    for k in range(WORDS):
        yes[k] |= still[k] & limit[k] & ~draws[k]
        still[k] &= ~(limit[k] ^ draws[k])
        left |= still[k]
    return left


@njit(cache=True, nogil=True)
def _count(now, counts):  # type: ignore[no-untyped-def]
    """Count who is in favour in each replica."""
    for i in range(len(now)):
        for k in range(WORDS):
            word = now[i, k]
            for r in range(64):
                counts[64 * k + r] += (word >> np.uint64(r)) & np.uint64(1)
