"""Who governs and builds: communities, departments, operators, the office. Their state, and room for it.

Everything here is per building, project, community, department or operator, so that the monthly pass over
households stays what it is. Few arrays with named rows, because each array costs the compiler time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Departments that answer requests, by what is wrong with the building.
DEPARTMENTS = ("housing", "works", "fire", "subdistrict")
#: Builders: the public body (0) and private operators.
OPERATORS = 5
# Rows of ``Bodies.place`` and ``Bodies.home``.
COMMUNITY, DEPARTMENT = 0, 1
JOINT, HERITAGE = 0, 1
# Rows of ``Bodies.project``.
MIXED, CITY_YUAN, OUTLAY, NET, RATE, FLOOR_BEFORE, FLOOR_AFTER, POOR, WORTH = range(9)
# Places in ``Bodies.facts``.
JOINT_MEAN, UNIT_RETURN, RETURN_LOW, FLOOR = range(4)
# Rows of ``Governance.community`` and ``Governance.desk``.
CAPACITY, QUEUE, COUNCIL, NEXT, WEIGHT, TALKING, CONTENT_HERE, HERE = range(8)
SKILL, HANDLED = 2, 3
# Rows of ``Governance.operator`` and ``Governance.project``.
FAITH, REQUIRED, CAPITAL, PUT_IN, PAYOFF, BUSY = range(6)
BUILDER, UNBID, DEAL, NEED, SCORE = range(5)
#: Places in ``Governance.office``: operators' net income, what they keep and share, bids made and invited in vain,
#: gains to low-income households and to all, ballots failed and held, floor area added, public money at hand, level
#: of the instruments, and the smoothed acts of four centres: front line, councils, operators, public body.
(
    INCOME,
    KEPT,
    SHARED,
    BIDS,
    NO_BIDS,
    GAIN_LOW,
    GAIN_ALL,
    FAILED,
    HELD,
    ADDED,
    CITY,
    DISTRICT,
    LEVER,
    ACTS,
) = range(14)
CENTRES = 4


class Bodies(NamedTuple):
    """What does not change (buildings B, projects P, communities C, departments D)."""

    place: np.ndarray  # int32 (2, B) community, and department that answers first
    home: np.ndarray  # float64 (2, B) share of requests that need several departments; 1 for heritage
    size: np.ndarray  # int64 (C,) households
    load: np.ndarray  # int64 (D,) households whose requests go there first
    #: float64 (9, P) how mixed the property rights are; the city's part of the public cost; what the operator puts in
    #: and nets a year; the internal rate of its own payments (-1: none); floor area before and after; share of
    #: low-income households; rank in [0, 1] by the plan's benefit per yuan.
    project: np.ndarray
    facts: np.ndarray  # float64 (4,)


class Governance(NamedTuple):
    """What changes."""

    estimate: np.ndarray  # float64 (B,) what the office believes of each condition
    community: np.ndarray  # float64 (8, C) capacity, queue, openness now and next, strength, homes in discussion, satisfaction, homes
    desk: np.ndarray  # float64 (4, D) capacity, queue, skill in [0, 1], requests handled this month
    operator: (
        np.ndarray
    )  # float64 (6, O) good faith, return asked for, capital, yuan put in, pay-off, has works
    project: (
        np.ndarray
    )  # float64 (5, P) builder (-1: none yet), months invited in vain, instruments, need, score
    order: np.ndarray  # int64 (P,) in which the office takes projects up
    office: np.ndarray  # float64


def new_governance(bodies: Bodies) -> Governance:
    """Return room for the state of one run, all zero but that no project has a builder yet."""
    count = bodies.project.shape[1]
    out = Governance(
        estimate=np.zeros(bodies.place.shape[1]),
        community=np.zeros((8, len(bodies.size))),
        desk=np.zeros((4, len(DEPARTMENTS))),
        operator=np.zeros((6, OPERATORS)),
        project=np.zeros((5, count)),
        order=np.arange(count, dtype=np.int64),
        office=np.zeros(ACTS + CENTRES),
    )
    out.project[BUILDER] = -1.0
    return out
