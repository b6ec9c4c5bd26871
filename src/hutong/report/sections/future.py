"""Section 5: what the future may look like under each setting."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.evolve import contrast, explain
from hutong.evolve.contrast import EFFECTS, OUTCOMES
from hutong.evolve.results import Ensemble
from hutong.report.charts import band_chart, interval
from hutong.report.format import join, num
from hutong.report.words import word
from hutong.text import Text

SHOWN = ("coupling", "value", "governance", "space")
#: Outcomes of the table of effects.
COMPARED = ("coupling", "value", "governance", "space", "fabric", "trust", "support", "done")


def panels(ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return, for each score, one small chart per setting on one scale, with the first setting as reference."""
    out = []
    for name in SHOWN:
        bands = [ensemble.band(name, k) for k in range(len(ensemble.settings))]
        charts = [
            {
                "setting": s.title,
                "svg": band_chart(
                    b, join(word("effect_series", name), " · ", s.title), bands[0][1] if k else None
                ),
            }
            for k, (s, b) in enumerate(zip(ensemble.settings, bands, strict=True))
        ]
        out.append({"name": word("effect_series", name), "charts": charts})
    return out


def effects(ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return what each factor changes at the end, with the middle 95 % of the runs."""
    table = contrast(ensemble).set_index(["effect", "outcome"])
    rows = []
    for name in COMPARED:
        cells = []
        bound = max(
            float(np.abs(table.loc[(e, name), ["low", "high"]].to_numpy(float)).max()) for e in EFFECTS
        )
        for effect, title in EFFECTS.items():
            row = table.loc[(effect, name)]
            mean, low, high = (float(row[k]) for k in ("mean", "low", "high"))
            cells.append(
                {
                    "shown": Text(f"{_signed(mean)}（{_signed(low)} 至 {_signed(high)}）", f"{_signed(mean)} ({_signed(low)} to {_signed(high)})"),
                    "svg": interval(mean, low, high, bound, join(OUTCOMES[name], " · ", title)),
                    "sure": low > 0 or high < 0,
                }
            )  # fmt: skip
        title = OUTCOMES[name]
        rows.append({"name": Text(title.zh, title.en[0].upper() + title.en[1:]), "cells": cells})
    return rows


def _signed(value: float) -> str:
    text = num(abs(value), 3).en
    return f"{'±' if not float(text) else '−' if value < 0 else '+'}{text}"


def view(ensemble: Ensemble) -> dict[str, Any]:
    """Return the small multiples, the effects and the plain sentences."""
    said = explain(ensemble)
    return {
        "panels": panels(ensemble),
        "factors": list(EFFECTS.values()),
        "effects": effects(ensemble),
        "first": [said[0], *(t for t in said[1:-1] if OUTCOMES["coupling"].zh in t.zh), said[-1]],
        "said": said[1:-1],
        "runs": num(ensemble.runs),
        "years": num(ensemble.months / 12, 0),
        "reference": ensemble.settings[0].title,
    }
