"""Open data of checkups: every indicator in every place, and every finding, of the published checkups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hutong.service.checkup.models import Finding, Run, Value
from hutong.service.twin.models import PUBLISHED
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

STATUS = {
    "good": Text("达标", "good"), "watch": Text("关注", "watch"), "warn": Text("预警", "warn"),
    "alarm": Text("严重", "alarm"), "unknown": Text("未知", "unknown"),
}  # fmt: skip
SCALE = Text(
    "统计层级：quarter 片区、block 街区、estate 小区、building 楼栋",
    "the level: quarter, block, estate or building",
)
SOURCE = Text("已公开的城市体检", "published checkups")
HEAD = (
    Column("quarter", "text", Text("片区路径", "path of the quarter")),
    Column("snapshot_date", "day", Text("快照日期", "date of the snapshot")),
    Column("jurisdiction", "text", Text("依据哪里的规则", "whose rules hold")),
)


def _runs(city: Any, until: dt.datetime) -> Iterator[Run]:
    """Yield the newest published checkup of every published snapshot of a city, as it stood at a moment."""
    rows = Run.objects.filter(
        state=PUBLISHED, snapshot__phase=PUBLISHED, snapshot__place__path__startswith=city.path
    )
    rows = rows.filter(published_at__lte=until, snapshot__published_at__lte=until)
    seen = set()
    ordered = rows.select_related("snapshot__place").order_by(
        "snapshot__place__path", "snapshot__date", "-published_at", "-pk"
    )
    for run in ordered:
        if run.snapshot_id not in seen:
            seen.add(run.snapshot_id)
            yield run


def _snapshots(city: Any, until: dt.datetime) -> Iterator[Any]:
    return (run.snapshot for run in _runs(city, until))


def _head(run: Run) -> tuple[Any, ...]:
    return (run.place.path, run.snapshot.date, run.jurisdiction)


def _indicators(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for run in _runs(city, until):
        rows = (
            Value.objects.filter(run=run).exclude(scale="building").order_by("indicator", "scale", "place_id")
        )
        for v in rows.iterator(chunk_size=5000):
            told = run.indicators[v.indicator]
            yield (
                *_head(run), v.indicator, told["title"]["zh"], told["title"]["en"], told["unit"], v.scale, v.place_id, v.place_name,
                v.value, v.status, v.coverage, told["confidence"], told["source"], v.reason_zh, v.reason_en,
            )  # fmt: skip


def _findings(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for run in _runs(city, until):
        for f in Finding.objects.filter(run=run).order_by("rank"):
            yield (
                *_head(run), f.rank, f.indicator, f.scale, f.place_id, f.place_zh, f.place_en, f.status, f.value, f.standard,
                f.severity, f.coverage, f.reason_zh, f.reason_en,
            )  # fmt: skip


DATASETS = (
    Dataset(
        "indicators",
        Text("体检指标", "Indicators of the checkup"),
        Text("每次公开的体检里各指标在片区、街区、小区的值、状态和可信度。", "Every indicator of every published checkup in the quarter, its blocks and estates: value, status, confidence."),
        (
            *HEAD,
            Column("indicator", "text", Text("指标代码", "id of the indicator")),
            Column("title_zh", "text", Text("指标名称（中文）", "its name in Chinese")),
            Column("title_en", "text", Text("指标名称（英文）", "its name in English")),
            Column("unit", "text", Text("值的单位", "unit of the value")),
            Column("scale", "text", SCALE),
            Column("place_id", "text", Text("地点编码", "id of the place")),
            Column("place", "text", Text("地点名称", "name of the place")),
            Column("value", "number", Text("值；未知为空", "the value; empty where unknown")),
            Column("status", "text", Text("状态", "how it stands"), values=STATUS),
            Column("coverage", "number", Text("有数据的比例", "share of what it is about that is known"), "0–1"),
            Column("confidence", "text", Text("标准的可信度（U 为假设）", "confidence of the standard (U: an assumption)")),
            Column("source", "text", Text("标准的出处", "source of the standard")),
            Column("reason_zh", "text", Text("说明或未知的原因（中文）", "why, or why unknown, in Chinese")),
            Column("reason_en", "text", Text("说明或未知的原因（英文）", "why, or why unknown, in English")),
        ),
        _indicators,
        SOURCE,
        snapshots=_snapshots,
        frozen=True,
    ),
    Dataset(
        "findings",
        Text("体检发现的问题", "Findings of the checkup"),
        Text("每次公开的体检发现的问题，按轻重排列。", "What every published checkup found wrong, the gravest first."),
        (
            *HEAD,
            Column("rank", "whole", Text("次序", "rank")),
            Column("indicator", "text", Text("指标代码", "id of the indicator")),
            Column("scale", "text", SCALE),
            Column("place_id", "text", Text("地点编码", "id of the place")),
            Column("place_zh", "text", Text("地点名称（中文）", "name of the place in Chinese")),
            Column("place_en", "text", Text("地点名称（英文）", "name of the place in English")),
            Column("status", "text", Text("状态", "how it stands"), values=STATUS),
            Column("value", "number", Text("值", "the value")),
            Column("standard", "number", Text("标准", "the standard")),
            Column("severity", "number", Text("轻重", "severity"), "0–1"),
            Column("coverage", "number", Text("有数据的比例", "share of what it is about that is known"), "0–1"),
            Column("reason_zh", "text", Text("原因（中文）", "why, in Chinese")),
            Column("reason_en", "text", Text("原因（英文）", "why, in English")),
        ),
        _findings,
        SOURCE,
        snapshots=_snapshots,
        frozen=True,
    ),
)  # fmt: skip
