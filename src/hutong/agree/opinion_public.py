"""What of the opinion groups may be shown to everyone.

Nothing here is about fewer people than the smallest number allowed: not a group, not the answers to a statement,
not a dot on the map. Totals and consensus are formed from what is shown, so that nothing hidden follows by
subtraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.agree.opinion_groups import Z_90
from hutong.agree.opinion_statistics import group_consensus
from hutong.agree.opinions import Opinions, bridging
from hutong.few import FEWEST_PEOPLE


@dataclass(frozen=True, eq=False)
class PublicOpinions:
    """The public view.

    ``groups`` (index group): ``people``, ``x``, ``y`` of the centre; unknown for groups too small. ``votes``: one
    row per group shown and statement, counts unknown where fewer than ``smallest`` answered. ``statements``
    (index statement): counts of the cells shown; ``consensus_agree``, ``consensus_disagree`` and ``bridge`` over
    the groups shown, unknown if a cell is not shown. ``representative``: rows that may be shown. ``dots``: ``x``,
    ``y``, ``group``, ``people``: means of neighbours, each at least ``smallest`` people. ``not_shown``: people in
    no group or in one too small, together, so that the size of a small group does not follow.
    """

    groups: pd.DataFrame
    votes: pd.DataFrame
    statements: pd.DataFrame
    representative: pd.DataFrame
    dots: pd.DataFrame
    participants: int
    not_shown: int
    silhouette: float
    smallest: int

    @property
    def withheld(self) -> int:
        """How many groups are too small to be shown."""
        return int(self.groups["people"].isna().sum())


def public_view(opinions: Opinions, smallest: int = FEWEST_PEOPLE, z: float = Z_90) -> PublicOpinions:
    """Return what may be published, with nothing about fewer than ``smallest`` people."""
    shown = np.array([size >= smallest for size in opinions.sizes], dtype=bool)
    at = opinions.people["group"].to_numpy(dtype=float, na_value=np.nan)
    place = opinions.people[["x", "y"]].to_numpy()
    centres = [place[at == g].mean(axis=0) if ok else np.full(2, np.nan) for g, ok in enumerate(shown)]
    groups = pd.DataFrame(np.reshape(centres, (-1, 2)), columns=["x", "y"])
    groups.insert(0, "people", pd.array(opinions.sizes, dtype="Int64"))
    groups["people"] = groups["people"].where(shown)
    groups.index.name = "group"

    kinds = ["agree", "disagree", "passes"]
    counts = opinions.groups[kinds].to_numpy().reshape(opinions.k, -1, 3)[shown]
    enough = counts.sum(axis=2) >= smallest
    names = opinions.statements.index
    votes = pd.DataFrame(
        {"group": np.repeat(np.flatnonzero(shown), len(names)), "statement": np.tile(names, int(shown.sum()))}
    )
    for kind, name in enumerate(kinds):
        votes[name] = pd.Series(counts[..., kind].ravel(), dtype="Int64").where(enough.ravel())
    total = (counts * enough[..., None]).sum(axis=0)
    complete = enough.all(axis=0) & shown.any()
    statements = pd.DataFrame(total, index=names, columns=kinds)
    statements["seen"] = total.sum(axis=1)
    for kind, name in enumerate(kinds[:2]):
        statements[f"consensus_{name}"] = np.where(complete, group_consensus(counts, kind), np.nan)
    visible = ~opinions.statements["hidden"].to_numpy(dtype=bool)
    bridge = np.where(visible, bridging(counts, z), 0) if shown.any() else np.zeros(len(names))
    statements["bridge"] = pd.array(np.where(complete, bridge, np.nan), dtype="Int64")

    rep = opinions.representative
    allowed = (rep["seen"] >= smallest).to_numpy() & shown[rep["group"].to_numpy(dtype=int)]
    dots = [_dots(place[at == g], int(g), smallest) for g in np.flatnonzero(shown)]
    return PublicOpinions(
        groups,
        votes,
        statements,
        rep[allowed].drop(columns="metric").reset_index(drop=True),
        pd.concat(dots, ignore_index=True) if dots else _dots(np.zeros((0, 2)), 0, smallest),
        len(opinions.people),
        len(opinions.people) - int(groups["people"].sum()),
        opinions.silhouettes.get(opinions.k, float("nan")),
        smallest,
    )


def _dots(place: np.ndarray, group: int, smallest: int) -> pd.DataFrame:
    """Replace people by means of neighbours: halve along the longer side while both halves are large enough."""
    parts, open_ = [], [place] if len(place) else []
    while open_:
        part = open_.pop()
        if len(part) < 2 * smallest:
            parts.append(part)
            continue
        axis = int(np.argmax(part.max(axis=0) - part.min(axis=0)))
        order = np.argsort(part[:, axis], kind="stable")
        open_ += [part[order[len(part) // 2 :]], part[order[: len(part) // 2]]]
    means = np.reshape([part.mean(axis=0) for part in parts], (-1, 2))
    return pd.DataFrame(
        {"x": means[:, 0], "y": means[:, 1], "group": group, "people": [len(part) for part in parts]}
    ).astype({"group": int, "people": int})
