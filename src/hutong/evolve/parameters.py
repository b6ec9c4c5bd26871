"""The parameters of the model: values, ranges and sources from ``parameters.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text


class Parameters(NamedTuple):
    """One value of every parameter, as the kernel takes them (``parameters.yaml`` says what each means)."""

    ageing_rate: float
    failure_rate: float
    failure_loss: float
    problem_base: float
    problem_slope: float
    ask_logit: float
    ask_trust: float
    ask_digital: float
    sense_rate: float
    unreported_drag: float
    neglect_wear: float
    repair_gain: float
    capacity: float
    deliberation_load: float
    resolve_base: float
    resolve_digital: float
    response_start: float
    satisfied_resolved: float
    satisfied_unresolved: float
    wait_penalty: float
    request_step: float
    request_weight: float
    wait_weight: float
    trust_government: float
    trust_operator: float
    trust_spread: float
    trust_evidence: float
    trust_memory: float
    promise_weight: float
    news_weight: float
    news_digital: float
    failed_weight: float
    first_information: float
    first_trust: float
    first_noise: float
    mixing: float
    bound: float
    imitation_rate: float
    imitation_noise: float
    rumour_rate: float
    rumour_step: float
    rumour_digital: float
    information_base: float
    information_digital: float
    information_deliberation: float
    trust_pull: float
    experience_pull: float
    satisfaction_rate: float
    disruption: float
    meet_logit: float
    meet_trust: float
    meet_digital: float
    meet_elder: float
    vote_logit: float
    vote_trust: float
    vote_digital: float
    vote_habit: float
    vote_noise: float
    participation_start: float
    openings: float
    preparation_months: float
    preparation_digital: float
    discussion_months: float
    deliberation_months: float
    cooling_months: float
    most_rounds: float
    works_base: float
    works_slope: float
    works_longest: float
    progress_low: float
    progress_high: float
    tolerance: float
    faith_start: float
    faith_rate: float
    temptation: float
    penalty: float
    detection_base: float
    detection_digital: float
    detection_deliberation: float
    programme_years: float
    digital_cost: float
    rollout_months: float
    coverage_base: float
    skill_elder: float
    skill_income: float
    late_discount: float
    economic_base: float
    cultural_base: float
    rate_memory: float


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
    """Return every parameter of the model in the order of :class:`Parameters`."""
    raw = read_yaml(files(__package__).joinpath("parameters.yaml").read_text("utf-8"))
    if tuple(raw) != Parameters._fields:
        raise ValueError("parameters.yaml and Parameters must list the same names in the same order")
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


def default_parameters(changes: Mapping[str, float] | None = None) -> Parameters:
    """Return the central values, with ``changes`` by name.

    Raises
    ------
    HutongError
        ``no-such-parameter`` for a name that the model does not have.
    """
    known = Parameters(*(info.value for info in parameter_infos()))
    _refuse_unknown(changes)
    return known._replace(**{k: float(v) for k, v in (changes or {}).items()})


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
    unknown = sorted(set(changes or ()) - set(Parameters._fields))
    if unknown:
        names = ", ".join(unknown)
        raise HutongError(
            "no-such-parameter",
            Text(f"模型没有参数：{names}。", f"The model has no parameter {names}."),
            Text("参数名见 docs/evolve-odd.md。", "The names are in docs/evolve-odd.md."),
        )
