"""Open data of the twin: the buildings of each quarter's newest published snapshot, with where every value comes from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from hutong.city.schema import ORIGINS
from hutong.service.twin.models import PUBLISHED, Snapshot
from hutong.service.twin.records import COLUMNS
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

ORIGIN = {"observed": Text("实测", "observed"), "imputed": Text("推算", "imputed"), "assumed": Text("假设", "assumed"), "unknown": Text("未知", "unknown")}  # fmt: skip
MEANS = {
    "use": Text("用途", "use"), "form": Text("形态", "form"), "storeys": Text("层数", "storeys"), "height_m": Text("高度", "height"),
    "floor_area_m2": Text("建筑面积", "floor area"), "built_year": Text("建成年份", "year of construction"), "structure": Text("结构", "structure"),
    "heritage_grade": Text("保护级别", "heritage grade"), "lift": Text("有无电梯", "whether it has a lift"), "insulated": Text("有无保温", "whether it is insulated"),
    "heating": Text("采暖方式", "heating"), "pipe_year": Text("管线年份", "year of the pipes"), "illegal": Text("是否违法建设", "whether it was built illegally"),
    "cond_structure": Text("结构状况 1–4", "condition of the structure, 1–4"), "cond_envelope": Text("围护状况 1–4", "condition of the envelope, 1–4"),
    "cond_pipes": Text("管线状况 1–4", "condition of the pipes, 1–4"), "cond_fire": Text("消防状况 1–4", "fire safety, 1–4"),
    "cond_access": Text("无障碍状况 1–4", "accessibility, 1–4"),
}  # fmt: skip
UNITS = {"height_m": "m", "floor_area_m2": "m²"}
FLAGS = ("lift", "insulated", "illegal")
WORDS = ("use", "form", "structure", "heritage_grade", "heating")


def newest(city: Any, until: dt.datetime) -> list[Snapshot]:
    """Return each quarter's newest snapshot that was public at a moment."""
    rows = Snapshot.objects.filter(
        phase=PUBLISHED, published_at__lte=until, place__path__startswith=city.path
    )
    found: dict[str, Snapshot] = {}
    for one in rows.select_related("place").order_by("place__path", "date", "pk"):
        found[one.place.path] = one
    return list(found.values())


def _buildings(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for s in newest(city, until):
        features = json.loads((s.folder / "downloads" / "buildings.geojson").read_text("utf-8"))["features"]
        for feature in sorted(features, key=lambda f: str(f["id"])):
            told = feature["properties"]
            values = (v for c in COLUMNS for v in (_cell(c, told[c]), told[f"{c}_origin"]))
            yield (s.place.path, s.date, told["building_id"], told["name"], *values, feature["geometry"])


def _cell(column: str, value: Any) -> Any:
    if value is None or column in WORDS:
        return value
    return bool(value) if column in FLAGS else float(value)


def _columns() -> tuple[Column, ...]:
    out = [
        Column("quarter", "text", Text("片区路径", "path of the quarter")),
        Column("snapshot_date", "day", Text("快照日期", "date of the snapshot")),
        Column("building_id", "text", Text("楼栋编码", "id of the building")),
        Column("name", "text", Text("名称", "name")),
    ]
    for name in COLUMNS:
        kind = "flag" if name in FLAGS else "text" if name in WORDS else "number"
        means = MEANS[name]
        out.append(Column(name, kind, means, UNITS.get(name, "")))
        origin = Text(f"“{means.zh}”从何而来", f"where “{means.en}” comes from")
        out.append(
            Column(f"{name}_origin", "text", origin, values={o: ORIGIN[o] for o in (*ORIGINS, "unknown")})
        )
    return tuple(out)


DATASETS = (
    Dataset(
        "buildings",
        Text("楼栋", "Buildings"),
        Text("各片区最新公开快照里的楼栋；每个值都注明实测、推算还是假设。不含住户。", "The buildings of each quarter’s newest published snapshot; every value says whether it was observed, imputed or assumed. No households."),
        _columns(),
        _buildings,
        Text("已公开的快照；原始来源见各快照页", "published snapshots; their own sources stand on the snapshot’s page"),
        spatial=True,
        snapshots=newest,
        frozen=True,
    ),
)  # fmt: skip
