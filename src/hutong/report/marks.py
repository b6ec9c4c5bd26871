"""Figures that carry where they came from, so that a guess is never shown as an observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.city import City
from hutong.report.format import both, pct
from hutong.report.words import word
from hutong.text import Text

KINDS = ("observed", "imputed", "assumed")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure on the page: its name, how it reads, and the weakest origin of the cells behind it."""

    label: Text
    value: Text
    kind: str  # observed | imputed | assumed | unknown | model
    note: Text
    unit: Text | None = None

    @property
    def guessed(self) -> bool:
        """Whether the figure must carry a mark."""
        return self.kind in ("imputed", "assumed")

    @property
    def tag(self) -> Text:
        """The short mark beside the figure."""
        name = word("origin", self.kind)
        return Text(name.zh[0], name.en)

    @property
    def tip(self) -> str:
        """The note in both languages, for attributes."""
        return both(self.note)


def origin_shares(city: City, table: str, column: str, rows: np.ndarray | None = None) -> dict[str, float]:
    """Return the share of cells observed, imputed, assumed and unknown (NaN for a table without rows)."""
    codes = city.origin(table, column)
    if rows is not None:
        codes = codes[rows]
    return {
        kind: float(np.mean(codes == code)) if len(codes) else float("nan")
        for kind, code in (*zip(KINDS, range(3), strict=True), ("unknown", -1))
    }


def kind_of(shares: dict[str, float]) -> str:
    """Return the weakest origin among the known cells."""
    return next((k for k in ("assumed", "imputed", "observed") if shares[k] > 0), "unknown")


def note_of(shares: dict[str, float]) -> Text:
    """Return the shares as a sentence part."""
    known = [(word("origin", k), pct(v)) for k, v in shares.items() if v > 0]
    return Text("，".join(f"{t.zh} {p.zh}" for t, p in known), ", ".join(f"{t.en} {p.en}" for t, p in known))


def figure(city: City, table: str, column: str, label: Text, value: Text, unit: Text | None = None) -> Figure:
    """Return a figure computed from one column, marked with the weakest origin of its cells."""
    shares = origin_shares(city, table, column)
    return Figure(label, value, kind_of(shares), note_of(shares), unit)
