"""What blocks, estates and buildings are called where people read it: by name, told apart by place; never by an id alone.

Many buildings of a map have no name, and many share one ("1号院"). A name that others share is given with the estate, else the
block; a building without one is said to have none, with its estate, else with what is named near it, else its block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from hutong.city.snapshot import City
from hutong.text import Text

#: Metres within which something named says where a building is (ours).
NEAR_M = 150.0
#: What a thing without a name is called.
UNNAMED = {
    "blocks": Text("未命名街区", "unnamed block"),
    "estates": Text("未命名小区", "unnamed estate"),
    "buildings": Text("未命名楼栋", "unnamed building"),
    "courtyards": Text("未命名院落", "unnamed courtyard"),
}


def with_id(title: Text, identifier: str) -> Text:
    """Return a title with the id in brackets."""
    return Text(f"{title.zh}（{identifier}）", f"{title.en} ({identifier})")


def told_apart(titles: Sequence[Text], ids: Sequence[str]) -> list[Text]:
    """Return titles, with their ids in brackets where several are the same."""
    count = Counter(titles)
    return [with_id(t, i) if count[t] > 1 else t for t, i in zip(titles, ids, strict=True)]


def titles(city: City, table: str) -> list[Text]:
    """Return what each row of ``blocks``, ``estates`` or ``buildings`` is called.

    Buildings without a name may be called alike (``told_apart``); blocks and estates without one carry their id.
    """
    names, ids = _column(city, table, "name"), _column(city, table, f"{table[:-1]}_id")
    if table != "buildings":
        whole = [
            with_id(UNNAMED[table], str(i)) if n is None else Text(n, n)
            for n, i in zip(names, ids, strict=True)
        ]
        return told_apart(whole, [str(i) for i in ids])
    shared = {n for n, k in Counter(n for n in names if n is not None).items() if k > 1}
    estate, block = _around(city, "estates"), _around(city, "blocks")
    lost = [row for row, n in enumerate(names) if n is None and estate[row] is None]
    near = dict(zip(lost, _near(city, lost), strict=True))
    yard = (city["buildings"]["form"].astype(object) == "courtyard").to_numpy(bool)
    out = []
    for row, name in enumerate(names):
        if name is not None:
            where = estate[row] or block[row] if name in shared else None
            out.append(Text(name, name) if where is None else Text(f"{where} {name}", f"{name}, {where}"))
            continue
        bare = UNNAMED["courtyards" if yard[row] else "buildings"]
        if estate[row] is not None:
            out.append(Text(f"{estate[row]} {bare.zh}", f"{bare.en}, {estate[row]}"))
        elif near[row] is not None:
            out.append(Text(f"{bare.zh}，近{near[row]}", f"{bare.en} near {near[row]}"))
        elif block[row] is not None:
            out.append(Text(f"{block[row]} {bare.zh}", f"{bare.en}, {block[row]}"))
        else:
            out.append(with_id(bare, str(ids[row])))
    return out


def _column(city: City, table: str, column: str) -> list[str | None]:
    return list(city[table][column].astype(object).where(city[table][column].notna(), None))


def _around(city: City, table: str) -> list[str | None]:
    """Return the name of the estate or block of each building (None: none, or without a name)."""
    plot = city.positions("buildings", "plot_id")
    row = np.append(city.positions("plots", f"{table[:-1]}_id"), -1)[plot]
    names = [*_column(city, table, "name"), None]
    return [names[i] for i in row]


def _near(city: City, rows: Iterable[int]) -> list[str | None]:
    """Return the nearest thing with a name within ``NEAR_M`` of each building: an estate, a facility, another building."""
    rows = list(rows)
    found = [
        (shape, name)
        for table in ("estates", "facilities", "buildings")
        for shape, name in zip(city[table].geometry, _column(city, table, "name"), strict=True)
        if name is not None and shape is not None
    ]
    if not found or not rows:
        return [None] * len(rows)
    tree = shapely.STRtree([shape for shape, _ in found])
    shapes = city["buildings"].geometry.to_numpy()[rows]
    at, nearest = tree.query_nearest(shapes, max_distance=NEAR_M, all_matches=False)
    out: list[str | None] = [None] * len(rows)
    for i, k in zip(at, nearest, strict=True):
        out[i] = found[k][1]
    return out
