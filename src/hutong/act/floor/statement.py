"""What the account says of a unit, a subdistrict or a district: what came, what went, what is left."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hutong.act.floor.book import OUTSIDE, REVERSE, FloorBook, accounts, counted
from hutong.rules import Rules

#: What moved, by kind, in the order in which a statement shows it.
MOVED = (
    "opening", "demolish", "reduce", "transfer_in", "transfer_out", "quota_in", "quota_out", "bonus", "approve",
    "approve_quota", "build", "uncounted",
)  # fmt: skip
STATEMENT_COLUMNS = ("place", "within", *MOVED, *(f"balance_{a}" for a in ("standing", "freed", "reduced", "quota", "approved", "uncounted")))  # fmt: skip


@dataclass(frozen=True)
class FloorStatement:
    """One place with all that lies in it: what moved and what is left, cm².

    ``owed`` is what the unit must still give up by the rules (``unit.floor_reduction_min`` of what stood), ``assumed``
    that the share is an assumption.
    """

    place: str
    moved: dict[str, int]
    balances: dict[str, int]
    owed: int
    assumed: bool

    @property
    def counted(self) -> int:
        """What counts today: standing, freed, quota in hand and approved."""
        return sum(self.balances[a] for a in counted())

    @property
    def holds(self) -> bool:
        """Whether what came in is what is there: nothing was made or lost on the way."""
        m = self.moved
        came = m["opening"] + m["transfer_in"] - m["transfer_out"] + m["quota_in"] - m["quota_out"] + m["bonus"]  # fmt: skip
        return came == self.counted + self.balances["reduced"]


def statement(book: FloorBook, place: str, rules: Rules) -> FloorStatement:
    """Return the statement of a place; what moves within it cancels."""
    mine = set(book.within(place))
    moved = dict.fromkeys(MOVED, 0)
    undone = {e.booking.of for e in book.entries if e.booking.kind == REVERSE}
    for entry in book.entries:
        b = entry.booking
        if b.kind == REVERSE or entry.n in undone:
            continue
        gives = entry.legs[0].place in mine and entry.legs[0].account != OUTSIDE
        takes = entry.legs[1].place in mine
        if b.kind in ("transfer", "quota", "allot"):
            name = "transfer" if b.kind == "transfer" else "quota"
            if takes and not gives:
                moved[f"{name}_in"] += b.cm2
            elif gives and not takes:
                moved[f"{name}_out"] += b.cm2
        elif takes:
            moved[b.kind] += b.cm2
    balances = {a: sum(book.balance(p, a) for p in mine) for a in accounts()}
    share = rules["unit.floor_reduction_min"]
    must = -(-moved["opening"] * round(float(share.value) * 1_000_000) // 1_000_000)  # type: ignore[arg-type]
    return FloorStatement(place, moved, balances, max(must - moved["reduce"], 0), share.assumed)


def statement_table(book: FloorBook, rules: Rules) -> pd.DataFrame:
    """Return the statements of all places, cm²: columns :data:`STATEMENT_COLUMNS`, one row per place."""
    rows = []
    for place, parent in book.parents.items():
        s = statement(book, place, rules)
        rows.append((place, parent, *s.moved.values(), *s.balances.values()))
    return pd.DataFrame(rows, columns=list(STATEMENT_COLUMNS))
