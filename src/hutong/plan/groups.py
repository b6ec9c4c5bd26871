"""Games stated by the groups that matter: a coalition is worth the best it can do by splitting into stated groups.

Whoever cannot state the worth of every coalition states that of the groups that could act by themselves (three estates
that share a yard, the whole unit). Anyone not in such a group brings nothing alone. This is the superadditive cover of
what is stated, so the core is told exactly by the stated groups: more parties than a full table can hold are no obstacle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.coalitions import (
    EXACT_PLAYERS,
    TOLERANCE,
    CoreCheck,
    Game,
    shapley,
    shapley_sampled,
    tighten,
)
from hutong.text import Text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Most ways of splitting into stated groups that are gone through.
MOST_SPLITS = 20_000
#: Pairs of orders that are drawn above the exact size.
ORDERS = 4000


@dataclass(frozen=True)
class GroupGame:
    """Players and stated groups with their worth; the group of all players is among them."""

    players: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    worth: tuple[float, ...]

    @classmethod
    def read(cls, players: Sequence[str], stated: Mapping[str, float]) -> GroupGame:
        """Read ``{"a+b": worth}``.

        Raises
        ------
        HutongError
            ``bad-game`` for an unknown or repeated player, a worth below 0 or unknown, all together missing, or too many
            groups that do not overlap.
        """
        broken, groups = [], []
        for name, value in stated.items():
            members = tuple(name.split("+"))
            if not set(members) <= set(players) or len(set(members)) < len(members):
                broken.append(f"{name}: unknown player, or one twice")
            if not np.isfinite(value) or value < 0:
                broken.append(f"{name}: {value}")
            groups.append(members)
        if len({frozenset(g) for g in groups}) < len(groups):
            broken.append("a group twice")
        if not any(set(g) == set(players) for g in groups):
            broken.append(f"all together: {'+'.join(players)} is missing")
        if not broken:
            game = cls(tuple(players), tuple(groups), tuple(float(v) for v in stated.values()))
            if len(game._splits[1]) < MOST_SPLITS:
                return game
            broken.append(f"more than {MOST_SPLITS} ways of splitting into these groups")
        raise HutongError(
            "bad-game",
            Text("所列各组的所得有误。", "The worths of the groups are not usable."),
            Text(
                "请逐组写明所得，并写明全体合作的所得。",
                "State the worth of each group, and of all together.",
            ),
            broken,
        )

    @cached_property
    def members(self) -> Bools:
        """Which player is in which stated group, shape (groups, players)."""
        return np.array([[p in g for p in self.players] for g in self.groups], bool)

    @cached_property
    def _splits(self) -> tuple[Bools, Floats]:
        """Unions of disjoint stated groups and what they are worth together, the empty one first (``MOST_SPLITS`` at most)."""
        unions, worths = [np.zeros(len(self.players), bool)], [0.0]
        for group, value in zip(self.members, self.worth, strict=True):
            for union, so_far in list(zip(unions, worths, strict=True)):
                if len(unions) >= MOST_SPLITS:
                    break
                if not (union & group).any():
                    unions.append(union | group)
                    worths.append(so_far + value)
        return np.array(unions), np.array(worths)

    def value(self, coalitions: Bools) -> Floats:
        """Return the worth of coalitions, shape (coalitions, players): the best split into stated groups."""
        unions, worths = self._splits
        outside = (~coalitions).astype(np.float32) @ unions.T.astype(np.float32) > 0
        return np.where(outside, -np.inf, worths[None, :]).max(axis=1)

    def table(self) -> Game:
        """Return the game with every coalition written out (``EXACT_PLAYERS`` at most)."""
        n = len(self.players)
        masks = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)
        return Game(self.players, self.value(masks))


@dataclass(frozen=True)
class ShapleyValue:
    """Shapley values, and their standard errors where they are estimated from ``orders`` pairs of orders (0: exact)."""

    yuan: Floats
    error: Floats
    orders: int


def shapley_of(game: GroupGame, *, seed: int = 1, orders: int = ORDERS) -> ShapleyValue:
    """Return the Shapley value of each player: exact up to ``EXACT_PLAYERS``, above from random orders with their error."""
    n = len(game.players)
    if n <= EXACT_PLAYERS:
        return ShapleyValue(shapley(game.table()), np.zeros(n), 0)
    values, error = shapley_sampled(game.players, game.value, orders=orders, seed=seed)
    return ShapleyValue(values, error, orders)


def core_of_groups(game: GroupGame, division: Floats) -> CoreCheck:
    """Return whether a division is in the core, and which stated group blocks it if not.

    Exact: a coalition that could do better by itself holds a stated group that could.
    """
    x = np.asarray(division, float)
    full = game.members.all(axis=1)
    whole = float(game.value(np.ones((1, len(game.players)), bool))[0])
    scale = max(whole, float(np.abs(game.worth).max()), 1.0)
    efficient = bool(abs(x.sum() - whole) <= 1e-6 * scale)
    # whoever is alone is worth at least 0
    rows = np.vstack([game.members[~full], np.eye(len(game.players), dtype=bool)])
    worth = np.r_[np.array(game.worth)[~full], np.zeros(len(game.players))]
    excess = worth - rows @ x
    worst = int(np.argmax(excess))
    if excess[worst] <= TOLERANCE * scale:
        return CoreCheck(efficient, efficient, (), 0.0, False)
    blocking = tuple(p for p, on in zip(game.players, rows[worst], strict=True) if on)
    least, _, _ = tighten(rows, worth, np.ones((1, len(game.players))), np.array([whole]))
    return CoreCheck(False, efficient, blocking, float(excess[worst]), least > TOLERANCE * scale)
