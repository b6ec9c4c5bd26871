"""What an indicator counts: its cases, one by one, by a few formulas that the registry names.

``share`` of buildings, dwellings, staircases, estates, streets, blocks or requests of which something holds; ``reach``:
share of people who walk to facilities within some metres; ``per``: a quantity per person or dwelling. What is provided
to whole places is in :mod:`hutong.sense.provision`. Unknown cases stay NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from hutong.city.snapshot import OBSERVED
from hutong.sense.cells import cells, holds, observed
from hutong.sense.ground import Cases, Ground
from hutong.sense.places import Where
from hutong.sense.provision import cover, gap, not_mapped, served, total
from hutong.sense.results import Indicator
from hutong.text import Text

NOTHING_MAPPED = Text("地图上没有这类设施；地图可能不全", "none is mapped; the map may be incomplete")
NO_STREETS = Text("没有街道网络", "there is no street network")


def make_cases(ground: Ground, indicator: Indicator) -> Cases:
    """Return the cases of an indicator."""
    (name, spec), *_ = indicator.compute.items()
    if name == "per":
        return _per(ground, spec, indicator.standard or 0.0)
    forms = {"share": _share, "reach": _reach, "served": served, "cover": cover, "gap": gap, "total": total}
    return forms[name](ground, spec)


def _share(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    city, table = ground.city, spec["of"]
    form = next(name for name in ("fails", "lacks", "meets") if name in spec)
    test = spec[form]
    truth = holds(city, table, test)
    if form == "lacks":
        truth = 1.0 - truth
    scope = holds(city, table, spec.get("where", {}))
    truth = np.where(np.isnan(scope), np.nan, truth)
    # A request stands for the one person who made it.
    people = np.ones(len(truth)) if table == "requests" else ground.people("residents", table)
    by = spec.get("by")
    weight = np.ones(len(truth)) if by is None else ground.people(by, table)
    failing = truth == (0 if form == "meets" else 1)
    if table in ("dwellings", "staircases"):
        building = city.positions(table, "building_id")
    else:
        building = np.arange(len(truth)) if table == "buildings" else np.full(len(truth), -1)
    # The use of a building decides whether it is counted, not what was found there.
    read = {**test, **{name: want for name, want in spec.get("where", {}).items() if name != "use"}}
    cases = Cases(
        where=ground.where(table),
        top=truth * weight,
        bottom=np.where(np.isnan(truth), np.nan, weight),
        observed=observed(city, table, read).astype(np.float64),
        failing=failing & ~np.isnan(weight) & (weight > 0),
        people=people if by is None else weight,
        building=building,
        case=np.ones(len(truth), bool),
    )
    return cases.keep(np.flatnonzero((scope != 0) & (weight != 0)))


def _reach(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    city = ground.city
    who = ground.people(spec["who"])
    served = np.ones(len(who))
    seen = city.coverage("streets", "geometry") if len(city["streets"]) else 0.0
    why = None if len(city["streets"]) else NO_STREETS
    for group in spec["kinds"]:
        near, group_seen, group_why = _near(ground, [group] if isinstance(group, str) else list(group), spec)
        served = np.where((served == 0) | (near == 0), 0.0, served * near)
        seen, why = min(seen, group_seen), why or group_why
    if why is not None:
        # Those who lack something else as well would be known not to be served: a share of them alone misleads.
        served[:] = np.nan
    cases = Cases(
        where=ground.where("buildings"),
        top=served * who,
        bottom=np.where(np.isnan(served), np.nan, who),
        observed=(city.origin("buildings", "geometry") == OBSERVED) * seen,
        failing=(served == 0) & (who > 0),
        people=who,
        building=np.arange(len(who)),
        case=np.ones(len(who), bool),
        unknown_why=why,
    )
    return cases.keep(np.flatnonzero((ground.homes > 0) & (who != 0)))


def _near(ground: Ground, names: list[str], spec: Mapping[str, Any]) -> tuple[np.ndarray, float, Text | None]:
    """Return who is near one of some kinds (1, 0, NaN), the share of these observed, and why nothing is known.

    The first kind is the one that is meant, the others may stand in for it: where the map shows none of the
    first, it says nothing. A facility of an ``unsure`` kind may be what is asked for, or not.
    """
    access, facilities = ground.access, ground.city["facilities"]
    kinds = facilities["kind"].to_numpy(dtype=object)

    def within(some: list[str]) -> np.ndarray:
        columns = [access.kinds.index(name) for name in some]
        return np.asarray((access.distance[:, columns] <= spec["metres"]).any(axis=1))

    near = within(names).astype(np.float64)
    near[(near == 0) & within(spec.get("unsure", {}).get(names[0], []))] = np.nan
    there = np.isin(kinds, names)
    seen = ground.city.origin("facilities", "geometry") == OBSERVED
    if ground.mapped and not (kinds == names[0]).any():
        return near, 0.0, not_mapped(names[0])
    return near, float(seen[there].mean()) if there.any() else 0.0, None


def _per(ground: Ground, spec: Mapping[str, Any], standard: float) -> Cases:
    city, table = ground.city, spec["of"]
    scope = holds(city, table, spec.get("where", {}))
    amount = cells(city, table, spec["sum"])
    own = Cases(
        where=ground.where(table),
        top=np.where(np.isnan(scope), np.nan, amount.values * spec.get("times", 1.0)),
        bottom=np.zeros(len(scope)),
        observed=(amount.origin == OBSERVED).astype(np.float64),
        failing=np.zeros(len(scope), bool),
        people=np.zeros(len(scope)),
        building=np.full(len(scope), -1),
        case=np.ones(len(scope), bool),
    )
    if table == "estates":  # an estate's amount is for the estate's own homes
        at = ground.where("dwellings").estate
        homes = np.bincount(at[at >= 0], minlength=len(scope)).astype(np.float64)
        bottom = homes if spec["per"] == "dwellings" else ground.people(spec["per"], "estates")
        short = np.array(own.top < standard * bottom)
        estates = replace(own, bottom=bottom, failing=short, people=ground.people("residents", "estates"))
        return estates.keep(np.flatnonzero((scope != 0) & (bottom > 0)))
    own = own.keep(np.flatnonzero(scope != 0))
    nothing = not len(own.top) and ground.mapped
    people = ground.people("residents")
    bottom = ground.homes if spec["per"] == "dwellings" else ground.people(spec["per"])
    rows = np.flatnonzero((ground.homes > 0) & ~np.isnan(bottom))
    where = ground.where("buildings")
    both = Where(
        np.concatenate([own.where.estate, where.estate[rows]]),
        np.concatenate([own.where.block, where.block[rows]]),
    )
    blank = np.zeros(len(rows))
    return Cases(
        where=both,
        top=np.concatenate([own.top, np.full(len(rows), np.nan) if nothing else blank]),
        bottom=np.concatenate([own.bottom, bottom[rows]]),
        observed=np.concatenate([own.observed, blank]),
        failing=np.concatenate([own.failing, blank == 0]),
        people=np.concatenate([own.people, people[rows]]),
        building=np.full(len(own.top) + len(rows), -1),
        case=np.concatenate([own.case, blank != 0]),
        unknown_why=NOTHING_MAPPED if nothing else None,
        least=True,
    )
