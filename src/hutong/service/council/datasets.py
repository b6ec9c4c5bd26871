"""Open data of councils: statements as anyone may read them with their published counts, and the answers to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.few import FEWEST_PEOPLE
from hutong.few import told as may_be_told
from hutong.service.council.models import KINDS, OUTCOMES, Answer, Process, Statement
from hutong.service.council.phases import DRAFT, ORDER, PHASES
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

PROCESS = (
    Column("process", "whole", Text("议事编号", "number of the process")),
    Column("process_zh", "text", Text("议题（中文）", "the question in Chinese")),
    Column("process_en", "text", Text("议题（英文）", "the question in English")),
    Column("place", "text", Text("地点路径", "path of the place")),
)


def _head(p: Process) -> tuple[Any, ...]:
    return (p.pk, p.title.zh, p.title.en, p.place.path)


def _counts(p: Process, until: dt.datetime) -> dict[int, dict[str, Any]]:
    """Return the counts of each statement as they were last published."""
    found = p.publications.filter(at__lte=until).first()
    return {} if found is None else {s["id"]: s for s in found.data["statements"]}


def _statements(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Process.objects.exclude(phase=DRAFT).filter(place__path__startswith=city.path, made__lte=until)
    for p in rows.select_related("place").order_by("pk"):
        counts = _counts(p, until)
        for s in Statement.objects.filter(process=p, hidden=False, at__lte=until).order_by("pk"):
            told = counts.get(s.pk, {})
            figures = [may_be_told(told.get(k)) for k in ("seen", "agree", "disagree")]
            yield (*_head(p), p.phase, s.pk, s.kind, timezone.localtime(s.at).date(), s.words, *figures)


def _answers(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    rows = Answer.objects.filter(
        owed__statement__process__place__path__startswith=city.path,
        owed__statement__hidden=False,
        at__lte=until,
    )
    rows = rows.exclude(owed__statement__process__phase=DRAFT).select_related(
        "owed__statement__process__place", "owed__unit"
    )
    for a in rows.order_by("pk"):
        s = a.owed.statement
        yield (
            *_head(s.process),
            s.pk,
            a.owed.unit.code,
            a.owed.since,
            a.owed.days,
            timezone.localtime(a.at).date(),
            a.outcome,
            a.words,
            a.entry,
        )


DATASETS = (
    Dataset(
        "statements",
        Text("议事看法与建议", "Statements in councils"),
        Text(
            f"公开的看法和建议，没有作者；赞成、反对数取最近一次公布的，少于 {FEWEST_PEOPLE} 人不给出。被隐藏的不在其中。",
            f"Views and proposals as anyone may read them, without their authors; counts as last published, none below {FEWEST_PEOPLE} people. What was hidden is left out.",
        ),
        (
            *PROCESS,
            Column("phase", "text", Text("阶段", "the phase"), values={n: PHASES[n].title for n in ORDER}),
            Column("statement", "whole", Text("看法编号", "number of the statement")),
            Column("kind", "text", Text("看法还是建议", "view or proposal"), values=KINDS),
            Column("day", "day", Text("提出日期", "the day")),
            Column("words", "text", Text("内容", "the words")),
            Column("seen", "whole", Text("表过态的人数", "people who answered it"), fewest=FEWEST_PEOPLE),
            Column("agree", "whole", Text("赞成人数", "who agree"), fewest=FEWEST_PEOPLE),
            Column("disagree", "whole", Text("反对人数", "who disagree"), fewest=FEWEST_PEOPLE),
        ),
        _statements,
        Text("议事会", "councils"),
        frozen=True,
    ),
    Dataset(
        "answers",
        Text("对建议的书面答复", "Written answers"),
        Text("哪个单位、在几天内、怎样答复了每条建议。", "Which unit answered each proposal, when, within how many days, and how."),
        (
            *PROCESS,
            Column("statement", "whole", Text("看法编号", "number of the statement")),
            Column("unit", "text", Text("单位代码", "code of the unit")),
            Column("since", "day", Text("从哪天起应答复", "owed from")),
            Column("days", "whole", Text("应在几天内", "within how many days"), "d"),
            Column("day", "day", Text("答复日期", "answered on")),
            Column("outcome", "text", Text("结果", "the outcome"), values=OUTCOMES),
            Column("words", "text", Text("答复", "the answer")),
            Column("ledger_entry", "whole", Text("台账条目", "entry of the ledger")),
        ),
        _answers,
        Text("议事会", "councils"),
        frozen=True,
    ),
)  # fmt: skip
