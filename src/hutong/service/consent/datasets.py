"""Open data of votes: the tallies, as they were counted and recorded. Never a ballot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.service.consent.models import Ballot
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

FIELDS = {
    "for": Text("同意", "for"), "against": Text("反对", "against"), "abstain": Text("弃权", "abstaining"),
    "silent": Text("未参加", "not taking part"),
}  # fmt: skip


def _tallies(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Ballot.objects.filter(state="counted", counted__lte=until, place__path__startswith=city.path)
    for b in rows.select_related("place").order_by("pk"):
        told = b.result
        yield (
            b.code, b.name_zh, b.name_en, b.place.path, b.matter, b.rule["id"], timezone.localtime(b.counted).date(),
            *(told["heads"][f] for f in FIELDS), told["heads"]["all"], *(told["area"][f] for f in FIELDS), told["area"]["all"],
            told["quorum"], told["passed"], told["digest"], "official" in told,
        )  # fmt: skip


DATASETS = (
    Dataset(
        "tallies",
        Text("表决结果", "Tallies of votes"),
        Text("每次计票的户数和面积，与台账所存一致；官方系统的结果另有标明；从不公布任何一张票。", "Heads and areas of every count, as the ledger holds them; results of the official system are marked; never a single ballot."),
        (
            Column("ballot", "text", Text("表决编号", "the vote")),
            Column("title_zh", "text", Text("名称（中文）", "name in Chinese")),
            Column("title_en", "text", Text("名称（英文）", "name in English")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("matter", "text", Text("事项代码", "code of the matter")),
            Column("rule", "text", Text("适用的规则", "the rule that holds")),
            Column("counted", "day", Text("计票日期", "counted on")),
            *(Column(f"heads_{n}", "whole", Text(f"{t.zh}（人数）", f"heads {t.en}")) for n, t in FIELDS.items()),
            Column("heads_all", "whole", Text("名册人数", "heads of the roll")),
            *(Column(f"area_{n}_cm2", "whole", Text(f"{t.zh}（面积）", f"area {t.en}"), "cm²") for n, t in FIELDS.items()),
            Column("area_all_cm2", "whole", Text("名册面积", "area of the roll"), "cm²"),
            Column("quorum", "flag", Text("参加是否达到比例", "whether enough took part")),
            Column("passed", "flag", Text("是否通过", "whether it passed")),
            Column("sha256", "text", Text("计票所依清单的 SHA-256", "SHA-256 of what the count rests on")),
            Column("official", "flag", Text("是否为官方系统的结果（不是本平台计的票）", "whether it is the official system's result, not counted here")),
        ),
        _tallies,
        Text("表决，依据见台账", "votes; their proof is in the ledger"),
    ),
)  # fmt: skip
