"""Section 7: how it was computed — versions, seeds, hashes, and how to do it again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import hutong
from hutong.city import City
from hutong.evolve.results import Ensemble
from hutong.plan.results import Plan
from hutong.report.format import same
from hutong.rules import Rules, jurisdictions
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


def view(
    city: City,
    rules: Rules,
    plan: Plan,
    ensemble: Ensemble,
    files: Mapping[str, str | Sequence[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return versions, seeds, hashes and commands."""
    meta = city.meta
    lines = commands(city, rules, plan, ensemble, files)
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
        "commands": lines,
        "outside": any("FILE" in line or "MAPPING.toml" in line for line in lines[:-1]),
    }


def commands(
    city: City,
    rules: Rules,
    plan: Plan,
    ensemble: Ensemble,
    files: Mapping[str, str | Sequence[str]] = MappingProxyType({}),
) -> list[str]:
    """Return the commands that make the snapshot and this page again.

    ``files`` are further options of the report, by name; what is not on this page (the map that was read) stands as
    ``FILE``, to be known by the digest beside it.
    """
    recipe, name = city.meta.recipe, shlex.quote(city.meta.name)
    title = city.meta.title
    own = [f"--title {shlex.quote(title.zh)}"] if title.zh == title.en != city.meta.name else []
    fill = [f"--{k} {recipe[f'completer_{k}']}" for k in ("seed", "district") if f"completer_{k}" in recipe]
    out = []
    if recipe.get("maker") == "quarter":
        made = f"hutong new {name} --quarter {recipe['dwellings']} --seed {recipe['seed']}"
        out.append(" ".join([made, *own]))
    elif "importer" in recipe:
        source = "--osm FILE" if recipe["importer"] == "osm" else "--map MAPPING.toml"
        out.append(" ".join([f"hutong new {name} {source}", *(fill or ["--no-fill"]), *own]))
    seed = [f"--seed {ensemble.recipe['seed']}"] if "seed" in ensemble.recipe else []
    budget = [] if plan.budget is None else [f"--budget {_yuan(sum(plan.budget.values()))}"]
    place = rules.jurisdiction if rules.jurisdiction in jurisdictions() else "FILE"
    more = [f"--runs {ensemble.runs} --months {ensemble.months} --jurisdiction {place}"]
    given = [
        f"--{option} {shlex.quote(value)}"
        for option, told in files.items()
        for value in ([told] if isinstance(told, str) else told)
        if value
    ]
    return [*out, " ".join([f"hutong report {name}", *seed, *budget, *more, *given])]


def _yuan(amount: float) -> str:
    """Return an amount as it is typed: what it was split into may not add up to the last bit."""
    return f"{amount:.2f}".removesuffix(".00")
