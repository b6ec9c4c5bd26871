"""Check what a scheme does against the rules: rigid limits, limits in principle, and what cannot be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hutong.errors import HutongError
from hutong.rules.account import UnitAccount
from hutong.rules.book import Rules
from hutong.rules.floor import check_floor, outside
from hutong.rules.notes import IN_PRINCIPLE, Note, unknown, violation
from hutong.rules.places import check_places
from hutong.rules.results import CheckReport, Justification, Unchecked, Violation
from hutong.text import Text, number, percent, yuan

#: Sums of floor areas differ by rounding; a limit counts as passed beyond this share of it.
_ABOVE, _BELOW = 1 + 1e-9, 1 - 1e-9
#: Rounding of money, yuan.
_YUAN = 1.0


def check_scheme(
    account: UnitAccount, rules: Rules, justifications: Sequence[Justification] = ()
) -> CheckReport:
    """Check a scheme against every rule that its account can break.

    Parameters
    ----------
    account
        What the scheme does.
    rules
        The rules of the jurisdiction on the date of the scheme.
    justifications
        Recorded reasons for passing limits in principle (:data:`~hutong.rules.notes.IN_PRINCIPLE`).

    Raises
    ------
    HutongError
        For a justification without a reason, or of a rule that none can pass.
    """
    reasons = _reasons(justifications)
    notes: list[Note] = [
        *check_floor(account, rules),
        *check_places(account, rules),
        *_services(account, rules),
        *_micro_profit(account, rules),
        *_at_most(account.concession_years, rules, "concession.years_max"),
        *_at_most(account.rent_growth, rules, "unit.rent_growth_max"),
        *_demolition_share(account, rules),
        *_new_to_demolished(account, rules),
        *_rehousing(account, rules),
    ]
    broken = [n for n in notes if isinstance(n, Violation)]
    return CheckReport(
        violations=tuple(v for v in broken if v.rule not in reasons),
        unchecked=tuple(n for n in notes if isinstance(n, Unchecked)),
        justified=tuple((v, reasons[v.rule]) for v in broken if v.rule in reasons),
        outside=tuple(n for n in outside(account, rules) if isinstance(n, Unchecked)),
    )


def _reasons(justifications: Sequence[Justification]) -> dict[str, Justification]:
    for j in justifications:
        if j.rule not in IN_PRINCIPLE or not (j.reason.zh.strip() and j.reason.en.strip()):
            raise HutongError(
                "bad-justification",
                Text(f"对 {j.rule} 的说明无效。", f"The justification of {j.rule} cannot stand."),
                Text(
                    f"只有原则性要求可附理由突破：{'、'.join(IN_PRINCIPLE)}。",
                    f"Only limits in principle can be passed, and with a reason: {', '.join(IN_PRINCIPLE)}.",
                ),
            )
    return {j.rule: j for j in justifications}


def _services(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    for kind in sorted(account.service_floor_m2):
        rule, floor = f"facility.{kind}.floor_min_m2", account.service_floor_m2[kind]
        least, title = rules.number(rule), rules[rule].title
        if np.isnan(floor):
            yield unknown(rules, rule, Text("建筑面积", "its floor area is"))
        elif floor < least * _BELOW:
            message = Text(
                f"{title.zh} {number(least, 'zh')} m²，方案为 {number(floor, 'zh')} m²。",
                f"{title.en}: {number(least)} m²; the scheme has {number(floor)} m².",
            )
            yield violation(rules, rule, message, floor, least)


def _micro_profit(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    low, high = account.operator_npv_low, account.operator_npv_high
    for rule, npv, broken, said in (
        (
            "operator.return_low",
            low,
            low is not None and low < -_YUAN,
            Text("运营方收益低于微利下限", "The operator earns less than micro-profit"),
        ),
        (
            "operator.return_high",
            high,
            high is not None and high > _YUAN,
            Text("运营方收益高于微利上限且未分享", "The operator keeps more than micro-profit"),
        ),
    ):
        if npv is not None and np.isnan(npv):
            yield unknown(rules, rule, Text("运营方净现值", "the operator's NPV is"))
        elif npv is not None and broken:
            rate = rules.number(rule)
            message = Text(
                f"{said.zh}：按 {percent(rate, 'zh', 1)} 折现的净现值为 {yuan(npv, 'zh')}。",
                f"{said.en}: NPV at {percent(rate, digits=1)} is {yuan(npv)}.",
            )
            yield violation(rules, rule, message, npv, 0.0)


def _at_most(value: float | None, rules: Rules, rule: str) -> Iterator[Note]:
    """Check one figure of the terms; None means that the scheme has no such term."""
    if value is None:
        return
    limit, title = rules.number(rule), rules[rule].title
    if np.isnan(value):
        yield unknown(rules, rule, Text("该项约定", "the term is"))
    elif value > limit * _ABOVE:
        years = rules[rule].unit == "year"
        is_, most = (number(v) if years else percent(v, digits=1) for v in (value, limit))
        message = Text(f"{title.zh}为 {most}，方案为 {is_}。", f"{title.en}: {most}; the scheme has {is_}.")
        yield violation(rules, rule, message, value, limit)


def _demolition_share(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "unit.demolition_share_max"
    kinds = [k for k in ("dangerous", "illegal") if rules.flag(f"unit.demolition_exempt.{k}")]
    exempt = account.exempt(tuple(kinds))
    existing, demolished = float(account.existing_floor_m2.sum()), account.demolished_m2
    limit = rules.number(rule)
    # where exemption is unknown, the truth lies between counting none of it and all of it
    least, most = float(demolished[exempt == 0].sum()), float(demolished[exempt != 1].sum())
    if most == 0:
        return
    ceiling = limit * existing * _ABOVE
    if np.isnan(existing) or np.isnan(most) or least <= ceiling < most:
        mask = (
            np.isnan(account.existing_floor_m2) | np.isnan(demolished) | (np.isnan(exempt) & (demolished > 0))
        )
        missing = Text("建筑面积、拆除面积或危房违建认定", "floor area, demolished area or exemption is")
        yield unknown(rules, rule, missing, account.ids(mask))
    elif least > ceiling:
        share = least / existing
        message = Text(
            f"拆除建筑面积占现状 {percent(share, 'zh', 1)}，超过 {percent(limit, 'zh')}。",
            f"{percent(share, digits=1)} of the existing floor area is demolished, above {percent(limit)}.",
        )
        yield violation(rules, rule, message, share, limit, account.ids((demolished > 0) & (exempt == 0)))


def _new_to_demolished(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "unit.new_to_demolished_max"
    limit = rules.number(rule)
    new, demolished = float(account.new_floor_m2.sum()), float(account.demolished_m2.sum())
    if demolished == 0:
        return  # nothing is demolished: the floor-area cap alone limits what is added
    if np.isnan(new) or np.isnan(demolished):
        mask = np.isnan(account.new_floor_m2) | np.isnan(account.demolished_m2)
        yield unknown(
            rules, rule, Text("新建或拆除面积", "new or demolished floor area is"), account.ids(mask)
        )
    elif new > limit * demolished * _ABOVE:
        ratio = new / demolished
        message = Text(
            f"拆建比 {number(ratio, 'zh', 2)}，超过 {number(limit, 'zh', 1)}。",
            f"New floor area is {number(ratio, digits=2)} times the demolished, above {number(limit, digits=1)}.",
        )
        yield violation(rules, rule, message, ratio, limit, account.ids(account.new_floor_m2 > 0))


def _rehousing(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "unit.local_rehousing_min"
    limit = rules.number(rule)
    relocated = account.column("relocated_households")
    near = np.where(relocated == 0, 0.0, account.column("rehoused_locally"))
    total, local = float(relocated.sum()), float(near.sum())
    if np.isnan(total) or np.isnan(local):
        missing = Text("搬迁或就地安置户数", "relocated or locally rehoused households are")
        yield unknown(rules, rule, missing, account.ids(np.isnan(relocated) | np.isnan(near)))
    elif local < limit * total * _BELOW:
        share = local / total
        message = Text(
            f"就地就近安置率 {percent(share, 'zh', 1)}，低于 {percent(limit, 'zh')}。",
            f"{percent(share, digits=1)} of the relocated are rehoused locally, below {percent(limit)}.",
        )
        yield violation(rules, rule, message, share, limit, account.ids(near < relocated))
