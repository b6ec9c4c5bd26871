"""Open data of operation: what operators reported of their contracts, and the floor-area account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hutong.act.contracts.returns import LEVELS, LINES
from hutong.act.floor import kinds
from hutong.service.operation.models import Contract, FiledReturn, FloorEntry
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _returns(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    shown = Contract.objects.filter(place__path__startswith=city.path).exclude(
        state__in=("drafted", "dropped")
    )
    newest: dict[tuple[int, str], FiledReturn] = {}
    for r in (
        FiledReturn.objects.filter(contract__in=shown, at__lte=until)
        .select_related("contract__place")
        .order_by("at", "pk")
    ):
        newest[r.contract_id, r.period] = r
    for _, r in sorted(newest.items()):
        head = (r.contract.number, r.contract.title_zh, r.contract.title_en, r.contract.place.path, r.period)
        for name in sorted(r.yuan):
            yield (*head, name, float(r.yuan[name]), "yuan", r.digest)
        for name in sorted(r.levels):
            yield (*head, name, float(r.levels[name]), "level", r.digest)


def _floor(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = FloorEntry.objects.filter(district__path__startswith=city.path, at__lte=until)
    for e in rows.select_related("district", "place", "to").order_by("district__path", "n"):
        to = None if e.to is None else e.to.path
        yield (
            e.district.path,
            e.n,
            e.kind,
            e.day,
            e.place.path,
            to,
            e.cm2,
            e.approval,
            e.uncounted or None,
            e.of,
        )


DATASETS = (
    Dataset(
        "returns",
        Text("运营报送", "Operators’ returns"),
        Text("各运营合同每期报送的收支和服务水平；更正的以最新一份为准。", "What operators reported of each contract and period: money and service levels; a correction replaces what it corrects."),
        (
            Column("contract", "text", Text("合同编号", "number of the contract")),
            Column("title_zh", "text", Text("名称（中文）", "name in Chinese")),
            Column("title_en", "text", Text("名称（英文）", "name in English")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("period", "text", Text("时期（YYYY 或 YYYYQn）", "the period (YYYY or YYYYQn)")),
            Column("item", "text", Text("报送项目", "what is reported"), values={**{k: v[2] for k, v in LINES.items()}, **LEVELS}),
            Column("value", "number", Text("值", "the value"), "¥ / 件 / 天 / %"),
            Column("kind", "text", Text("金额还是服务水平", "money or a service level"), values={"yuan": Text("元", "yuan"), "level": Text("服务水平", "service level")}),
            Column("sha256", "text", Text("报送文件的 SHA-256", "SHA-256 of the return")),
        ),
        _returns,
        Text("运营方的定期报送", "the operators’ periodic returns"),
    ),
    Dataset(
        "floor_area",
        Text("建筑规模账", "Floor-area account"),
        Text("各区建筑规模账的每一笔，各注批准文件。", "Every booking of the districts’ floor-area accounts, each with its approval."),
        (
            Column("district", "text", Text("区的路径", "path of the district")),
            Column("number", "whole", Text("第几笔", "number of the booking")),
            Column("kind", "text", Text("哪一种", "which kind"), values={k: v.title for k, v in kinds().items()}),
            Column("day", "day", Text("批准日期", "day of the approval")),
            Column("place", "text", Text("单元路径", "path of the unit")),
            Column("to", "text", Text("转入单元路径", "path of the unit that receives")),
            Column("area_cm2", "whole", Text("面积", "area"), "cm²"),
            Column("approval", "text", Text("批准文件", "the approval")),
            Column("uncounted", "text", Text("不计容的依据代码", "why it is not counted")),
            Column("reverses", "whole", Text("冲销第几笔", "which booking it reverses")),
        ),
        _floor,
        Text("建筑规模账", "the floor-area account"),
    ),
)  # fmt: skip
