"""Published margins of a district, and the household tables that reproduce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hutong.city.schema import read_yaml
from hutong.city.snapshot import Source
from hutong.errors import HutongError
from hutong.text import Text

#: Largest household that is drawn (the census knows few above six).
LARGEST_HOUSEHOLD = 6


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins of one district (``margins.yaml``), by name."""

    district: str
    title: Text
    source: Source
    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        """Return one margin."""
        return self.values[name]


@cache
def read_margins(district: str) -> Margins:
    """Return the published margins of a district.

    Parameters
    ----------
    district
        Six-digit code: 110101 Dongcheng, 110102 Xicheng, 110108 Haidian.

    Raises
    ------
    HutongError
        ``unknown-district`` if no margins are recorded for the code.
    """
    raw = read_yaml(files("hutong.city").joinpath("data", "margins.yaml").read_text("utf-8"))
    if district not in raw["districts"]:
        known = ", ".join(raw["districts"])
        raise HutongError(
            "unknown-district",
            Text(
                f"没有区划代码 {district} 的普查数据。",
                f"There are no census margins for district {district}.",
            ),
            Text(f"请用其中之一：{known}。", f"Use one of {known}."),
        )
    source = raw["source"]
    return Margins(
        district,
        Text.of(raw["districts"][district]),
        Source(source["id"], source["title"], source["licence"], source["via"]),
        {name: float(spec["value"][district]) for name, spec in raw["margins"].items()},
    )


@dataclass(frozen=True, slots=True)
class HouseholdTable:
    """The joint distribution of household size, elders and children that the margins imply.

    ``size``, ``elders``, ``children`` (persons) and ``share`` (of households) are aligned arrays.
    """

    size: np.ndarray
    elders: np.ndarray
    children: np.ndarray
    share: np.ndarray

    def draw(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return size, elders and children (float64) for uniform draws in [0, 1)."""
        row = np.searchsorted(np.cumsum(self.share), uniform, side="right").clip(0, len(self.share) - 1)
        return self.size[row], self.elders[row], self.children[row]


def size_shares(mean: float, alone: float) -> np.ndarray:
    """Return the shares of households of 1..``LARGEST_HOUSEHOLD`` persons.

    The share of one-person households and the mean are published; the sizes above one follow a truncated
    geometric law with the mean that remains (an assumption: the form is not published by district).
    """
    sizes = np.arange(2, LARGEST_HOUSEHOLD + 1)
    wanted = (mean - alone) / (1 - alone)
    low, high = 1e-6, 5.0
    for _ in range(80):
        ratio = (low + high) / 2
        weights = ratio ** np.arange(len(sizes))
        low, high = (ratio, high) if weights @ sizes / weights.sum() < wanted else (low, ratio)
    return np.concatenate([[alone], (1 - alone) * weights / weights.sum()])


def _binomial(n: int, p: float) -> np.ndarray:
    """Return the binomial probabilities of 0..n for n of 0, 1 or 2."""
    return {0: np.array([1.0]), 1: np.array([1 - p, p])}.get(
        n, np.array([(1 - p) ** 2, 2 * p * (1 - p), p * p])
    )


@cache
def household_table(district: str) -> HouseholdTable:
    """Return the household table of a district.

    Size: published mean and one-person share. Elders: the published shares of households with one, two
    and three or more people of 65 and above, spread evenly over the sizes that can hold them. Children
    (0–14): up to two, never without an adult, in the published share of the population.
    """
    margins = read_margins(district)
    by_size = size_shares(margins["household_size"], margins["one_person_share"])
    rows: list[tuple[int, int, float]] = []
    pair, three = 1 - by_size[0], 1 - by_size[0] - by_size[1]
    for size, share in enumerate(by_size, start=1):
        p1 = margins["one_elder_share"]
        p2 = margins["two_elders_share"] / pair if size >= 2 else 0.0
        p3 = margins["three_elders_share"] / three if size >= 3 else 0.0
        for elders, p in enumerate((1 - p1 - p2 - p3, p1, p2, p3)):
            if p > 0:
                rows.append((size, elders, share * p))
    room = np.array([min(2, size - max(elders, 1)) for size, elders, _ in rows])
    weight = np.array([share for *_, share in rows])
    p_child = margins["children_population_share"] * margins["household_size"] / float(room @ weight)
    cells = [
        (size, elders, children, share * q)
        for (size, elders, share), most in zip(rows, room, strict=True)
        for children, q in enumerate(_binomial(int(most), p_child))
    ]
    size_, elders_, children_, share_ = (
        np.array(column, dtype=np.float64) for column in zip(*cells, strict=True)
    )
    return HouseholdTable(size_, elders_, children_, share_ / share_.sum())
