"""A scheme put together from a solution: choices, yearly payments, totals, proof and independent check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.plan.account import unit_account
from hutong.plan.carriers import income_by_carrier
from hutong.plan.catalogue import load_assumptions
from hutong.plan.desk import Desk
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.limits import BURDEN, NO_WORSE
from hutong.plan.money import BUILDING, LINE_ROW, LINES, PUBLIC, before_loan, spread
from hutong.plan.options import option_table
from hutong.plan.results import BENEFITS, CHOICE_COLUMNS, Binding, Certificate, Scheme
from hutong.plan.solve import Solution
from hutong.rules import CheckReport, Justification, Rules, UnitAccount, check_scheme, floor_cap_m2
from hutong.text import Text

#: The object that payments of the whole unit carry.
UNIT_ID = "unit"
TITLES = {
    "least_cost": Text("保底线", "Least cost"),
    "balanced": Text("均衡", "Balanced"),
    "most_benefit": Text("效益最大", "Most benefit"),
}


def assemble(desk: Desk, name: str, found: Solution, title: Text | None = None) -> Scheme:
    """Return the scheme of a solution; without a title, ``name`` is one of ``TITLES``."""
    chosen = found.chosen[found.chosen < len(desk.options)]
    certificate = replace(found.certificate, binding=together(found.certificate.binding))
    yearly = float(found.x[len(desk.options)])
    return settle(desk, name, title or TITLES[name], chosen, yearly, certificate)[0]


@dataclass(frozen=True)
class Given:
    """What a scheme made by hand says beyond its choices: years of start, shares, instruments and reasons."""

    starts: NDArray[np.int64] | None = None  # (chosen,) year in which works begin
    surplus_share_owners: float | None = None
    far_bonus: float = 0.0
    uncounted: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # by building: kind, m²
    justifications: tuple[Justification, ...] = ()
    reserve_m2: float = 0.0  # floor area drawn from the city's reserve
    plot_transfer: Mapping[str, float] = field(
        default_factory=dict
    )  # by plot: floor area received (+), given (−)


def settle(
    desk: Desk,
    scheme_id: str,
    title: Text,
    chosen: NDArray[np.int64],
    surplus_yearly: float,
    certificate: Certificate,
    given: Given | None = None,
) -> tuple[Scheme, CheckReport]:
    """Return the scheme of chosen options, and what the rules say of it.

    Parameters
    ----------
    surplus_yearly
        What the operator must share each year of operation to stay within the band, yuan.
    """
    given = given or Given()
    options, rules, values = desk.options, desk.unit.rules, load_assumptions()
    share = given.surplus_share_owners
    share = values["surplus_share_owners"].value if share is None else share
    surplus = share_surplus(surplus_yearly, share)
    flows = payments(desk, chosen, surplus, given.starts)
    choices = full_table(desk).iloc[chosen].reset_index(drop=True)[list(CHOICE_COLUMNS)]
    operator = party_years(before_loan(flows), desk.unit.calendar.horizon).loc["operator"].to_numpy(float)
    low, high = (float(npv(rules.number(f"operator.return_{end}"), operator)) for end in ("low", "high"))
    invests = bool((operator < 0).any())
    years = float(desk.unit.calendar.years)
    account = unit_account(desk.city, options, chosen, rules, low, high, years)
    report = check_scheme(_with_instruments(account, rules, given), rules, given.justifications)
    terms = {
        "concession_years": years,
        "return_low": rules.number("operator.return_low"),
        "return_high": rules.number("operator.return_high"),
        "surplus_share_owners": share,
        "surplus_yuan_per_year": float(sum(surplus.values())),
        "city_share": values["city_share"].value,
        "lease_share": values["lease_share"].value,
    }
    totals = _totals(desk, chosen, choices, flows) | {
        "operator_irr": irr(operator).rate if invests else float("nan"),
        "operator_npv_low": low,
        "operator_npv_high": high,
        **{f"income_{name}_yuan": v for name, v in income_by_carrier(options, chosen).items()},
        "concession_years": years,
        "unchecked_rules": float(len(report.unchecked)),
    }
    amounts = options.amounts[chosen].sum(axis=0) + _surplus_lines(surplus)
    scheme = Scheme(scheme_id, title, choices, flows, totals, certificate, report.violations, terms, amounts)
    return scheme, report


def payments(
    desk: Desk,
    chosen: NDArray[np.int64],
    surplus: Mapping[str, float],
    starts: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Return the yearly payments of chosen options, each from its year of start, and of the surplus (``FLOW_COLUMNS``)."""
    options, calendar = desk.options, desk.unit.calendar
    ids = [options.objects.ids[i] for i in options.object[chosen]]
    amounts = np.vstack([options.amounts[chosen], _surplus_lines(surplus)])
    return spread(amounts, [*ids, UNIT_ID], calendar, None if starts is None else np.append(starts, 0))


def share_surplus(yearly: float, share_owners: float) -> dict[str, float]:
    """Return the surplus of each year by receiver, whole yuan: what the operator must share to stay in the band."""
    total = np.ceil(yearly) if yearly > 0.5 else 0.0
    owners = np.round(total * share_owners)
    return {"maintenance_fund": float(owners), "district": float(total - owners)}


def _surplus_lines(surplus: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the amounts of a surplus by receiver, shape (lines,)."""
    out = np.zeros(len(LINES))
    for receiver, amount in surplus.items():
        out[LINE_ROW[f"surplus:operator>{receiver}"]] = amount
    return out


def _with_instruments(account: UnitAccount, rules: Rules, given: Given) -> UnitAccount:
    """Return the account with a granted bonus and the floor area that may not count."""
    if given.far_bonus:
        cap = floor_cap_m2(account.existing_floor_m2, rules, given.far_bonus)
        account = replace(account, floor_cap_m2=cap)
    if given.reserve_m2:
        account = replace(account, floor_cap_m2=account.floor_cap_m2 + given.reserve_m2)
    if (
        given.plot_transfer and account.plot_id is not None
    ):  # an approved transfer changes what a plot may have
        moved = np.array([given.plot_transfer.get(str(p), 0.0) for p in account.plot_id])
        ratio = account.column("far_cap") + moved / account.column("plot_area_m2")
        account = replace(account, far_cap=np.maximum(ratio, 0.0))
    if given.uncounted:
        kind, size = np.full(len(account.object_id), "", "U16"), np.zeros(len(account.object_id))
        for at in np.flatnonzero(np.isin(account.object_id, list(given.uncounted))):
            kind[at], size[at] = given.uncounted[str(account.object_id[at])]
        account = replace(account, uncounted_kind=kind, uncounted_m2=size)
    return account


def together(binding: tuple[Binding, ...]) -> tuple[Binding, ...]:
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
    desk: Desk, chosen: NDArray[np.int64], choices: pd.DataFrame, flows: pd.DataFrame
) -> dict[str, float]:
    options, objects, needs = desk.options, desk.options.objects, desk.unit.needs
    build = flows[flows["line"].isin(BUILDING)]
    paid = build.groupby("payer")["yuan"].sum()
    payers = (*PUBLIC, "owner_unit", "owners", "tenants", "operator", "maintenance_fund")
    by = {f"{p}_yuan": float(paid.get(p, 0.0)) for p in payers}
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
        "public_yuan": sum(by[f"{p}_yuan"] for p in PUBLIC),
        **{f"{p}_yuan": by[f"{p}_yuan"] for p in PUBLIC},
        "owner_unit_yuan": by["owner_unit_yuan"],
        "owner_yuan": by["owners_yuan"] + by["maintenance_fund_yuan"],
        "maintenance_fund_yuan": by["maintenance_fund_yuan"],
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
        "findings_mended": float((is_mended := (mended >= needs.mend - 1e-4) & needs.sure).sum()),
        "findings_partly": float(((mended > 1e-9) & ~is_mended).sum()),
        "alarms_lifted": float((mended[alarms] >= needs.lift_alarm[alarms] - 1e-4).sum()),
        "alarms_total": float(alarms.size),
        "findings_total": float(len(needs.findings) + needs.unmendable),
    }


def full_table(desk: Desk) -> pd.DataFrame:
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
