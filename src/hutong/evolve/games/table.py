"""A game as a table: who plays, what each may do, and what every combination pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hutong.errors import HutongError
from hutong.text import Text


@dataclass(frozen=True)
class Population:
    """One kind of player; within it all have the same strategies and pay-offs."""

    id: str
    title: Text
    strategies: tuple[str, ...]
    titles: tuple[Text, ...]


@dataclass(frozen=True)
class Game:
    """Pay-offs of n populations.

    Two or more populations: ``payoffs[i]`` has one axis per population, in order, and holds what a member of
    population i gets under each profile. One population plays against itself: ``payoffs[0][h, k]`` is what
    strategy h gets against k.
    """

    title: Text
    populations: tuple[Population, ...]
    payoffs: tuple[np.ndarray, ...]

    @property
    def symmetric(self) -> bool:
        """Whether one population plays against itself."""
        return len(self.populations) == 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of strategies of each population."""
        return tuple(len(p.strategies) for p in self.populations)


def make_game(*payoffs: Sequence[object] | np.ndarray, title: str = "game") -> Game:
    """Return a game from bare arrays, with numbered names.

    Parameters
    ----------
    payoffs
        One square matrix (a population against itself), or one array per population, all of one shape with an
        axis per population.

    Raises
    ------
    HutongError
        ``bad-game`` for arrays of other shapes, or with values that are not finite.
    """
    arrays = tuple(np.asarray(p, np.float64) for p in payoffs)
    n = len(arrays)
    square = n == 1 and arrays[0].ndim == 2 and arrays[0].shape[0] == arrays[0].shape[1]
    several = n > 1 and all(a.shape == arrays[0].shape and a.ndim == n for a in arrays)
    if not (square or several) or not all(a.size and np.isfinite(a).all() for a in arrays):
        raise HutongError(
            "bad-game",
            Text("支付表的形状不对，或含有非有限数。", "The pay-off tables have a wrong shape or a value that is not finite."),
            Text("单一群体用方阵；多个群体各给一个同形数组，每个群体一维。",
                 "Give one square matrix, or one array per population with an axis for each."),
        )  # fmt: skip
    sizes = arrays[0].shape[:1] if square else arrays[0].shape
    people = tuple(
        Population(f"p{i + 1}", Text(f"群体{i + 1}", f"population {i + 1}"), *_numbered(size))
        for i, size in enumerate(sizes)
    )
    return Game(Text(title, title), people, arrays)


def _numbered(size: int) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    return (
        tuple(f"s{k + 1}" for k in range(size)),
        tuple(Text(f"策略{k + 1}", f"strategy {k + 1}") for k in range(size)),
    )
