"""Operators: they bid where the return after perceived risk meets theirs, build well or not, earn, share, imitate."""

from __future__ import annotations

import numpy as np

from hutong.evolve.bodies import (
    ADDED,
    BIDS,
    BUILDER,
    BUSY,
    CAPITAL,
    DEAL,
    FAILED,
    FAITH,
    FLOOR_BEFORE,
    HELD,
    INCOME,
    KEPT,
    LEVER,
    MIXED,
    NET,
    NO_BIDS,
    OPERATORS,
    OUTLAY,
    PAYOFF,
    PUT_IN,
    RATE,
    REQUIRED,
    RETURN_LOW,
    SHARED,
    UNBID,
    UNIT_RETURN,
)
from hutong.evolve.households import BONUS, UNIT, bound01, draw, fermi, njit_inner

OPERATOR = np.uint32(7)
#: Phase of a project in operation (``projects.DONE``, which imports this file).
IN_OPERATION = 6


@njit_inner
def begin_operators(w, g, p, key0, key1):  # type: ignore[no-untyped-def]
    """Draw good faith, required return and capital of every builder."""
    total = 0.0
    for j in range(len(w.matter)):
        total += w.bodies.project[OUTLAY, j]
    for o in range(OPERATORS):
        w0, w1, w2, _ = draw(key0, key1, OPERATOR, o, 0, 0)
        g.operator[FAITH, o] = bound01(p.faith_start + p.faith_spread * (2.0 * (w0 * UNIT) - 1.0))
        g.operator[REQUIRED, o] = w.bodies.facts[RETURN_LOW] + p.required_spread * (2.0 * (w1 * UNIT) - 1.0)
        g.operator[CAPITAL, o] = p.operator_capital * total * (0.5 + w2 * UNIT)


@njit_inner
def expected_return(j, w, g, p, m):  # type: ignore[no-untyped-def]
    """Return what project j promises an operator after perceived risk.

    Between the project's own internal rate and that of the whole unit (lean carried by fat) as results are pooled;
    less what is shared with residents; more by flexible instruments; less a premium for perceived risk.
    """
    b = w.bodies
    rate = (1.0 - m.results) * b.project[RATE, j] + m.results * b.facts[UNIT_RETURN]
    rate -= p.share_rate * m.results * max(rate, 0.0)
    rate += p.instrument_return * g.office[LEVER]
    risk = p.risk_base + p.risk_failed * g.office[FAILED] / max(g.office[HELD], 1.0)
    risk += p.risk_mixed * m.complexity * b.project[MIXED, j]
    risk *= (1.0 - p.risk_open * m.open) * (1.0 - p.risk_environment * m.environment)
    return rate - p.risk_price * risk


@njit_inner
def bid(j, w, g, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Invite bids for project j; return the builder, or −1.

    Of those who bid, openness picks by good faith; without it, chance does.
    """
    offered = expected_return(j, w, g, p, m)
    words = draw(key0, key1, OPERATOR, j, m.step, 1)
    best, best_score = -1, -1.0
    for o in range(1, OPERATORS):
        if offered >= g.operator[REQUIRED, o] and g.operator[CAPITAL, o] >= w.bodies.project[OUTLAY, j]:
            score = m.open * g.operator[FAITH, o] + (1.0 - m.open) * (words[o - 1] * UNIT)
            if score > best_score:
                best, best_score = o, score
    if best < 0:
        g.project[UNBID, j] += 1.0
        g.office[NO_BIDS] += 1.0
    else:
        g.office[BIDS] += 1.0
        g.project[BUILDER, j] = best
        g.project[DEAL, j] = g.office[LEVER]
    return best


@njit_inner
def put_in(j, w, g, p):  # type: ignore[no-untyped-def]
    """Take the operator's outlay for project j, and count the floor area that instruments add."""
    o = int(g.project[BUILDER, j])
    g.operator[CAPITAL, o] -= w.bodies.project[OUTLAY, j]
    g.operator[PUT_IN, o] += w.bodies.project[OUTLAY, j]
    g.office[ADDED] += p.instrument_floor * g.project[DEAL, j] * w.bodies.project[FLOOR_BEFORE, j]


@njit_inner
def caught(p, m):  # type: ignore[no-untyped-def]
    """Return the chance that slack is found out."""
    return min(p.detection_base + p.detection_digital * m.open + p.detection_deliberation * m.structure, 1.0)


@njit_inner
def next_faith(faith, p, m):  # type: ignore[no-untyped-def]
    """Return good faith after a month of works: the replicator equation (Taylor and Jonker 1978).

    Slack saves ``temptation`` and costs ``penalty`` when it is found out.
    """
    gain = caught(p, m) * p.penalty - p.temptation
    return bound01(faith + p.faith_rate * faith * (1.0 - faith) * gain)


@njit_inner
def after_works(g, p, m):  # type: ignore[no-untyped-def]
    """Move the good faith of everyone who had works this month."""
    for o in range(OPERATORS):
        if g.operator[BUSY, o] > 0.0:
            g.operator[FAITH, o] = next_faith(g.operator[FAITH, o], p, m)


@njit_inner
def slack(j, w, q, g, p, m):  # type: ignore[no-untyped-def]
    """Count what slack earned the builder of project j in a month of works."""
    o = int(g.project[BUILDER, j])
    spread = w.bodies.project[OUTLAY, j] / max(q.planned[j], 1)
    g.operator[PAYOFF, o] += spread * (1.0 - g.operator[FAITH, o]) * (p.temptation - caught(p, m) * p.penalty)


@njit_inner
def earn(w, s, q, g, p, m):  # type: ignore[no-untyped-def]
    """Pay a year of operation: what the operator keeps and what residents share, which makes life a little better."""
    s.home[BONUS, :] = 0.0
    for j in range(len(w.matter)):
        o = int(g.project[BUILDER, j])
        if q.phase[j] != IN_OPERATION or o < 1:
            continue
        net = w.bodies.project[NET, j] * q.share[j]
        shared = p.share_rate * m.results * max(net, 0.0)
        g.office[INCOME] += net
        g.office[SHARED] += shared
        g.office[KEPT] += net - shared
        g.operator[CAPITAL, o] += net - shared
        g.operator[PAYOFF, o] += net - shared
        first, last = w.member_ptr[j], w.member_ptr[j + 1]
        each = p.share_content * shared / max(w.roll_heads[j], 1) / 1000.0
        for place in range(first, last):
            s.home[BONUS, w.member[place]] += each


@njit_inner
def imitate_operators(g, p, step, key0, key1):  # type: ignore[no-untyped-def]
    """Let private operators copy the good faith of one that earns more on what it put in (Fermi rule)."""
    for o in range(1, OPERATORS):
        w0, w1, _, _ = draw(key0, key1, OPERATOR, o, step, 2)
        other = 1 + int((np.uint64(w0) * np.uint64(OPERATORS - 1)) >> np.uint64(32))
        if other == o or g.operator[PUT_IN, o] <= 0.0 or g.operator[PUT_IN, other] <= 0.0:
            continue
        mine, theirs = (
            g.operator[PAYOFF, o] / g.operator[PUT_IN, o],
            g.operator[PAYOFF, other] / g.operator[PUT_IN, other],
        )
        if w1 * UNIT < fermi(mine, theirs, p.operator_noise):
            g.operator[FAITH, o] = g.operator[FAITH, other]
