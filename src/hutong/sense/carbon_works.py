"""What works on buildings save in a year, and what they embody: before and after a measure.

The bounds of a factor are the same before and after, so that what does not change cancels out: insulation saves the
least where demand and saving are least, not where the one is least and the other most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.carbon import (
    HEATING,
    REASONS,
    Corner,
    Floats,
    Stock,
    carrier_kg_gj,
    cooking_kg,
    demand_gj_m2,
    electricity_kg,
    heat_kg,
    span,
    stock,
    why_unknown,
)
from hutong.sense.carbon_factors import Factor, load_factors
from hutong.text import Text

EMBODIED = ("none", "retrofit", "rebuild")
#: Effects of a measure that change carbon here; others are accepted and change nothing.
CARBON_EFFECTS = ("insulated", "lift", "heating")


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to a building: effects (insulated: 1, lift: 1, heating: "central" …), and what it embodies.

    ``rebuild`` counts demolition too; ``floor_factor`` is the new floor over the old.
    """

    effects: Mapping[str, float | str]
    embodied: str = "none"
    floor_factor: float = 1.0

    @classmethod
    def of(cls, given: Work | Mapping[str, object]) -> Work:
        """Read a work from a plain dict: effects, embodied, floor_factor.

        Raises
        ------
        HutongError
            ``unknown-work`` for a word that is none of ``EMBODIED`` or ``HEATING``.
        """
        made = given if isinstance(given, Work) else cls(**given)  # type: ignore[arg-type]
        heating = made.effects.get("heating", "none")
        if made.embodied not in EMBODIED or heating not in HEATING:
            raise HutongError(
                "unknown-work",
                Text(
                    f"不认识的工程：{made.embodied}、{heating}。", f"Not known: {made.embodied}, {heating}."
                ),
                Text(
                    f"embodied 用 {'、'.join(EMBODIED)}；heating 用 {'、'.join(HEATING)}。",
                    f"embodied is one of {', '.join(EMBODIED)}; heating one of {', '.join(HEATING)}.",
                ),
            )
        return made


def before_after(city: City, rules: Rules, works: Mapping[str, Work | Mapping[str, object]]) -> pd.DataFrame:
    """Return what works on buildings save a year and embody.

    Parameters
    ----------
    works
        building_id -> :class:`Work`, or the same as a plain dict.

    Returns
    -------
    Per building, in kg CO2, low and high of: ``before`` and ``after`` (a year of operation), ``saved`` (a year),
    ``embodied`` (once), ``net`` (saved over the design life less embodied), and ``payback`` in years (inf: never at
    that bound; NaN: unknown). ``reason_zh``, ``reason_en`` say why something is unknown.

    Raises
    ------
    HutongError
        ``unknown-building`` for ids that the city has not.
    """
    factors = load_factors(rules)
    ids = list(works)
    rows = pd.Index(city["buildings"]["building_id"]).get_indexer(pd.Index(ids, dtype=object))
    if (rows < 0).any():
        raise HutongError(
            "unknown-building",
            Text("方案里有快照中没有的房屋。", "There are works on buildings that the city has not."),
            Text("请核对房屋编号。", "Check the building ids."),
            [str(i) for i, row in zip(ids, rows, strict=True) if row < 0],
        )
    todo = [Work.of(works[i]) for i in ids]
    now = _take(stock(city), rows)
    then, rebuilt = _after(now, todo)
    before, after, saved = _compare(now, then, rebuilt, factors)
    kinds = np.array([w.embodied for w in todo], dtype=object)
    once = _embodied(now, then, kinds, factors)
    life = factors["design_life"].low
    unknown_saving = _standard_met(now, then, factors) & ~rebuilt
    for bounds in (after, saved):
        for bound in bounds:
            bound[unknown_saving] = np.nan
    why = np.array(why_unknown(now), dtype=object)
    why[(why == "") & unknown_saving] = "retrofit_new"
    frame = pd.DataFrame({"building_id": ids})
    spans = {
        "before": before,
        "after": after,
        "saved": saved,
        "embodied": once,
        "net": (saved[0] * life - once[1], saved[1] * life - once[0]),
        "payback": (_years(once[0], saved[1]), _years(once[1], saved[0])),
    }
    for name, (low, high) in spans.items():
        frame[f"{name}_low"], frame[f"{name}_high"] = low, high
    frame["reason_zh"] = [REASONS[w].zh if w else "" for w in why]
    frame["reason_en"] = [REASONS[w].en if w else "" for w in why]
    return frame


def _take(have: Stock, rows: NDArray[np.int64]) -> Stock:
    return Stock(**{name: getattr(have, name)[rows] for name in Stock.__dataclass_fields__})


def _after(now: Stock, todo: list[Work]) -> tuple[Stock, NDArray[np.bool_]]:
    """Return the stock after the works, and which buildings are new."""

    def changed(name: str, column: Floats) -> Floats:
        return np.array(
            [float(w.effects[name]) if name in w.effects else v for w, v in zip(todo, column, strict=True)]
        )

    heating = [
        HEATING.index(str(w.effects["heating"])) if "heating" in w.effects else h
        for w, h in zip(todo, now.heating, strict=True)
    ]
    floor = now.floor_m2 * np.array([w.floor_factor for w in todo])
    lifts = np.maximum(now.lifts, np.array([float(w.effects.get("lift", 0)) for w in todo]))
    rebuilt = np.array([w.embodied == "rebuild" for w in todo], dtype=bool)
    then = replace(
        now, floor_m2=floor, lifts=lifts, insulated=changed("insulated", now.insulated),
        heating=np.array(heating, dtype=np.int64),
    )  # fmt: skip
    return then, rebuilt


def _compare(
    now: Stock, then: Stock, rebuilt: NDArray[np.bool_], factors: Mapping[str, Factor]
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return the spans of before, after and what is saved, with the same bounds on both sides."""
    firsts, seconds, heat_saved = [], [], []
    for d, s, c, c2, new, i in product((0, 1), repeat=6):
        first = heat_kg(now, factors, Corner(d, s, c, c, new, i))
        changed = then.heating != now.heating
        corner = Corner(d, s, c, c2, new, i)
        kg = np.where(
            changed, carrier_kg_gj(factors, c2)[then.heating], carrier_kg_gj(factors, c)[then.heating]
        )
        demand = np.where(rebuilt, factors["heat_75"].at(new), demand_gj_m2(then, factors, corner))
        second = np.where(then.heating == HEATING.index("none"), 0.0, then.floor_m2 * demand * kg)
        firsts.append(first)
        seconds.append(second)
        heat_saved.append(first - second)
    rest_before = [electricity_kg(now, factors, u) + cooking_kg(now, factors, u) for u in (0, 1)]
    rest_after = [electricity_kg(then, factors, u) + cooking_kg(then, factors, u) for u in (0, 1)]
    rest_saved = span([a - b for a, b in zip(rest_before, rest_after, strict=True)])
    before, after, saved = span(firsts), span(seconds), span(heat_saved)
    return (
        (before[0] + rest_before[0], before[1] + rest_before[1]),
        (after[0] + rest_after[0], after[1] + rest_after[1]),
        (saved[0] + rest_saved[0], saved[1] + rest_saved[1]),
    )


def _standard_met(now: Stock, then: Stock, factors: Mapping[str, Factor]) -> NDArray[np.bool_]:
    """Return where insulation is added to what was built to a standard: what it saves there is unknown."""
    added = (then.insulated == 1) & ~(now.insulated == 1)
    return np.asarray(added & (now.built_year >= factors["saving65_from_year"].low))


def _embodied(
    now: Stock, then: Stock, kinds: NDArray[np.object_], factors: Mapping[str, Factor]
) -> tuple[Floats, Floats]:
    """Return what works embody: retrofit by floor; rebuilding by new floor, with demolition of the old."""
    spans = []
    for u in (0, 1):
        rebuild = then.floor_m2 * factors["embodied_rebuild"].at(u) + now.floor_m2 * factors["demolition"].at(
            u
        )
        retrofit = now.floor_m2 * factors["embodied_retrofit"].at(u)
        spans.append(np.select([kinds == "rebuild", kinds == "retrofit"], [rebuild, retrofit], 0.0))
    return spans[0], spans[1]


def _years(once: Floats, yearly: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(yearly > 0, once / yearly, np.where((once == 0) & (yearly == 0), 0.0, np.inf))
    return np.where(np.isnan(once) | np.isnan(yearly), np.nan, years)


def per_unit(rules: Rules) -> pd.DataFrame:
    """Return what common measures save or embody per unit, straight from the factors, for catalogues of measures.

    Returns
    -------
    ``measure``, ``unit``, low, middle and high in kg CO2 a year (saved; negative: more), ``embodied_*`` once, and
    ``net_middle``: the middle less what is embodied, spread over the design life. District heat is assumed.
    """
    f = load_factors(rules)
    heat = f["district_heat"]

    def saving(u: int) -> float:
        return f["heat_old"].at(u) * f["retrofit_saving"].at(u) * heat.at(u)

    retrofit = (f["embodied_retrofit"].low, f["embodied_retrofit"].high)
    rebuild = tuple(f["embodied_rebuild"].at(u) + f["demolition"].at(u) for u in (0, 1))
    rows = [
        ("insulation", "m2", saving(0), saving(1), *retrofit),
        ("retrofit", "m2", 0.0, 0.0, *retrofit),
        ("rebuild", "m2", (f["heat_old"].low - f["heat_75"].high) * heat.low, (f["heat_old"].high - f["heat_75"].low) * heat.high, *rebuild),
        ("lift", "lift", -f["lift_kwh"].high * f["grid"].high, -f["lift_kwh"].low * f["grid"].low, np.nan, np.nan),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["measure", "unit", "low", "high", "embodied_low", "embodied_high"])
    frame.insert(3, "middle", (frame["low"] + frame["high"]) / 2)
    once = (frame["embodied_low"] + frame["embodied_high"]) / 2
    frame["net_middle"] = frame["middle"] - once.fillna(0) / f["design_life"].low
    return frame
