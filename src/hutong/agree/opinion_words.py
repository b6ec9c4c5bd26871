"""The opinion groups told to residents in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hutong.agree.opinion_chance import Chance, chance_words
from hutong.agree.opinion_public import PublicOpinions, public_view
from hutong.agree.opinions import Opinions
from hutong.text import Text, number, percent

#: Mean silhouettes below which a structure is weak, or none (Kaufman and Rousseeuw 1990, table 4).
CLEAR, WEAK = 0.5, 0.25
NAMES = (
    Text("甲组", "Group A"),
    Text("乙组", "Group B"),
    Text("丙组", "Group C"),
    Text("丁组", "Group D"),
    Text("戊组", "Group E"),
)
LONGEST_QUOTE = 120


def describe(
    opinions: Opinions | PublicOpinions,
    texts: Mapping[Any, str] | None = None,
    *,
    most: int = 3,
    chance: Chance | None = None,
) -> list[Text]:
    """Tell the opinion groups in plain words to residents, from the public view only.

    Parameters
    ----------
    texts
        The statements' words by id; they are quoted as written, in whatever language.
    most
        Most statements named per group, and in common.
    chance
        How clear the groups are beside chance, where that was looked at.
    """
    view = opinions if isinstance(opinions, PublicOpinions) else public_view(opinions)
    words = texts or {}
    out = [_who(view), *_groups(view, chance)]
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
    if view.not_shown:
        rest = Text(
            f"，其中 {number(view.not_shown, 'zh')} 人投票还太少或所在的组太小，未列入下面的组",
            f"; {number(view.not_shown)} of them voted on too few, or are in too small a group, to be counted below",
        )
    return Text(
        f"{zh} 人对 {len(view.statements)} 条观点表了态{rest.zh}。",
        f"{en} {'person' if one else 'people'} voted on {len(view.statements)} statements{rest.en}.",
    )


def border_words(view: PublicOpinions, chance: Chance | None = None) -> list[Text]:
    """Say how far the groups can be relied on: beside chance where that is known, and how soft their borders are."""
    if len(view.groups) < 2:
        return [Text("大家的看法接近，没有分出不同的组。", "Views are close: no separate groups appear.")]
    out = [] if chance is None else [chance_words(chance)]
    if chance is not None and chance.verdict != "clear":
        return out
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
                "但各组之间界限不很清楚，边上的人归在哪组都说得过去。"
                if out
                else "各组之间界限不很清楚，仅供参考。",
                "Their borders are soft all the same: who stands near one could belong to either side."
                if out
                else "The borders between groups are weak: take them as a hint.",
            )
        )
    return out


def _groups(view: PublicOpinions, chance: Chance | None) -> list[Text]:
    if len(view.groups) < 2:
        return border_words(view)
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
    out += border_words(view, chance)
    return out


def _shared(view: PublicOpinions, words: Mapping[Any, str], most: int) -> list[Text]:
    out = []
    everyone = Text("各组都", "Every group") if len(view.groups) > 1 else Text("多数人", "Most people")
    if view.withheld:
        everyone = Text("公布的各组都", "Every group shown")
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
