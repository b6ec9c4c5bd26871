"""Yes or no of very many households, 64 to a machine word: the model of :mod:`hutong.evolve.binary` where ties are regular.

An answer is a bit. Where many of a block hear whoever stands the same number of places away (a lattice, doors along a corridor,
rows of courtyards), that tie is a shift: the answers, moved by that number and masked by who has such a tie, are added up bit by bit
for 64 households at once. Ties that few share go by a list. So no household looks anything up, which is what bounds the other form.

Chances are whole numbers of 2⁻³², as there, and are compared with a draw of 32 bits: the upper ones bit by bit for whole words; the few
that these leave undecided draw the lower ones by themselves. The draws are laid out otherwise than in ``binary``, so that two runs agree
in distribution and not bit by bit.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit, uint32

from hutong.errors import HutongError
from hutong.evolve.households import njit_inner
from hutong.rng import philox7
from hutong.text import Text

#: Streams of randomness: the upper bits, 64 households to a word, and the lower ones of a household.
UPPER, LOWER = np.uint32(34), np.uint32(35)
#: Words of 64 households that go together; households of such a block; bits compared for all; most neighbours.
WORDS, AHEAD, MOST = 128, 8, 8
BLOCK = 64 * WORDS
#: Households of a block that must share a distance to make the shift worth its while.
SHARED = 16
#: States (2 · neighbours in favour + own answer), and one in which nobody is.
STATES = 2 * (MOST + 1)
ONE = np.uint64(1)


class Lanes(NamedTuple):
    """Who hears whom, and the chances; made by :func:`make_lanes`."""

    first: np.ndarray  # int64 (blocks + 1,) where the shifts of a block begin
    away: np.ndarray  # int64 (shifts,) places between a household and whom it hears
    mask: np.ndarray  # uint64 (shifts, WORDS) who has that tie
    odd_first: np.ndarray  # int64 (blocks + 1,) where the other ties of a block begin
    odd: np.ndarray  # uint32 (ties, 2) who hears whom
    kind: np.ndarray  # uint8 (blocks · BLOCK,)
    kinds: np.ndarray  # uint64 (kinds + 1, words) who is of a kind, and who there is
    limit: np.ndarray  # uint64 (kinds, STATES) chance in units of 2⁻³²
    #: int64 (AHEAD + 1, groups, 5): for a chance of one and for each upper bit the states in which it is set, by kind, four at a
    #: time; a kind of −1 ends the list.
    groups: np.ndarray


def make_lanes(indptr: np.ndarray, indices: np.ndarray, kind: np.ndarray, chance: np.ndarray) -> Lanes:
    """Return a crowd in words of 64.

    Parameters
    ----------
    indptr, indices, kind, chance
        As for :func:`hutong.evolve.binary.make_crowd`; at most 8 neighbours and 256 kinds.

    Raises
    ------
    HutongError
        ``bad-crowd`` where shapes do not fit, someone has more than 8 neighbours, or a chance lies outside [0, 1].
    """
    n, ptr = len(indptr) - 1, indptr.astype(np.int64)
    degree = np.diff(ptr)
    most = int(degree.max(initial=0))
    fits = chance.ndim == 3 and chance.shape[1] == 2 and chance.shape[2] > most and len(kind) == n
    if (
        not fits
        or most > MOST
        or len(chance) > 256
        or not ((chance >= 0) & (chance <= 1)).all()
        or np.any(kind >= len(chance))
    ):
        raise HutongError(
            "bad-crowd",
            Text("机会表或类别与网络不符，或机会不在 0–1 之间。", "The chances or kinds do not fit the network, or a chance is outside [0, 1]."),
            Text("chance 的形状应为（类别, 2, 最多邻居数+1），邻居不超过 8。",
                 "Chances have the shape (kinds, 2, most neighbours + 1); at most 8 neighbours."),
        )  # fmt: skip
    shifts, masks, odd = [], [], []
    for begin in range(0, n, BLOCK):
        end = min(begin + BLOCK, n)
        who = np.repeat(np.arange(end - begin), degree[begin:end])
        distance, mask, others = _shifts(who, indices[ptr[begin] : ptr[end]].astype(np.int64) - begin - who)
        shifts.append(distance)
        masks.append(mask)
        odd.append((others + begin).astype(np.uint32))
    size = max(len(shifts), 1) * BLOCK
    of = np.zeros(size, np.uint8)
    of[:n] = kind
    known = np.zeros(size, bool)
    known[:n] = True
    limit = np.zeros((len(chance), MOST + 1, 2), np.uint64)
    limit[:, : chance.shape[2]] = np.floor(chance[:, :, : MOST + 1].transpose(0, 2, 1) * 2.0**32).astype(
        np.uint64
    )
    return Lanes(
        np.cumsum([0, *map(len, shifts)]), np.concatenate([*shifts, np.zeros(0, np.int64)]),
        np.concatenate([*masks, np.zeros((0, WORDS), np.uint64)]),
        np.cumsum([0, *map(len, odd)]), np.concatenate([*odd, np.zeros((0, 2), np.uint32)]),
        of, np.stack([*(_packed(known & (of == k)) for k in range(len(chance))), _packed(known)]), limit.reshape(len(chance), STATES),
        _groups(limit.reshape(len(chance), STATES)),
    )  # fmt: skip


def _packed(bits: np.ndarray) -> np.ndarray:
    """Return 0s and 1s along the last axis as words of 64, the first in the lowest bit."""
    return np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)


def _shifts(who: np.ndarray, gap: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distances many share with who has such a tie, and the other ties of a block (who, whom)."""
    distance, place, number = np.unique(gap, return_inverse=True, return_counts=True)
    key = place * BLOCK + who
    once = np.zeros(len(key), bool)
    once[np.unique(key, return_index=True)[1]] = True  # whom one hears twice goes by the list the second time
    shared = once & (number >= SHARED)[place]
    row = np.cumsum(number >= SHARED) - 1
    bits = np.zeros((int((number >= SHARED).sum()), BLOCK), bool)
    bits[row[place[shared]], who[shared]] = True
    return distance[number >= SHARED], _packed(bits), np.stack([who, who + gap], axis=1)[~shared]


def _groups(limit: np.ndarray) -> np.ndarray:
    rows: list[list[list[int]]] = []
    for b in range(AHEAD + 1):
        rows.append([])
        for k, limits in enumerate(limit):
            on = np.flatnonzero((limits >> np.uint64(32 - b)) & ONE).tolist()
            rows[b] += [[k, *(on[g : g + 4] + [STATES] * 4)[:4]] for g in range(0, len(on), 4)]
    most = max(map(len, rows)) + 1
    return np.array([row + [[-1] * 5] * (most - len(row)) for row in rows], np.int64)


def run_lanes(
    lanes: Lanes, start: np.ndarray, steps: int, seed: int = 1, threads: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Run a crowd; return how many are in favour after each step, int64 (steps + 1,), and the last answers, uint8 (n,).

    Parameters
    ----------
    start
        Answers at the start, 0 or 1.
    threads
        Never changes the result.
    """
    now, margin = room(lanes, start)
    then = now.copy()
    blocks = len(lanes.first) - 1
    counts = np.zeros(steps + 1, np.int64)
    counts[0] = np.count_nonzero(start)
    key = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    cuts = [blocks * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for step in range(1, steps + 1):
            jobs = [
                pool.submit(turn, *lanes, now, then, margin, a, b, np.uint32(step), *key)
                for a, b in pairwise(cuts)
            ]
            counts[step] = sum(job.result() for job in jobs)
            now, then = then, now
    answers = np.unpackbits(now[margin : len(now) - margin].view(np.uint8), bitorder="little")
    return counts, answers[: len(start)].copy()


def room(lanes: Lanes, start: np.ndarray) -> tuple[np.ndarray, int]:
    """Return answers in words of 64 with a margin before and after that the shifts may read, and its words."""
    margin = int(np.abs(lanes.away).max(initial=0)) // 64 + 2
    bits = np.zeros(len(lanes.kind), bool)
    bits[: len(start)] = start
    return np.pad(_packed(bits), margin), margin


@njit(cache=True, nogil=True, error_model="numpy")
def turn(  # type: ignore[no-untyped-def]
    first,
    away,
    mask,
    odd_first,
    odd,
    kind,
    kinds,
    limit,
    groups,
    now,
    then,
    margin,
    begin,
    end,
    step,
    key0,
    key1,
):
    """Write the next answers of blocks ``begin`` … ``end`` − 1 and return how many are in favour."""
    count, state = np.empty((5, WORDS), np.uint64), np.zeros((STATES + 1, WORDS), np.uint64)
    draws, held = np.empty((4, WORDS // 2), np.uint32), np.empty((3, WORDS), np.uint64)
    bits, still, yes, chosen = draws.view(np.uint64).reshape(-1), held[0], held[1], held[2]
    favour = np.uint64(0)
    for block in range(begin, end):
        word = block * WORDS
        own = now[margin + word : margin + word + WORDS]
        count[:] = 0
        for k in range(first[block], first[block + 1]):
            _shift(now[margin + word + (away[k] >> 6) :], np.uint64(away[k] & 63), mask[k], count[4])
            _add(count[0], count[1], count[2], count[3], count[4])
        for k in range(odd_first[block], odd_first[block + 1]):
            j, whom = (odd[k, 0] >> uint32(6)) - word, odd[k, 1]
            heard = (now[margin + (whom >> uint32(6))] >> np.uint64(whom & uint32(63))) & ONE
            count[4, j] = heard << np.uint64(odd[k, 0] & uint32(63))
            _add(
                count[0, j : j + 1],
                count[1, j : j + 1],
                count[2, j : j + 1],
                count[3, j : j + 1],
                count[4, j : j + 1],
            )
        _states(count, own, state)
        _choose(groups[0], kinds[:, word : word + WORDS], state, yes)  # where the chance is one
        for j in range(WORDS):
            still[j] = kinds[-1, word + j] & ~yes[j]
        for b in range(AHEAD):
            _draw(draws, block, b, step, key0, key1)
            _choose(groups[1 + b], kinds[:, word : word + WORDS], state, chosen)
            _decide(bits, chosen, still, yes)
        for j in range(WORDS):
            left = still[j]
            while left:
                low = left & (~left + ONE)
                left ^= low
                i = 64 * (word + j) + np.int64(_ones(low - ONE))
                heard = 8 * ((count[3, j] & low) != 0) + 4 * ((count[2, j] & low) != 0)
                heard += 2 * ((count[1, j] & low) != 0) + ((count[0, j] & low) != 0)
                rest = limit[kind[i], 2 * heard + ((own[j] & low) != 0)] & np.uint64((1 << (32 - AHEAD)) - 1)
                if (philox7(i, step, LOWER, 0, key0, key1)[0] >> uint32(AHEAD)) < rest:
                    yes[j] |= low
            then[margin + word + j] = yes[j]
            favour += _ones(yes[j])
    return np.int64(favour)


# Each loop stands in a function of its own and runs on four words at once.


@njit_inner
def _shift(now, by, mask, out):  # type: ignore[no-untyped-def]
    """Write the answers ``by`` bits further on, of those in the mask."""
    if by == 0:
        for j in range(WORDS):
            out[j] = now[j] & mask[j]
    else:
        up = np.uint64(64) - by
        for j in range(WORDS):
            out[j] = ((now[j] >> by) | (now[j + 1] << up)) & mask[j]


@njit_inner
def _add(ones, twos, fours, eights, more):  # type: ignore[no-untyped-def]
    """Add one bit to each count, which is at most eight."""
    for j in range(len(more)):
        carry = ones[j] & more[j]
        ones[j] ^= more[j]
        further = twos[j] & carry
        twos[j] ^= carry
        last = fours[j] & further
        fours[j] ^= further
        eights[j] |= last


@njit_inner
def _states(count, own, state):  # type: ignore[no-untyped-def]
    """Write who is in which state."""
    full = ~np.uint64(0)
    for heard in range(MOST + 1):
        no1, no2, no4, no8 = (
            np.uint64(0) if heard & 1 else full,
            np.uint64(0) if heard & 2 else full,
            np.uint64(0) if heard & 4 else full,
            np.uint64(0) if heard & 8 else full,
        )
        against, favour = state[2 * heard], state[2 * heard + 1]
        for j in range(WORDS):
            here = (count[0, j] ^ no1) & (count[1, j] ^ no2) & (count[2, j] ^ no4) & (count[3, j] ^ no8)
            against[j] = here & ~own[j]
            favour[j] = here & own[j]


@njit_inner
def _choose(groups, kinds, state, out):  # type: ignore[no-untyped-def]
    """Write who is in one of the listed states."""
    out[:] = 0
    for g in range(len(groups)):
        k = groups[g, 0]
        if k < 0:
            return
        _either(
            state[groups[g, 1]], state[groups[g, 2]], state[groups[g, 3]], state[groups[g, 4]], kinds[k], out
        )


@njit_inner
def _either(a, b, c, d, who, out):  # type: ignore[no-untyped-def]
    for j in range(WORDS):
        out[j] |= (a[j] | b[j] | c[j] | d[j]) & who[j]


@njit_inner
def _draw(draws, block, b, step, key0, key1):  # type: ignore[no-untyped-def]
    a0, a1, a2, a3 = draws[0], draws[1], draws[2], draws[3]
    for j in range(WORDS // 2):
        a0[j], a1[j], a2[j], a3[j] = philox7(block * (WORDS // 2) + j, step, UPPER, b, key0, key1)


@njit_inner
def _decide(draw, limit, still, yes):  # type: ignore[no-untyped-def]
    """Compare one bit: below the limit is yes, above it no, and who is level goes on."""
    for j in range(WORDS):
        yes[j] |= still[j] & limit[j] & ~draw[j]
        still[j] &= ~(limit[j] ^ draw[j])


@njit_inner
def _ones(x):  # type: ignore[no-untyped-def]
    """Return the number of ones in a word."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555_5555_5555_5555))
    x = (x & np.uint64(0x3333_3333_3333_3333)) + ((x >> np.uint64(2)) & np.uint64(0x3333_3333_3333_3333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F_0F0F_0F0F_0F0F)
    return (x * np.uint64(0x0101_0101_0101_0101)) >> np.uint64(56)
