"""Means 手段协同: a :class:`~hutong.city.City` in, indicators, findings and coupling out."""

from hutong.sense.access import walking_access
from hutong.sense.checkup import checkup
from hutong.sense.coupling import coupling, coupling_degree, entropy_weights
from hutong.sense.network import Graph, Reach, make_graph, nearest_distance, network_distance, street_graph
from hutong.sense.registry import registry
from hutong.sense.results import STATUSES, VALUE_COLUMNS, Access, Checkup, Finding, Indicator

__all__ = [
    "STATUSES",
    "VALUE_COLUMNS",
    "Access",
    "Checkup",
    "Finding",
    "Graph",
    "Indicator",
    "Reach",
    "checkup",
    "coupling",
    "coupling_degree",
    "entropy_weights",
    "make_graph",
    "nearest_distance",
    "network_distance",
    "registry",
    "street_graph",
    "walking_access",
]
