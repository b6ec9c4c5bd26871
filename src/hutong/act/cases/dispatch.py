"""The dispatch catalogue 派单目录: class, place and day in, the unit out."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from hutong.errors import HutongError
from hutong.sense.requests.sheet import read_sheet
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.text import Text

COLUMNS = ("category", "place", "unit", "helpers", "from", "until")


@dataclass(frozen=True)
class DispatchRow:
    """Where requests of a class go, in one place (empty: everywhere), from a day and until another (both with).

    A place that ends with ``/`` is a path and covers all below it.
    """

    category: str
    place: str
    unit: str
    helpers: tuple[str, ...]
    start: dt.date
    until: dt.date | None

    def holds(self, day: dt.date) -> bool:
        """Return whether the row is in force on a day."""
        return self.start <= day and (self.until is None or day <= self.until)

    def covers(self, place: str) -> bool:
        """Return whether the row is for a place."""
        return self.place in ("", place) or (self.place.endswith("/") and place.startswith(self.place))


@dataclass(frozen=True)
class Catalogue:
    """Rows of dispatch, the unit that takes what none covers, and the names of units (a code where none is given)."""

    rows: tuple[DispatchRow, ...]
    fallback: str
    units: Mapping[str, Text]
    assumed: bool

    def find(self, category: str, place: str, day: dt.date) -> DispatchRow:
        """Return the row in force: that of the smallest place before the general one, the newest of several."""
        fit = [r for r in self.rows if r.category == category and r.covers(place) and r.holds(day)]
        if not fit:
            return DispatchRow(category, "", self.fallback, (), day, None)
        return max(fit, key=lambda r: (len(r.place), r.start))

    def title(self, unit: str) -> Text:
        """Return the name of a unit."""
        return self.units.get(unit, Text(unit, unit))


@functools.cache
def default_catalogue() -> Catalogue:
    """Return the catalogue that comes with the project; it is an assumption and says so."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("dispatch.yaml").read_text(encoding="utf-8"))
    rows = tuple(
        DispatchRow(name, "", r["unit"], tuple(r.get("helpers", ())), raw["from"], None)
        for name, r in raw["rows"].items()
    )
    units = {code: Text.of(t) for code, t in raw["units"].items()}
    return Catalogue(rows, raw["fallback"], units, raw["confidence"] == "U")


def read_catalogue(path: Path, fallback: str = "district", encoding: str | None = None) -> Catalogue:
    """Read an office's own catalogue (CSV in UTF-8 or GBK, or .xlsx; helpers separated by ``;``).

    Raises
    ------
    HutongError
        ``dispatch-broken`` with every faulty row; what the file reader raises.
    """
    table = read_sheet(path, encoding)
    faults = [f"{path.name}: {c}" for c in ("category", "unit", "from") if c not in table.columns]
    rows: list[DispatchRow] = []
    if not faults:
        for at, cells in enumerate(table.to_dict("records"), start=2):
            row = _row(cells, f"{path.name}:{at}", faults)
            if row is not None:
                rows.append(row)
        faults += _overlaps(rows, path.name)
    if faults:
        raise HutongError(
            "dispatch-broken",
            Text(f"派单目录 {path.name} 有误。", f"The dispatch catalogue {path.name} is faulty."),
            Text(
                "列为 category、place、unit、helpers、from、until；改正后重新读入。",
                "Its columns are category, place, unit, helpers, from, until; mend it and read it again.",
            ),
            faults,
        )
    return Catalogue(tuple(rows), fallback, {}, assumed=False)


def _row(cells: Mapping[str, Any], where: str, faults: list[str]) -> DispatchRow | None:
    said = {c: _said(cells.get(c)) for c in COLUMNS}
    found = load_taxonomy().find(said["category"])
    before = len(faults)
    if found is None:
        faults.append(f"{where} category: {said['category'] or '?'}")
    if not said["unit"]:
        faults.append(f"{where} unit: ?")
    start, until = (_day(said[c], f"{where} {c}", faults) for c in ("from", "until"))
    if start is None and len(faults) == before:
        faults.append(f"{where} from: ?")
    if start and until and until < start:
        faults.append(f"{where} until: {until} < {start}")
    if found is None or start is None or len(faults) > before:
        return None
    helpers = tuple(h for h in said["helpers"].replace("；", ";").split(";") if h)
    return DispatchRow(found.id, said["place"], said["unit"], helpers, start, until)


def _said(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _day(text: str, where: str, faults: list[str]) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        faults.append(f"{where}: {text}")
        return None


def _overlaps(rows: list[DispatchRow], name: str) -> list[str]:
    """Name rows of one class and place that begin on the same day: which of them holds could not be told."""
    seen: set[tuple[str, str, dt.date]] = set()
    out = []
    for row in rows:
        key = (row.category, row.place, row.start)
        if key in seen:
            out.append(f"{name}: {row.category} {row.place} {row.start}")
        seen.add(key)
    return out
