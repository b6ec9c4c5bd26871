"""What each lever of an experiment changes, in one plain sentence for who decides; the figures stand below it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.evolve.contrast import OUTCOMES
from hutong.evolve.experiments import Experiment
from hutong.text import Text

#: Outcomes that count households, said as so many more or fewer in a hundred.
COUNTED = {
    "done": Text("户完成工程", "have their works finished"),
    "support": Text("户支持", "are in favour"),
}
#: Outcomes between 0 and 1 that count nothing, said as better or worse. The coupling degree adds nothing that could be said of it alone.
WEIGHED = {
    "value": Text("居民和片区的所得", "what people and the quarter gain"),
    "governance": Text("办事与共治", "how matters are run together"),
    "fabric": Text("房屋和服务", "homes and services"),
}
#: From which change of an outcome between 0 and 1 on it is called clear, and below which slight (ours, confidence U).
CLEAR, SLIGHT = 0.1, 0.02
_MORE = {
    (True, "clear"): Text("明显更好", "clearly better"), (True, ""): Text("更好", "better"), (True, "slight"): Text("略好", "slightly better"),
    (False, "clear"): Text("明显更差", "clearly worse"), (False, ""): Text("更差", "worse"), (False, "slight"): Text("略差", "slightly worse"),
}  # fmt: skip


def plain(found: Experiment) -> list[Text]:
    """Return a sentence for each lever of an experiment that compares levers with today; for another experiment none."""
    if found.name != "levers":
        return []
    years = float(found.recipe["months"]) / 12
    return [_sentence(rows, years) for _, rows in found.table.groupby("id", sort=False)]


def _sentence(rows: pd.DataFrame, years: float) -> Text:
    by = {row["outcome"].en: row for _, row in rows.iterrows()}
    lever: Text = rows["lever"].iloc[0]
    said: list[Text] = []
    silent: list[Text] = []
    graded: dict[Text, list[Text]] = {}
    for name, words in (COUNTED | WEIGHED).items():
        row = by.get(OUTCOMES[name].en)
        if row is None:
            continue
        if row["mean_low"] <= 0 <= row["mean_high"]:
            silent.append(OUTCOMES[name])
        elif name in COUNTED:
            said.append(_households(words, float(row["mean"])))
        else:
            graded.setdefault(_grade(float(row["mean"])), []).append(words)
    for grade, about in graded.items():
        verb = "are" if len(about) > 1 or about[0] == WEIGHED["fabric"] else "is"
        en = " and ".join([*filter(None, [", ".join(t.en for t in about[:-1])]), about[-1].en])
        said.append(Text(f"{'、'.join(t.zh for t in about)}{grade.zh}", f"{en} {verb} {grade.en}"))
    rest = Text("", "")
    if silent:
        rest = Text(
            f"没有发现对{'、'.join(t.zh for t in silent)}的作用。",
            f" No effect was found on {', '.join(t.en for t in silent)}.",
        )
    if not said:
        return Text(f"{lever.zh}：{rest.zh}", f"{lever.en}:{rest.en}")
    return Text(
        f"{lever.zh}：{years:g} 年后与现状相比，{'，'.join(t.zh for t in said)}。{rest.zh}",
        f"{lever.en}: {years:g} years on, compared with today’s ways, {'; '.join(t.en for t in said)}.{rest.en}",
    )


def _households(words: Text, mean: float) -> Text:
    n = round(abs(mean) * 100)
    if n == 0:
        return Text(
            f"每百户{'多' if mean > 0 else '少'}不到 1 {words.zh}",
            f"not even 1 household in 100 {'more' if mean > 0 else 'fewer'} {words.en.replace('have', 'has').replace('are', 'is')}",
        )
    many = "households" if n > 1 else "household"
    verb = words.en if n > 1 else words.en.replace("have their", "has its").replace("are", "is")
    return Text(
        f"每百户{'多' if mean > 0 else '少'} {n} {words.zh}",
        f"{n} {'more' if mean > 0 else 'fewer'} {many} in 100 {verb}",
    )


def _grade(mean: float) -> Text:
    size = np.abs(mean)
    return _MORE[mean > 0, "clear" if size >= CLEAR else "slight" if size < SLIGHT else ""]
