"""A question answered: the problem it makes, the best scheme, and what the scheme moves between places and years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.assemble import Given, settle, together
from hutong.plan.bands import BandColumns, OperatorMoney
from hutong.plan.catalogue import load_assumptions
from hutong.plan.conflict import only
from hutong.plan.desk import NODES, Desk, add_measured_goals
from hutong.plan.finance import irr
from hutong.plan.flows import FlowColumns
from hutong.plan.limits import (
    PRINCIPLE,
    Part,
    add_budgets,
    add_no_worse,
    add_works_law,
    floor_row,
)
from hutong.plan.money import BUILD_YEARS, Calendar, default_calendar, paid_by
from hutong.plan.options import Options
from hutong.plan.phasing import Moves, phased
from hutong.plan.problem import Problem, Row, RowBuilder
from hutong.plan.question import MODES, UNCOUNTED, Question, with_band
from hutong.plan.question_rows import band_rows, burden_rows, floor_rows, mix_rows, wanted_rows
from hutong.plan.results import Scheme
from hutong.plan.solve import Solution, Watch, solve
from hutong.plan.study import Study
from hutong.rules import CheckReport
from hutong.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOVED_COLUMNS = ("kind", "giver", "taker", "amount", "unit", "approval")


@dataclass(frozen=True)
class Answer:
    """The best scheme for a question, with its proof (``scheme.certificate``) and its independent check.

    ``moved`` lists transfers used (``MOVED_COLUMNS``); ``starts`` the year of each object's works; ``units`` the floor area and the
    operator's return of each renewal unit, with what it gives to or takes from others.
    """

    question: Question
    scheme: Scheme
    report: CheckReport
    moved: pd.DataFrame
    starts: Mapping[str, int]
    units: pd.DataFrame
    solution: Solution


@dataclass(frozen=True)
class Layout:
    """A problem and where its parts stand."""

    problem: Problem
    kept: Ints  # rows of the options that its first columns are
    years: int
    bands: BandColumns
    flows: Mapping[str, FlowColumns] = field(default_factory=dict)
    reserve: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # of each part
    met: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    parts: tuple[Part, ...] = ()


def optimise(
    study: Study,
    question: Question,
    start: Answer | None = None,
    watch: Watch | None = None,
    keep_best: bool = False,
) -> Answer:
    """Return the best scheme for a question.

    Parameters
    ----------
    start
        An earlier answer to begin with (for a question with the same columns).
    watch
        Called with the best value and the bound while options are searched.
    keep_best
        Whether Ctrl-C ends the search with the best scheme found.

    Raises
    ------
    HutongError
        ``bad-question``, ``bad-flow``; ``infeasible`` naming the limits in conflict; ``no-solution``.
    """
    question = question.checked(study.desk.unit.rules)
    desk = desk_for(study.desk, question)
    band = question.low is not None or question.high is not None
    if question.goals and (question.off or question.units or question.years or band):
        study = replace(study, reach=_reach(desk, study, question))
    layout = lay_out(desk, study, question)
    begin = (
        start.solution.x if start is not None and start.solution.x.size == layout.problem.group.size else None
    )
    found = solve(
        layout.problem,
        gap=question.gap,
        time_limit=question.time_limit,
        node_limit=NODES if question.nodes is None else question.nodes,
        seed=desk.seed,
        start=begin,
        watch=watch,
        keep_best=keep_best,
    )
    return _answer(desk, question, layout, found)


def _reach(desk: Desk, study: Study, question: Question) -> Floats:
    """Return how far the targets can be met, money aside, with the instruments that a question leaves."""
    free = replace(question, budget={}, phases=None, least={})
    layout = lay_out(desk, study, free, measure=True)
    x = solve(layout.problem, gap=1e-3, node_limit=NODES, seed=desk.seed).x
    return x[layout.met]


def desk_for(desk: Desk, question: Question) -> Desk:
    """Return the desk with the band and the years that a question sets."""
    rules = with_band(desk.unit.rules, question.low, question.high)
    calendar = default_calendar(rules, question.years[0]) if len(question.years) == 1 else desk.unit.calendar
    return replace(desk, unit=replace(desk.unit, rules=rules, calendar=calendar))


def lay_out(desk: Desk, study: Study, question: Question, measure: bool = False) -> Layout:
    """Return the problem of a question; with ``measure``, of how far its targets can be met instead."""
    unit, every = desk.unit, desk.options
    kept = np.flatnonzero(_offered(every, question))
    if kept.size < len(every):
        unit = replace(unit, options=every.keep(np.isin(np.arange(len(every)), kept), {}))
        desk = replace(desk, unit=replace(unit, needs=replace(unit.needs, share=unit.needs.share[:, kept])))
        unit = desk.unit
    options = desk.options
    n = len(options)
    build = RowBuilder.over(n)
    parts = parts_of(desk, question)
    for part in parts:
        add_works_law(build, unit, part)
    flows: dict[str, FlowColumns] = {}
    reserve = floor_rows(build, desk, question, parts, flows)
    build.add(Row("rehousing_space", Text("平移置换用房不超过腾出面积", "Floor for those who move nearby comes from what is freed"),
                  "m2", PRINCIPLE), options.spare_floor, lower=0.0)  # fmt: skip
    bands = band_rows(build, desk, question, parts, flows)
    add_no_worse(build, unit)
    burden_rows(build, desk, question)
    add_budgets(build, unit, question.budget)
    met = np.empty(0, np.int64)
    if measure:
        met = add_measured_goals(build, [replace(g, coefficients=g.coefficients[kept]) for g in study.goals])
    else:
        wanted_rows(build, desk, study, question, kept)
    for use, (least, most) in question.mix.items():
        mix_rows(build, options, parts, use, least, most)
    group = np.unique(options.object, return_inverse=True)[1].astype(np.int64)
    gain = np.zeros(n) if measure else _objective(desk, question, kept)
    problem = build.build(gain, group, np.ones(n))
    passed = {j.rule for j in question.reasons}
    if passed:
        problem = only(problem, np.flatnonzero([r.id.split(":")[0] not in passed for r in problem.rows]))
    years = 1
    if question.phases is not None:
        problem, years = _phase(desk, question, problem), question.phases.years
        shift = (years - 1) * n
        flows = {k: replace(f, columns=f.columns + shift) for k, f in flows.items()}
        bands = replace(bands, surplus=bands.surplus + shift)
        reserve = reserve + shift
    return Layout(problem, kept, years, bands, flows, reserve, met, parts)


def _offered(options: Options, question: Question) -> Bools:
    """Return which options the instruments left allow."""
    keep = np.ones(len(options), bool)
    if not question.allowed("concession"):
        keep &= ~OperatorMoney.of(options.amounts).amounts.any(axis=0) if len(options) else keep
    if not question.allowed("owners_share"):
        keep &= options.amounts @ paid_by("owners") == 0
    if not question.allowed("surrender"):
        keep &= ~options.has("lease_surrender")
    return keep


def parts_of(desk: Desk, question: Question) -> tuple[Part, ...]:
    """Return the renewal units of a question: whole, as listed, or each estate alone without lean-and-fat.

    Raises
    ------
    HutongError
        ``bad-units`` for a unit without estates, or an estate or block that is in none.
    """
    options, objects = desk.options, desk.options.objects
    if not question.units:
        return (Part("", np.ones(len(options), bool), desk.unit.existing_m2),)
    places = objects.estate[options.object]
    ids = np.array(objects.ids, object)
    known = set(ids[np.unique(objects.estate)])
    faults = [f"{p}: no such estate or block" for p in question.units if p not in known]
    faults += [f"{p}: in no unit" for p in sorted(known - set(question.units))]
    if faults:
        raise HutongError(
            "bad-units",
            Text(f"更新单元有 {len(faults)} 处错误。", f"The renewal units have {len(faults)} faults."),
            Text(
                "每个小区或街区须且只须属于一个单元。", "Every estate or block belongs to exactly one unit."
            ),
            faults,
        )
    floor = _floor_of_places(desk)
    out = []
    for name in sorted(set(question.units.values())):
        mine = np.array(
            [question.units[str(ids[p])] == name for p in range(len(ids)) if p in set(objects.estate)]
        )
        rows = np.unique(objects.estate)[mine]
        out.append(Part(name, np.isin(places, rows), float(floor[rows].sum())))
    return tuple(out)


def _floor_of_places(desk: Desk) -> Floats:
    """Return the floor area of all buildings, with homes or without, in the place of every estate object, shape (objects,)."""
    city, objects = desk.city, desk.options.objects
    plot = city.positions("buildings", "plot_id")
    estate = city.positions("plots", "estate_id")[plot]
    block = city.positions("plots", "block_id")[plot]
    place = np.where(estate >= 0, estate, len(city["estates"]) + block)
    floor = np.nan_to_num(city["buildings"]["floor_area_m2"].to_numpy(dtype=float, na_value=np.nan))
    total = np.bincount(place, weights=floor)
    out = np.zeros(len(objects))
    out[objects.estate[objects.members]] = total[place[objects.building[objects.members]]]
    return out


def _objective(desk: Desk, question: Question, kept: Ints) -> Floats:
    """Return what each option adds: benefit with a little for public money, or public money with a little benefit."""
    worth, benefit = desk.public_worth(), (desk.benefits.share @ desk.benefits.weights)[kept]
    if question.mode == "money":
        return np.asarray(worth + 0.02 * benefit, np.float64)
    total = sum(question.budget.get(p, 0.0) for p in ("city", "district")) / 1e6
    scale = total if total > 0 else max(float(np.abs(worth).sum()), 1e-6)
    return np.asarray(benefit + 0.01 * worth / scale, np.float64)


def _phase(desk: Desk, question: Question, problem: Problem) -> Problem:
    options, rules = desk.options, desk.unit.rules
    assert question.phases is not None  # noqa: S101 (asked only with phases)
    rates = {
        r.id: rules.number(r.id.split(":")[0]) for r in problem.rows if r.id.startswith("operator.return")
    }
    gain = rules.number("finance.discount_public" if question.mode == "money" else "finance.discount_social")
    spent = {p: options.amounts @ paid_by(p) for p in ("city", "district", "owner_unit", "operator")}
    shares = np.full(BUILD_YEARS, 1.0 / BUILD_YEARS)
    return phased(problem, question.phases, rates, gain, spent, shares, moves_of(options))


def moves_of(options: Options) -> Moves:
    """Return who must live elsewhere while their home is rebuilt, and for how many years."""
    rebuilt = (options.packages & np.array([m.demolishes and m.relocates for m in options.measures])).any(
        axis=1
    )
    homes = np.nan_to_num(options.objects["dwellings"][options.object])
    years = int(np.ceil(load_assumptions()["rebuild_months"].value / 12))
    return Moves(np.where(rebuilt, homes, 0.0), np.full(len(options), years), np.zeros(len(options)))


def _answer(desk: Desk, question: Question, layout: Layout, found: Solution) -> Answer:
    n, x = layout.kept.size, _drawn_as_needed(desk, layout, found.x)
    taken = np.flatnonzero(x[: layout.years * n] > 0.5)
    order = np.argsort(layout.kept[taken % n], kind="stable")
    chosen, starts = layout.kept[taken % n][order], (taken // n)[order]
    calendar = _calendar(desk, layout, x)
    desk = replace(desk, unit=replace(desk.unit, calendar=calendar))
    objects = desk.options.objects
    sent = {k: x[f.columns] for k, f in layout.flows.items()}
    plots: dict[str, float] = {}
    if "floor_plots" in layout.flows:
        for f, amount in zip(layout.flows["floor_plots"].flows, sent["floor_plots"], strict=True):
            plots[f.taker] = plots.get(f.taker, 0.0) + float(amount)
            plots[f.giver] = plots.get(f.giver, 0.0) - float(amount)
    given = Given(
        starts=starts if layout.years > 1 else None,
        far_bonus=question.bonus,
        uncounted=_uncounted(desk, question, chosen),
        justifications=question.reasons,
        reserve_m2=float(x[layout.reserve].sum()),
        plot_transfer={k: v for k, v in plots.items() if abs(v) > 1e-6},
    )
    certificate = replace(found.certificate, binding=together(found.certificate.binding))
    surplus = float(x[layout.bands.surplus].sum())
    title = MODES[question.mode]
    scheme, report = settle(desk, question.mode, title, chosen, surplus, certificate, given)
    rows = [
        (kind, f.giver, f.taker, float(a), "yuan/year" if kind == "support" else "m2", f.approval)
        for kind, columns in layout.flows.items()
        for f, a in zip(columns.flows, sent[kind], strict=True)
        if a > 1e-6
    ]
    begins = {objects.ids[desk.options.object[c]]: int(s) for c, s in zip(chosen, starts, strict=True)}
    moved = pd.DataFrame(rows, columns=list(MOVED_COLUMNS))
    return Answer(
        question, scheme, report, moved, begins, _units(desk, layout, chosen, starts, x, sent), found
    )


def _drawn_as_needed(desk: Desk, layout: Layout, x: Floats) -> Floats:
    """Return the solution with no more drawn from the city's reserve than the floor area of each unit takes."""
    if not layout.reserve.size:
        return x
    x, problem = x.copy(), layout.problem
    x[layout.reserve] = 0.0
    row = floor_row(desk.unit)
    caps = [[r.id for r in problem.rows].index(part.row(row).id) for part in layout.parts]
    x[layout.reserve] = np.maximum(problem.matrix[caps, :] @ x - problem.upper[caps], 0.0)
    return x


def _calendar(desk: Desk, layout: Layout, x: Floats) -> Calendar:
    if layout.bands.chosen is None:
        return desk.unit.calendar
    z = x[layout.bands.chosen[0]]
    return layout.bands.terms[int(np.argmax(z))] if z.max() > 0.5 else layout.bands.terms[0]


def _uncounted(desk: Desk, question: Question, chosen: Ints) -> dict[str, tuple[str, float]]:
    o = desk.options
    if not question.uncounted_share:
        return {}
    new = o.floor_after - o.floor_before + o.demolished
    ids = desk.city["buildings"]["building_id"].to_numpy()
    return {
        str(ids[o.objects.building[o.object[c]]]): (UNCOUNTED, float(question.uncounted_share * new[c]))
        for c in chosen
        if new[c] > 0 and o.objects.building[o.object[c]] >= 0
    }


def _units(
    desk: Desk, layout: Layout, chosen: Ints, starts: Ints, x: Floats, sent: Mapping[str, Floats]
) -> pd.DataFrame:
    """Return one row per renewal unit: floor area, transfers, and the operator's return after support and surplus."""
    o, calendar = desk.options, desk.unit.calendar
    money = OperatorMoney.of(o.amounts)
    rows = []
    for u, part in enumerate(layout.parts):
        mine = np.isin(chosen, layout.kept[part.options])
        change = float((o.floor_after - o.floor_before)[chosen[mine]].sum())
        net = {kind: -float((layout.flows[kind].incidence[[u], :] @ sent[kind])[0])
               for kind in ("floor_units", "support") if kind in layout.flows}  # fmt: skip
        flow = np.zeros(calendar.horizon + layout.years - 1)
        for c, s in zip(chosen[mine], starts[mine], strict=True):
            for k, schedule in enumerate(money.schedules):
                flow[s : s + calendar.horizon] += (
                    money.signs[k] * money.amounts[k, c] * calendar.shares(schedule)
                )
        surplus = layout.bands.surplus
        drawn = float(x[layout.reserve[u]]) if layout.reserve.size else 0.0
        shared = float(x[surplus[u]].sum()) if len(surplus) == len(layout.parts) else float("nan")
        flow[: calendar.horizon] += (net.get("support", 0.0) - np.nan_to_num(shared)) * calendar.shares(
            "operate"
        )
        rate = irr(flow).rate if (flow < 0).any() and not np.isnan(shared) else float("nan")
        rows.append((part.name, part.existing_m2, part.existing_m2 + change, net.get("floor_units", 0.0), drawn,
                     net.get("support", 0.0), shared, rate))  # fmt: skip
    names = ["unit", "floor_before_m2", "floor_after_m2", "floor_received_m2", "reserve_m2", "support_yuan_per_year",
             "surplus_yuan_per_year", "operator_irr"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
