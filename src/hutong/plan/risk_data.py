"""The table of risks (``risks.yaml``), read and checked, and its draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.plan.catalogue import CONFIDENCES, invalid_catalogue
from hutong.plan.money import FOLLOWS, LINES, OPERATION
from hutong.plan.results import PARTIES
from hutong.plan.sampling import latin_hypercube, quantiles, rank_correlate
from hutong.text import Text

Floats = NDArray[np.float64]
KINDS = ("level", "delay", "stop")
_NAMES = {line.name for line in LINES}
_SHAPES = ({"low", "mode", "high"}, {"probability", "low", "mode", "high"}, {"per_year"})


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go otherwise: what it changes, who bears it up to which cap, who beyond, and its draws."""

    id: str
    title: Text
    kind: str
    lines: tuple[str, ...]
    bearer: str
    shape: Mapping[str, float]
    trigger: Text
    source: Text
    confidence: str
    cap: float = np.inf
    beyond: str = ""
    prolongs: tuple[str, ...] = ()

    @property
    def follows(self) -> tuple[str, ...]:
        """Names of the payments that change with those of a level risk."""
        return tuple(dict.fromkeys(f for line in self.lines for f in FOLLOWS.get(line, ())))

    @property
    def planned(self) -> float:
        """The value at which everything goes as planned."""
        return np.inf if self.kind == "stop" else 0.0


@dataclass(frozen=True)
class Risks:
    """Risks with their rank correlations, shape (risks, risks)."""

    risks: tuple[Risk, ...]
    correlation: Floats

    def __iter__(self) -> Any:
        return iter(self.risks)

    def __len__(self) -> int:
        return len(self.risks)

    def draw(self, draws: int, seed: int) -> Floats:
        """Return draws of every risk, shape (draws, risks): Latin hypercube with the rank correlations."""
        u = latin_hypercube(draws, len(self), seed, "risks")
        u = rank_correlate(u, self.correlation, seed)
        return np.column_stack([quantiles(u[:, j], r.shape) for j, r in enumerate(self.risks)])

    @property
    def planned(self) -> Floats:
        """The values at which everything goes as planned, shape (risks,)."""
        return np.array([r.planned for r in self.risks])


@cache
def load_risks(path: str | Path | None = None) -> Risks:
    """Return the table of risks.

    Raises
    ------
    HutongError
        ``invalid-catalogue`` with every broken entry.
    """
    name = "risks.yaml" if path is None else Path(path).name
    here = files(__package__).joinpath("risks.yaml")
    raw = read_yaml(here.read_text("utf-8") if path is None else Path(path).read_text("utf-8"))
    broken: list[str] = []
    found = []
    for key, entry in raw["risks"].items():
        wrong = _wrong(entry)
        broken += [f"{key}: {w}" for w in wrong]
        if not wrong:
            found.append(_risk(key, entry))
    broken += _too_deep(found)
    names = [r.id for r in found]
    correlation = np.eye(len(names))
    for pair in raw.get("correlations", ()):
        a, b = pair["between"]
        if a not in names or b not in names or a == b or not -1 < pair["rank"] < 1:
            broken.append(f"correlations: {a}, {b}, {pair['rank']}")
            continue
        i, j = names.index(a), names.index(b)
        correlation[i, j] = correlation[j, i] = pair["rank"]
    if broken:
        raise invalid_catalogue(name, broken)
    return Risks(tuple(found), correlation)


def _risk(key: str, entry: Mapping[str, Any]) -> Risk:
    return Risk(
        id=key,
        title=Text.of(entry["title"]),
        kind=entry["kind"],
        lines=tuple(x for line in entry["lines"] for x in (OPERATION if line == "operation" else (line,))),
        bearer=entry["bearer"],
        shape={k: float(v) for k, v in entry["shape"].items()},
        trigger=Text.of(entry["trigger"]),
        source=Text.of(entry["source"]),
        confidence=entry["confidence"],
        cap=float(entry.get("cap", np.inf)),
        beyond=entry.get("beyond", ""),
        prolongs=tuple(entry.get("prolongs", ())),
    )


def _wrong(entry: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an entry."""
    needed = ("title", "kind", "lines", "bearer", "shape", "trigger", "source", "confidence")
    missing = [k for k in needed if k not in entry]
    unknown = [k for k in entry if k not in (*needed, "cap", "beyond", "prolongs")]
    if missing or unknown:
        return [*(f"{k} is missing" for k in missing), *(f"{k} is not known" for k in unknown)]
    out = []
    out += [f"line {x}" for x in entry["lines"] if x not in (*_NAMES, "operation")]
    if entry["kind"] not in KINDS:
        out.append(f"kind {entry['kind']}")
    if entry["confidence"] not in CONFIDENCES:
        out.append(f"confidence {entry['confidence']}")
    if entry["bearer"] not in PARTIES or entry["bearer"] == "outside":
        out.append(f"bearer {entry['bearer']}")
    if ("cap" in entry) != ("beyond" in entry) or entry.get("cap", 0) < 0:
        out.append("cap and beyond go together, cap at least 0")
    allowed = ("extension",) if entry["kind"] == "delay" else PARTIES
    if "beyond" in entry and entry["beyond"] not in allowed:
        out.append(f"beyond {entry['beyond']}")
    shape = entry["shape"]
    if set(shape) not in _SHAPES or ("per_year" in shape) != (entry["kind"] == "stop"):
        out.append(f"shape {sorted(shape)}")
    else:
        out += _wrong_shape(entry["kind"], shape)
    return out


def _wrong_shape(kind: str, shape: Mapping[str, float]) -> list[str]:
    out = [f"{k} {shape[k]}" for k in ("probability", "per_year") if k in shape and not 0 < shape[k] < 1]
    if "low" in shape and not shape["low"] <= shape["mode"] <= shape["high"]:
        out.append(f"low {shape['low']}, mode {shape['mode']}, high {shape['high']}")
    if kind == "delay" and shape.get("low", 0) < 0:
        out.append("a delay is at least 0")
    return out


def _too_deep(found: list[Risk]) -> list[str]:
    """Return lines that the worst of all risks together would turn negative."""
    level = [(r, {*r.lines, *r.follows}) for r in found if r.kind == "level"]
    worst = {
        line: sum(min(r.shape["low"], 0.0) for r, touched in level if line in touched)
        for line in {x for _, touched in level for x in touched}
    }
    return [f"{line}: {w:.2f} in all, below −1" for line, w in sorted(worst.items()) if w < -1]
