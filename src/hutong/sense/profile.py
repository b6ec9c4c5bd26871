"""The profile of each estate: scores by theme, rank, how well themes keep in step, and what holds it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.city.schema import read_yaml
from hutong.sense.composite import (
    NORMALISATION,
    Weights,
    applies,
    coverages,
    scores,
    weighted_mean,
    weights_of,
)
from hutong.sense.coupling import coupling, coupling_degree
from hutong.sense.obstacles import main_obstacles, obstacle_degrees
from hutong.sense.places import Places
from hutong.sense.profile_words import profile_text
from hutong.sense.results import Checkup
from hutong.sense.services import ground
from hutong.sense.topsis import ranks, topsis
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of the profile and the indicators that make it up."""

    id: str
    title: Text
    indicators: tuple[str, ...]


@cache
def themes() -> Mapping[str, Theme]:
    """Return the themes of ``profile.yaml`` by id, in file order."""
    return {
        name: Theme(name, Text.of(spec["title"]), tuple(spec["indicators"]))
        for name, spec in _raw()["themes"].items()
    }


def level(degree: float) -> Text:
    """Return the class of a coupling coordination degree in [0, 1] in words (Liao 1999)."""
    levels = _raw()["levels"]
    return Text.of(levels[min(int(degree * len(levels)), len(levels) - 1)])


def profile(check: Checkup, city: City, weights: Weights = "equal", scale: str = "estate") -> pd.DataFrame:
    """Return the profile of every estate (or block).

    Indicators become scores in [0, 1] by their own standard (``composite.NORMALISATION``), and these a score per
    theme, weighted by gravity. Themes are weighted by ``weights``, ranked by TOPSIS, and coupled in the
    corrected form. An estate with an unknown theme has no rank and no degrees.

    Parameters
    ----------
    weights
        Of the themes: ``equal``, ``entropy``, or one number per theme.
    scale
        estate, block or rest.

    Returns
    -------
    Indexed by place_id: ``title`` (Text), ``residents``, a column per theme (NaN: unknown) and ``<theme>_known`` (share
    of the weight that applies which is known), ``score`` (weighted mean of the themes), ``closeness`` (TOPSIS), ``rank``,
    ``coupling`` C, ``coordination`` D, ``level`` (Text or None), ``obstacles`` (pairs of indicator id and degree among what
    is known, greatest first), ``observed`` (share of the data behind the scores that was observed) and ``text``.
    ``attrs`` hold ``weights`` and ``normalisation``.
    """
    single, there = scores(check, scale), applies(check, scale)
    gravity = pd.Series({i.id: i.gravity for i in check.indicators})
    table = pd.DataFrame(
        {"title": _titles(city, scale, single.index), "residents": _residents(city, scale)[single.index]}
    )
    parts: dict[str, list[str]] = {}
    for theme in themes().values():
        parts[theme.id] = [name for name in theme.indicators if name in single]
        own = single[parts[theme.id]]
        table[theme.id], table[f"{theme.id}_known"] = weighted_mean(
            own, gravity, float(_raw()["least_known"]), there
        )
    names = list(parts)
    weight = weights_of(table[names], weights)
    known = table[names].notna().all(axis=1).to_numpy()
    u = table[names].to_numpy(np.float64)
    table["score"], _ = weighted_mean(table[names], weight)
    table["closeness"] = topsis(u, weight.to_numpy()) if len(table) else np.zeros(0)
    table["rank"] = ranks(table["closeness"])
    table["coupling"] = coupling(u)
    table["coordination"] = coupling_degree(u, weight.to_numpy())
    table["level"] = [level(d) if k else None for d, k in zip(table["coordination"], known, strict=True)]
    share = _shares(parts, weight, gravity)
    table["obstacles"] = pd.Series(_obstacles(single[share.index], share), index=table.index, dtype=object)
    seen = coverages(check, scale)[share.index].where(single[share.index].notna())
    table["observed"], _ = weighted_mean(seen, share, 0.0)
    titles = {i.id: i.title for i in check.indicators}
    table["text"] = [
        profile_text(row, {n: themes()[n].title for n in names}, titles, int(known.sum()), scale)
        for row in table.to_dict("records")
    ]
    table.attrs = {"weights": weight.to_dict(), "normalisation": NORMALISATION}
    return table


def _shares(parts: Mapping[str, list[str]], weight: pd.Series, gravity: pd.Series) -> pd.Series:
    """Return what each indicator contributes: its theme's weight times its share of the theme."""
    return pd.Series(
        {n: weight[t] * gravity[n] / gravity[own].sum() for t, own in parts.items() for n in own},
        dtype=np.float64,
    )


def _obstacles(single: pd.DataFrame, share: pd.Series) -> list[tuple[tuple[str, float], ...]]:
    degrees = obstacle_degrees(single.to_numpy(np.float64), share.to_numpy())
    names = list(share.index)
    return [
        tuple((names[j], float(degrees[i, j])) for j in main)
        for i, main in enumerate(main_obstacles(degrees))
    ]


def _titles(city: City, scale: str, ids: pd.Index) -> pd.Series:
    places = Places.of(city)
    at = {str(place): row for row, place in enumerate(places.ids[scale])}
    return pd.Series([places.title(scale, at[str(place)]) for place in ids], index=ids, dtype=object)


def _residents(city: City, scale: str) -> pd.Series:
    places = Places.of(city)
    code = places.code(places.rows("buildings"), scale)
    count = ground(city).people("residents")
    inside = (code >= 0) & ~np.isnan(count)
    total = np.bincount(code[inside], weights=count[inside], minlength=len(places.ids[scale])).astype(
        np.float64
    )
    lost = np.bincount(code[(code >= 0) & np.isnan(count)], minlength=len(total))
    total[lost > 0] = np.nan
    return pd.Series(total, index=places.ids[scale])


@cache
def _raw() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = read_yaml(files(__package__).joinpath("profile.yaml").read_text("utf-8"))
    return raw
