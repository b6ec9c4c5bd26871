"""What every experiment takes and gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.dials import make_dials, platform
from hutong.evolve.ensemble import combine, make_recipe, run_all, run_ensemble
from hutong.evolve.results import Ensemble, Setting
from hutong.evolve.runner import Pool, Progress, Threads
from hutong.evolve.store import Store
from hutong.evolve.world import build_world
from hutong.plan.results import Scheme
from hutong.rules import Rules
from hutong.text import Text

#: Series shown with bands: the three dimensions and their coupling degree.
SHOWN = ("value", "governance", "space", "coupling")
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Bench:
    """A quarter on the bench: what is run, how often, and where."""

    city: City
    scheme: Scheme
    rules: Rules
    runs: int = 40
    months: int = 120
    seed: int = 1
    pool: Pool | None = None
    threads: int = 1
    folder: Path | None = None
    resume: bool = False
    progress: Progress | None = None

    def run(self, settings: Sequence[Setting], **changes: Any) -> Ensemble:
        """Return an ensemble of these settings; ``changes`` replace what the bench says."""
        given = {
            "runs": self.runs, "months": self.months, "seed": self.seed, "threads": self.threads, "pool": self.pool,
            "folder": self.folder, "resume": self.resume, "progress": self.progress,
        }  # fmt: skip
        return run_ensemble(self.city, self.scheme, self.rules, settings=settings, **{**given, **changes})

    def run_table(self, settings: Sequence[Setting], table: np.ndarray, seeds: np.ndarray) -> Ensemble:
        """Return an ensemble whose run r has the given parameters and seed: a design of one's own."""
        built = build_world(self.city, self.scheme, self.rules)
        digest = hashlib.sha256(table.tobytes() + seeds.tobytes()).hexdigest()
        runs = len(seeds)
        recipe = {
            **make_recipe(
                self.city, self.scheme, self.rules, built, runs, self.months, self.seed, True, None, settings
            ),
            "design": digest,
        }
        store = None if self.folder is None else Store.open(self.folder, recipe, resume=self.resume)
        pool = self.pool or Threads(self.threads)
        raw = run_all(built.world, settings, table, self.months, seeds, pool, self.progress, store)
        series, parts = combine(raw, table, built.world)
        return Ensemble(tuple(settings), self.months, runs, series, recipe, built.notes, parts, table)

    def part(self, name: str) -> Bench:
        """Return the same bench with a folder of its own for one part of an experiment."""
        return replace(self, folder=None if self.folder is None else self.folder / name)


@dataclass(frozen=True)
class Experiment:
    """The question, the answer in plain words, the table it rests on, bands for the chart, and the recipe.

    ``bands[series][setting]`` has shape (3, points): 5, 50 and 95 % of the runs, over months unless ``axis`` says
    otherwise.
    """

    name: str
    title: Text
    question: Text
    answer: tuple[Text, ...]
    table: pd.DataFrame
    columns: Mapping[str, Text]
    recipe: Mapping[str, Any]
    bands: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    settings: Mapping[str, Text] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return everything as JSON (texts in both languages; unknown numbers are null)."""
        rows = [{k: _plain(v) for k, v in row.items()} for row in self.table.to_dict("records")]
        data = {
            "name": self.name,
            "title": _plain(self.title),
            "question": _plain(self.question),
            "answer": [_plain(t) for t in self.answer],
            "columns": {k: _plain(t) for k, t in self.columns.items()},
            "rows": rows,
            "bands": {s: {k: v.tolist() for k, v in b.items()} for s, b in self.bands.items()},
            "settings": {k: _plain(t) for k, t in self.settings.items()},
            "recipe": dict(self.recipe),
        }
        return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n"

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Experiment:
        """Return an experiment from what its file holds; bands and settings may be left out, as an outlook does."""
        return cls(
            data["name"],
            Text(**data["title"]),
            Text(**data["question"]),
            tuple(Text(**t) for t in data["answer"]),
            pd.DataFrame(data["rows"]).map(_text_again),
            {k: Text(**t) for k, t in data["columns"].items()},
            data["recipe"],
            {s: {k: np.array(v) for k, v in b.items()} for s, b in data.get("bands", {}).items()},
            {k: Text(**t) for k, t in data.get("settings", {}).items()},
        )

    @classmethod
    def from_json(cls, path: Path) -> Experiment:
        """Return an experiment from its file.

        Raises
        ------
        HutongError
            ``not-an-experiment`` for anything else.
        """
        try:
            return cls.from_plain(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as caught:
            raise HutongError(
                "not-an-experiment",
                Text(f"{path} 不是实验结果。", f"{path} does not hold the result of an experiment."),
                Text(
                    "请给出 hutong evolve experiment 写出的 result.json。",
                    "Give the result.json that hutong evolve experiment writes.",
                ),
            ) from caught


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _text_again(value: Any) -> Any:
    return Text(**value) if isinstance(value, dict) and set(value) == {"zh", "en"} else value


#: Today's settings, and every mechanism in full.
TODAY = Setting("today", Text("现状", "Today"), make_dials())
ALL = Setting(
    "all",
    Text("四种机制都用足", "All four mechanisms in full"),
    make_dials(environment=1.0, structure=1.0, results=1.0, **platform()),
)


def bands(ensemble: Ensemble, shown: Sequence[str] = SHOWN) -> dict[str, dict[str, np.ndarray]]:
    """Return the bands of each shown series, by setting."""
    return {
        name: {s.id: ensemble.band(name, k, QUANTILES) for k, s in enumerate(ensemble.settings)}
        for name in shown
    }
