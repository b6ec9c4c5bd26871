"""Capacity-aware access: a clinic shared by many is worth less to each (E2SFCA, Luo and Qi 2009).

Step 1: each facility's capacity is divided by the people who can walk there, nearer ones counting more.
Step 2: each home sums the shares of the facilities it can walk to, weighted the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.services import Service, people, reach_m, unknown_why
from hutong.sense.walks import WalkPairs, walks
from hutong.text import Text

#: Weight of a walk by its length: metres, shape (n,) → weights in [0, 1], shape (n,).
Decay = Callable[[np.ndarray], np.ndarray]

#: Weights of three zones (Luo and Qi 2009): how fast the will to travel fades.
SLOW = (1.0, 0.68, 0.22)
FAST = (1.0, 0.42, 0.09)
ZONES_MIN = (5.0, 10.0, 15.0)


def stepwise(bounds_m: Sequence[float], weights: Sequence[float] = SLOW) -> Decay:
    """Return zones: ``weights[z]`` for walks up to ``bounds_m[z]`` (rising, inclusive), 0 beyond the last.

    Raises
    ------
    HutongError
        ``invalid-zones`` where the bounds do not rise, or bounds and weights ≥ 0 do not pair.
    """
    bounds, given = np.asarray(bounds_m, np.float64), np.asarray(weights, np.float64)
    if bounds.shape != given.shape or not len(bounds) or not (np.diff(bounds) > 0).all() or (given < 0).any():
        raise _invalid(
            "zones need rising bounds, and a weight ≥ 0 for each", "分区界限须递增，且各有一个不小于 0 的权重"
        )
    table = np.append(given, 0.0)
    return lambda metres: table[np.searchsorted(bounds, metres, side="left")]


def gaussian(sigma_m: float) -> Decay:
    """Return exp(−d² / 2σ²), which is 1 at the door and .61 at σ; no walk is too long for it."""
    if not sigma_m > 0:
        raise _invalid("sigma must be above 0", "σ 须大于 0")
    return lambda metres: np.exp(-np.square(metres) / (2.0 * sigma_m**2))


def gaussian_to_zero(reach: float) -> Decay:
    """Return the Gaussian that falls to 0 at ``reach``: (e^(−d²/2r²) − e^(−½)) / (1 − e^(−½)) (Dai 2010)."""
    if not reach > 0:
        raise _invalid("the reach must be above 0", "服务距离须大于 0")
    foot = np.exp(-0.5)

    def weight(metres: np.ndarray) -> np.ndarray:
        falling = (np.exp(-0.5 * np.square(metres / reach)) - foot) / (1.0 - foot)
        return np.asarray(np.where(metres <= reach, np.maximum(falling, 0.0), 0.0))

    return weight


def e2sfca(
    demand: np.ndarray,
    supply: np.ndarray,
    home: np.ndarray,
    place: np.ndarray,
    metres: np.ndarray,
    decay: Decay,
) -> np.ndarray:
    """Return each home's access A_i = Σ_j W(d_ij) R_j with R_j = S_j / Σ_k W(d_kj) P_k (Luo and Qi 2009).

    The people-weighted sum of access equals the capacity in reach of anyone: nothing is counted twice.

    Parameters
    ----------
    demand
        People per home P, shape (homes,). NaN (unknown) makes every home that shares a facility with it unknown.
    supply
        Capacity per facility S, shape (facilities,). NaN makes the homes that reach it unknown.
    home, place, metres
        The walks: home and facility positions and lengths, each shape (walks,).
    decay
        Weights of walks; those of weight 0 reach nothing.

    Returns
    -------
    Capacity per person, shape (homes,): 0 where nothing is reached; NaN where unknown, or where a facility in
    reach has nobody to serve (so that a share of it means nothing).
    """
    weight = decay(np.asarray(metres, np.float64))
    real = weight > 0
    home, place, weight = home[real], place[real], weight[real]
    sharing = np.bincount(place, weights=weight * demand[home], minlength=len(supply))
    ratio = np.where(sharing == 0, np.nan, supply / np.where(sharing == 0, 1.0, sharing))
    return np.bincount(home, weights=weight * ratio[place], minlength=len(demand))


def capacity_access(
    city: City,
    rules: Rules,
    walks: WalkPairs,
    service: Service,
    who: str | None = None,
    weights: Sequence[float] = SLOW,
) -> pd.Series:
    """Return places per 1,000 people of a service at each building, by 5, 10 and 15 minutes' walk.

    The minutes are walked at the pace of ``who``; the zone weights come from drives of 10, 20 and 30 minutes
    (Luo and Qi 2009) and are an assumption for walks.

    Parameters
    ----------
    walks
        As far as 15 minutes reach, to the service's own kind at least.
    who
        residents, elders or children; default: whom the service is for.

    Returns
    -------
    Indexed by building_id, named ``service.id``; NaN where unknown (``attrs["reason"]`` says why all of it is).
    """
    who = who or service.who
    bounds = [reach_m(rules, who, minutes) for minutes in ZONES_MIN]
    if walks.cutoff_m < bounds[-1]:
        raise _invalid(
            f"walks of {bounds[-1]:g} m are needed, and these end at {walks.cutoff_m:g} m",
            f"需要 {bounds[-1]:g} 米以内的步行距离，现只算到 {walks.cutoff_m:g} 米",
        )
    own = walks.of(service.kinds[:1])
    supply = city["facilities"]["capacity"].to_numpy(np.float64)
    why = unknown_why(city, service) or _no_capacity(supply, own)
    values = np.full(len(walks.snapped_m), np.nan)
    if why is None:
        demand = people(city, who)
        values = 1000.0 * e2sfca(
            demand, supply, own.building, own.facility, own.metres, stepwise(bounds, weights)
        )
    series = pd.Series(
        values, index=pd.Index(city["buildings"]["building_id"], name="building_id"), name=service.id
    )
    if why is not None:
        series.attrs["reason"] = why
    return series


def capacity_summary(
    city: City, rules: Rules, chosen: Sequence[Service]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how capacity is shared among people, and it per building.

    Returns
    -------
    One row per service: ``service``, ``who``, ``low``, ``median`` and ``high`` (tenth, half and nine tenths of the people
    known), ``none`` and ``unknown`` (shares of people), ``reason_zh``, ``reason_en`` ("" where something is known). And the
    places per 1,000 people, one column per service, by building_id.
    """
    farthest = max((reach_m(rules, s.who, ZONES_MIN[-1]) for s in chosen), default=0.0)
    made = walks(city, tuple(dict.fromkeys(s.kinds[0] for s in chosen)), farthest)
    rows, columns = [], []
    for service in chosen:
        found = capacity_access(city, rules, made, service)
        columns.append(found)
        count = np.nan_to_num(people(city, service.who))
        value, total = found.to_numpy(), count.sum()
        seen = ~np.isnan(value) & (count > 0)
        why = found.attrs.get("reason")
        if why is None and not seen.any():
            why = Text("没有可以判断的住户", "there is nobody of whom it is known")
        low, middle, high = _quantiles(value[seen], count[seen]) if seen.any() else (np.nan,) * 3
        rows.append(
            {
                "service": service.id, "who": service.who, "low": low, "median": middle, "high": high,
                "none": count[seen & (value == 0)].sum() / total if total else np.nan,
                "unknown": count[np.isnan(value)].sum() / total if total else np.nan,
                "reason_zh": "" if why is None else why.zh, "reason_en": "" if why is None else why.en,
            }
        )  # fmt: skip
    return pd.DataFrame(rows), pd.concat(columns, axis=1) if columns else pd.DataFrame()


def _quantiles(value: np.ndarray, count: np.ndarray) -> tuple[float, ...]:
    """Return the values below which a tenth, half and nine tenths of the people are."""
    order = np.argsort(value, kind="stable")
    share = np.cumsum(count[order]) / count.sum()
    return tuple(float(value[order][np.searchsorted(share, q - 1e-12)]) for q in (0.1, 0.5, 0.9))


def _no_capacity(supply: np.ndarray, walks: WalkPairs) -> Text | None:
    reached = np.unique(walks.facility)
    if len(reached) and np.isnan(supply[reached]).all():
        return Text("设施的容量均未知", "the capacity of none of the facilities is known")
    return None


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-zones",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查分区、权重与步行距离。", "Check zones, weights and the length of walks."),
    )
