"""The model held against documented patterns: which parameters agree with them, and what it then predicts of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.evolve.ensemble import SETTINGS, combine, run_all, run_seeds
from hutong.evolve.households import World
from hutong.evolve.parameters import draw_parameters, parameter_infos, parameter_names
from hutong.evolve.results import Setting
from hutong.evolve.runner import Threads
from hutong.evolve.world import build_world
from hutong.learn import Fit, Pattern, Range, load_patterns
from hutong.learn import calibrate as fit_patterns
from hutong.plan.results import Scheme
from hutong.rng import generator
from hutong.rules import Rules

#: What is fitted unless said otherwise: what handling, satisfaction, trust and acceptance hang on.
FREE = (
    "capacity", "resolve_base", "resolve_digital", "satisfied_resolved", "satisfied_unresolved", "wait_penalty",
    "trust_pull", "information_base", "vote_logit",
)  # fmt: skip
#: Months from January 2019 to September 2024, the span of the rates of Beijing's hotline.
MONTHS = 68


@dataclass(frozen=True)
class ModelFit:
    """The fit, the patterns that this city and scheme cannot show, and the parameters at the edge of their range.

    At the edge: the middle 90 % of a narrowed parameter reaches within a twentieth of the range's end, so the range may
    not hold what fits best.
    """

    fit: Fit
    absent: tuple[Pattern, ...]
    edge: tuple[str, ...]


def calibrate_model(
    city: City,
    scheme: Scheme,
    rules: Rules,
    *,
    patterns: Sequence[Pattern] | None = None,
    free: Sequence[str] = FREE,
    setting: Setting = SETTINGS[-1],
    seed: int = 1,
    threads: int = 1,
    particles: int = 200,
    first: int = 1000,
    waves: int = 4,
) -> ModelFit:
    """Return the parameters of the model that agree with the patterns (:func:`hutong.learn.calibrate`).

    Parameters
    ----------
    free
        Parameters that are fitted, uniform over their ranges; all others are drawn from theirs for every run, so that what
        is not fitted stays uncertain.
    setting
        The policy under which the patterns came about: the hotline with its platform and joint handling.

    Raises
    ------
    HutongError
        ``calibrate-input`` if no fitted pattern can be shown; as ``build_world`` does.
    """
    built = build_world(city, scheme, rules)
    places = [parameter_names().index(name) for name in free]
    infos = [parameter_infos()[at] for at in places]
    runs = 0

    def simulate(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal runs
        table = draw_parameters(len(theta), seed + runs, None)
        table[:, places] = theta
        seeds = generator(seed, f"calibrate {runs}").integers(0, 2**63, len(theta)).astype(np.uint64)
        runs += len(theta)
        return quantities(built.world, setting, table, seeds, threads, shown)

    known = load_patterns() if patterns is None else tuple(patterns)
    shown = known
    probe = quantities(
        built.world, setting, draw_parameters(2, seed, None), run_seeds(seed, 2), threads, known
    )
    there: list[bool] = np.logical_and.reduce(np.isfinite(probe), axis=0).tolist()
    shown = tuple(p for p, ok in zip(known, there, strict=True) if ok)
    ranges = [Range(i.id, i.low, i.high) for i in infos]
    fit = fit_patterns(simulate, ranges, shown, particles=particles, first=first, waves=waves, seed=seed)
    absent = tuple(p for p, ok in zip(known, there, strict=True) if not ok)
    return ModelFit(fit, absent, tuple(_edges(fit)))


def quantities(
    world: World, setting: Setting, table: NDArray[np.float64], seeds: NDArray[np.uint64], threads: int,
    patterns: Sequence[Pattern],
) -> NDArray[np.float64]:  # fmt: skip
    """Return what runs show of each pattern, shape (runs, patterns); NaN where the model or the city has no such thing.

    ``resolution_rate`` and ``satisfaction_rate`` are the rates of month 68; ``surrender_share`` is the share of people
    who left among those living where a surrender was offered.
    """
    raw = run_all(world, (setting,), table, MONTHS, seeds, Threads(threads))
    _, parts = combine(raw, table, world)
    offered = np.flatnonzero(np.isfinite(world.leave))
    homes = [world.voter[world.voter_ptr[p] : world.voter_ptr[p + 1]] for p in offered]
    people = world.people[np.unique(np.concatenate(homes))].sum() if homes else 0
    have = {
        "resolution_rate": parts["resolution"][0, :, -1],
        "satisfaction_rate": parts["satisfied"][0, :, -1],
        "surrender_share": parts["rehoused"][0, :, -1] / people if people else None,
    }
    out = np.full((len(table), len(patterns)), np.nan)
    for i, pattern in enumerate(patterns):
        values = have.get(pattern.quantity)
        if values is not None:
            out[:, i] = values
    return out


def _edges(fit: Fit) -> list[str]:
    found = []
    for at, range_ in enumerate(fit.parameters):
        low, high = fit.interval(at)
        slack = (range_.high - range_.low) / 20
        if fit.narrowed[at] > 0.2 and (low < range_.low + slack or high > range_.high - slack):
            found.append(range_.id)
    return found
