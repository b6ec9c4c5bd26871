"""One month of every household, in one pass: meet, hear, learn, ask, trust.

The kernels take plain arrays in named tuples. Each array of households is float32 in memory and float64 in
arithmetic. A household reads the stance and satisfaction of others as they stood a month ago (two buffers), so
the order of the pass does not matter.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit

from hutong.rng import philox

# Streams of randomness; an entity is a household, a building or a project.
START, HOUSEHOLD, REQUEST, VOTE, BUILDING, PROJECT = (np.uint32(k) for k in range(1, 7))
UNIT = 2.3283064365386963e-10  # 2 to the power -32
#: Logistic function on a grid: 1/128 apart over [-8, 8]. A table gives the same digits everywhere.
GRID, REACH = 128.0, 8.0
LOGISTIC = 1.0 / (1.0 + np.exp(-(np.arange(int(2 * REACH * GRID) + 1) / GRID - REACH)))
MONTHS_ACTIVE = 12  # who took part within the last year counts as taking part


#: For kernels that only other kernels call: without the wrappers, which take most of the time to compile.
njit_inner: Any = cast("Any", njit)(no_cpython_wrapper=True, no_cfunc_wrapper=True, nogil=True)


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
    tenant: np.ndarray  # uint8 (H,) rents public housing, so may surrender the lease
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
    leave: np.ndarray  # float64 (P,) logit of the predicted surrender; NaN: no surrender offered
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
    signed: np.ndarray  # uint8: signed the surrender of its lease
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


@njit_inner
def logistic(x):  # type: ignore[no-untyped-def]
    """Return 1 / (1 + exp(-x)) from the table, to within 0.001."""
    if x <= -REACH:
        return LOGISTIC[0]
    if x >= REACH:
        return LOGISTIC[-1]
    return LOGISTIC[int((x + REACH) * GRID + 0.5)]


@njit_inner
def fermi(mine, other, noise):  # type: ignore[no-untyped-def]
    """Return the chance of copying a neighbour: 1 / (1 + exp((mine - other) / K)) (Szabó and Tőke 1998)."""
    return logistic((other - mine) / noise)


@njit_inner
def nearer(mine, other, mixing, bound):  # type: ignore[no-untyped-def]
    """Return a stance after talking with another: nearer if not too far apart (Deffuant et al. 2000)."""
    if abs(other - mine) <= bound:
        return mine + mixing * (other - mine)
    return mine


@njit_inner
def remember(good, bad, limit):  # type: ignore[no-untyped-def]
    """Return a Beta belief scaled back to a finite memory, so that it stays able to change."""
    if good + bad <= limit:
        return good, bad
    keep = limit / (good + bad)
    return good * keep, bad * keep


@njit_inner
def digital_use(elder, low_income, rollout, p):  # type: ignore[no-untyped-def]
    """Return how far a household uses digital channels, in [0, 1]."""
    skill = (1.0 - p.skill_elder * elder) * (1.0 - p.skill_income * low_income)
    return (p.coverage_base + (1.0 - p.coverage_base) * rollout) * skill


@njit_inner
def draw(key0, key1, stream, entity, step, extra):  # type: ignore[no-untyped-def]
    """Return four 32-bit words named by (seed, stream, entity, step) and a fifth number."""
    return philox(entity, step, stream, extra, key0, key1)


@njit_inner
def bound01(x):  # type: ignore[no-untyped-def]
    """Return x limited to [0, 1]."""
    return min(max(x, 0.0), 1.0)


# The passes below hand only numbers to the functions above: handing on arrays for each household costs ten times
# the time of the pass.


@njit_inner
def opinions(w, s, p, m, key0, key1, sums):  # type: ignore[no-untyped-def]
    """Move every stance through month ``m.step``: meet, compare with a neighbour, hear rumours, learn."""
    old, new = (m.step + 1) & 1, m.step & 1
    for i in range(len(w.building)):
        stance = np.float64(s.stance[old, i])
        if s.gone[i]:
            s.stance[new, i] = stance
            continue
        b = w.building[i]
        w0, w1, w2, w3 = draw(key0, key1, HOUSEHOLD, i, m.step, 0)
        use = digital_use(w.elder[i], w.low_income[i], m.rollout, p)
        gg, go = np.float64(s.good_gov[i]), np.float64(s.good_op[i])
        trust = 0.5 * (gg / (gg + s.bad_gov[i]) + go / (go + s.bad_op[i]))

        met = False
        if s.talk[b]:
            x = p.meet_logit + p.meet_trust * (trust - 0.5) + p.meet_digital * use + p.meet_elder * w.elder[i]
            met = w3 * UNIT < m.deliberation * logistic(x)
            if met:
                s.active[i] = m.step

        # One neighbour: at a meeting they talk it over; otherwise the one who fares better is copied.
        first = w.indptr[i]
        degree = w.indptr[i + 1] - first
        if degree > 0:
            k = w.indices[first + ((np.uint64(w0) * np.uint64(degree)) >> np.uint64(32))]
            if not s.gone[k]:
                other = np.float64(s.stance[old, k])
                sums[PAIRS] += 1.0
                if (stance >= 0.5) != (other >= 0.5):
                    sums[CLASH] += 1.0
                if met:
                    stance = nearer(stance, other, p.mixing, p.bound)
                else:
                    chance = fermi(
                        np.float64(s.content[old, i]), np.float64(s.content[old, k]), p.imitation_noise
                    )
                    if w1 * UNIT < p.imitation_rate * chance:
                        stance = other

        # Until works are done, rumours take support from those who do not trust.
        if not s.done[b] and w2 * UNIT < p.rumour_rate * (1.0 - p.rumour_digital * use):
            stance -= p.rumour_step * (1.0 - trust) * stance

        # Information brings stance to one's own interest, as far as the promise is believed; after the works it is
        # life in the building that counts.
        x = s.interest[i] + p.trust_pull * (trust - m.middle_trust)
        if s.done[b]:
            x += p.experience_pull * (s.content[old, i] - 0.5)
        rate = p.information_base + p.information_digital * use
        if met:
            rate += p.information_deliberation
        s.stance[new, i] = bound01(stance + min(rate, 1.0) * (logistic(x) - stance))


@njit_inner
def cases(w, s, p, m, key0, key1, sums):  # type: ignore[no-untyped-def]
    """Move satisfaction, requests and belief of every household through month ``m.step``."""
    old, new = (m.step + 1) & 1, m.step & 1
    for i in range(len(w.building)):
        content = np.float64(s.content[old, i])
        if s.gone[i]:
            s.content[new, i] = content
            continue
        b = w.building[i]
        use = digital_use(w.elder[i], w.low_income[i], m.rollout, p)
        gg, bg = np.float64(s.good_gov[i]), np.float64(s.bad_gov[i])
        go, bo = np.float64(s.good_op[i]), np.float64(s.bad_op[i])
        home = 0.5 * s.condition[b] + 0.5 * s.service[b] - p.disruption * s.works[b]
        content += p.satisfaction_rate * (max(home, 0.0) - content)

        v0, v1, v2, v3 = draw(key0, key1, REQUEST, i, m.step, 0)
        waited = int(s.request[i])
        gap = 1.0 - s.condition[b]
        if waited == 0 and v3 * UNIT < p.problem_base + p.problem_slope * gap * gap:
            waited = -1
        if waited < 0:
            x = p.ask_logit + p.ask_digital * use + p.ask_trust * (gg / (gg + bg) - 0.5)
            if v0 * UNIT < logistic(x):
                waited = 1
                s.active[i] = m.step
            elif v1 * UNIT < p.sense_rate * m.rollout:
                waited = 1
            else:
                content -= p.unreported_drag * content
                s.wear[b] += p.neglect_wear
        elif waited > 0:
            served = v0 * UNIT < m.serve
            sums[DUE] += waited == 1
            sums[RESPONDED] += served and waited == 1
            if served:
                solved = v1 * UNIT < m.resolve
                pleased = (p.satisfied_resolved if solved else p.satisfied_unresolved) - p.wait_penalty * (
                    waited - 1
                )
                sums[CLOSED] += 1.0
                sums[RESOLVED] += solved
                sums[SATISFIED] += v2 * UNIT < pleased
                if solved:
                    waited = 0
                    s.wear[b] -= p.repair_gain
                    gg += p.request_weight
                    content += p.request_step * (1.0 - content)
                else:
                    waited = -1
                    bg += p.request_weight
                    content -= p.request_step * content
            else:
                waited += 1
                bg += p.wait_weight
        s.request[i] = waited

        # News of promises kept and broken elsewhere.
        heard = p.news_weight * (1.0 + p.news_digital * use)
        gg, bg = remember(gg + heard * m.news_good_gov, bg + heard * m.news_bad_gov, p.trust_memory)
        go, bo = remember(go + heard * m.news_good_op, bo + heard * m.news_bad_op, p.trust_memory)
        s.good_gov[i], s.bad_gov[i], s.good_op[i], s.bad_op[i] = gg, bg, go, bo
        s.content[new, i] = bound01(content)


@njit_inner
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
        sums[TRUST_GOV] += s.good_gov[i] / (np.float64(s.good_gov[i]) + np.float64(s.bad_gov[i]))
        sums[TRUST_OP] += s.good_op[i] / (np.float64(s.good_op[i]) + np.float64(s.bad_op[i]))
        content = np.float64(s.content[now, i])
        sums[CONTENT] += content
        sums[CONTENT_LOW] += content * w.low_income[i]
        sums[LOW] += w.low_income[i]
        sums[COVERAGE] += digital_use(w.elder[i], w.low_income[i], m.rollout, p)
        if m.step - s.active[i] < MONTHS_ACTIVE:
            sums[ACTIVE] += 1.0
        if s.request[i] > 0:
            sums[OPEN] += 1.0
        sums[CONDITION] += s.condition[b]
        sums[SERVICE] += s.service[b]
