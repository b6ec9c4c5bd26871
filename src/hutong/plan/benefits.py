"""The four benefits of an option, each in its own unit and as a share of what the quarter could attain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.plan.carbon import carbon_kg
from hutong.plan.catalogue import load_assumptions
from hutong.plan.needs import Needs
from hutong.plan.options import Options
from hutong.plan.results import BENEFITS
from hutong.plan.revenue import units_that_earn
from hutong.rules import Rules

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Benefits:
    """``raw`` and ``share`` have shape (options, 4) in the order of ``BENEFITS``.

    Raw units: present yuan of yearly income and savings; equity-weighted yuan of gain to households, more where a
    finding is mended; kg CO2 a year; cultural points (m² of restored courtyard, weighted by heritage grade).
    A share of 1 is what the best option everywhere would bring; 0 where nothing can be attained.
    """

    raw: Floats
    share: Floats
    weights: Floats


def gather_benefits(
    options: Options, needs: Needs, rules: Rules, years: int, attainable: Floats | None = None
) -> Benefits:
    """Return the benefits of every option (weights and figures from ``assumptions.yaml``).

    Parameters
    ----------
    attainable
        What the quarter could attain of each (4,), raw; by default the best of ``options`` everywhere.
    """
    values = {name: a.value for name, a in load_assumptions().items()}
    raw = _raw(options, needs, rules, years)
    total = attainable_of(options, raw) if attainable is None else attainable
    weights = np.array([values[f"weight_{b}"] for b in BENEFITS]) * (total > 0)
    share = raw / np.where(total > 0, total, 1.0)
    return Benefits(raw, share, weights / max(weights.sum(), 1e-12))


def attainable_of(options: Options, raw: Floats) -> Floats:
    """Return the sum over objects of the most that any of their options brings of each benefit, shape (4,)."""
    attainable = np.zeros((len(options.objects), len(BENEFITS)))
    np.maximum.at(attainable, options.object, np.maximum(raw, 0))
    return np.asarray(attainable.sum(axis=0))


def _raw(options: Options, needs: Needs, rules: Rules, years: int) -> Floats:
    """Return the benefits of every option in their own units, shape (options, 4)."""
    values = {name: a.value for name, a in load_assumptions().items()}

    def per_unit(name: str) -> Floats:
        return np.array([float(getattr(m, name)) for m in options.measures])

    rate = rules.number("finance.discount_social")
    present = (1 - (1 + rate) ** -years) / rate
    let = units_that_earn(options.quantity, options.spare_floor, options.measures)
    yearly = let @ (per_unit("revenue") - per_unit("running")) + options.quantity @ per_unit("saving")
    severity = np.array([f.severity for f in needs.findings])
    urgent = np.asarray(needs.share.T @ severity) if severity.size else np.zeros(len(options))
    worth = options.objects["heritage_worth"][options.object]
    return np.column_stack(
        [
            np.maximum(yearly, 0) * present,
            options.answer.gain_yuan * (1 + urgent),
            options.quantity
            @ (carbon_kg(options.measures, rules) + values["green_carbon_kg_m2"] * per_unit("green_m2")),
            options.quantity @ per_unit("culture") * worth,
        ]
    )
