"""A finished simulation for the demo: run once on the very quarter of the demo and kept beside this file.

``bench/demo_simulation.py`` makes it anew. Where the quarter or the model is no longer the one it was run on, the demo starts
the question in the background instead of showing an old answer.
"""

from __future__ import annotations

import json
import uuid
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from hutong.city import City
from hutong.evolve.by_building import Buildings
from hutong.evolve.experiments import Experiment
from hutong.evolve.experiments.levers import chosen
from hutong.evolve.kernel import source_digest
from hutong.service.accounts.models import User
from hutong.service.schemes.models import Version
from hutong.service.simulation import compute, services
from hutong.service.simulation.compute import Question
from hutong.service.simulation.models import Simulation

ASKED = Question("levers", ("councils", "platform"), 20, 10, 1)
#: Figures of the kept result are rounded to so many places.
PLACES = 4
_PARTS = ("rows", "condition", "renewed", "quarter")


def kept() -> Path:
    """Return where the kept result lies."""
    return Path(str(files(__package__).joinpath("kept")))


def pack(result: Experiment, seen: list[Buildings], version: str, folder: Path) -> None:
    """Write a result into a folder as the demo keeps it, with the key of the version of the scheme that was run."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.loads(result.to_json(), parse_float=lambda v: round(float(v), PLACES))
    plain["recipe"]["version"] = version
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    (folder / "result.json").write_text(text + "\n", "utf-8")
    arrays: dict[str, Any] = {"start": np.array([s.start for s in seen]), "years": np.array(seen[0].years)}
    for k, s in enumerate(seen):
        arrays |= {f"{name}{k}": np.round(getattr(s, name), PLACES) for name in _PARTS}
    np.savez_compressed(folder / "buildings.npz", allow_pickle=False, **arrays)


def unpack(folder: Path) -> tuple[Experiment, list[Buildings]]:
    """Return the kept result."""
    settings = chosen(ASKED.levers)[:2]
    with np.load(folder / "buildings.npz", allow_pickle=False) as file:
        years = tuple(int(y) for y in file["years"])
        seen = [
            Buildings(
                s, years, file[f"rows{k}"], file[f"condition{k}"], file[f"renewed{k}"], file[f"quarter{k}"],
                float(file["start"][k]), ASKED.runs,
            )
            for k, s in enumerate(settings)
        ]  # fmt: skip
    return Experiment.from_json(folder / "result.json"), seen


def load(version: Version, office: User) -> Simulation:
    """Put the kept answer about a version on the site, open it to everyone and attach it to the version as its outlook.

    Where it does not fit any more the question is started in the background instead.
    """
    snapshot, name = version.scheme.run.snapshot, f"{services.VERSION}{version.pk}"
    city = City.load(snapshot.folder / "city")
    result, seen = unpack(kept())
    fits = (city.hash, source_digest(), version.version)
    if tuple(result.recipe[k] for k in ("city", "model_digest", "version")) != fits:
        return services.ask(snapshot, ASKED, name, office, uuid.uuid4())
    found = Simulation.objects.create(
        snapshot=snapshot, owner=office, experiment=ASKED.experiment, scheme=name, levers=list(ASKED.levers),
        runs=ASKED.runs, years=ASKED.years, seed=ASKED.seed,
    )  # fmt: skip
    found.folder.mkdir(parents=True, exist_ok=True)
    layers = compute.write(city, result, seen, found.folder)
    services.keep(found, layers, compute.facts_of(result, seen), None, lambda _kept: None)
    found.refresh_from_db()
    found = services.publish(found, office)
    services.attach(found, office)
    return found
