"""Renewal units 更新单元 made by compactness and balance: neighbouring estates and blocks, about as many homes in each.

Centres and members are found in turn, as in k-means, but members under a limit on how uneven the units may be: a
choice problem like that of schemes (Bradley, Bennett and Demiriz 2000, Constrained k-means clustering, MSR-TR-2000-65).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.objects import Objects
from hutong.plan.problem import Row, RowBuilder
from hutong.plan.solve import solve
from hutong.text import Text

Floats = NDArray[np.float64]
ROUNDS = 25


def make_units(city: City, objects: Objects, count: int, uneven: float = 0.35) -> dict[str, str]:
    """Return a unit (``unit-1`` …) for each estate or block with homes.

    Parameters
    ----------
    count
        How many units.
    uneven
        How far the homes of a unit may lie from the mean, as a share of it.

    Raises
    ------
    HutongError
        ``bad-units`` for more units than estates and blocks; ``infeasible`` where no division is as even as asked.
    """
    rows = np.unique(objects.estate[objects.members])
    if not 1 <= count <= rows.size:
        raise HutongError(
            "bad-units",
            Text(
                f"无法划分 {count} 个单元：只有 {rows.size} 个小区或街区。",
                f"{count} units cannot be made of {rows.size} estates and blocks.",
            ),
            Text(f"请取 1 至 {rows.size}。", f"Take 1 to {rows.size}."),
        )
    homes = np.nan_to_num(objects["dwellings"])
    middle = city["buildings"].geometry.centroid
    x, y = (np.asarray(v, float)[objects.building[objects.members]] for v in (middle.x, middle.y))
    weight = homes[objects.members]
    place = np.searchsorted(rows, objects.estate[objects.members])
    total = np.bincount(place, weight, rows.size)
    points = np.column_stack(
        [np.bincount(place, weight * v, rows.size) / np.maximum(total, 1) for v in (x, y)]
    )
    labels = compact(points, np.asarray(total, np.float64), count, uneven)
    return {objects.ids[r]: f"unit-{u + 1}" for r, u in zip(rows, labels, strict=True)}


def compact(points: Floats, weight: Floats, count: int, uneven: float) -> NDArray[np.int64]:
    """Return the unit of each point, so that weighted squared distances to the units' centres are small.

    Parameters
    ----------
    points
        Shape (points, 2), metres.
    weight
        Shape (points,).
    """
    centres = _far_apart(points, weight, count)
    labels = np.full(len(points), -1)
    for _ in range(ROUNDS):
        again = _members(points, weight, centres, uneven)
        if (again == labels).all():
            break
        labels = again
        centres = np.array(
            [
                np.average(points[labels == u], axis=0, weights=weight[labels == u] + 1e-9)
                for u in range(count)
            ]
        )
    order = np.argsort([points[labels == u].mean(axis=0).sum() for u in range(count)], kind="stable")
    return np.argsort(order)[labels]


def _far_apart(points: Floats, weight: Floats, count: int) -> Floats:
    """Return first centres: the heaviest point, then each time the point farthest from those chosen."""
    chosen = [int(np.argmax(weight))]
    while len(chosen) < count:
        near = ((points[:, None, :] - points[chosen][None, :, :]) ** 2).sum(axis=2).min(axis=1)
        near[chosen] = -1.0
        chosen.append(int(np.argmax(near)))
    return points[chosen]


def _members(points: Floats, weight: Floats, centres: Floats, uneven: float) -> NDArray[np.int64]:
    n, count = len(points), len(centres)
    far = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    cost = (far * (weight[:, None] + 1e-9)).ravel()
    cost = cost / max(float(cost.max()), 1e-12)
    group, unit = np.repeat(np.arange(n), count), np.tile(np.arange(count), n)
    mean = float(weight.sum()) / count
    title, source = Text("单元均衡", "Even units"), Text("划分要求", "the division asked for")
    build = RowBuilder.over(n * count)
    for u in range(count):
        build.add(
            Row(f"least.unit{u}", title, "homes", source),
            np.repeat(weight, count) * (unit == u),
            (1 - uneven) * mean,
            (1 + uneven) * mean,
        )
        build.add(Row(f"least.member{u}", title, "places", source), (unit == u).astype(float), lower=1.0)
    build.add_sparse(
        [Row("member", title, "places", source)] * n,
        group,
        np.arange(n * count),
        np.ones(n * count),
        [1.0] * n,
        [np.inf] * n,
    )
    problem = build.build(-cost, group, np.ones(n * count))
    chosen = solve(problem, gap=1e-6, prune=False).chosen
    return np.asarray(unit[chosen][np.argsort(group[chosen])], np.int64)
