"""Many runs under each setting, with the same chance in each, on any number of threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.dials import make_dials, platform
from hutong.evolve.households import World
from hutong.evolve.kernel import RAW, compiled, source_digest
from hutong.evolve.parameters import (
    default_parameters,
    draw_parameters,
    parameter_infos,
    parameter_names,
)
from hutong.evolve.results import PARTS, SERIES, Ensemble, Setting
from hutong.evolve.runner import SIMULATING, Pool, Progress, Threads, make_jobs
from hutong.evolve.store import Store
from hutong.evolve.world import Built, build_world
from hutong.plan.results import Scheme
from hutong.rules import Rules
from hutong.sense import coupling_degree
from hutong.text import Text, number

MODEL_VERSION = 4
COMPILING = Text(
    "首次运行：正在编译模型（约一分钟，以后不再需要）",
    "First run: compiling the model (about a minute, once)",
)

SETTINGS = (
    Setting("plain", Text("无数字平台、无协商", "Neither"), make_dials()),
    Setting("digital", Text("仅数字平台", "Digital layer only"), make_dials(**platform())),
    Setting("deliberation", Text("仅协商议事", "Deliberation only"), make_dials(structure=1.0)),
    Setting("both", Text("数字平台与协商议事", "Both"), make_dials(structure=1.0, **platform())),
)
#: Parts taken as the kernel counts them.
AS_COUNTED = (
    "faith", "rehoused", "spent", "received", "upkeep", "polycentricity", "openness", "skill", "whistle", "lever",
    "surveyed", "heritage", "floor", "income", "kept", "shared", "bids", "no_bids", "given_up",
)  # fmt: skip


def run_ensemble(
    city: City,
    scheme: Scheme,
    rules: Rules,
    *,
    runs: int = 100,
    months: int = 120,
    seed: int = 1,
    threads: int = 1,
    settings: Sequence[Setting] | None = None,
    progress: Progress | None = None,
    parameters: Mapping[str, float] | None = None,
    vary: bool = True,
    pool: Pool | None = None,
    folder: Path | None = None,
    resume: bool = False,
) -> Ensemble:
    """Run a scheme forward under each setting.

    Run r meets the same chance and the same parameters in every setting, so that differences between settings
    are differences of policy. The result does not depend on ``threads``.

    Parameters
    ----------
    runs, months
        Runs of each setting, and months of each run.
    settings
        Default: :data:`SETTINGS`, with and without the digital layer and deliberation.
    progress
        Called as ``progress(done, total, what)``.
    parameters
        Parameters held at a value of one's own, by name.
    vary
        Whether each run draws the other parameters from their ranges, or all take their central value.

    pool
        Where jobs run; default: ``threads`` of this process.
    folder, resume
        Keep finished jobs in a folder (:class:`hutong.evolve.store.Store`), and take up what was stopped.

    Raises
    ------
    HutongError
        ``bad-ensemble`` for less than one run, month or thread, or no setting; also as ``build_world`` does.
    """
    chosen = tuple(SETTINGS if settings is None else settings)
    if min(runs, months, threads, len(chosen)) < 1:
        raise HutongError(
            "bad-ensemble",
            Text(
                "推演的次数、月数、线程数和情景数都至少为 1。",
                "Runs, months, threads and settings must each be at least 1.",
            ),
            Text("请改正参数。", "Mend the arguments."),
        )
    built = build_world(city, scheme, rules)
    table = draw_parameters(runs, seed, parameters)
    if not vary:
        table = np.tile(default_parameters(parameters), (runs, 1))
    recipe = make_recipe(city, scheme, rules, built, runs, months, seed, vary, parameters, chosen)
    store = None if folder is None else Store.open(folder, recipe, resume=resume)
    where = pool or Threads(threads)
    if progress is not None and not compiled():
        progress(0, 1, COMPILING)
    raw = run_all(built.world, chosen, table, months, run_seeds(seed, runs), where, progress, store)
    series, parts = combine(raw, table, built.world)
    return Ensemble(
        settings=chosen,
        months=months,
        runs=runs,
        series=series,
        recipe=recipe,
        assumptions=(*built.notes, *(info.assumption for info in parameter_infos())),
        parts=parts,
        parameters=table,
    )


def run_seeds(seed: int, runs: int) -> np.ndarray:
    """Return one seed per run, uint64 (runs,): run r has the same seed however many runs there are."""
    words = [np.random.SeedSequence([seed, run]).generate_state(1, np.uint64)[0] for run in range(runs)]
    return np.array(words, np.uint64)


def run_all(
    world: World,
    settings: Sequence[Setting],
    parameters: np.ndarray,
    months: int,
    seeds: np.ndarray,
    pool: Pool,
    progress: Progress | None = None,
    store: Store | None = None,
) -> np.ndarray:
    """Return ``RAW`` of every setting and run, shape (settings, runs, len(RAW), months + 1).

    Where it runs and in what order does not matter. With a ``store``, finished jobs are read instead of run, and each
    job is kept as soon as it is done.
    """
    out = np.empty((len(settings), len(seeds), len(RAW), months + 1))
    jobs = make_jobs(world, settings, parameters, months, seeds)
    left, total = [], len(settings) * len(seeds)
    done = 0
    for job in jobs:
        kept = store.load(job) if store is not None else None
        if kept is None:
            left.append(job)
        else:
            out[job.place, job.first : job.last] = kept
            done += job.last - job.first
    for job, raw in pool.run(world, left):
        out[job.place, job.first : job.last] = raw
        if store is not None:
            store.save(job, raw)
        done += job.last - job.first
        if progress is not None:
            progress(done, total, SIMULATING)
    return out


def combine(
    raw: np.ndarray, parameters: np.ndarray, world: World
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return ``SERIES`` and ``PARTS`` from ``RAW``: means of parts that lie in [0, 1], and their coupling.

    Value: mean of economic, social, ecological and cultural. Governance: mean of participation,
    polycentricity, the three rates (their mean), trust (mean of both) and 1 − conflict. Space: mean of condition, service and digital coverage.
    docs/evolve-odd.md states how each part is scaled.
    """
    part = _parts(dict(zip(RAW, np.moveaxis(raw, 2, 0), strict=True)), parameters, world)
    part["rates"] = (part["response"] + part["resolution"] + part["satisfied"]) / 3.0
    trust = 0.5 * (part["trust_government"] + part["trust_operator"])
    value = (part["economic"] + part["social"] + part["ecological"] + part["cultural"]) / 4.0
    governance = (
        part["participation"] + part["polycentricity"] + part["rates"] + trust + 1.0 - part["conflict"]
    ) / 5.0
    space = (part["condition"] + part["service"] + part["coverage"]) / 3.0
    dimensions = np.clip(np.stack([value, governance, space], axis=-1), 0.0, 1.0)
    made = {
        "value": dimensions[..., 0],
        "governance": dimensions[..., 1],
        "space": dimensions[..., 2],
        "coupling": coupling_degree(dimensions),
        "support": part["support"],
        "trust": trust,
        "done": part["done"],
        "requests_open": part["requests_open"],
    }
    return {name: made[name] for name in SERIES}, {name: part[name] for name in PARTS}


def _parts(raw: dict[str, np.ndarray], parameters: np.ndarray, world: World) -> dict[str, np.ndarray]:
    """Return the parts of the dimensions: counts as shares, gains on top of the values of today."""
    here = np.maximum(raw["residents"], 1.0)
    by_name = dict(zip(parameter_names(), parameters.T[:, None, :, None], strict=True))
    green, culture = world.bases
    content = raw["content"] / here
    poor = np.where(raw["low"] > 0, raw["content_low"] / np.where(raw["low"] > 0, raw["low"], 1.0), content)
    today = {
        "economic": by_name["economic_base"],
        "ecological": green,
        "cultural": by_name["cultural_base"] if np.isnan(culture) else culture,
    }
    gains = {k: base + (1.0 - base) * np.clip(raw[f"gain_{k}"], 0.0, 1.0) for k, base in today.items()}
    rates = {
        "response": ("responded", "due"),
        "resolution": ("resolved", "closed"),
        "satisfied": ("satisfied", "closed"),
    }
    shares = ("trust_government", "trust_operator", "condition", "service", "coverage")
    return {
        **gains,
        "social": 0.5 * (content + poor),
        "participation": raw["active"] / here,
        **{k: raw[f"rate_{part}"] / raw[f"rate_{whole}"] for k, (part, whole) in rates.items()},
        **{k: raw[k] / here for k in shares},
        "conflict": raw["clash"] / np.maximum(raw["pairs"], 1.0),
        "support": raw["support"] / np.maximum(raw["stake"], 1.0),
        "done": raw["finished"] / max(float(world.roll_heads.sum()), 1.0),
        "requests_open": 100.0 * raw["open"] / here,
        "residents": raw["people"],
        "low_income_share": raw["gain_low"] / np.where(raw["gain_all"] > 0, raw["gain_all"], 1.0),
        **{k: raw[k] for k in AS_COUNTED},
    }


def make_recipe(
    city: City,
    scheme: Scheme,
    rules: Rules,
    built: Built,
    runs: int,
    months: int,
    seed: int,
    vary: bool,
    parameters: Mapping[str, float] | None,
    settings: Sequence[Setting],
) -> dict[str, object]:
    """Return what is needed to run the same again."""
    world = built.world
    return {
        "model_version": MODEL_VERSION,
        "model_digest": source_digest(),
        "city": city.hash,
        "rules": rules.hash,
        "scheme": scheme.id,
        "runs": runs,
        "months": months,
        "seed": seed,
        "vary": vary,
        "changed": dict(parameters or {}),
        "settings": {s.id: {**s.dials._asdict(), **s.changes} for s in settings},
        "parameters": parameter_names(),
        "households": len(world.building),
        "people": int(world.people.sum()),
        "buildings": len(world.condition),
        "projects": len(world.matter),
        "ties": built.network.ties,
        "mean_ties": number(2 * built.network.ties / max(len(world.building), 1), digits=1),
    }
