"""One run of the model: months of projects, households, buildings and ballots."""

from __future__ import annotations

import numpy as np
from numba import njit

from hutong.evolve import households as h
from hutong.evolve.households import (
    BUILDING,
    MONTHS_ACTIVE,
    START,
    UNIT,
    Month,
    State,
    bound01,
    census,
    draw,
    households,
    logistic,
)
from hutong.evolve.projects import DONE, VOTING, Projects, ballot, projects

#: What one run gives for each month; the first eight are combined into ``SERIES`` by ``ensemble``.
RAW = (
    "economic", "social", "ecological", "cultural",
    "participation", "response", "resolution", "satisfied", "trust_government", "trust_operator", "conflict",
    "condition", "service", "coverage",
    "support", "done", "requests_open", "faith", "residents", "rehoused", "spent", "received",
)  # fmt: skip


@njit(cache=True, nogil=True)
def begin(w, s, q, p, key0, key1, table):  # type: ignore[no-untyped-def]
    """Set the state of month 0: trust, stance, satisfaction, who has lately taken part."""
    for b in range(len(w.condition)):
        s.condition[b] = w.condition[b]
        s.service[b] = w.service[b]
    for i in range(len(w.building)):
        w0, w1, w2, w3 = draw(key0, key1, START, i, 0, 0)
        v0, v1, _, _ = draw(key0, key1, START, i, 0, 1)
        gov = min(max(p.trust_government + p.trust_spread * (2.0 * (w0 * UNIT) - 1.0), 0.02), 0.98)
        op = min(max(p.trust_operator + p.trust_spread * (2.0 * (w1 * UNIT) - 1.0), 0.02), 0.98)
        s.good_gov[i], s.bad_gov[i] = p.trust_evidence * gov, p.trust_evidence * (1.0 - gov)
        s.good_op[i], s.bad_op[i] = p.trust_evidence * op, p.trust_evidence * (1.0 - op)
        # Random utility with logistic differences (McFadden 1974): the share with interest > 0 is the predicted
        # acceptance of the offer.
        u = (w2 + 0.5) * UNIT
        s.interest[i] = w.lean[i] + np.log(u / (1.0 - u))
        stance = 0.5 + p.first_information * (logistic(s.interest[i], table) - 0.5)
        stance += p.first_trust * (0.5 * (gov + op) - 0.5) + p.first_noise * (2.0 * (w3 * UNIT) - 1.0)
        s.stance[0, i] = s.stance[1, i] = bound01(stance)
        b = w.building[i]
        s.content[0, i] = s.content[1, i] = 0.5 * w.condition[b] + 0.5 * w.service[b]
        s.active[i] = -MONTHS_ACTIVE
        if v0 * UNIT < p.participation_start:
            s.active[i] = -int(v1 * UNIT * MONTHS_ACTIVE)
    q.share[:] = 1.0
    q.office[1] = p.faith_start


@njit(cache=True, nogil=True)
def buildings(w, s, p, step, key0, key1):  # type: ignore[no-untyped-def]
    """Age, fail and wear every building for a month."""
    for b in range(len(s.condition)):
        condition = s.condition[b] - p.ageing_rate - s.wear[b] / max(w.homes[b], 1)
        gap = 1.0 - s.condition[b]
        if draw(key0, key1, BUILDING, b, step, 0)[0] * UNIT < p.failure_rate * gap * gap:
            condition -= p.failure_loss
        s.condition[b] = bound01(condition)
        s.wear[b] = 0.0


@njit(cache=True)
def record(out, t, w, q, p, sums, rates):  # type: ignore[no-untyped-def]
    """Write month ``t`` of ``RAW``."""
    here = max(sums[h.RESIDENTS], 1.0)
    social = sums[h.CONTENT] / here
    if sums[h.LOW] > 0.0:
        social = 0.5 * (social + sums[h.CONTENT_LOW] / sums[h.LOW])
    green = w.bases[0]
    culture = w.bases[1] if w.bases[1] >= 0.0 else p.cultural_base
    out[0, t] = p.economic_base + (1.0 - p.economic_base) * bound01(q.value[0])
    out[1, t] = social
    out[2, t] = green + (1.0 - green) * bound01(q.value[1])
    out[3, t] = culture + (1.0 - culture) * bound01(q.value[2])
    out[4, t] = sums[h.ACTIVE] / here
    out[5, t] = rates[0] / rates[1]
    out[6, t] = rates[2] / rates[3]
    out[7, t] = rates[4] / rates[3]
    out[8, t] = sums[h.TRUST_GOV] / here
    out[9, t] = sums[h.TRUST_OP] / here
    out[10, t] = sums[h.CLASH] / max(sums[h.PAIRS], 1.0)
    out[11, t] = sums[h.CONDITION] / here
    out[12, t] = sums[h.SERVICE] / here
    out[13, t] = sums[h.COVERAGE] / here
    out[14, t] = sums[h.SUPPORT] / max(sums[h.STAKE], 1.0)
    touched = finished = 0.0
    for j in range(len(w.matter)):
        touched += w.roll_heads[j]
        if q.phase[j] == DONE:
            finished += w.roll_heads[j] * q.share[j]
    out[15, t] = finished / max(touched, 1.0)
    out[16, t] = 100.0 * sums[h.OPEN] / here
    out[17, t] = q.office[1]
    out[18, t] = sums[h.PEOPLE]
    out[19, t] = q.people[0]
    out[20, t] = q.purse[1]
    out[21, t] = q.purse[2]


@njit(cache=True, nogil=True)
def simulate(w, p, seed, months, digital, deliberation, table):  # type: ignore[no-untyped-def]
    """Run the model once and return ``RAW``, shape (len(RAW), months + 1).

    Parameters
    ----------
    w, p
        World and parameters.
    seed
        uint64; the same seed under another setting gives the same draws.
    digital, deliberation
        Dials in [0, 1].
    """
    key0, key1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    n, size, count = len(w.building), len(w.condition), len(w.matter)
    f32 = np.float32
    s = State(
        np.zeros((2, n), f32), np.zeros((2, n), f32), np.zeros(n, f32), np.zeros(n, f32), np.zeros(n, f32),
        np.zeros(n, f32), np.zeros(n, f32), np.zeros(n, np.int16), np.zeros(n, np.int16), np.zeros(n, np.uint8),
        np.zeros(n, np.uint8), np.zeros(size, f32), np.zeros(size, f32), np.zeros(size), np.zeros(size, np.uint8),
        np.zeros(size), np.zeros(size, np.uint8),
    )  # fmt: skip
    q = Projects(
        np.zeros(count, np.int8), np.zeros(count, np.int32), np.zeros(count, np.int32), np.zeros(count, np.int32),
        np.zeros(count, np.int32), np.zeros(count), np.zeros(count, np.uint8), np.zeros(3), np.zeros(2),
        np.zeros(3), np.zeros(4), np.zeros(1, np.int64),
    )  # fmt: skip
    begin(w, s, q, p, key0, key1, table)
    # Responded, due, resolved, closed, satisfied: smoothed counts, started at the documented rates.
    response = p.response_start
    pleased = p.resolve_base * p.satisfied_resolved + (1.0 - p.resolve_base) * p.satisfied_unresolved
    rates = np.array([response, 1.0, p.resolve_base, 1.0, pleased]) * (0.05 * max(n, 1))
    out = np.zeros((22, months + 1))
    sums = np.zeros(h.SUMS)
    for i in range(n):
        if w.indptr[i + 1] > w.indptr[i]:
            k = w.indices[w.indptr[i]]
            sums[h.PAIRS] += 1.0
            if (s.stance[0, i] >= 0.5) != (s.stance[0, k] >= 0.5):
                sums[h.CLASH] += 1.0
    middle = 0.5 * (p.trust_government + p.trust_operator)
    still = Month(0, deliberation, 0.0, 0.0, 0.0, middle, 0.0, 0.0, 0.0, 0.0)
    census(w, s, p, still, sums)
    record(out, 0, w, q, p, sums, rates)
    public = np.sum(w.public_yuan)
    for t in range(1, months + 1):
        rollout = digital * min(t / max(p.rollout_months, 1.0), 1.0)
        if (t - 1) % 12 == 0:
            year = (t - 1) // 12
            income = public / p.programme_years
            if len(w.budget) > 0:
                income = w.budget[min(year, len(w.budget) - 1)]
            income *= 1.0 - p.digital_cost * digital
            q.purse[0] += income
            q.purse[2] += income
        projects(
            w, s, q, p, Month(t, deliberation, rollout, 0.0, 0.0, middle, 0.0, 0.0, 0.0, 0.0), key0, key1
        )
        talking = 0
        for b in range(size):
            if s.talk[b]:
                talking += w.homes[b]
        busy = p.deliberation_load * deliberation * talking / max(n, 1)
        handled = p.capacity * n * (1.0 - min(busy, 1.0))
        serve = min(handled / max(sums[h.OPEN], 1.0), 1.0)
        resolve = min(p.resolve_base + p.resolve_digital * rollout, 1.0)
        m = Month(
            t, deliberation, rollout, serve, resolve, middle, q.news[0], q.news[1], q.news[2], q.news[3]
        )
        sums[:] = 0.0
        households(w, s, p, m, key0, key1, table, sums)
        buildings(w, s, p, t, key0, key1)
        for j in range(count):
            if q.phase[j] == VOTING:
                ballot(j, w, s, q, p, m, key0, key1, table)
        census(w, s, p, m, sums)
        rates *= p.rate_memory
        rates[0] += sums[h.RESPONDED]
        rates[1] += sums[h.DUE]
        rates[2] += sums[h.RESOLVED]
        rates[3] += sums[h.CLOSED]
        rates[4] += sums[h.SATISFIED]
        record(out, t, w, q, p, sums, rates)
    return out
