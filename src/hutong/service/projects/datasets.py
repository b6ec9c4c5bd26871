"""Open data of projects: the library, and what was made public of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.act.projects import LIBRARY
from hutong.service.projects.models import Disclosed, Project
from hutong.service.projects.policies import LISTED
from hutong.service.projects.selectors import state_title
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text


def _listed(city: Any, until: dt.datetime) -> Any:
    return Project.objects.filter(library__in=LISTED, place__path__startswith=city.path, opened__lte=until)


def _projects(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for p in _listed(city, until).select_related("place").order_by("pk"):
        budget = [t.budget_yuan for t in p.tasks.all()]
        known = sum(b for b in budget if b is not None) if budget and None not in budget else None
        state = state_title(p)
        yield (
            p.number, p.title_zh, p.title_en, p.place.path, p.procedure, ";".join(sorted(p.types)), ";".join(sorted(p.tenures)),
            p.library, p.state, state.zh, state.en, timezone.localtime(p.opened).date(), timezone.localtime(p.changed).date(), known,
        )  # fmt: skip


def _disclosures(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    last = timezone.localtime(until).date()
    rows = Disclosed.objects.filter(project__in=_listed(city, until), day__lte=last, paper__at__lte=until)
    for d in rows.select_related("project", "paper").order_by("project", "day", "pk"):
        yield (d.project.number, d.kind, d.day, d.paper.digest)


DATASETS = (
    Dataset(
        "projects",
        Text("更新项目库", "Renewal projects"),
        Text("储备库、实施库和已完成的项目，到哪一步、预算多少。", "Projects of the reserve and implementation lists and those that ended: how far each is, and its budget."),
        (
            Column("project", "text", Text("编号", "number")),
            Column("title_zh", "text", Text("名称（中文）", "name in Chinese")),
            Column("title_en", "text", Text("名称（英文）", "name in English")),
            Column("place", "text", Text("地点路径", "path of the place")),
            Column("procedure", "text", Text("办理程序", "procedure")),
            Column("types", "text", Text("类型，分号分开", "kinds, with semicolons between")),
            Column("tenures", "text", Text("产权类型，分号分开", "tenures, with semicolons between")),
            Column("list", "text", Text("在哪个库", "which list"), values={k: LIBRARY[k] for k in LISTED}),
            Column("step", "text", Text("当前步骤代码", "code of the present step")),
            Column("step_zh", "text", Text("当前步骤（中文）", "the present step in Chinese")),
            Column("step_en", "text", Text("当前步骤（英文）", "the present step in English")),
            Column("applied", "day", Text("申报日期", "applied for on")),
            Column("changed", "day", Text("最近变动", "last changed on")),
            Column("budget_yuan", "whole", Text("工程预算合计；有一项未定即为空", "budget of the works; empty while one task has none"), "¥"),
        ),
        _projects,
        Text("项目库", "the project library"),
        frozen=True,
    ),
    Dataset(
        "disclosures",
        Text("项目信息公开", "Disclosures of projects"),
        Text("各项目公开了什么、哪一天、文件的哈希。", "What each project made public, on which day, and the hash of the paper."),
        (
            Column("project", "text", Text("编号", "number of the project")),
            Column("kind", "text", Text("公开事项代码", "code of what was disclosed")),
            Column("day", "day", Text("公开日期", "the day")),
            Column("sha256", "text", Text("文件的 SHA-256", "SHA-256 of the paper")),
        ),
        _disclosures,
        Text("项目库", "the project library"),
    ),
)  # fmt: skip
