"""The places a checkup speaks of, and which of them each row of a table lies in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from hutong.city import City
from hutong.city.naming import UNNAMED, with_id
from hutong.text import Text

#: The scales of :attr:`Checkup.values`: the whole quarter, estates, blocks, and the rest of a block outside its
#: estates (only where a block has both).
SCALES = ("quarter", "estate", "block", "rest")


@dataclass(frozen=True)
class Where:
    """The place of each row of a table: row positions of its estate and its block (-1: none)."""

    estate: np.ndarray
    block: np.ndarray


@dataclass(frozen=True)
class Places:
    """All places of a city, scale by scale, and how to find each row's place."""

    city: City
    ids: dict[str, np.ndarray]
    names: dict[str, np.ndarray]
    mixed: np.ndarray  # per block: does it hold both estates and homes outside them

    @classmethod
    def of(cls, city: City) -> Places:
        """Return the places of a city."""
        estates, blocks = city["estates"], city["blocks"]
        homes = _buildings(city)
        outside = homes.block[(homes.estate < 0) & (homes.block >= 0)]
        inside = city.positions("estates", "block_id")
        count = len(blocks)
        mixed = (np.bincount(outside, minlength=count) > 0) & (np.bincount(inside, minlength=count) > 0)
        block_ids = blocks["block_id"].to_numpy(dtype=object)
        return cls(
            city,
            {
                "quarter": np.array([city.meta.name], dtype=object),
                "estate": estates["estate_id"].to_numpy(dtype=object),
                "block": block_ids,
                "rest": block_ids,
            },
            {
                "quarter": np.array([city.meta.title.zh], dtype=object),
                "estate": estates["name"].to_numpy(dtype=object, na_value=None),
                "block": blocks["name"].to_numpy(dtype=object, na_value=None),
                "rest": blocks["name"].to_numpy(dtype=object, na_value=None),
            },
            mixed,
        )

    def code(self, where: Where, scale: str) -> np.ndarray:
        """Return, per row, the position of its place among ``ids[scale]`` (-1: none)."""
        if scale == "quarter":
            return np.zeros(len(where.block), np.int64)
        if scale == "estate":
            return where.estate
        if scale == "block":
            return where.block
        rest = (where.estate < 0) & (where.block >= 0)
        if len(self.mixed):
            rest &= self.mixed[where.block]
        return np.where(rest, where.block, -1)

    def title(self, scale: str, place: int) -> Text:
        """Return what a place is called in a sentence: its proper name, or words where it has none."""
        name, place_id = self.names[scale][place], str(self.ids[scale][place])
        if scale == "quarter":
            return self.city.meta.title
        if name is None:
            title = with_id(UNNAMED["estates" if scale == "estate" else "blocks"], place_id)
        else:
            title = Text(str(name), str(name))
        if scale == "rest":
            return Text(f"{title.zh}小区以外的住宅", f"homes outside estates in {title.en}")
        return title

    def label(self, scale: str, place: int) -> str:
        """Return what a place is called where there is room for one language: a proper name, or words in both."""
        title = self.title(scale, place)
        if scale == "quarter" or title.zh == title.en:
            return title.zh
        return f"{title.zh} / {title.en}"

    def labels(self, scale: str) -> np.ndarray:
        """Return the labels of all places of a scale."""
        if scale not in self._labels:
            count = len(self.ids[scale])
            self._labels[scale] = np.array([self.label(scale, i) for i in range(count)], dtype=object)
        return self._labels[scale]

    @cached_property
    def _labels(self) -> dict[str, np.ndarray]:
        return {}

    def rows(self, table: str) -> Where:
        """Return the place of each row of a table: by its building or plot, else by where its shape lies."""
        city = self.city
        if table == "buildings":
            return _buildings(city)
        if table in ("dwellings", "staircases"):
            home = _buildings(city)
            building = city.positions(table, "building_id")
            return Where(home.estate[building], home.block[building])
        if table == "estates":
            return Where(np.arange(len(city["estates"])), city.positions("estates", "block_id"))
        if table == "blocks":
            return Where(np.full(len(city["blocks"]), -1), np.arange(len(city["blocks"])))
        if table == "plots":
            return Where(city.positions("plots", "estate_id"), city.positions("plots", "block_id"))
        points = city[table].geometry.to_numpy()
        if table == "streets":
            points = shapely.line_interpolate_point(points, 0.5, normalized=True)
        return Where(_containing(city, "estates", points), _containing(city, "blocks", points))


def _buildings(city: City) -> Where:
    plot = city.positions("buildings", "plot_id")
    return Where(city.positions("plots", "estate_id")[plot], city.positions("plots", "block_id")[plot])


def _containing(city: City, table: str, points: np.ndarray) -> np.ndarray:
    """Return the first row of a table whose area contains each point (-1: none, or no point)."""
    found = np.full(len(points), -1, np.int64)
    point, area = shapely.STRtree(city[table].geometry.to_numpy()).query(points, predicate="intersects")
    order = np.argsort(-area, kind="stable")  # the lowest row is written last and stays
    found[point[order]] = area[order]
    return found
