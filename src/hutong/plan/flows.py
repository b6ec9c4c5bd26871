"""What may be moved between places: floor area between plots and units, money between units, each with its approval.

A flow takes from its giver and adds to its taker, so nothing is made or lost on the way (the pool ``*`` only passes on).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.errors import HutongError
from hutong.plan.problem import Row, RowBuilder
from hutong.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: A giver or taker that stands for any place.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Flow:
    """An approved transfer from one place to another, of at most ``most`` (m², or yuan a year); ``*`` is any place."""

    giver: str
    taker: str
    most: float
    approval: str


@dataclass(frozen=True)
class FlowColumns:
    """The columns of flows, and what one unit of each takes from (+1) or adds to (−1) each place, sparse (places, flows)."""

    columns: Ints
    flows: tuple[Flow, ...]
    incidence: sparse.csr_array


def add_flows(
    build: RowBuilder, name: str, title: Text, unit: str, source: Text, flows: Sequence[Flow], places: Sequence[str]
) -> FlowColumns:  # fmt: skip
    """Add a column for every flow, and the row by which the pool passes on what it takes.

    Raises
    ------
    HutongError
        ``bad-flow`` for an unknown place, a flow to itself, a limit below 0 or one without its approval.
    """
    known = {p: i for i, p in enumerate(places)}
    faults = [f"{f.giver} → {f.taker}: {why}" for f in flows if (why := _fault(f, known))]
    if faults:
        raise HutongError(
            "bad-flow",
            Text(
                f"{title.zh}有 {len(faults)} 处错误。", f"{title.en}: {len(faults)} entries cannot be used."
            ),
            Text(
                "请给出已知的两处、不小于 0 的上限和批准依据。",
                "Give two known places, a limit of at least 0 and the approval.",
            ),
            faults,
        )
    columns = build.add_columns([f.most for f in flows]) if flows else np.empty(0, np.int64)
    at, of, sign = [], [], []
    pool = np.zeros(build.columns)
    for i, f in enumerate(flows):
        for end, way in ((f.giver, 1.0), (f.taker, -1.0)):
            if end == ANY:
                pool[columns[i]] = way
            else:
                at.append(known[end])
                of.append(i)
                sign.append(way)
    if pool.any():
        build.add(Row(f"{name}.pool", title, unit, source), pool, lower=0.0, upper=0.0)
    incidence = sparse.csr_array(
        (np.array(sign), (np.array(at, int), np.array(of, int))), shape=(len(places), len(flows))
    )
    return FlowColumns(columns, tuple(flows), incidence)


def _fault(flow: Flow, known: dict[str, int]) -> str:
    for end in (flow.giver, flow.taker):
        if end != ANY and end not in known:
            return f"no such place: {end}"
    if flow.giver == flow.taker:
        return "from a place to itself"
    if not (np.isfinite(flow.most) and flow.most >= 0):
        return f"its limit is {flow.most}"
    return "" if flow.approval.strip() else "no approval is given"


def add_place_rows(
    build: RowBuilder,
    rows: Sequence[Row],
    change: sparse.sparray,
    room: Floats,
    moved: FlowColumns | None = None,
    extra: sparse.sparray | None = None,
) -> None:
    """Add, for every place: what the options change, and what flows take from it, is within its room.

    Parameters
    ----------
    change
        Sparse (places, options).
    room
        Shape (places,); NaN where unknown: no row is added there.
    extra
        Sparse (places, columns of the builder): whatever else counts.
    """
    cells = [sparse.coo_array(change)]
    shifted = [cells[0].coords[1]]
    if moved is not None and moved.flows:
        part = sparse.coo_array(moved.incidence)
        cells.append(part)
        shifted.append(moved.columns[part.coords[1]])
    if extra is not None:
        cells.append(sparse.coo_array(extra))
        shifted.append(cells[-1].coords[1])
    place = np.concatenate([c.coords[0] for c in cells])
    column, value = np.concatenate(shifted), np.concatenate([c.data for c in cells])
    known = ~np.isnan(room)
    keep = known[place]
    build.add_sparse(
        [r for r, k in zip(rows, known, strict=True) if k],
        (np.cumsum(known) - 1)[place[keep]],
        column[keep],
        value[keep],
        [-np.inf] * int(known.sum()),
        list(room[known]),
    )
