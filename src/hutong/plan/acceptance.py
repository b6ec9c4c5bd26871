"""How households are predicted to decide on an offer, and whether the real tally would then pass.

The model is the logit written down in ``acceptance.yaml``; the tally is :mod:`hutong.agree`, the same that
counts a real vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.agree.probability import pass_probability_groups
from hutong.agree.rule import SIGNING, Rule, consent_rule, signing_rule
from hutong.plan.catalogue import load_acceptance
from hutong.plan.objects import COURTYARD, TENURES, Objects
from hutong.plan.results import Measure
from hutong.rules import Rules

Floats = NDArray[np.float64]
#: Matters from the lightest to the strictest; a package is put to the vote under its strictest.
STRICTNESS = ("none", "ordinary", "special", "signing")
#: Owner units draw their luck from keys above those of dwellings.
_UNIT_KEY = 1 << 31


@dataclass(frozen=True)
class Ask:
    """What the options of one object ask of its people.

    ``packages`` has shape (options, measures), ``weight`` the share of households that each measure reaches (of a
    voluntary one, those who apply); money in yuan per option.
    """

    object: int
    options: NDArray[np.int64]
    packages: NDArray[np.bool_]
    weight: Floats
    owner_lift_yuan: Floats
    owner_other_yuan: Floats


@dataclass(frozen=True)
class Answer:
    """Per option: mean acceptance, probability that the tallies pass, and the worth of the option to each tenure.

    ``net_yuan`` has shape (options, tenures): gain − cost − trouble per household, NaN where nobody has that tenure.
    """

    acceptance: Floats
    pass_probability: Floats
    net_yuan: Floats
    gain_yuan: Floats  # all households, weighted towards the poorer


def household_gains(objects: Objects, measures: Sequence[Measure]) -> Floats:
    """Return what each measure is worth to each household, yuan once, shape (households, measures); 0 in empty homes."""
    homes, gains = objects.households, load_acceptance()["gains"]
    above = np.maximum(homes.storey - 2, 0)
    out = np.empty((homes.object.size, len(measures)))
    for column, measure in enumerate(measures):
        terms = gains[measure.id] if measure.gain is None else measure.gain
        out[:, column] = (
            terms.get("base", 0.0)
            + terms.get("elder", 0.0) * homes.elders
            + terms.get("child", 0.0) * homes.children
            + terms.get("storey", 0.0) * above
            + terms.get("storey_elder", 0.0) * above * (homes.elders > 0)
            + terms.get("lacking", 0.0) * homes.lacking
        )
        if measure.id == "lift":
            out[~homes.lift_missing, column] = 0.0
    out[~homes.occupied] = 0.0
    return out


def applying_share(
    objects: Objects, gain: Floats, cost_yuan: Floats, disruption: float, lean: float = 0.0
) -> Floats:
    """Return the share of households without own kitchen or toilet that apply for an improvement.

    Parameters
    ----------
    gain
        Shape (households,): worth to each.
    cost_yuan
        Shape (levels,): what an owner pays at each cost-share level.
    lean
        What earlier rounds taught, in the logit.

    Returns
    -------
    Shape (objects, levels); zero where nobody lacks anything.
    """
    homes, a = objects.households, load_acceptance()
    trouble = a["disruption"] * disruption * (1 + a["elder_trouble"] * homes.elders)
    pays = np.where(homes.leased[:, None], 0.0, cost_yuan[None, :])
    utility = (
        a["intercept"]["none"]
        + (a["gain"] * gain[:, None] - a["cost"] * pays) / homes.income_yuan[:, None]
        - trouble[:, None]
        + lean
    )
    p = _logistic(utility) * (homes.lacking & homes.occupied)[:, None]
    total = np.zeros((len(objects), cost_yuan.size))
    np.add.at(total, homes.object, p)
    lacking = np.bincount(homes.object, weights=homes.lacking, minlength=len(objects))
    return total / np.maximum(lacking, 1)[:, None]


def surrender_share(objects: Objects, compensation: float, near: bool, lean: float = 0.0) -> Floats:
    """Return the share of public tenants of each object that surrender at a level of the formula; ``lean`` as above."""
    homes, a = objects.households, load_acceptance()["surrender"]
    level = a["near"] if near else a["intercept"] + a["level"] * np.log(compensation)
    p = _logistic(level + lean + a["crowded"] * homes.lacking - a["elder"] * homes.elders)
    may = homes.may_surrender
    total = np.bincount(homes.object, weights=p * may, minlength=len(objects))
    return total / np.maximum(np.bincount(homes.object, weights=may, minlength=len(objects)), 1)


def _chance_of_yes(
    objects: Objects, rows: NDArray[np.int64], base: Floats, gain: Floats, cost: Floats, trouble: Floats
) -> Floats:
    """Return the chance that each household of ``rows`` says yes, shape (households, options); ``base`` in the logit."""
    a, homes = load_acceptance(), objects.households
    tenure = np.array([a["tenure"][t] for t in TENURES])[homes.tenure[rows]]
    return _logistic(
        base + (a["gain"] * gain - a["cost"] * cost) / homes.income_yuan[rows][:, None]
        - a["disruption"] * trouble + tenure[:, None]
    )  # fmt: skip


def _logistic(utility: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-utility))


class _Rolls:
    """Collects the heads of many rolls under one rule, to count them all at once."""

    def __init__(self) -> None:
        self.options: list[NDArray[np.int64]] = []
        self.heads: list[tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats, NDArray[np.int64]]] = []
        self.size = 0

    def add(
        self,
        options: NDArray[np.int64],
        area: NDArray[np.int64],
        p: Floats,
        part: Floats,
        keys: NDArray[np.int64],
    ) -> None:
        """Add one roll per option; ``p`` has shape (heads, options)."""
        if area.size == 0 or options.size == 0:
            return
        k = options.size
        group = np.tile(np.arange(k), area.size) + self.size
        self.heads.append((group, np.repeat(area, k), p.ravel(), np.repeat(part, k), np.repeat(keys, k)))
        self.options.append(options)
        self.size += k

    def multiply(self, into: Floats, rule: Rule, draws: int, seed: int) -> None:
        """Multiply each option's probability by that of its rolls under ``rule``."""
        if not self.size:
            return
        group, area, p, part, keys = (np.concatenate(column) for column in zip(*self.heads, strict=True))
        share = pass_probability_groups(
            group, area, p, part, self.size, rule, draws, seed=seed, entities=keys
        )
        np.multiply.at(into, np.concatenate(self.options), share)


def answers(
    objects: Objects,
    measures: Sequence[Measure],
    asks: Sequence[Ask],
    options: int,
    rules: Rules,
    seed: int,
    gains: Floats | None = None,
) -> Answer:
    """Return the predicted answer to every option.

    A package is put to one vote of the object's owners under the strictest matter in it (an owner unit is one
    head for the homes it still owns); a lift is voted per staircase, by those who live there; tenants of owner units
    are asked for their willingness. Rolls of one option are taken as independent, which can only understate the
    chance that all pass (they are positively associated).
    """
    a = load_acceptance()
    gains = household_gains(objects, measures) if gains is None else gains
    rolls = {name: _Rolls() for name in (*STRICTNESS[1:], "willingness")}
    acceptance, passing = np.ones(options), np.ones(options)
    net = np.full((options, len(TENURES)), np.nan)
    gain_all = np.zeros(options)
    homes = objects.households
    by_object = _slices(homes.object, len(objects))
    by_estate = _slices(homes.estate, len(objects))
    for ask in asks:
        estate = objects.building[ask.object] < 0
        rows = (by_estate if estate else by_object)[ask.object]
        choice = _Choice.of(objects, measures, gains, rows, ask)
        here = homes.occupied[rows]
        acceptance[ask.options] = choice.p[here if here.any() else ~here].mean(axis=0)
        net[ask.options] = choice.net_by_tenure()
        gain_all[ask.options] = choice.weighted_gain()
        choice.enrol(rolls, objects, ask)
    draws = int(a["draws"])
    for matter in STRICTNESS[1:]:
        rule = consent_rule(rules, matter)
        if rule is not None:
            rolls[matter].multiply(passing, rule, draws, seed)
    if SIGNING["willingness"] in rules:  # elsewhere no law asks for a share of the willing
        rolls["willingness"].multiply(passing, signing_rule(rules, "willingness"), draws, seed)
    return Answer(acceptance, passing, net, gain_all)


@dataclass(frozen=True)
class Households:
    """What asks bring to and take from each household, yuan once, shape (households,): expected where it is voluntary.

    ``trouble`` is disruption in [0, 1] and above, weighted for the old. ``asked`` marks who lives where something is done.
    """

    gain: Floats
    cost: Floats
    trouble: Floats
    asked: NDArray[np.bool_]

    @property
    def net_yuan(self) -> Floats:
        """Gain less cost less what the trouble is worth."""
        return np.asarray(self.gain - self.cost - load_acceptance()["trouble_yuan"] * self.trouble)


@dataclass(frozen=True)
class Effect:
    """What one option does to the households ``rows`` of its object, yuan once; and how it is put to them.

    ``matter`` is the place of its strictest matter in :data:`STRICTNESS`, ``lean`` what earlier rounds taught, in the logit.
    """

    rows: NDArray[np.int64]
    gain: Floats
    cost: Floats
    trouble: Floats
    matter: int
    lean: float


def effects_of(
    objects: Objects, measures: Sequence[Measure], asks: Sequence[Ask], gains: Floats | None = None
) -> list[Effect]:
    """Return what asks with one option each do; an effect depends on its own ask alone."""
    gains, homes = household_gains(objects, measures) if gains is None else gains, objects.households
    by_object, by_estate = _slices(homes.object, len(objects)), _slices(homes.estate, len(objects))
    codes = np.array([STRICTNESS.index(m.matter) if m.matter in STRICTNESS else 0 for m in measures])
    leans = np.array([m.lean for m in measures])
    out = []
    for ask in asks:
        rows = (by_estate if objects.building[ask.object] < 0 else by_object)[ask.object]
        choice = _Choice.of(objects, measures, gains, rows, ask)
        matter = int(np.where(ask.packages[0], codes, 0).max())
        lean = float(ask.packages[0] @ leans)
        out.append(Effect(rows, choice.gain[:, 0], choice.cost[:, 0], choice.trouble[:, 0], matter, lean))
    return out


def added(objects: Objects, effects: Sequence[Effect]) -> Households:
    """Return what effects do to every household, its building's and its estate's together, added in their order."""
    size = objects.households.object.size
    gain, cost, trouble = np.zeros((3, size))
    out = Households(gain, cost, trouble, np.zeros(size, bool))
    for e in effects:
        out.gain[e.rows] += e.gain
        out.cost[e.rows] += e.cost
        out.trouble[e.rows] += e.trouble
        out.asked[e.rows] = True
    return out


def households_of(objects: Objects, measures: Sequence[Measure], asks: Sequence[Ask]) -> Households:
    """Return what asks with one option each (a scheme) do to every household."""
    return added(objects, effects_of(objects, measures, asks))


@dataclass(frozen=True)
class Vote:
    """A whole scheme put to one vote: of which matter, and area (cm²) and chance of being in favour of each head.

    The heads are the owners of the objects where something is done, an owner unit as one; ``in_favour`` is the chance that a
    head takes part and says yes, so that its mean is the share of the roll, not of those who take part.
    """

    matter: str
    area_cm2: NDArray[np.int64]
    in_favour: Floats


def vote_on(objects: Objects, effects: Sequence[Effect], done: Households) -> Vote | None:
    """Return how the owners would vote on a scheme as one package; None if nothing in it needs a vote.

    ``done`` is what the effects do together. All are asked under the strictest matter among them, as in :func:`answers`.
    """
    a = load_acceptance()
    lean = np.zeros(objects.households.object.size)
    for e in effects:
        if e.lean:
            lean[e.rows] += e.lean
    strictest = max((e.matter for e in effects), default=0)
    rows = np.flatnonzero(done.asked)
    if not strictest or not rows.size:
        return None
    matter = STRICTNESS[strictest]
    gain, cost, trouble = (of[rows][:, None] for of in (done.gain, done.cost, done.trouble))
    base = (a["intercept"][matter] + lean[rows])[:, None]
    p = _chance_of_yes(objects, rows, base, gain, cost, trouble)
    choice = _Choice(objects, rows, gain, cost, trouble, p, np.array([strictest]), np.zeros(1, bool))
    area, yes, part, _ = choice._heads(np.arange(rows.size), np.zeros(1, np.int64), 0, matter)
    return Vote(matter, area, yes[:, 0] * part) if area.size else None


def _slices(of: NDArray[np.int64], n: int) -> list[NDArray[np.int64]]:
    order = np.argsort(of, kind="stable")
    return np.split(order, np.searchsorted(of[order], np.arange(1, n)))


@dataclass(frozen=True)
class _Choice:
    """The households of one object before its options; arrays (households, options)."""

    objects: Objects
    rows: NDArray[np.int64]
    gain: Floats
    cost: Floats
    trouble: Floats
    p: Floats
    matter: NDArray[np.int64]  # of the package without its lift
    lift: NDArray[np.bool_]

    @classmethod
    def of(
        cls, objects: Objects, measures: Sequence[Measure], gains: Floats, rows: NDArray[np.int64], ask: Ask
    ) -> _Choice:
        a, homes = load_acceptance(), objects.households
        pays = ~homes.leased[rows]
        weight = homes.area_cm2[rows] * pays
        by_area = weight / max(weight.sum(), 1)
        storeys = np.maximum(homes.storey[rows] - 1, 0) * pays
        by_storey = storeys / storeys.sum() if storeys.sum() > 0 else by_area
        cost = (
            by_area[:, None] * ask.owner_other_yuan[None, :]
            + by_storey[:, None] * ask.owner_lift_yuan[None, :]
        )
        gain = gains[rows] @ ask.weight.T
        quiet = np.prod(np.where(ask.packages, 1 - np.array([m.disruption for m in measures]), 1.0), axis=1)
        trouble = (1 - quiet)[None, :] * (1 + a["elder_trouble"] * homes.elders[rows])[:, None]
        trouble = trouble * homes.occupied[rows][:, None]
        codes = np.array([STRICTNESS.index(m.matter) if m.matter in STRICTNESS else 0 for m in measures])
        is_lift = np.array([m.id == "lift" for m in measures])
        strictest = np.where(ask.packages, codes, 0).max(axis=1)
        lift = (ask.packages & is_lift).any(axis=1)
        rest = np.where(ask.packages & ~is_lift, codes, 0).max(axis=1)
        intercept = np.array([a["intercept"][name] for name in STRICTNESS])[strictest]
        lean = ask.packages @ np.array([m.lean for m in measures])
        p = _chance_of_yes(objects, rows, (intercept + lean)[None, :], gain, cost, trouble)
        return cls(objects, rows, gain, cost, trouble, p, rest, lift)

    def net_by_tenure(self) -> Floats:
        """Return gain − cost − trouble per household (of homes lived in) and tenure, shape (options, tenures)."""
        homes = self.objects.households
        net = self.gain - self.cost - load_acceptance()["trouble_yuan"] * self.trouble
        member = homes.tenure[self.rows][None, :] == np.arange(len(TENURES))[:, None]
        member &= homes.occupied[self.rows]
        with np.errstate(invalid="ignore"):
            return (
                (member.astype(float) @ net)
                / np.where(member.any(axis=1), member.sum(axis=1), np.nan)[:, None]
            ).T

    def weighted_gain(self) -> Floats:
        """Return the gain of all households, a yuan of a poorer one counting more (square root of income)."""
        income = self.objects.households.income_yuan[self.rows]
        middle = load_acceptance()["income_yuan"][2]
        return np.sqrt(middle / income) @ np.maximum(self.gain, 0)

    def enrol(self, rolls: dict[str, _Rolls], objects: Objects, ask: Ask) -> None:
        """Enter the rolls of every option: owners, staircases for lifts, tenants."""
        a, homes = load_acceptance(), objects.households
        leased = homes.leased[self.rows]
        everyone = np.arange(self.rows.size)
        for code, name in enumerate(STRICTNESS):
            columns = np.flatnonzero(self.matter == code)
            if code and columns.size:
                rolls[name].add(ask.options[columns], *self._heads(everyone, columns, ask.object, name))
        columns = np.flatnonzero(self.lift)
        if columns.size:
            stairs = np.where(homes.lift_missing[self.rows], homes.staircase[self.rows], -2)
            for stair in np.unique(stairs[stairs > -2]):
                members = np.flatnonzero(stairs == stair)
                rolls["special"].add(ask.options[columns], *self._heads(members, columns, ask.object, "lift"))
        columns = np.flatnonzero((self.matter > 0) | self.lift)
        tenants = np.flatnonzero(leased & homes.occupied[self.rows])
        if columns.size and tenants.size and objects.kind[ask.object] <= COURTYARD:
            keys = homes.dwelling[self.rows[tenants]]
            part = np.full(tenants.size, a["turnout_signing"])
            area = homes.area_cm2[self.rows[tenants]]
            rolls["willingness"].add(ask.options[columns], area, self.p[np.ix_(tenants, columns)], part, keys)

    def _heads(
        self, members: NDArray[np.int64], columns: NDArray[np.int64], object_row: int, matter: str
    ) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]:
        """Return area, chance of yes, turnout and keys of the heads: each owner, and each owner unit as one."""
        a, homes = load_acceptance(), self.objects.households
        rows = self.rows[members]
        own = ~homes.leased[rows]
        turnout = a["turnout_signing"] if matter in ("signing", "lift") else a["turnout"]
        area, keys = homes.area_cm2[rows][own], homes.dwelling[rows][own]
        p, part = self.p[np.ix_(members[own], columns)], np.full(own.sum(), turnout)
        units = np.unique(homes.tenure[rows][~own])
        held = np.array(
            [homes.area_cm2[rows][~own & (homes.tenure[rows] == t)].sum() for t in units], np.int64
        )
        return (
            np.concatenate([area, held]),
            np.vstack([p, np.full((units.size, columns.size), a["unit_yes"])]),
            np.concatenate([part, np.ones(units.size)]),
            np.concatenate([keys, _UNIT_KEY + object_row * len(TENURES) + units]),
        )
