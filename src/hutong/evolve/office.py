"""The office and the levels of government: diagnosis, priorities, money, instruments, communities that imitate."""

from __future__ import annotations

import numpy as np

from hutong.evolve.bodies import (
    ACTS,
    BUILDER,
    CENTRES,
    CITY,
    CITY_YUAN,
    COMMUNITY,
    CONTENT_HERE,
    COUNCIL,
    DISTRICT,
    HERE,
    LEVER,
    NEED,
    NEXT,
    SCORE,
    UNBID,
    WEIGHT,
    WORTH,
)
from hutong.evolve.households import UNIT, bound01, draw, fermi, njit_inner

SURVEY, COMMUNITIES = np.uint32(8), np.uint32(9)
#: Months after which an invitation counts as vain.
PATIENCE = 6


@njit_inner
def begin_office(w, s, g, p, d, key0, key1):  # type: ignore[no-untyped-def]
    """Set what the office believes, how open and how strong each community is, and the first priorities."""
    b = w.bodies
    for i in range(len(g.estimate)):
        w0, _, _, _ = draw(key0, key1, SURVEY, i, 0, 0)
        g.estimate[i] = bound01(s.condition[i] + p.survey_noise * (2.0 * (w0 * UNIT) - 1.0))
    total = mean = 0.0
    for c in range(len(b.size)):
        w0, w1, _, _ = draw(key0, key1, COMMUNITIES, c, 0, 0)
        g.community[COUNCIL, c] = min(d.structure * (1.0 + p.council_spread * (2.0 * (w0 * UNIT) - 1.0)), 1.0)
        g.community[WEIGHT, c] = 2.0 * (w1 * UNIT) - 1.0
        total += b.size[c]
        mean += b.size[c] * g.community[WEIGHT, c]
    mean /= max(total, 1.0)
    weighed = 0.0
    for c in range(len(b.size)):
        g.community[WEIGHT, c] = max(1.0 + d.inequality * (g.community[WEIGHT, c] - mean), 0.05)
        weighed += b.size[c] * g.community[WEIGHT, c]
    for c in range(len(b.size)):
        g.community[WEIGHT, c] *= total / max(weighed, 1.0)
    for j in range(len(w.matter)):
        g.order[j] = j
        if not w.private[j]:
            g.project[BUILDER, j] = 0.0


@njit_inner
def survey(s, g, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Look at some buildings: seldom and roughly by hand, often and closely where sensing reaches."""
    chance = p.survey_rate + p.survey_digital * m.watch
    noise = p.survey_noise * (1.0 - p.survey_sharp * m.watch)
    for i in range(len(g.estimate)):
        w0, w1, _, _ = draw(key0, key1, SURVEY, i, m.step, 0)
        if w0 * UNIT < chance:
            g.estimate[i] = bound01(s.condition[i] + noise * (2.0 * (w1 * UNIT) - 1.0))


@njit_inner
def sort_by(order, keys):  # type: ignore[no-untyped-def]
    """Put ``order`` in rising order of keys, of equals the lower number first (heapsort; NumPy's takes long to compile)."""
    n = len(order)
    for i in range(n):
        order[i] = i
    for start in range(n // 2 - 1, -1, -1):
        sift(order, keys, start, n)
    for last in range(n - 1, 0, -1):
        order[0], order[last] = order[last], order[0]
        sift(order, keys, 0, last)


@njit_inner
def sift(order, keys, root, size):  # type: ignore[no-untyped-def]
    """Let an entry sink to its place in the heap."""
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and after(order[child + 1], order[child], keys):
            child += 1
        if not after(order[child], order[root], keys):
            return
        order[root], order[child] = order[child], order[root]
        root = child


@njit_inner
def after(a, b, keys):  # type: ignore[no-untyped-def]
    """Return whether a comes after b."""
    return keys[a] > keys[b] or (keys[a] == keys[b] and a > b)


@njit_inner
def prioritise(w, g, m):  # type: ignore[no-untyped-def]
    """Order projects: by the plan's benefit per yuan, and, as far as the loop is used, by diagnosed need per yuan."""
    count = len(w.matter)
    for j in range(count):
        need = 0.0
        for place in range(w.member_ptr[j], w.member_ptr[j + 1]):
            i = w.member[place]
            need += w.homes[i] * (1.0 - g.estimate[i]) * w.condition_gain[j]
        g.project[NEED, j] = -need / max(w.public_yuan[j], 1.0)
    sort_by(g.order, g.project[NEED])
    for r in range(count):
        rank = 1.0 - r / max(count - 1, 1)
        j = g.order[r]
        g.project[SCORE, j] = -((1.0 - m.means) * w.bodies.project[WORTH, j] + m.means * rank)
    sort_by(g.order, g.project[SCORE])


@njit_inner
def can_pay(j, w, g, m):  # type: ignore[no-untyped-def]
    """Return whether city and district together can pay for project j, one helping the other as far as they work together."""
    need = (w.bodies.project[CITY_YUAN, j], w.public_yuan[j] - w.bodies.project[CITY_YUAN, j])
    for level in range(2):
        short = need[level] - g.office[CITY + level]
        spare = g.office[CITY + 1 - level] - need[1 - level]
        if short > 0.0 and short > m.whistle * spare:
            return False
    return True


@njit_inner
def pay(j, w, g):  # type: ignore[no-untyped-def]
    """Take the public cost of project j from city and district; who is short is helped out by the other."""
    g.office[CITY] -= w.bodies.project[CITY_YUAN, j]
    g.office[DISTRICT] -= w.public_yuan[j] - w.bodies.project[CITY_YUAN, j]
    for level in range(2):
        if g.office[CITY + level] < 0.0:
            g.office[CITY + 1 - level] += g.office[CITY + level]
            g.office[CITY + level] = 0.0


@njit_inner
def adjust_instruments(w, g, p, m):  # type: ignore[no-untyped-def]
    """Raise flexible instruments where invitations were vain for half a year, else lower them: rules that adapt."""
    vain = 0
    for j in range(len(w.matter)):
        if g.project[BUILDER, j] < 0.0 and g.project[UNBID, j] >= PATIENCE:
            vain += 1
    step = p.instrument_step * (1.0 if vain > 0 else -0.5)
    g.office[LEVER] = min(max(g.office[LEVER] + step, 0.0), m.environment)


@njit_inner
def imitate_communities(w, s, g, p, m, key0, key1):  # type: ignore[no-untyped-def]
    """Let communities copy how openly another works whose people are more content (Fermi rule), and vary a little."""
    b = w.bodies
    count = len(b.size)
    g.community[CONTENT_HERE, :] = 0.0
    g.community[HERE, :] = 0.0
    old = (m.step + 1) & 1
    for i in range(len(w.building)):
        if not s.gone[i]:
            c = b.place[COMMUNITY, w.building[i]]
            g.community[CONTENT_HERE, c] += s.content[old, i]
            g.community[HERE, c] += 1.0
    for c in range(count):
        g.community[CONTENT_HERE, c] /= max(g.community[HERE, c], 1.0)
    for c in range(count):
        w0, w1, w2, _ = draw(key0, key1, COMMUNITIES, c, m.step, 0)
        other = int((np.uint64(w0) * np.uint64(count)) >> np.uint64(32))
        level = g.community[COUNCIL, c]
        if w1 * UNIT < p.council_rate * fermi(
            g.community[CONTENT_HERE, c], g.community[CONTENT_HERE, other], p.imitation_noise
        ):
            level = g.community[COUNCIL, other]
        level += p.council_drift * m.structure * (2.0 * (w2 * UNIT) - 1.0)
        g.community[NEXT, c] = bound01(level)
    for c in range(count):
        g.community[COUNCIL, c] = g.community[NEXT, c]


@njit_inner
def polycentricity(office):  # type: ignore[no-untyped-def]
    """Return how evenly the centres act, in [0, 1]: their effective number (inverse Simpson 1949) from 1 to all."""
    total = square = 0.0
    for k in range(CENTRES):
        total += office[ACTS + k]
    if total <= 0.0:
        return 0.0
    for k in range(CENTRES):
        square += (office[ACTS + k] / total) * (office[ACTS + k] / total)
    return (1.0 / square - 1.0) / (CENTRES - 1.0)
