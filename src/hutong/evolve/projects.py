"""One month of every project: opened, discussed, voted, paid for, built late or well, its promise judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hutong.evolve.bodies import (
    BUILDER,
    BUSY,
    COMMUNITY,
    COUNCIL,
    FAILED,
    FAITH,
    GAIN_ALL,
    GAIN_LOW,
    HELD,
    MIXED,
    POOR,
)
from hutong.evolve.households import (
    COUNCIL_HERE,
    MONTHS_ACTIVE,
    PROJECT,
    UNIT,
    VOTE,
    digital_use,
    draw,
    logistic,
    njit_inner,
)
from hutong.evolve.office import can_pay, pay
from hutong.evolve.operators import after_works, bid, put_in, slack

# Phases of a project.
WAITING, PREPARING, DISCUSSING, VOTING, APPROVED, WORKING, DONE, GIVEN_UP, COOLING = range(9)
# A row of thresholds: four of (asked, numerator, denominator, strict) — quorum by area and by heads, consent by
# area and by heads — then what consent is a share of, how silence counts, and what kind of act it is.
OF_ALL, ABSTAIN, ACT, WIDTH = 16, 17, 18, 19
# Acts: a common decision that binds all, a signature that binds who signs, a measure that needs no consent.
COMMON, VOLUNTARY, NOBODY_ASKED = 0, 1, 2


class Projects(NamedTuple):
    """What changes in the projects and in the purse."""

    phase: np.ndarray  # int8 (P,)
    clock: np.ndarray  # int32 (P,) months left in the phase (works: months of work left)
    elapsed: np.ndarray  # int32 (P,) months since works began
    planned: np.ndarray  # int32 (P,)
    rounds: np.ndarray  # int32 (P,) ballots held
    share: np.ndarray  # float64 (P,) share that signed, 1 for a common decision
    late: np.ndarray  # uint8 (P,)
    purse: np.ndarray  # float64 (4,) public money at hand, spent, received, paid for operation
    office: np.ndarray  # float64 (1,) openings due
    value: np.ndarray  # float64 (3,) economic, ecological, cultural gains delivered
    news: np.ndarray  # float64 (4,) promises kept, broken: government, operator
    people: np.ndarray  # int64 (1,) rehoused


@njit_inner
def consent(rule, roll_area, roll_heads, part_area, part_heads, yes_area, yes_heads):  # type: ignore[no-untyped-def]
    """Return whether a ballot carries, in integers only (Civil Code art. 278 and the signing thresholds).

    The arithmetic of ``hutong.agree`` for one group; a test holds the two equal.
    """
    if rule[ACT] != COMMON:
        return yes_heads > 0
    if rule[ABSTAIN]:
        part_area, part_heads = roll_area, roll_heads
    base_area, base_heads = part_area, part_heads
    if rule[OF_ALL]:
        base_area, base_heads = roll_area, roll_heads
    for k, (part, whole) in enumerate(
        ((part_area, roll_area), (part_heads, roll_heads), (yes_area, base_area), (yes_heads, base_heads))
    ):
        asked, numerator, denominator, strict = rule[4 * k], rule[4 * k + 1], rule[4 * k + 2], rule[4 * k + 3]
        if whole <= 0 or (asked and part * denominator < whole * numerator + strict):
            return False
    return True


@njit_inner
def ballot(j, w, s, q, g, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Hold the ballot of project j, collect surrenders, and settle what follows."""
    now = m.step & 1
    rule = w.thresholds[w.matter[j]]
    roll_area, roll_heads = w.roll_area[j], w.roll_heads[j]
    part_area = part_heads = yes_area = yes_heads = np.int64(0)
    for place in range(w.voter_ptr[j], w.voter_ptr[j + 1]):
        i = w.voter[place]
        area = w.area_cm2[i]
        if s.gone[i]:
            roll_area -= area
            roll_heads -= 1
            continue
        w0, w1, _, _ = draw(key0, key1, VOTE, i, m.step, j)
        trust_gov = s.good_gov[i] / (np.float64(s.good_gov[i]) + np.float64(s.bad_gov[i]))
        use = digital_use(w.elder[i], w.low_income[i], m.access, p)
        x = p.vote_logit + p.vote_trust * (trust_gov - 0.5) + p.vote_digital * use
        if m.step - s.active[i] < MONTHS_ACTIVE:
            x += p.vote_habit
        if rule[ACT] != COMMON or w0 * UNIT >= logistic(x):
            continue
        s.active[i] = m.step
        part_area += area
        part_heads += 1
        if w1 * UNIT < logistic((s.stance[now, i] - 0.5) / p.vote_noise):
            yes_area += area
            yes_heads += 1
    q.rounds[j] += 1
    g.office[HELD] += 1.0
    if rule[ACT] == COMMON:
        passed = consent(rule, roll_area, roll_heads, part_area, part_heads, yes_area, yes_heads)
        q.share[j] = 1.0
        if passed:
            surrender(j, w, s, p, m)
    else:
        leaving = surrender(j, w, s, p, m)
        passed = consent(rule, roll_area, roll_heads, leaving, leaving, leaving, leaving)
        q.share[j] = leaving / max(roll_heads, 1)
    if passed:
        q.phase[j] = APPROVED
        return
    g.office[FAILED] += 1.0
    for place in range(w.voter_ptr[j], w.voter_ptr[j + 1]):
        s.bad_gov[w.voter[place]] += p.failed_weight
    if q.rounds[j] >= p.most_rounds:
        q.phase[j] = GIVEN_UP
    else:
        q.phase[j], q.clock[j] = COOLING, int(p.cooling_months + 0.5)


@njit_inner
def surrender(j, w, s, p, m):  # type: ignore[no-untyped-def]
    """Collect the signatures of tenants who surrender their lease, each for itself, and return how many sign.

    A tenant's leaning is its own part of interest (logistic, the same as towards the scheme) on top of the predicted
    share, moved by trust: with trust as at the start the predicted share leaves.
    """
    signatures = np.int64(0)
    if np.isnan(w.leave[j]):
        return signatures
    for place in range(w.voter_ptr[j], w.voter_ptr[j + 1]):
        i = w.voter[place]
        if not w.tenant[i] or s.gone[i]:
            continue
        trust = 0.5 * (
            s.good_gov[i] / (np.float64(s.good_gov[i]) + np.float64(s.bad_gov[i]))
            + s.good_op[i] / (np.float64(s.good_op[i]) + np.float64(s.bad_op[i]))
        )
        own = np.float64(s.interest[i]) - np.float64(w.lean[i])
        if w.leave[j] + own + p.trust_pull * (trust - m.middle_trust) > 0.0:
            s.signed[i] = 1
            s.active[i] = m.step
            signatures += 1
    return signatures


@njit_inner
def begin_works(j, w, s, q, g, p):  # type: ignore[no-untyped-def]
    """Pay for project j, rehouse who signed, and fix the date that is promised."""
    pay(j, w, g)
    put_in(j, w, g, p)
    q.purse[0] -= w.public_yuan[j]
    q.purse[1] += w.public_yuan[j]
    months = int(min(p.works_base + p.works_slope * w.intensity[j], p.works_longest) + 0.5)
    q.phase[j] = WORKING
    q.planned[j] = q.clock[j] = max(months, 1)
    for place in range(w.voter_ptr[j], w.voter_ptr[j + 1]):
        i = w.voter[place]
        if s.signed[i] and not s.gone[i]:
            s.gone[i] = 1
            s.request[i] = 0
            q.people[0] += w.people[i]


@njit_inner
def finish_works(j, w, s, q, g, p):  # type: ignore[no-untyped-def]
    """Hand over project j: what it mends, what it is worth, and what its promise did to trust."""
    q.phase[j] = DONE
    late = q.elapsed[j] > q.planned[j] * (1.0 + p.tolerance)
    q.late[j] = late
    share = q.share[j]
    for place in range(w.member_ptr[j], w.member_ptr[j + 1]):
        b = w.member[place]
        s.condition[b] += share * w.condition_gain[j] * (1.0 - s.condition[b])
        s.service[b] += share * w.service_gain[j] * (1.0 - s.service[b])
        s.done[b] = 1
    for k in range(3):
        gain = share * w.value_gain[j, k] * (1.0 - p.late_discount * late)
        q.value[k] += gain
        g.office[GAIN_ALL] += gain
        g.office[GAIN_LOW] += gain * w.bodies.project[POOR, j]
    private = w.private[j]
    q.news[2 * private + late] += 1.0
    for place in range(w.voter_ptr[j], w.voter_ptr[j + 1]):
        i = w.voter[place]
        if private and late:
            s.bad_op[i] += p.promise_weight
        elif private:
            s.good_op[i] += p.promise_weight
        elif late:
            s.bad_gov[i] += p.promise_weight
        else:
            s.good_gov[i] += p.promise_weight


@njit_inner
def preparation(j, w, p, m):  # type: ignore[no-untyped-def]
    """Return the months of survey, design and approval; mixed property rights take longer to clear."""
    plain = p.preparation_months * (1.0 - p.preparation_digital * m.coordination)
    plain *= 1.0 - p.preparation_environment * m.environment
    mixed = (
        p.mixed_months
        * m.complexity
        * w.bodies.project[MIXED, j]
        * (1.0 - p.mixed_environment * m.environment)
    )
    return int(plain + mixed + 0.5)


@njit_inner
def openness(j, w, g):  # type: ignore[no-untyped-def]
    """Return how open to deliberation the community of project j is."""
    return g.community[COUNCIL, w.bodies.place[COMMUNITY, w.member[w.member_ptr[j]]]]


@njit_inner
def committed(w, q):  # type: ignore[no-untyped-def]
    """Return the public cost of what is opened and not yet paid for."""
    total = 0.0
    for j in range(len(w.matter)):
        if q.phase[j] in (PREPARING, DISCUSSING, VOTING, APPROVED, COOLING):
            total += w.public_yuan[j]
    return total


@njit_inner
def projects(w, s, q, g, p, m, coming, key0, key1):  # type: ignore[no-untyped-def]
    """Move every project through month ``m.step``, in the office's order; ballots come at its end.

    ``coming`` is the public money still to come: the office opens no more than it can pay for.
    """
    q.office[0] += p.openings * len(w.matter)
    q.news[:] = 0.0
    g.operator[BUSY, :] = 0.0
    bound = committed(w, q)
    for r in range(len(w.matter)):
        j = g.order[r]
        phase = q.phase[j]
        if phase == WAITING:
            if q.office[0] >= 1.0 and bound + w.public_yuan[j] <= q.purse[0] + coming:
                q.office[0] -= 1.0
                bound += w.public_yuan[j]
                q.phase[j], q.clock[j] = PREPARING, preparation(j, w, p, m)
        elif phase in (PREPARING, COOLING, DISCUSSING):
            q.clock[j] -= 1
            if q.clock[j] <= 0 and phase == DISCUSSING:
                q.phase[j] = VOTING
            elif q.clock[j] <= 0:
                asked = w.thresholds[w.matter[j], ACT] != NOBODY_ASKED
                months = int(p.discussion_months + openness(j, w, g) * p.deliberation_months + 0.5)
                q.phase[j], q.clock[j] = DISCUSSING if asked else APPROVED, months
        elif phase == APPROVED:
            if g.project[BUILDER, j] < 0.0:
                bid(j, w, g, p, m, key0, key1)
            if g.project[BUILDER, j] >= 0.0 and can_pay(j, w, g, m):
                begin_works(j, w, s, q, g, p)
        elif phase == WORKING:
            builder = int(g.project[BUILDER, j])
            faith = g.operator[FAITH, builder]
            progress = p.progress_low + (p.progress_high - p.progress_low) * faith
            g.operator[BUSY, builder] = 1.0
            slack(j, w, q, g, p, m)
            q.elapsed[j] += 1
            if draw(key0, key1, PROJECT, j, m.step, 0)[0] * UNIT < progress:
                q.clock[j] -= 1
            if q.clock[j] <= 0:
                finish_works(j, w, s, q, g, p)
    mark_buildings(w, s, q, g)
    after_works(g, p, m)


@njit_inner
def mark_buildings(w, s, q, g):  # type: ignore[no-untyped-def]
    """Mark which buildings are under discussion, and how much works disturb them."""
    s.talk[:] = 0
    s.works[:] = 0.0
    for j in range(len(w.matter)):
        if q.phase[j] == DISCUSSING or q.phase[j] == WORKING:
            for place in range(w.member_ptr[j], w.member_ptr[j + 1]):
                b = w.member[place]
                if q.phase[j] == DISCUSSING:
                    s.talk[b] = 1
                    s.home[COUNCIL_HERE, b] = g.community[COUNCIL, w.bodies.place[COMMUNITY, b]]
                else:
                    s.works[b] = max(s.works[b], w.disruption[j])
