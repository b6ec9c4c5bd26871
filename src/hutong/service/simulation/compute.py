"""A question put to the model: the scheme is made, the futures are run, and everything is written to a folder."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hutong.city import City
from hutong.evolve.by_building import Buildings, by_building
from hutong.evolve.experiments import Bench, Experiment, experiment_named, levers
from hutong.evolve.experiments.base import ALL, TODAY
from hutong.evolve.results import Setting
from hutong.files import write_bytes, write_text
from hutong.loop import Progress, Settings, rules_for
from hutong.plan import make_plan
from hutong.plan.results import Measure, Scheme
from hutong.plan.workbook import find_scheme
from hutong.report.experiments import write_experiment
from hutong.rules import Rules
from hutong.sense import checkup
from hutong.service.requests.selectors import JURISDICTION
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import reviews_of
from hutong.service.schemes.warm import lay_out
from hutong.service.simulation import maps
from hutong.service.twin.layers import write_layers
from hutong.text import Text


@dataclass(frozen=True)
class Question:
    """What is asked: as a simulation holds it."""

    experiment: str
    levers: tuple[str, ...]
    runs: int
    years: int
    seed: int


@dataclass(frozen=True)
class Answered:
    """What came of it, beside the files: layers of the map, and facts for the page."""

    result: Experiment
    layers: list[dict[str, Any]]
    facts: dict[str, Any]


def scheme_of(
    city: City, rules: Rules, name: str, measures: Sequence[Measure], seed: int, step: Progress
) -> Scheme:
    """Return a scheme that the solver finds for a city, by its name."""
    step(0, 1, Text("正在编制方案", "Making the scheme"))
    return find_scheme(
        make_plan(city, checkup(city, rules), rules, seed=seed, progress=step, measures=measures), name
    )


def version_scheme(version: Version, step: Progress) -> Scheme:
    """Return a version of a scheme as the studio weighs it; its snapshot is laid out first where that was not done."""
    lay_out(version.scheme.run, step)
    with reviews_of([version]) as held:
        if held is None:  # the file went away in between
            raise FileNotFoundError(version.scheme.run.folder)
        return held[1][0].scheme


def rules_of(city: City) -> Rules:
    """Return the rules that hold for a snapshot on this site."""
    return rules_for(city, Settings(jurisdiction=JURISDICTION))


def answer(
    city: City, rules: Rules, scheme: Scheme, asked: Question, folder: Path, threads: int, step: Progress
) -> Answered:
    """Run a question and write its files; runs that are kept in the folder already are not run again."""
    begun = time.monotonic()
    bench = Bench(
        city, scheme, rules, asked.runs, 12 * asked.years, asked.seed, threads=threads, folder=folder / "runs", resume=True,
        progress=step,
    )  # fmt: skip
    if asked.experiment == "levers":
        result = levers.ask(bench, asked.levers)
    else:
        result = experiment_named(asked.experiment)(bench)
    years = tuple(sorted({max(1, asked.years // 2), asked.years}))
    seen = [
        by_building(
            city, scheme, rules, s, years, runs=asked.runs, seed=asked.seed, threads=threads, progress=step
        )
        for s in on_map(asked)
    ]
    model_s = time.monotonic() - begun
    return Answered(
        result, write(city, result, seen, folder), {**facts_of(result, seen), "model_s": round(model_s, 2)}
    )


def on_map(asked: Question) -> tuple[Setting, Setting]:
    """Return today and what the map shows beside it: the first chosen lever, or every mechanism in full."""
    chosen = levers.chosen(asked.levers) if asked.experiment == "levers" else (TODAY, ALL)
    return chosen[0], chosen[1]


def facts_of(result: Experiment, seen: Sequence[Buildings]) -> dict[str, Any]:
    """Return what the page, and the forecasts, need beside the files."""
    today = seen[0]
    return {
        "answer": [{"zh": t.zh, "en": t.en} for t in result.answer],
        "title": {"zh": result.title.zh, "en": result.title.en},
        "question": {"zh": result.question.zh, "en": result.question.en},
        "model": {
            k: result.recipe.get(k) for k in ("model_version", "model_digest", "city", "rules", "scheme")
        },
        "start": today.start,
        "quarter": [
            {"year": y, "mean": float(m.mean()), "sd": float(m.std(ddof=1)) if len(m) > 1 else None}
            for y, m in zip(today.years, today.quarter, strict=True)
        ],
    }


def write(city: City, result: Experiment, seen: Sequence[Buildings], folder: Path) -> list[dict[str, Any]]:
    """Write the files of an answer into a folder; return what its layers are called."""
    write_experiment(folder, result)
    recipe = json.dumps(dict(result.recipe), ensure_ascii=False, indent=1, sort_keys=True, default=str)
    write_text(folder / "recipe.json", recipe + "\n", force=True)
    write_bytes(folder / "bands.parquet", _parquet(_bands(result)), force=True)
    write_bytes(folder / "buildings.parquet", _parquet(_buildings(city, seen)), force=True)
    size = len(city["buildings"])
    return write_layers((one for s in seen for one in maps.layers(s, size)), folder / "layers")


def _bands(result: Experiment) -> dict[str, Any]:
    """Return every band as columns: series, setting, point (month, or level of a dial), and three quantiles."""
    parts: list[tuple[str, str, np.ndarray]] = [
        (series, setting, np.asarray(band))
        for series, by in result.bands.items()
        for setting, band in by.items()
    ]
    if not parts:
        return {"series": [], "setting": [], "point": [], "q05": [], "q50": [], "q95": []}
    each = [b.shape[1] for _, _, b in parts]
    low, middle, high = np.concatenate([b for _, _, b in parts], axis=1)
    return {
        "series": np.repeat([s for s, _, _ in parts], each).tolist(),
        "setting": np.repeat([s for _, s, _ in parts], each).tolist(),
        "point": np.concatenate([np.arange(n) for n in each]), "q05": low, "q50": middle, "q95": high,
    }  # fmt: skip


def _buildings(city: City, seen: Sequence[Buildings]) -> Mapping[str, Any]:
    ids = city["buildings"]["building_id"].to_numpy(str)
    blocks = [(s, k) for s in seen for k in range(len(s.years))]
    sizes = [len(s.rows) for s, _ in blocks]
    band = np.concatenate([s.condition[k] for s, k in blocks], axis=1)
    return {
        "building_id": np.concatenate([ids[s.rows] for s, _ in blocks]).tolist(),
        "setting": np.repeat([s.setting.id for s, _ in blocks], sizes).tolist(),
        "year": np.repeat([s.years[k] for s, k in blocks], sizes),
        "condition_q05": band[0], "condition_q50": band[1], "condition_q95": band[2],
        "renewed_share": np.concatenate([s.renewed[k] for s, k in blocks]),
    }  # fmt: skip


def _parquet(columns: Mapping[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
    return sink.getvalue()


def plain_result(folder: Path) -> dict[str, Any]:
    """Return an answer as its file holds it."""
    return dict(json.loads((folder / "result.json").read_text("utf-8")))
