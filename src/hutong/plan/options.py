"""All options of a quarter: every object × package × offer, with its money, its people and its floor area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.plan.acceptance import Answer, Ask, answers, household_gains
from hutong.plan.catalogue import Offer, load_assumptions, load_offers
from hutong.plan.condition import evaluate
from hutong.plan.draft import Draft
from hutong.plan.money import LINES, PUBLIC, paid_by
from hutong.plan.objects import ESTATE, KINDS, Objects
from hutong.plan.packages import offered_sets
from hutong.plan.payments import option_amounts
from hutong.plan.results import Measure
from hutong.rules import Rules

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
#: Fields of :class:`Options` that have one row per option, beside the answer.
_COLUMNS = (
    "object", "packages", "offer", "quantity", "capital", "amounts", "operated", "floor_before", "floor_after",
    "demolished", "leaving", "rehoused", "spare_floor",
)  # fmt: skip
#: Most packages kept per object; each comes on up to four offers.
MOST_PACKAGES = 20


@dataclass(frozen=True)
class Options:
    """One row per option; see the fields for shapes (n options, m measures)."""

    objects: Objects
    measures: tuple[Measure, ...]
    offers: tuple[Offer, ...]
    object: Ints
    packages: Bools  # (n, m)
    offer: Ints
    quantity: Floats  # (n, m) units done
    capital: Floats  # (n, m) yuan
    amounts: Floats  # (n, lines) yuan, whole
    operated: Bools  # (n, m) whose running and income the operator has
    answer: Answer
    floor_before: Floats
    floor_after: Floats
    demolished: Floats
    leaving: Floats  # households that leave their home for good
    rehoused: Floats  # of those, who move within the quarter
    spare_floor: Floats  # restored floor left after rehousing, m²
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return self.object.size

    def joined(self, other: Options) -> Options:
        """Return these options and others of the same objects, measures and offers below them."""
        cut = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _COLUMNS}
        a, b = self.answer, other.answer
        answer = Answer(
            np.r_[a.acceptance, b.acceptance],
            np.r_[a.pass_probability, b.pass_probability],
            np.concatenate([a.net_yuan, b.net_yuan]),
            np.r_[a.gain_yuan, b.gain_yuan],
        )
        return Options(self.objects, self.measures, self.offers, **cut, answer=answer, left_out=self.left_out)

    def keep(self, mask: Bools | Ints, left_out: Mapping[str, int]) -> Options:
        """Return the options marked (or at these rows), with the counts of those left out and why."""
        cut = {name: getattr(self, name)[mask] for name in _COLUMNS}
        a = self.answer
        answer = Answer(a.acceptance[mask], a.pass_probability[mask], a.net_yuan[mask], a.gain_yuan[mask])
        return Options(
            self.objects,
            self.measures,
            self.offers,
            **cut,
            answer=answer,
            left_out={**self.left_out, **left_out},
        )

    def has(self, measure: str) -> Bools:
        """Return which options hold a measure."""
        at = [m.id for m in self.measures].index(measure)
        return self.packages[:, at]

    def package_ids(self) -> list[str]:
        """Return each package as measure ids joined by ``+``."""
        names = [m.id for m in self.measures]
        return ["+".join(names[i] for i in np.flatnonzero(row)) for row in self.packages]


def build_options(
    objects: Objects,
    measures: Sequence[Measure],
    rules: Rules,
    seed: int,
    most_packages: int = MOST_PACKAGES,
    settled: Callable[[Options], Options] | None = None,
) -> Options:
    """Return every option that may lawfully be offered and is likely to be agreed to.

    Left out, and counted: what heritage, old-city, height or reserved-land rules forbid, what needs more idle
    floor than there is, and what its tally is predicted to pass too rarely (``pass_probability_min``); ``settled`` puts
    what has been decided in the place of predictions first.
    """
    measures, offers = tuple(measures), load_offers()
    row, packages, offer = _combine(objects, measures, offers, most_packages)
    draft = Draft(objects, measures, offers, row, packages, offer)
    allowed, left_out = lawful(draft, rules)
    draft = Draft(objects, measures, offers, row[allowed], packages[allowed], offer[allowed])
    options = value_options(draft, rules, seed, left_out)
    if settled is not None:
        options = settled(options)
    likely = options.answer.pass_probability >= load_assumptions()["pass_probability_min"].value
    return options.keep(likely, {"consent": int((~likely).sum())})


def value_options(
    draft: Draft, rules: Rules, seed: int, left_out: Mapping[str, int], gains: Floats | None = None
) -> Options:
    """Return drafts with their money and the answer of the people, whatever it is.

    Parameters
    ----------
    draft
        Rows in the order of their objects.
    gains
        What :func:`household_gains` gives for its objects and measures, where it is at hand.
    """
    objects, measures = draft.objects, draft.measures
    money = option_amounts(draft, rules)
    answer = _ask(draft, rules, seed, gains)
    flags = np.array([m.demolishes for m in measures])
    factor = np.array([m.floor_factor for m in measures])
    demolished = (draft.quantity * (draft.packages & flags)).sum(axis=1)
    rebuilt = (draft.quantity * np.where(draft.packages & flags, factor, 0.0)).sum(axis=1)
    estate = objects.kind[draft.row] == ESTATE
    before = np.where(estate, demolished, objects["floor_area_m2"][draft.row])
    return Options(
        objects, measures, draft.offers, draft.row, draft.packages, draft.offer, draft.quantity, draft.capital, money,
        draft.operated, answer, before, before - demolished + rebuilt, demolished, draft.leaving, draft.rehoused,
        draft.spare_floor, left_out,
    )  # fmt: skip


def _combine(
    objects: Objects, measures: tuple[Measure, ...], offers: tuple[Offer, ...], most: int
) -> tuple[Ints, Bools, Ints]:
    """Return object row, package and offer of every option, before any limit."""
    rows, packages, picks = [], [], []
    gains = household_gains(objects, measures)
    worth_of = np.zeros((len(objects), len(measures)))
    np.add.at(worth_of, objects.households.object, np.maximum(gains, 0))
    np.add.at(worth_of, objects.households.estate, np.maximum(gains, 0))
    for code, kind in enumerate(KINDS):
        at = np.array([i for i, m in enumerate(measures) if m.applies_to == kind], int)
        members = np.flatnonzero(objects.kind == code)
        if not at.size or not members.size:
            continue
        columns = {name: values[members] for name, values in objects.columns.items()}
        applies = np.column_stack([evaluate(measures[i].condition, columns) for i in at])
        units = np.column_stack([np.nan_to_num(columns[measures[i].quantity]) for i in at])
        applies &= units > 0
        cost = units * np.array([max(measures[i].capital, 1.0) for i in at])
        local, kept = offered_sets(
            [measures[i] for i in at], applies, worth_of[np.ix_(members, at)], cost, most
        )
        full = np.zeros((local.size, len(measures)), bool)
        full[:, at] = kept
        for use, mask in _uses(full, measures, kind).items():
            choices = [i for i, o in enumerate(offers) if o.use == use]
            parts = [(mask, choices)]
            if use == "estate":
                many = mask & _operable(full, measures)
                parts = [
                    (many, [i for i in choices if offers[i].carrier != "public"]),
                    (mask & ~many, [i for i in choices if offers[i].carrier == "public"]),
                ]
            for chosen, list_of in parts:
                count = int(chosen.sum())
                rows.append(np.repeat(members[local[chosen]], len(list_of)))
                packages.append(np.repeat(full[chosen], len(list_of), axis=0))
                picks.append(np.tile(np.array(list_of, int), count))
    if not rows:
        return np.empty(0, int), np.empty((0, len(measures)), bool), np.empty(0, int)
    row, package, pick = np.concatenate(rows), np.concatenate(packages), np.concatenate(picks)
    order = np.argsort(row, kind="stable")
    return row[order], package[order], pick[order]


def _uses(packages: Bools, measures: tuple[Measure, ...], kind: str) -> dict[str, Bools]:
    """Return which packages are put under which kind of offer."""
    everything = np.ones(len(packages), bool)
    if kind == "estate":
        return {"estate": everything}
    surrender = packages @ np.array([m.matter == "surrender" for m in measures])
    paid = packages @ np.array([m.owners_pay for m in measures])
    return {"surrender": surrender, "household": paid & ~surrender, "free": ~paid & ~surrender}


def _operable(packages: Bools, measures: tuple[Measure, ...]) -> Bools:
    return np.asarray(packages @ np.array([m.operator_may for m in measures]))


def lawful(draft: Draft, rules: Rules) -> tuple[Bools, dict[str, int]]:
    """Return which options no rigid rule forbids, and how many each rule takes out."""
    objects, row = draft.objects, draft.row
    tears = (draft.packages & np.array([m.demolishes for m in draft.measures])).any(axis=1)
    factor = np.array([m.floor_factor if m.demolishes else 0.0 for m in draft.measures])
    builds = (draft.packages & (factor > 0)).any(axis=1)
    high = objects["height_m"][row] * np.where(builds, (draft.packages * factor).max(axis=1, initial=0), 1.0)
    old = objects["old_city"][row] == 1
    protected = objects["protected"][row] == 1
    cap = np.fmin(objects["height_cap_m"][row], rules.number("height.residential_max_m"))
    raised = builds & (high > objects["height_m"][row])
    taken = draft.packages @ np.array([m.space_m2 for m in draft.measures])
    rest = (draft.packages & np.array([m.takes_rest for m in draft.measures])).any(axis=1)
    idle = np.nan_to_num(objects["idle_m2"][row])
    broken = {
        "old_city": tears & old & rules.forbids("old_city.demolition_allowed"),
        "heritage": tears & protected,
        "height": raised & (high > cap),
        "reserved": builds & (objects["reserved"][row] == 1),
        "idle_floor": (taken > idle) | (rest & (idle - taken < 50)),
    }
    if "old_city.exempt_demolition_allowed" in rules and rules.flag("old_city.exempt_demolition_allowed"):
        exempt = (objects["cond_structure"][row] >= 4) | (objects.kind[row] == ESTATE)
        broken["old_city"] &= ~exempt
    out, counts = np.ones(row.size, bool), {}
    for name, mask in broken.items():
        counts[name] = int((out & mask).sum())
        out &= ~mask
    return out, counts


def _ask(draft: Draft, rules: Rules, seed: int, gains: Floats | None = None) -> Answer:
    """Ask the people of every object about its options."""
    return answers(draft.objects, draft.measures, asks_of(draft), draft.row.size, rules, seed, gains)


def asks_of(draft: Draft) -> list[Ask]:
    """Return what drafts ask of the people of each object."""
    lift, other = draft.owner_due()
    owned = 1 - np.nan_to_num(draft.objects["leased_share"][draft.row])
    units = np.column_stack([np.nan_to_num(draft.objects[m.quantity]) for m in draft.measures])[draft.row]
    applying = draft.quantity / np.maximum(units, 1e-9)
    weight = np.where(draft.flag("voluntary"), applying, draft.packages.astype(float))
    starts = np.flatnonzero(np.diff(draft.row, prepend=-1))
    return [
        Ask(
            int(draft.row[at[0]]), at, draft.packages[at], weight[at], (lift * owned)[at], (other * owned)[at]
        )
        for at in np.split(np.arange(draft.row.size), starts[1:])
        if at.size
    ]


def asks_by(chosen: Options) -> list[Ask]:
    """Return what chosen options (one per object, in the order of their objects) ask of the people of each object."""
    o = chosen
    return asks_of(Draft(o.objects, o.measures, o.offers, o.object, o.packages, o.offer))


def option_table(options: Options) -> pd.DataFrame:
    """Return the options as a table a planner can filter: one row each, money in yuan."""
    o, objects = options, options.objects
    payers = (*PUBLIC, "owners", "maintenance_fund", "owner_unit", "operator")
    paid = {p: o.amounts @ paid_by(p) for p in payers}
    works = np.array([float(x.name == "works") for x in LINES])
    names = np.array(objects.ids, object)
    kinds = np.where(objects["named"] == 0, "block", np.array([*KINDS], object)[objects.kind])
    building = np.array(
        [i if b >= 0 else None for i, b in zip(objects.ids, objects.building, strict=True)], object
    )
    return pd.DataFrame(
        {
            "object_id": names[o.object],
            "object_kind": kinds[o.object],
            "name": np.array(objects.names, object)[o.object],
            "building_id": building[o.object],
            "package": o.package_ids(),
            "offer": np.array([x.id for x in o.offers], object)[o.offer],
            "capital_yuan": o.amounts @ works,
            "public_yuan": sum(paid[p] for p in PUBLIC),
            "owner_yuan": paid["owners"] + paid["maintenance_fund"],
            "owner_unit_yuan": paid["owner_unit"],
            "operator_yuan": paid["operator"],
            "people": objects["people"][o.object],
            "dwellings": objects["dwellings"][o.object],
            "acceptance": o.answer.acceptance,
            "pass_probability": o.answer.pass_probability,
            "floor_before_m2": o.floor_before,
            "floor_after_m2": o.floor_after,
            "demolished_m2": o.demolished,
            "leaving": np.where(
                o.has("lease_surrender"),
                o.leaving / np.maximum(np.nan_to_num(objects["leases"][o.object]), 1),
                np.nan,
            ),
        }
    )
