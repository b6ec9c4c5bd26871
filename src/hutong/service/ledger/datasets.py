"""Open data of the ledger: every entry at a place of the city, as its canonical text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hutong.act.ledger import act_kinds
from hutong.service.ledger.models import Entry
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _entries(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    over = until - dt.timedelta(
        microseconds=999_999
    )  # entries tell whole seconds: those of one that is not over wait
    rows = (
        Entry.objects.filter(at__lte=over, place__path__startswith=city.path)
        .select_related("place")
        .order_by("index")
    )
    for e in rows.iterator(chunk_size=5000):
        yield (e.index, e.act, e.at, e.place.path, bytes(e.leaf).hex(), e.data)


DATASETS = (
    Dataset(
        "ledger",
        Text("存证台账", "The public ledger"),
        Text("台账里本市各地点的每一条；个人信息只有加盐的承诺值。整本台账和校验程序在“台账”页下载。", "Every entry of the ledger at a place of this city; what is personal is only a salted commitment. The whole ledger with its checker is on the page “Ledger”."),
        (
            Column("index", "whole", Text("第几条", "number of the entry")),
            Column("act", "text", Text("行为", "the act"), values={k: a.title for k, a in act_kinds().items()}),
            Column("at", "moment", Text("时间", "when")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("leaf", "text", Text("叶哈希（RFC 6962）", "hash of the leaf (RFC 6962)")),
            Column("data", "text", Text("条目的规范文本", "the entry’s canonical text")),
        ),
        _entries,
        Text("存证台账", "the public ledger"),
    ),
)  # fmt: skip
