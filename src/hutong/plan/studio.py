"""A planner's studio: a quarter is laid out once, then schemes made by hand are weighed as they are composed.

What was weighed once is kept, so that a change at one object costs one object. A review is always put together from
the same rows in the same order: it is the same whether it was reached step by step or at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.plan.acceptance import Effect, effects_of, household_gains
from hutong.plan.assemble import Given, settle
from hutong.plan.benefits import attainable_of, gather_benefits
from hutong.plan.desk import Desk
from hutong.plan.document import SchemeDocument
from hutong.plan.draft import Draft
from hutong.plan.limits import Unit
from hutong.plan.money import paid_by, value_to
from hutong.plan.needs import Reach
from hutong.plan.options import Options, asks_by, value_options
from hutong.plan.picks import Pick, doubts_of, read_picks
from hutong.plan.results import Certificate, Measure
from hutong.plan.review import Review, broken_limits, findings_table
from hutong.plan.study import Progress, calendar_of, lay_out
from hutong.rules import Justification, Rules
from hutong.sense.results import Checkup

#: The certificate of a scheme that no solver made.
BY_HAND = Certificate("by_hand", float("nan"), float("nan"), float("nan"), 0, 0, ())
_EVERY_YUAN = 0.5


class Studio:
    """A quarter laid out for composing schemes; a page may hold one and ask for a review after every change.

    ``desk`` holds every option that the planner's solver would choose from; a scheme made by hand is not bound to them.
    """

    def __init__(self, city: City, check: Checkup, rules: Rules, desk: Desk) -> None:
        self.city, self.check, self.rules, self.desk = city, check, rules, desk
        options = desk.options
        self.objects, self.measures, self.offers = options.objects, options.measures, options.offers
        self._effects: dict[Pick, Effect] = {}
        self._gains = household_gains(self.objects, self.measures)
        self._attainable = attainable_of(options, desk.benefits.raw)
        self.reach = Reach.of(self.objects, check)
        self._fresh = options.keep(np.empty(0, int), {})  # weighed here, beyond the options laid out
        packages = [tuple(np.flatnonzero(row).tolist()) for row in options.packages]
        keys = map(Pick, options.object.tolist(), packages, options.offer.tolist())
        self._row_of = {pick: i for i, pick in enumerate(keys)}  # rows of the options, then of the fresh ones

    @classmethod
    def open(
        cls,
        city: City,
        check: Checkup,
        rules: Rules,
        *,
        seed: int = 1,
        measures: Sequence[Measure] | None = None,
        progress: Progress | None = None,
    ) -> Studio:
        """Lay a quarter out: its objects, all options, and what could be attained."""
        return cls(city, check, rules, lay_out(city, check, rules, seed, progress, measures=measures))

    @property
    def weighed_beyond(self) -> int:
        """How many choices were weighed here beyond the options laid out."""
        return len(self._fresh)

    @cached_property
    def public_yuan(self) -> NDArray[np.float64]:
        """What the city and the district pay to build each option laid out (works, surrender, rehousing)."""
        return np.asarray(self.desk.options.amounts @ (paid_by("city") + paid_by("district")))

    def review(self, document: SchemeDocument) -> Review:
        """Return what a scheme does: money, consent, findings, and every limit that it passes.

        Raises
        ------
        HutongError
            ``bad-scheme`` naming each unknown object, measure or offer and each package that contradicts itself;
            ``other-city`` for a document of another snapshot; ``bonus-too-high``.
        """
        picks = read_picks(document, self.objects, self.measures, self.offers, self.city.meta)
        chosen = self.weighed(picks)
        years = document.terms.get("concession_years")
        calendar = calendar_of(self.rules)
        if years is not None:
            calendar = replace(calendar, years=int(years))
        needs = self.reach.needs(chosen)
        unit = Unit.of(self.city, chosen, needs, self.rules, calendar)
        benefits = gather_benefits(chosen, needs, self.rules, calendar.years, self._attainable)
        desk = Desk(self.city, unit, benefits, self.desk.seed)
        rows = np.arange(len(chosen))
        given = _given(document, chosen)
        surplus = self._surplus(desk, rows, given)
        scheme, report = settle(desk, document.id, document.title, rows, surplus, BY_HAND, given)
        return Review(
            document,
            scheme,
            report,
            broken_limits(unit, document.budget, surplus),
            findings_table(needs, rows, self.check),
            doubts_of(self.objects, self.measures, picks, chosen),
            tuple(picks),
        )

    def effects(self, picks: Sequence[Pick]) -> list[Effect]:
        """Return what picks do to the households, in the order of their objects; those of the scheme asked before are kept."""
        new = [p for p in picks if p not in self._effects]
        if new:
            asked = asks_by(self.weighed(new))
            fresh = effects_of(self.objects, self.measures, asked, self._gains)
            self._effects |= dict(zip(new, fresh, strict=True))
        self._effects = {p: self._effects[p] for p in picks}
        return [*self._effects.values()]

    def weighed(self, picks: Sequence[Pick]) -> Options:
        """Return the options of picks in the order of their objects, weighing those not met before."""
        laid = self.desk.options
        new = [p for p in picks if p not in self._row_of]
        if new:
            at = np.array([p.row for p in new], int)
            packages = np.zeros((len(new), len(self.measures)), bool)
            for i, p in enumerate(new):
                packages[i, list(p.measures)] = True
            offer = np.array([p.offer for p in new], int)
            draft = Draft(self.objects, self.measures, self.offers, at, packages, offer)
            start = len(laid) + len(self._fresh)
            self._fresh = self._fresh.joined(
                value_options(draft, self.rules, self.desk.seed, {}, self._gains)
            )
            self._row_of |= {p: start + i for i, p in enumerate(new)}
        rows = np.array([self._row_of[p] for p in picks], int)
        old = rows < len(laid)
        chosen = laid.keep(rows[old], {}).joined(self._fresh.keep(rows[~old] - len(laid), {}))
        return chosen.keep(np.argsort(np.r_[np.flatnonzero(old), np.flatnonzero(~old)]), {})

    def _surplus(self, desk: Desk, rows: NDArray[np.int64], given: Given) -> float:
        """Return what the operator must share each year so as not to pass the upper end of the band, yuan."""
        rate, calendar = self.rules.number("operator.return_high"), desk.unit.calendar
        worth = desk.options.amounts[rows] @ value_to(("operator",), calendar, rate)
        starts = np.zeros(rows.size) if given.starts is None else given.starts
        over = float((worth * (1 + rate) ** -starts).sum())
        return over / calendar.factor("operate", rate) if over > _EVERY_YUAN else 0.0


def _given(document: SchemeDocument, chosen: Options) -> Given:
    ids = [chosen.objects.ids[i] for i in chosen.object]
    return Given(
        np.array([document.choices[i].year for i in ids], int),
        document.terms.get("surplus_share_owners"),
        document.far_bonus,
        {k: (u.kind, u.m2) for k, u in document.uncounted.items()},
        tuple(Justification(rule, reason) for rule, reason in document.justifications.items()),
    )
