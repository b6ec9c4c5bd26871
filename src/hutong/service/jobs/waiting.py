"""The background work that is stuck, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

import rules
from hutong.service.jobs import selectors
from hutong.service.jobs.models import FAILED
from hutong.service.web.stage import DeskItem
from hutong.text import Text

#: What failed longer ago than this was seen and left.
RECENT = dt.timedelta(days=14)
#: A chore that failed so often in a row is put on the desk.
OFTEN = 3


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the work that failed lately or does not move."""
    if not rules.has_perm("jobs.see_all", user, None):
        return []
    return [*_chores(user), *_jobs(user, now)]


def _chores(user: Any) -> list[DeskItem]:
    """Return the chores that fail again and again, for who administers the site."""
    if not rules.has_perm("jobs.chores", user, None):
        return []
    return [
        DeskItem(
            stage=Text("后台任务", "Jobs"),
            what=Text(
                f"{c.title.zh}：连续失败 {c.failures} 次", f"{c.title.en}: failed {c.failures} times in a row"
            ),
            where=Text("全站", "the whole site"),
            url=reverse("jobs"),
            since=c.failed,
            status="alarm",
        )
        for c in selectors.chore_faults().filter(failures__gte=OFTEN)
    ]


def _jobs(user: Any, now: dt.datetime) -> list[DeskItem]:
    rows = selectors.stuck(selectors.visible(user)).filter(made__gt=now - RECENT)[:100]
    failed, silent = Text("失败，可重试", "failed; it can be tried again"), Text("没有进展", "does not move")
    return [
        DeskItem(
            stage=Text("后台任务", "Jobs"),
            what=Text(
                f"{job.title.zh}：{(failed if job.state == FAILED else silent).zh}",
                f"{job.title.en}: {(failed if job.state == FAILED else silent).en}",
            ),
            where=job.place.title,
            url=reverse("job", args=[job.pk]),
            whom=None if job.owner is None else Text(job.owner.get_full_name(), job.owner.get_full_name()),
            since=job.beat,
            status="alarm",
        )
        for job in rows
    ]
