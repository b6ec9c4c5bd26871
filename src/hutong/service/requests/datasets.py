"""Open data of requests: how many by month, class and estate, small numbers withheld; and the rates by unit with intervals."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.few import FEWEST_THINGS
from hutong.sense.requests.rates import RATE_TITLES
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.requests import selectors
from hutong.service.requests.models import Request
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

CHANNEL = {True: "hotline", False: "site"}
CHANNELS = {
    "hotline": Text("市民热线（计入官方率）", "the hotline (counts for the official rates)"),
    "site": Text("本站", "this site"),
}


def _counts(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Request.objects.filter(place__path__startswith=city.path, filed__lte=until).select_related(
        "place__parent"
    )
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for r in rows.order_by("pk").iterator(chunk_size=2000):
        month = f"{timezone.localtime(r.filed):%Y-%m}"
        at = selectors.rough_place(r)
        counts[month, at.path, CHANNEL[r.channel == "hotline"], r.suggested] += 1
    titles = load_taxonomy()
    for (month, path, channel, kind), n in sorted(counts.items()):
        named = titles.title(kind)
        few = n < FEWEST_THINGS
        yield (month, path, channel, kind, named.zh, named.en, None if few else n, few)


def _rates(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for official in (True, False):
        rows = selectors.public_rates(official, city, until).sort_values(["place", "rate"]).to_dict("records")
        for r in rows:
            figures = (None if math.isnan(r[k]) else float(r[k]) for k in ("share", "low", "high"))
            yield (CHANNEL[official], r["place"], r["rate"], int(r["requests"]), int(r["known"]), *figures)


DATASETS = (
    Dataset(
        "requests",
        Text("诉求数量", "Requests by month"),
        Text(
            f"各月、各小区（或街区）、各类诉求的件数；少于 {FEWEST_THINGS} 件的不给出数字。没有内容、没有人。类别为系统判断，不随后来改动。",
            f"How many requests came by month, estate (or block) and class; numbers below {FEWEST_THINGS} are withheld. No words and no people. The class is the one first suggested and does not change later.",
        ),
        (
            Column("month", "text", Text("月份（YYYY-MM）", "the month (YYYY-MM)")),
            Column("place", "text", Text("小区或街区的路径", "path of the estate or block")),
            Column("channel", "text", Text("从哪里来", "where it came in"), values=CHANNELS),
            Column("kind", "text", Text("类别代码", "id of the class")),
            Column("kind_zh", "text", Text("类别（中文）", "the class in Chinese")),
            Column("kind_en", "text", Text("类别（英文）", "the class in English")),
            Column("requests", "whole", Text("件数；太少为空", "how many; empty where few"), Text("件", "requests").en, fewest=FEWEST_THINGS),
            Column("few", "flag", Text(f"是否少于 {FEWEST_THINGS} 件", f"whether there are fewer than {FEWEST_THINGS}")),
        ),
        _counts,
        Text("本站收到的诉求和导入的热线工单", "requests filed here and imported orders of the hotline"),
    ),
    Dataset(
        "request_rates",
        Text("接诉即办三率", "Rates of handling requests"),
        Text("各单位的响应率、解决率、满意率和按时反馈率，各带 95% 区间；官方率只计热线。", "Share of requests responded to, solved, found satisfactory and answered in time, by unit, each with its 95 % interval; only the hotline counts for the official ones."),
        (
            Column("channel", "text", Text("从哪里来", "where they came in"), values=CHANNELS),
            Column("unit", "text", Text("单位代码；空为全部", "code of the unit; empty: all")),
            Column("rate", "text", Text("哪一个率", "which rate"), values=RATE_TITLES),
            Column("requests", "whole", Text("计入的件数", "requests that count"), fewest=FEWEST_THINGS),
            Column("known", "whole", Text("有结果的件数", "of which the answer is known"), fewest=FEWEST_THINGS),
            Column("share", "number", Text("比例", "the share"), "0–1"),
            Column("low", "number", Text("95% 区间下限（Wilson 1927）", "lower end of the 95 % interval (Wilson 1927)"), "0–1"),
            Column("high", "number", Text("95% 区间上限", "its upper end"), "0–1"),
        ),
        _rates,
        Text("各工单的办理记录", "the record of each case"),
        frozen=True,
    ),
)  # fmt: skip
