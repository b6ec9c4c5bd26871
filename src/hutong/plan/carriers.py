"""What carries the operator's years, by its own name: concession, lease of rooms, common parts, service by mandate.

A concession is for infrastructure and public services, and the shortest of the laws in force limits it. Idle rooms are
let: twenty years at most (Civil Code art. 705), state-owned ones by their own rule. Common parts are opened by the
owners' vote (art. 278) and their net income is the owners'. A service that owners choose lasts as long as they choose it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.plan.money import BUILD_YEARS, LINE_ROW
from hutong.plan.options import Options
from hutong.plan.results import Scheme
from hutong.plan.revenue import CARRIERS, takings, units_that_earn
from hutong.rules import Rules
from hutong.text import Text, number, percent, yuan

TITLES = {
    "concession": Text("特许经营（基础设施与公用事业）", "concession (infrastructure and public services)"),
    "lease": Text("闲置用房租赁", "lease of idle rooms"),
    "state": Text("国有用房租赁", "lease of state-owned rooms"),
    "common": Text(
        "共用部位（业主共同决定，净收益归业主）", "common parts (the owners' vote, net income theirs)"
    ),
    "mandate": Text("业主选聘的服务", "a service that the owners choose"),
}
#: Which rule limits the years of a carrier.
LIMITS = {
    "concession": "concession.years_max",
    "lease": "lease.years_max",
    "state": "lease.state_owned_years_max",
}
#: What carriers without a limit of years rest on.
VOTES = {
    "common": Text("《民法典》第278条第(八)项、第282条", "Civil Code art. 278(8) and 282"),
    "mandate": Text("《民法典》第278条第(四)项、第285条", "Civil Code art. 278(4) and 285"),
}


def income_by_carrier(options: Options, chosen: NDArray[np.int64]) -> dict[str, float]:
    """Return the yearly takings of chosen options by what carries them, yuan: the operator's, and of common parts the owners'."""
    measures = options.measures
    units = units_that_earn(options.quantity, options.spare_floor, measures)[chosen]
    revenue = np.maximum(units, 0.0) * np.array([m.revenue for m in measures])
    operator = (revenue * options.operated[chosen]).sum(axis=0)
    out = dict.fromkeys(CARRIERS, 0.0)
    for measure, yuan_ in zip(measures, operator, strict=True):
        out[takings(measure).carrier] += float(yuan_)
    out["common"] = float(options.amounts[chosen, LINE_ROW["income:outside>owners"]].sum())
    return out


@dataclass(frozen=True, slots=True)
class Carrier:
    """What carries a part of the yearly takings: how long is planned, how long is allowed (None: no limit of years), why."""

    id: str
    title: Text
    yuan_per_year: float
    planned: int
    limit: int | None
    source: Text

    @property
    def exceeds(self) -> bool:
        """Whether more years are planned than one contract may have."""
        return self.limit is not None and self.planned > self.limit


def carriers(scheme: Scheme, rules: Rules) -> tuple[Carrier, ...]:
    """Return what carries the years of a scheme, with limits and sources; rooms of public owners also by their own rule."""
    planned = int(scheme.terms["concession_years"])
    out = []
    for name in ("concession", "lease", "state", "mandate", "common"):
        amount = float(scheme.totals.get(f"income_{'lease' if name == 'state' else name}_yuan", 0.0))
        rule = LIMITS.get(name)
        if not amount or (rule is not None and rule not in rules):
            continue
        law = f"{rules[rule].source} {rules[rule].article}".strip() if rule else ""
        source = Text(law, law) if rule else VOTES[name]
        limit = int(rules.number(rule)) if rule else None
        out.append(Carrier(name, TITLES[name], amount, planned, limit, source))
    return tuple(out)


def carrier_lines(found: tuple[Carrier, ...]) -> list[Text]:
    """Return the carriers in sentences; a term that one contract may not have says so."""
    out = []
    for c in found:
        amount = [yuan(c.yuan_per_year, lang) for lang in ("zh", "en")]  # type: ignore[arg-type]
        if c.limit is None:
            out.append(
                Text(
                    f"{c.title.zh}：每年 {amount[0]}，期限以业主决定为准（{c.source.zh}）。",
                    f"{c.title.en}: {amount[1]} a year, for as long as the owners decide ({c.source.en}).",
                )
            )
            continue
        verdict = (
            Text(
                f"计划 {c.planned} 年，一份合同至多 {c.limit} 年：其后的收入以续约为前提",
                f"planned {c.planned} years, one contract may run {c.limit}: what comes later needs a renewed contract",
            )
            if c.exceeds
            else Text(f"计划 {c.planned} 年，上限 {c.limit} 年", f"planned {c.planned} years of {c.limit} allowed")
        )  # fmt: skip
        out.append(
            Text(
                f"{c.title.zh}：每年 {amount[0]}，{verdict.zh}（{c.source.zh}）。",
                f"{c.title.en}: {amount[1]} a year, {verdict.en} ({c.source.en}).",
            )
        )
    return out


def at_stake(found: tuple[Carrier, ...], rate: float) -> Text | None:
    """Return which part of the present operating income falls after the shortest limit, or None if nothing does."""
    over = [c for c in found if c.exceeds and c.limit is not None]
    if not over:
        return None
    c = min(over, key=lambda x: x.limit or 0)
    years = BUILD_YEARS + np.arange(c.planned)
    worth = (1.0 + rate) ** -years
    late = float(worth[c.limit :].sum() / worth.sum())
    return Text(
        f"{c.title.zh}的收入现值中 {percent(late, 'zh')} 在第 {number(c.limit, 'zh')} 年之后，须约定续租或缩短期限。",
        f"{percent(late)} of the present value of the income from {c.title.en} comes after year {number(c.limit)}: agree on a renewal, or plan a shorter term.",
    )
