"""A vote or a signing as far as it has come: its roll, the ballots cast, and the rule that decides.

``counts_from_file`` reads a list of ballots; docs/report.md lists the columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hutong.agree import (
    ABSTAIN,
    HELD_BACK,
    NO,
    NONE,
    YES,
    RollBook,
    Rule,
    homes_at,
    owners_roll,
    vote_rule,
)
from hutong.city import City
from hutong.city.text_table import read_text_table
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

COLUMNS = ("level", "place", "matter", "dwelling", "ballot")
MATTERS = ("ordinary", "special", "unanimous", *map(str, range(1, 10)))
#: How a ballot may be written.
BALLOT_WORDS = {
    **dict.fromkeys(("yes", "同意"), YES),
    **dict.fromkeys(("no", "不同意", "反对"), NO),
    **dict.fromkeys(("abstain", "弃权"), ABSTAIN),
    **dict.fromkeys(("", "none", "未表决"), NONE),
}


@dataclass(frozen=True, eq=False)
class ConsentCount:
    """One act of consent; ``ballots`` is int8 (heads,) in the order of ``book.roll``.

    Raises
    ------
    HutongError
        ``count-ballots`` if there is not one ballot per head.
    """

    place: Text
    book: RollBook
    ballots: NDArray[np.int8]
    rule: Rule

    def __post_init__(self) -> None:
        if len(self.ballots) != len(self.book.roll):
            raise HutongError(
                "count-ballots",
                Text(
                    f"选票 {len(self.ballots)} 张，名册 {len(self.book.roll)} 人。",
                    f"There are {len(self.ballots)} ballots for {len(self.book.roll)} on the roll.",
                ),
                Text("每名表决人一张选票。", "Give one ballot for each on the roll."),
            )

    @property
    def categories(self) -> list[str]:
        """The tenure by which each head stands on the roll, that of its first home."""
        first: dict[str, str] = {}
        for entry in self.book.entries:
            first.setdefault(entry.head, entry.category)
        return [first[head] for head in self.book.roll.heads]


def place_name(city: City, level: str, place: str) -> Text:
    """Return the name of a staircase, building or estate with what it belongs to; the id stands for a name it lacks."""
    words: list[str] = []
    for table, key, above in (("staircases", "staircase_id", "building_id"), ("buildings", "building_id", "plot_id"), ("plots", "plot_id", "estate_id"), ("estates", "estate_id", "")):  # fmt: skip
        if not words and table != f"{level}s":
            continue
        row = city[table][(city[table][key] == place).to_numpy(bool)].iloc[0]
        name = row.get("name")
        if table != "plots":
            words.insert(0, name if isinstance(name, str) and name else place)
        if not above or not isinstance(row[above], str):
            break
        place = row[above]
    said = " ".join(words)
    return Text(said, said)


def counts_from_file(file: Path, city: City, rules: Rules) -> tuple[ConsentCount, ...]:
    """Read ballots and return one count per place and matter, in the order of the file.

    Parameters
    ----------
    file
        CSV with the columns ``level`` (staircase, building or estate), ``place`` (its id), ``matter`` (ordinary,
        special, unanimous, or the number 1–9 in art. 278), ``dwelling`` (id) and ``ballot`` (yes, no, abstain or
        empty, or 同意, 不同意, 弃权). The last row of an owner counts. Ballots still sealed do not belong here.

    Raises
    ------
    HutongError
        ``ballots-columns`` or ``ballots-rows``, naming each row that cannot be counted.
    """
    table = read_text_table(file)
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise HutongError(
            "ballots-columns",
            Text(f"{file.name} 缺少列：{'、'.join(missing)}。", f"{file.name} lacks the columns {', '.join(missing)}."),
            Text(f"需要 {'、'.join(COLUMNS)}。", f"It has {', '.join(COLUMNS)}."),
        )  # fmt: skip
    rows = table[list(COLUMNS)].fillna("").astype(str).apply(lambda cells: cells.str.strip())
    faults: list[str] = []
    counts: list[ConsentCount] = []
    for (level, place, matter), part in rows.groupby(["level", "place", "matter"], sort=False):
        where = f"{file.name} row {part.index[0] + 2}"
        if matter not in MATTERS:
            faults.append(f"{where}: matter {matter!r}; expected one of {', '.join(MATTERS)}")
            continue
        try:
            book = owners_roll(city, homes_at(city, level, place), f"{level} {place}")
        except HutongError as caught:
            faults.append(f"{where}: {caught.what.en}")
            continue
        pairs = zip(part.index + 2, part["dwelling"], part["ballot"], strict=True)
        ballots = np.zeros(len(book.roll), np.int8)
        faults += _cast(book, list(pairs), ballots, file.name)
        rule = vote_rule(rules, int(matter) if matter.isdigit() else matter)
        counts.append(ConsentCount(place_name(city, level, place), book, ballots, rule))
    if faults:
        raise HutongError(
            "ballots-rows",
            Text(f"{file.name} 有 {len(faults)} 行不能计票。", f"{len(faults)} rows of {file.name} cannot be counted."),
            Text("请更正所列各行。", "Correct the rows listed."),
            faults,
        )  # fmt: skip
    return tuple(counts)


def _cast(book: RollBook, rows: list[tuple[int, str, str]], into: NDArray[np.int8], name: str) -> list[str]:
    """Enter ballots by dwelling, and return the rows that could not be."""
    head = {entry.dwelling_id: entry.head for entry in book.entries}
    held = {home.dwelling_id: home.reason for home in book.held_back}
    at = {h: k for k, h in enumerate(book.roll.heads)}
    faults = []
    for number, dwelling, word in rows:
        ballot = BALLOT_WORDS.get(word.lower())
        if dwelling in held:
            faults.append(
                f"{name} row {number}: {dwelling} is not on the roll: {HELD_BACK[held[dwelling]].en}"
            )
        elif dwelling not in head:
            faults.append(f"{name} row {number}: there is no home {dwelling!r} at {book.place}")
        elif ballot is None:
            faults.append(f"{name} row {number}: ballot {word!r} is not yes, no or abstain")
        else:
            into[at[head[dwelling]]] = ballot
    return faults
