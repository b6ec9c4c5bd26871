"""Figures of the whole city: a form for the 30 indicators of city scale and a city's own, and its reader.

They are read from a file that names the source of each figure; nothing here is derived from a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hutong.errors import HutongError
from hutong.sense.national import LAST_BELOW_CITY, Basic, CityFigure, national
from hutong.sense.sheets import Sheet, read_sheets
from hutong.text import Text

COLUMNS = {
    "number": Text("编号", "number"),
    "title": Text("指标", "indicator"),
    "unit": Text("单位", "unit"),
    "value": Text("数值", "value"),
    "year": Text("年份", "year"),
    "source": Text("来源（文件、统计年鉴、部门）", "source (document, yearbook, department)"),
    "note": Text("备注", "note"),
}
INSTRUCTIONS = (
    Text("每个数值都要写明年份和来源，缺一不可。", "Every value needs its year and its source."),
    Text(
        "单位为 % 的，85% 填 85；不知道的留空，不要填 0。",
        "Where the unit is %, write 85 for 85%; leave blank what is not known, never 0.",
    ),
    Text(
        "城市自己的指标可加在表后：编号写 own:名称，并写明指标与单位。",
        "A city's own indicators may follow below: number own:NAME, with title and unit.",
    ),
)


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A figure of an indicator that the city added itself."""

    id: str
    title: str
    unit: str
    value: float
    year: int
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class CityFigures:
    """What a file of a city's figures gives: those of the national check by number, and the city's own."""

    national: MappingProxyType[int, CityFigure]
    own: tuple[OwnFigure, ...]


def city_sheet() -> Sheet:
    """Return the form for the 30 indicators of city scale."""
    rows = [
        [str(b.number), f"{b.title.zh} / {b.title.en}", b.unit.zh or "个", "", "", "", b.definition.zh]
        for b in national()
        if not b.answers
    ]
    return Sheet("city", Text("城市尺度指标", "Figures of the whole city"), COLUMNS, rows, {})


def read_city_figures(path: Path) -> CityFigures:
    """Read a filled form (.csv or .xlsx).

    Raises
    ------
    HutongError
        ``invalid-city-figures`` with every row that cannot be read; ``unreadable``.
    """
    tables = read_sheets(path)
    if len(tables) != 1:
        raise _invalid(path, [f"{path.name}: expected one table, found {len(tables)}"])
    (table,) = tables.values()
    faults = [f"{path.name}: the column {c} is missing" for c in COLUMNS if c not in table.columns]
    if faults:
        raise _invalid(path, faults)
    known = {b.number: b for b in national()}
    found: dict[int, CityFigure] = {}
    own: dict[str, OwnFigure] = {}
    for line, cells in table.rows:
        if not cells["value"]:
            continue
        try:
            figure = _figure(cells, known, path.name)
            taken = own if isinstance(figure, OwnFigure) else found
            key: Any = figure.id if isinstance(figure, OwnFigure) else figure.number
            if key in taken:
                raise ValueError(f"number: {cells['number']} stands twice / 重复")
            taken[key] = figure  # type: ignore[assignment]
        except ValueError as caught:
            faults.append(f"{path.name} row {line}, {caught}")
    if faults:
        raise _invalid(path, faults)
    return CityFigures(MappingProxyType(found), tuple(own.values()))


def _figure(cells: dict[str, str], known: dict[int, Basic], file: str) -> CityFigure | OwnFigure:
    """Return the figure of one row.

    Raises
    ------
    ValueError
        With column and reason.
    """
    number = cells["number"].strip()
    value, year = _number(cells["value"]), cells["year"].strip()
    if not (year.isdigit() and 1949 <= int(year) <= 2100):
        raise ValueError(f"year: {year!r} is no year / 不是年份")
    source = cells["source"].strip()
    if not source:
        raise ValueError("source: a value needs its source / 有数值必须写来源")
    if number.startswith("own:") and len(number) > 4:
        if not cells["title"].strip() or not cells["unit"].strip():
            raise ValueError("title: an own indicator needs title and unit / 自有指标须写明指标与单位")
        return OwnFigure(
            number, cells["title"].strip(), cells["unit"].strip(), value, int(year), source, file
        )
    if not number.isdigit() or int(number) not in known:
        raise ValueError(f"number: {number!r} is none of the 61 / 不在 61 项之列")
    basic = known[int(number)]
    if basic.number <= LAST_BELOW_CITY:
        raise ValueError(
            f"number: {number} is computed from the snapshot or surveyed / 第 {number} 项由快照计算或现场调查"
        )
    if basic.share and value > 100:
        raise ValueError(f"value: {value:g}% is more than 100% / 超过 100%")
    return CityFigure(basic.number, value / 100 if basic.share else value, int(year), source, file)


def _number(word: str) -> float:
    try:
        value = float(word.strip().rstrip("%％").replace(",", ""))
    except ValueError as caught:
        raise ValueError(f"value: {word!r} is no number / 不是数") from caught
    if not 0 <= value < float("inf"):
        raise ValueError(f"value: {word!r} must be 0 or more / 不能小于 0")
    return value


def _invalid(path: Path, rows: list[str]) -> HutongError:
    return HutongError(
        "invalid-city-figures",
        Text(
            f"{path.name} 有 {len(rows)} 处不合格。", f"{path.name}: {len(rows)} rows or columns are broken."
        ),
        Text(
            "请改正所列各处后重试；没有读入任何数据。", "Mend what is listed and try again; nothing was read."
        ),
        rows,
    )
