"""The limits of a scheme as rows: law, money, people. Each row carries its title and the text it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.agree.homes import tenures
from hutong.city import City
from hutong.plan.account import plot_gain
from hutong.plan.catalogue import load_assumptions
from hutong.plan.money import Calendar, paid_by, value_to
from hutong.plan.needs import Needs
from hutong.plan.objects import ESTATE, TENURES
from hutong.plan.options import Options
from hutong.plan.problem import Row, RowBuilder
from hutong.rules import Rules, floor_cap_m2
from hutong.text import Text

Floats = NDArray[np.float64]
#: Prefixes of the rows that exist once per building; they are reported together.
NO_WORSE, BURDEN, ALARM, SERVICE, PLOT = "no_worse", "burden", "alarm", "service_floor", "plot_ratio"
#: What a row rests on where it is no law.
PRINCIPLE = Text("本平台原则", "the platform's principle")
ASSUMED = Text("假设", "assumption")
BUDGET = Text("预算", "the budget")
CHECKUP = Text("城市体检", "the checkup")


@dataclass(frozen=True)
class Unit:
    """What the rows need to know beside the options."""

    city: City
    options: Options
    needs: Needs
    rules: Rules
    calendar: Calendar
    existing_m2: float

    @classmethod
    def of(cls, city: City, options: Options, needs: Needs, rules: Rules, calendar: Calendar) -> Unit:
        """Return the unit of a city; unknown floor areas are left out of the existing floor area."""
        floor = city["buildings"]["floor_area_m2"].to_numpy(dtype=float, na_value=np.nan)
        return cls(city, options, needs, rules, calendar, float(np.nansum(floor)))

    @property
    def columns(self) -> int:
        """Options, then the surplus (yuan a year)."""
        return len(self.options) + 1


def _source(rules: Rules, rule: str) -> Text:
    p = rules[rule]
    law = f"{p.source} {p.article}".strip()
    return Text(law, law) if law else ASSUMED


def rule_row(unit: Unit, rule: str, measure_unit: str, title: Text | None = None) -> Row:
    """Return the row of a rule, with its source."""
    return Row(rule, title or unit.rules[rule].title, measure_unit, _source(unit.rules, rule))


@dataclass(frozen=True)
class Part:
    """A renewal unit of several: its name, its options and its existing floor area."""

    name: str
    options: NDArray[np.bool_]
    existing_m2: float

    def row(self, row: Row) -> Row:
        """Return a row named for the unit."""
        title = Text(f"{row.title.zh}（{self.name}）", f"{row.title.en} ({self.name})")
        return replace(row, id=f"{row.id}:{self.name}", title=title) if self.name else row


def add_law(build: RowBuilder, unit: Unit) -> None:
    """Add the limits on floor area, demolition and rehousing over the whole unit."""
    add_floor_cap(build, unit)
    add_works_law(build, unit)
    space = Row(
        "rehousing_space",
        Text("平移置换用房不超过腾出面积", "Floor for those who move nearby comes from what is freed"),
        "m2",
        PRINCIPLE,
    )
    build.add(space, unit.options.spare_floor, lower=0.0)
    add_plots(build, unit)


def add_floor_cap(build: RowBuilder, unit: Unit) -> None:
    """Add the cap on the floor area of the unit."""
    o = unit.options
    cap = floor_cap_m2(unit.existing_m2, unit.rules)
    build.add(floor_row(unit), o.floor_after - o.floor_before, upper=cap - unit.existing_m2)


def floor_row(unit: Unit) -> Row:
    """Return the row of the cap on a unit's floor area."""
    title = Text("实施后单元建筑规模上限（增减合计）", "Change of the unit's floor area")
    return rule_row(unit, "unit.floor_reduction_min", "m2", title)


def add_works_law(build: RowBuilder, unit: Unit, part: Part | None = None) -> None:
    """Add the limits in principle on demolition, new floor and rehousing, of the whole or a part."""
    o, rules = unit.options, unit.rules
    part = part or Part("", np.ones(len(o), bool), unit.existing_m2)

    def add(
        rule: str, measure_unit: str, values: Floats, lower: float = -np.inf, upper: float = np.inf
    ) -> None:
        build.add(part.row(rule_row(unit, rule, measure_unit)), values * part.options, lower, upper)

    new = o.floor_after - o.floor_before + o.demolished
    exempt = np.zeros(len(o), bool)
    if rules.flag("unit.demolition_exempt.dangerous"):
        exempt |= o.objects["cond_structure"][o.object] >= 4
    if rules.flag("unit.demolition_exempt.illegal"):
        exempt |= o.objects.kind[o.object] == ESTATE  # an estate demolishes only what is illegal
    limit = rules.number("unit.demolition_share_max") * part.existing_m2
    add("unit.demolition_share_max", "m2", o.demolished * ~exempt, upper=limit)
    ratio = rules.number("unit.new_to_demolished_max")
    add("unit.new_to_demolished_max", "m2", new - ratio * o.demolished, upper=0.0)
    least = rules.number("unit.local_rehousing_min")
    add("unit.local_rehousing_min", "households", o.rehoused - least * o.leaving, lower=0.0)


def add_plots(build: RowBuilder, unit: Unit) -> None:
    """Add the planned floor-area ratio of every plot that some option makes denser (where it is known)."""
    rule = "far.above_cap_allowed"
    if rule not in unit.rules or unit.rules.flag(rule):
        return
    plots, change, room = plot_gain(unit.city, unit.options)
    change = change.tocoo()
    known = ~np.isnan(room)
    keep = known[change.coords[0]]
    names = unit.city["plots"]["plot_id"].to_numpy()[plots]
    rows = [
        Row(
            f"{PLOT}:{name}",
            Text(f"地块 {name} 的规划容积率", f"Planned ratio of plot {name}"),
            "m2",
            _source(unit.rules, rule),
        )
        for name in names[known]
    ]
    place = np.cumsum(known) - 1
    build.add_sparse(
        rows,
        place[change.coords[0][keep]],
        change.coords[1][keep],
        change.data[keep],
        [-np.inf] * len(rows),
        list(room[known]),
    )


def add_band(build: RowBuilder, unit: Unit) -> None:
    """Add the micro-profit band over the whole unit: NPV(low) ≥ 0 and NPV(high) − surplus ≤ 0.

    The surplus is one amount a year, so at each rate it costs the operator the annuity of that rate.
    """
    for rule, low in (("operator.return_low", True), ("operator.return_high", False)):
        rate = unit.rules.number(rule)
        worth = unit.options.amounts @ value_to(("operator",), unit.calendar, rate)
        row = np.r_[worth, -unit.calendar.factor("operate", rate)]
        title = unit.rules[rule].title
        build.add(
            Row(rule, title, "yuan", _source(unit.rules, rule)),
            row,
            *((0.0, np.inf) if low else (-np.inf, 0.0)),
        )


def add_budgets(build: RowBuilder, unit: Unit, budget: Mapping[str, float]) -> None:
    """Add a limit on what each payer spends on works, surrender and rehousing."""
    titles = {
        "city": Text("市级预算", "City budget"),
        "district": Text("区级预算", "District budget"),
        "owner_unit": Text("产权单位出资上限", "Most that owner units pay"),
        "operator": Text("运营方投资上限", "Most that the operator invests"),
    }
    for payer, limit in budget.items():
        spent = np.r_[unit.options.amounts @ paid_by(payer), 0.0]
        build.add(Row(f"budget.{payer}", titles[payer], "yuan", BUDGET), spent, upper=limit)


def add_people(build: RowBuilder, unit: Unit) -> None:
    """Add: no tenure group of a building is worse off, and owners are not asked for more than they can bear."""
    add_no_worse(build, unit)
    add_burdens(build, unit)


def add_no_worse(build: RowBuilder, unit: Unit) -> None:
    """Add: no tenure group of a building is worse off.

    Rows that no choice could break are left out.
    """
    o, objects = unit.options, unit.options.objects
    net = o.answer.net_yuan
    worst = np.full((len(objects), len(TENURES)), 0.0)
    np.minimum.at(worst, o.object, np.nan_to_num(net))
    homes = objects.households
    present = np.zeros((len(objects), len(TENURES)), bool)
    present[homes.object[homes.occupied], homes.tenure[homes.occupied]] = True
    members = objects.members
    risk = present[members] & (worst[members] + worst[objects.estate[members]] < 0)
    at, tenure = np.nonzero(risk)
    called = {tenure: Text.of(dict(words)) for tenure, words in tenures().items()}
    rows = [
        Row(
            f"{NO_WORSE}:{objects.ids[members[a]]}:{TENURES[t]}",
            Text(
                f"{objects.titles[members[a]].zh}的住户不受损（{called[TENURES[t]].zh}）",
                f"No household of {objects.titles[members[a]].en} worse off ({called[TENURES[t]].en})",
            ),
            "yuan",
            PRINCIPLE,
        )
        for a, t in zip(at, tenure, strict=True)
    ]
    _add_by_building(build, unit, rows, members[at], tenure, np.nan_to_num(net), lower=0.0)


def add_burdens(build: RowBuilder, unit: Unit) -> None:
    """Add: owners are not asked for more than they can bear."""
    due = burdens(unit)
    cells = due.cost.tocoo()
    build.add_sparse(
        due.rows, cells.coords[0], cells.coords[1], cells.data, [-np.inf] * len(due.rows), list(due.most)
    )


@dataclass(frozen=True)
class Burdens:
    """What owners of heavily burdened buildings pay for each option, sparse (buildings, options), and can bear, yuan."""

    object: NDArray[np.int64]
    cost: sparse.csr_array
    most: Floats
    rows: tuple[Row, ...]


def burdens(unit: Unit) -> Burdens:
    """Return the buildings whose owners some choice would ask for more than they can bear."""
    o, objects = unit.options, unit.options.objects
    homes, members = objects.households, objects.members
    of_estate = objects.kind[o.object] == ESTATE
    owned = np.bincount(homes.object, weights=homes.income_yuan * ~homes.leased, minlength=len(objects))
    most = load_assumptions()["burden_income_share"].value * owned
    paid = o.amounts @ paid_by("owners")
    floor = np.nan_to_num(objects["floor_area_m2"])
    paid = np.where(of_estate, paid / np.maximum(floor[o.object], 1), paid)
    heaviest = np.zeros(len(objects))
    np.maximum.at(heaviest, o.object, paid)
    load = heaviest[members] + heaviest[objects.estate[members]] * floor[members]
    heavy = members[load > most[members]]
    costs = [
        np.where(o.object == row, paid, 0.0)
        + np.where(of_estate & (o.object == objects.estate[row]), paid * floor[row], 0.0)
        for row in heavy
    ]
    source = load_assumptions()["burden_income_share"].source
    title = Text("业主出资负担", "Owners' burden")
    rows = tuple(Row(f"{BURDEN}:{objects.ids[row]}", title, "yuan", source) for row in heavy)
    return Burdens(
        heavy,
        sparse.csr_array(np.array(costs, np.float64).reshape(heavy.size, len(o))),
        most[heavy].astype(np.float64),
        rows,
    )


def _add_by_building(
    build: RowBuilder, unit: Unit, rows: list[Row], objects_of: NDArray[np.int64], tenure: NDArray[np.int64], value: Floats,
    lower: float,
) -> None:  # fmt: skip
    """Add rows over (building, tenure): the options of the building and of its estate."""
    o = unit.options
    order = np.argsort(o.object, kind="stable")
    starts = np.searchsorted(o.object[order], np.arange(len(o.objects) + 1))
    r, c, v = [], [], []
    for i, (row, t) in enumerate(zip(objects_of, tenure, strict=True)):
        estate = o.objects.estate[row]
        columns = np.r_[order[starts[row] : starts[row + 1]], order[starts[estate] : starts[estate + 1]]]
        r.append(np.full(columns.size, i))
        c.append(columns)
        v.append(value[columns, t])
    if rows:
        build.add_sparse(
            rows,
            np.concatenate(r),
            np.concatenate(c),
            np.concatenate(v),
            [lower] * len(rows),
            [np.inf] * len(rows),
        )


@dataclass(frozen=True)
class Target:
    """Something to be reached as far as it can be: what each option adds, and how much is wanted."""

    row: Row
    coefficients: Floats
    wanted: float
    weight: float


def targets(unit: Unit) -> list[Target]:
    """Return the alarms to lift, and the service floor to provide."""
    out = []
    needs = unit.needs
    for at in needs.alarms:
        f, name = needs.findings[at], needs.titles[needs.findings[at].indicator]
        title = Text(f"{f.place.zh}：消除告警（{name.zh}）", f"{f.place.en}: lift the alarm ({name.en})")
        row = Row(f"{ALARM}:{f.indicator}:{f.place_id}", title, "ratio", CHECKUP)
        share: Floats = np.asarray(needs.share[[at], :].toarray()[0], np.float64)
        out.append(Target(row, share, float(needs.lift_alarm[at]), 1.0 + f.severity))
    rule = "facility.elderly_old_m2_per_100_households"
    facilities = unit.city["facilities"]
    elderly = facilities["kind"].to_numpy() == "elderly_care"
    standing = float(np.nansum(facilities["floor_area_m2"].to_numpy(dtype=float, na_value=np.nan)[elderly]))
    households = unit.options.objects.households.object.size
    wanted = unit.rules.number(rule) * households / 100 - standing
    at = [m.id for m in unit.options.measures].index("elderly_station")
    space: Floats = unit.options.packages[:, at].astype(np.float64) * unit.options.measures[at].space_m2
    if wanted > 0 and space.any():
        row = Row(f"{SERVICE}:elderly_care", unit.rules[rule].title, "m2", _source(unit.rules, rule))
        out.append(Target(row, space, wanted, 1.0))
    return out
