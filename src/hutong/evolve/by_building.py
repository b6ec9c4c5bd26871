"""Where things change: the condition of every building, and whether it was renewed, in some years of a policy's futures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.dials import as_floats
from hutong.evolve.ensemble import run_seeds
from hutong.evolve.households import World
from hutong.evolve.kernel import RAW, as_record, continue_months, new_state
from hutong.evolve.parameters import draw_parameters
from hutong.evolve.results import Setting
from hutong.evolve.runner import Progress, changed
from hutong.evolve.world import build_world, occupied
from hutong.plan.results import Scheme
from hutong.rules import Rules
from hutong.text import Text

QUANTILES = (0.05, 0.5, 0.95)
MAPPING = Text("推演到每栋楼", "Running the futures building by building")


@dataclass(frozen=True)
class Buildings:
    """What happens to inhabited buildings; ``rows`` are their positions in the table of buildings.

    ``condition`` has shape (years, 3, buildings): 5, 50 and 95 % of the runs, 0 worst to 1 best; ``renewed`` shape
    (years, buildings): the share of runs in which works were finished there by then. ``quarter`` has the mean condition of
    homes per year and run, ``start`` that of today.
    """

    setting: Setting
    years: tuple[int, ...]
    rows: np.ndarray
    condition: np.ndarray
    renewed: np.ndarray
    quarter: np.ndarray
    start: float
    runs: int


def by_building(
    city: City,
    scheme: Scheme,
    rules: Rules,
    setting: Setting,
    years: Sequence[int],
    *,
    runs: int,
    seed: int,
    threads: int = 1,
    progress: Progress | None = None,
) -> Buildings:
    """Run a scheme forward under one setting and look at every building at the end of some years.

    Run r meets the same chance and parameters as run r of :func:`~hutong.evolve.ensemble.run_ensemble` with this seed and
    this number of runs: the map shows the very futures of the chart.

    Raises
    ------
    HutongError
        ``bad-years`` unless years rise from 1; as ``build_world`` does.
    """
    years = tuple(years)
    if not years or years[0] < 1 or any(b <= a for a, b in pairwise(years)):
        raise HutongError(
            "bad-years",
            Text("年份应从 1 起递增。", "Years rise from 1."),
            Text("请改正。", "Mend them."),
        )
    world = build_world(city, scheme, rules).world
    table = changed(draw_parameters(runs, seed), setting)
    condition = np.empty((runs, len(years), len(world.condition)), np.float32)
    renewed = np.zeros((len(years), len(world.condition)))
    found = _all(world, table, setting, run_seeds(seed, runs), years, threads)
    for done, (r, here, finished) in enumerate(found, start=1):
        condition[r] = here
        renewed += finished
        if progress is not None:
            progress(done, runs, MAPPING)
    bands = np.quantile(condition, QUANTILES, axis=0).transpose(1, 0, 2)
    weight = world.homes / world.homes.sum()
    rows, start = occupied(city).buildings, float(world.condition @ weight)
    return Buildings(setting, years, rows, bands, renewed / runs, (condition @ weight).T, start, runs)


def _all(
    world: World, table: np.ndarray, setting: Setting, seeds: np.ndarray, years: tuple[int, ...], threads: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield each run with its condition and finished works, in order."""
    with ThreadPoolExecutor(threads) as pool:
        try:
            parts = [
                pool.submit(one_run, world, p, setting, s, years) for p, s in zip(table, seeds, strict=True)
            ]
            for r, part in enumerate(parts):
                yield r, *part.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def one_run(
    world: World, parameters: np.ndarray, setting: Setting, seed: np.uint64, years: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return condition and finished works (1 or 0) of every building at the end of each year of one run."""
    state, projects, governance = new_state(world)
    record, dials = as_record(parameters), as_floats(setting.dials)
    condition = np.empty((len(years), len(world.condition)), np.float32)
    finished = np.empty((len(years), len(world.condition)))
    before = np.empty((len(RAW), 0))
    for k, year in enumerate(years):
        raw = np.empty((len(RAW), 12 * year + 1))
        first = before.shape[1]
        raw[:, :first] = before
        continue_months(world, state, projects, governance, record, dials, seed, raw, first)
        condition[k], finished[k] = state.condition, state.done
        before = raw
    return condition, finished
