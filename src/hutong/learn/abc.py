"""Which parameters of a simulator agree with what is documented: approximate Bayesian computation.

The simulator is any function from parameters to quantities. Patterns marked ``fit`` shape the posterior; those marked
``hold`` are only predicted, and the answer says how well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.learn.patterns import Pattern
from hutong.plan.sampling import latin_hypercube
from hutong.rng import generator
from hutong.text import Text

Floats = NDArray[np.float64]
#: From parameters, shape (runs, parameters), to quantities, shape (runs, patterns), in the order of the patterns.
Simulate = Callable[[Floats], Floats]
#: Beyond this many spreads from a pattern a run is implausible (Pukelsheim 1994, the rule of three sigma).
IMPLAUSIBLE = 3.0


@dataclass(frozen=True)
class Range:
    """A parameter and the range of its uniform prior."""

    id: str
    low: float
    high: float


@dataclass(frozen=True)
class Check:
    """A pattern beside what the fitted simulator gives: its median, its 90 % interval, whether the value lies in it.

    ``before`` is the same interval under the prior: a pattern that the prior predicts as well teaches nothing.
    """

    pattern: Pattern
    median: float
    low: float
    high: float
    before: tuple[float, float]

    @property
    def inside(self) -> bool:
        """Whether the documented value lies in the interval."""
        return self.low <= self.pattern.value <= self.high


@dataclass(frozen=True)
class Fit:
    """What is left of the prior, and how it does.

    ``sample`` has shape (particles, parameters) with ``weights``; ``distance`` is the last tolerance, in spreads (root
    mean square over fitted patterns). ``narrowed`` is one minus the ratio of posterior to prior spread per parameter: 0,
    the patterns say nothing of it. ``plausible`` is the share of prior runs within three spreads of every fitted pattern.
    """

    parameters: tuple[Range, ...]
    sample: Floats
    weights: Floats
    distance: float
    narrowed: Floats
    plausible: float
    checks: tuple[Check, ...]
    runs: int

    def interval(self, at: int, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central posterior interval of parameter ``at``."""
        low, high = weighted_quantile(
            self.sample[:, at], self.weights, (0.5 - confidence / 2, 0.5 + confidence / 2)
        )
        return low, high


def calibrate(
    simulate: Simulate,
    parameters: Sequence[Range],
    patterns: Sequence[Pattern],
    *,
    particles: int = 200,
    waves: int = 4,
    first: int = 1000,
    most_runs: int = 20_000,
    seed: int = 1,
) -> Fit:
    """Return the parameters that agree with the fitted patterns, and a check of every pattern.

    Population Monte Carlo (Beaumont, Cornuet, Marin and Robert 2009, Biometrika 96, 983–990): the first wave is a Latin
    hypercube over the prior; each further one halves the accepted share by drawing around the particles before it with
    twice their variance, until ``waves`` or ``most_runs``.

    Raises
    ------
    HutongError
        ``calibrate-input`` if there is nothing to fit, a range is empty, or the simulator returns another shape.
    """
    fitted = [i for i, p in enumerate(patterns) if p.use == "fit"]
    low = np.array([r.low for r in parameters])
    width = np.array([r.high for r in parameters]) - low
    if not fitted or not parameters or (width <= 0).any() or particles < 10 or first < particles:
        raise _input("没有可拟合的模式，或参数范围为空", "there is no pattern to fit, or a range is empty")
    value = np.array([p.value for p in patterns])
    spread = np.array([p.spread for p in patterns])

    def run(theta: Floats) -> tuple[Floats, Floats]:
        seen = np.asarray(simulate(theta), np.float64)
        if seen.shape != (len(theta), len(patterns)):
            raise _input(
                f"模型返回的形状是 {seen.shape}，应为 {(len(theta), len(patterns))}",
                f"the simulator returned shape {seen.shape}, expected {(len(theta), len(patterns))}",
            )
        off = (seen[:, fitted] - value[fitted]) / spread[fitted]
        away = np.sqrt((off**2).mean(axis=1))
        return seen, np.where(np.isfinite(away), away, np.inf)

    theta = low + width * latin_hypercube(first, len(parameters), seed, "abc first")
    seen, away = run(theta)
    prior_seen, runs = seen, first
    with np.errstate(invalid="ignore"):
        near = np.abs(seen[:, fitted] - value[fitted]) <= IMPLAUSIBLE * spread[fitted]
    plausible = float(near.all(axis=1).mean())
    best = np.argsort(away, kind="stable")[:particles]
    theta, seen, away = theta[best], seen[best], away[best]
    weights = np.full(particles, 1 / particles)
    for wave in range(1, waves):
        if runs >= most_runs:
            break
        goal = float(np.median(away))
        step = _wave(run, theta, weights, goal, low, width, most_runs - runs, generator(seed, f"abc {wave}"))
        runs += step[-1]
        if step[0] is None:
            break
        theta, seen, away, weights = step[0]
    sd = np.sqrt(
        np.average((theta - np.average(theta, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    )
    checks = tuple(_check(p, seen[:, i], weights, prior_seen[:, i]) for i, p in enumerate(patterns))
    narrowed = 1 - sd / (width / np.sqrt(12))
    return Fit(
        tuple(parameters), theta, weights, float(away.max()), np.clip(narrowed, 0, 1), plausible, checks, runs
    )


_Population = tuple[Floats, Floats, Floats, Floats]


def _wave(
    run: Callable[[Floats], tuple[Floats, Floats]], theta: Floats, weights: Floats, goal: float, low: Floats,
    width: Floats, left: int, random: np.random.Generator,
) -> tuple[_Population | None, int]:  # fmt: skip
    """Return a population no farther than ``goal``, or none if ``left`` runs do not give one; and the runs spent."""
    n = len(theta)
    middle = np.average(theta, axis=0, weights=weights)
    scale = np.sqrt(2 * np.average((theta - middle) ** 2, axis=0, weights=weights))
    scale = np.maximum(scale, 1e-12 * width)
    kept: list[tuple[Floats, Floats, Floats]] = []
    found = spent = 0
    while found < n:
        batch = min(2 * n, left - spent)
        if batch <= 0:
            return None, spent
        around = theta[random.choice(n, batch, p=weights)] + scale * random.normal(
            size=(batch, theta.shape[1])
        )
        around = around[((around >= low) & (around <= low + width)).all(axis=1)]
        if len(around):
            seen, away = run(around)
            good = away <= goal
            kept.append((around[good], seen[good], away[good]))
            found += int(good.sum())
        spent += batch
    new, seen, away = (np.concatenate(part)[:n] for part in zip(*kept, strict=True))
    gap = (new[:, None, :] - theta[None, :, :]) / scale
    kernel = np.exp(-0.5 * (gap**2).sum(axis=2))
    fresh = 1 / np.maximum(kernel @ weights, 1e-300)
    return (new, seen, away, fresh / fresh.sum()), spent


def _check(pattern: Pattern, seen: Floats, weights: Floats, prior: Floats) -> Check:
    low, median, high = weighted_quantile(seen, weights, (0.05, 0.5, 0.95))
    known = prior[np.isfinite(prior)]
    before = np.quantile(known, [0.05, 0.95]) if known.size else (np.nan, np.nan)
    return Check(pattern, median, low, high, (float(before[0]), float(before[1])))


def weighted_quantile(values: Floats, weights: Floats, at: Sequence[float]) -> tuple[float, ...]:
    """Return quantiles of a weighted sample: the smallest value at which the weight below reaches the share."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = np.searchsorted(below, np.asarray(at) * below[-1] * (1 - 1e-12))
    return tuple(float(v) for v in values[order][np.minimum(place, len(values) - 1)])


def _input(zh: str, en: str) -> HutongError:
    return HutongError(
        "calibrate-input",
        Text(f"无法校准：{zh}。", f"This cannot be calibrated: {en}."),
        Text("请检查模式、参数范围和模型。", "Check patterns, ranges and the simulator."),
    )
