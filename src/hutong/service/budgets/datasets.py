"""Open data of small-works budgets: what was decided, with the votes of each work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.few import FEWEST_PEOPLE
from hutong.service.budgets.models import CLOSED, Budget
from hutong.service.budgets.telling import told
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _results(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Budget.objects.filter(phase=CLOSED, closed__lte=until, place__path__startswith=city.path)
    for b in rows.select_related("place").order_by("pk"):
        shares, greedy = b.result["equal_shares"]["funded"], b.result["greedy"]["funded"]
        result = told(b.result)
        for p in b.projects.all():
            key = str(p.pk)
            yield (
                b.pk, b.title.zh, b.title.en, b.place.path, b.yuan, timezone.localtime(b.closed).date(), result["voters"],
                p.pk, p.title.zh, p.title.en, p.cost, result["votes"].get(key), key in shares, key in greedy, b.entry,
            )  # fmt: skip


DATASETS = (
    Dataset(
        "budgets",
        Text("居民点单结果", "Results of small-works budgets"),
        Text("每次点单的每项工程：花费、得票、是否入选（等额分摊决定，得票多少作对照）。", "Each work of each budget: cost, votes, whether it is funded (equal shares decides; the most votes stand beside)."),
        (
            Column("budget", "whole", Text("点单编号", "number of the budget")),
            Column("title_zh", "text", Text("名称（中文）", "its name in Chinese")),
            Column("title_en", "text", Text("名称（英文）", "its name in English")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("yuan", "whole", Text("总金额", "the money"), "¥"),
            Column("closed", "day", Text("结束日期", "closed on")),
            Column("voters", "whole", Text("点单人数", "how many voted"), fewest=FEWEST_PEOPLE),
            Column("work", "whole", Text("工程编号", "number of the work")),
            Column("work_zh", "text", Text("工程（中文）", "the work in Chinese")),
            Column("work_en", "text", Text("工程（英文）", "the work in English")),
            Column("cost_yuan", "whole", Text("花费", "its cost"), "¥"),
            Column("votes", "whole", Text("得票；点单不足五人时不公布", "its votes; not told where fewer than five voted")),
            Column("funded", "flag", Text("是否入选", "whether it is funded")),
            Column("funded_by_most_votes", "flag", Text("按得票多少是否会入选", "whether the most votes would have funded it")),
            Column("ledger_entry", "whole", Text("台账条目", "entry of the ledger")),
        ),
        _results,
        Text("居民点单", "small-works budgets"),
    ),
)  # fmt: skip
