"""One month of every household, in one pass: meet, hear, learn, ask, trust.

The kernels take plain arrays in named tuples. Each array of households is float32 in memory and float64 in
arithmetic. A household reads the stance and satisfaction of others as they stood a month ago (two buffers), so
the order of the pass does not matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from hutong.rng import philox

# Streams of randomness; an entity is a household, a building or a project.
START, HOUSEHOLD, REQUEST, VOTE, BUILDING, PROJECT = 1, 2, 3, 4, 5, 6
UNIT = 2.3283064365386963e-10  # 2 to the power -32
#: Logistic function on a grid: 1/128 apart over [-8, 8]. A table gives the same digits everywhere.
GRID, REACH = 128.0, 8.0
LOGISTIC = 1.0 / (1.0 + np.exp(-(np.arange(int(2 * REACH * GRID) + 1) / GRID - REACH)))
MONTHS_ACTIVE = 12  # who took part within the last year counts as taking part


#: Options of the kernels that only other kernels call: no wrappers, which would take most of the compilation.
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "nogil": True}


class World(NamedTuple):
    """What does not change during a run (households H, buildings B, projects P, roll of P in compressed rows)."""

    building: np.ndarray  # uint32 (H,)
    indptr: np.ndarray  # uint32 (H + 1,)
    indices: np.ndarray  # uint32
    area_cm2: np.ndarray  # int64 (H,)
    elder: np.ndarray  # float32 (H,) in [0, 1]
    low_income: np.ndarray  # float32 (H,) in [0, 1]
    people: np.ndarray  # int32 (H,)
    stake: np.ndarray  # uint8 (H,) a project touches the home
    lean: np.ndarray  # float32 (H,) logit of the predicted acceptance
    condition: np.ndarray  # float32 (B,) at the start
    service: np.ndarray  # float32 (B,) at the start
    homes: np.ndarray  # int32 (B,) households
    member_ptr: np.ndarray  # uint32 (P + 1,) buildings of a project
    member: np.ndarray  # uint32
    voter_ptr: np.ndarray  # uint32 (P + 1,) households of a project
    voter: np.ndarray  # uint32
    roll_area: np.ndarray  # int64 (P,) whole roll, empty homes included
    roll_heads: np.ndarray  # int64 (P,)
    matter: np.ndarray  # int8 (P,) row of ``thresholds``
    private: np.ndarray  # uint8 (P,) promised by an operator, else by government
    public_yuan: np.ndarray  # float64 (P,)
    intensity: np.ndarray  # float64 (P,) 100,000 yuan per dwelling
    disruption: np.ndarray  # float64 (P,)
    condition_gain: np.ndarray  # float64 (P,) share of the gap to 1 that works close
    service_gain: np.ndarray  # float64 (P,)
    value_gain: np.ndarray  # float64 (P, 3) economic, ecological, cultural
    thresholds: np.ndarray  # int64 (matters, 8)
    budget: np.ndarray  # float64 (years,) public money; empty: spread over programme_years
    bases: np.ndarray  # float64 (2,) ecological and cultural value today; NaN: take the parameter


class State(NamedTuple):
    """What changes every month."""

    stance: np.ndarray  # float32 (2, H), as are the others
    content: np.ndarray  # satisfaction, (2, H)
    interest: np.ndarray  # logit of one's own informed interest (H,)
    good_gov: np.ndarray
    bad_gov: np.ndarray
    good_op: np.ndarray
    bad_op: np.ndarray
    request: np.ndarray  # int16: 0 none, -1 a problem not reported, n waiting for n months
    active: np.ndarray  # int16: month in which the household last took part
    gone: np.ndarray  # uint8: rehoused elsewhere
    signed: np.ndarray  # uint8: signed a surrender
    condition: np.ndarray  # float32 (B,)
    service: np.ndarray  # float32 (B,)
    wear: np.ndarray  # float64 (B,) what this month's neglect and repairs do
    talk: np.ndarray  # uint8 (B,) under discussion
    works: np.ndarray  # float64 (B,) disruption
    done: np.ndarray  # uint8 (B,)


class Month(NamedTuple):
    """The same for all households this month."""

    step: int
    deliberation: float
    rollout: float  # digital layer in place, in [0, 1]
    serve: float  # chance that an open request is handled
    resolve: float  # chance that handling it helps
    middle_trust: float
    news_good_gov: float
    news_bad_gov: float
    news_good_op: float
    news_bad_op: float


# Places in the vector of counts and sums that a month gives.
(RESIDENTS, STAKE, SUPPORT, TRUST_GOV, TRUST_OP, CONTENT, CONTENT_LOW, LOW, PAIRS, CLASH, COVERAGE, ACTIVE,
 OPEN, DUE, RESPONDED, CLOSED, RESOLVED, SATISFIED, CONDITION, SERVICE, PEOPLE, SUMS) = range(22)  # fmt: skip


@njit(**INNER)
def logistic(x, table):  # type: ignore[no-untyped-def]
    """Return 1 / (1 + exp(-x)) from the table, to within 0.001."""
    if x <= -REACH:
        return table[0]
    if x >= REACH:
        return table[-1]
    return table[int((x + REACH) * GRID + 0.5)]


@njit(**INNER)
def fermi(mine, other, noise, table):  # type: ignore[no-untyped-def]
    """Return the chance of copying a neighbour: 1 / (1 + exp((mine - other) / K)) (Szabó and Tőke 1998)."""
    return logistic((other - mine) / noise, table)


@njit(**INNER)
def draw(key0, key1, stream, entity, step, extra):  # type: ignore[no-untyped-def]
    """Return four 32-bit words named by (seed, stream, entity, step) and a fifth number."""
    return philox(entity, step, stream, extra, key0, key1)


@njit(**INNER)
def bound01(x):  # type: ignore[no-untyped-def]
    """Return x limited to [0, 1]."""
    return min(max(x, 0.0), 1.0)


@njit(**INNER)
def households(w, s, p, m, key0, key1, table, sums):  # type: ignore[no-untyped-def]
    """Move every household through month ``m.step`` and add up ``sums``."""
    old, new = (m.step + 1) & 1, m.step & 1
    for i in range(len(w.building)):
        stance, content = float(s.stance[old, i]), float(s.content[old, i])
        if s.gone[i]:
            s.stance[new, i], s.content[new, i] = stance, content
            continue
        b = w.building[i]
        w0, w1, w2, w3 = draw(key0, key1, HOUSEHOLD, i, m.step, 0)
        skill = (1.0 - p.skill_elder * w.elder[i]) * (1.0 - p.skill_income * w.low_income[i])
        use = (p.coverage_base + (1.0 - p.coverage_base) * m.rollout) * skill
        gg, bg = float(s.good_gov[i]), float(s.bad_gov[i])
        go, bo = float(s.good_op[i]), float(s.bad_op[i])
        trust_gov, trust_op = gg / (gg + bg), go / (go + bo)
        trust = 0.5 * (trust_gov + trust_op)

        meets = False
        if s.talk[b] and m.deliberation > 0.0:
            x = p.meet_logit + p.meet_trust * (trust - 0.5) + p.meet_digital * use + p.meet_elder * w.elder[i]
            meets = w3 * UNIT < m.deliberation * logistic(x, table)
            if meets:
                s.active[i] = m.step

        # One neighbour: talk it over at a meeting (bounded confidence), else copy who fares better (Fermi).
        first = w.indptr[i]
        degree = w.indptr[i + 1] - first
        if degree > 0:
            k = w.indices[first + ((np.uint64(w0) * np.uint64(degree)) >> np.uint64(32))]
            if not s.gone[k]:
                other = float(s.stance[old, k])
                sums[PAIRS] += 1.0
                if (stance >= 0.5) != (other >= 0.5):
                    sums[CLASH] += 1.0
                if meets:
                    if abs(other - stance) <= p.bound:
                        stance += p.mixing * (other - stance)
                elif w1 * UNIT < p.imitation_rate * fermi(
                    content, s.content[old, k], p.imitation_noise, table
                ):
                    stance = other

        # Until works are done, rumours take support from those who do not trust; the low bits of w0 are free.
        if not s.done[b] and (w0 & np.uint32(0xFFFF)) / 65536.0 < p.rumour_rate * (
            1.0 - p.rumour_digital * use
        ):
            stance -= p.rumour_step * (1.0 - trust) * stance

        # Information brings stance to one's own interest, as far as the promise is believed.
        learn = p.information_base + p.information_digital * use
        if meets:
            learn += p.information_deliberation
        x = s.interest[i] + p.trust_pull * (trust - m.middle_trust)
        if s.done[b]:
            x += p.experience_pull * (content - 0.5)
        stance += min(learn, 1.0) * (logistic(x, table) - stance)

        home = 0.5 * s.condition[b] + 0.5 * s.service[b] - p.disruption * s.works[b]
        content += p.satisfaction_rate * (max(home, 0.0) - content)

        # Problems, requests and their outcome.
        r = s.request[i]
        if r == 0:
            gap = 1.0 - s.condition[b]
            if w2 * UNIT < p.problem_base + p.problem_slope * gap * gap:
                r = -1
        if r != 0:
            v0, v1, v2, _ = draw(key0, key1, REQUEST, i, m.step, 0)
            if r < 0:
                x = p.ask_logit + p.ask_digital * use + p.ask_trust * (trust_gov - 0.5)
                if v0 * UNIT < logistic(x, table):
                    r = 1
                    s.active[i] = m.step
                elif v1 * UNIT < p.sense_rate * m.rollout:
                    r = 1
                else:
                    content -= p.unreported_drag * content
                    s.wear[b] += p.neglect_wear
            else:
                served = v0 * UNIT < m.serve
                if r == 1:
                    sums[DUE] += 1.0
                    if served:
                        sums[RESPONDED] += 1.0
                if served:
                    sums[CLOSED] += 1.0
                    late = p.wait_penalty * (r - 1)
                    if v1 * UNIT < m.resolve:
                        sums[RESOLVED] += 1.0
                        s.wear[b] -= p.repair_gain
                        gg += p.request_weight
                        content += p.request_step * (1.0 - content)
                        pleased = p.satisfied_resolved - late
                        r = 0
                    else:
                        bg += p.request_weight
                        content -= p.request_step * content
                        pleased = p.satisfied_unresolved - late
                        r = -1
                    if v2 * UNIT < pleased:
                        sums[SATISFIED] += 1.0
                else:
                    r += 1
                    bg += p.wait_weight
        s.request[i] = r

        # News of promises kept and broken elsewhere; memory is finite, so belief stays able to change.
        heard = p.news_weight * (1.0 + p.news_digital * use)
        gg += heard * m.news_good_gov
        bg += heard * m.news_bad_gov
        go += heard * m.news_good_op
        bo += heard * m.news_bad_op
        if gg + bg > p.trust_memory:
            keep = p.trust_memory / (gg + bg)
            gg *= keep
            bg *= keep
        if go + bo > p.trust_memory:
            keep = p.trust_memory / (go + bo)
            go *= keep
            bo *= keep
        s.good_gov[i], s.bad_gov[i], s.good_op[i], s.bad_op[i] = gg, bg, go, bo
        s.stance[new, i], s.content[new, i] = bound01(stance), bound01(content)


@njit(**INNER)
def census(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Add up the state of the households still here at the end of month ``m.step``."""
    now = m.step & 1
    for i in range(len(w.building)):
        if s.gone[i]:
            continue
        b = w.building[i]
        sums[RESIDENTS] += 1.0
        sums[PEOPLE] += w.people[i]
        if w.stake[i]:
            sums[STAKE] += 1.0
            if s.stance[now, i] >= 0.5:
                sums[SUPPORT] += 1.0
        sums[TRUST_GOV] += s.good_gov[i] / (float(s.good_gov[i]) + float(s.bad_gov[i]))
        sums[TRUST_OP] += s.good_op[i] / (float(s.good_op[i]) + float(s.bad_op[i]))
        content = float(s.content[now, i])
        sums[CONTENT] += content
        sums[CONTENT_LOW] += content * w.low_income[i]
        sums[LOW] += w.low_income[i]
        skill = (1.0 - p.skill_elder * w.elder[i]) * (1.0 - p.skill_income * w.low_income[i])
        sums[COVERAGE] += (p.coverage_base + (1.0 - p.coverage_base) * m.rollout) * skill
        if m.step - s.active[i] < MONTHS_ACTIVE:
            sums[ACTIVE] += 1.0
        if s.request[i] > 0:
            sums[OPEN] += 1.0
        sums[CONDITION] += s.condition[b]
        sums[SERVICE] += s.service[b]
