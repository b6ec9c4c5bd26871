"""Section 7: how it was computed — versions, seeds, hashes, and how to do it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import hutong
from hutong.city import City
from hutong.evolve.results import Ensemble
from hutong.report.format import same
from hutong.rules import Rules
from hutong.text import Text

#: Libraries whose version can change a figure.
LIBRARIES = ("numpy", "pandas", "geopandas", "shapely", "scipy", "numba", "highspy")


def _pairs(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(k), str(recipe[k])) for k in sorted(recipe)]


def view(city: City, rules: Rules, ensemble: Ensemble) -> dict[str, Any]:
    """Return versions, seeds, hashes and commands."""
    meta = city.meta
    return {
        "rows": [
            (Text("程序", "Program"), same(f"hutong {hutong.__version__}")),
            (Text("Python", "Python"), same(platform.python_version())),
            (Text("程序库", "Libraries"), same(", ".join(f"{name} {version(name)}" for name in LIBRARIES))),
            (Text("规则", "Rules"), Text(f"{rules.title.zh}，施行于 {rules.on}", f"{rules.title.en}, as of {rules.on}")),
            (Text("坐标系", "Coordinates"), same(meta.crs)),
        ],
        "hashes": [
            (Text("快照", "Snapshot"), city.hash),
            (Text("规则", "Rules"), rules.hash),
        ],
        "recipes": [
            (Text("快照的制作", "How the snapshot was made"), _pairs(meta.recipe)),
            (Text("模拟", "Simulation"), _pairs(ensemble.recipe)),
        ],
        "commands": [f"hutong info {meta.name}", f"hutong report {meta.name}"],
    }
