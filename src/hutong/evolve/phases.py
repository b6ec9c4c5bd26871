"""The phase a quarter is in: fragmented, bargaining or collaborating, by a stated rule."""

from __future__ import annotations

import numpy as np

from hutong.evolve.results import Ensemble
from hutong.text import Text

FRAGMENTED, BARGAINING, COLLABORATING = range(3)
PHASES = (Text("碎片化", "fragmented"), Text("博弈", "bargaining"), Text("协同", "collaborating"))
#: Limits of the rule. Ours.
TRUST_LOW, TRUST_HIGH, CONFLICT_HIGH, PARTICIPATION_LOW = 0.45, 0.5, 0.25, 0.15


def phases(ensemble: Ensemble) -> np.ndarray:
    """Return the phase of every setting, run and month, int8.

    Fragmented: trust below 0.45 and little participation (below 0.15), or trust below 0.45 with conflict above 0.25.
    Collaborating: trust from 0.5, conflict up to 0.25 and participation from 0.15. Bargaining: all else.
    """
    trust, part = ensemble.series["trust"], ensemble.parts
    conflict, participation = part["conflict"], part["participation"]
    out = np.full(trust.shape, BARGAINING, np.int8)
    apart = (participation < PARTICIPATION_LOW) | (conflict > CONFLICT_HIGH)
    out[(trust < TRUST_LOW) & apart] = FRAGMENTED
    together = (trust >= TRUST_HIGH) & (conflict <= CONFLICT_HIGH) & (participation >= PARTICIPATION_LOW)
    out[together] = COLLABORATING
    return out
