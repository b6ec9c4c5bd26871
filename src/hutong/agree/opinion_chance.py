"""Whether opinion groups are clearer than chance would make them: k-means cuts any crowd, also one without groups.

Three baselines, each drawn anew many times and grouped just as the real votes are:

- *shuffled*: the votes on each statement are dealt out again among those who voted on it. Everyone's number of votes and
  every statement's result stay; that anybody stands together with anybody is gone.
- *one cloud*: everyone stays as far from the middle as they are, in a random direction of one elliptical cloud. People
  still differ along the same axes; a gap between camps is gone.
- *one crowd*: votes of a bell-shaped crowd that the same statements part as strongly (:mod:`hutong.agree.opinion_crowd`).
  Strong statements pull any crowd to two sides; what they pull apart is no camp.

The statistic is the mean silhouette of the number of groups that would be shown (Rousseeuw 1987); the share of draws
that reach it, the real one counted, is a permutation test's p (Phipson and Smyth 2010).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hutong.agree.opinion_crowd import fit_crowd
from hutong.agree.opinion_groups import OpinionSettings, find_partition, grouped_people
from hutong.agree.opinion_space import opinion_space
from hutong.agree.opinion_votes import Votes
from hutong.rng import generator
from hutong.text import Text

#: Draws of each baseline: the fewest with which a 5 % test can reject.
DRAWS = 19
#: People of a larger crowd who are drawn for the comparison.
MOST_PEOPLE = 1000
#: Largest p at which groups count as clearer than chance.
LEVEL = 0.05
#: Starts of k-means, fewer than for the groups themselves: the same for the real votes and every draw.
RESTARTS = 1
#: Residual at which an axis is good enough to be compared with chance.
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Chance:
    """How clear the groups are beside chance: mean silhouettes of the real votes and of each draw of the baselines.

    ``people`` were compared, the whole crowd or a sample. ``silhouette`` is NaN where no groups could be formed.
    """

    people: int
    silhouette: float
    shuffled: tuple[float, ...]
    scattered: tuple[float, ...]
    crowded: tuple[float, ...]

    @property
    def p_shuffled(self) -> float:
        """Share of shuffles, the real votes counted, whose groups are at least as clear."""
        return _p(self.silhouette, self.shuffled)

    @property
    def p_scattered(self) -> float:
        """Share of one-cloud draws, the real votes counted, whose groups are at least as clear."""
        return _p(self.silhouette, self.scattered)

    @property
    def p_crowded(self) -> float:
        """Share of one-crowd draws, the real votes counted, whose groups are at least as clear."""
        return _p(self.silhouette, self.crowded)

    @property
    def verdict(self) -> str:
        """``chance``: no clearer than in shuffled votes; ``gradual``: no clearer than in one cloud or one crowd; else ``clear``."""
        if not self.p_shuffled <= LEVEL:
            return "chance"
        return "clear" if max(self.p_scattered, self.p_crowded) <= LEVEL else "gradual"


def _p(real: float, drawn: tuple[float, ...]) -> float:
    if np.isnan(real):
        return 1.0
    return (1 + sum(d >= real for d in drawn)) / (1 + len(drawn))


def compare_with_chance(
    votes: Votes,
    *,
    hidden: Iterable[Any] = (),
    seed: int = 1,
    draws: int = DRAWS,
    most_people: int = MOST_PEOPLE,
    settings: OpinionSettings | None = None,
) -> Chance:
    """Compare how clear the opinion groups are with what chance makes.

    Parameters
    ----------
    votes, hidden, settings
        As for :func:`~hutong.agree.opinions.find_opinions`.
    draws
        Draws of each baseline; with fewer than 19 nothing can count as clearer than chance at 5 %.
    most_people
        From a larger crowd so many of those who would be grouped are drawn, and all is done on their votes alone.

    Raises
    ------
    HutongError
        ``opinion-statement-unknown`` if hidden names no statement.
    """
    settings = replace(settings or OpinionSettings(), restarts=RESTARTS)
    mask = votes.positions(hidden)
    votes = _some(votes, settings, most_people, seed)
    positions, names = _placed(votes, mask, settings)
    real = _clearness(positions, names, seed, settings)
    crowd = fit_crowd(votes, opinion_space(votes, mask, tolerance=TOLERANCE).positions)
    shuffled, scattered, crowded = [], [], []
    for at in range(draws):
        draw = generator(seed, f"opinion chance {at}")
        shuffled.append(_clearness(*_placed(_shuffle(votes, draw), mask, settings), seed, settings))
        scattered.append(_clearness(_scatter(positions, draw), names, seed, settings))
        crowded.append(_clearness(*_placed(crowd.draw(votes, draw), mask, settings), seed, settings))
    return Chance(len(names), real, tuple(shuffled), tuple(scattered), tuple(crowded))


def _placed(votes: Votes, hidden: np.ndarray, settings: OpinionSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and names of the people who are grouped."""
    space = opinion_space(votes, hidden, tolerance=TOLERANCE)
    voted = int(np.count_nonzero(~np.isnan(space.means)))
    inside = np.flatnonzero(grouped_people(votes.counts, voted, settings))
    return space.positions[inside], votes.participants[inside]


def _clearness(positions: np.ndarray, names: np.ndarray, seed: int, settings: OpinionSettings) -> float:
    _, silhouettes, state = find_partition(positions, names, seed, settings, None)
    return silhouettes.get(state.k, float("nan"))


def _some(votes: Votes, settings: OpinionSettings, most: int, seed: int) -> Votes:
    """Return the votes of everyone, or of ``most`` people drawn from those who would be grouped."""
    voted = len(np.unique(votes.columns))
    inside = np.flatnonzero(grouped_people(votes.counts, voted, settings))
    if len(inside) <= most:
        return votes
    order = np.argsort(generator(seed, "opinion chance sample").random(len(inside)), kind="stable")
    people = np.sort(inside[order[:most]])
    counts = votes.counts[people]
    at = np.concatenate([np.arange(votes.starts[p], votes.starts[p + 1]) for p in people])
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Votes(
        votes.participants[people],
        votes.statements,
        starts,
        votes.columns[at],
        votes.values[at],
        votes.times[at],
    )


def _shuffle(votes: Votes, draw: np.random.Generator) -> Votes:
    """Deal the votes on each statement out again among those who voted on it."""
    dealt = np.lexsort((draw.random(len(votes.columns)), votes.columns))
    values = np.empty_like(votes.values)
    values[np.argsort(votes.columns, kind="stable")] = votes.values[dealt]
    return replace(votes, values=values)


def _scatter(positions: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Turn everyone around the middle by a random angle, in the metric of the crowd's own spread."""
    middle = positions.mean(axis=0)
    away = positions - middle
    spread = away.std(axis=0)
    spread[spread == 0] = 1.0
    far = np.hypot(*(away / spread).T)
    angle = draw.random(len(far)) * 2 * np.pi
    turned = np.column_stack([far * np.cos(angle), far * np.sin(angle)]) * spread + middle
    return np.asarray(np.round(turned, 9))


def chance_words(chance: Chance) -> Text:
    """Say in plain words whether the groups can be told from chance."""
    n = len(chance.shuffled)
    hits = round(chance.p_shuffled * (n + 1)) - 1
    zh = f"有 {hits} 次分得同样清楚" if hits else "没有一次分得这样清楚"
    en = f"groups as clear came out {hits} times" if hits else "groups as clear never came out"
    if chance.verdict == "chance":
        return Text(
            f"这些组和碰巧分出来的没有区别：把大家的回答随机打乱 {n} 次，{zh}。不要把它们当成真实的阵营。",
            f"These groups cannot be told from chance: with everyone’s answers shuffled at random {n} times, {en}. "
            "Do not take them for real camps.",
        )
    if chance.verdict == "gradual":
        return Text(
            "看法确有差别，但像是从一端到另一端逐渐变化，中间没有明显的空隙：组与组的分界换个地方画也说得通。",
            "Views do differ, but gradually from one end to the other, without a clear gap: the line between groups could as "
            "well be drawn elsewhere.",
        )
    return Text(
        f"这些组比碰巧分出来的清楚：把大家的回答随机打乱 {n} 次，{zh}。",
        f"These groups are clearer than chance makes them: with everyone’s answers shuffled at random {n} times, {en}.",
    )
