"""The roll of leases: who signs for a public home, and the unit that signs beside the lessee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.homes import Holdings, Home, holder_token, read_homes, tenures
from hutong.agree.roll_book import Entry, HeldBack, Mandate, RollBook, head_of
from hutong.city import City


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
    homes = [h for h in read_homes(city, rows) if _is_leased(h)]
    held = None if holdings is None else Holdings.from_table(holdings, city["dwellings"]["dwelling_id"])
    lines = [_line(home, held) for home in homes]
    return RollBook(
        act="lessees",
        place=place,
        as_of=city.meta.date,
        entries=tuple(x for x in lines if isinstance(x, Entry)),
        held_back=tuple(x for x in lines if isinstance(x, HeldBack)),
        consulted=tuple(h.dwelling_id for h in homes if held and held.of(h.dwelling_id, "co_resident")[0]),
        mandates=mandates,
    )


def _is_leased(home: Home) -> bool:
    public = bool(home.tenure) and tenures()[home.tenure]["owner"] == "unit"
    # an empty home without a lease has nobody who could sign
    return public and home.document != "ownership_certificate" and home.occupancy != "vacant"


def _line(home: Home, holdings: Holdings | None) -> Entry | HeldBack:
    area = home.lease_cm2 or None
    reason = {"missing": "no_title", "disputed": "disputed", "sublet": "sublet", "": "state_unknown"}.get(
        home.state
    )
    deceased = home.state == "deceased_holder"
    everyone: tuple[str, ...] = ()
    deciding: tuple[str, ...] = ()
    if holdings is not None:
        everyone, deciding = holdings.of(home.dwelling_id, "successor" if deceased else "lessee")
    elif not deceased:
        everyone = deciding = (holder_token("lessee", home.title_id),)
    if reason is None and not everyone:
        reason = "successor_unnamed" if deceased else "holder_unknown"
    if reason is None and not home.unit:
        reason = "unit_unknown"
    if reason is None and area is None:
        reason = "area_unknown"
    if reason is not None or area is None:
        return HeldBack(home.dwelling_id, str(reason), area)
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
