"""One month of every household, in one pass: meet, hear, learn, ask, trust.

The kernels take views (:mod:`hutong.evolve.view`) of plain arrays in named tuples. Each array of households is float32 in memory and float64 in
arithmetic. A household reads the stance and satisfaction of others as they stood a month ago (two buffers), so
the order of the pass does not matter. The pass goes by blocks of households: what is worked out on the way stays in the
cache and takes no room for the whole city.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit

from hutong.evolve.bodies import Bodies
from hutong.rng import philox, philox7

# Streams of randomness; an entity is a household, a building or a project.
START, HOUSEHOLD, REQUEST, VOTE, BUILDING, PROJECT = (np.uint32(k) for k in range(1, 7))
UNIT = 2.3283064365386963e-10  # 2 to the power -32
#: Logistic function on a grid: 1/128 apart over [-8, 8]. A table gives the same digits everywhere.
GRID, REACH = 128.0, 8.0
LOGISTIC = 1.0 / (1.0 + np.exp(-(np.arange(int(2 * REACH * GRID) + 1) / GRID - REACH)))
#: Rows of ``State.home``.
LIFE, PROBLEM, OPEN_HERE, SERVE, RESOLVE, COUNCIL_HERE, BONUS, HOME_ROWS = range(8)
BLOCK = 2048  # households of one turn of the pass
SCALE = 2.0**30  # shares are added up as whole numbers, so that the sum does not depend on the order
MONTHS_ACTIVE = 12  # who took part within the last year counts as taking part


#: For kernels that only other kernels call: without the wrappers, which take most of the time to compile.
njit_inner: Any = cast("Any", njit)(
    no_cpython_wrapper=True, no_cfunc_wrapper=True, nogil=True, error_model="numpy"
)


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
    upkeep: (
        np.ndarray
    )  # float64 (P,) public yuan a year once in operation: running cost less surplus, rent and income
    intensity: np.ndarray  # float64 (P,) 100,000 yuan per dwelling
    disruption: np.ndarray  # float64 (P,)
    condition_gain: np.ndarray  # float64 (P,) share of the gap to 1 that works close
    service_gain: np.ndarray  # float64 (P,)
    value_gain: np.ndarray  # float64 (P, 3) economic, ecological, cultural
    thresholds: np.ndarray  # int64 (matters, 8)
    budget: np.ndarray  # float64 (years,) public money; empty: spread over programme_years
    bases: np.ndarray  # float64 (2,) ecological and cultural value today; NaN: take the parameter
    bodies: Bodies  # who governs and builds


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
    # For a block of K households at a time:
    words: np.ndarray  # uint32 (4, K) this month's draws: neighbour, imitation, rumour, problem
    use: np.ndarray  # float64 (K,) this month's digital use
    trust: np.ndarray  # float64 (2, K) at the start of the month: in government, mean of both
    mind: np.ndarray  # float64 (K,) stance, then satisfaction, while the month goes on
    met: np.ndarray  # uint8 (K,) met this month; then: has something to report or waits
    proof: np.ndarray  # float64 (2, K) evidence for and against government while the month goes on
    #: float64 (7, B) life in the building, chance of a problem, open requests, chances that one is handled and that it
    #: helps, openness to deliberation where it is under discussion, what shared income adds to life
    home: np.ndarray


class Month(NamedTuple):
    """The same for all households this month: dials as far as they are in place, and news."""

    step: int
    environment: float
    structure: float
    means: float
    results: float
    complexity: float
    capacity: float
    access: float  # digital channels in place, in [0, 1]
    watch: float  # sensing
    open: float  # transparency
    coordination: float
    whistle: float  # how far departments and levels work together
    information: float  # what open information adds to learning, the news and rumours, per digital use
    news: float
    rumour: float
    sense: float  # chance that sensing finds an unreported problem
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
    x = x if x > -REACH else -REACH  # so that what is no number stays on the table too
    x = x if x < REACH else REACH
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
    keep = limit / (good + bad) if good + bad > limit else 1.0
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


@njit_inner
def households(w, s, p, m, key0, key1, sums):  # type: ignore[no-untyped-def]
    """Move every household through month ``m.step``."""
    homes(s, p)
    n = len(w.building)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        prepare(w, s, p, m, key0, key1, first, last)
        meet(w, s, p, m, key0, key1, first, last, sums)
        learn(w, s, p, m, first, last)
        live(w, s, p, m, first, last)
        ask(w, s, p, m, key0, key1, first, last, sums)
        believe(s, p, m, first, last)


# In the passes below i is a household and j its place in the block. They hand only numbers to the functions above:
# handing on arrays for each household costs ten times the time of the pass. Loops that branch stand apart from plain ones,
# which run on many households at once.


@njit_inner
def homes(s, p):  # type: ignore[no-untyped-def]
    """Work out life in every building and the chance of a problem there."""
    s.home[OPEN_HERE, :] = 0.0
    for b in range(len(s.condition)):
        home = 0.5 * s.condition[b] + 0.5 * s.service[b] - p.disruption * s.works[b] + s.home[BONUS, b]
        gap = 1.0 - s.condition[b]
        s.home[LIFE, b] = bound01(home)
        s.home[PROBLEM, b] = p.problem_base + p.problem_slope * gap * gap


@njit_inner
def prepare(w, s, p, m, key0, key1, first, last):  # type: ignore[no-untyped-def]
    """Draw the words that all need, and work out use and trust."""
    a0, a1, a2, a3 = s.words[0], s.words[1], s.words[2], s.words[3]
    for j in range(last - first):
        a0[j], a1[j], a2[j], a3[j] = philox7(first + j, m.step, HOUSEHOLD, 0, key0, key1)
    use, gov, both = s.use, s.trust[0], s.trust[1]
    elder, low = w.elder[first:last], w.low_income[first:last]
    for j in range(last - first):
        use[j] = digital_use(elder[j], low[j], m.access, p)
    good_gov, bad_gov = s.good_gov[first:last], s.bad_gov[first:last]
    good_op, bad_op = s.good_op[first:last], s.bad_op[first:last]
    for j in range(last - first):
        gg, go = np.float64(good_gov[j]), np.float64(good_op[j])
        gov[j] = gg / (gg + bad_gov[j])
        both[j] = 0.5 * (gov[j] + go / (go + bad_op[j]))


@njit_inner
def meet(w, s, p, m, key0, key1, first, last, sums):  # type: ignore[no-untyped-def]
    """Meet where a project is discussed, and take a neighbour's stance or come nearer to it (``s.mind``)."""
    old = (m.step + 1) & 1
    pairs = clash = 0  # counted in registers: an array element would be read and written for every household
    for i in range(first, last):
        j = i - first
        stance = np.float64(s.stance[old, i])
        met = False
        if not s.gone[i]:
            if s.talk[w.building[i]]:
                x = p.meet_logit + p.meet_trust * (s.trust[1, j] - 0.5) + p.meet_digital * s.use[j]
                x += p.meet_elder * w.elder[i]
                word = philox7(i, m.step, REQUEST, 0, key0, key1)[3]
                met = word * UNIT < s.home[COUNCIL_HERE, w.building[i]] * logistic(x)
                if met:
                    s.active[i] = m.step
            # One neighbour: at a meeting they talk it over; otherwise the one who fares better is copied.
            start = w.indptr[i]
            degree = w.indptr[i + 1] - start
            if degree > 0:
                k = w.indices[start + ((np.uint64(s.words[0, j]) * np.uint64(degree)) >> np.uint64(32))]
                if not s.gone[k]:
                    other = np.float64(s.stance[old, k])
                    pairs += 1
                    clash += (stance >= 0.5) != (other >= 0.5)
                    if met:
                        stance = nearer(stance, other, p.mixing, p.bound)
                    elif s.words[1, j] * UNIT < p.imitation_rate:  # else no chance is large enough
                        chance = fermi(
                            np.float64(s.content[old, i]), np.float64(s.content[old, k]), p.imitation_noise
                        )
                        if s.words[1, j] * UNIT < p.imitation_rate * chance:
                            stance = other
        s.mind[j] = stance
        s.met[j] = met
    sums[PAIRS] += pairs
    sums[CLASH] += clash


@njit_inner
def learn(w, s, p, m, first, last):  # type: ignore[no-untyped-def]
    """Hear rumours and learn, from ``s.mind`` to the new stance."""
    old, new = (m.step + 1) & 1, m.step & 1
    before, after, content = s.stance[old, first:last], s.stance[new, first:last], s.content[old, first:last]
    word, use_of, trust_of = s.words[2], s.use, s.trust[1]
    building, interest, gone = w.building[first:last], s.interest[first:last], s.gone[first:last]
    for j in range(last - first):
        stance, use, trust, done = s.mind[j], use_of[j], trust_of[j], s.done[building[j]]

        # Until works are done, rumours take support from those who do not trust.
        rumour = (done == 0) & (word[j] * UNIT < p.rumour_rate * (1.0 - m.rumour * use))
        stance = stance - p.rumour_step * (1.0 - trust) * stance if rumour else stance

        # Information brings stance to one's own interest, as far as the promise is believed; after the works it is
        # life in the building that counts.
        x = interest[j] + p.trust_pull * (trust - m.middle_trust)
        x = x + p.experience_pull * (content[j] - 0.5) if done else x
        rate = p.information_base + m.information * use
        rate = rate + p.information_deliberation if s.met[j] else rate
        stance = bound01(stance + min(rate, 1.0) * (logistic(x) - stance))
        after[j] = before[j] if gone[j] else np.float32(stance)


@njit_inner
def live(w, s, p, m, first, last):  # type: ignore[no-untyped-def]
    """Let satisfaction follow life in the building (``s.mind``), and mark who has something to report."""
    before, word = s.content[(m.step + 1) & 1, first:last], s.words[3]
    home, risk = s.home[LIFE], s.home[PROBLEM]
    building, request, gone = w.building[first:last], s.request[first:last], s.gone[first:last]
    for j in range(last - first):
        content = np.float64(before[j])
        s.mind[j] = content + p.satisfaction_rate * (home[building[j]] - content)
    for j in range(last - first):
        s.met[j] = ((request[j] != 0) | (word[j] * UNIT < risk[building[j]])) & (gone[j] == 0)


@njit_inner
def ask(w, s, p, m, key0, key1, first, last, sums):  # type: ignore[no-untyped-def]
    """Report problems, wait, and be served: satisfaction in ``s.mind``, evidence on government in ``s.proof``."""
    due = responded = closed = resolved = satisfied = 0
    good, bad = s.proof[0], s.proof[1]
    good_gov, bad_gov = s.good_gov[first:last], s.bad_gov[first:last]
    for j in range(last - first):
        good[j] = good_gov[j]
    for j in range(last - first):
        bad[j] = bad_gov[j]
    for i in range(first, last):
        j = i - first
        if not s.met[j]:
            continue
        b = w.building[i]
        use, content = s.use[j], s.mind[j]
        v0, v1, v2, _ = philox7(i, m.step, REQUEST, 0, key0, key1)
        waited = int(s.request[i])
        if waited == 0:
            waited = -1
        if waited < 0:
            x = p.ask_logit + p.ask_digital * use + p.ask_trust * (s.trust[0, j] - 0.5)
            if v0 * UNIT < logistic(x):
                waited = 1
                s.active[i] = m.step
            elif v1 * UNIT < m.sense:
                waited = 1
            else:
                content -= p.unreported_drag * content
                s.wear[b] += p.neglect_wear
        else:
            served = v0 * UNIT < s.home[SERVE, b]
            due += waited == 1
            responded += served and waited == 1
            if served:
                solved = v1 * UNIT < s.home[RESOLVE, b]
                pleased = (p.satisfied_resolved if solved else p.satisfied_unresolved) - p.wait_penalty * (
                    waited - 1
                )
                closed += 1
                resolved += solved
                satisfied += v2 * UNIT < pleased
                if solved:
                    waited = 0
                    s.wear[b] -= p.repair_gain
                    good[j] += p.request_weight
                    content += p.request_step * (1.0 - content)
                else:
                    waited = -1
                    bad[j] += p.request_weight
                    content -= p.request_step * content
            else:
                waited += 1
                bad[j] += p.wait_weight
        s.request[i] = waited
        s.home[OPEN_HERE, b] += waited > 0
        s.mind[j] = content
    sums[DUE] += due
    sums[RESPONDED] += responded
    sums[CLOSED] += closed
    sums[RESOLVED] += resolved
    sums[SATISFIED] += satisfied


@njit_inner
def believe(s, p, m, first, last):  # type: ignore[no-untyped-def]
    """Hear of promises kept and broken elsewhere; settle belief and satisfaction."""
    before, after = s.content[(m.step + 1) & 1, first:last], s.content[m.step & 1, first:last]
    gone = s.gone[first:last]
    for j in range(last - first):
        after[j] = before[j] if gone[j] else np.float32(bound01(s.mind[j]))
    settle(s, p, m, s.proof[0], s.proof[1], m.news_good_gov, m.news_bad_gov,
           s.good_gov[first:last], s.bad_gov[first:last], gone)  # fmt: skip
    settle(s, p, m, s.good_op[first:last], s.bad_op[first:last], m.news_good_op, m.news_bad_op,
           s.good_op[first:last], s.bad_op[first:last], gone)  # fmt: skip


@njit_inner
def settle(s, p, m, good, bad, news_good, news_bad, good_after, bad_after, gone):  # type: ignore[no-untyped-def]
    """Add what was heard to a belief and keep it within memory."""
    for j in range(len(gone)):
        heard = p.news_weight * (1.0 + m.news * s.use[j])
        kept, broken = remember(good[j] + heard * news_good, bad[j] + heard * news_bad, p.trust_memory)
        good_after[j] = good_after[j] if gone[j] else np.float32(kept)
        bad_after[j] = bad_after[j] if gone[j] else np.float32(broken)


@njit_inner
def whole(share):  # type: ignore[no-untyped-def]
    """Return a share in [0, 1] in units of ``1 / SCALE``."""
    return np.int64(np.int32(share * SCALE))


@njit_inner
def census(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Add up the state of the households still here at the end of month ``m.step``, in whole numbers."""
    now, step, n = m.step & 1, m.step, len(w.building)
    count_heads(w, s, now, step, sums)
    trust_gov = trust_op = contents = content_low = low = coverage = np.int64(0)
    content, gone = s.content[now], s.gone
    for i in range(n):
        here = np.int64(1 - gone[i])
        gg, go = np.float64(s.good_gov[i]), np.float64(s.good_op[i])
        trust_gov += here * whole(gg / (gg + s.bad_gov[i]))
        trust_op += here * whole(go / (go + s.bad_op[i]))
    for i in range(n):
        here = np.int64(1 - gone[i])
        contents += here * whole(np.float64(content[i]))
        content_low += here * whole(np.float64(content[i]) * w.low_income[i])
        low += here * whole(np.float64(w.low_income[i]))
        coverage += here * whole(digital_use(w.elder[i], w.low_income[i], m.access, p))
    condition = service = np.int64(0)
    for i in range(n):
        here, b = np.int64(1 - gone[i]), w.building[i]
        condition += here * whole(np.float64(s.condition[b]))
        service += here * whole(np.float64(s.service[b]))
    for k, total in (
        (TRUST_GOV, trust_gov), (TRUST_OP, trust_op), (CONTENT, contents), (CONTENT_LOW, content_low), (LOW, low),
        (COVERAGE, coverage), (CONDITION, condition), (SERVICE, service),
    ):  # fmt: skip
        sums[k] += total / SCALE


@njit_inner
def count_heads(w, s, now, step, sums):  # type: ignore[no-untyped-def]
    """Count who is here, is touched, is in favour, took part and waits."""
    residents = people = stake = support = active = waiting = np.int64(0)
    stance = s.stance[now]
    for i in range(len(stance)):
        here = np.int64(1 - s.gone[i])
        residents += here
        people += here * w.people[i]
        touched = here * w.stake[i]
        stake += touched
        support += touched * (stance[i] >= np.float32(0.5))
    for i in range(len(stance)):
        here = np.int64(1 - s.gone[i])
        active += here * (step - s.active[i] < MONTHS_ACTIVE)
        waiting += here * (s.request[i] > 0)
    for k, value in (
        (RESIDENTS, residents), (PEOPLE, people), (STAKE, stake), (SUPPORT, support), (ACTIVE, active), (OPEN, waiting),
    ):  # fmt: skip
        sums[k] += value
