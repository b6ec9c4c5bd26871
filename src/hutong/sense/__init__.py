"""Means 手段协同: a :class:`~hutong.city.City` in, indicators, findings and coupling out."""

from hutong.sense.coupling import coupling, coupling_degree, entropy_weights
from hutong.sense.results import STATUSES, VALUE_COLUMNS, Access, Checkup, Finding, Indicator

__all__ = [
    "STATUSES",
    "VALUE_COLUMNS",
    "Access",
    "Checkup",
    "Finding",
    "Indicator",
    "coupling",
    "coupling_degree",
    "entropy_weights",
]
