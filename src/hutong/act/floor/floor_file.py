"""The floor-area account as tables: places and bookings in, statements out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from hutong.act.floor.book import Booking, FloorBook, booked, open_book
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

PLACE_COLUMNS = ("place", "within")
BOOKING_COLUMNS = ("kind", "day", "place", "m2", "approval")
_CM2 = Decimal(10_000)


def read_book(places: pd.DataFrame, bookings: pd.DataFrame, rules: Rules) -> FloorBook:
    """Return the account of two tables: ``place, within`` and ``kind, day, place, m2, approval[, to, uncounted, of]``.

    Areas are m² with up to four decimals, so that they are whole cm².

    Raises
    ------
    HutongError
        ``floor-table`` for columns or cells that cannot be read; ``floor-places``; ``floor-booking``.
    """
    rows = [f"places: column {c} is missing" for c in PLACE_COLUMNS if c not in places]
    rows += [f"bookings: column {c} is missing" for c in BOOKING_COLUMNS if c not in bookings]
    found = []
    for at, row in enumerate(bookings.to_dict("records") if not rows else [], start=2):
        try:
            found.append(_booking(row))
        except (ValueError, InvalidOperation) as caught:
            rows.append(f"bookings row {at}: {caught or 'a figure cannot be read'}")
    if rows:
        raise HutongError(
            "floor-table",
            Text("建筑规模账的表不合格。", "The tables of the floor-area account do not fit."),
            Text(
                f"需要列 {'、'.join((*PLACE_COLUMNS, *BOOKING_COLUMNS))}。",
                f"They have {', '.join((*PLACE_COLUMNS, *BOOKING_COLUMNS))}.",
            ),
            rows,
        )
    parents = {str(r["place"]): _word(r["within"]) for r in places.to_dict("records")}
    return booked(open_book(parents), found, rules)


def _booking(row: Mapping[Any, Any]) -> Booking:
    of = _word(row.get("of"))
    return Booking(
        _word(row["kind"]),
        dt.date.fromisoformat(_word(row["day"])),
        _word(row["place"]),
        _cm2(_word(row["m2"])),
        _word(row["approval"]),
        _word(row.get("to")),
        _word(row.get("uncounted")),
        int(of) if of else None,
    )


def _word(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _cm2(said: str) -> int:
    area = Decimal(said) * _CM2
    if not area.is_finite() or area != area.to_integral_value():
        raise ValueError(f"{said} m² is no whole number of cm²")
    return int(area)
