"""Caps on floor area and land: of the unit, of each plot, and of the construction land it takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hutong.rules.account import UNCOUNTED_KINDS, UnitAccount
from hutong.rules.book import Rules
from hutong.rules.notes import Note, unknown, violation
from hutong.text import Text, number

#: Sums of floor areas differ by rounding; a limit counts as passed beyond this share of it.
_ABOVE = 1 + 1e-9


def check_floor(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    """Yield where a scheme passes a cap on floor area or land, and what cannot be known of it."""
    yield from _unit(account, rules)
    yield from _plots(account, rules)
    yield from _land(account, rules)


def outside(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    """Yield the caps of which an account says nothing at all, because it was not drawn up by plot or with its land."""
    if account.plot_id is None and rules.forbids("far.above_cap_allowed"):
        yield unknown(rules, "far.above_cap_allowed", Text("各地块的账目", "the plots of the account are"))
    if account.land_after_m2 is None and rules.forbids("unit.land_growth_allowed"):
        yield unknown(
            rules, "unit.land_growth_allowed", Text("建设用地面积", "the area of construction land is")
        )


def _counted_new(account: UnitAccount, rules: Rules) -> NDArray[np.float64]:
    """Return the new floor area of each object that counts (n,), less the kinds that the rules leave uncounted."""
    spared = np.zeros(len(account.object_id))
    kinds, uncounted = account.words("uncounted_kind"), account.column("uncounted_m2")
    for kind in UNCOUNTED_KINDS:
        name = f"far.uncounted.{kind}"
        if name in rules and rules.flag(name):
            spared = np.where(kinds == kind, uncounted, spared)
    return np.asarray(account.new_floor_m2 - spared)


def _unit(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "unit.floor_growth_allowed"
    if rules.flag(rule):
        return
    after = account.existing_floor_m2 - account.demolished_m2 + _counted_new(account, rules)
    total, cap = float(after.sum()), account.floor_cap_m2
    if np.isnan(total) or np.isnan(cap):
        missing = Text("建筑规模或单元上限", "floor areas or the cap of the unit are")
        yield unknown(rules, rule, missing, account.ids(np.isnan(after)))
    elif total > cap * _ABOVE:
        message = Text(
            f"实施后计容建筑规模 {number(total, 'zh')} m²，超过单元上限 {number(cap, 'zh')} m²。",
            f"Counted floor area after the scheme is {number(total)} m², above the unit's cap of {number(cap)} m².",
        )
        yield violation(rules, rule, message, total, cap, account.ids(account.new_floor_m2 > 0))


def _plots(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    """Judge each plot that gains counted floor area; what stands above its cap may stay."""
    rule = "far.above_cap_allowed"
    if account.plot_id is None or not rules.forbids(rule):
        return
    counted = _counted_new(account, rules)
    change = counted - account.demolished_m2
    # where the demolition is unknown, none of it is the most that the plot can gain
    most = counted - np.nan_to_num(account.demolished_m2)
    unclear = np.zeros(len(account.object_id), bool)
    names, place = np.unique(account.plot_id, return_inverse=True)
    for at in np.flatnonzero(~(np.bincount(place, weights=most, minlength=len(names)) <= 0)):
        plot, rows = names[at], place == at
        gain = change[rows].sum()
        after = account.existing_floor_m2[rows].sum() + gain
        area, cap = (account.column(c)[rows][0] for c in ("plot_area_m2", "far_cap"))
        ratio = after / area
        if plot == "" or np.isnan(gain) or np.isnan(ratio) or np.isnan(cap):
            unclear |= rows & ~(most <= 0)
        elif ratio > cap * _ABOVE:
            message = Text(
                f"地块 {plot} 实施后容积率 {number(ratio, 'zh', 2)}，超过规划容积率 {number(cap, 'zh', 2)}。",
                f"Plot {plot} reaches a floor-area ratio of {number(ratio, digits=2)}, above its cap of {number(cap, digits=2)}.",
            )
            yield violation(rules, rule, message, float(ratio), float(cap), account.ids(rows & (change > 0)))
    if unclear.any():
        missing = Text("地块、地块面积或规划容积率", "plots, their areas or caps are")
        yield unknown(rules, rule, missing, account.ids(unclear))


def _land(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "unit.land_growth_allowed"
    before, after = account.land_before_m2, account.land_after_m2
    if after is None or not rules.forbids(rule):
        return
    if before is None or np.isnan(before) or np.isnan(after):
        yield unknown(rules, rule, Text("实施前后建设用地面积", "construction land before or after is"))
    elif after > before * _ABOVE:
        message = Text(
            f"实施后建设用地 {number(after, 'zh')} m²，超过现状 {number(before, 'zh')} m²。",
            f"Construction land after the scheme is {number(after)} m², above the present {number(before)} m².",
        )
        yield violation(rules, rule, message, after, before)
