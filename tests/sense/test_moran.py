from __future__ import annotations

import sys
import time
import warnings
from itertools import permutations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm

from hutong.errors import HutongError
from hutong.sense.moran import QUADRANTS, _discoveries, _draws, local_moran, moran
from hutong.sense.neighbours import nearest_neighbours, row_standardised


def data(n: int = 120, seed: int = 0):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 1000, (n, 2))
    return points, points[:, 0] / 300 + rng.normal(0, 1, n)


def pysal(points, k):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from libpysal.weights import KNN

        w = KNN.from_array(points, k=k)
    w.transform = "r"
    return w


@pytest.mark.parametrize("seed", range(3))
def test_global_equals_esda(seed):
    from esda import Moran as Theirs

    points, y = data(seed=seed)
    got = moran(y, nearest_neighbours(points, 6), permutations=99)
    want = Theirs(y, pysal(points, 6), permutations=0)
    for ours, theirs in (("value", "I"), ("expected", "EI"), ("z_normal", "z_norm"), ("z_random", "z_rand"),
                         ("p_normal", "p_norm"), ("p_random", "p_rand")):  # fmt: skip
        assert getattr(got, ours) == pytest.approx(float(getattr(want, theirs)), abs=1e-9)
    assert got.p_permuted == 0.02


@pytest.mark.parametrize("seed", range(3))
def test_local_equals_esda(seed):
    from esda import Moran_Local

    points, y = data(seed=seed)
    n = len(y)
    got = local_moran(y, nearest_neighbours(points, 6), permutations=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = Moran_Local(y, pysal(points, 6), permutations=0)
    np.testing.assert_allclose(got["value"], want.Is, atol=1e-9)
    # esda gives the conditional moments of n/(n-1) times its own statistic.
    np.testing.assert_allclose(got["expected"], want.EIc * (n - 1) / n, atol=1e-9)
    sd = np.sqrt(want.VIc) * (n - 1) / n
    np.testing.assert_allclose(got["z"], (want.Is - want.EIc * (n - 1) / n) / sd, atol=1e-9)
    np.testing.assert_array_equal(got["quadrant"], np.array(QUADRANTS)[want.q - 1])


def test_moments_and_p_values_against_every_permutation():
    """With seven places all conditional permutations can be listed."""
    y = np.array([1.0, 5.0, 2.0, 8.0, 3.0, 9.0, 4.0])
    weights = csr_array(
        (np.ones(14), (np.repeat(range(7), 2), [1, 2, 0, 3, 4, 5, 1, 6, 2, 5, 3, 4, 0, 3])), shape=(7, 7)
    )
    got = local_moran(y, weights, permutations=9999)
    w, z = row_standardised(weights).toarray(), y - y.mean()
    for i in range(7):
        others = np.delete(np.arange(7), i)
        scale = 6 * z[i] / (z @ z)
        every = np.array([scale * (w[i, others] @ z[list(some)]) for some in permutations(others)])
        assert got["expected"][i] == pytest.approx(every.mean())
        assert got["z"][i] == pytest.approx((got["value"][i] - every.mean()) / every.std())
        exact = 2 * min((every >= got["value"][i] - 1e-9).mean(), (every <= got["value"][i] + 1e-9).mean())
        assert got["p_permuted"][i] == pytest.approx(min(exact, 1), abs=0.02)
    whole = moran(y, weights, permutations=4999)
    assert whole.p_normal == pytest.approx(2 * norm.sf(abs(whole.z_normal)))


def test_the_same_seed_gives_the_same_and_places_may_come_in_any_number_of_chunks(monkeypatch):
    points, y = data()
    w = nearest_neighbours(points, 5)
    first = local_moran(y, w, permutations=199, seed=7)
    monkeypatch.setattr(sys.modules["hutong.sense.moran"], "_ROOM", 5000)
    assert first.equals(local_moran(y, w, permutations=199, seed=7))
    assert not first["p_permuted"].equals(local_moran(y, w, permutations=199, seed=8)["p_permuted"])
    assert moran(y, w, 99, seed=3) == moran(y, w, 99, seed=3)


def test_a_planted_cluster_is_found_and_noise_is_not():
    points, _ = data(300, seed=5)
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, 300)
    w = nearest_neighbours(points, 8)
    assert (local_moran(noise, w)["cluster"] == "").mean() > 0.97
    core = (np.abs(points - 500) < 150).all(axis=1)
    planted = local_moran(noise + 4 * core, w)
    assert (planted["cluster"][core] == "high-high").mean() > 0.6
    assert (planted["cluster"][~core] == "high-high").mean() < 0.05
    assert moran(noise, w).p_permuted > 0.05
    assert moran(noise + 4 * core, w).p_permuted == 0.002


def test_unknown_values_and_lone_places_say_nothing():
    points, y = data(60)
    y[7] = np.nan
    w = nearest_neighbours(points, 4).tolil()
    w[11, :] = 0
    got = local_moran(y, csr_array(w), permutations=99)
    assert got.loc[[7, 11], ["value", "z", "p_permuted"]].isna().all(axis=None)
    assert (got.loc[[7, 11], ["quadrant", "cluster"]] == "").all(axis=None)
    keep = np.delete(np.arange(60), 7)
    want = local_moran(y[keep], csr_array(w)[keep][:, keep], permutations=99)
    np.testing.assert_array_equal(got["value"][keep], want["value"])
    assert moran(y, csr_array(w), 0).n == 59
    assert np.isnan(moran(y, csr_array(w), 0).p_permuted)


def test_draws_are_without_repetition_and_even():
    rows = _draws(6, 3, 30_000, np.random.default_rng(0))
    assert (np.sort(rows, axis=1)[:, 1:] != np.sort(rows, axis=1)[:, :-1]).all()
    for column in range(3):
        share = np.bincount(rows[:, column], minlength=6) / 30_000
        np.testing.assert_allclose(share, 1 / 6, atol=0.01)
    pairs = np.bincount(rows[:, 0] * 6 + rows[:, 1], minlength=36)
    assert pairs[pairs > 0] / 30_000 == pytest.approx(1 / 30, abs=0.005)


def test_false_discovery_rate_by_hand():
    p = np.array([0.01, 0.04, 0.03, np.nan, 0.5])  # bounds .0125, .025, .0375, .05: only the first passes
    assert _discoveries(p, 0.05).tolist() == [True, False, False, False, False]
    assert _discoveries(np.array([0.01, 0.02, 0.03]), 0.05).all()
    assert not _discoveries(np.array([np.nan]), 0.05).any()


def test_the_first_local_moran_needs_no_seconds():
    points, y = data(500)
    start = time.process_time()
    local_moran(y, nearest_neighbours(points, 8), permutations=999)
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    ("y", "n"), [([1, 2, 3], 3), ([1, 1, 1, 1, 1], 5), ([1, 2, 3, np.inf, 5], 5), ([1, 2, 3, 4, 5], 4)]
)
def test_what_makes_no_sense_is_refused(y, n):
    with pytest.raises(HutongError):
        moran(y, nearest_neighbours(np.random.default_rng(0).uniform(size=(n, 2)), 2))


def test_without_neighbours_there_is_no_clustering():
    with pytest.raises(HutongError):
        local_moran([1, 2, 3, 4, 5], csr_array((5, 5)))
