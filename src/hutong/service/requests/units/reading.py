"""Tables of units and of the dispatch catalogue: every broken row is named, and nothing is taken in unless all are whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from hutong.act.cases import DispatchRow, read_catalogue
from hutong.errors import HutongError, Row
from hutong.sense.requests.sheet import read_sheet
from hutong.service.accounts.models import User
from hutong.service.accounts.selectors import user_named
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.service.requests.models import Unit
from hutong.service.requests.selectors import OFFICES
from hutong.service.requests.units import selectors, services
from hutong.text import Text

COLUMNS = ("code", "name_zh", "name_en", "place", "people")


@transaction.atomic
def take_units(path: Path, scope: Place, by: User | None) -> int:
    """Make or rename the units of a table (code, name_zh, name_en, place, people); return how many.

    Parameters
    ----------
    path
        CSV or .xlsx; ``place`` is a path or a name, empty for ``scope``; ``people`` are user names between ``;``.

    Raises
    ------
    HutongError
        ``units-broken`` with every broken row; nothing is written then.
    """
    table = read_sheet(path, None)
    wrong: list[str] = [
        Row(f"{path.name}：缺少“{c}”列", f"{path.name}: column {c!r} is missing")
        for c in ("code", "name_zh")
        if c not in table.columns
    ]
    places, count = _places(scope), 0
    for at, cells in enumerate([] if wrong else table.to_dict("records"), start=2):
        said = {c: _said(cells.get(c)) for c in COLUMNS}
        place = places.get(said["place"])
        people = [name.strip() for name in said["people"].replace("；", ";").split(";") if name.strip()]
        users = {name: user_named(name) for name in people}
        faults = []
        if place is None:
            faults.append(Text(f"没有地点“{said['place']}”", f"there is no place {said['place']!r}"))
        if not said["name_zh"]:
            faults.append(Text("缺少名称", "the name is missing"))
        faults += [
            Text(f"没有用户“{n}”", f"there is no user {n!r}") for n, user in users.items() if user is None
        ]
        if place is not None and not faults:
            try:
                title = Text(said["name_zh"], said["name_en"] or said["name_zh"])
                unit = services.make_unit(said["code"], place, title, by)
                for user in users.values():
                    if user is not None:
                        services.enlist(user, unit, by)
            except HutongError as caught:
                faults.append(caught.what)
        wrong += [_row(path, at, fault) for fault in faults]
        count += not faults
    return _whole(path, wrong, count, "units-broken", COLUMNS)


@transaction.atomic
def take_dispatch(path: Path, scope: Place, by: User | None) -> int:
    """Take in a dispatch catalogue (category, place, unit, helpers, from, until) for a place; return how many rows.

    Raises
    ------
    HutongError
        As :func:`~hutong.act.cases.read_catalogue`; ``dispatch-broken`` with every row whose unit or place is not known.
    """
    rows = read_catalogue(path).rows
    places, wrong = _places(scope), []
    for at, row in enumerate(rows, start=2):
        place = places.get(row.place)
        if place is None:
            told = Text(f"没有地点“{row.place}”", f"there is no place {row.place!r}")
            wrong.append(_row(path, at, told))
            continue
        wrong += [_row(path, at, fault) for fault in _take(row, place, by)]
    return _whole(
        path,
        wrong,
        len(rows),
        "dispatch-broken",
        ("category", "place", "unit", "helpers", "from", "until"),
    )


def _take(row: DispatchRow, place: Place, by: User | None) -> list[Text]:
    """Set a row of the catalogue; return what is wrong with it."""
    serving = {u.code: u for u in _serving(place)}
    unknown = [code for code in (row.unit, *row.helpers) if code not in serving]
    unknown = [code for code in unknown if code not in OFFICES or code == row.unit]
    if unknown:
        return [Text(f"没有单位“{code}”", f"no unit here has the code {code!r}") for code in unknown]
    services.take(serving[row.unit], row.category, place, row.helpers, row.start, by, row.until)
    return []


def _serving(place: Place) -> Sequence[Unit]:
    from hutong.service.requests.selectors import units_at

    return units_at(place)


def _places(scope: Place) -> dict[str, Place]:
    """Return the places of a scope by path and by name; a name that two of them bear names neither."""
    rows = list(within(scope).filter(kind__in=(*selectors.SERVED, "quarter")))
    names: dict[str, list[Place]] = {}
    for place in rows:
        for name in {place.name_zh, place.name_en}:
            names.setdefault(name, []).append(place)
    out = {name: found[0] for name, found in names.items() if len(found) == 1}
    return out | {place.path: place for place in rows} | {"": scope}


def _said(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _row(path: Path, at: int, fault: Text) -> Row:
    return Row(f"{path.name} 第 {at} 行：{fault.zh}", f"{path.name}, row {at}: {fault.en}")


def _whole(path: Path, wrong: Sequence[str], count: int, code: str, columns: Sequence[str]) -> int:
    """Return how many rows came in, or raise all that is wrong, so that nothing is kept."""
    if wrong:
        raise HutongError(
            code,
            Text(
                f"{path.name} 有 {len(wrong)} 处不合格，什么也没有导入。",
                f"{path.name}: nothing was taken in; faults: {len(wrong)}.",
            ),
            Text(
                f"列为 {'、'.join(columns)}；改正后重新导入。",
                f"Its columns are {', '.join(columns)}; mend it and take it in again.",
            ),
            wrong,
        )
    return count
