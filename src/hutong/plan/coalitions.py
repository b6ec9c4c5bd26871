"""What each party brings: Shapley values, the core with the coalition that blocks, the nucleolus, and claims.

A game states what every coalition is worth by itself. Coalitions are bit masks: bit i is player i.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.sharing import fill
from hutong.rng import generator
from hutong.text import Text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Most players for which every coalition is written out, and for which the nucleolus is computed.
EXACT_PLAYERS, NUCLEOLUS_PLAYERS = 12, 10
#: Excesses below this share of the largest worth count as zero.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Game:
    """Players, and the worth of every coalition, shape (2 ** players,); the empty coalition is worth 0."""

    players: tuple[str, ...]
    worth: Floats

    def __post_init__(self) -> None:
        n = len(self.players)
        broken = []
        if not 1 <= n <= EXACT_PLAYERS:
            broken.append(f"{n} players (1 to {EXACT_PLAYERS})")
        elif self.worth.shape != (2**n,):
            broken.append(f"{self.worth.shape} worths for {n} players")
        elif not np.isfinite(self.worth).all():
            broken += [
                f"worth unknown: {self.name(int(m))}" for m in np.flatnonzero(~np.isfinite(self.worth))
            ]
        elif self.worth[0] != 0:
            broken.append(f"the empty coalition is worth {self.worth[0]}")
        if len(set(self.players)) < n:
            broken.append("a player twice")
        if broken:
            raise _bad_game(broken)

    @classmethod
    def of(cls, players: Sequence[str], worth: Callable[[frozenset[str]], float]) -> Game:
        """Make a game from a function of the set of players."""
        sets = (
            frozenset(p for i, p in enumerate(players) if mask >> i & 1) for mask in range(2 ** len(players))
        )
        return cls(tuple(players), np.array([float(worth(s)) for s in sets]))

    @classmethod
    def read(cls, players: Sequence[str], worths: Mapping[str, float]) -> Game:
        """Make a game from ``{"a+b": worth}``; every coalition must be named, save those of one player (0 if absent).

        Raises
        ------
        HutongError
            ``bad-game`` with the coalitions that are missing, named twice or hold an unknown player.
        """
        index = {p: i for i, p in enumerate(players)}
        table = np.full(2 ** len(players), np.nan)
        table[0] = 0.0
        broken = []
        for name, value in worths.items():
            members = name.split("+")
            if not set(members) <= set(index) or len(set(members)) < len(members):
                broken.append(f"{name}: unknown player, or one twice")
                continue
            mask = sum(1 << index[m] for m in members)
            if np.isfinite(table[mask]):
                broken.append(f"{name}: twice")
            table[mask] = float(value)
        if broken:
            raise _bad_game(broken)
        for i in range(len(players)):
            table[1 << i] = 0.0 if np.isnan(table[1 << i]) else table[1 << i]
        return cls(tuple(players), table)

    def name(self, mask: int) -> str:
        """Return the members of a coalition."""
        return "+".join(p for i, p in enumerate(self.players) if mask >> i & 1)

    @property
    def members(self) -> Bools:
        """Which player is in which coalition, shape (2 ** players, players)."""
        n = len(self.players)
        return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)


def _bad_game(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-game",
        Text("各种联合的所得数据有误。", "The worths of the coalitions are not usable."),
        Text(
            f"请给出每一种联合的所得（至多 {EXACT_PLAYERS} 方）。",
            f"State the worth of every coalition (at most {EXACT_PLAYERS} parties).",
        ),
        rows,
    )


def shapley(game: Game) -> Floats:
    """Return the Shapley value of each player (Shapley 1953): its mean contribution over all orders of joining."""
    n = len(game.players)
    members = game.members
    size = members.sum(axis=1)
    weight = np.array([1.0 / (n * comb(n - 1, s)) for s in range(n)])
    out = np.empty(n)
    for i in range(n):
        without = np.flatnonzero(~members[:, i])
        out[i] = weight[size[without]] @ (game.worth[without | 1 << i] - game.worth[without])
    return out


def shapley_sampled(
    players: Sequence[str], worth: Callable[[Bools], Floats], *, orders: int = 2000, seed: int = 1
) -> tuple[Floats, Floats]:
    """Return estimated Shapley values and their standard errors, from random orders of joining.

    Each order is taken forwards and backwards (Mitchell et al. 2022, "Sampling permutations for Shapley value
    estimation"), and the error is that of the means of these pairs. The estimates add up to the worth of all.

    Parameters
    ----------
    worth
        Worths of coalitions given as booleans, shape (coalitions, players).
    orders
        Pairs of orders, at least 2.
    """
    n = len(players)
    random = generator(seed, "shapley orders")
    forward = random.permuted(np.tile(np.arange(n), (orders, 1)), axis=1)
    pairs = np.zeros((orders, n))
    for order in (forward, forward[:, ::-1]):
        rank = np.argsort(order, axis=1)
        before = np.zeros(orders)
        for k in range(n):
            value = np.asarray(worth(rank <= k), float)
            pairs[np.arange(orders), order[:, k]] += 0.5 * (value - before)
            before = value
    return pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(orders)


@dataclass(frozen=True, slots=True)
class CoreCheck:
    """Whether a division is in the core: no coalition could do better by itself.

    ``blocking`` is the coalition with the most to gain by leaving, and ``gain`` is what it would gain (0 in the core);
    ``empty`` says that no division at all would hold.
    """

    holds: bool
    efficient: bool
    blocking: tuple[str, ...]
    gain: float
    empty: bool

    @property
    def text(self) -> Text:
        """Say it in one sentence."""
        who_zh, who_en = "、".join(self.blocking), ", ".join(self.blocking)
        if not self.efficient:
            return Text(
                "分配额合计不等于全体合作所得。",
                "The division does not add up to what all are worth together.",
            )
        if self.holds:
            return Text("没有任何一组人另起炉灶会更好。", "No group would do better by itself.")
        none = (
            Text("任何分配都无法让各组都满意。", " No division would hold.")
            if self.empty
            else Text("存在各组都接受的分配。", " There are divisions that hold.")
        )
        return Text(
            f"{who_zh} 单独联合可多得 {self.gain:,.0f}，会否决此分配。{none.zh}",
            f"{who_en} would gain {self.gain:,.0f} by themselves and block this division.{none.en}",
        )


def core_check(game: Game, division: Floats) -> CoreCheck:
    """Return whether ``division`` (one amount per player) is in the core, and who blocks it if not."""
    scale = max(float(np.abs(game.worth).max()), 1.0)
    x = np.asarray(division, float)
    excess = game.worth - game.members @ x
    efficient = bool(abs(excess[-1]) <= 1e-6 * scale)
    inner = excess[1:-1]
    if not inner.size or inner.max() <= TOLERANCE * scale:
        return CoreCheck(efficient, efficient, (), 0.0, False)
    worst = int(np.argmax(inner)) + 1
    blocking = tuple(p for p, on in zip(game.players, game.members[worst], strict=True) if on)
    least, _ = least_core(game)
    return CoreCheck(False, efficient, blocking, float(excess[worst]), least > TOLERANCE * scale)


def least_core(game: Game) -> tuple[float, Floats]:
    """Return the least ε for which no coalition gains more than ε by leaving, and a division that attains it.

    The core is empty exactly when ε > 0 (Maschler, Peleg and Shapley 1979).
    """
    n, members = len(game.players), game.members
    if n == 1:
        return 0.0, game.worth[1:].copy()
    found = tighten(members[1:-1], game.worth[1:-1], members[-1:], game.worth[-1:])
    return found[0], found[1]


def nucleolus(game: Game) -> Floats:
    """Return the (pre)nucleolus: the division whose largest complaints are as small as can be, one after the other.

    A sequence of linear programs (Maschler, Peleg and Shapley 1979): after each, the coalitions with a positive dual
    keep their excess, and coalitions that these determine are dropped.

    Raises
    ------
    HutongError
        ``too-many-players`` above ``NUCLEOLUS_PLAYERS``.
    """
    n, members = len(game.players), game.members.astype(float)
    if n > NUCLEOLUS_PLAYERS:
        raise HutongError(
            "too-many-players",
            Text(
                f"核仁最多算 {NUCLEOLUS_PLAYERS} 方，现有 {n} 方。",
                f"The nucleolus is for up to {NUCLEOLUS_PLAYERS} parties; here are {n}.",
            ),
            Text("请合并利益相同的各方。", "Join parties that have the same interest."),
        )
    scale = max(float(np.abs(game.worth).max()), 1e-300)
    worth = game.worth / scale
    open_rows, fixed = np.arange(1, 2**n - 1), [2**n - 1]
    level = [worth[-1]]
    while open_rows.size and np.linalg.matrix_rank(members[fixed]) < n:
        epsilon, _, dual = tighten(members[open_rows], worth[open_rows], members[fixed], np.array(level))
        for row in open_rows[dual > 1e-7]:
            fixed.append(int(row))
            level.append(worth[row] - epsilon)
        basis = np.linalg.svd(members[fixed], full_matrices=False)
        span = basis[2][basis[1] > 1e-9]
        left = members[open_rows] - members[open_rows] @ span.T @ span
        open_rows = open_rows[np.abs(left).max(axis=1) > 1e-9]
    return np.asarray(np.linalg.lstsq(members[fixed], np.array(level), rcond=None)[0] * scale, np.float64)


def tighten(
    rows: Bools | Floats, worth: Floats, fixed: Bools | Floats, level: Floats
) -> tuple[float, Floats, Floats]:
    """Minimise ε where every row's x(S) + ε ≥ v(S) and the fixed rows hold; return ε, x and the rows' duals."""
    from scipy.optimize import linprog

    n = rows.shape[1]
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=np.negative(np.column_stack([rows, np.ones(len(rows))])),
        b_ub=np.negative(worth),
        A_eq=np.column_stack([fixed, np.zeros(len(fixed))]),
        b_eq=level,
        bounds=(None, None),
        method="highs-ds",
    )
    if found.status != 0:  # bounded and feasible by construction: a failure is numerical
        raise ArithmeticError(f"linear program of the nucleolus: {found.message}")
    return (
        float(found.fun),
        np.asarray(found.x[:n], np.float64),
        np.negative(np.asarray(found.ineqlin.marginals, np.float64)),
    )


def contested_garment(estate: float, claims: Floats) -> Floats:
    """Return the division of ``estate`` that treats every two claimants as the contested garment of the Talmud.

    Aumann and Maschler (1985): up to half of the claims, equal awards up to half a claim each; beyond, equal losses.
    It is the nucleolus of the bankruptcy game.

    Raises
    ------
    HutongError
        ``bad-claims`` for a claim below 0 or an estate outside 0 and the sum of claims.
    """
    c = np.asarray(claims, float)
    total = float(c.sum())
    if not c.size or not np.isfinite(c).all() or (c < 0).any() or not 0 <= estate <= total:
        raise HutongError(
            "bad-claims",
            Text("债权或可分配额有误。", "The claims or the estate are not usable."),
            Text(
                "债权不得为负，可分配额不得超过债权合计。",
                "Claims are at least 0 and the estate is at most their sum.",
            ),
        )
    half, one, zero = c / 2, np.ones(c.size), np.zeros(c.size)
    if estate <= total / 2:
        return fill(estate, zero, one, zero, half)
    return c - fill(total - estate, zero, one, zero, half)
