"""One run of the model: months of projects, households, buildings and ballots."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, cast

import numpy as np
from numba import njit

from hutong.evolve.bodies import (
    ACTS,
    ADDED,
    BUILDER,
    CENTRES,
    CITY,
    CITY_YUAN,
    COUNCIL,
    DISTRICT,
    FAITH,
    FLOOR,
    FLOOR_AFTER,
    FLOOR_BEFORE,
    GAIN_ALL,
    HERITAGE,
    INCOME,
    LEVER,
    SKILL,
    Governance,
    new_governance,
)
from hutong.evolve.departments import service
from hutong.evolve.households import (
    BLOCK,
    BUILDING,
    CLASH,
    CLOSED,
    COUNCIL_HERE,
    DUE,
    HOME_ROWS,
    MONTHS_ACTIVE,
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
    census,
    draw,
    households,
    logistic,
    njit_inner,
)
from hutong.evolve.office import (
    adjust_instruments,
    begin_office,
    imitate_communities,
    polycentricity,
    prioritise,
    survey,
)
from hutong.evolve.operators import begin_operators, earn, imitate_operators
from hutong.evolve.parameters import parameter_names
from hutong.evolve.projects import DONE, GIVEN_UP, VOTING, WORKING, Projects, ballot, projects
from hutong.evolve.view import View

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
    *("polycentricity", "openness", "skill", "whistle", "lever", "surveyed", "heritage", "floor"),
    *("income", "kept", "shared", "bids", "no_bids", "gain_low", "gain_all", "given_up"),
)


@njit_inner
def begin(w, s, q, g, p, d, key0, key1, sums, rates):  # type: ignore[no-untyped-def]
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
    begin_operators(w, g, p, key0, key1)
    begin_office(w, s, g, p, d, key0, key1)
    # Responded, due, resolved, closed, satisfied: smoothed counts, started at the documented rates.
    rates[:] = 0.05 * len(w.building)  # about five months of requests
    rates[0] *= p.response_start
    rates[2] *= p.resolve_base
    rates[4] *= p.resolve_base * p.satisfied_resolved + (1.0 - p.resolve_base) * p.satisfied_unresolved


@njit_inner
def buildings(w, s, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Age, fail and wear every building for a month; sensing that is used averts some failures."""
    failures = p.failure_rate * (1.0 - p.warn_digital * m.means * m.watch)
    for b in range(len(s.condition)):
        condition = s.condition[b] - p.ageing_rate - s.wear[b] / max(w.homes[b], 1)
        gap = 1.0 - s.condition[b]
        if draw(key0, key1, BUILDING, b, m.step, 0)[0] * UNIT < failures * gap * gap:
            condition -= p.failure_loss
        s.condition[b] = bound01(condition)
        s.wear[b] = 0.0


@njit_inner
def promised(w, p, d, year, public):  # type: ignore[no-untyped-def]
    """Return the public money of a year, less what the digital platform takes.

    Where the scheme does not say when, the public cost comes in equal parts over ``programme_years``.
    """
    if len(w.budget) > 0:
        income = w.budget[year] if year < len(w.budget) else 0.0
    else:
        income = public * min(max(p.programme_years - year, 0.0), 1.0) / max(p.programme_years, 1.0)
    digital = 0.25 * (d.sensing + d.participation + d.transparency + d.coordination)
    return income * d.budget * (1.0 - p.digital_cost * digital)


@njit_inner
def fund(w, q, g, p, d, t, public):  # type: ignore[no-untyped-def]
    """Receive the year's public money in its first month; what is in operation is paid for first (or brings money in)."""
    income = promised(w, p, d, (t - 1) // 12, public)
    upkeep = city = 0.0
    for j in range(len(w.matter)):
        city += w.bodies.project[CITY_YUAN, j]
        if q.phase[j] == DONE:
            upkeep += w.upkeep[j] * q.share[j]
    part = city / public if public > 0.0 else 0.5
    g.office[CITY] += part * income
    g.office[DISTRICT] += (1.0 - part) * income - upkeep
    q.purse[0] += income - upkeep
    q.purse[2] += income
    q.purse[3] += upkeep


@njit_inner
def still_to_come(w, p, d, t, public):  # type: ignore[no-untyped-def]
    """Return the public money of the years after this one."""
    total = 0.0
    years = len(w.budget) if len(w.budget) > 0 else int(p.programme_years) + 1
    for year in range((t - 1) // 12 + 1, years):
        total += promised(w, p, d, year, public)
    return total


@njit_inner
def shock(w, s, q, g, p, d):  # type: ignore[no-untyped-def]
    """Strike once: condition and public money lose a share, trust in government gets evidence against it."""
    for b in range(len(s.condition)):
        s.condition[b] *= 1.0 - d.shock_condition
    for i in range(len(w.building)):
        s.bad_gov[i] += d.shock_trust * p.trust_evidence
    for level in range(2):
        g.office[CITY + level] -= d.shock_money * max(g.office[CITY + level], 0.0)
    lost = q.purse[0] - (g.office[CITY] + g.office[DISTRICT])
    q.purse[0] -= lost
    q.purse[2] -= lost


@njit_inner
def act(w, s, q, g, p, sums):  # type: ignore[no-untyped-def]
    """Count how much each of four centres acts this month: front line, councils, operators, public body."""
    for k in range(CENTRES):
        g.office[ACTS + k] *= p.rate_memory
    g.office[ACTS] += sums[CLOSED]
    for b in range(len(s.talk)):
        if s.talk[b]:
            g.office[ACTS + 1] += w.homes[b] * s.home[COUNCIL_HERE, b]
    for j in range(len(w.matter)):
        if q.phase[j] == WORKING:
            homes = 0.0
            for place in range(w.member_ptr[j], w.member_ptr[j + 1]):
                homes += w.homes[w.member[place]]
            g.office[ACTS + (2 if g.project[BUILDER, j] > 0.0 else 3)] += homes


@njit_inner
def record(out, t, w, s, q, g, m, sums, rates):  # type: ignore[no-untyped-def]
    """Write what is counted in month ``t`` (``RAW``)."""
    for k in range(SUMS):
        out[k, t] = sums[k]
    for k in range(5):
        out[SUMS + k, t] = rates[k]
    for k in range(3):
        out[SUMS + 5 + k, t] = q.value[k]
    finished = floor = given_up = 0.0
    for j in range(len(w.matter)):
        if q.phase[j] == DONE:
            finished += w.roll_heads[j] * q.share[j]
            floor += (w.bodies.project[FLOOR_AFTER, j] - w.bodies.project[FLOOR_BEFORE, j]) * q.share[j]
        given_up += q.phase[j] == GIVEN_UP
    out[SUMS + 8, t] = finished
    out[SUMS + 9, t] = mean_of(g.operator[FAITH])
    out[SUMS + 10, t] = q.people[0]
    out[SUMS + 11, t] = q.purse[1]
    out[SUMS + 12, t] = q.purse[2]
    out[SUMS + 13, t] = q.purse[3]
    record_governance(out, t, w, s, g, m, floor, given_up)


@njit_inner
def mean_of(values):  # type: ignore[no-untyped-def]
    """Return the mean, added up in order."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


@njit_inner
def record_governance(out, t, w, s, g, m, floor, given_up):  # type: ignore[no-untyped-def]
    """Write the part of ``RAW`` that is about who governs and builds."""
    b, first = w.bodies, SUMS + 14
    n, open_to = len(w.building), 0.0
    for c in range(len(b.size)):
        open_to += b.size[c] * g.community[COUNCIL, c]
    wrong = heritage = protected = 0.0
    for i in range(len(g.estimate)):
        wrong += w.homes[i] * abs(g.estimate[i] - s.condition[i])
        if b.home[HERITAGE, i] > 0.0:
            heritage += s.condition[i]
            protected += 1.0
    out[first, t] = polycentricity(g.office)
    out[first + 1, t] = open_to / n
    out[first + 2, t] = mean_of(g.desk[SKILL])
    out[first + 3, t] = m.whistle
    out[first + 4, t] = g.office[LEVER]
    out[first + 5, t] = 1.0 - wrong / n
    out[first + 6, t] = heritage / max(protected, 1.0)
    out[first + 7, t] = 1.0 + (floor + g.office[ADDED]) / max(b.facts[FLOOR], 1.0)
    for k in range(INCOME, GAIN_ALL + 1):
        out[first + 8 + k, t] = g.office[k]
    out[first + 15, t] = given_up


@njit_inner
def this_month(d, p, t, news):  # type: ignore[no-untyped-def]
    """Return the dials as far as they are in place in month ``t``, with the news of projects.

    Open information reaches who can read it, whether or not they ask online: digital use over its coverage is skill.
    """
    built = min(t / max(p.rollout_months, 1.0), 1.0)
    access, watch, open_, joined = (
        built * d.participation, built * d.sensing, built * d.transparency, built * d.coordination
    )  # fmt: skip
    read = open_ / max(p.coverage_base + (1.0 - p.coverage_base) * access, 1e-9)
    apart = (1.0 - p.whistle_base) * (1.0 - p.whistle_structure * d.structure)
    whistle = bound01(1.0 - apart * (1.0 - p.whistle_digital * joined))
    return Month(
        t, d.environment, d.structure, d.means, d.results, d.complexity, d.capacity, access, watch, open_, joined,
        whistle, p.information_digital * read, p.news_digital * read, p.rumour_digital * read, p.sense_rate * watch,
        0.5 * (p.trust_government + p.trust_operator), news[0], news[1], news[2], news[3],
    )  # fmt: skip


#: Every file with kernels.
KERNELS = ("households", "projects", "kernel", "bodies", "departments", "operators", "office", "view")


@cache
def source_digest() -> str:
    """Return what names the model that this code is: a digest of every file with kernels."""
    here = files("hutong")
    names = ("rng.py", *(f"evolve/{name}.py" for name in KERNELS))
    digest = hashlib.sha256(b"".join(here.joinpath(name).read_bytes() for name in names))
    return digest.hexdigest()[:16]


@cache
def record_type() -> np.dtype:
    """Return the type of the record of parameters."""
    return np.dtype([(name, np.float64) for name in parameter_names()])


def as_record(values: np.ndarray) -> Any:
    """Return one set of parameters, float64 (parameters,), as the record that the kernels read by name."""
    return np.array([tuple(values.tolist())], record_type())[0]


def new_state(w: World) -> tuple[State, Projects, Governance]:
    """Return room for the state of one run, all zero."""
    n, size, count = len(w.building), len(w.condition), len(w.matter)
    k = min(n, BLOCK)

    def room(kind: type, *shape: int) -> np.ndarray:
        return np.zeros(shape, kind)

    f = np.float32
    state = State(
        stance=room(f, 2, n), content=room(f, 2, n), interest=room(f, n),
        good_gov=room(f, n), bad_gov=room(f, n), good_op=room(f, n), bad_op=room(f, n),
        request=room(np.int16, n), active=room(np.int16, n), gone=room(np.uint8, n), signed=room(np.uint8, n),
        condition=room(f, size), service=room(f, size), wear=room(float, size), talk=room(np.uint8, size),
        works=room(float, size), done=room(np.uint8, size),
        words=room(np.uint32, 4, k), use=room(float, k), trust=room(float, 2, k),
        mind=room(float, k), met=room(np.uint8, k), proof=room(float, 2, k), home=room(float, HOME_ROWS, size),
    )  # fmt: skip
    projects = Projects(
        phase=room(np.int8, count), clock=room(np.int32, count), elapsed=room(np.int32, count),
        planned=room(np.int32, count), rounds=room(np.int32, count), share=room(float, count),
        late=room(np.uint8, count), purse=room(float, 4), office=room(float, 1), value=room(float, 3),
        news=room(float, 4), people=room(np.int64, 1),
    )  # fmt: skip
    return state, projects, new_governance(w.bodies)


def simulate(
    w: World, s: State, q: Projects, g: Governance, p: Any, d: Any, seed: np.uint64, out: np.ndarray
) -> None:
    """Run the model once and fill ``out`` with ``RAW``, shape (len(RAW), months + 1).

    Parameters
    ----------
    w, p, d
        World, parameters (a record) and dials (floats).
    s, q, g
        Fresh room from :func:`new_state`; holds the last month afterwards.
    seed
        uint64; the same seed under other dials gives the same draws.

    Raises
    ------
    ZeroDivisionError
        For a noise, or a weight of the first belief, of zero: nothing could be divided by it.
    """
    continue_months(w, s, q, g, p, d, seed, out, 0)


def continue_months(
    w: World,
    s: State,
    q: Projects,
    g: Governance,
    p: Any,
    d: Any,
    seed: np.uint64,
    out: np.ndarray,
    first: int,
) -> None:
    """Run months ``first`` to the end of ``out``, as :func:`simulate` does from month 0.

    Compiled code is kept by argument types, and those name the sources of the kernels: a change in any kernel file, or in the
    order of the parameters, is never served by old code.
    """
    views = [View(part, source_digest()) for part in (w, s, q, g, p, d)]
    run_months(*views, np.uint64(seed), out, first)


def compiled() -> bool:
    """Return whether the model is compiled: in this process, or kept on disk by an earlier one."""
    if run_months.signatures:
        return True
    index = run_months._cache._cache_file  # numba's; a listing that names no overload is an empty one
    return any(source_digest() in str(key) for key in index._load_index())


@cast("Any", njit)(cache=True, nogil=True, error_model="numpy")
def run_months(w, s, q, g, p, d, seed, out, first):  # type: ignore[no-untyped-def]
    """Run months ``first`` to the end of ``out``; above 0 the state is that of the month before, and ``out`` holds it."""
    if min(p.imitation_noise, p.vote_noise, p.trust_evidence, p.operator_noise) <= 0.0:
        raise ZeroDivisionError("noises and trust_evidence must be above 0")
    key0, key1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    sums, rates = out[:SUMS, 0].copy(), out[:5, 0].copy()
    public = 0.0
    for j in range(len(w.matter)):
        public += w.public_yuan[j]
    sums[:] = 0.0
    if first == 0:
        begin(w, s, q, g, p, d, key0, key1, sums, rates)
    else:
        for k in range(5):
            rates[k] = out[SUMS + k, first - 1]
    for t in range(first, out.shape[1]):
        if t > 0:
            govern(w, s, q, g, p, d, this_month(d, p, t, q.news), public, key0, key1)
        m = this_month(d, p, t, q.news)
        if t > 0:
            sums[:] = 0.0
            households(w, s, p, m, key0, key1, sums)
            buildings(w, s, p, m, key0, key1)
            for j in range(len(w.matter)):
                if q.phase[j] == VOTING:
                    ballot(j, w, s, q, g, p, m, key0, key1)
            for k in range(5):
                rates[k] *= p.rate_memory
            rates[0] += sums[RESPONDED]
            rates[1] += sums[DUE]
            rates[2] += sums[RESOLVED]
            rates[3] += sums[CLOSED]
            rates[4] += sums[SATISFIED]
            act(w, s, q, g, p, sums)
        census(w, s, p, m, sums)
        record(out, t, w, s, q, g, m, sums, rates)


@njit_inner
def govern(w, s, q, g, p, d, m, public, key0, key1):  # type: ignore[no-untyped-def]
    """Let the office, communities, departments and operators act for a month; some of it once a year."""
    t = m.step
    if t == int(d.shock_month):
        shock(w, s, q, g, p, d)
    survey(s, g, p, m, key0, key1)
    if (t - 1) % 12 == 0:
        fund(w, q, g, p, d, t, public)
        earn(w, s, q, g, p, m)
        prioritise(w, g, m)
        adjust_instruments(w, g, p, m)
        imitate_operators(g, p, t, key0, key1)
        imitate_communities(w, s, g, p, m, key0, key1)
    projects(w, s, q, g, p, m, still_to_come(w, p, d, t, public), key0, key1)
    service(w, s, g, p, m)
