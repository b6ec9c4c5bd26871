"""The floor-area account 建筑规模账 of a district, by unit and subdistrict: demolished, given up, moved, granted, built.

In: bookings, each with its approval. Out: an account in double entry and whole cm² in which no balance is below zero,
and the statement of every place.
"""

from hutong.act.floor.book import (
    OUTSIDE,
    REVERSE,
    Booking,
    Entry,
    FloorBook,
    Kind,
    Leg,
    accounts,
    booked,
    counted,
    kinds,
    open_book,
)
from hutong.act.floor.floor_file import BOOKING_COLUMNS, read_book
from hutong.act.floor.statement import (
    MOVED,
    STATEMENT_COLUMNS,
    FloorStatement,
    statement,
    statement_table,
)

__all__ = [
    "BOOKING_COLUMNS",
    "MOVED",
    "OUTSIDE",
    "REVERSE",
    "STATEMENT_COLUMNS",
    "Booking",
    "Entry",
    "FloorBook",
    "FloorStatement",
    "Kind",
    "Leg",
    "accounts",
    "booked",
    "counted",
    "kinds",
    "open_book",
    "read_book",
    "statement",
    "statement_table",
]
