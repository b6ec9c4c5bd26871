"""Section 1: what is there — the map, its layers, and each building in short."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.city import City
from hutong.plan.results import Plan
from hutong.report import map as maps
from hutong.report.details import details, per_building
from hutong.report.format import bi, num, same
from hutong.report.map_layers import Layer, layers
from hutong.report.marks import kind_of, origin_shares
from hutong.report.words import word
from hutong.sense.results import Checkup
from hutong.text import UNKNOWN, Text

MOST_ESTATES = 40


def legend(layer: Layer) -> list[dict[str, Any]]:
    """Return the entries of a layer's legend with the number of buildings of each."""
    counts = layer.counts()
    rows = [{"code": k, "title": t, "n": num(counts[k])} for k, t in enumerate(layer.classes)]
    if counts[-1]:
        rows.append({"code": None, "title": layer.absent, "n": num(counts[-1])})
    return rows


def estates(city: City) -> list[dict[str, Any]]:
    """Return the estates with buildings, homes and people, the most populous first."""
    plot = city.positions("buildings", "plot_id")
    of_building = np.where(plot >= 0, city.positions("plots", "estate_id")[plot], -1)
    homes, people = per_building(city, None), per_building(city, "residents")
    rows = []
    for k, estate in enumerate(city["estates"].itertuples(index=False)):
        mine = of_building == k
        known = people[mine]
        rows.append(
            {
                "name": same(estate.name) if isinstance(estate.name, str) else Text(f"未命名（{estate.estate_id}）", f"unnamed ({estate.estate_id})"),
                "kind": word("estate_kind", estate.kind) if isinstance(estate.kind, str) else UNKNOWN,
                "buildings": num(int(mine.sum())),
                "homes": num(float(homes[mine].sum())),
                "people": num(float(np.nansum(known)) if (~np.isnan(known)).any() else float("nan")),
                "order": (-float(homes[mine].sum()), str(estate.estate_id)),
            }
        )  # fmt: skip
    return sorted(rows, key=lambda r: r["order"])


def view(city: City, check: Checkup, plan: Plan) -> dict[str, Any]:
    """Return the map with its layers, legend, facilities, estates and details."""
    shown = layers(city, check, plan)
    rows = maps.drawn(city)
    listed = estates(city)
    title = city.meta.title
    kinds = [
        {"kind": k if k in maps.SIGNS else "other", "title": t, "n": num(n)}
        for k, t, n in maps.kinds_present(city)
    ]
    return {
        "svg": maps.draw(city, shown, rows, Text(f"{title.zh}地图", f"Map of {title.en}")),
        "symbols": maps.symbols(),
        "layers": [{"layer": x, "legend": legend(x), "guessed": num(int(x.guessed.sum()))} for x in shown],
        "facilities": kinds,
        "estates": listed[:MOST_ESTATES],
        "estate_marks": {
            "kind": kind_of(origin_shares(city, "estates", "kind")),
            **{c: kind_of(origin_shares(city, "dwellings", c)) for c in ("building_id", "residents")},
        },
        "estates_left": max(0, len(listed) - MOST_ESTATES),
        "details": details(city, check, plan, rows),
        "drawn": {str(city["buildings"]["building_id"].iloc[r]): k for k, r in enumerate(rows)},
        "left_out": num(len(city["buildings"]) - len(rows)) if len(rows) < len(city["buildings"]) else None,
        "attribution": maps.attribution(city),
        "streets_km": num(float(city["streets"]["length_m"].sum()) / 1000, 1),
        "hint": bi(
            Text(
                "指向、点按或用方向键选一栋楼。", "Point at, tap, or use the arrow keys to choose a building."
            )
        ),
    }
