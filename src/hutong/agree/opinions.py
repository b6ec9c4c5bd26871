"""From votes on statements to opinion groups, what sets them apart, what they share and what to ask next.

The Polis method (Small et al. 2021), made deterministic. docs/opinions.md tells it in words, with every departure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.opinion_groups import GroupState, OpinionSettings, find_partition, grouped_people
from hutong.agree.opinion_space import opinion_space
from hutong.agree.opinion_statistics import (
    count_votes,
    extremity,
    group_consensus,
    group_statistics,
    one_proportion,
    priority,
    representative,
)
from hutong.agree.opinion_votes import Votes
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text


@dataclass(frozen=True, eq=False)
class Opinions:
    """What a vote on statements shows.

    ``people`` (index participant): ``x``, ``y``, ``votes``, ``group`` (<NA> with too few votes). ``statements``
    (index statement): counts among the grouped, ``mean``, ``x``, ``y`` (loadings), ``consensus_agree``,
    ``consensus_disagree``, ``bridge`` (+1 or -1 where every group leans the same way, else 0), ``extremity``,
    ``priority``, ``hidden``. ``groups``: one row per group and statement, see
    :func:`~hutong.agree.opinion_statistics.group_statistics`. ``representative``: see there. ``silhouettes`` by k.
    ``state`` goes into the next update.
    """

    people: pd.DataFrame
    statements: pd.DataFrame
    groups: pd.DataFrame
    representative: pd.DataFrame
    sizes: tuple[int, ...]
    silhouettes: Mapping[int, float]
    state: GroupState

    @property
    def k(self) -> int:
        """The number of groups."""
        return len(self.sizes)


def find_opinions(
    votes: Votes,
    *,
    hidden: Iterable[Any] = (),
    meta: Iterable[Any] = (),
    state: GroupState | None = None,
    seed: int = 1,
    settings: OpinionSettings | None = None,
) -> Opinions:
    """Find opinion groups.

    Parameters
    ----------
    votes
        The votes that count; after ``votes.append(more)`` call again with the last ``state``.
    hidden
        Statements hidden by moderators: they shape no group and are never shown next.
    meta
        Statements about the process itself, which are always asked early.
    state
        ``Opinions.state`` of the last update, so that the number of groups does not jump.

    Raises
    ------
    HutongError
        ``opinion-empty`` without votes; ``opinion-statement-unknown`` if hidden or meta name no statement.
    """
    settings = settings or OpinionSettings()
    if not len(votes.participants):
        raise HutongError(
            "opinion-empty",
            Text("还没有任何投票。", "There are no votes yet."),
            Text("有人对观点投票之后再试。", "Try again once somebody has voted on a statement."),
        )
    out_of_sight = votes.positions(hidden)
    space = opinion_space(votes, out_of_sight)
    voted = int(np.count_nonzero(~np.isnan(space.means)))
    inside = np.flatnonzero(grouped_people(votes.counts, voted, settings))
    labels, silhouettes, after = find_partition(
        space.positions[inside], votes.participants[inside], seed, settings, state
    )
    group = np.full(len(votes.participants), -1, dtype=np.int64)
    group[inside] = labels
    counts = count_votes(votes, group, after.k)
    statistics = group_statistics(votes, counts)
    people = pd.DataFrame(
        {
            "x": space.positions[:, 0],
            "y": space.positions[:, 1],
            "votes": votes.counts,
            "group": pd.array(group, dtype="Int64"),
        },
        index=pd.Index(votes.participants, name="participant"),
    )
    people["group"] = people["group"].mask(people["group"] < 0)
    far = extremity(space.axes, space.means)
    total = counts.sum(axis=0)
    statements = pd.DataFrame(
        {
            "agree": total[:, 0],
            "disagree": total[:, 1],
            "passes": total[:, 2],
            "seen": total.sum(axis=1),
            "mean": space.means,
            "x": space.axes[:, 0],
            "y": space.axes[:, 1],
            "consensus_agree": group_consensus(counts, 0),
            "consensus_disagree": group_consensus(counts, 1),
            "bridge": bridging(counts, settings.z) * ~out_of_sight,
            "extremity": far,
            "priority": priority(counts, far, votes.positions(meta)),
            "hidden": out_of_sight,
        },
        index=pd.Index(votes.statements, name="statement"),
    )
    return Opinions(
        people,
        statements,
        statistics,
        representative(statistics, out_of_sight, settings),
        tuple(int(n) for n in np.bincount(labels, minlength=after.k)),
        silhouettes,
        after,
    )


def bridging(counts: np.ndarray, z: float) -> np.ndarray:
    """Return +1 where more than half in every group agree, -1 where they disagree, else 0.

    Every group must lean so by (n + 1) / (S + 2) > 1/2, and all together by the one-proportion test.
    """
    seen = counts.sum(axis=2)
    out = np.zeros(counts.shape[1], dtype=np.int64)
    for kind, sign in ((0, 1), (1, -1)):
        everywhere = (2 * (counts[..., kind] + 1) > seen + 2).all(axis=0)
        sure = one_proportion(counts[..., kind].sum(axis=0), seen.sum(axis=0)) > z
        out[everywhere & sure] = sign
    return out


def next_statements(
    opinions: Opinions | pd.DataFrame,
    voted: Iterable[Any],
    *,
    participant: Any,
    count: int = 1,
    seed: int = 1,
) -> tuple[Any, ...]:
    """Choose which statements to ask a person next, by lot weighted with their priority, without repeats.

    Parameters
    ----------
    opinions
        The opinions, or a table like their ``statements``: ``hidden`` and ``priority`` by statement.
    voted
        Statements the person has voted on already. The lot is keyed by seed, person and how many these are, so
        the same moment always gives the same answer.
    """
    done = set(voted)
    table = opinions if isinstance(opinions, pd.DataFrame) else opinions.statements
    open_ = ~(table["hidden"].to_numpy(dtype=bool) | table.index.isin(list(done)))
    names = table.index[open_].tolist()
    weights = table["priority"].to_numpy()[open_].tolist()
    draws = generator(seed, f"next statement {participant} {len(done)}").random(count)
    chosen: list[Any] = []
    for draw in draws:
        if not names:
            break
        mass = np.cumsum(weights)
        at = min(int(np.searchsorted(mass, draw * mass[-1], side="right")), len(names) - 1)
        chosen.append(names.pop(at))
        weights.pop(at)
    return tuple(chosen)
