"""What stands between homes and services on foot: steps, pieces of network that join nothing, missing paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.access import join
from hutong.sense.network import Graph
from hutong.sense.notes import FAR_FROM_STREET_M
from hutong.sense.services import Service, homes, is_mapped, kinds_of, people, reach_m, served, services
from hutong.sense.walks import network, walks
from hutong.text import Text, number, percent


@dataclass(frozen=True, slots=True)
class Barrier:
    """One kind of barrier and the homes behind it."""

    kind: str  # steps | piece | far
    dwellings: int
    elders: float  # NaN: unknown
    buildings: tuple[str, ...]
    text: Text


def barriers(
    city: City, rules: Rules, some: Mapping[str, Service] | None = None, minutes: float = 15
) -> tuple[tuple[Barrier, ...], tuple[Text, ...]]:
    """Return the barriers between homes and services, and notes on what the map cannot show.

    ``steps``: homes that reach a service at an older person's pace only by way of steps. ``piece``: homes whose
    street joins the largest network nowhere. ``far``: homes farther than 100 m from any street.

    Parameters
    ----------
    some
        The services; default: all of ``services.yaml``.
    """
    chosen = services() if some is None else some
    notes = tuple(_notes(city))
    if not len(city["streets"]):
        return (), notes
    found = (
        _steps(city, reach_m(rules, "elders", minutes), chosen, minutes),
        _pieces(city),
        _far(city),
    )
    return tuple(barrier for barrier in found if barrier is not None), notes


def _steps(city: City, metres: float, chosen: Mapping[str, Service], minutes: float) -> Barrier | None:
    if not (city["streets"]["kind"] == "steps").any():
        return None
    every, level = (walks(city, kinds_of(chosen), metres, avoid=avoid) for avoid in ((), ("steps",)))
    lost = {
        service.id: (served(every, service, metres) == 1) & (served(level, service, metres) == 0)
        for service in chosen.values()
    }
    behind = np.logical_or.reduce(list(lost.values()))
    dwellings = homes(city)
    missing = [chosen[name].name for name, rows in lost.items() if dwellings[rows].sum()]

    def told(count: Text) -> Text:
        zh, en = "、".join(n.zh for n in missing), ", ".join(n.en[0].lower() + n.en[1:] for n in missing)
        return Text(
            f"{count.zh}须走台阶，老年人才能在 {minutes:g} 分钟（{number(metres, 'zh')} 米）内到达：{zh}。",
            f"From {count.en} older people reach some services within {minutes:g} minutes ({number(metres)} m) only by "
            f"steps: {en}.",
        )

    return _barrier(city, "steps", behind, told)


def _pieces(city: City) -> Barrier | None:
    graph, usable = network(city)
    joins = join(city, city["buildings"].geometry, usable)
    piece = _piece_of_node(graph)
    street = piece[city.positions("streets", "from_node")]
    total = np.bincount(street, weights=city["streets"]["length_m"].to_numpy(np.float64))
    largest = int(np.argmax(total))
    behind = (joins.tail >= 0) & (piece[joins.tail] != largest)

    def told(count: Text) -> Text:
        return Text(
            f"{count.zh}所在的道路在地图上不与主要路网相连，可能有阻隔，也可能是地图没有画全。",
            f"The streets of {count.en} join the main network nowhere on the map: there is a barrier, or the map is "
            "incomplete.",
        )

    return _barrier(city, "piece", behind, told)


def _far(city: City) -> Barrier | None:
    _, usable = network(city)
    behind = join(city, city["buildings"].geometry, usable).metres > FAR_FROM_STREET_M

    def told(count: Text) -> Text:
        return Text(
            f"{count.zh}离最近的街道超过 {FAR_FROM_STREET_M:g} 米，附近的道路可能没有画全，步行距离偏短或偏长。",
            f"{count.en[0].upper()}{count.en[1:]} lie more than {FAR_FROM_STREET_M:g} m from any street; paths near them "
            "may be missing, and their walks are unsure.",
        )

    return _barrier(city, "far", behind, told)


def _barrier(city: City, kind: str, behind: np.ndarray, told: Callable[[Text], Text]) -> Barrier | None:
    """Return a barrier, or None where no dwelling is behind it."""
    dwellings = homes(city)
    rows = np.flatnonzero(behind & (dwellings > 0))
    if not len(rows):
        return None
    count, elders = int(dwellings[rows].sum()), float(people(city, "elders")[rows].sum())
    old = Text("", "")
    if not np.isnan(elders):
        old = Text(f"（老年人 {number(elders, 'zh')} 名）", f" ({number(elders)} older people)")
    noun = "dwelling" if count == 1 else "dwellings"
    words = Text(f"{number(count, 'zh')} 套住房{old.zh}", f"{number(count)} {noun}{old.en}")
    ids = city["buildings"]["building_id"].to_numpy(dtype=object)[rows]
    return Barrier(kind, count, elders, tuple(ids), told(words))


def _piece_of_node(graph: Graph) -> np.ndarray:
    matrix = csr_array(
        (np.ones(len(graph.heads), np.int8), graph.heads, graph.indptr), shape=(graph.nodes,) * 2
    )
    return np.asarray(connected_components(matrix, directed=False)[1])


def _notes(city: City) -> Iterator[Text]:
    streets = city["streets"]
    if not len(streets):
        yield Text("没有街道网络，无法判断步行障碍。", "There is no street network: barriers cannot be told.")
        return
    unknown = float(streets["kind"].isna().mean())
    if unknown:
        yield Text(
            f"{percent(unknown, 'zh')} 的路段类别未知，其中可能有台阶。",
            f"The kind of {percent(unknown)} of streets is unknown; some may be steps.",
        )
    if is_mapped(city) and not (streets["kind"] == "steps").any():
        yield Text(
            "地图上没有画出台阶；没有画出不等于没有，无障碍通行须现场核实。",
            "No steps are drawn on the map; some may exist. Step-free ways need a look on site.",
        )
