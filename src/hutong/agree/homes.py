"""The homes an act is about, each with its title and what it needs to stand on a roll."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.sense.title_rule import home_titles
from hutong.text import Text

#: What a row of holdings may say a person or body is to a home.
HOLDING_KINDS = ("owner", "heir", "developer", "unit", "lessee", "successor", "co_resident")
LEVELS = ("staircase", "building", "estate")


@dataclass(frozen=True, slots=True)
class Home:
    """One home as the rolls see it; words are "" and areas None where unknown."""

    dwelling_id: str
    tenure: str
    occupancy: str
    state: str
    document: str
    unit: str
    title_id: str
    deed_cm2: int | None
    lease_cm2: int | None

    @property
    def area_cm2(self) -> int | None:
        """Deed area, or the leased area where there is no deed; None where neither is known."""
        return self.deed_cm2 or self.lease_cm2 or None

    @property
    def area_from(self) -> str:
        """Where the area comes from: deed or lease."""
        return "deed" if self.deed_cm2 else "lease"


@cache
def tenures() -> Mapping[str, Mapping[str, str]]:
    """Return the words for each tenure (``data/tenures.yaml``)."""
    read: Mapping[str, Mapping[str, str]] = read_yaml(
        files(__package__).joinpath("data", "tenures.yaml").read_text("utf-8")
    )
    return read


def homes_at(city: City, level: str, place_id: str) -> NDArray[np.int64]:
    """Return the row positions of the homes of a staircase, building or estate; a lift concerns a staircase.

    Raises
    ------
    HutongError
        For another level, or a place without homes.
    """
    if level not in LEVELS:
        raise _no_homes(level, place_id)
    dwellings = city["dwellings"]
    if level == "estate":
        plot = city.positions("dwellings", "building_id")
        buildings = city["buildings"]["plot_id"].to_numpy()[plot]
        estate = city["plots"].set_index("plot_id")["estate_id"]
        of = pd.Series(buildings).map(estate)
    else:
        of = dwellings[f"{level}_id"].reset_index(drop=True)
    rows = np.flatnonzero((of == place_id).fillna(False).to_numpy(bool))
    if not len(rows):
        raise _no_homes(level, place_id)
    return rows.astype(np.int64)


def _no_homes(level: str, place_id: str) -> HutongError:
    return HutongError(
        "no-homes",
        Text(f"{level} {place_id!r} 没有住房。", f"There are no homes at {level} {place_id!r}."),
        Text(f"层级可用 {'、'.join(LEVELS)}，并核对编号。", f"Use {', '.join(LEVELS)}, and check the id."),
    )


def read_homes(city: City, rows: NDArray[np.int64]) -> list[Home]:
    """Return the homes at row positions of ``dwellings``, with the worst state of their titles."""
    part = home_titles(city).iloc[rows]
    return [
        Home(
            dwelling_id=str(home.dwelling_id),
            tenure=str(home.tenure),
            occupancy=str(home.occupancy),
            state=str(home.state),
            document=str(home.document),
            unit=str(home.managing_unit),
            title_id=str(home.title_id),
            deed_cm2=_cm2(home.deed_cm2),
            lease_cm2=_cm2(home.lease_cm2),
        )
        for home in part.itertuples(index=False)
    ]


def _cm2(value: float) -> int | None:
    return None if np.isnan(value) else round(float(value))


def holder_token(kind: str, name: str) -> str:
    """Return an opaque token for a holder that is known only by its document or its unit's name."""
    return f"{kind[0]}-{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Holdings:
    """Who holds what: for each home and kind, the tokens in order, and the representative where one is named."""

    by_home: Mapping[tuple[str, str], tuple[str, ...]]
    representative: Mapping[tuple[str, str], str]

    def of(self, dwelling_id: str, *kinds: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (all holders, who of them decides) of the first kind that is recorded."""
        for kind in kinds:
            everyone = self.by_home.get((dwelling_id, kind), ())
            if everyone:
                named = self.representative.get((dwelling_id, kind))
                return everyone, everyone if named is None else (named,)
        return (), ()

    @classmethod
    def from_table(cls, table: pd.DataFrame, known: Iterable[str]) -> Holdings:
        """Read ``dwelling_id``, ``holder`` (opaque token), ``kind`` and, if given, ``representative`` (bool).

        Raises
        ------
        HutongError
            Naming every row whose home is not in ``known``, whose holder is missing, whose kind is unknown, or that
            names a second representative.
        """
        missing = [c for c in ("dwelling_id", "holder", "kind") if c not in table]
        if missing:
            raise _bad_holdings([f"column {c} is missing" for c in missing])
        homes, rows = set(known), []
        by_home: dict[tuple[str, str], tuple[str, ...]] = {}
        chosen: dict[tuple[str, str], str] = {}
        marks = table["representative"] if "representative" in table else [False] * len(table)
        for i, (home, holder, kind, mark) in enumerate(
            zip(table["dwelling_id"], table["holder"], table["kind"], marks, strict=True)
        ):
            key = (str(home), str(kind))
            rows += [f"row {i}: {said}" for said in _row_faults(home, holder, kind, homes)]
            if mark is True or mark is np.True_:
                if key in chosen:
                    rows.append(f"row {i}: {home} has a second representative")
                chosen[key] = str(holder)
            by_home[key] = (*by_home.get(key, ()), str(holder))
        if rows:
            raise _bad_holdings(rows)
        return cls(by_home, chosen)


def _row_faults(home: Any, holder: Any, kind: Any, homes: set[str]) -> Iterable[str]:
    if str(home) not in homes:
        yield f"no home {home!r}"
    if holder is None or holder != holder or holder == "":
        yield "the holder is missing"
    if kind not in HOLDING_KINDS:
        yield f"kind {kind!r}; expected one of {', '.join(HOLDING_KINDS)}"


def _bad_holdings(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-holdings",
        Text(f"权利人表有 {len(rows)} 处不合格。", f"The table of holders is broken in {len(rows)} places."),
        Text(
            "列为 dwelling_id、holder（代号）、kind；请更正所列各行。",
            "It has dwelling_id, holder (a token) and kind; correct the rows listed.",
        ),
        rows,
    )
