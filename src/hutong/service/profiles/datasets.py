"""Open data of profiles: every measure of every place with its interval, in the order of the tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from hutong.agree.grassroots import Count, estimate, measures
from hutong.service.profiles.models import Counted
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _rows(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Counted.objects.filter(place__path__startswith=city.path, made__lte=until).select_related("place")
    for c in rows.order_by("place__path"):
        for (start, end), counts in zip(c.data["periods"], c.data["counts"], strict=True):
            days = (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
            for name in sorted(counts):
                yes, n = counts[name]
                e = estimate(measures()[name], Count(int(yes), float(n)))
                figures = (e.value, e.low, e.high) if e.known else (None, None, None)
                yield (c.place.path, *days, name, int(yes), float(n), *figures)


DATASETS = (
    Dataset(
        "profiles",
        Text("基层治理画像", "Grass-roots profiles"),
        Text("各街道、社区由自己的记录算出的每项指标，各带 95% 区间。没有总分，没有名次。", "Every measure of every subdistrict and community from its own record, each with its 95 % interval. No total and no rank."),
        (
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("start", "day", Text("时段起", "first day of the period")),
            Column("end", "day", Text("时段止（不含）", "day after its last")),
            Column("measure", "text", Text("哪一项", "which measure"), values={k: m.title for k, m in measures().items()}),
            Column("yes", "whole", Text("计数", "what was counted")),
            Column("n", "number", Text("总数或暴露量", "of how many, or the exposure")),
            Column("value", "number", Text("值；没有可数的为空", "the value; empty where nothing was counted")),
            Column("low", "number", Text("95% 区间下限", "lower end of the 95 % interval")),
            Column("high", "number", Text("95% 区间上限", "its upper end")),
        ),
        _rows,
        Text("各地点自己的记录", "each place’s own record"),
        frozen=True,
    ),
)  # fmt: skip
