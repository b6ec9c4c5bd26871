"""How likely an act of consent is to pass, if each head decides for itself."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from hutong.agree.rule import Rule
from hutong.agree.tally import NO, NONE, YES, tally_groups
from hutong.errors import HutongError
from hutong.rng import uniform
from hutong.text import Text

#: The stream of random numbers that ballots are drawn from.
CONSENT_STREAM = 0x61677265
_CHUNK = 2_000_000


@njit(cache=True)
def draw_ballots(seed, stream, entities, first, p_take_part, p_yes, ballots):  # type: ignore[no-untyped-def]
    """Fill ``ballots`` (draws, heads) from draw number ``first`` on: one uniform per head and draw decides.

    The number is keyed by (seed, stream, entity, draw), so that a head decides alike in whichever roll, order or
    chunk it is counted, and a higher chance never turns a yes into a no.
    """
    for d in range(ballots.shape[0]):
        for h in range(ballots.shape[1]):
            u = uniform(seed, stream, entities[h], first + d)
            if u < p_take_part[h] * p_yes[h]:
                ballots[d, h] = YES
            elif u < p_take_part[h]:
                ballots[d, h] = NO
            else:
                ballots[d, h] = NONE


def pass_probability(
    area_cm2: NDArray[np.int64],
    p_yes: ArrayLike,
    p_take_part: ArrayLike,
    rule: Rule,
    draws: int = 200,
    *,
    seed: int,
    stream: int = CONSENT_STREAM,
    entities: NDArray[np.int64] | None = None,
) -> float:
    """Return the share of draws in which one roll passes; see :func:`pass_probability_groups`."""
    groups = np.zeros(len(area_cm2), np.int64)
    shares = pass_probability_groups(
        groups, area_cm2, p_yes, p_take_part, 1, rule, draws, seed=seed, stream=stream, entities=entities
    )
    return float(shares[0])


def pass_probability_groups(
    group_index: NDArray[np.int64],
    area_cm2: NDArray[np.int64],
    p_yes: ArrayLike,
    p_take_part: ArrayLike,
    n_groups: int,
    rule: Rule,
    draws: int = 200,
    *,
    seed: int,
    stream: int = CONSENT_STREAM,
    entities: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return, for many rolls at once, the share of random draws in which each passes.

    Parameters
    ----------
    group_index, area_cm2
        Roll and area of each head, int64 (heads,); see :func:`~hutong.agree.tally.tally_groups`.
    p_yes
        Chance that a head which takes part says yes: one number or (heads,), in [0, 1].
    p_take_part
        Chance that a head takes part: one number or (heads,), in [0, 1].
    draws
        Number of draws; the standard error of a share p is √(p(1−p)/draws).
    seed, stream, entities
        Keys of the random numbers; ``entities`` int64 (heads,) in [0, 2³²), by default 0, 1, 2, … Heads with the same
        key meet the same luck, so that offers can be compared without noise between them.

    Returns
    -------
    float64 (n_groups,).
    """
    heads = len(area_cm2)
    yes, part = (_chances(name, p, heads) for name, p in (("p_yes", p_yes), ("p_take_part", p_take_part)))
    keys = np.arange(heads, dtype=np.int64) if entities is None else np.asarray(entities, np.int64)
    if draws < 1 or keys.shape != (heads,):
        raise _bad_draws(f"draws {draws}, keys {keys.shape} for {heads} heads")
    passed = np.zeros(n_groups, np.int64)
    step = max(1, _CHUNK // max(1, heads))
    for first in range(0, draws, step):
        ballots = np.empty((min(step, draws - first), heads), np.int8)
        draw_ballots(seed, stream, keys, first, part, yes, ballots)
        passed += tally_groups(group_index, area_cm2, ballots, n_groups, rule).passed.sum(axis=0)
    return passed / draws


def share_in_favour(weight: ArrayLike, chance: ArrayLike) -> tuple[float, float]:
    """Return mean and standard deviation of the share of a roll that is in favour, in [0, 1].

    Parameters
    ----------
    weight
        Weight of each head (n,), ≥ 0 with a sum above 0: its area, or 1 for a share of heads.
    chance
        Chance that each head is in favour (n,): that it takes part times that it then says yes.

    Notes
    -----
    With w_i = weight_i / Σ weight the share is S = Σ w_i X_i, X_i = 1 with chance p_i and else 0. So E S = Σ w_i p_i, and since
    Var X_i = p_i (1 − p_i) and the variances of independent variables add, sd S = √(Σ w_i² p_i (1 − p_i)).

    That heads decide independently of each other is an assumption (confidence U). Where neighbours sway each other the
    covariances 2 Σ_{i<j} w_i w_j cov(X_i, X_j) are above 0, and this standard deviation is too small; nor does it hold how
    wrong the chances themselves may be.

    Raises
    ------
    HutongError
        ``bad-draws`` if weights or chances do not fit.
    """
    w = np.asarray(weight, np.float64)
    p = _chances("chance", chance, w.size)
    if w.ndim != 1 or not bool((w >= 0).all()) or not 0 < w.sum() < np.inf:
        raise _bad_draws(f"weights of {w.size} heads")
    share = w / w.sum()
    return float((share * p).sum()), float(np.sqrt((share**2 * p * (1 - p)).sum()))


def _chances(name: str, p: ArrayLike, heads: int) -> NDArray[np.float64]:
    given = np.asarray(p, np.float64)
    if given.shape not in ((), (heads,)) or not bool(((given >= 0) & (given <= 1)).all()):
        raise _bad_draws(f"{name} is not in [0, 1] for each of {heads} heads")
    return np.ascontiguousarray(np.broadcast_to(given, heads))


def _bad_draws(what: str) -> HutongError:
    return HutongError(
        "bad-draws",
        Text(f"无法估计通过概率（{what}）。", f"The pass probability cannot be drawn ({what})."),
        Text(
            "请给出 0–1 之间的概率和正的抽样次数。",
            "Give chances between 0 and 1 and a positive number of draws.",
        ),
    )
