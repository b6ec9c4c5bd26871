"""The parameters of the model: values, ranges and sources from ``parameters.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """What stands behind one parameter; ``confidence`` is D (documented) or U (our assumption)."""

    id: str
    title: Text
    value: float
    low: float
    high: float
    unit: str
    source: str
    confidence: str

    @property
    def assumption(self) -> Text:
        """The parameter as one line of the list of assumptions."""
        span = f"{self.value:g} ({self.low:g}–{self.high:g})"
        mark = Text("有文献依据", "documented") if self.confidence == "D" else Text("假设", "assumed")
        return Text(
            f"{self.title.zh}：{span}，{mark.zh}",
            f"{self.title.en}: {span}, {mark.en}",
        )


@cache
def parameter_infos() -> tuple[ParameterInfo, ...]:
    """Return every parameter of the model in the order of ``parameters.yaml``."""
    raw = read_yaml(files(__package__).joinpath("parameters.yaml").read_text("utf-8"))
    return tuple(
        ParameterInfo(
            id=name,
            title=Text(zh=spec["zh"], en=spec["en"]),
            value=float(spec["value"]),
            low=float(spec["range"][0]),
            high=float(spec["range"][1]),
            unit=spec["unit"],
            source=spec["source"],
            confidence=spec["confidence"],
        )
        for name, spec in raw.items()
    )


def parameter_names() -> tuple[str, ...]:
    """Return the names of the parameters, in order."""
    return tuple(info.id for info in parameter_infos())


def default_parameters(changes: Mapping[str, float] | None = None) -> np.ndarray:
    """Return the central values, with ``changes`` by name, float64 (parameters,).

    Raises
    ------
    HutongError
        ``no-such-parameter`` for a name that the model does not have.
    """
    _refuse_unknown(changes)
    given = changes or {}
    return np.array([given.get(info.id, info.value) for info in parameter_infos()], np.float64)


def draw_parameters(runs: int, seed: int, changes: Mapping[str, float] | None = None) -> np.ndarray:
    """Return one set of parameters per run, each drawn uniformly from its range, shape (runs, parameters).

    A Latin hypercube (McKay, Beckman and Conover 1979): each range is cut into ``runs`` strata and each
    stratum is used once, so that few runs cover the ranges evenly. Parameters in ``changes`` are held fixed.

    Raises
    ------
    HutongError
        ``no-such-parameter`` for a name that the model does not have.
    """
    _refuse_unknown(changes)
    rng = generator(seed, "evolve.parameters")
    infos = parameter_infos()
    table = np.empty((runs, len(infos)))
    for column, info in enumerate(infos):
        strata = (rng.permutation(runs) + rng.random(runs)) / runs
        table[:, column] = info.low + (info.high - info.low) * strata
        if changes and info.id in changes:
            table[:, column] = float(changes[info.id])
    return table


def _refuse_unknown(changes: Mapping[str, float] | None) -> None:
    unknown = sorted(set(changes or ()) - set(parameter_names()))
    if unknown:
        names = ", ".join(unknown)
        raise HutongError(
            "no-such-parameter",
            Text(f"模型没有参数：{names}。", f"The model has no parameter {names}."),
            Text("参数名见 docs/evolve-odd.md。", "The names are in docs/evolve-odd.md."),
        )
