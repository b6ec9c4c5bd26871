"""Section 0: the quarter, its key numbers and what matters most."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.city import City
from hutong.plan.money_words import party_title
from hutong.plan.results import Plan, Scheme
from hutong.report.format import area, day, join, money, num, pct
from hutong.report.marks import figure
from hutong.report.sections.consent import at_risk, matter_of
from hutong.report.sections.problems import place_title
from hutong.report.sections.schemes import capital_shares
from hutong.sense.results import Checkup
from hutong.text import Text

#: The scheme that the page speaks of when it must speak of one.
LEADING = "balanced"


def leading(plan: Plan) -> Scheme:
    """Return the balanced scheme, or the middle one of a plan that has none by that name."""
    return next((s for s in plan.schemes if s.id == LEADING), plan.schemes[len(plan.schemes) // 2])


def key_figures(city: City) -> list[Any]:
    """Return buildings, dwellings, residents and floor area, each marked with its origin."""
    floor = city["buildings"]["floor_area_m2"]
    residents = city["dwellings"]["residents"]
    total = float(residents.sum()) if residents.notna().any() else float("nan")
    return [
        figure(city, "buildings", "geometry", Text("楼栋与院落", "Buildings and courtyards"), num(len(city["buildings"]))),
        figure(city, "dwellings", "building_id", Text("住房", "Dwellings"), num(len(city["dwellings"]))),
        figure(city, "dwellings", "residents", Text("居民", "Residents"), num(total)),
        figure(city, "buildings", "floor_area_m2", Text("建筑面积", "Floor area"), area(float(floor.sum()) if floor.notna().any() else np.nan)),
    ]  # fmt: skip


def what_is_wrong(check: Checkup) -> Text:
    """Return the first sentence: how much is wrong, and what is worst."""
    found = check.findings
    if not found:
        return Text("体检没有发现低于标准的地方。", "The checkup found nothing below its standard.")
    titles = {i.id: i.title for i in check.indicators}
    alarms = sum(f.status == "alarm" for f in found)
    worst = found[0]
    place = place_title(worst)
    others = [titles[k] for k in dict.fromkeys(f.indicator for f in found) if k != worst.indicator]
    zh = f"体检发现 {len(found)} 处问题，其中 {alarms} 处告警；最重的是{place.zh}的“{titles[worst.indicator].zh}”"
    en = f"The checkup finds {len(found)} problems, {alarms} of them alarms; the gravest is “{titles[worst.indicator].en}” in {place.en}"
    if others:
        zh += f"，其次是{'、'.join(f'“{t.zh}”' for t in others[:2])}"
        en += f", followed by {' and '.join(f'“{t.en}”' for t in others[:2])}"
    return Text(zh + "。", en + ".")


def what_could_be_done(plan: Plan) -> Text:
    """Return the second sentence: the leading scheme, its cost, who pays and whom it reaches."""
    scheme = leading(plan)
    choices = scheme.choices
    if not len(choices):
        return Text(
            f"“{scheme.title.zh}”方案没有找到既合规又付得起的措施。",
            f"The scheme “{scheme.title.en}” finds no measure that is both lawful and affordable.",
        )
    parts = capital_shares(scheme)
    total = sum(v for _, v in parts)
    payers = [(party_title(p), pct(v / total)) for p, v in sorted(parts, key=lambda x: -x[1])[:3]]
    homes = num(scheme.totals["dwellings_helped"])
    places = num(choices["object_id"].nunique())
    return Text(
        f"“{scheme.title.zh}”方案在 {places.zh} 处动工，惠及 {homes.zh} 户，工期内共需 {money(total).zh}："
        f"{'、'.join(f'{t.zh} {s.zh}' for t, s in payers)}。",
        f"The scheme “{scheme.title.en}” works in {places.en} places, reaches {homes.en} homes and needs {money(total).en} "
        f"while works last: {', '.join(f'{t.en.lower()} {s.en}' for t, s in payers)}.",
    )


def who_must_agree(plan: Plan) -> Text:
    """Return the third sentence: what consent is predicted, and where it is in doubt."""
    choices = leading(plan).choices
    matters = [matter_of(p, plan) for p in choices["package"]]
    asked = choices[[m not in ("none", "surrender") for m in matters]]
    if not len(asked):
        return Text(
            "这一方案不需要居民表决或签约。", "This scheme needs no vote or signature of the residents."
        )
    doubtful = asked[at_risk(asked)]
    chance = pct(float(asked["pass_probability"].min()))
    if not len(doubtful):
        return Text(
            f"{len(asked)} 处需要居民表决或签约，模型预测都能达到门槛，把握最小的一处为 {chance.zh}；这是预测，不代替表决。",
            f"{len(asked)} places need the residents' vote or signature and all are predicted to reach it, the least sure with "
            f"a chance of {chance.en}. A prediction replaces no vote.",
        )
    return Text(
        f"{len(asked)} 处需要居民表决或签约，其中 {len(doubtful)} 处能否达到门槛并不确定，应先去听意见；这是预测，不代替表决。",
        f"{len(asked)} places need the residents' vote or signature; in {len(doubtful)} it is uncertain, so listen there first. "
        "A prediction replaces no vote.",
    )


def view(city: City, check: Checkup, plan: Plan) -> dict[str, Any]:
    """Return the header."""
    return {
        "title": city.meta.title,
        "date": day(city.meta.date),
        "figures": key_figures(city),
        "matters": [what_is_wrong(check), what_could_be_done(plan), who_must_agree(plan)],
        "kicker": Text("更新体检与方案报告", "Renewal report"),
        "subtitle": join(Text("快照日期 ", "Snapshot of "), day(city.meta.date)),
    }
