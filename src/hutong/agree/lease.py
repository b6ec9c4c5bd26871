"""The roll of leases: who signs for a public home, and the unit that signs beside the lessee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.homes import Holdings, Home, holder_token, read_homes
from hutong.agree.roll_book import Entry, HeldBack, Mandate, RollBook, head_of
from hutong.city import City
from hutong.sense.title_rule import roll_gaps


def lease_roll(
    city: City,
    rows: NDArray[np.int64],
    place: str,
    holdings: pd.DataFrame | None = None,
    mandates: tuple[Mandate, ...] = (),
) -> RollBook:
    """Return the roll of the lessees of public homes: each decides for its own lease, none for another's.

    A lessee who has died is followed by the successor entered in the lease; until one is named, and where a home is
    sublet, disputed or without papers, the home is held back. Co-residents are consulted and sign beside the lessee
    (:func:`household_signers`). Homes that are not public, or whose lessee owns them by now, are not on this roll.

    Parameters
    ----------
    rows
        Row positions in ``dwellings``.
    holdings
        Kinds ``lessee``, ``successor`` and ``co_resident``; without the table each lease has one lessee of its own.
    """
    gaps = roll_gaps(city, "lessees", holdings)
    rows = rows[gaps.concerned[rows]]
    homes = read_homes(city, rows)
    held = None if holdings is None else Holdings.from_table(holdings, city["dwellings"]["dwelling_id"])
    lines = [_line(home, held, str(why)) for home, why in zip(homes, gaps.reason[rows], strict=True)]
    return RollBook(
        act="lessees",
        place=place,
        as_of=city.meta.date,
        entries=tuple(x for x in lines if isinstance(x, Entry)),
        held_back=tuple(x for x in lines if isinstance(x, HeldBack)),
        consulted=tuple(h.dwelling_id for h in homes if held and held.of(h.dwelling_id, "co_resident")[0]),
        mandates=mandates,
    )


def _line(home: Home, holdings: Holdings | None, reason: str) -> Entry | HeldBack:
    area = home.lease_cm2 or None
    if reason or area is None:
        return HeldBack(home.dwelling_id, reason, area)
    everyone: tuple[str, ...] = (holder_token("lessee", home.title_id),)
    deciding = everyone
    if holdings is not None:
        kind = "successor" if home.state == "deceased_holder" else "lessee"
        everyone, deciding = holdings.of(home.dwelling_id, kind)
    return Entry(home.dwelling_id, head_of(everyone), deciding, area, home.tenure, "lease", home.unit)


def unit_signatures(book: RollBook) -> Mapping[str, int]:
    """Return the managing units that sign beside the lessees, and for how many homes each."""
    return dict(sorted(Counter(e.unit for e in book.entries if e.unit).items()))


def household_signers(book: RollBook, holdings: pd.DataFrame) -> Mapping[str, tuple[str, ...]]:
    """Return for each home on the roll everyone of the household who signs: the lessee, then the co-residents.

    Notes
    -----
    That adult co-residents sign an agreement beside the lessee is practice (confidence K); heads are still lessees.
    """
    co = holdings[holdings["kind"] == "co_resident"].groupby("dwelling_id", sort=True)["holder"].agg(list)
    return {
        e.dwelling_id: (*e.holders, *(str(p) for p in co.get(e.dwelling_id, []) if p not in e.holders))
        for e in book.entries
    }
