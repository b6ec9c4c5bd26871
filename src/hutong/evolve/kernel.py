"""One run of the model: months of projects, households, buildings and ballots."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numba import njit

from hutong.evolve.households import (
    BUILDING,
    CLASH,
    CLOSED,
    DUE,
    MONTHS_ACTIVE,
    OPEN,
    PAIRS,
    RESOLVED,
    RESPONDED,
    SATISFIED,
    START,
    SUMS,
    UNIT,
    Month,
    State,
    World,
    bound01,
    cases,
    census,
    draw,
    logistic,
    njit_inner,
    opinions,
    prepare,
)
from hutong.evolve.parameters import parameter_names
from hutong.evolve.projects import DONE, VOTING, Projects, ballot, projects

#: What one run counts each month: sums over households, smoothed counts of requests, gains, ledgers.
RAW = (
    *("residents", "stake", "support", "trust_government", "trust_operator", "content", "content_low", "low"),
    *("pairs", "clash", "coverage", "active", "open", "due", "responded", "closed", "resolved", "satisfied"),
    *("condition", "service", "people"),
    *("rate_responded", "rate_due", "rate_resolved", "rate_closed", "rate_satisfied"),
    *(
        "gain_economic",
        "gain_ecological",
        "gain_cultural",
        "finished",
        "faith",
        "rehoused",
        "spent",
        "received",
        "upkeep",
    ),
)


@njit_inner
def begin(w, s, q, p, key0, key1, sums, rates):  # type: ignore[no-untyped-def]
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
        stance = 0.5 + p.first_information * (logistic(s.interest[i]) - 0.5)
        stance += p.first_trust * (0.5 * (gov + op) - 0.5) + p.first_noise * (2.0 * (w3 * UNIT) - 1.0)
        s.stance[0, i] = s.stance[1, i] = bound01(stance)
        b = w.building[i]
        s.content[0, i] = s.content[1, i] = 0.5 * w.condition[b] + 0.5 * w.service[b]
        s.active[i] = -MONTHS_ACTIVE
        if v0 * UNIT < p.participation_start:
            s.active[i] = -int(v1 * UNIT * MONTHS_ACTIVE)
    for i in range(len(w.building)):  # disagreement over the first tie
        if w.indptr[i + 1] > w.indptr[i]:
            k = w.indices[w.indptr[i]]
            sums[PAIRS] += 1.0
            if (s.stance[0, i] >= 0.5) != (s.stance[0, k] >= 0.5):
                sums[CLASH] += 1.0
    q.share[:] = 1.0
    q.office[1] = p.faith_start
    # Responded, due, resolved, closed, satisfied: smoothed counts, started at the documented rates.
    rates[:] = 0.05 * len(w.building)  # about five months of requests
    rates[0] *= p.response_start
    rates[2] *= p.resolve_base
    rates[4] *= p.resolve_base * p.satisfied_resolved + (1.0 - p.resolve_base) * p.satisfied_unresolved


@njit_inner
def buildings(w, s, p, step, key0, key1):  # type: ignore[no-untyped-def]
    """Age, fail and wear every building for a month."""
    for b in range(len(s.condition)):
        condition = s.condition[b] - p.ageing_rate - s.wear[b] / max(w.homes[b], 1)
        gap = 1.0 - s.condition[b]
        if draw(key0, key1, BUILDING, b, step, 0)[0] * UNIT < p.failure_rate * gap * gap:
            condition -= p.failure_loss
        s.condition[b] = bound01(condition)
        s.wear[b] = 0.0


@njit_inner
def fund(w, q, p, t, digital, public):  # type: ignore[no-untyped-def]
    """Receive the year's public money in its first month, less what the digital layer takes.

    What is in operation is paid for first (or brings money in). Where the scheme does not say when, the public cost comes in equal parts over ``programme_years``.
    """
    if (t - 1) % 12 != 0:
        return
    year = (t - 1) // 12
    if len(w.budget) > 0:
        income = w.budget[year] if year < len(w.budget) else 0.0
    else:
        income = public * min(max(p.programme_years - year, 0.0), 1.0) / max(p.programme_years, 1.0)
    income *= 1.0 - p.digital_cost * digital
    upkeep = 0.0
    for j in range(len(w.matter)):
        if q.phase[j] == DONE:
            upkeep += w.upkeep[j] * q.share[j]
    q.purse[0] += income - upkeep
    q.purse[2] += income
    q.purse[3] += upkeep


@njit_inner
def record(out, t, w, q, sums, rates):  # type: ignore[no-untyped-def]
    """Write what is counted in month ``t`` (``RAW``)."""
    for k in range(SUMS):
        out[k, t] = sums[k]
    for k in range(5):
        out[SUMS + k, t] = rates[k]
    for k in range(3):
        out[SUMS + 5 + k, t] = q.value[k]
    finished = 0.0
    for j in range(len(w.matter)):
        if q.phase[j] == DONE:
            finished += w.roll_heads[j] * q.share[j]
    out[SUMS + 8, t] = finished
    out[SUMS + 9, t] = q.office[1]
    out[SUMS + 10, t] = q.people[0]
    out[SUMS + 11, t] = q.purse[1]
    out[SUMS + 12, t] = q.purse[2]
    out[SUMS + 13, t] = q.purse[3]


@cache
def record_type() -> np.dtype:
    """Return the type of the record of parameters.

    Its last field names the sources of the kernels. Compiled code is cached by argument types, so a change in any
    kernel file, or in the order of the parameters, is never served by old code.
    """
    here = files("hutong")
    names = ("rng.py", "evolve/households.py", "evolve/projects.py", "evolve/kernel.py")
    digest = hashlib.sha256(b"".join(here.joinpath(name).read_bytes() for name in names)).hexdigest()
    return np.dtype([(name, np.float64) for name in (*parameter_names(), f"source_{digest[:16]}")])


def as_record(values: np.ndarray) -> Any:
    """Return one set of parameters, float64 (parameters,), as the record that the kernels read by name."""
    return np.array([(*values.tolist(), 0.0)], record_type())[0]


def new_state(w: World) -> tuple[State, Projects]:
    """Return room for the state of one run, all zero."""
    n, size, count = len(w.building), len(w.condition), len(w.matter)

    def room(kind: type, *shape: int) -> np.ndarray:
        return np.zeros(shape, kind)

    f = np.float32
    state = State(
        stance=room(f, 2, n), content=room(f, 2, n), interest=room(f, n),
        good_gov=room(f, n), bad_gov=room(f, n), good_op=room(f, n), bad_op=room(f, n),
        request=room(np.int16, n), active=room(np.int16, n), gone=room(np.uint8, n), signed=room(np.uint8, n),
        condition=room(f, size), service=room(f, size), wear=room(float, size), talk=room(np.uint8, size),
        works=room(float, size), done=room(np.uint8, size),
        words=room(np.uint32, 8, n), use=room(float, n), trust=room(float, 2, n),
        mind=room(float, n), met=room(np.uint8, n), proof=room(float, 2, n), home=room(float, 2, size),
    )  # fmt: skip
    projects = Projects(
        phase=room(np.int8, count), clock=room(np.int32, count), elapsed=room(np.int32, count),
        planned=room(np.int32, count), rounds=room(np.int32, count), share=room(float, count),
        late=room(np.uint8, count), purse=room(float, 4), office=room(float, 2), value=room(float, 3),
        news=room(float, 4), people=room(np.int64, 1),
    )  # fmt: skip
    return state, projects


@njit(cache=True, nogil=True, error_model="numpy")
def simulate(w, s, q, p, seed, digital, deliberation, out):  # type: ignore[no-untyped-def]
    """Run the model once and fill ``out`` with ``RAW``, shape (len(RAW), months + 1).

    Parameters
    ----------
    w, p
        World and parameters (a record).
    s, q
        Fresh room from :func:`new_state`; holds the last month afterwards.
    seed
        uint64; the same seed under another setting gives the same draws.
    digital, deliberation
        Dials in [0, 1].

    Raises
    ------
    ZeroDivisionError
        For a noise, or a weight of the first belief, of zero: nothing could be divided by it.
    """
    if p.imitation_noise <= 0.0 or p.vote_noise <= 0.0 or p.trust_evidence <= 0.0:
        raise ZeroDivisionError("imitation_noise, vote_noise and trust_evidence must be above 0")
    key0, key1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    n, size, count = len(w.building), len(w.condition), len(w.matter)
    sums, rates = out[:SUMS, 0].copy(), out[:5, 0].copy()
    middle = 0.5 * (p.trust_government + p.trust_operator)
    public = 0.0
    for j in range(count):
        public += w.public_yuan[j]
    sums[:] = 0.0
    begin(w, s, q, p, key0, key1, sums, rates)
    for t in range(out.shape[1]):
        rollout = digital * min(t / max(p.rollout_months, 1.0), 1.0)
        serve = resolve = 0.0
        if t > 0:
            fund(w, q, p, t, digital, public)
            projects(
                w, s, q, p, Month(t, deliberation, rollout, 0.0, 0.0, middle, 0.0, 0.0, 0.0, 0.0), key0, key1
            )
            talking = 0
            for b in range(size):
                if s.talk[b]:
                    talking += w.homes[b]
            busy = p.deliberation_load * deliberation * talking / n
            handled = p.capacity * n * (1.0 - min(busy, 1.0))
            serve = min(handled / max(sums[OPEN], 1.0), 1.0)
            resolve = min(p.resolve_base + p.resolve_digital * rollout, 1.0)
        m = Month(
            t, deliberation, rollout, serve, resolve, middle, q.news[0], q.news[1], q.news[2], q.news[3]
        )
        if t > 0:
            sums[:] = 0.0
            prepare(w, s, p, m, key0, key1)
            opinions(w, s, p, m, sums)
            cases(w, s, p, m, sums)
            buildings(w, s, p, t, key0, key1)
            for j in range(count):
                if q.phase[j] == VOTING:
                    ballot(j, w, s, q, p, m, key0, key1)
            for k in range(5):
                rates[k] *= p.rate_memory
            rates[0] += sums[RESPONDED]
            rates[1] += sums[DUE]
            rates[2] += sums[RESOLVED]
            rates[3] += sums[CLOSED]
            rates[4] += sums[SATISFIED]
        census(w, s, p, m, sums)
        record(out, t, w, q, sums, rates)
