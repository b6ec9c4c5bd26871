"""Co-evolution of value, governance and space, in silico.

In: a city, a scheme, rules. Out: an :class:`Ensemble` of seeded runs with and without a digital layer and
deliberation, and what differs between them. docs/evolve-odd.md describes the model.
"""

from hutong.evolve.contrast import contrast, drivers, explain, one_at_a_time
from hutong.evolve.ensemble import SETTINGS, run_ensemble
from hutong.evolve.parameters import ParameterInfo, parameter_infos
from hutong.evolve.results import PARTS, SERIES, Ensemble, Setting

__all__ = [
    "PARTS",
    "SERIES",
    "SETTINGS",
    "Ensemble",
    "ParameterInfo",
    "Setting",
    "contrast",
    "drivers",
    "explain",
    "one_at_a_time",
    "parameter_infos",
    "run_ensemble",
]
