"""Open data of schemes: the versions that were published, and what each does at which object."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.service.schemes.models import Publication, Remark
from hutong.service.schemes.selectors import version_document
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _publications(city: Any, until: dt.datetime) -> Any:
    rows = Publication.objects.filter(at__lte=until, version__scheme__place__path__startswith=city.path)
    return rows.select_related("version__scheme__place", "version__scheme__run__snapshot").order_by("pk")


def _published(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for p in _publications(city, until):
        v, s = p.version, p.version.scheme
        yield (
            s.number, s.title_zh, s.title_en, s.place.path, s.run.snapshot.date, v.n, v.version, v.digest, len(version_document(v).choices),
            timezone.localtime(p.at).date(), p.starts, p.until, p.process_id,
        )  # fmt: skip


def _objects(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    told = set()
    for p in _publications(city, until):
        v = p.version
        if v.pk in told:
            continue
        told.add(v.pk)
        for name, choice in version_document(v).choices.items():
            for measure in choice.measures or ("",):
                yield v.scheme.number, v.n, name, measure or None, choice.offer or None, choice.year


def _snapshots(city: Any, until: dt.datetime) -> Iterator[Any]:
    return (p.version.scheme.run.snapshot for p in _publications(city, until))


def _remarks(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Remark.objects.filter(
        version__scheme__place__path__startswith=city.path, statement__at__lte=until, statement__hidden=False
    )
    for r in rows.select_related("version__scheme").order_by("pk"):
        yield r.version.scheme.number, r.version.n, r.statement_id, r.object_id or None, r.measure or None


_SCHEME = Column("scheme", "text", Text("方案编号", "number of the scheme"))
_VERSION = Column("version_number", "whole", Text("第几版", "which version of it"))
_SOURCE = Text("公开征求意见的方案", "schemes put before the public")
DATASETS = (
    Dataset(
        "schemes",
        Text("公开的更新方案", "Published renewal schemes"),
        Text("每次公开征求意见的方案版本：哈希、对象数和期限。", "Each version of a scheme that was put before the public: its hash, how many objects, and from when to when."),
        (
            _SCHEME,
            Column("title_zh", "text", Text("名称（中文）", "its name in Chinese")),
            Column("title_en", "text", Text("名称（英文）", "its name in English")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("snapshot", "day", Text("依据的快照日期", "date of the snapshot that it rests on")),
            _VERSION,
            Column("version", "text", Text("内容摘要（影响结果的部分）", "digest of what bears on the result")),
            Column("digest", "text", Text("文件 SHA-256，与台账一致", "SHA-256 of its file, as in the ledger")),
            Column("objects", "whole", Text("涉及对象数", "objects at which something is done")),
            Column("published", "day", Text("公开日期", "put up on")),
            Column("starts", "day", Text("征求意见开始", "opinions from")),
            Column("until", "day", Text("征求意见结束", "opinions until")),
            Column("process", "whole", Text("听取意见的议事编号", "number of the council's process in which it is answered")),
        ),
        _published,
        _SOURCE,
    ),
    Dataset(
        "scheme_objects",
        Text("公开方案逐对象做法", "What published schemes do, object by object"),
        Text("公开过的每个版本在每个对象上的措施、政策和开工年份。", "For each published version the measures, offer and first year at each object."),
        (
            _SCHEME,
            _VERSION,
            Column("object", "text", Text("对象编号（楼栋或院落）", "id of the object: a building or a plot")),
            Column("measure", "text", Text("措施编号", "id of the measure")),
            Column("offer", "text", Text("补偿与安置政策编号", "id of the offer to households")),
            Column("year", "whole", Text("第几年开工（从 0 起）", "year in which works begin, from 0")),
        ),
        _objects,
        _SOURCE,
        snapshots=_snapshots,
    ),
    Dataset(
        "scheme_remarks",
        Text("对方案的意见说的是哪里", "What opinions on schemes are about"),
        Text("在方案页上写的每条公开意见说的是哪个对象、哪项措施；原文和答复见“议事看法与建议”“对建议的书面答复”。", "Which object and measure each public opinion written on a scheme's page is about; its words and answer are in the statements and answers of councils."),
        (
            _SCHEME,
            _VERSION,
            Column("statement", "whole", Text("看法编号", "number of the statement")),
            Column("object", "text", Text("对象编号；空：不限", "id of the object; empty: none in particular")),
            Column("measure", "text", Text("措施编号；空：不限", "id of the measure; empty: none in particular")),
        ),
        _remarks,
        _SOURCE,
        frozen=True,  # an author may withdraw a statement, and moderators hide one
    ),
)  # fmt: skip
