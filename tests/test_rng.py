"""Counter-based randomness: the published vectors, independence of order, and uniformity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from hutong.rng import GOLDEN, generator, mixed, mixing_keys, philox, philox7, uniform


@njit
def draw(seed, stream, entities, step):  # type: ignore[no-untyped-def]
    out = np.empty(len(entities))
    for k in range(len(entities)):
        out[k] = uniform(seed, stream, entities[k], step)
    return out


# known answers of the Random123 library (kat_vectors, philox4x32 10)
@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert tuple(int(w) for w in philox(*counter, *key)) == answer


def slow_philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x32-10 in Python's whole numbers, as the paper writes it."""
    x, k, mask = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(p1 >> 32) ^ x[1] ^ k[0], p1 & mask, (p0 >> 32) ^ x[3] ^ k[1], p0 & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return x


WORD = st.integers(0, 2**32 - 1)


@given(st.lists(WORD, min_size=4, max_size=4), st.lists(WORD, min_size=2, max_size=2))
def test_philox_equals_the_slow_reference(counter: list[int], key: list[int]) -> None:
    assert [int(w) for w in philox(*counter, *key)] == slow_philox(counter, key)


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 2**63 - 1), WORD, WORD, WORD)
def test_a_draw_is_named_by_its_key_alone(seed: int, stream: int, entity: int, step: int) -> None:
    value = uniform(seed, stream, entity, step)
    assert 0 <= value < 1
    assert value == slow_philox([entity, step, stream, 0], [seed & 0xFFFFFFFF, seed >> 32])[0] / 2**32


def test_order_does_not_matter_and_every_part_of_the_key_does() -> None:
    entities = np.arange(1000)
    base = draw(7, 1, entities, 3)
    np.testing.assert_array_equal(draw(7, 1, entities[::-1].copy(), 3)[::-1], base)
    for other in (
        draw(8, 1, entities, 3),
        draw(7 + 2**32, 1, entities, 3),
        draw(7, 2, entities, 3),
        draw(7, 1, entities, 4),
    ):
        assert (other != base).mean() > 0.999
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.12


def test_draws_are_uniform() -> None:
    counts, _ = np.histogram(draw(1, 0, np.arange(100_000), 0), bins=20, range=(0, 1))
    chi2 = ((counts - 5000) ** 2 / 5000).sum()
    assert chi2 < 43.8  # 19 degrees of freedom, one in a thousand


def test_streams_are_told_apart_by_name_and_seed() -> None:
    base = generator(1, "a").random(8)
    np.testing.assert_array_equal(generator(1, "a").random(8), base)
    for other in (generator(2, "a"), generator(1, "b"), generator(1, "aa"), generator(1, "")):
        assert not np.array_equal(other.random(8), base)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ([0] * 4, [0] * 2, [0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662]),
        ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
         [0x4DFCCABA, 0x190A87F0, 0xC47362BA, 0xB6B5242A]),
    ],
)  # fmt: skip
def test_seven_rounds_give_the_published_answers(counter, key, answer) -> None:
    """Known answers of the Random123 library (kat_vectors, philox4x32 7)."""
    assert [int(w) for w in philox7(*counter, *key)] == answer


def test_mixed_is_splitmix64_at_any_place():
    """The published sequence of seed 1234567, read from its third place to its first."""
    known = {1: 6457827717110365317, 2: 3203168211198807973, 3: 9817491932198370423}
    for place in (3, 2, 1):
        at = np.uint64((1234567 + place * int(GOLDEN)) % 2**64)
        assert mixed(at, np.uint64(0)) == known[place]
        assert mixed(at, np.uint64(1)) != known[place]
    assert len({mixing_keys(seed, stream) for seed in (0, 1, 2**32, 2**63) for stream in (1, 2)}) == 8
