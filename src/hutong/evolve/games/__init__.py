"""Evolutionary games of any shape.

In: a table of pay-offs (arrays, or YAML with parameters). Out: rest points of the replicator dynamics with
eigenvalues and stability, paths; for finite populations exact chances of fixation and the long run; games on networks.
docs/games.md describes the files and the command.
"""

from hutong.evolve.games.copying import estimate_fixation, play_on_network
from hutong.evolve.games.equilibria import Equilibrium, RestPoints, equilibria
from hutong.evolve.games.finite import (
    Stationary,
    fixation,
    fixation_probability,
    fixation_table,
    rare_mutations,
    stationary,
    stationary_of,
)
from hutong.evolve.games.reading import Finite, GameFile, read_game
from hutong.evolve.games.replicator import fitness, growth, jacobian, path
from hutong.evolve.games.table import Game, Population, make_game

__all__ = [
    "Equilibrium",
    "Finite",
    "Game",
    "GameFile",
    "Population",
    "RestPoints",
    "Stationary",
    "equilibria",
    "estimate_fixation",
    "fitness",
    "fixation",
    "fixation_probability",
    "fixation_table",
    "growth",
    "jacobian",
    "make_game",
    "path",
    "play_on_network",
    "rare_mutations",
    "read_game",
    "stationary",
    "stationary_of",
]
