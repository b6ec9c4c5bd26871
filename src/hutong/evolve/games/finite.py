"""Finite populations that copy one another: chances of fixation, and where the population stays in the long run.

Every player meets every other. Two processes: ``fermi``, in which a random player compares itself with a random other and
takes over its strategy with chance 1 / (1 + exp(−β (theirs − mine))) (Traulsen, Nowak and Pacheco 2006), and
``moran``, in which a player chosen by fitness 1 − β + β·pay-off places its offspring at random (Nowak et al. 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import splu
from scipy.special import logsumexp

from hutong.errors import HutongError
from hutong.text import Text, number

Process = Literal["fermi", "moran"]
MOST_STATES = 300_000


def fixation(ratios: np.ndarray) -> float:
    """Return the chance that one mutant takes over: 1 / (1 + Σ_k Π_{i≤k} T⁻_i / T⁺_i) (Karlin and Taylor 1975).

    Parameters
    ----------
    ratios
        T⁻/T⁺ with 1 … N−1 mutants, float64 (N−1,).
    """
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    return float(np.exp(-logsumexp(logs)))


def fixation_probability(
    matrix: np.ndarray, mutant: int, resident: int, size: int, intensity: float, process: Process = "fermi"
) -> float:
    """Return the chance that one ``mutant`` takes over a population of ``resident``.

    Parameters
    ----------
    matrix
        Pay-off of the row's strategy against the column's, (strategies, strategies). Nobody plays against itself.
    size
        Players N.
    intensity
        Strength of selection β.

    Raises
    ------
    HutongError
        ``bad-population`` for fewer than two players or a negative intensity; ``bad-fitness`` where a fitness of the
        Moran process is not above 0.
    """
    check_population(size, intensity)
    i = np.arange(1, size)
    pair = matrix[np.ix_([mutant, resident], [mutant, resident])]
    mine = ((i - 1) * pair[0, 0] + (size - i) * pair[0, 1]) / (size - 1)
    theirs = (i * pair[1, 0] + (size - i - 1) * pair[1, 1]) / (size - 1)
    if process == "fermi":
        return fixation(np.exp(-intensity * (mine - theirs)))
    return fixation(moran_fitness(theirs, intensity) / moran_fitness(mine, intensity))


def moran_fitness(payoff: np.ndarray, intensity: float) -> np.ndarray:
    """Return the fitness 1 − β + β·pay-off.

    Raises
    ------
    HutongError
        ``bad-fitness`` where it is not above 0.
    """
    fit = 1.0 - intensity + intensity * payoff
    if not np.min(fit) > 0:
        raise HutongError(
            "bad-fitness",
            Text("莫兰过程的适应度出现非正数。", "A fitness of the Moran process is not above 0."),
            Text(
                "请减小选择强度，或把支付整体上移。",
                "Lower the intensity, or add a constant to all pay-offs.",
            ),
        )
    return np.asarray(fit)


def fixation_table(matrix: np.ndarray, size: int, intensity: float, process: Process = "fermi") -> np.ndarray:
    """Return the chance that one player of the column's strategy takes over a population of the row's; diagonal NaN."""
    n = len(matrix)
    table = np.full((n, n), np.nan)
    for resident in range(n):
        for mutant in range(n):
            if mutant != resident:
                table[resident, mutant] = fixation_probability(
                    matrix, mutant, resident, size, intensity, process
                )
    return table


def stationary_of(chain: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of an irreducible chain, rows to columns.

    By state reduction without subtraction, exact to rounding however small the chances (Grassmann, Taksar and
    Heyman 1985); the diagonal is not read.
    """
    p = np.array(chain, np.float64)
    n = len(p)
    for k in range(n - 1, 0, -1):
        p[:k, k] /= p[k, :k].sum()
        p[:k, :k] += np.outer(p[:k, k], p[k, :k])
    share = np.zeros(n)
    share[0] = 1.0
    for k in range(1, n):
        share[k] = share[:k] @ p[:k, k]
    return np.asarray(share / share.sum())


def rare_mutations(matrix: np.ndarray, size: int, intensity: float, process: Process = "fermi") -> np.ndarray:
    """Return how much of the time all play each strategy, where mutants are so rare that one settles before the next.

    Fudenberg and Imhof 2006: a chain over the strategies, in which each mutant is as likely.
    """
    return stationary_of(fixation_table(matrix, size, intensity, process))


@dataclass(frozen=True)
class Stationary:
    """The exact long run of a finite population: its states, their shares of time, and the mean frequencies."""

    states: np.ndarray  # int64 (states, strategies), players of each strategy
    share: np.ndarray  # float64 (states,)

    @property
    def frequencies(self) -> np.ndarray:
        """Mean share of each strategy, (strategies,)."""
        return np.asarray(self.share @ self.states / self.states[0].sum())


def stationary(
    matrix: np.ndarray, size: int, intensity: float, mutation: float, process: Process = "fermi"
) -> Stationary:
    """Return the exact stationary distribution with mutation, over every composition of the population.

    In a step a random player changes: with chance ``mutation`` to a random other strategy, else by the process.

    Raises
    ------
    HutongError
        ``bad-population`` for a mutation outside (0, 1]; ``too-many-states`` for more than 300,000 compositions.
    """
    check_population(size, intensity)
    s = len(matrix)
    if not 0.0 < mutation <= 1.0:
        raise HutongError(
            "bad-population",
            Text("突变率应大于 0 且不超过 1。", "The mutation rate must be above 0 and at most 1."),
            Text("突变极少时用 rare_mutations。", "For very rare mutants use the limit instead."),
        )
    count = comb(size + s - 1, s - 1)
    if count > MOST_STATES:
        raise HutongError(
            "too-many-states",
            Text(f"状态太多（{number(count)}）。", f"There are {number(count)} states."),
            Text("请减小人数，或用稀有突变极限。", "Use fewer players, or the limit of rare mutations."),
        )
    states = compositions(size, s)
    return Stationary(states, _solve(_steps(matrix, states, size, intensity, mutation, process)))


def compositions(size: int, parts: int) -> np.ndarray:
    """Return every way to split ``size`` into ``parts`` ordered counts, in lexical order."""
    rows = np.arange(size + 1)[:, None]
    for _ in range(parts - 2):
        left = size - rows.sum(axis=1)
        which = np.repeat(np.arange(len(rows)), left + 1)
        starts = np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        rows = np.column_stack([rows[which], np.arange(len(which)) - starts])
    if parts == 1:
        return np.array([[size]])
    return np.column_stack([rows, size - rows.sum(axis=1)])


def _steps(
    matrix: np.ndarray, states: np.ndarray, size: int, intensity: float, mutation: float, process: Process
) -> csr_array:
    """Return the chances of going from state to state in one step, without those of staying."""
    s = len(matrix)
    counts = states.astype(np.float64)
    pay = (counts @ matrix.T - np.diag(matrix)) / (size - 1)
    place = _ranks(states, size)
    rows, columns, chances = [], [], []
    fit = counts * moran_fitness(np.where(counts > 0, pay, 1.0), intensity) if process == "moran" else None
    for loser in range(s):
        for winner in range(s):
            if winner == loser:
                continue
            here = np.flatnonzero(states[:, loser])
            if fit is None:
                meets = counts[here, winner] / (size - 1)
                gap = np.clip(intensity * (pay[here, winner] - pay[here, loser]), -700, 700)
                copied = meets / (1.0 + np.exp(-gap))
            else:
                copied = fit[here, winner] / fit[here].sum(axis=1)
            chance = counts[here, loser] / size * ((1.0 - mutation) * copied + mutation / (s - 1))
            there = states[here]
            there[:, loser] -= 1
            there[:, winner] += 1
            rows.append(here)
            columns.append(place(there))
            chances.append(chance)
    shape = (len(states), len(states))
    return csr_array((np.concatenate(chances), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def _ranks(states: np.ndarray, size: int):  # type: ignore[no-untyped-def]
    """Return a function from compositions to their place in lexical order."""
    weights = (size + 1) ** np.arange(states.shape[1] - 2, -1, -1)
    keys = states[:, :-1] @ weights
    return lambda there: np.searchsorted(keys, there[:, :-1] @ weights)


def _solve(steps: csr_array) -> np.ndarray:
    """Return the stationary distribution from the chances of moving (row to column)."""
    n = steps.shape[0]
    leave = np.asarray(steps.sum(axis=1)).ravel()
    balance = (steps.T - csc_array((leave, (np.arange(n), np.arange(n))), shape=(n, n))).tocsc()
    # One state is held at 1 and its equation, which follows from the others, left out.
    inside = splu(
        balance[1:, 1:], permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0
    )
    share = np.concatenate([[1.0], inside.solve(-balance[1:, [0]].toarray().ravel())])
    return np.asarray(share / share.sum())


def check_population(size: int, intensity: float) -> None:
    """Raise ``bad-population`` for fewer than two players or a negative intensity."""
    if size < 2 or not intensity >= 0:
        raise HutongError(
            "bad-population",
            Text("群体至少两人，选择强度不为负。", "A population has at least two players and an intensity of at least 0."),
            Text("请改正 finite 一节。", "Mend the section `finite`."),
        )  # fmt: skip
