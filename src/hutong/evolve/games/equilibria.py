"""Rest points of the replicator dynamics, support by support, with eigenvalues and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

import numpy as np

from hutong.errors import HutongError
from hutong.evolve.games.replicator import State, contract, fitness, jacobian
from hutong.evolve.games.table import Game
from hutong.rng import generator
from hutong.text import Text, number

Kind = Literal["stable", "unstable", "saddle", "neutral"]
Support = tuple[tuple[int, ...], ...]
#: Below this (relative to the spread of pay-offs) a real part, a share or a difference counts as zero.
TOL = 1e-9
MOST_SUPPORTS = 20_000
#: Starts of Newton's method where three or more populations mix.
STARTS = 48


@dataclass(frozen=True)
class Equilibrium:
    """A rest point: its shares, the eigenvalues of the Jacobian on the simplices, and what they say.

    ``stable``: all real parts below zero. ``unstable``: all above. ``saddle``: some of each, or some above beside
    zeros. ``neutral``: none above and some zero — the linear part does not decide. ``nash``: no strategy outside
    fares better.
    """

    state: State
    support: Support
    eigenvalues: np.ndarray
    kind: Kind
    nash: bool


@dataclass(frozen=True)
class RestPoints:
    """Isolated rest points; ``lines``: supports on which a whole line or more of points rests.

    ``complete`` is false where a support with mixing in three or more populations was searched from many starts
    rather than solved (three populations of two strategies are solved).
    """

    points: tuple[Equilibrium, ...]
    lines: tuple[Support, ...]
    complete: bool


def equilibria(game: Game) -> RestPoints:
    """Return every rest point of the replicator dynamics.

    On a support, all strategies of a population earn the same. Where at most two populations mix these equations
    are linear; for three populations with two strategies each they come down to one quadratic.

    Raises
    ------
    HutongError
        ``game-too-large`` for more than 20,000 supports.
    """
    count = int(np.prod([2.0**s - 1 for s in game.sizes]))
    if count > MOST_SUPPORTS:
        raise HutongError(
            "game-too-large",
            Text(f"策略组合太多（{number(count)} 个支撑集）。", f"There are {number(count)} supports to search."),
            Text("请减少策略或群体；路径仍可计算。", "Use fewer strategies or populations; paths can still be followed."),
        )  # fmt: skip
    points, lines, complete = [], [], True
    for support in _supports(game.sizes):
        found, whole_line, solved = _on_support(game, support)
        points += [_judge(game, state, support) for state in found]
        if whole_line:
            lines.append(support)
        complete &= solved
    return RestPoints(tuple(points), tuple(lines), complete)


def _supports(sizes: tuple[int, ...]) -> Iterator[Support]:
    """Give supports, the corners first."""
    each = [[c for k in range(1, s + 1) for c in combinations(range(s), k)] for s in sizes]
    yield from sorted(product(*each), key=lambda s: sum(map(len, s)))


def _judge(game: Game, state: State, support: Support) -> Equilibrium:
    scale = spread(game)
    values = np.linalg.eigvals(jacobian(game, state))
    values = values[np.lexsort((values.imag, -values.real))]
    rates = fitness(game, state)
    nash = all(f.max() <= x @ f + TOL * scale for f, x in zip(rates, state, strict=True))
    return Equilibrium(state, support, values, kind_of(values, TOL * scale), nash)


def spread(game: Game) -> float:
    """Return the largest difference of pay-offs within a population, at least the smallest number above 0."""
    return max(max(float(np.ptp(u)) for u in game.payoffs), np.finfo(float).tiny)


def kind_of(eigenvalues: np.ndarray, tol: float) -> Kind:
    """Return what the signs of the real parts say about stability."""
    real = np.real(eigenvalues)
    if not len(real) or real.max() < -tol:
        return "stable"
    if real.min() > tol:
        return "unstable"
    return "saddle" if real.max() > tol else "neutral"


def _on_support(game: Game, support: Support) -> tuple[list[State], bool, bool]:
    """Return the isolated rest points inside a support, whether a line rests there, and whether that is all."""
    mixing = [i for i, s in enumerate(support) if len(s) > 1]
    if not mixing:
        return [_spread_out(game, support, [np.ones(1) for _ in support])], False, True
    inner = [u[np.ix_(*support)] for u in game.payoffs] if not game.symmetric else []
    if game.symmetric:
        shares, line = _equalise(game.payoffs[0][np.ix_(support[0], support[0])])
        found = [[shares]] if shares is not None else []
        solved = True
    elif len(mixing) == 1:
        flat = inner[mixing[0]].reshape(-1)
        found, line, solved = [], bool(np.ptp(flat) <= TOL * spread(game)), True
    elif len(mixing) == 2:
        found, line = _two_mix(inner, mixing)
        solved = True
    elif [len(s) for s in support] == [2, 2, 2]:
        found, line = _three_pairs(inner)
        solved = True
    else:
        found, line, solved = _search(inner, [len(s) for s in support]), False, False
    return [_spread_out(game, support, shares) for shares in found], line, solved


def _spread_out(game: Game, support: Support, shares: Sequence[np.ndarray]) -> State:
    state = []
    for size, chosen, x in zip(game.sizes, support, shares, strict=True):
        full = np.zeros(size)
        full[list(chosen)] = x
        state.append(full)
    return tuple(state)


def _equalise(table: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """Return the one positive mix of the columns of a table under which all rows pay the same, or None.

    The second answer is whether a whole line of positive mixes does.
    """
    rows, columns = table.shape
    scale = max(float(np.ptp(table)), np.finfo(float).tiny)
    system = np.vstack([(table[1:] - table[0]) / scale, np.ones(columns)])
    wanted = np.append(np.zeros(rows - 1), 1.0)
    x, _, rank, _ = np.linalg.lstsq(system, wanted, rcond=TOL)
    fits = bool(np.abs(system @ x - wanted).max() <= TOL)
    if not fits or (rank == columns and x.min() <= TOL):
        return None, False
    if rank < columns:
        return None, _meets_inside(system, wanted)
    return x, False


def _meets_inside(system: np.ndarray, wanted: np.ndarray) -> bool:
    """Return whether a system has a solution with every share above zero (a small linear programme)."""
    from scipy.optimize import linprog

    n = system.shape[1]
    # Largest t with x ≥ t.
    lower = np.hstack([-np.eye(n), np.ones((n, 1))])
    done = linprog(
        np.append(np.zeros(n), -1.0), lower, np.zeros(n),
        np.hstack([system, np.zeros((len(system), 1))]), wanted, [(0, 1)] * n + [(None, 1)],
    )  # fmt: skip
    return bool(done.status == 0 and -done.fun > TOL)


def _two_mix(inner: list[np.ndarray], mixing: list[int]) -> tuple[list[list[np.ndarray]], bool]:
    """Solve the two linear systems where two populations mix and the others do one thing."""
    a, b = mixing
    shape = inner[a].shape[a], inner[a].shape[b]
    for_b, line_b = _equalise(inner[a].reshape(shape))  # shares of b that leave a indifferent
    for_a, line_a = _equalise(inner[b].reshape(shape).T)
    if for_a is None or for_b is None:
        return [], (line_a or for_a is not None) and (line_b or for_b is not None)
    shares = [np.ones(1) for _ in inner]
    shares[a], shares[b] = for_a, for_b
    return [shares], False


def _three_pairs(inner: list[np.ndarray]) -> tuple[list[list[np.ndarray]], bool]:
    """Solve three populations that each mix two strategies.

    With x, y, z the shares of the first strategies, each is indifferent where a bilinear form of the other two
    is zero: y = −p(z)/q(z) and x = −r(z)/s(z) from the first two, and the third becomes a quadratic in z.
    """
    poly = np.polynomial.Polynomial
    scale = max(max(float(np.ptp(u)) for u in inner), np.finfo(float).tiny)
    one, two, three = (_bilinear((u.take(0, i) - u.take(1, i)) / scale) for i, u in enumerate(inner))
    p, q = poly([one[0, 0], one[0, 1]]), poly([one[1, 0], one[1, 1]])
    r, s = poly([two[0, 0], two[0, 1]]), poly([two[1, 0], two[1, 1]])
    e = three
    quadratic = e[0, 0] * q * s - e[1, 0] * r * q - e[0, 1] * p * s + e[1, 1] * r * p

    def others(z: float) -> tuple[float, float] | None:
        """Return x and y at z; where one of the first two says nothing of its share, the third does."""
        x = -r(z) / s(z) if abs(s(z)) > TOL else None
        y = -p(z) / q(z) if abs(q(z)) > TOL else None
        if (x is None and abs(r(z)) > TOL) or (y is None and abs(p(z)) > TOL) or x is y is None:
            return None
        if x is None:
            x = _ratio(e[0, 0] + e[0, 1] * y, e[1, 0] + e[1, 1] * y)
        if y is None:
            y = _ratio(e[0, 0] + e[1, 0] * x, e[0, 1] + e[1, 1] * x)
        return (float(x), float(y)) if all(TOL < v < 1 - TOL for v in (x, y, z)) else None

    size = np.abs(quadratic.coef).max()
    if size <= TOL:
        return [], any(others(z) is not None for z in np.linspace(0, 1, 103)[1:-1])
    found: list[list[np.ndarray]] = []
    for root in quadratic.trim(TOL * size).roots():
        z = float(root.real)
        mix = others(z) if abs(root.imag) <= TOL else None
        if mix is not None and not any(abs(z - f[2][0]) < 1e-7 for f in found):
            found.append([np.array([v, 1 - v]) for v in (*mix, z)])
    return found, False


def _ratio(above: float, below: float) -> float:
    """Return −above / below, or NaN where nothing follows."""
    return -above / below if abs(below) > TOL else float("nan")


def _bilinear(corners: np.ndarray) -> np.ndarray:
    """Return c with Σ c[i, j] u^i v^j equal to corners[0, 0] at u = v = 1 and corners[1, 1] at u = v = 0."""
    (a, b), (c, d) = corners
    return np.array([[d, c - d], [b - d, a - b - c + d]])


def _search(inner: list[np.ndarray], sizes: list[int]) -> list[list[np.ndarray]]:
    """Search mixes by Newton's method from many starts; each found once."""
    rng = generator(0, "games.equilibria")
    cuts = np.cumsum(sizes)[:-1]
    found: list[np.ndarray] = []
    for _ in range(STARTS):
        point = np.concatenate([rng.dirichlet(np.ones(s)) for s in sizes])
        end = _newton(inner, sizes, cuts, point)
        if end is not None and end.min() > TOL and not any(np.abs(end - f).max() < 1e-7 for f in found):
            found.append(end)
    found.sort(key=lambda f: f.tolist())
    return [np.split(f, cuts) for f in found]


def _newton(
    inner: list[np.ndarray], sizes: list[int], cuts: np.ndarray, point: np.ndarray
) -> np.ndarray | None:
    """Return the mix at which all strategies of each population earn the same, from one start."""
    scale = max(max(float(np.ptp(u)) for u in inner), np.finfo(float).tiny)
    n = len(point)
    starts = np.concatenate([[0], cuts])
    for _ in range(25):
        state = np.split(point, cuts)
        gap, slope = np.zeros(n), np.zeros((n, n))
        for i, first in enumerate(starts):
            f = contract(inner[i], state, (i,)) / scale
            rows = slice(first, first + sizes[i] - 1)
            gap[rows] = f[:-1] - f[-1]
            for j, other in enumerate(starts):
                if j != i:
                    table = contract(inner[i], state, (i, j)) / scale
                    table = table if i < j else table.T
                    slope[rows, other : other + sizes[j]] = table[:-1] - table[-1]
            last = first + sizes[i] - 1
            slope[last, first : first + sizes[i]], gap[last] = 1.0, state[i].sum() - 1.0
        if np.abs(gap).max() < 1e-13:
            return point
        step = np.linalg.lstsq(slope, gap, rcond=1e-12)[0]
        point = point - step
        if np.abs(point).max() > 10.0:
            return None
    return point if np.abs(gap).max() < TOL else None
