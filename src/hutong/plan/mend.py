"""Diagnose – warn – optimise 诊断预警优化: for every finding, the measures that mend it, with effect, cost and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.catalogue import Offer, load_offers
from hutong.plan.condition import evaluate
from hutong.plan.draft import Draft
from hutong.plan.mend_words import why_remedy, why_whole
from hutong.plan.money import BUILDING, LINES
from hutong.plan.needs import Works, addresses, contribution, is_sure, needed, whole
from hutong.plan.objects import KINDS, Objects, gather
from hutong.plan.options import lawful
from hutong.plan.payments import option_amounts
from hutong.plan.results import Measure, Plan
from hutong.rules import Rules
from hutong.sense.results import Checkup, Finding, Indicator
from hutong.text import Text

Floats = NDArray[np.float64]
UNKNOWN = float("nan")
MEND_COLUMNS = (
    "finding", "indicator", "place_id", "place_name", "status", "severity", "people", "value", "standard", "measure",
    "mends", "mends_low", "mends_high", "value_after", "enough", "places", "quantity", "unit", "unit_cost_low",
    "unit_cost", "unit_cost_high", "cost_low_yuan", "cost_yuan", "cost_high_yuan", "assumed", "why_zh", "why_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remedy:
    """One measure against one finding, done wherever it applies there.

    ``mends`` is the part of what falls short that it mends, in [0, 1]: the mean over the terms on which it can be
    offered, ``mends_low`` and ``mends_high`` the least and most of them (equal where the terms make no difference;
    no spread of a measure's own effect is documented). Costs are those of works, surrender and rehousing together,
    from the low to the high unit cost. NaN is unknown: without a city nothing is known of places.
    """

    measure: Measure
    package: tuple[Measure, ...]  # with what it cannot be done without
    mends: float = UNKNOWN
    mends_low: float = UNKNOWN
    mends_high: float = UNKNOWN
    value_after: float = UNKNOWN
    enough: bool | None = None  # whether the finding would leave warning; None: unknown
    places: float = UNKNOWN
    quantity: float = UNKNOWN
    cost_low_yuan: float = UNKNOWN
    cost_yuan: float = UNKNOWN
    cost_high_yuan: float = UNKNOWN

    @property
    def assumed(self) -> bool:
        """Whether its figures are assumptions."""
        return any(m.confidence == "U" for m in self.package)

    @property
    def why(self) -> Text:
        """Measure, effect, cost and what is assumed, in a sentence or two."""
        return why_remedy(self)


@dataclass(frozen=True, slots=True)
class Mend:
    """A finding and its remedies, the one that mends most first (the cheaper before the dearer)."""

    finding: Finding
    indicator: Indicator
    remedies: tuple[Remedy, ...]
    nothing: Text | None = None  # why there is no remedy

    @property
    def why(self) -> Text:
        """The trace from value, standard, source and places to measures, effects and costs."""
        return why_whole(self)


def mend(
    check: Checkup, catalogue: Plan | Sequence[Measure], city: City | None = None, rules: Rules | None = None
) -> tuple[Mend, ...]:
    """Return, for every finding in the order of the checkup, the measures that mend it.

    Effects are those by which schemes are made (:mod:`hutong.plan.needs`); a measure counts only where its condition
    surely holds and no rigid rule forbids it.

    Parameters
    ----------
    catalogue
        The measures, or a plan that holds them.
    city, rules
        The snapshot that was checked, and the rules: without both, effects and costs at the place are unknown.

    Raises
    ------
    HutongError
        ``half-given`` where only one of city and rules is given.
    """
    measures = tuple(catalogue.measures if isinstance(catalogue, Plan) else catalogue)
    if (city is None) != (rules is None):
        raise HutongError(
            "half-given",
            Text(
                "测算现场费用需要同时给出城市快照和规则。",
                "Costs at a place need both the city and the rules.",
            ),
            Text("请同时给出，或都不给。", "Give both, or neither."),
        )
    packages = {m.id: _with_required(m, measures) for m in measures}
    site = None if city is None or rules is None else _Site.of(city, check, rules, measures, packages)
    indicators = {i.id: i for i in check.indicators}
    found: dict[int, Mend] = {}
    for name in dict.fromkeys(f.indicator for f in check.findings):
        at = [i for i, f in enumerate(check.findings) if f.indicator == name]
        findings, indicator = [check.findings[i] for i in at], indicators[name]
        fitting = [m for m in measures if addresses(m, name)]
        if site is not None and fitting:
            lists = site.remedies(findings, indicator, fitting, packages)
        else:
            lists = [[Remedy(m, packages[m.id]) for m in fitting]] * len(at)
        for i, finding, remedies in zip(at, findings, lists, strict=True):
            nothing = None if remedies else _nothing(fitting)
            found[i] = Mend(finding, indicator, tuple(remedies), nothing)
    return tuple(found[i] for i in range(len(check.findings)))


def mend_table(mends: Sequence[Mend]) -> pd.DataFrame:
    """Return one row per finding and remedy (``MEND_COLUMNS``); a finding without a remedy has one row that says so."""
    return pd.DataFrame(list(_rows(mends)), columns=list(MEND_COLUMNS))


def _rows(mends: Sequence[Mend]) -> Iterator[tuple[object, ...]]:
    for i, m in enumerate(mends):
        f = m.finding
        head = (
            i, f.indicator, f.place_id, f.place_name, f.status, f.severity, f.people, f.value, m.indicator.standard,
        )  # fmt: skip
        if not m.remedies:
            yield (
                *head,
                None,
                *[UNKNOWN] * 4,
                None,
                *[UNKNOWN] * 2,
                None,
                *[UNKNOWN] * 6,
                None,
                m.why.zh,
                m.why.en,
            )
        for r in m.remedies:
            why = r.why
            yield (
                *head, r.measure.id, r.mends, r.mends_low, r.mends_high, r.value_after, r.enough, r.places, r.quantity,
                r.measure.unit, r.measure.capital_low, r.measure.capital, r.measure.capital_high, r.cost_low_yuan,
                r.cost_yuan, r.cost_high_yuan, r.assumed, why.zh, why.en,
            )  # fmt: skip


def _nothing(fitting: Sequence[Measure]) -> Text:
    if not fitting:
        return Text(
            "措施目录中没有对应措施，需另行安排。",
            "No measure of the catalogue mends this; it needs other works.",
        )
    zh, en = "、".join(m.title.zh for m in fitting), ", ".join(m.title.en for m in fitting)
    return Text(
        f"目录中的对应措施（{zh}）在此处不适用：条件不满足或未知，或规则不允许。",
        f"The measures that would mend it ({en}) do not apply here: their condition fails or is unknown, or a rule forbids them.",
    )


def _with_required(measure: Measure, measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """Return a measure with all that it requires, in the order of the catalogue."""
    by_id, held = {m.id: m for m in measures}, {measure.id}
    while more := {r for i in held for r in by_id[i].requires if r in by_id} - held:
        held |= more
    return tuple(m for m in measures if m.id in held)


@dataclass(frozen=True)
class _Site:
    """Every measure, with what it requires, wherever it applies: one row per object, measure and terms."""

    works: Works
    measure: NDArray[np.int64]  # (rows,) which measure a row is about
    offer: NDArray[np.int64]
    cost: Floats  # (rows, 3) low, middle, high
    units: Floats  # (rows,) of that measure

    @classmethod
    def of(
        cls,
        city: City,
        check: Checkup,
        rules: Rules,
        measures: tuple[Measure, ...],
        packages: Mapping[str, tuple[Measure, ...]],
    ) -> _Site:
        objects, offers = gather(city, check, rules), load_offers()
        rows, about, terms = [], [], []
        for k, measure in enumerate(measures):
            where = where_applies(objects, packages[measure.id])
            for offer in _terms(packages[measure.id], offers):
                rows.append(where)
                about.append(np.full(where.size, k))
                terms.append(np.full(where.size, offer))
        row, measure_of, offer_of = (
            np.concatenate([*x, np.empty(0, np.int64)]) for x in (rows, about, terms)
        )
        holds = np.array([[m in packages[one.id] for m in measures] for one in measures], bool)
        draft = Draft(objects, measures, offers, row, holds[measure_of], offer_of)
        allowed, _ = lawful(draft, rules)
        row, measure_of, offer_of = row[allowed], measure_of[allowed], offer_of[allowed]
        draft = Draft(objects, measures, offers, row, holds[measure_of], offer_of)
        build = np.array([float(x.name in BUILDING and x.name != "organising") for x in LINES])
        middle = option_amounts(draft, rules) @ build
        low, high = (
            middle + (draft.capital * (draft.figure(f"capital_{end}") / np.maximum(draft.figure("capital"), 1) - 1)).sum(axis=1)
            for end in ("low", "high")
        )  # fmt: skip
        works = Works(objects, measures, row, draft.packages, draft.quantity)
        units = draft.quantity[np.arange(row.size), measure_of]
        return cls(works, measure_of, offer_of, np.column_stack([low, middle, high]), units)

    def remedies(
        self,
        findings: Sequence[Finding],
        indicator: Indicator,
        fitting: Sequence[Measure],
        packages: Mapping[str, tuple[Measure, ...]],
    ) -> list[list[Remedy]]:
        """Return the remedies of findings of one indicator."""
        ids = {m.id for m in fitting}
        mine = np.flatnonzero(
            np.isin(self.measure, [k for k, m in enumerate(self.works.measures) if m.id in ids])
        )
        works = replace(
            self.works, object=self.works.object[mine], packages=self.works.packages[mine],
            quantity=self.works.quantity[mine],
        )  # fmt: skip
        reach, effect = contribution(works, findings, indicator)
        share = reach[:, works.object].tocoo()
        finding, at = share.coords
        part = share.data * effect[at]
        kept = part > 0
        finding, at, part = finding[kept], at[kept], part[kept]
        # one cell per finding, measure and terms
        offers = int(self.offer.max(initial=0)) + 1
        key = (finding * len(self.works.measures) + self.measure[mine][at]) * offers + self.offer[mine][at]
        cells, cell = np.unique(key, return_inverse=True)

        def total(values: Floats) -> Floats:
            return np.asarray(np.bincount(cell, weights=values, minlength=cells.size), np.float64)

        figures = np.column_stack(
            [np.minimum(total(part), 1.0), total(np.ones(at.size)), total(self.units[mine][at]),
             *(total(self.cost[mine][at, k]) for k in range(3))]
        )  # fmt: skip
        return self._listed(findings, indicator, packages, cells // offers, figures)

    def _listed(
        self,
        findings: Sequence[Finding],
        indicator: Indicator,
        packages: Mapping[str, tuple[Measure, ...]],
        pair: NDArray[np.int64],
        figures: Floats,
    ) -> list[list[Remedy]]:
        """Return remedies from the figures (cells, 6) of each (finding, measure) on each of its terms."""
        out: list[list[Remedy]] = [[] for _ in findings]
        if pair.size:
            pairs, first = np.unique(pair, return_index=True)
            ends = np.append(first[1:], pair.size)
            terms = (ends - first)[:, None]
            mean = np.add.reduceat(figures, first, axis=0) / terms
            least, most = (f.reduceat(figures, first, axis=0) for f in (np.minimum, np.maximum))
            best, sure = whole(indicator), is_sure(indicator)
            for code, m, lo, hi in zip(
                pairs.tolist(), mean.tolist(), least.tolist(), most.tolist(), strict=True
            ):
                i, k = divmod(code, len(self.works.measures))
                f, measure = findings[i], self.works.measures[k]
                out[i].append(
                    Remedy(
                        measure,
                        packages[measure.id],
                        m[0],
                        lo[0],
                        hi[0],
                        f.value + m[0] * (best - f.value) if sure else UNKNOWN,
                        bool(m[0] >= needed(f, indicator.watch, indicator) - 1e-9) if sure else None,
                        m[1],
                        m[2],
                        lo[3],
                        m[4],
                        hi[5],
                    )
                )
        return [sorted(r, key=lambda x: (-round(x.mends, 6), x.cost_yuan, x.measure.id)) for r in out]


def where_applies(objects: Objects, package: Sequence[Measure]) -> NDArray[np.int64]:
    """Return the rows of the objects where every measure of a package surely applies and has something to do."""
    where = objects.kind == KINDS.index(package[0].applies_to)
    for measure in package:
        where = where & evaluate(measure.condition, objects.columns)
        where = where & (np.nan_to_num(objects[measure.quantity]) > 0)
    return np.flatnonzero(where)


def _terms(package: Sequence[Measure], offers: Sequence[Offer]) -> list[int]:
    """Return the offers on which a package may be put: all of them where people decide whether to apply."""
    if any(m.matter == "surrender" for m in package):
        use = "surrender"
    elif package[0].applies_to == "estate":
        use = "estate"
    else:
        use = "household" if any(m.owners_pay for m in package) else "free"
    fitting = [i for i, o in enumerate(offers) if o.use == use]
    return fitting if any(m.voluntary for m in package) else fitting[:1]
