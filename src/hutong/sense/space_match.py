"""New uses for vacated and inefficient space: the gaps in services first, then what the lists of uses allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.rules.uses import UseVerdict, use_book, use_verdict
from hutong.sense.gaps import Gaps
from hutong.sense.services import services
from hutong.sense.vacant_space import FREE
from hutong.text import Text, number

NEED_COLUMNS = ("kind", "people", "x", "y")


def gap_needs(found: Iterable[Gaps]) -> pd.DataFrame:
    """Return located gaps in walking access as needs of :func:`match_gaps`, each at the site that would serve most.

    Returns
    -------
    kind (of facility), people (NaN: unknown), x, y, and service, dwellings, place_zh, place_en.
    """
    rows = [
        {
            "kind": services()[gaps.service].kinds[0], "people": gap.people, "x": gap.sites[0].x, "y": gap.sites[0].y,
            "service": gaps.service, "dwellings": gap.dwellings, "place_zh": gap.place.zh, "place_en": gap.place.en,
        }
        for gaps in found
        for gap in gaps.gaps
        if gap.sites
    ]  # fmt: skip
    columns = ["kind", "people", "x", "y", "service", "dwellings", "place_zh", "place_en"]
    return pd.DataFrame(rows, columns=columns)


def match_gaps(
    spaces: pd.DataFrame, needs: pd.DataFrame, rules: Rules, on: dt.date | None = None
) -> pd.DataFrame:
    """Match gaps in services with free space, the gap that concerns most people first.

    Each gap takes the nearest free space within its radius whose use the lists allow or allow on conditions and that is
    large enough; what is left of a space may serve another gap.

    Parameters
    ----------
    spaces
        From :func:`~hutong.sense.vacant_space.space_register`.
    needs
        kind (facility kind), people, x, y (m, same CRS); floor_min_m2 and radius_m may be given, else they are the
        rules' ``facility.KIND.floor_min_m2`` and ``access.radius.KIND``.
    on
        The day for which the lists of uses are read; by default that of the rules.

    Returns
    -------
    DataFrame
        One row per need in its order: need, kind, people, space_id ("" where none fits), distance_m, floor_min_m2, verdict
        (conditional, allowed, or "" where none), conditions_zh/_en, reason_zh/_en. Distances are straight lines.

    Raises
    ------
    HutongError
        ``bad-needs`` where a column is missing.

    Notes
    -----
    Greedy, and so not the largest number of gaps that could be served; the order of people is what is promised.
    """
    missing = [c for c in NEED_COLUMNS if c not in needs]
    if missing:
        raise HutongError(
            "bad-needs",
            Text(f"需求表缺少列：{'、'.join(missing)}。", f"The table of needs lacks {', '.join(missing)}."),
            Text(f"需要列 {'、'.join(NEED_COLUMNS)}。", f"It needs {', '.join(NEED_COLUMNS)}."),
        )
    left = spaces["floor_area_m2"].to_numpy(float).copy()
    free = spaces["status"].isin(FREE).to_numpy(bool)
    order = np.argsort(-np.nan_to_num(needs["people"].to_numpy(float)), kind="stable")
    found: dict[int, dict[str, Any]] = {}
    for i in order:
        found[int(i)] = _match_one(needs.iloc[i], spaces, free, left, rules, on)
    out = pd.DataFrame([found[i] for i in range(len(needs))])
    out.insert(0, "need", needs.index.to_numpy())
    return out


def _match_one(
    need: pd.Series,
    spaces: pd.DataFrame,
    free: NDArray[np.bool_],
    left: NDArray[np.float64],
    rules: Rules,
    on: dt.date | None,
) -> dict[str, Any]:
    kind = str(need["kind"])
    least = _figure(need, "floor_min_m2", f"facility.{kind}.floor_min_m2", rules)
    radius = _figure(need, "radius_m", f"access.radius.{kind}", rules)
    row: dict[str, Any] = {"kind": kind, "people": need["people"], "space_id": "", "distance_m": np.nan, "floor_min_m2": least, "verdict": "", "conditions_zh": "", "conditions_en": ""}  # fmt: skip
    use = next((u for u in use_book().uses.values() if u.facility == kind), None)
    lacking = [
        word
        for gone, word in (
            (use is None, Text("用途", "its use")),
            (np.isnan(least), Text("最小面积", "its least floor area")),
            (np.isnan(radius), Text("服务半径", "its radius")),
        )
        if gone
    ]
    if use is None or lacking:
        zh, en = "、".join(w.zh for w in lacking), " and ".join(w.en for w in lacking)
        return row | _reason(f"该类设施的{zh}未载明。", f"Of this kind {en} is not documented.")
    away = np.hypot(spaces["x"].to_numpy() - need["x"], spaces["y"].to_numpy() - need["y"])
    near = free & (away <= radius)
    if not near.any():
        return row | _reason(
            f"{number(radius, 'zh')} 米内没有可用空间。", f"No free space within {number(radius)} m."
        )
    big = near & (np.nan_to_num(left) >= least * (1 - 1e-9))
    if not big.any():
        return row | _reason(
            f"附近可用空间不足 {number(least, 'zh')} m²或面积未知。",
            f"Free space near by is under {number(least)} m², or its area is unknown.",
        )
    judged: list[tuple[int, UseVerdict]] = []
    for at in np.flatnonzero(big)[np.argsort(away[big], kind="stable")]:
        verdict = use_verdict(use.id, spaces["kind"].iat[at], rules, spaces["zone"].iat[at], on)
        judged.append((int(at), verdict))
        if verdict.verdict in ("allowed", "conditional"):
            left[at] -= least
            row |= {
                "space_id": spaces["space_id"].iat[at],
                "distance_m": float(away[at]),
                "verdict": verdict.verdict,
            }
            row["conditions_zh"] = "；".join(c.zh for c in verdict.conditions)
            row["conditions_en"] = "; ".join(c.en for c in verdict.conditions)
            return row | _reason(
                f"{use.title.zh}可设于此处，距离 {number(away[at], 'zh')} 米。",
                f"The {use.title.en} can go here, {number(away[at])} m away.",
            )
    if any(v.verdict == "prohibited" for _, v in judged):
        return row | _reason(
            "附近空间禁止用作此类设施或未载明。", "Near by the use is prohibited or not documented."
        )
    return row | _reason(
        "附近空间能否用作此类设施未载明，请询规划部门。",
        "Whether the space near by may take this use is not documented; ask the planning department.",
    )


def _reason(zh: str, en: str) -> dict[str, str]:
    return {"reason_zh": zh, "reason_en": en}


def _figure(need: pd.Series, column: str, rule: str, rules: Rules) -> float:
    if column in need.index and pd.notna(need[column]):
        return float(need[column])
    return rules.number(rule) if rule in rules else float("nan")


def possible_uses(
    spaces: pd.DataFrame, rules: Rules, on: dt.date | None = None, taken: Iterable[str] = ()
) -> pd.DataFrame:
    """Return what each free space may become, one row per space and use of which a list speaks.

    Parameters
    ----------
    taken
        Ids of spaces that gaps in services have taken (:func:`match_gaps`): these come first and are left out here.

    Returns
    -------
    DataFrame
        space_id, use, use_zh, use_en, verdict, conditions_zh/_en, lists (their titles in Chinese, joined by "；").
    """
    free = spaces[spaces["status"].isin(FREE) & ~spaces["space_id"].isin(set(taken))]
    rows = []
    for kind, zone in dict.fromkeys(zip(free["kind"], free["zone"], strict=True)):
        ids = free.loc[(free["kind"] == kind) & (free["zone"] == zone), "space_id"]
        for use in use_book().uses.values():
            found = use_verdict(use.id, kind, rules, zone, on)
            if not found.lists:
                continue
            said = {
                "use": use.id, "use_zh": use.title.zh, "use_en": use.title.en, "verdict": found.verdict,
                "conditions_zh": "；".join(c.zh for c in found.conditions),
                "conditions_en": "; ".join(c.en for c in found.conditions),
                "lists": "；".join(x.title.zh for x in found.lists),
            }  # fmt: skip
            rows += [{"space_id": i, **said} for i in ids]
    columns = ["space_id", "use", "use_zh", "use_en", "verdict", "conditions_zh", "conditions_en", "lists"]
    return pd.DataFrame(rows, columns=columns)
