"""Means 手段协同: a :class:`~hutong.city.City` in, indicators, findings and coupling out."""

from hutong.sense.access import walking_access
from hutong.sense.barriers import Barrier, barriers
from hutong.sense.checkup import checkup
from hutong.sense.circles import circles
from hutong.sense.city_scale import CityFigures, read_city_figures
from hutong.sense.clusters import Clustering, clustering
from hutong.sense.compare import compare
from hutong.sense.coupling import coupling, coupling_degree, entropy_weights
from hutong.sense.e2sfca import capacity_access, e2sfca
from hutong.sense.equity import equity_table, gini, theil, theil_parts, worst_off
from hutong.sense.gaps import AccessGap, Gaps, Site, access_gaps
from hutong.sense.history import checkup_over, warnings
from hutong.sense.metrics import metrics, places_geojson
from hutong.sense.moran import Moran, local_moran, moran
from hutong.sense.national import national, national_table
from hutong.sense.network import Graph, Reach, make_graph, nearest_distance, network_distance, street_graph
from hutong.sense.obstacles import obstacle_degrees
from hutong.sense.profile import profile
from hutong.sense.registry import registry
from hutong.sense.results import STATUSES, VALUE_COLUMNS, Access, Checkup, Finding, Indicator
from hutong.sense.survey import Survey, apply_survey, read_survey
from hutong.sense.topsis import topsis
from hutong.sense.trend import ranked, trend_weights, trends
from hutong.sense.walks import WalkPairs, walks

__all__ = [
    "STATUSES",
    "VALUE_COLUMNS",
    "Access",
    "AccessGap",
    "Barrier",
    "Checkup",
    "CityFigures",
    "Clustering",
    "Finding",
    "Gaps",
    "Graph",
    "Indicator",
    "Moran",
    "Reach",
    "Site",
    "Survey",
    "WalkPairs",
    "access_gaps",
    "apply_survey",
    "barriers",
    "capacity_access",
    "checkup",
    "checkup_over",
    "circles",
    "clustering",
    "compare",
    "coupling",
    "coupling_degree",
    "e2sfca",
    "entropy_weights",
    "equity_table",
    "gini",
    "local_moran",
    "make_graph",
    "metrics",
    "moran",
    "national",
    "national_table",
    "nearest_distance",
    "network_distance",
    "obstacle_degrees",
    "places_geojson",
    "profile",
    "ranked",
    "read_city_figures",
    "read_survey",
    "registry",
    "street_graph",
    "theil",
    "theil_parts",
    "topsis",
    "trend_weights",
    "trends",
    "walking_access",
    "walks",
    "warnings",
    "worst_off",
]
