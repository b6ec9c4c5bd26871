"""The rows that a question adds to the problem: floor area, the operator's band, owners' burden, what is wanted, the mix of uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.errors import HutongError
from hutong.plan.account import plot_gain
from hutong.plan.bands import BandColumns, OperatorMoney, add_bands, add_fund
from hutong.plan.desk import Desk
from hutong.plan.flows import FlowColumns, add_flows, add_place_rows
from hutong.plan.limits import (
    BUDGET,
    CHECKUP,
    PRINCIPLE,
    Part,
    Unit,
    add_burdens,
    add_plots,
    burdens,
    floor_row,
    rule_row,
)
from hutong.plan.money import default_calendar
from hutong.plan.options import Options
from hutong.plan.problem import Row, RowBuilder
from hutong.plan.question import RESERVE, Question
from hutong.plan.results import BENEFITS
from hutong.plan.study import Study
from hutong.rules import floor_cap_m2
from hutong.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def floor_rows(
    build: RowBuilder, desk: Desk, question: Question, parts: Sequence[Part], flows: dict[str, FlowColumns]
) -> Ints:
    """Add plots and caps of units, with transfers, bonus, reserve and uncounted area; return what units draw of the reserve."""
    unit, options = desk.unit, desk.options
    new = options.floor_after - options.floor_before + options.demolished
    counted = options.floor_after - options.floor_before - question.uncounted_share * np.maximum(new, 0.0)
    row = floor_row(unit)
    if question.plot_flows:
        plots, change, room = plot_gain(unit.city, options, every=True)
        names = [str(p) for p in unit.city["plots"]["plot_id"].to_numpy()[plots]]
        rule = rule_row(
            unit, "far.above_cap_allowed", "m2", Text("地块规划容积率", "Planned ratio of a plot")
        )
        flows["floor_plots"] = add_flows(
            build, "transfer.plots", Text("地块间规模转移", "Floor-area transfer between plots"), "m2",
            rule.source, question.plot_flows, names,
        )  # fmt: skip
        rows = [replace(rule, id=f"plot_ratio:{p}") for p in names]
        add_place_rows(build, rows, change, room, flows["floor_plots"])
    else:
        add_plots(build, unit)
    reserve = _reserve(build, unit, question, parts)
    if question.unit_flows:
        flows["floor_units"] = add_flows(
            build, "transfer.units", Text("单元间规模转移", "Floor-area transfer between units"), "m2",
            row.source, question.unit_flows, [p.name for p in parts],
        )  # fmt: skip
    change = sparse.csr_array(np.array([np.where(p.options, counted, 0.0) for p in parts]))
    caps = np.array([floor_cap_m2(p.existing_m2, unit.rules, question.bonus) - p.existing_m2 for p in parts])
    extra = None
    if reserve.size:
        drawn = (np.full(len(parts), -1.0), (np.arange(len(parts)), reserve))
        extra = sparse.csr_array(drawn, shape=(len(parts), build.columns))
    add_place_rows(build, [p.row(row) for p in parts], change, caps, flows.get("floor_units"), extra)
    return reserve


def _reserve(build: RowBuilder, unit: Unit, question: Question, parts: Sequence[Part]) -> Ints:
    """Add what each unit draws of the city's reserve, within the one quota that they share; return the columns."""
    if not question.reserve_m2:
        return np.empty(0, np.int64)
    most = max(
        unit.existing_m2, question.reserve_m2
    )  # the quota is the row, so that it has its price and its name
    columns = build.add_columns(np.full(len(parts), most))
    row = rule_row(unit, RESERVE, "m2", Text("市级建筑规模指标", "The city's floor-area reserve"))
    total = np.zeros(build.columns)
    total[columns] = 1.0
    build.add(replace(row, id="reserve"), total, upper=question.reserve_m2)
    return columns


def band_rows(
    build: RowBuilder, desk: Desk, question: Question, parts: Sequence[Part], flows: dict[str, FlowColumns]
) -> BandColumns:
    """Add the operator's band of return, for all estates together, each alone or each unit, with money between units."""
    unit, options = desk.unit, desk.options
    rules = unit.rules
    rows = tuple(rule_row(unit, f"operator.return_{end}", "yuan") for end in ("low", "high"))
    rates = (rules.number("operator.return_low"), rules.number("operator.return_high"))
    if not question.allowed("lean_and_fat"):
        objects = options.objects
        places, unit_of = np.unique(objects.estate[options.object], return_inverse=True)
        names = [objects.ids[p] for p in places] or [""]
    elif question.balance == "unit" and len(parts) > 1:
        names = [p.name for p in parts]
        unit_of = np.argmax(np.array([p.options for p in parts]), axis=0)
    else:
        names, unit_of = [""], np.zeros(len(options), np.int64)
    if question.support:
        flows["support"] = add_flows(
            build, "support", Text("单元间资金平衡", "Money between units"), "yuan", PRINCIPLE, question.support, names
        )  # fmt: skip
    terms = [default_calendar(rules, y) for y in sorted(set(question.years))] or [unit.calendar]
    if len(question.years) == 1:
        terms = [unit.calendar]
    money = OperatorMoney.of(options.amounts)
    low = (rows[0], rows[1])
    return add_bands(build, money, unit_of.astype(np.int64), names, terms, rates, low, flows.get("support"))


def burden_rows(build: RowBuilder, desk: Desk, question: Question) -> None:
    """Add what a household pays at most, or what the estates' maintenance funds hold."""
    if not question.fund:
        add_burdens(build, desk.unit)
        return
    due, objects = burdens(desk.unit), desk.options.objects
    estates = list(question.fund)
    unknown = [e for e in estates if e not in objects.row_of_id]
    if unknown:
        raise HutongError(
            "bad-question",
            Text("维修资金列出了未知的小区。", "The fund names estates that are not there."),
            Text("请用小区编号。", "Use ids of estates."),
            unknown,
        )
    of = np.array([objects.ids[objects.estate[o]] for o in due.object], object)
    fund_of = np.array([estates.index(e) if e in estates else -1 for e in of], np.int64)
    title = Text("小区维修资金余额", "Maintenance fund of an estate")
    rows = [Row(f"fund:{e}", title, "yuan", BUDGET) for e in estates]
    add_fund(
        build,
        due.cost,
        due.most,
        due.rows,
        fund_of,
        np.array([question.fund[e] for e in estates], float),
        rows,
    )


def wanted_rows(build: RowBuilder, desk: Desk, study: Study, question: Question, kept: Ints) -> None:
    """Add the alarms to lift and the benefits to reach."""
    if question.goals:
        for goal, share in zip(study.goals, study.reach, strict=True):
            if share > 1e-9 * goal.wanted:
                build.add(goal.row, goal.coefficients[kept], lower=share * (1 - 1e-6))
    share = desk.benefits.share[kept]
    for name, floor in question.least.items():
        values = share @ desk.benefits.weights if name == "weighted" else share[:, BENEFITS.index(name)]
        title = Text(f"效益下限（{name}）", f"Least benefit ({name})")
        build.add(Row(f"least.{name}", title, "ratio", CHECKUP), values, lower=floor)


def mix_rows(
    build: RowBuilder, options: Options, parts: Sequence[Part], use: str, least: float, most: float
) -> None:
    """Add the share of a use in each unit: rooms of services, or rooms that are let."""
    rest = np.array([m.takes_rest for m in options.measures])
    space = np.array([m.space_m2 for m in options.measures])
    floor = options.quantity @ space if use == "service" else (options.quantity * rest).sum(axis=1)
    title = {
        "service": Text("服务用房比例", "Share of service rooms"),
        "let": Text("经营用房比例", "Share of rooms let"),
    }
    for part in parts:
        row = Row(f"mix.{use}", title[use], "m2", Text("规划条件", "the planning conditions"))
        build.add(part.row(row), floor * part.options, least * part.existing_m2, most * part.existing_m2)
