"""What of the opinion groups may be shown to everyone, and the same in plain words.

Nothing here is about fewer people than the smallest number allowed: not a group, not the answers to a statement,
not a dot on the map. Totals and consensus are formed from what is shown, so that nothing hidden follows by
subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.opinion_groups import OpinionSettings
from hutong.agree.opinion_statistics import group_consensus
from hutong.agree.opinions import Opinions, bridging
from hutong.text import Text, number, percent

#: Fewest people that a published figure may be about.
SMALLEST = 5
#: Mean silhouettes below which a structure is weak, or none (Kaufman and Rousseeuw 1990, table 4).
CLEAR, WEAK = 0.5, 0.25
NAMES = (
    Text("甲组", "Group A"),
    Text("乙组", "Group B"),
    Text("丙组", "Group C"),
    Text("丁组", "Group D"),
    Text("戊组", "Group E"),
)
LONGEST_QUOTE = 60


@dataclass(frozen=True, eq=False)
class PublicOpinions:
    """The public view.

    ``groups`` (index group): ``people``, ``x``, ``y`` of the centre; unknown for groups too small. ``votes``: one
    row per group shown and statement, counts unknown where fewer than ``smallest`` answered. ``statements``
    (index statement): counts of the cells shown; ``consensus_agree``, ``consensus_disagree`` and ``bridge`` over
    the groups shown, unknown if a cell is not shown. ``representative``: rows that may be shown. ``dots``: ``x``,
    ``y``, ``group``, ``people``: means of neighbours, each at least ``smallest`` people.
    """

    groups: pd.DataFrame
    votes: pd.DataFrame
    statements: pd.DataFrame
    representative: pd.DataFrame
    dots: pd.DataFrame
    participants: int
    ungrouped: int
    silhouette: float
    smallest: int

    @property
    def withheld(self) -> int:
        """How many groups are too small to be shown."""
        return int(self.groups["people"].isna().sum())


def public_view(opinions: Opinions, smallest: int = SMALLEST, z: float = OpinionSettings.z) -> PublicOpinions:
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
    dots = [_dots(place[at == g], g, smallest) for g in np.flatnonzero(shown)]
    return PublicOpinions(
        groups,
        votes,
        statements,
        rep[allowed].drop(columns="metric").reset_index(drop=True),
        pd.concat(dots, ignore_index=True) if dots else _dots(np.zeros((0, 2)), 0, smallest),
        len(opinions.people),
        int(np.isnan(at).sum()),
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


def describe(
    opinions: Opinions | PublicOpinions, texts: Mapping[Any, str] | None = None, *, most: int = 3
) -> list[Text]:
    """Tell the opinion groups in plain words to residents, from the public view only.

    Parameters
    ----------
    texts
        The statements' words by id; they are quoted as written, in whatever language.
    most
        Most statements named per group, and in common.
    """
    view = opinions if isinstance(opinions, PublicOpinions) else public_view(opinions)
    words = texts or {}
    out = [_who(view), *_groups(view)]
    for group, rows in view.representative.groupby("group", sort=True):
        said = [_stance(row, words) for row in rows.head(most).to_dict("records")]
        name = NAMES[int(group)]
        out.append(
            Text(
                f"{name.zh}和其他人最不同的地方：{'；'.join(s.zh for s in said)}。",
                f"What sets {name.en} apart: {'; '.join(s.en for s in said)}.",
            )
        )
    out += _shared(view, words, most)
    if view.withheld:
        out.append(
            Text(
                f"有 {view.withheld} 个组不足 {view.smallest} 人，为保护个人，不单独公布。",
                f"{view.withheld} group(s) of fewer than {view.smallest} people are not shown, to protect the people in them.",
            )
        )
    out.append(
        Text(
            "分组只看投票是否相近，不看身份，也不是表决结果；投票增加，分组会变。",
            "Groups show only whose votes are alike: not who people are, and not a decision. They change as votes come in.",
        )
    )
    return out


def _who(view: PublicOpinions) -> Text:
    zh, en = number(view.participants, "zh"), number(view.participants)
    one = view.participants == 1
    rest = Text("", "")
    if view.ungrouped:
        rest = Text(
            f"，其中 {number(view.ungrouped, 'zh')} 人投票还太少，暂不分组",
            f"; {number(view.ungrouped)} of them voted on too few to be placed in a group yet",
        )
    return Text(
        f"{zh} 人对 {len(view.statements)} 条观点表了态{rest.zh}。",
        f"{en} {'person' if one else 'people'} voted on {len(view.statements)} statements{rest.en}.",
    )


def _groups(view: PublicOpinions) -> list[Text]:
    if len(view.groups) < 2:
        return [Text("大家的看法接近，没有分出不同的组。", "Views are close: no separate groups appear.")]
    sizes = [(NAMES[int(g)], int(n)) for g, n in view.groups["people"].dropna().items()]
    out = [
        Text(
            f"意见大致分成 {len(view.groups)} 组："
            + "、".join(f"{name.zh} {number(n, 'zh')} 人" for name, n in sizes)
            + "。",
            f"Views fall into {len(view.groups)} groups: "
            + ", ".join(f"{name.en} {number(n)} people" for name, n in sizes)
            + ".",
        )
        if sizes
        else Text(f"意见大致分成 {len(view.groups)} 组。", f"Views fall into {len(view.groups)} groups.")
    ]
    if view.silhouette <= WEAK:
        out.append(
            Text(
                "各组之间没有明显界限，分组不足为凭。",
                "The groups have no clear borders: do not rely on them.",
            )
        )
    elif view.silhouette <= CLEAR:
        out.append(
            Text(
                "各组之间界限不很清楚，仅供参考。",
                "The borders between groups are weak: take them as a hint.",
            )
        )
    return out


def _shared(view: PublicOpinions, words: Mapping[Any, str], most: int) -> list[Text]:
    out = []
    everyone = Text("各组都", "Every group") if len(view.groups) > 1 else Text("多数人", "Most people")
    verbs = (("agree", 1, Text("赞成", "agree" if len(view.groups) < 2 else "agrees")),
             ("disagree", -1, Text("反对", "disagree" if len(view.groups) < 2 else "disagrees")))  # fmt: skip
    for kind, sign, verb in verbs:
        bridge = (view.statements["bridge"] == sign).fillna(False).to_numpy(dtype=bool)
        rows = (
            view.statements[bridge]
            .sort_values(f"consensus_{kind}", ascending=False, kind="stable")
            .head(most)
        )
        if len(rows):
            quotes = [_quote(name, words) for name in rows.index]
            out.append(
                Text(
                    f"{everyone.zh}{verb.zh}：{'、'.join(q.zh for q in quotes)}。",
                    f"{everyone.en} {verb.en}: {', '.join(q.en for q in quotes)}.",
                )
            )
    if not out:
        out.append(
            Text("还没有各组看法一致的观点。", "There is no statement yet on which all groups see alike.")
        )
    return out


def _stance(row: dict[str, Any], words: Mapping[Any, str]) -> Text:
    share = float(row["votes"]) / float(row["seen"])
    quote = _quote(row["statement"], words)
    verb = Text("赞成", "agree with") if row["vote"] == 1 else Text("反对", "disagree with")
    return Text(
        f"表态者中 {percent(share, 'zh')} {verb.zh}{quote.zh}",
        f"{percent(share)} of those who answered {verb.en} {quote.en}",
    )


def _quote(name: Any, words: Mapping[Any, str]) -> Text:
    said = " ".join(str(words[name]).split()) if name in words else None
    if not said:
        return Text(f"第 {name} 号观点", f"statement {name}")
    short = said if len(said) <= LONGEST_QUOTE else said[: LONGEST_QUOTE - 1] + "…"
    return Text(f"“{short}”", f"“{short}”")
