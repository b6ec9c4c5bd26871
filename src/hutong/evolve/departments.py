"""Requests in the hands of the front line and of departments: queues, capacity, whistles, learning."""

from __future__ import annotations

from hutong.evolve.bodies import (
    CAPACITY,
    COMMUNITY,
    COUNCIL,
    DEPARTMENT,
    HANDLED,
    JOINT,
    JOINT_MEAN,
    QUEUE,
    SKILL,
    TALKING,
    WEIGHT,
)
from hutong.evolve.households import OPEN_HERE, RESOLVE, SERVE, bound01, njit_inner


@njit_inner
def lend(capacity, waiting, share):  # type: ignore[no-untyped-def]
    """Move idle capacity to where more waits than can be handled: ``share`` of what is both idle and missing."""
    idle = missing = 0.0
    for i in range(len(capacity)):
        gap = waiting[i] - capacity[i]
        if gap > 0.0:
            missing += gap
        else:
            idle -= gap
    if idle <= 0.0 or missing <= 0.0:
        return
    moved = share * min(idle, missing)
    for i in range(len(capacity)):
        gap = waiting[i] - capacity[i]
        capacity[i] += moved * (gap / missing if gap > 0.0 else gap / idle)


@njit_inner
def queues(w, s, g, p, m):  # type: ignore[no-untyped-def]
    """Set capacity and open requests of every community and department for this month."""
    b = w.bodies
    for row in (CAPACITY, QUEUE, TALKING):
        g.community[row, :] = 0.0
    for row in (CAPACITY, QUEUE, HANDLED):
        g.desk[row, :] = 0.0
    for i in range(b.place.shape[1]):
        c = b.place[COMMUNITY, i]
        g.community[QUEUE, c] += s.home[OPEN_HERE, i]
        g.desk[QUEUE, b.place[DEPARTMENT, i]] += s.home[OPEN_HERE, i]
        if s.talk[i]:
            g.community[TALKING, c] += w.homes[i]
    for c in range(len(b.size)):
        busy = p.deliberation_load * g.community[COUNCIL, c] * g.community[TALKING, c] / max(b.size[c], 1)
        g.community[CAPACITY, c] = (
            p.capacity * m.capacity * g.community[WEIGHT, c] * b.size[c] * (1.0 - min(busy, 1.0))
        )
    for k in range(len(b.load)):
        g.desk[CAPACITY, k] = p.department_capacity * b.load[k]
    lend(g.community[CAPACITY], g.community[QUEUE], m.whistle)
    lend(g.desk[CAPACITY], g.desk[QUEUE], m.whistle)


@njit_inner
def service(w, s, g, p, m):  # type: ignore[no-untyped-def]
    """Set, per building, the chance that an open request is handled and that handling it helps.

    A request needs its community's front line and its department: the slower of the two decides. Where several departments are needed, what
    whistles do not join is lost; the start meets the documented rate.
    """
    b = w.bodies
    queues(w, s, g, p, m)
    usual = p.joint_loss * b.facts[JOINT_MEAN] * (1.0 - p.whistle_base)
    for i in range(b.place.shape[1]):
        c, k = b.place[COMMUNITY, i], b.place[DEPARTMENT, i]
        front = g.community[CAPACITY, c] / max(g.community[QUEUE, c], 1.0)
        desk = g.desk[CAPACITY, k] / max(g.desk[QUEUE, k], 1.0)
        serve = min(front, desk, 1.0)
        resolve = p.resolve_base + p.resolve_digital * m.coordination + p.learning_gain * g.desk[SKILL, k]
        resolve -= p.joint_loss * b.home[JOINT, i] * (1.0 - m.whistle) - usual
        s.home[SERVE, i] = serve
        s.home[RESOLVE, i] = bound01(resolve)
        g.desk[HANDLED, k] += serve * s.home[OPEN_HERE, i]
    for k in range(len(b.load)):
        done = g.desk[HANDLED, k] / max(b.load[k], 1)
        g.desk[SKILL, k] += min(p.learning_rate * done, 1.0) * (1.0 - g.desk[SKILL, k])
