"""Replicator dynamics of any number of populations: growth, Jacobian, paths.

Populations play each other (asymmetric) or one plays itself; a state is one vector of shares per population.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp

from hutong.errors import HutongError
from hutong.evolve.games.table import Game
from hutong.text import Text

State = tuple[np.ndarray, ...]
#: Relative and absolute tolerance of a path.
RTOL, ATOL = 1e-10, 1e-12


def fitness(game: Game, state: Sequence[np.ndarray]) -> State:
    """Return the expected pay-off of every strategy, one vector per population."""
    if game.symmetric:
        return (game.payoffs[0] @ state[0],)
    return tuple(contract(u, state, (i,)) for i, u in enumerate(game.payoffs))


def contract(payoff: np.ndarray, state: Sequence[np.ndarray], keep: tuple[int, ...]) -> np.ndarray:
    """Return a pay-off table averaged over the shares of every population but those in ``keep``."""
    for axis in reversed(range(payoff.ndim)):
        if axis not in keep:
            payoff = np.tensordot(payoff, state[axis], axes=(axis, 0))
    return payoff


def growth(game: Game, state: Sequence[np.ndarray]) -> State:
    """Return the change of every share: x_h (f_h − Σ x f) (Taylor and Jonker 1978; Taylor 1979)."""
    return tuple(x * (f - x @ f) for x, f in zip(state, fitness(game, state), strict=True))


def jacobian(game: Game, state: Sequence[np.ndarray]) -> np.ndarray:
    """Return the Jacobian on the simplices: the last share of each population is one less the others.

    Shape (Σ(s−1), Σ(s−1)), rows and columns population by population.
    """
    rates = fitness(game, state)
    blocks = []
    for i, (x, f) in enumerate(zip(state, rates, strict=True)):
        row = []
        for j in range(len(state)):
            slope = _slope(game, state, i, j)  # ∂f_i/∂x_j
            block = x[:, None] * (slope - x @ slope)
            if i == j:
                block = block + np.diag(f - x @ f) - np.outer(x, f)
            row.append(block[:-1, :-1] - block[:-1, -1:])
        blocks.append(row)
    return np.block(blocks)


def _slope(game: Game, state: Sequence[np.ndarray], i: int, j: int) -> np.ndarray:
    if game.symmetric:
        return game.payoffs[0]
    if i == j:
        return np.zeros((len(state[i]), len(state[i])))
    table = contract(game.payoffs[i], state, (i, j))
    return table if i < j else table.T


def path(game: Game, start: Sequence[np.ndarray], times: np.ndarray) -> State:
    """Return the shares along the replicator dynamics, one array (times, strategies) per population.

    Parameters
    ----------
    times
        Rising, the first is that of ``start``.

    Raises
    ------
    HutongError
        ``bad-start`` where the shares of a population are negative or do not add up to one; ``no-path`` where
        the solver fails.
    """
    check_state(game, start)
    cuts = np.cumsum(game.sizes)[:-1]

    def change(_t: float, flat: np.ndarray) -> np.ndarray:
        return np.concatenate(growth(game, np.split(flat, cuts)))

    span = float(times[0]), float(times[-1])
    done = solve_ivp(change, span, np.concatenate(start), "DOP853", times, rtol=RTOL, atol=ATOL)
    if not done.success:
        raise HutongError(
            "no-path",
            Text(f"复制动态无法积分：{done.message}", f"The dynamics could not be followed: {done.message}"),
            Text("请检查支付表的量级。", "Check the size of the pay-offs."),
        )
    return tuple(_shares(part) for part in np.split(done.y.T, cuts, axis=1))


def _shares(part: np.ndarray) -> np.ndarray:
    """Return shares without what the solver leaves of rounding."""
    kept = np.clip(part, 0.0, 1.0)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


def check_state(game: Game, state: Sequence[np.ndarray]) -> None:
    """Raise ``bad-start`` unless each population's shares are in [0, 1] and add up to one."""
    shapes = tuple(len(x) for x in state) == game.sizes
    if not shapes or any(np.min(x) < 0 or not abs(np.sum(x) - 1) < 1e-9 for x in state):
        raise HutongError(
            "bad-start",
            Text("起点各群体的份额应非负且合计为 1。", "The shares of each population must be at least 0 and add up to 1."),
            Text("请改正 start。", "Mend the start."),
        )  # fmt: skip
