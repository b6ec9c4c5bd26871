"""How the profile of an estate is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hutong.sense.wording import observation
from hutong.text import Text, number, percent

_PLACES = {
    "estate": Text("个小区", "estates"),
    "block": Text("个街区", "blocks"),
    "rest": Text("处", "places"),
}


def profile_text(
    row: Mapping[str, Any], themes: Mapping[str, Text], titles: Mapping[str, Text], ranked: int, scale: str
) -> Text:
    """Return a profile in plain words: score and rank, step, best and weakest theme, main obstacles.

    Parameters
    ----------
    row
        A row of :func:`hutong.sense.profile.profile`.
    themes, titles
        Names of themes and indicators.
    ranked
        How many places have a rank.
    """
    known = {name: float(row[name]) for name in themes if row[name] == row[name]}
    unknown = [title for name, title in themes.items() if name not in known]
    zh, en = [], []
    if not unknown:
        of = _PLACES[scale]
        zh.append(
            f"综合得分 {number(row['score'], 'zh', 2)}（满分 1），在 {ranked} {of.zh}中排第 {row['rank']:.0f}"
        )
        zh.append(f"各方面的协调度为 {number(row['coordination'], 'zh', 2)}，{row['level'].zh}")
        en.append(
            f"scores {number(row['score'], digits=2)} of 1 and ranks {row['rank']:.0f} of {ranked} {of.en}"
        )
        en.append(f"its themes are {row['level'].en} (coordination {number(row['coordination'], digits=2)})")
    else:
        zh.append(f"{'、'.join(t.zh for t in unknown)}的数据不足，未参加排名")
        en.append(f"is not ranked: too little is known of {_list(unknown)}")
    if known:
        best, worst = max(known, key=lambda n: known[n]), min(known, key=lambda n: known[n])
        if known[best] > known[worst]:
            zh.append(
                f"最好的是{themes[best].zh}（{known[best]:.2f}），最弱的是{themes[worst].zh}（{known[worst]:.2f}）"
            )
            en.append(
                f"best is {_low(themes[best])} ({known[best]:.2f}), weakest {_low(themes[worst])} ({known[worst]:.2f})"
            )
    if row["obstacles"]:
        named = [(titles[name], degree) for name, degree in row["obstacles"]]
        zh.append("主要短板：" + "、".join(f"{t.zh}（占差距的 {percent(d, 'zh')}）" for t, d in named))
        en.append(
            "what holds it back most: "
            + ", ".join(f"{_low(t)} ({percent(d)} of the shortfall)" for t, d in named)
        )
    title = row["title"]
    seen = observation(float(row["observed"])) if known else Text("", "")
    return Text(f"{title.zh}：{'；'.join(zh)}。{seen.zh}", f"{title.en} {'; '.join(en)}. {seen.en}".rstrip())


def _low(title: Text) -> str:
    return title.en[0].lower() + title.en[1:]


def _list(titles: list[Text]) -> str:
    return ", ".join(_low(t) for t in titles)
