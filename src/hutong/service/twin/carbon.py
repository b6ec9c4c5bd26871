"""Carbon of a snapshot's buildings in operation: a layer of the map, and each building's figure with what it rests on."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hutong.city import City
from hutong.errors import HutongError
from hutong.report.map_layers import Layer
from hutong.rules import Rules
from hutong.sense.carbon import Carbon, operational
from hutong.text import UNKNOWN, Text

#: From how many kg CO2 per m² and year a class begins (ours).
BOUNDS = (0, 40, 55, 70, 85, 100)
TABLE, FACTORS = "carbon.parquet", "carbon.json"
#: A dossier reads one group of so many rows.
GROUP = 1000
PARTS = ("heat", "electricity", "gas", "total")


@dataclass(frozen=True)
class Share:
    """A part of a building's carbon, in tonnes CO2 a year; both bounds are None where it is unknown."""

    part: str
    low_t: float | None
    high_t: float | None


@dataclass(frozen=True)
class BuildingCarbon:
    """What a building emits in a year: its parts, why the total is unknown, and the factors with source and confidence."""

    shares: tuple[Share, ...]
    reason: Text
    factors: tuple[dict[str, Any], ...]


def per_m2(carbon: Carbon) -> np.ndarray:
    """Return the middle of each building's range in kg CO2 per m² and year; NaN where it is unknown."""
    table = carbon.buildings
    floor = table["floor_m2"].to_numpy(float)
    middle = (table["total_low"].to_numpy(float) + table["total_high"].to_numpy(float)) / 2
    return np.divide(middle, floor, out=np.full(len(floor), np.nan), where=floor > 0)


def carbon_layer(carbon: Carbon) -> Layer:
    """Return buildings by what a square metre of them emits in a year."""
    each = per_m2(carbon)
    codes = np.where(np.isnan(each), -1, np.digitize(np.nan_to_num(each), BOUNDS) - 1)
    names = [Text(f"{a}–{b} 千克", f"{a}–{b} kg") for a, b in itertools.pairwise(BOUNDS)]
    return Layer(
        "carbon",
        Text("运行碳排放", "Carbon in operation"),
        (*names, Text(f"{BOUNDS[-1]} 千克及以上", f"{BOUNDS[-1]} kg or more")),
        codes,
        ~np.isnan(each),
        UNKNOWN,
        Text(
            "每平方米每年的二氧化碳，取估算区间的中值；多数系数为假设，见各栋档案。",
            "CO₂ per square metre and year, the middle of the estimated range; most factors are assumptions, see a dossier.",
        ),
        "carbon",
    )


def write_carbon(city: City, rules: Rules, folder: Path) -> Layer | None:
    """Write every building's carbon into a folder and return its layer; None where the rules of the day lack a factor.

    The reason then stands in the folder, and dossiers show it.
    """
    try:
        carbon = operational(city, rules)
    except HutongError as caught:
        (folder / FACTORS).write_text(
            json.dumps({"why": {"zh": caught.what.zh, "en": caught.what.en}}, ensure_ascii=False), "utf-8"
        )
        return None
    columns = [f"{part}_{end}" for part in PARTS for end in ("low", "high")]
    table = carbon.buildings[[*columns, "reason_zh", "reason_en"]]
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False),
        folder / TABLE,
        row_group_size=GROUP,
        compression="zstd",
    )
    factors = [
        {
            "zh": f.title.zh, "en": f.title.en, "low": f.low, "high": f.high, "unit": f.unit, "source": f.source,
            "confidence": f.confidence,
        }
        for f in carbon.factors
    ]  # fmt: skip
    (folder / FACTORS).write_text(json.dumps({"factors": factors}, ensure_ascii=False), "utf-8")
    return carbon_layer(carbon)


def carbon_of(folder: Path, row: int) -> BuildingCarbon | None:
    """Return the carbon of the building in a row of a snapshot; None where it was imported before carbon was kept."""
    if not (folder / FACTORS).is_file():
        return None
    why, factors = factors_of(folder)
    if why is not None:
        return BuildingCarbon((), why, ())
    group = _rows(folder, row // GROUP)
    found = {name: group.column(name)[row % GROUP].as_py() for name in group.column_names}

    def tonnes(name: str) -> float | None:
        value = found[name]
        return None if value is None or np.isnan(value) else value / 1000

    shares = tuple(Share(p, tonnes(f"{p}_low"), tonnes(f"{p}_high")) for p in PARTS)
    return BuildingCarbon(shares, Text(found["reason_zh"], found["reason_en"]), factors)


# a snapshot's files never change: what was read of them is kept by the process


@lru_cache(maxsize=16)
def factors_of(folder: Path) -> tuple[Text | None, tuple[dict[str, Any], ...]]:
    """Return why a snapshot has no carbon (None: it has), and the factors that its carbon rests on."""
    kept = json.loads((folder / FACTORS).read_text("utf-8"))
    return (Text.of(kept["why"]), ()) if "why" in kept else (None, tuple(kept["factors"]))


@lru_cache(maxsize=256)
def _rows(folder: Path, group: int) -> pa.Table:
    return pq.ParquetFile(folder / TABLE).read_row_group(group)
