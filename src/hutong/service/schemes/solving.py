"""The optimiser on a quarter that is laid out: the best scheme of a kind, or schemes that trade one benefit for another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from hutong.city import City
from hutong.plan.desk import reach_of
from hutong.plan.document import SchemeDocument, document_of
from hutong.plan.limits import targets
from hutong.plan.pareto import Pareto, Proof, pareto
from hutong.plan.results import Scheme
from hutong.plan.schemes import plan_of
from hutong.plan.studio import Studio
from hutong.plan.study import Study
from hutong.service.schemes.warm import Step
from hutong.text import Text

MODES = {
    "balanced": Text("均衡方案（求解）", "balanced scheme (solved)"),
    "most_benefit": Text("资金内效益最大（求解）", "most benefit within the money (solved)"),
    "least_cost": Text("公共资金最少（求解）", "least public money (solved)"),
}


def study_of(studio: Studio) -> Study:
    """Return the study of a quarter that is laid out."""
    goals = tuple(targets(studio.desk.unit))
    return Study(studio.desk, goals, reach_of(studio.desk, goals))


def best(
    study: Study, mode: str, given: Mapping[str, float] | None, step: Step
) -> tuple[SchemeDocument, dict[str, Any]]:
    """Return the best scheme of a kind as a document, and the recipe with its proof; it raises as ``make_plan`` does."""
    scheme = plan_of(study, given, step).scheme(mode)
    proof = scheme.certificate
    recipe = {
        "mode": mode, "budget": None if given is None else dict(given), "seed": study.desk.seed, "status": proof.status,
        "gap": proof.gap, "bound": proof.bound, "objective": proof.objective,
    }  # fmt: skip
    return document(study.desk.city, scheme, given), recipe


def document(city: City, scheme: Scheme, given: Mapping[str, float] | None = None) -> SchemeDocument:
    """Return a solved scheme as a document of a city."""
    meta = city.meta
    return document_of(scheme, city=meta.name, snapshot=meta.date, budget=given or {})


def trade_offs(
    study: Study, given: Mapping[str, float] | None, step: Step
) -> tuple[dict[str, Any], dict[str, SchemeDocument]]:
    """Return the trade-offs as plain data, and each scheme's document by the name of its point."""
    found = pareto(study, given, progress=step)
    plain = {
        "points": found.points.to_dict("records"), "ideal": dict(found.ideal), "nadir": dict(found.nadir),
        "budget": dict(found.budget), "certificate": asdict(found.certificate),
    }  # fmt: skip
    return plain, {s.id: document(study.desk.city, s, found.budget) for s in found.schemes}


def as_pareto(plain: Mapping[str, Any]) -> Pareto:
    """Return kept trade-offs for drawing; their schemes are documents and not in it."""
    return Pareto(
        pd.DataFrame(plain["points"]), (), plain["ideal"], plain["nadir"], plain["budget"],
        Proof(**plain["certificate"]),
    )  # fmt: skip
