"""Rigid limits that hold object by object: where nothing may be demolished, raised, built or crowded.

What is known of an object has three states: 1 yes, 0 no, NaN unknown. A limit is broken where all its conditions
are 1, kept where one of them is 0, and cannot be checked otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hutong.rules.account import UnitAccount
from hutong.rules.book import Rules
from hutong.rules.notes import Note, unknown, violation
from hutong.text import Text, number

State = NDArray[np.float64]


def check_places(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    """Yield what a scheme does where it must not, and what cannot be known of it."""
    yield from _old_city(account, rules)
    yield from _heritage(account, rules)
    yield from _heights(account, rules)
    yield from _reserved(account, rules)
    yield from _households(account, rules)


def _above(values: State, limit: State | float) -> State:
    """Return the state of ``values > limit``, beyond rounding."""
    with np.errstate(invalid="ignore"):
        over = values > np.asarray(limit) * (1 + 1e-9)
    return np.where(np.isnan(values) | np.isnan(limit), np.nan, over)


def _all(*states: State) -> State:
    """Return 0 where any state is 0, 1 where all are 1, else NaN."""
    out = np.ones_like(states[0])
    for state in states:
        out = np.where((out == 0) | (state == 0), 0.0, out * state)
    return out


def _is(words: NDArray[np.str_], word: str) -> State:
    return np.where(words == "", np.nan, words == word)


def _judge(
    account: UnitAccount, rules: Rules, rule: str, state: State, said: Text, missing: Text
) -> Iterator[Note]:
    broken = state == 1
    if broken.any():
        n = int(broken.sum())
        message = Text(f"{n} 处{said.zh}。", f"{n} object{'s' * (n != 1)}: {said.en}.")
        yield violation(rules, rule, message, float(n), 0.0, account.ids(broken))
    if np.isnan(state).any():
        yield unknown(rules, rule, missing, account.ids(np.isnan(state)))


def _old_city(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "old_city.demolition_allowed"
    if not rules.forbids(rule):
        return
    state = _all(_above(account.demolished_m2, 0.0), account.column("old_city"))
    if "old_city.exempt_demolition_allowed" in rules and rules.flag("old_city.exempt_demolition_allowed"):
        state = _all(state, 1 - account.exempt(("dangerous", "illegal")))
    said = Text("在老城内拆除", "demolition in the old city")
    yield from _judge(
        account, rules, rule, state, said, Text("位置、拆除面积或认定", "place, demolished area or status is")
    )


def _heritage(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    for column, word, said in (
        ("heritage_grade", "protected", Text("拆除文物保护单位", "demolition of a protected monument")),
        ("heritage_grade", "historic", Text("拆除历史建筑", "demolition of a historic building")),
        ("heritage_zone", "historic_block", Text("在历史文化街区内拆除", "demolition in a historic block")),
    ):
        rule = f"heritage.{word}.demolition_allowed"
        if rules.forbids(rule):
            state = _all(_above(account.demolished_m2, 0.0), _is(account.words(column), word))
            missing = Text("保护等级、范围或拆除面积", "heritage status or demolished area is")
            yield from _judge(account, rules, rule, state, said, missing)


def _heights(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    after = account.column("height_after_m")
    # what stands may keep its height; what is raised or newly built may not pass the cap
    raised = _all(_above(account.new_floor_m2, 0.0), _above(after, account.column("height_before_m")))
    if rules.forbids("height.above_cap_allowed"):
        yield from _height(account, rules, "height.above_cap_allowed", raised, account.column("height_cap_m"))
    rule = "height.residential_max_m"
    cap = np.full(len(after), rules.number(rule))
    yield from _height(account, rules, rule, _all(raised, account.column("residential")), cap)


def _height(account: UnitAccount, rules: Rules, rule: str, acts: State, cap: State) -> Iterator[Note]:
    after = account.column("height_after_m")
    state = _all(acts, _above(after, cap))
    broken = state == 1
    if broken.any():
        worst = int(np.argmax(np.where(broken, after - np.where(broken, cap, 0.0), -np.inf)))
        high, low = float(after[worst]), float(cap[worst])
        n = int(broken.sum())
        message = Text(
            f"{n} 处建筑超过限高，最甚者 {number(high, 'zh', 1)} m，限高 {number(low, 'zh', 1)} m。",
            f"{n} over the height cap; the worst is {number(high, digits=1)} m under a cap of {number(low, digits=1)} m.",
        )
        yield violation(rules, rule, message, high, low, account.ids(broken))
    if np.isnan(state).any():
        yield unknown(
            rules, rule, Text("建筑高度或控制高度", "heights or their caps are"), account.ids(np.isnan(state))
        )


def _reserved(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "reserved_land.building_allowed"
    if rules.forbids(rule):
        state = _all(_above(account.new_floor_m2, 0.0), account.column("reserved"))
        said = Text("在战略留白用地上建设", "building on reserved land")
        missing = Text(
            "是否战略留白用地或新建面积", "whether the land is reserved, or the new floor area, is"
        )
        yield from _judge(account, rules, rule, state, said, missing)


def _households(account: UnitAccount, rules: Rules) -> Iterator[Note]:
    rule = "rebuild.household_increase_allowed"
    if not rules.forbids(rule):
        return
    rebuilt = _all(_above(account.demolished_m2, 0.0), _above(account.new_floor_m2, 0.0))
    before, after = account.column("households_before"), account.column("households_after")
    state = _all(rebuilt, _above(after, before))
    broken = state == 1
    if broken.any():
        added = float((after - before)[broken].sum())
        message = Text(
            f"改建后增加 {number(added, 'zh')} 户。", f"The rebuild adds {number(added)} households."
        )
        yield violation(rules, rule, message, added, 0.0, account.ids(broken))
    if np.isnan(state).any():
        yield unknown(
            rules, rule, Text("改建前后户数", "households before or after are"), account.ids(np.isnan(state))
        )
