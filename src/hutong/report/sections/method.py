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

#: Values of a list in a recipe that are written out.
MOST_LISTED = 6


def _pairs(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(k), _short(recipe[k])) for k in sorted(recipe)]


def _short(value: Any) -> str:
    """Return a recipe's value; of a long list only its length."""
    if isinstance(value, list | tuple | dict):
        return f"({len(value)})" if len(value) > MOST_LISTED else ", ".join(map(str, value)) or "–"
    return str(value)


def view(city: City, rules: Rules, ensemble: Ensemble) -> dict[str, Any]:
    """Return versions, seeds, hashes and commands."""
    meta = city.meta
    return {
        "rows": [
            (Text("程序", "Program"), same(f"hutong {hutong.__version__}")),
            (Text("Python", "Python"), same(platform.python_version())),
            (Text("程序库", "Libraries"), same(", ".join(f"{name} {version(name)}" for name in LIBRARIES))),
            (
                Text("规则", "Rules"),
                Text(f"{rules.title.zh}，施行于 {rules.on}", f"{rules.title.en}, as of {rules.on}"),
            ),
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
        "commands": commands(city, rules, ensemble),
    }


def commands(city: City, rules: Rules, ensemble: Ensemble) -> list[str]:
    """Return the commands that make the snapshot and this page again."""
    recipe, name = city.meta.recipe, city.meta.name
    fill = [f"--{k} {recipe[f'completer_{k}']}" for k in ("seed", "district") if f"completer_{k}" in recipe]
    out = []
    if recipe.get("maker") == "quarter":
        out.append(f"hutong new {name} --quarter {recipe['dwellings']} --seed {recipe['seed']}")
    elif recipe.get("importer") == "osm":
        out.append(" ".join([f"hutong new {name} --osm FILE", *fill]))
    elif "importer" in recipe:
        out.append(" ".join([f"hutong new {name} --map MAPPING.toml", *fill]))
    seed = f" --seed {ensemble.recipe['seed']}" if "seed" in ensemble.recipe else ""
    more = f" --runs {ensemble.runs} --months {ensemble.months} --jurisdiction {rules.jurisdiction}"
    return [*out, f"hutong report {name}{seed}{more}"]
