"""The roll of owners: who votes on common matters, and who is asked without a vote."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.homes import Holdings, Home, holder_token, read_homes
from hutong.agree.roll_book import Entry, HeldBack, Mandate, RollBook, head_of
from hutong.city import City
from hutong.sense.title_rule import owner_of, roll_gaps


def owners_roll(
    city: City,
    rows: NDArray[np.int64],
    place: str,
    holdings: pd.DataFrame | None = None,
    mandates: tuple[Mandate, ...] = (),
) -> RollBook:
    """Return the roll of the owners of some homes: cleared titles only, the rest held back with the reason.

    A home is owned by the people in its title; public housing by the body that manages it, which is one head for all
    its homes, and so is the developer for what it has not sold. The heirs of a deceased owner hold in common
    (Civil Code art. 230) and are one head once established. Tenants and lessees are consulted and do not vote.

    Parameters
    ----------
    rows
        Row positions in ``dwellings`` (:func:`~hutong.agree.homes.homes_at`): of one staircase where the matter is
        the staircase's, as a lift is.
    place
        What is asked, such as ``staircase s0001``.
    holdings
        ``dwelling_id``, ``holder`` (opaque token), ``kind`` and ``representative`` (bool). Co-owners are several rows.
        Without the table each title has one holder of its own.

    Notes
    -----
    The area is the deed's; where a public home has no deed, the leased area stands for it (``area_from``).
    """
    homes = read_homes(city, rows)
    held = None if holdings is None else Holdings.from_table(holdings, city["dwellings"]["dwelling_id"])
    reasons = roll_gaps(city, "owners", holdings).reason[rows]
    lines = [_line(home, held, str(reason)) for home, reason in zip(homes, reasons, strict=True)]
    asked = tuple(h.dwelling_id for h in homes if h.occupancy in ("tenant", "let"))
    return RollBook(
        act="owners",
        place=place,
        as_of=city.meta.date,
        entries=tuple(x for x in lines if isinstance(x, Entry)),
        held_back=tuple(x for x in lines if isinstance(x, HeldBack)),
        consulted=asked,
        mandates=mandates,
    )


def _line(home: Home, holdings: Holdings | None, reason: str) -> Entry | HeldBack:
    unit = owner_of().get(home.tenure) == "unit" and home.document != "ownership_certificate"
    people = not unit and owner_of().get(home.tenure) in ("unit", "holder")
    area = home.deed_cm2 or None if people else home.area_cm2
    if reason or area is None:
        return HeldBack(home.dwelling_id, reason, area)
    if unit:  # whatever is unclear in the lease, the owner of a public home is the body that manages it
        named = () if holdings is None else holdings.of(home.dwelling_id, "unit")[1]
        named = named or (holder_token("unit", home.unit),)
        return Entry(home.dwelling_id, head_of(named), named, area, home.tenure, home.area_from, home.unit)
    everyone: tuple[str, ...] = (holder_token("holder", home.title_id),)
    deciding = everyone
    if holdings is not None:
        kinds = ("heir",) if home.state == "deceased_holder" else ("owner", "developer", "unit")
        everyone, deciding = holdings.of(home.dwelling_id, *kinds)
    return Entry(home.dwelling_id, head_of(everyone), deciding, area, home.tenure)
