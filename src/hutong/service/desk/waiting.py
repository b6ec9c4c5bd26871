"""What waits at the desk itself: findings without an answer, answers overdue, tables that came back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from hutong.service.checkup.models import Finding, Run
from hutong.service.desk import selectors
from hutong.service.desk.models import SENT, Answer, Returned
from hutong.service.web.stage import DeskItem
from hutong.text import Text

_FINDINGS = Text("体检问题", "Findings")
#: A finding should be answered within so many days after its checkup (confidence U).
ANSWER_WITHIN = 30


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the items of the desk itself."""
    out = []
    for run in selectors.office_runs(user):
        answers = selectors.answers_of(run)
        out += _unanswered(run, selectors.unanswered(run, answers), now)
        out += [_overdue(run, a) for a in answers.values() if a.until and a.until < timezone.localdate(now)]
    rows = Returned.objects.filter(state=SENT, snapshot__place__in=selectors.office_quarters(user))
    return out + [_returned(row) for row in rows.select_related("snapshot__place", "by")]


def _unanswered(run: Run, found: list[Finding], now: dt.datetime) -> list[DeskItem]:
    """Return one item per indicator, the gravest first, so that a hundred places do not hide the rest."""
    due = run.made_at + dt.timedelta(days=ANSWER_WITHIN)
    groups: dict[str, list[Finding]] = {}
    for one in found:
        groups.setdefault(one.indicator, []).append(one)
    return [
        DeskItem(
            stage=_FINDINGS,
            what=Text(
                f"{rows[0].title.zh}：{len(rows)} 处没有答复",
                f"{rows[0].title.en}: {len(rows)} without an answer",
            ),
            where=run.place.title,
            url=f"{reverse('desk_findings', args=[run.pk])}#{indicator}",
            whom=Text("更新专班、责任规划师", "renewal office, responsible planner"),
            since=run.made_at,
            due=due,
            status="alarm" if due < now else "watch" if due - now < dt.timedelta(days=7) else "good",
        )
        for indicator, rows in groups.items()
    ]


def _overdue(run: Run, answer: Answer) -> DeskItem:
    title = (
        Text.of(run.indicators[answer.indicator]["title"])
        if answer.indicator in run.indicators
        else Text("", "")
    )
    return DeskItem(
        stage=_FINDINGS,
        what=Text(
            f"{title.zh}：已过承诺日期（{answer.title.zh}）",
            f"{title.en}: past the day promised ({answer.title.en})",
        ),
        where=run.place.title,
        url=f"{reverse('desk_findings', args=[run.pk])}#{answer.indicator}",
        since=answer.at,
        due=dt.datetime.combine(answer.until, dt.time(23, 59), tzinfo=timezone.get_current_timezone()),
        status="alarm",
    )


def _returned(row: Returned) -> DeskItem:
    return DeskItem(
        stage=Text("表格", "Tables"),
        what=Text(
            f"“{row.name}”的 {len(row.changes)} 处改动待确认",
            f"{len(row.changes)} changes of “{row.name}” wait to be applied",
        ),
        where=row.place.title,
        url=reverse("desk_returned", args=[row.pk]),
        whom=None if row.by is None else Text(row.by.get_full_name(), row.by.get_full_name()),
        since=row.at,
    )
