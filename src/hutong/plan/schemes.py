"""Three schemes for a quarter: least public money, balanced, most benefit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.account import unit_account
from hutong.plan.benefits import Benefits, gather_benefits
from hutong.plan.catalogue import load_assumptions, load_measures
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.limits import (
    BURDEN,
    NO_WORSE,
    Target,
    Unit,
    add_band,
    add_budgets,
    add_law,
    add_people,
    targets,
)
from hutong.plan.money import LINES, Calendar, paid_by, spread, value_to
from hutong.plan.needs import gather_needs
from hutong.plan.objects import gather
from hutong.plan.options import Options, build_options, option_table
from hutong.plan.problem import Problem, Row, RowBuilder
from hutong.plan.results import BENEFITS, CHOICE_COLUMNS, FLOW_COLUMNS, Binding, Plan, Scheme
from hutong.plan.solve import Solution, solve
from hutong.rules import Rules, check_scheme
from hutong.sense.results import Checkup
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]
Progress = Callable[[int, int, Text], None]
Budget = float | Mapping[str, float] | None
#: The object that payments of the whole unit carry.
UNIT_ID = "unit"
TITLES = {
    "least_cost": Text("保底线", "Least cost"),
    "balanced": Text("均衡", "Balanced"),
    "most_benefit": Text("效益最大", "Most benefit"),
}
#: The schemes are proved to this relative gap, or as far as this many nodes go (the same on every machine).
GAP, NODES = 3e-3, 3000
#: Weight of the worst-served of the four benefits in the balanced scheme.
EVENNESS = 0.5


@dataclass(frozen=True)
class _Desk:
    """Everything the three problems share."""

    city: City
    unit: Unit
    benefits: Benefits
    seed: int

    @property
    def options(self) -> Options:
        return self.unit.options

    def public_worth(self) -> Floats:
        """Return the present value to the city and the district of each option, million yuan (a cost is negative)."""
        rate = self.unit.rules.number("finance.discount_public")
        return self.options.amounts @ value_to(("city", "district"), self.unit.calendar, rate) / 1e6

    def weighted(self) -> Floats:
        """Return the weighted benefit of each option, as a share of what could be attained."""
        return self.benefits.share @ self.benefits.weights


def make_plan(
    city: City,
    check: Checkup,
    rules: Rules,
    *,
    seed: int = 1,
    budget: Budget = None,
    progress: Progress | None = None,
) -> Plan:
    """Return three schemes for the quarter, each with its money, its proof and its independent check.

    Parameters
    ----------
    budget
        Public money for works, surrender and rehousing: a total in yuan (shared by ``city_share``), or yuan by
        payer (``city``, ``district``). Without it an assumed budget is used and named among the assumptions.
    progress
        Called with (done, total, what).

    Raises
    ------
    HutongError
        ``bad-budget``; ``infeasible`` when the budget cannot lift the alarms that can be lifted, with the amounts.
    """
    given = _budget(budget)
    say = progress or (lambda _done, _total, _what: None)
    say(0, 6, Text("整理对象与措施", "Objects and measures"))
    measures = load_measures()
    objects = gather(city, check, rules)
    say(1, 6, Text("生成备选项并预测同意", "Options and predicted consent"))
    options = build_options(objects, measures, rules, seed)
    needs = gather_needs(options, check)
    calendar = _calendar(rules)
    unit = Unit.of(city, options, needs, rules, calendar)
    desk = _Desk(city, unit, gather_benefits(options, needs, rules, calendar.years), seed)
    say(2, 6, Text("确定可消除的报警", "Alarms that can be lifted"))
    goals = targets(unit)
    reach = _reach(desk, goals)
    say(3, 6, Text("求解最低成本方案", "Least cost"))
    least = _solve(desk, goals, reach, given, desk.public_worth() + 0.02 * desk.weighted())
    limits = given or _default_budget(desk, least)
    say(4, 6, Text("求解效益最大方案", "Most benefit"))
    cheap = desk.public_worth() / max(sum(limits.values()) / 1e6, 1e-6)
    most = _solve(desk, goals, reach, limits, desk.weighted() + 0.01 * cheap)
    say(5, 6, Text("求解均衡方案", "Balanced"))
    balanced = _balanced(desk, goals, reach, least, most, cheap)
    schemes = tuple(
        _scheme(desk, name, found)
        for name, found in (("least_cost", least), ("balanced", balanced), ("most_benefit", most))
    )
    say(6, 6, Text("完成", "Done"))
    return Plan(schemes, measures, _table(desk), tuple(_notes(desk, goals, reach, limits, given is None)))


def _budget(budget: Budget) -> dict[str, float] | None:
    if budget is None:
        return None
    share = load_assumptions()["city_share"].value
    by_payer = (
        dict(budget)
        if isinstance(budget, Mapping)
        else {"city": share * budget, "district": (1 - share) * budget}
    )
    bad = [k for k, v in by_payer.items() if k not in ("city", "district") or not np.isfinite(v) or v < 0]
    if bad:
        raise HutongError(
            "bad-budget",
            Text(f"预算有误：{'、'.join(bad)}。", f"The budget is not usable: {', '.join(bad)}."),
            Text(
                "请给出不小于 0 的元数，或按 city、district 分列。",
                "Give yuan of at least 0, in total or for city and district.",
            ),
        )
    return {k: float(v) for k, v in by_payer.items()}


def _calendar(rules: Rules) -> Calendar:
    values = load_assumptions()
    years = min(values["concession_years"].value, rules.number("concession.years_max"))
    return Calendar(int(years), int(values["renewal_after_years"].value))


def _base(desk: _Desk, budget: Mapping[str, float] | None, extra: int = 0) -> RowBuilder:
    """Return the rows that every problem has; ``extra`` columns follow the surplus."""
    build = RowBuilder.over(desk.unit.columns)
    add_law(build, desk.unit)
    add_band(build, desk.unit)
    add_people(build, desk.unit)
    if budget is not None:
        add_budgets(build, desk.unit, budget)
    return replace(build, columns=build.columns + extra)


def _finish(desk: _Desk, build: RowBuilder, objective: Floats, extra_upper: Floats) -> Problem:
    """Return the problem: option columns, the surplus (at a small cost, so that it is no larger than it must be), extras."""
    n = len(desk.options)
    group = np.full(build.columns, -1)
    group[:n] = np.unique(desk.options.object, return_inverse=True)[1]
    full = np.zeros(build.columns)
    full[: objective.size] = objective
    full[n] = -1e-10
    upper = np.ones(build.columns)
    upper[n] = 1e9
    upper[n + 1 :] = extra_upper
    return build.build(full, group, upper)


def _reach(desk: _Desk, goals: Sequence[Target]) -> Floats:
    """Return how far each target can be met at once, money aside: at most what is wanted of it."""
    n = len(desk.options)
    build = _base(desk, None, extra=len(goals))
    wanted = np.array([g.wanted for g in goals])
    for i, goal in enumerate(goals):
        coefficients = np.zeros(build.columns)
        coefficients[:n] = goal.coefficients
        coefficients[n + 1 + i] = -1.0
        build.add(goal.row, coefficients, lower=0.0)
    objective = np.zeros(build.columns)
    objective[n + 1 :] = [g.weight / g.wanted for g in goals]
    return solve(_finish(desk, build, objective, wanted), gap=1e-4, seed=desk.seed).x[n + 1 :]


def _solve(
    desk: _Desk,
    goals: Sequence[Target],
    reach: Floats,
    budget: Mapping[str, float] | None,
    objective: Floats,
    even: Floats | None = None,
) -> Solution:
    """Solve with the targets met as far as they can be; ``even`` (4,) asks for the worst-served benefit too."""
    n = len(desk.options)
    build = _base(desk, budget, extra=1)
    for goal, share in zip(goals, reach, strict=True):
        if share > 1e-9 * goal.wanted:
            build.add(goal.row, np.r_[goal.coefficients, 0.0, 0.0], lower=share * (1 - 1e-6))
    total = np.r_[objective, 0.0, 0.0]
    if even is not None:
        for i, benefit in enumerate(BENEFITS):
            if even[i] > 0:
                row = Row(
                    f"even.{benefit}",
                    Text("四项效益均衡", "Evenness of the four benefits"),
                    "ratio",
                    "DESIGN §5",
                )
                build.add(row, np.r_[desk.benefits.share[:, i] / even[i], 0.0, -1.0], lower=0.0)
        total[n + 1] = EVENNESS
    return solve(
        _finish(desk, build, total, np.array([1.0 if even is not None else 0.0])),
        gap=GAP,
        node_limit=NODES,
        seed=desk.seed,
    )


def _balanced(
    desk: _Desk, goals: Sequence[Target], reach: Floats, least: Solution, most: Solution, cheap: Floats
) -> Solution:
    """Maximise benefit and its worst-served part with half of the extra money."""
    n = len(desk.options)
    limits = {}
    for payer in ("city", "district"):
        spent = desk.options.amounts @ paid_by(payer)
        low, high = float(spent @ least.x[:n]), float(spent @ most.x[:n])
        limits[payer] = max(low, (low + high) / 2)
    reached = np.maximum(desk.benefits.share.T @ most.x[:n], 0.0)
    return _solve(desk, goals, reach, limits, desk.weighted() + 0.01 * cheap, even=reached)


def _default_budget(desk: _Desk, least: Solution) -> dict[str, float]:
    """Return the assumed budget: an amount per residential floor area, and never below what the alarms need."""
    values, objects = load_assumptions(), desk.options.objects
    floor = float(np.nansum(objects["floor_area_m2"][objects.members]))
    share = values["city_share"].value
    out = {}
    for payer, part in (("city", share), ("district", 1 - share)):
        needed = float(desk.options.amounts @ paid_by(payer) @ least.x[: len(desk.options)])
        out[payer] = max(
            part * values["budget_yuan_m2"].value * floor, values["budget_over_least"].value * needed
        )
    return out


def _surplus(desk: _Desk, found: Solution) -> dict[str, float]:
    """Return the surplus of each year by receiver, whole yuan: what the operator must share to stay in the band."""
    yearly = float(found.x[len(desk.options)])
    total = np.ceil(yearly) if yearly > 0.5 else 0.0
    owners = np.round(total * load_assumptions()["surplus_share_owners"].value)
    return {"owners": float(owners), "district": float(total - owners)}


def _scheme(desk: _Desk, name: str, found: Solution) -> Scheme:
    options, rules = desk.options, desk.unit.rules
    chosen = found.chosen[found.chosen < len(options)]
    ids = [options.objects.ids[i] for i in options.object[chosen]]
    flows = spread(options.amounts[chosen], ids, desk.unit.calendar)
    surplus = np.zeros((1, len(LINES)))
    for receiver, amount in _surplus(desk, found).items():
        surplus[0, [x.id for x in LINES].index(f"surplus:operator>{receiver}")] = amount
    flows = pd.concat([flows, spread(surplus, [UNIT_ID], desk.unit.calendar)], ignore_index=True)
    flows = flows.astype({"year": int, "yuan": float})[list(FLOW_COLUMNS)]
    choices = _table(desk).iloc[chosen].reset_index(drop=True)[list(CHOICE_COLUMNS)]
    operator = party_years(flows, desk.unit.calendar.horizon).loc["operator"].to_numpy(float)
    low, high = (float(npv(rules.number(f"operator.return_{end}"), operator)) for end in ("low", "high"))
    invests = bool((operator < 0).any())
    years = float(desk.unit.calendar.years)
    account = unit_account(desk.city, options, chosen, rules, low, high, years)
    report = check_scheme(account, rules)
    values = load_assumptions()
    terms = {
        "concession_years": years,
        "return_low": rules.number("operator.return_low"),
        "return_high": rules.number("operator.return_high"),
        "surplus_share_owners": values["surplus_share_owners"].value,
        "surplus_yuan_per_year": float(sum(_surplus(desk, found).values())),
        "city_share": values["city_share"].value,
        "lease_share": values["lease_share"].value,
    }
    rate = irr(operator).rate if invests else float("nan")
    totals = _totals(desk, chosen, choices, flows) | {
        "operator_irr": rate,
        "operator_npv_low": low,
        "operator_npv_high": high,
        "concession_years": years,
        "unchecked_rules": float(len(report.unchecked)),
    }
    certificate = replace(found.certificate, binding=_together(found.certificate.binding))
    return Scheme(name, TITLES[name], choices, flows, totals, certificate, report.violations, terms)


def _together(binding: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """Report the rows that exist per building as one, with their number."""
    titles = {
        NO_WORSE: Text("住户不受损（按楼栋和产权类型）", "No household worse off (by building and tenure)"),
        BURDEN: Text("业主出资负担（按楼栋）", "Owners' burden (by building)"),
    }
    out = [b for b in binding if b.row.split(":")[0] not in titles and not b.row.startswith("even.")]
    for prefix, title in titles.items():
        rows = [b for b in binding if b.row.split(":")[0] == prefix]
        if rows:
            out.append(Binding(prefix, title, float(len(rows)), float(len(rows)), "rows", rows[0].source))
    return tuple(out)


def _totals(
    desk: _Desk, chosen: NDArray[np.int64], choices: pd.DataFrame, flows: pd.DataFrame
) -> dict[str, float]:
    options, objects, needs = desk.options, desk.options.objects, desk.unit.needs
    build = flows[flows["year"] < 2]
    paid = build.groupby("payer")["yuan"].sum()
    by = {
        f"{p}_yuan": float(paid.get(p, 0.0))
        for p in ("city", "district", "owner_unit", "owners", "tenants", "operator")
    }
    lines = build.groupby("line")["yuan"].sum()
    rows = options.object[chosen]
    touched = np.zeros(len(objects), bool)
    touched[rows] = True
    touched &= objects.building >= 0
    reached = touched.copy()
    reached[objects.members] |= np.isin(objects.estate[objects.members], rows)
    existing = desk.unit.existing_m2
    change = float((options.floor_after - options.floor_before)[chosen].sum())
    demolished = float(options.demolished[chosen].sum())
    mended = np.asarray(needs.share[:, chosen].sum(axis=1)) if chosen.size else np.zeros(len(needs.findings))
    asked = options.answer.pass_probability[chosen]
    weight = objects["dwellings"][rows]
    benefit = {f"benefit_{b}": float(choices[f"benefit_{b}"].sum()) for b in BENEFITS}
    raw = desk.benefits.raw[chosen].sum(axis=0) if chosen.size else np.zeros(4)
    alarms = needs.alarms
    return {
        "capital_yuan": float(lines.get("works", 0.0)),
        "public_yuan": by["city_yuan"] + by["district_yuan"],
        "city_yuan": by["city_yuan"],
        "district_yuan": by["district_yuan"],
        "owner_unit_yuan": by["owner_unit_yuan"],
        "owner_yuan": by["owners_yuan"],
        "tenant_yuan": by["tenants_yuan"],
        "operator_yuan": by["operator_yuan"],
        "surrender_yuan": float(lines.get("surrender_compensation", 0.0) + lines.get("surrender_award", 0.0)),
        "surplus_yuan": float(flows.loc[flows["line"] == "surplus", "yuan"].sum()),
        "public_present_yuan": float(desk.public_worth()[chosen].sum() * 1e6),
        "people_helped": float(objects["people"][touched].sum()),
        "dwellings_helped": float(objects["dwellings"][touched].sum()),
        "people_reached": float(objects["people"][reached].sum()),
        "households_leaving": float(options.leaving[chosen].sum()),
        "floor_before_m2": existing,
        "floor_after_m2": existing + change,
        "demolished_m2": demolished,
        "demolition_share": demolished / existing if existing > 0 else 0.0,
        "consent_expected": float(np.average(asked, weights=weight)) if chosen.size else float("nan"),
        **benefit,
        "income_present_yuan": float(raw[0]),
        "carbon_saved_t_per_year": float(raw[2] / 1000),
        "findings_mended": float((mended >= needs.mend - 1e-4).sum()),
        "alarms_lifted": float((mended[alarms] >= needs.lift_alarm[alarms] - 1e-4).sum()),
        "alarms_total": float(alarms.size),
        "findings_total": float(len(needs.findings) + needs.unmendable),
    }


def _table(desk: _Desk) -> pd.DataFrame:
    """Return the option table with its benefits and the findings that each option addresses."""
    table = option_table(desk.options)
    for i, benefit in enumerate(BENEFITS):
        table[f"benefit_{benefit}"] = desk.benefits.share[:, i]
    needs = desk.unit.needs
    share = needs.share.tocoo()
    held: dict[int, set[str]] = {}
    for finding, option in zip(*share.coords, strict=True):
        held.setdefault(int(option), set()).add(needs.findings[finding].indicator)
    found = [sorted(held.get(i, ())) for i in range(len(table))]
    table["findings"] = ["+".join(names) for names in found]
    table["findings_zh"] = ["、".join(needs.titles[n].zh for n in names) for names in found]
    table["findings_en"] = ["; ".join(needs.titles[n].en for n in names) for names in found]
    return table


def _notes(
    desk: _Desk, goals: Sequence[Target], reach: Floats, limits: Mapping[str, float], assumed: bool
) -> list[Text]:
    """Return what was assumed, left out and could not be done, in words."""
    options, needs = desk.options, desk.unit.needs
    notes = []
    if not len(options):
        notes.append(
            Text(
                "没有可提供的备选项：本片区没有住房，或没有一项措施既合规又可能获得同意。方案均为空。",
                "No option can be offered: the quarter has no homes, or nothing that is both lawful and likely to be agreed to. The schemes are empty.",
            )
        )
    total = sum(limits.values())
    if assumed:
        notes.append(
            Text(
                f"未给定预算：按假设的公共预算 {yuan(total, 'zh')} 计算（市、区各按假设比例）。",
                f"No budget was given: an assumed public budget of {yuan(total)} is used.",
            )
        )
    reasons = {
        "consent": Text("预计表决难以通过", "not likely to be agreed to"),
        "old_city": Text("老城内不得拆除", "would demolish in the old city"),
        "heritage": Text("保护对象不得拆除", "would demolish what is protected"),
        "height": Text("超过限高", "too high"),
        "reserved": Text("战略留白用地", "on reserved land"),
        "idle_floor": Text("闲置用房不足", "not enough idle rooms"),
    }
    for key, count in options.left_out.items():
        if count:
            why = reasons[key]
            notes.append(
                Text(f"{count} 个备选项未提供：{why.zh}。", f"{count} options are not offered: {why.en}.")
            )
    short = [g.row.title for g, share in zip(goals, reach, strict=True) if share < g.wanted * (1 - 1e-4)]
    if short:
        notes.append(
            Text(
                f"{len(short)} 项目标在现有措施、场地和同意预期下达不到，已按可达到的程度要求：{'；'.join(t.zh for t in short)}。",
                f"{len(short)} targets cannot be fully met with the measures, sites and consent at hand and are asked for as far as they can be: {'; '.join(t.en for t in short)}.",
            )
        )
    outside = float(np.nansum(np.where(options.objects["named"] == 0, options.objects["dwellings"], 0.0)))
    if outside:
        notes.append(
            Text(
                f"{number(outside, 'zh')} 户不在任何已知小区内，只安排楼栋（院落）措施，不安排小区公共工程。",
                f"{number(outside)} homes lie in no known estate: they get works on their buildings only, no estate works.",
            )
        )
    if needs.unmendable:
        notes.append(
            Text(
                f"{needs.unmendable} 项问题没有对应措施（如学校、菜市场），需另行安排。",
                f"{needs.unmendable} findings have no measure in the catalogue (schools, markets) and need other works.",
            )
        )
    for a in load_assumptions().values():
        shown_value = percent(a.value) if a.unit == "ratio" and a.value < 1 else f"{a.value:,g} {a.unit}"
        notes.append(
            Text(
                f"假设（{a.confidence}）：{a.title.zh} {shown_value}（{a.source}）。",
                f"Assumed ({a.confidence}): {a.title.en} {shown_value} ({a.source}).",
            )
        )
    notes.append(
        Text(
            "居民接受度按 acceptance.yaml 中的对数几率模型预测，参数均为假设；措施单价均为假设区间的中值。",
            "Acceptance is predicted by the logit of acceptance.yaml, whose parameters are assumptions; unit costs are the middle of assumed ranges.",
        )
    )
    return notes
