"""The picture of who acted with whom: parties on two rings, the core inside, in the units of the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from hutong.agree.acting_network import ActingNetwork
from hutong.service.bodies.models import office_title
from hutong.service.requests.selectors import unit_names
from hutong.text import Text

SIZE, CORE, MARGIN = 480, 0.38, 0.8


def party_titles(parties: Iterable[str]) -> dict[str, Text]:
    """Return what parties are called: offices, and units that handle cases."""
    named = list(parties)
    units = unit_names([p.removeprefix("unit:") for p in named if p.startswith("unit:")])
    return {p: units[p.removeprefix("unit:")] if p.startswith("unit:") else office_title(p) for p in named}


def period_told(found: ActingNetwork) -> dict[str, Any]:
    """Return a network in figures and names: ``acts``, ``parties``, ``poly`` (None: unknown), ``core``, ``margin``, ``brokers``.

    ``brokers`` are the parties over which the largest share of the shortest ways between others leads, if any does.
    """
    parties, titles = found.parties, party_titles(map(str, found.parties.index))
    most = float(parties["between"].max())
    core = parties["core"].to_numpy(bool)
    return {
        "acts": int(found.ties["acts"].sum()),
        "parties": len(parties),
        "poly": None if math.isnan(found.polycentricity) else found.polycentricity,
        "core": [titles[str(n)] for n in parties.index[core]],
        "margin": [titles[str(n)] for n in parties.index[~core]],
        "brokers": [titles[str(n)] for n in parties.index[parties["between"] == most]] if most > 0 else [],
        "between": most,
    }


def drawn_network(found: ActingNetwork) -> dict[str, Any]:
    """Return ``size``, ``marks`` (x, y, r, title, acts, between, core) and ``lines`` (ends and width)."""
    at: dict[str, tuple[float, float]] = {}
    for core, ring in ((True, CORE), (False, MARGIN)):
        names = list(found.parties.index[found.parties["core"] == core])
        ring = 0.0 if core and len(names) == 1 else ring
        for i, name in enumerate(sorted(names)):
            turn = 2 * math.pi * (i + (0.0 if core else 0.5)) / len(names) - math.pi / 2
            at[name] = (SIZE / 2 * (1 + ring * math.cos(turn)), SIZE / 2 * (1 + ring * math.sin(turn)))
    most = int(found.ties["acts"].max())
    lines = [
        {
            "x1": f"{at[a][0]:.0f}", "y1": f"{at[a][1]:.0f}", "x2": f"{at[b][0]:.0f}", "y2": f"{at[b][1]:.0f}",
            "w": f"{1 + 5 * n / most:.1f}",
        }
        for a, b, n in found.ties.itertuples(index=False)
    ]  # fmt: skip
    titles = party_titles(map(str, found.parties.index))
    top = int(found.parties["acts"].max())
    marks = [
        {
            "x": f"{at[n][0]:.0f}", "y": f"{at[n][1]:.0f}", "r": f"{8 + 10 * math.sqrt(row['acts'] / top):.0f}", "no": i,
            "title": titles[str(n)], "acts": int(row["acts"]), "partners": int(row["partners"]),
            "between": float(row["between"]), "core": bool(row["core"]),
        }
        for i, (n, row) in enumerate(found.parties.iterrows(), 1)
    ]  # fmt: skip
    return {"size": SIZE, "marks": marks, "lines": lines}
