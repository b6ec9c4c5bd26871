"""What is published of the opinions: words, groups, dots and statements as plain values, and the drawing of the map."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from hutong.agree.opinion_chance import DRAWS, compare_with_chance
from hutong.agree.opinion_groups import GroupState
from hutong.agree.opinion_public import public_view
from hutong.agree.opinion_votes import Votes
from hutong.agree.opinion_words import NAMES, describe
from hutong.agree.opinions import find_opinions
from hutong.text import Text

WIDTH, HEIGHT, MARGIN = 400, 280, 28


def made_public(
    votes: Votes, hidden: list[int], state: dict[str, Any] | None, draws: int = DRAWS
) -> tuple[dict[str, Any], dict[str, Any], dict[int, float]]:
    """Return what is published, the state for the next time, and the weight with which each statement is asked.

    Parameters
    ----------
    draws
        Draws of each chance baseline; 0 leaves the comparison out, and the words say nothing of it.
    """
    before = None if state is None else _state(state)
    found = find_opinions(votes, hidden=hidden, state=before)
    view = public_view(found)
    chance = compare_with_chance(votes, hidden=hidden, draws=draws) if draws and found.k > 1 else None
    words = describe(view, {int(i): f"⟦{i}⟧" for i in votes.statements}, chance=chance)
    cells = view.votes.set_index(["group", "statement"])
    groups = [int(g) for g in view.groups.index if not _none(view.groups.loc[g, "people"])]
    data = {
        "words": [{"zh": w.zh, "en": w.en} for w in words],
        "participants": view.participants,
        "groups": [{"group": g, "people": int(view.groups.loc[g, "people"]), "x": float(view.groups.loc[g, "x"]), "y": float(view.groups.loc[g, "y"])} for g in groups],
        "dots": [{"x": float(d["x"]), "y": float(d["y"]), "group": int(d["group"]), "people": int(d["people"])} for d in view.dots.to_dict("records")],
        "statements": [
            {"id": int(i), "bridge": None if _none(s["bridge"]) else int(s["bridge"]), "seen": int(s["seen"]), "agree": int(s["agree"]),
             "disagree": int(s["disagree"]), "groups": [_cell(cells, g, i) for g in groups]}
            for i, s in view.statements.iterrows() if i not in set(hidden)
        ],
    }  # fmt: skip
    weights = {int(i): float(p) for i, p in found.statements["priority"].items()}
    return data, _plain(found.state), weights


def _cell(cells: Any, group: int, statement: Any) -> list[int] | None:
    row = cells.loc[(group, statement)]
    return None if _none(row["agree"]) else [int(row[k]) for k in ("agree", "disagree", "passes")]


def _none(value: Any) -> bool:
    return bool(pd.isna(value))


def _plain(state: GroupState) -> dict[str, Any]:
    out = asdict(state)
    out["members"] = [[int(m) for m in members] for members in state.members]
    return {**out, "k": int(state.k), "winner": int(state.winner), "wins": int(state.wins)}


def _state(kept: dict[str, Any]) -> GroupState:
    return GroupState(kept["k"], kept["winner"], kept["wins"], tuple(tuple(m) for m in kept["members"]))


def told(data: Mapping[str, Any], texts: Mapping[int, str]) -> list[Text]:
    """Return the published words with the statements quoted as they may be read now: a hidden one is named as such."""

    def quoted(words: str, gone: str) -> str:
        return re.sub("⟦(\\d+)⟧", lambda m: texts.get(int(m[1]), gone), words)

    return [
        Text(quoted(w["zh"], "已隐藏的观点"), quoted(w["en"], "a hidden statement")) for w in data["words"]
    ]


def drawing(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the map in the units of its picture, ``WIDTH`` × ``HEIGHT``: marks with their group's letter, and labels.

    None where there is nothing to draw: no group of enough people.
    """
    dots = data["dots"]
    if not dots:
        return None
    xs, ys = [d["x"] for d in dots], [d["y"] for d in dots]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min(
        (WIDTH - 2 * MARGIN) / wide if wide else math.inf, (HEIGHT - 2 * MARGIN) / high if high else math.inf
    )
    scale = 1.0 if math.isinf(scale) else scale
    mid_x, mid_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def place(x: float, y: float) -> tuple[str, str]:
        return f"{WIDTH / 2 + (x - mid_x) * scale:.1f}", f"{HEIGHT / 2 - (y - mid_y) * scale:.1f}"

    marks = []
    for d in dots:
        x, y = place(d["x"], d["y"])
        marks.append(
            {
                "x": x, "y": y, "r": f"{6 * math.sqrt(d['people']):.1f}", "group": d["group"], "people": d["people"],
                "letter": _letter(d["group"]),
            }
        )  # fmt: skip
    return {"width": WIDTH, "height": HEIGHT, "marks": marks}


def _letter(group: int) -> Text:
    return Text(NAMES[group].zh[0], NAMES[group].en[-1])


def statement_rows(data: Mapping[str, Any], statements: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Return the statements with each group's answer in words and shares: what all share first, then most answered."""
    rows = []
    for s in data["statements"]:
        if s["id"] not in statements:
            continue
        cells = []
        for group, cell in zip(data["groups"], s["groups"], strict=True):
            told = None
            if cell is not None:
                n = sum(cell)
                told = {
                    "agree": cell[0] / n, "disagree": cell[1] / n, "n": n, "left": round(100 * (n - cell[1]) / n),
                }  # fmt: skip
            cells.append({"name": NAMES[group["group"]], "told": told})
        rows.append({"s": statements[s["id"]], "bridge": s["bridge"], "seen": s["seen"], "cells": cells})
    return sorted(rows, key=lambda r: (not r["bridge"], -r["seen"], r["s"].pk))
