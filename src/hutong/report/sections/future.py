"""Section 5: what the future may look like under each setting."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.evolve.results import Ensemble
from hutong.report.charts import band_chart, interval
from hutong.report.format import join, num
from hutong.report.words import word
from hutong.text import Text

SHOWN = ("coupling", "value", "governance", "space")


def panels(ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return, for each score, one small chart per setting on one scale, with the first setting as reference."""
    out = []
    for name in SHOWN:
        bands = [ensemble.band(name, k) for k in range(len(ensemble.settings))]
        top = max(0.2, float(max(b.max() for b in bands)))
        low = float(min(b.min() for b in bands))
        low = 0.0 if low < 0.35 else low
        charts = [
            {
                "setting": s.title,
                "svg": band_chart(b, join(word("effect_series", name), " · ", s.title), bands[0][1] if k else None, top, low),
            }
            for k, (s, b) in enumerate(zip(ensemble.settings, bands, strict=True))
        ]
        out.append({"name": word("effect_series", name), "charts": charts, "cut": low > 0})
    return out


def effects(ensemble: Ensemble) -> list[dict[str, Any]]:
    """Return, at the end, each setting less the first one, run by run: median and 5–95 % interval."""
    rows = []
    for name in SHOWN:
        series = ensemble.series[name][:, :, -1]
        differences = [series[k] - series[0] for k in range(1, len(ensemble.settings))]
        bound = max((float(np.abs(np.quantile(d, (0.05, 0.95))).max()) for d in differences), default=0.0)
        cells = []
        for k, difference in enumerate(differences, 1):
            low, middle, high = (float(v) for v in np.quantile(difference, (0.05, 0.5, 0.95)))
            shown = Text(f"{_signed(middle)}（{_signed(low)} 至 {_signed(high)}）", f"{_signed(middle)} ({_signed(low)} to {_signed(high)})")
            cells.append(
                {
                    "setting": ensemble.settings[k].title,
                    "shown": shown,
                    "svg": interval(middle, low, high, bound, join(word("effect_series", name), " · ", ensemble.settings[k].title)),
                    "clear": low > 0 or high < 0,
                }
            )
        rows.append({"name": word("effect_series", name), "cells": cells})
    return rows


def _signed(value: float) -> str:
    text = num(abs(value), 3).en
    return f"{'−' if value < 0 and float(text) else '+' if float(text) else '±'}{text}"


def sentences(ensemble: Ensemble) -> list[Text]:
    """Return what the runs say, in plain words."""
    end = {name: ensemble.band(name, 0)[:, -1] for name in SHOWN}
    out = []
    series = ensemble.series["coupling"][:, :, -1]
    last = len(ensemble.settings) - 1
    start = float(np.median(ensemble.series["coupling"][0][:, 0]))
    out.append(
        Text(
            f"什么都不另加时，{ensemble.months // 12} 年后的耦合协调度从 {start:.2f} 变为 {end['coupling'][1]:.2f}（5–95% 区间 {end['coupling'][0]:.2f}–{end['coupling'][2]:.2f}）。",
            f"With nothing added, the coupling degree goes from {start:.2f} to {end['coupling'][1]:.2f} in {ensemble.months // 12} years (5–95% {end['coupling'][0]:.2f}–{end['coupling'][2]:.2f}).",
        )
    )
    if last:
        difference = np.quantile(series[last] - series[0], (0.05, 0.5, 0.95))
        clear = difference[0] > 0 or difference[2] < 0
        title = ensemble.settings[last].title
        out.append(
            Text(
                f"“{title.zh}”与之相比差 {_signed(float(difference[1]))}，"
                + ("在模型的不确定范围内方向明确。" if clear else "在模型的不确定范围内看不出方向。"),
                f"“{title.en}” differs from it by {_signed(float(difference[1]))}; "
                + ("the direction is clear within the model's uncertainty." if clear else "the direction is not clear within the model's uncertainty."),
            )
        )
    return out


def view(ensemble: Ensemble) -> dict[str, Any]:
    """Return the small multiples, the effects and the plain sentences."""
    return {
        "panels": panels(ensemble),
        "settings": [s.title for s in ensemble.settings],
        "effects": effects(ensemble),
        "sentences": sentences(ensemble),
        "runs": num(ensemble.runs),
        "years": num(ensemble.months / 12, 0),
        "first": ensemble.settings[0].title,
    }
