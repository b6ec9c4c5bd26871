"""What a reader must know before believing the checkup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely

from hutong.city.snapshot import OBSERVED
from hutong.sense.ground import Cases, Ground
from hutong.sense.results import Indicator
from hutong.text import Text, percent

#: A building farther than this from any street was probably mapped before its street was.
FAR_FROM_STREET_M = 100.0


def make_notes(
    ground: Ground, indicators: Sequence[Indicator], counted: Mapping[str, Cases]
) -> Iterator[Text]:
    """Yield the notes of a checkup, in the order in which they matter."""
    yield Text(
        "关注、预警、告警的分界值和严重程度的权重是本软件的约定，不是法定标准；标准值与出处见各指标。",
        "The bounds of watch, warning and alarm and the weights of severity are conventions of this software, not law; "
        "each indicator names its standard and source.",
    )
    if ground.mapped:
        yield Text(
            "设施取自地图，其完整性未经核实：没有画出的设施不等于不存在。整类都没有画出时，该指标记为未知。",
            "Facilities come from a map whose completeness is not verified: what is not drawn may still exist. "
            "Where none of a kind is drawn, its indicator is unknown.",
        )
    yield from _people(ground)
    yield Text(
        "步行距离沿街道量算：建筑以形心、设施以点位接到最近的街道；公园也按点位而不是边界计算。",
        "Walks follow the streets: buildings join the nearest street from their centroid and facilities from their "
        "point; parks too count at their point, not their edge.",
    )
    yield from _edge(ground, indicators, counted)
    yield from _far(ground)


def _people(ground: Ground) -> Iterator[Text]:
    origin = ground.city.origin("dwellings", "residents")
    if not len(origin) or (origin == OBSERVED).all():
        return
    seen = float(np.mean(origin == OBSERVED))
    how = Text(
        f"只有 {percent(seen)} 为实测，其余", f"are observed for {percent(seen)} of dwellings only; the rest"
    )
    if not seen:
        how = Text("均", "were not observed; they")
    yield Text(
        f"住户人数{how.zh}为推算或假定，涉及人数的数值随之而定。“实测占比”只看指标本身的数据，不看人数。",
        f"Household sizes {how.en} are imputed or assumed, and figures that count people rest on them. 'Observed' speaks "
        "of an indicator's own data, not of the people it counts.",
    )


def _edge(ground: Ground, indicators: Sequence[Indicator], counted: Mapping[str, Cases]) -> Iterator[Text]:
    """Say how many unserved people live so near the edge that they may be served from outside."""
    city = ground.city
    points = shapely.centroid(city["buildings"].geometry.to_numpy())
    if not len(points) or not len(city["streets"]):
        return
    # Streets may run on far beyond what else is mapped: the map ends where its buildings and facilities end.
    mapped = np.concatenate([points, city["facilities"].geometry.to_numpy()])
    border = shapely.boundary(shapely.convex_hull(shapely.geometrycollections(mapped)))
    to_border = shapely.distance(points, border)
    unserved = near = 0.0
    for indicator in indicators:
        if "reach" not in indicator.compute or not indicator.finding:
            continue
        cases = counted[indicator.id]
        who = np.where(cases.failing, np.nan_to_num(cases.people), 0.0)
        unserved += who.sum()
        near += who[to_border[cases.building] < indicator.compute["reach"]["metres"]].sum()
    if near:
        share = percent(near / unserved)
        yield Text(
            f"步行覆盖的缺口中，{share}（按人次）的住户离地图边缘比服务半径更近，可能由图外的设施服务。",
            f"Of those not reached on foot, {share} live nearer to the map's edge than the service radius and may be "
            "served from outside it.",
        )


def _far(ground: Ground) -> Iterator[Text]:
    lived_in = ground.homes > 0
    if not len(ground.city["streets"]) or not lived_in.any():
        return
    far = float(np.mean(ground.access.snapped_m[lived_in] > FAR_FROM_STREET_M))
    if far:
        yield Text(
            f"{percent(far, digits=1)} 的住宅离最近的街道超过 {FAR_FROM_STREET_M:g} 米，附近的道路可能没有画全。",
            f"{percent(far, digits=1)} of residential buildings lie more than {FAR_FROM_STREET_M:g} m from any street; "
            "paths near them may be missing from the map.",
        )
