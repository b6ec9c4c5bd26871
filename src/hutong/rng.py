"""Counter-based randomness: the same draw for the same key, in any order, on any thread.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
A draw is named by ``(seed, stream, entity, step)``; nothing is advanced, so nothing can get out of step.

Where a run wants thousands of millions of bits a second, SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
number generators") read out of order: place n of its sequence is a mix of key + n · ``GOLDEN``. ``bench/rng_stream.py`` writes the draws in the
layouts that are used, for a battery of tests; docs/evolve-odd.md says what was run.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint32, uint64

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
#: Step of SplitMix64 from one place to the next.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


# LLVM puts these into what calls them; Numba would type and translate them anew at every call.
@njit(cache=True, forceinline=True)
def _rounds(n, c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    x0, x1, x2, x3, a, b = c0, c1, c2, c3, k0, k1
    for _ in range(n):
        p0 = _M0 * uint64(x0)
        p1 = _M1 * uint64(x2)
        x0 = uint32((p1 >> uint64(32)) ^ uint64(x1) ^ uint64(a))
        x1 = uint32(p1 & _MASK)
        x2 = uint32((p0 >> uint64(32)) ^ uint64(x3) ^ uint64(b))
        x3 = uint32(p0 & _MASK)
        a = uint32((uint64(a) + uint64(_W0)) & _MASK)
        b = uint32((uint64(b) + uint64(_W1)) & _MASK)
    return x0, x1, x2, x3


@njit(cache=True, forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return the four 32-bit words of Philox 4x32-10 at counter ``c`` under key ``k``."""
    return _rounds(10, uint32(c0), uint32(c1), uint32(c2), uint32(c3), uint32(k0), uint32(k1))


@njit(cache=True, forceinline=True)
def philox7(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return the four words of Philox 4x32-7, for passes that draw for millions.

    Seven rounds are the fewest with which Philox 4x32 passes BigCrush (Salmon et al. 2011, table 2).
    """
    return _rounds(7, uint32(c0), uint32(c1), uint32(c2), uint32(c3), uint32(k0), uint32(k1))


@njit(cache=True, forceinline=True)
def mixed(place, key):  # type: ignore[no-untyped-def]
    """Return the 64 bits at a place of SplitMix64; with a key of nought they are those of the paper.

    ``place`` is a first key + ``GOLDEN`` · number of the draw, uint64. The second key goes in between the two multiplications (variant 13 of
    Stafford's finaliser), so that two streams are not one sequence read from two places.
    """
    x = (place ^ (place >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> uint64(27)) ^ key) * uint64(0x94D049BB133111EB)
    return x ^ (x >> uint64(31))


def mixing_keys(seed: int, stream: int) -> tuple[np.uint64, np.uint64]:
    """Return both keys of :func:`mixed` for a stream of a seed (64 bits)."""
    a, b, c, d = (int(w) for w in philox(0, 0, stream, 0, seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF))
    return np.uint64(a << 32 | b), np.uint64(c << 32 | d)


@njit(cache=True, forceinline=True)
def uniform(seed, stream, entity, step):  # type: ignore[no-untyped-def]
    """Return one uniform float64 in [0, 1) with 32 bits, keyed by (seed, stream, entity, step)."""
    word = philox(entity, step, stream, 0, seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)[0]
    return float(word) * 2.3283064365386963e-10


def generator(seed: int, stream: str) -> np.random.Generator:
    """Return NumPy's Philox generator for a named stream of ``seed`` (for array work)."""
    key = np.random.SeedSequence([seed, *stream.encode()])
    return np.random.Generator(np.random.Philox(key))
