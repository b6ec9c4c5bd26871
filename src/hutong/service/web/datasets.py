"""What an app gives away as open data: tables with a dictionary, of what is public and of nothing else.

An app names its tables in ``datasets.py`` and returns them from ``Stage.datasets``. Every column says what it means, its
unit and where it comes from; one that counts people says below which number it is withheld, and a smaller count is
refused when a file is written. There is no way to mark a column as personal: what is personal has no column.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hutong.text import Text

#: What a cell may be: text, a whole number, a number, yes or no, a day, a moment (UTC). Any may be unknown (None).
KINDS: Mapping[str, Text] = {
    "text": Text("文字", "text"),
    "whole": Text("整数", "whole number"),
    "number": Text("小数", "number"),
    "flag": Text("是否", "yes or no"),
    "day": Text("日期", "date"),
    "moment": Text("时刻（UTC）", "moment (UTC)"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it means, its unit, the words of its values where they are codes, and from which count on it shows.

    ``source`` is set where it differs from the dataset's. ``fewest``: a count of people below this is never written.
    """

    name: str
    kind: str
    means: Text
    unit: str = ""
    values: Mapping[str, Text] = field(default_factory=dict)
    source: Text | None = None
    fewest: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(self.kind)


#: Returns the rows of a city, as public at a moment, in an order of their own that never changes.
Rows = Callable[[Any, dt.datetime], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of open data.

    Attributes
    ----------
    rows
        ``rows(city, until)``: what lies in the place ``city`` and was public at ``until``, a value for each column.
    source
        Where the rows come from.
    spatial
        Rows end with one value more: a GeoJSON geometry in WGS 84, or None.
    snapshots
        ``snapshots(city, until)``: the snapshots whose contents those rows hold, each with its ``sources``. The table is given
        under what they ask; none where it holds nothing of a snapshot.
    frozen
        Whether what it shows may change afterwards without a trace, so that only the kept file says how it was.
    """

    id: str
    title: Text
    about: Text
    columns: tuple[Column, ...]
    rows: Rows
    source: Text
    spatial: bool = False
    snapshots: Callable[[Any, dt.datetime], Iterable[Any]] = lambda _city, _until: ()
    frozen: bool = False
