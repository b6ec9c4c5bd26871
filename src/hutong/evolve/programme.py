"""A scheme as a programme of projects: who is asked, what it costs, what it mends, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.programme_money import city_part, operator_returns, yearly_cost
from hutong.plan import load_measures
from hutong.plan.money import PUBLIC, before_loan
from hutong.plan.results import Measure, Scheme
from hutong.text import Text

#: What consent a project needs. A package is put to one vote under the strictest matter in it (the later the
#: stricter); surrender is each tenant's own affair and rules only a package that holds nothing to vote on.
MATTERS = ("none", "ordinary", "special", "signing", "surrender")
CONDITION_GRADES = ("cond_structure", "cond_envelope", "cond_pipes", "cond_fire")
#: Share of the gap in services that one measure for a whole estate closes. Our assumption.
AMENITY_GAIN = 0.08
#: The dwelling whose benefit counts as the most a quarter could gain on average, in order of benefit. Ours.
BEST = 0.9


@dataclass(frozen=True)
class Programme:
    """Projects (P) in the order in which the office takes them up; buildings as places in the kernel's order."""

    object_id: tuple[str, ...]
    member_ptr: np.ndarray  # uint32 (P + 1,)
    member: np.ndarray  # uint32
    matter: np.ndarray  # int8 (P,) place in MATTERS
    private: np.ndarray  # uint8 (P,)
    public_yuan: np.ndarray
    upkeep: np.ndarray  # public yuan a year in operation
    capital_yuan: np.ndarray
    acceptance: np.ndarray  # share in favour of what is voted on
    leave: np.ndarray  # share of tenants who surrender; NaN: none offered
    disruption: np.ndarray
    condition_gain: np.ndarray
    service_gain: np.ndarray
    value_gain: np.ndarray  # (P, 3)
    budget: np.ndarray
    city_yuan: np.ndarray  # part of public_yuan that the city pays
    outlay: np.ndarray  # what the operator puts in
    income: np.ndarray  # what the operator nets a year in operation
    rate: np.ndarray  # internal rate of the operator's payments; −1: none
    unit_return: float  # the same for the whole unit
    floor: np.ndarray  # (2, P) floor area before and after


def read_programme(city: City, scheme: Scheme, buildings: np.ndarray) -> Programme:
    """Return the projects of a scheme; those that touch no inhabited building are left out.

    Parameters
    ----------
    buildings
        Row positions in ``buildings`` of the inhabited buildings, in the kernel's order.

    Raises
    ------
    HutongError
        ``scheme-of-another-city`` for an object that the city does not have; ``unknown-measure`` for a package
        with a measure that is not in the catalogue.
    """
    measures = {m.id: m for m in load_measures()}
    choices = scheme.choices
    benefit = choices[[f"benefit_{b}" for b in ("economic", "social", "ecological", "cultural")]].to_numpy(
        float
    )
    worth = np.nan_to_num(benefit).sum(axis=1) / np.maximum(choices["capital_yuan"].to_numpy(float), 1.0)
    order = np.lexsort((choices["object_id"].to_numpy(str), -worth))
    rows = choices.iloc[order]
    members = [
        _members(city, buildings, row)
        for row in rows[["object_id", "object_kind", "building_id"]].itertuples(index=False)
    ]
    keep = np.array([len(m) > 0 for m in members], bool)
    rows = rows[keep]
    members = [m for m in members if len(m)]
    packages = [_package(str(p), measures) for p in rows["package"]]
    given, leaving = rows["acceptance"].to_numpy(float), rows["leaving"].to_numpy(float)
    matter = np.array([_matter(p) for p in packages], np.int8)
    offered = np.array([any(m.matter == "surrender" for m in p) for p in packages], bool)
    take_up = np.where(matter == MATTERS.index("surrender"), 1.0, np.nan_to_num(leaving))
    gains = [
        _gains(city, buildings[m], package, share)
        for m, package, share in zip(members, packages, take_up, strict=True)
    ]
    size = np.bincount(city.positions("dwellings", "building_id"), minlength=len(city["buildings"]))[
        buildings
    ]
    ids = tuple(rows["object_id"].astype(str))
    public = rows["public_yuan"].fillna(0).to_numpy(float).clip(min=0)
    rate, unit_return = operator_returns(scheme.flows, ids)
    return Programme(
        object_id=ids,
        member_ptr=np.cumsum([0, *(len(m) for m in members)]).astype(np.uint32),
        member=np.concatenate([*members, np.empty(0, np.int64)]).astype(np.uint32),
        matter=matter,
        private=(rows["operator_yuan"].fillna(0).to_numpy(float) > 0).astype(np.uint8),
        public_yuan=public,
        upkeep=yearly_cost(scheme.flows, rows, PUBLIC),
        capital_yuan=rows["capital_yuan"].fillna(0).to_numpy(float).clip(min=0),
        acceptance=given,
        leave=np.where(offered, leaving, np.nan),
        disruption=np.array([max(m.disruption for m in p) for p in packages]),
        condition_gain=np.array([g[0] for g in gains]),
        service_gain=np.array([g[1] for g in gains]),
        value_gain=_value_gains(rows, members, size),
        budget=np.zeros(0),
        city_yuan=city_part(scheme.flows, ids, public),
        outlay=rows["operator_yuan"].fillna(0).to_numpy(float).clip(min=0),
        income=-yearly_cost(before_loan(scheme.flows), rows, ("operator",)),
        rate=rate,
        unit_return=unit_return,
        floor=rows[["floor_before_m2", "floor_after_m2"]].fillna(0).to_numpy(float).T.copy(),
    )


def _members(city: City, buildings: np.ndarray, row: Sequence[str]) -> np.ndarray:
    """Return the places of the inhabited buildings that an object covers."""
    object_id, kind, building_id = row
    if kind in ("estate", "block"):
        place = pd.Index(city[f"{kind}s"][f"{kind}_id"]).get_indexer([object_id])[0]
        if place < 0:
            raise _foreign(object_id)
        plot = city.positions("buildings", "plot_id")[buildings]
        inside = city.positions("plots", f"{kind}_id")[plot] == place
        if kind == "block":  # its estates are objects of their own
            inside &= city.positions("plots", "estate_id")[plot] < 0
        return np.flatnonzero(inside)
    position = pd.Index(city["buildings"]["building_id"]).get_indexer([building_id])[0]
    if position < 0:
        raise _foreign(str(building_id))
    return np.flatnonzero(buildings == position)


def _package(package: str, measures: dict[str, Measure]) -> tuple[Measure, ...]:
    ids = package.split("+")
    unknown = [i for i in ids if i not in measures]
    if unknown:
        raise HutongError(
            "unknown-measure",
            Text(
                f"措施目录中没有：{'、'.join(unknown)}。",
                f"Not in the catalogue of measures: {', '.join(unknown)}.",
            ),
            Text(
                "请用同一版本的措施目录重新生成方案。",
                "Make the scheme again with this version of the catalogue.",
            ),
        )
    return tuple(measures[i] for i in ids)


def _matter(package: tuple[Measure, ...]) -> int:
    """Return the strictest matter to vote on; surrender where nothing else is in the package but what follows it."""
    common = [MATTERS.index(m.matter) for m in package if not _personal(m, package)]
    return max(common) if common else MATTERS.index("surrender")


def _personal(measure: Measure, package: tuple[Measure, ...]) -> bool:
    """Return whether a measure is surrender, or is done only where a lease was surrendered."""
    leaving = {m.id for m in package if m.matter == "surrender"}
    return measure.id in leaving or bool(leaving & set(measure.requires))


def _gains(city: City, rows: np.ndarray, package: tuple[Measure, ...], take_up: float) -> tuple[float, float]:
    """Return which share of the gap to 1 the package closes, in condition and in services.

    Condition: the grades of the buildings after the measures' effects, limited to A. Services: access grade,
    insulation, lift, own kitchen and toilet, each a quarter; a measure for a whole estate AMENITY_GAIN each. What
    is done only in surrendered rooms counts by the predicted share that leaves (``take_up``).
    """
    weight = {m.id: take_up if _personal(m, package) else 1.0 for m in package}
    table = city["buildings"].iloc[rows]
    before, after = [], []
    for grade in CONDITION_GRADES:
        given = table[grade].to_numpy(float)
        change = sum(weight[m.id] * m.effects.get(grade, 0.0) for m in package)
        before.append(given)
        after.append(np.clip(given + change, 1.0, 4.0))
    gap = np.nansum(np.array(before) - 1.0)
    condition = np.nansum(np.array(before) - np.array(after)) / gap if gap > 0 else 0.0
    service = 0.25 * sum(
        max((weight[m.id] for m in package if name in m.effects), default=0.0)
        for name in ("insulated", "lift", "own_toilet")
    )
    access = -sum(weight[m.id] * m.effects.get("cond_access", 0.0) for m in package)
    service += 0.25 * min(max(access, 0.0) / 3.0, 1.0)
    if all(m.applies_to == "estate" for m in package):
        service += 1.0 - (1.0 - AMENITY_GAIN) ** len(package)
    return float(condition), float(np.clip(service, 0.0, 1.0))


def _value_gains(rows: pd.DataFrame, members: list[np.ndarray], size: np.ndarray) -> np.ndarray:
    """Return what each project adds to economic, ecological and cultural value, as a share of the most there is.

    The most is what would come if every dwelling gained as much as one at the ninth tenth of all dwellings does
    under the whole scheme (at the best-served one, where fewer than a tenth gain anything).
    """
    homes = np.array([size[m].sum() for m in members], float)
    out = np.zeros((len(members), 3))
    for k, name in enumerate(("economic", "ecological", "cultural")):
        benefit = rows[f"benefit_{name}"].fillna(0).to_numpy(float).clip(min=0)
        each = np.zeros(len(size))
        for member, total, n in zip(members, benefit, homes, strict=True):
            each[member] += total / n
        best = float(np.quantile(np.repeat(each, size), BEST)) or float(each.max(initial=0.0))
        if best > 0:
            out[:, k] = benefit / (best * size.sum())
    return out


def _foreign(object_id: str) -> HutongError:
    return HutongError(
        "scheme-of-another-city",
        Text(
            f"城市快照里没有方案所指的 {object_id}。",
            f"The scheme names {object_id}, which this city does not have.",
        ),
        Text(
            "请用同一个快照生成方案再推演。", "Make the scheme from the same snapshot, then run it forward."
        ),
    )
