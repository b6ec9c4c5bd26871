"""Section 4, what people think: opinion groups, what they share and where they part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from hutong.agree import PublicOpinions, describe
from hutong.agree.opinion_words import NAMES, border_words
from hutong.report.charts import Part, stacked
from hutong.report.format import join, num, pct
from hutong.report.opinion_map import draw, sign
from hutong.report.opinions import AxisEnd, ReportOpinions
from hutong.text import UNKNOWN, Text

#: Statements shown at once; the others are folded.
FIRST_SHARED, FIRST_APART = 5, 3
#: Longest quotation beside the map, in characters.
LONGEST_END = 60
AGREE, DISAGREE, PASS = (
    Text("赞成", "agree"),
    Text("反对", "disagree"),
    Text("不表态", "pass"),
)


def _cut(said: str, longest: int) -> str:
    return said if len(said) <= longest else said[: longest - 1] + "…"


def _tables(view: PublicOpinions) -> dict[Any, list[dict[str, Any]]]:
    """Return the counts of every group shown, by statement, in order of the groups."""
    out: dict[Any, list[dict[str, Any]]] = {}
    for row in view.votes.sort_values("group", kind="stable").to_dict("records"):
        out.setdefault(row["statement"], []).append(row)
    return out


def _bar(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one group's answers to a statement: agree solid, pass light, disagree hatched, in the group's colour."""
    group = int(row["group"])
    name = NAMES[group]
    if pd.isna(row["agree"]):
        few = Text("作答太少，不显示", "too few answers to show")
        return {"group": group, "sign": sign(group), "name": name, "bar": None, "said": few, "n": None}
    counts = [int(row[kind]) for kind in ("agree", "passes", "disagree")]
    seen = sum(counts)
    shares = [n / seen for n in counts]
    kinds = (("yes", AGREE), ("pass", PASS), ("no", DISAGREE))
    parts = [
        Part(f"v-{kind} g-{group}", word, float(n), pct(share))
        for (kind, word), n, share in zip(kinds, counts, shares, strict=True)
    ]
    said = Text(
        f"赞成 {pct(shares[0]).zh}　反对 {pct(shares[2]).zh}",
        f"{pct(shares[0]).en} agree, {pct(shares[2]).en} disagree",
    )
    return {
        "group": group,
        "sign": sign(group),
        "name": name,
        "bar": stacked(parts, float(seen), name, 14),
        "said": said,
        "n": Text(f"{num(seen).zh} 人作答", f"of {num(seen).en}"),
    }


def _statement(
    name: Any, texts: Mapping[Any, str], rows: list[dict[str, Any]], first: int = -1
) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: int(row["group"]) != first)
    return {
        "text": texts.get(name),
        "stance": None,
        "number": Text(f"第 {name} 号观点", f"statement {name}"),
        "bars": [_bar(row) for row in ordered],
    }


def shared(view: PublicOpinions, texts: Mapping[Any, str], vote: int) -> list[dict[str, Any]]:
    """Return the statements on which every group leans the same way, the surest first."""
    tables = _tables(view)
    kind = "consensus_agree" if vote > 0 else "consensus_disagree"
    rows = view.statements[(view.statements["bridge"] == vote).fillna(False).to_numpy(dtype=bool)]
    rows = rows[rows.index.isin(list(texts))].sort_values(kind, ascending=False, kind="stable")
    return [_statement(name, texts, tables[name]) for name in rows.index]


def apart(view: PublicOpinions, texts: Mapping[Any, str]) -> list[dict[str, Any]]:
    """Return, for each group shown, the statements on which it differs most from the others."""
    tables = _tables(view)
    out = []
    for group, people in view.groups["people"].dropna().items():
        mine = view.representative[view.representative["group"] == group]
        rows = mine[mine["significant"].to_numpy(dtype=bool)].to_dict("records")
        stances = []
        for row in rows:
            share = pct(float(row["votes"]) / float(row["seen"]))
            verb = AGREE if row["vote"] == 1 else DISAGREE
            stances.append(
                {
                    **_statement(row["statement"], texts, tables[row["statement"]], int(group)),
                    "stance": Text(f"{share.zh} 的人{verb.zh}", f"{share.en} {verb.en}"),
                }
            )
        out.append(
            {
                "group": int(group),
                "sign": sign(int(group)),
                "name": NAMES[int(group)],
                "people": Text(f"{num(int(people)).zh} 人", f"{num(int(people)).en} people"),
                "first": stances[:FIRST_APART],
                "more": stances[FIRST_APART:],
            }
        )
    return out


def _end(end: AxisEnd, texts: Mapping[Any, str]) -> dict[str, Any]:
    return {
        "verb": Text("赞成", "agree with ") if end.vote > 0 else Text("反对", "disagree with "),
        "text": _cut(texts[end.statement], LONGEST_END),
    }


def _dot_size(view: PublicOpinions) -> Text:
    low, high = int(view.dots["people"].min()), int(view.dots["people"].max())
    size = str(low) if low == high else f"{low}–{high}"
    return Text(
        f"每个点不是一个人，而是 {size} 位投票相近的人的平均位置",
        f"A dot is not a person: it is the middle of {size} people who voted alike",
    )


def _private(view: PublicOpinions) -> Text:
    n = view.smallest
    return Text(
        f"从这里看不出任何一个人是怎么答的：不足 {n} 人的组不显示，一组中不足 {n} 人作答的观点也不显示。",
        f"Nobody’s single answer can be read from this: no group of fewer than {n} people is shown, and no answers that "
        f"fewer than {n} of a group gave.",
    )


def view(given: ReportOpinions) -> dict[str, Any]:
    """Return the conversation as the page shows it."""
    told = describe(given.view)
    drawing, dots = draw(given.view, join(Text("意见图：", "Opinion map: "), given.title))
    every = len(given.view.dots)
    arrows = {"x": ("←", "→"), "y": ("↓", "↑")}
    ends = [
        {"arrow": arrow, **_end(end, given.texts)}
        for axis, pair in given.ends.items()
        for arrow, end in zip(arrows[axis], pair, strict=True)
    ]
    agree, disagree = (shared(given.view, given.texts, vote) for vote in (1, -1))
    return {
        "title": given.title,
        "source": given.source,
        "who": told[0],
        "border": border_words(given.view, given.chance),
        "hidden": Text(
            f"另有 {num(given.hidden).zh} 条被主持人隐藏，不参与分组。",
            f" Moderators hid {num(given.hidden).en} of the statements; they shape no group.",
        )
        if given.hidden
        else None,
        "groups": [
            {"sign": sign(int(g)), "name": NAMES[int(g)], "people": UNKNOWN if pd.isna(n) else num(int(n))}
            for g, n in given.view.groups["people"].dropna().items()
        ],
        "map": drawing if dots else None,
        "dot": _dot_size(given.view) if dots else Markup(""),
        "dots_left": num(every - dots) if dots < every else None,
        "ends": ends,
        "agree": (agree[:FIRST_SHARED], agree[FIRST_SHARED:]),
        "disagree": (disagree[:FIRST_SHARED], disagree[FIRST_SHARED:]),
        "shared": len(agree) + len(disagree),
        "everyone": Text("公布的各组看法一致的观点", "What every group shown sees alike")
        if given.view.withheld
        else Text("各组看法一致的观点", "What every group sees alike"),
        "apart": apart(given.view, given.texts) if len(given.view.groups) > 1 else [],
        "withheld": given.view.withheld,
        "private": _private(given.view),
        "last": told[-1],
    }
