"""A made-up conversation as files, and made-up votes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from hutong.agree import NO, YES, RollBook
from hutong.agree.roll_book import Entry
from hutong.report import ConsentCount
from hutong.text import Text

STATEMENTS = {
    1: "楼道应当一直保持畅通。",
    2: "先修管线，再修外墙。",
    3: "The yard should stay a garden, not a car park.",
    4: "停车位应当优先给住在这里的人。",
    5: "加装电梯，我愿意出钱。",
    6: "加装电梯会挡住低层的光。",
    7: "不同意公布的这一条",
    8: "工程期间要有人管垃圾。",
    9: "<script>alert('x')</script>",
}
HIDDEN = (7,)
#: Chance of agreeing, by group and statement; who does not agree mostly disagrees.
AGREES = {
    0: (0.95, 0.9, 0.9, 0.6, 0.95, 0.05, 0.5, 0.9, 0.6),
    1: (0.95, 0.9, 0.1, 0.6, 0.05, 0.95, 0.5, 0.9, 0.6),
}


def rows(people: tuple[int, int] = (60, 25), seed: int = 3) -> list[tuple[str, int, int]]:
    """Return participant, statement, vote."""
    rng = np.random.default_rng(seed)
    out = []
    for group, n in enumerate(people):
        for k in range(n):
            for statement, chance in zip(STATEMENTS, AGREES[group], strict=True):
                draw = rng.random()
                out.append((f"p{group}{k:03d}", statement, 1 if draw < chance else 0 if draw > 0.97 else -1))
    return out


def write(
    folder: Path, polis: bool = False, votes: list[tuple[str, int, int]] | None = None
) -> tuple[Path, Path]:
    """Write the two files, in our columns or in those of a Polis export."""
    cast = rows() if votes is None else votes
    tables = {
        "votes.csv": [
            ("timestamp", "comment-id", "voter-id", "vote")
            if polis
            else ("participant", "statement", "vote"),
            *([(t, s, p, v) for t, (p, s, v) in enumerate(cast)] if polis else cast),
        ],
        "comments.csv": [
            ("comment-id", "moderated", "comment-body") if polis else ("statement", "hidden", "text"),
            *(
                (s, (-1 if s in HIDDEN else 1) if polis else int(s in HIDDEN), said)
                for s, said in STATEMENTS.items()
            ),
        ],
    }
    for name, table in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
    return folder / "votes.csv", folder / "comments.csv"


def count(areas, yes, no, rule, categories=None) -> ConsentCount:
    """Return a count over made-up homes: the first ``yes`` agree, the next ``no`` do not."""
    kinds = categories or ["reform"] * len(areas)
    entries = tuple(Entry(f"d{k}", f"h{k}", (f"h{k}",), a * 10_000, kinds[k]) for k, a in enumerate(areas))
    ballots = np.zeros(len(areas), np.int8)
    ballots[:yes], ballots[yes : yes + no] = YES, NO
    return ConsentCount(
        Text("甲楼", "House A"), RollBook("owners", "house", "2026-01-01", entries), ballots, rule
    )
