"""Who may decide: the roll of heads with the area each one holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hutong.errors import HutongError
from hutong.text import Text


@dataclass(frozen=True, eq=False)
class Roll:
    """Heads and their exclusive areas; ballots are given in this order.

    Parameters
    ----------
    heads
        One id per head (n,), each once.
    area_cm2
        Exclusive area of each head (n,) in whole cm² > 0.

    Raises
    ------
    HutongError
        Naming the rows whose head is missing or stands twice, or whose area is not a positive whole number.
    """

    heads: tuple[str, ...]
    area_cm2: NDArray[np.int64]

    def __post_init__(self) -> None:
        area = _whole_cm2(self.area_cm2, self.heads)
        area.setflags(write=False)
        object.__setattr__(self, "area_cm2", area)
        if len(self._row) != len(self.heads):
            seen: set[str] = set()
            twice = [h for h in self.heads if h in seen or seen.add(h)]  # type: ignore[func-returns-value]
            raise _bad_roll([f"head {h}: stands twice" for h in twice])

    @classmethod
    def from_units(cls, holder_ids: Iterable[Any], area_cm2: ArrayLike) -> Roll:
        """Return the roll of the holders of units: several units of one holder are one head.

        The developer's unsold flats, or the homes that an owner unit still owns, carry its one id and so
        are one head too. Heads stand in order of first appearance.

        Parameters
        ----------
        holder_ids
            Holder of each unit (u,).
        area_cm2
            Exclusive area of each unit (u,), whole cm².

        Notes
        -----
        Counting of heads: 最高人民法院 interpretation on condominium ownership, art. 9 (one buyer of several
        units, and the developer's unsold units, count as one; confidence K).
        """
        holders = list(holder_ids)
        missing = [
            f"unit {i + 1}: the holder is missing"
            for i, h in enumerate(holders)
            if h is None or h != h or h == ""
        ]
        if missing:
            raise _bad_roll(missing)
        names = [str(h) for h in holders]
        area = _whole_cm2(area_cm2, names)
        heads = tuple(dict.fromkeys(names))
        row = {h: i for i, h in enumerate(heads)}
        total = np.zeros(len(heads), np.int64)
        np.add.at(total, np.array([row[h] for h in names], np.int64), area)
        return cls(heads, total)

    def __len__(self) -> int:
        return len(self.heads)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Roll) and self.hash == other.hash

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)

    @property
    def total_cm2(self) -> int:
        """Area of all heads in cm²."""
        return int(self.area_cm2.sum())

    @cached_property
    def _row(self) -> dict[str, int]:
        return {h: i for i, h in enumerate(self.heads)}

    def rows(self, holder_ids: Iterable[Any]) -> NDArray[np.int64]:
        """Return the position of each holder in the roll, -1 for who is not on it."""
        return np.array([self._row.get(str(h), -1) for h in holder_ids], np.int64)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the heads and areas, whatever their order."""
        rows = sorted(zip(self.heads, self.area_cm2.tolist(), strict=True))
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _bad_roll(rows: Sequence[str]) -> HutongError:
    return HutongError(
        "bad-roll",
        Text(f"名册有 {len(rows)} 处不合格。", f"The roll has {len(rows)} broken rows."),
        Text(
            "请核对产权人和专有面积（整数平方厘米）。", "Check holders and areas (whole cm²) and try again."
        ),
        rows,
    )


def _whole_cm2(area_cm2: ArrayLike, names: Sequence[str]) -> NDArray[np.int64]:
    """Return areas as int64; a table's float column is taken only where every value is whole."""
    given = np.array(area_cm2)
    if given.shape != (len(names),):
        raise _bad_roll([f"{len(names)} holders but areas of shape {given.shape}"])
    if len(names) == 0:
        return np.zeros(0, np.int64)
    if given.dtype.kind not in "iuf":
        raise _bad_roll([f"areas are {given.dtype}, not numbers"])
    with np.errstate(invalid="ignore"):
        bad = ~((given > 0) & (given < 2**53) & (given == np.floor(given)))
    rows = [
        f"{names[i]}: area {given[i]} is not a positive whole number of cm²"
        for i in np.flatnonzero(bad).tolist()
    ]
    if rows:
        raise _bad_roll(rows)
    return given.astype(np.int64)
