"""The roll of owners: who votes on common matters, and who is asked without a vote."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.homes import Holdings, Home, holder_token, read_homes, tenures
from hutong.agree.roll_book import Entry, HeldBack, Mandate, RollBook, head_of
from hutong.city import City


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
    lines = [_line(home, held) for home in homes]
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


def _line(home: Home, holdings: Holdings | None) -> Entry | HeldBack:
    owner = tenures()[home.tenure]["owner"] if home.tenure else ""
    if owner == "":
        return HeldBack(home.dwelling_id, "tenure_unknown", home.area_cm2)
    if owner == "own":
        return HeldBack(home.dwelling_id, "own_procedure", home.area_cm2)
    if owner == "unit" and home.document != "ownership_certificate":
        return _of_unit(home, holdings)
    return _of_people(home, holdings)


def _of_unit(home: Home, holdings: Holdings | None) -> Entry | HeldBack:
    """Return the line of a public home: whatever is unclear in the lease, its owner is the managing unit."""
    named = () if holdings is None else holdings.of(home.dwelling_id, "unit")[1]
    if not named and home.unit:
        named = (holder_token("unit", home.unit),)
    if not named:
        return HeldBack(home.dwelling_id, "unit_unknown", home.area_cm2)
    if home.area_cm2 is None:
        return HeldBack(home.dwelling_id, "area_unknown", None)
    return Entry(
        home.dwelling_id, head_of(named), named, home.area_cm2, home.tenure, home.area_from, home.unit
    )


def _of_people(home: Home, holdings: Holdings | None) -> Entry | HeldBack:
    reason = {"missing": "no_title", "disputed": "disputed", "": "state_unknown"}.get(home.state)
    deceased = home.state == "deceased_holder"
    everyone: tuple[str, ...] = ()
    deciding: tuple[str, ...] = ()
    if holdings is not None:
        kinds = ("heir",) if deceased else ("owner", "developer", "unit")
        everyone, deciding = holdings.of(home.dwelling_id, *kinds)
    elif not deceased:
        everyone = deciding = (holder_token("holder", home.title_id),)
    if reason is None and not everyone:
        reason = "heirs_unnamed" if deceased else "holder_unknown"
    if reason is None and not home.deed_cm2:
        reason = "area_unknown"
    if reason is not None or not home.deed_cm2:
        return HeldBack(home.dwelling_id, str(reason), home.deed_cm2 or None)
    return Entry(home.dwelling_id, head_of(everyone), deciding, home.deed_cm2, home.tenure)
