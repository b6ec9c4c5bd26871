"""One month of every household, in one pass: meet, hear, learn, ask, trust.

The kernels take plain arrays in named tuples. Each array of households is float32 in memory and float64 in
arithmetic. A household reads the stance and satisfaction of others as they stood a month ago (two buffers), so
the order of the pass does not matter.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit

from hutong.evolve.bodies import Bodies
from hutong.rng import philox

# Streams of randomness; an entity is a household, a building or a project.
START, HOUSEHOLD, REQUEST, VOTE, BUILDING, PROJECT = (np.uint32(k) for k in range(1, 7))
UNIT = 2.3283064365386963e-10  # 2 to the power -32
#: Logistic function on a grid: 1/128 apart over [-8, 8]. A table gives the same digits everywhere.
GRID, REACH = 128.0, 8.0
LOGISTIC = 1.0 / (1.0 + np.exp(-(np.arange(int(2 * REACH * GRID) + 1) / GRID - REACH)))
#: Rows of ``State.home``.
LIFE, PROBLEM, OPEN_HERE, SERVE, RESOLVE, COUNCIL_HERE, BONUS, HOME_ROWS = range(8)
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
    words: np.ndarray  # uint32 (8, H): this month's draws, four for opinions and four for cases
    use: np.ndarray  # float64 (H,) this month's digital use
    trust: np.ndarray  # float64 (2, H) at the start of the month: in government, mean of both
    mind: np.ndarray  # float64 (H,) stance, then satisfaction, while the month goes on
    met: np.ndarray  # uint8 (H,) met this month; then: has something to report or waits
    proof: np.ndarray  # float64 (2, H) evidence for and against government while the month goes on
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
def fill(words, stream, step, key0, key1):  # type: ignore[no-untyped-def]
    """Write the four words of every entity of a stream into uint32 (4, entities)."""
    a0, a1, a2, a3 = words[0], words[1], words[2], words[3]
    for i in range(len(a0)):
        a0[i], a1[i], a2[i], a3[i] = philox(i, step, stream, 0, key0, key1)


@njit_inner
def prepare(w, s, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Draw the month's words and work out use and trust of every household.

    Apart from the passes that branch, because plain loops like these run on many households at once.
    """
    n = len(w.building)
    fill(s.words[:4], HOUSEHOLD, m.step, key0, key1)
    fill(s.words[4:], REQUEST, m.step, key0, key1)
    use, gov, both = s.use, s.trust[0], s.trust[1]
    for i in range(n):
        use[i] = digital_use(w.elder[i], w.low_income[i], m.access, p)
        gg, go = np.float64(s.good_gov[i]), np.float64(s.good_op[i])
        gov[i] = gg / (gg + s.bad_gov[i])
        both[i] = 0.5 * (gov[i] + go / (go + s.bad_op[i]))


# The passes below hand only numbers to the functions above: handing on arrays for each household costs ten times
# the time of the pass.


@njit_inner
def opinions(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Move every stance through month ``m.step``: meet, compare with a neighbour, hear rumours, learn."""
    meet(w, s, p, m, sums)
    learn(w, s, p, m)


@njit_inner
def meet(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Meet where a project is discussed, and take a neighbour's stance or come nearer to it (``s.mind``)."""
    old = (m.step + 1) & 1
    pairs = clash = 0  # counted in registers: an array element would be read and written for every household
    for i in range(len(w.building)):
        stance = np.float64(s.stance[old, i])
        met = False
        if not s.gone[i]:
            if s.talk[w.building[i]]:
                x = p.meet_logit + p.meet_trust * (s.trust[1, i] - 0.5) + p.meet_digital * s.use[i]
                x += p.meet_elder * w.elder[i]
                met = s.words[3, i] * UNIT < s.home[COUNCIL_HERE, w.building[i]] * logistic(x)
                if met:
                    s.active[i] = m.step
            # One neighbour: at a meeting they talk it over; otherwise the one who fares better is copied.
            first = w.indptr[i]
            degree = w.indptr[i + 1] - first
            if degree > 0:
                k = w.indices[first + ((np.uint64(s.words[0, i]) * np.uint64(degree)) >> np.uint64(32))]
                if not s.gone[k]:
                    other = np.float64(s.stance[old, k])
                    pairs += 1
                    clash += (stance >= 0.5) != (other >= 0.5)
                    if met:
                        stance = nearer(stance, other, p.mixing, p.bound)
                    elif s.words[1, i] * UNIT < p.imitation_rate:  # else no chance is large enough
                        chance = fermi(
                            np.float64(s.content[old, i]), np.float64(s.content[old, k]), p.imitation_noise
                        )
                        if s.words[1, i] * UNIT < p.imitation_rate * chance:
                            stance = other
        s.mind[i] = stance
        s.met[i] = met
    sums[PAIRS] += pairs
    sums[CLASH] += clash


@njit_inner
def learn(w, s, p, m):  # type: ignore[no-untyped-def]
    """Hear rumours and learn, from ``s.mind`` to the new stance."""
    old, new = (m.step + 1) & 1, m.step & 1
    before, after, content = s.stance[old], s.stance[new], s.content[old]
    word, use_of, trust_of = s.words[2], s.use, s.trust[1]
    for i in range(len(w.building)):
        stance, use, trust, done = s.mind[i], use_of[i], trust_of[i], s.done[w.building[i]]

        # Until works are done, rumours take support from those who do not trust.
        rumour = (done == 0) & (word[i] * UNIT < p.rumour_rate * (1.0 - m.rumour * use))
        stance = stance - p.rumour_step * (1.0 - trust) * stance if rumour else stance

        # Information brings stance to one's own interest, as far as the promise is believed; after the works it is
        # life in the building that counts.
        x = s.interest[i] + p.trust_pull * (trust - m.middle_trust)
        x = x + p.experience_pull * (content[i] - 0.5) if done else x
        rate = p.information_base + m.information * use
        rate = rate + p.information_deliberation if s.met[i] else rate
        stance = bound01(stance + min(rate, 1.0) * (logistic(x) - stance))
        after[i] = before[i] if s.gone[i] else np.float32(stance)


@njit_inner
def cases(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Move satisfaction, requests and belief of every household through month ``m.step``."""
    live(w, s, p, m)
    ask(w, s, p, m, sums)
    believe(w, s, p, m)


@njit_inner
def live(w, s, p, m):  # type: ignore[no-untyped-def]
    """Let satisfaction follow life in the building (``s.mind``), and mark who has something to report."""
    before, word = s.content[(m.step + 1) & 1], s.words[7]
    for b in range(len(s.condition)):
        home = 0.5 * s.condition[b] + 0.5 * s.service[b] - p.disruption * s.works[b] + s.home[BONUS, b]
        gap = 1.0 - s.condition[b]
        s.home[LIFE, b] = bound01(home)
        s.home[PROBLEM, b] = p.problem_base + p.problem_slope * gap * gap
    home, risk = s.home[LIFE], s.home[PROBLEM]
    for i in range(len(w.building)):
        content = np.float64(before[i])
        s.mind[i] = content + p.satisfaction_rate * (home[w.building[i]] - content)
    for i in range(len(w.building)):
        s.met[i] = (s.request[i] != 0) | (word[i] * UNIT < risk[w.building[i]])


@njit_inner
def ask(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Report problems, wait, and be served: satisfaction in ``s.mind``, evidence on government in ``s.proof``."""
    due = responded = closed = resolved = satisfied = 0
    s.home[OPEN_HERE, :] = 0.0
    for i in range(len(w.building)):
        s.proof[0, i] = s.good_gov[i]
    for i in range(len(w.building)):
        s.proof[1, i] = s.bad_gov[i]
    for i in range(len(w.building)):
        if not s.met[i] or s.gone[i]:
            continue
        b = w.building[i]
        use, content = s.use[i], s.mind[i]
        v0, v1, v2 = s.words[4, i], s.words[5, i], s.words[6, i]
        waited = int(s.request[i])
        if waited == 0:
            waited = -1
        if waited < 0:
            x = p.ask_logit + p.ask_digital * use + p.ask_trust * (s.trust[0, i] - 0.5)
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
                    s.proof[0, i] += p.request_weight
                    content += p.request_step * (1.0 - content)
                else:
                    waited = -1
                    s.proof[1, i] += p.request_weight
                    content -= p.request_step * content
            else:
                waited += 1
                s.proof[1, i] += p.wait_weight
        s.request[i] = waited
        s.home[OPEN_HERE, b] += waited > 0
        s.mind[i] = content
    sums[DUE] += due
    sums[RESPONDED] += responded
    sums[CLOSED] += closed
    sums[RESOLVED] += resolved
    sums[SATISFIED] += satisfied


@njit_inner
def believe(w, s, p, m):  # type: ignore[no-untyped-def]
    """Hear of promises kept and broken elsewhere; settle belief and satisfaction."""
    before, after = s.content[(m.step + 1) & 1], s.content[m.step & 1]
    for i in range(len(w.building)):
        after[i] = before[i] if s.gone[i] else np.float32(bound01(s.mind[i]))
    for i in range(len(w.building)):
        heard = p.news_weight * (1.0 + m.news * s.use[i])
        good, bad = remember(
            s.proof[0, i] + heard * m.news_good_gov, s.proof[1, i] + heard * m.news_bad_gov, p.trust_memory
        )
        s.good_gov[i] = s.good_gov[i] if s.gone[i] else np.float32(good)
        s.bad_gov[i] = s.bad_gov[i] if s.gone[i] else np.float32(bad)
    for i in range(len(w.building)):
        heard = p.news_weight * (1.0 + m.news * s.use[i])
        good, bad = remember(
            s.good_op[i] + heard * m.news_good_op, s.bad_op[i] + heard * m.news_bad_op, p.trust_memory
        )
        s.good_op[i] = s.good_op[i] if s.gone[i] else np.float32(good)
        s.bad_op[i] = s.bad_op[i] if s.gone[i] else np.float32(bad)


@njit_inner
def census(w, s, p, m, sums):  # type: ignore[no-untyped-def]
    """Add up the state of the households still here at the end of month ``m.step``."""
    now = m.step & 1
    residents = people = stake = support = active = waiting = 0
    trust_gov = trust_op = contents = content_low = low = coverage = condition = service = 0.0
    for i in range(len(w.building)):
        if s.gone[i]:
            continue
        b = w.building[i]
        residents += 1
        people += w.people[i]
        stake += w.stake[i]
        support += w.stake[i] & (s.stance[now, i] >= 0.5)
        trust_gov += s.good_gov[i] / (np.float64(s.good_gov[i]) + np.float64(s.bad_gov[i]))
        trust_op += s.good_op[i] / (np.float64(s.good_op[i]) + np.float64(s.bad_op[i]))
        content = np.float64(s.content[now, i])
        contents += content
        content_low += content * w.low_income[i]
        low += w.low_income[i]
        coverage += digital_use(w.elder[i], w.low_income[i], m.access, p)
        active += m.step - s.active[i] < MONTHS_ACTIVE
        waiting += s.request[i] > 0
        condition += s.condition[b]
        service += s.service[b]
    for k, value in (
        (RESIDENTS, residents), (PEOPLE, people), (STAKE, stake), (SUPPORT, support), (ACTIVE, active), (OPEN, waiting),
    ):  # fmt: skip
        sums[k] += value
    for k, total in (
        (TRUST_GOV, trust_gov), (TRUST_OP, trust_op), (CONTENT, contents), (CONTENT_LOW, content_low), (LOW, low),
        (COVERAGE, coverage), (CONDITION, condition), (SERVICE, service),
    ):  # fmt: skip
        sums[k] += total
