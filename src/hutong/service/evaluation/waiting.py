"""What waits in evaluation, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.service.evaluation import selectors
from hutong.service.lessons.models import Forecast
from hutong.service.twin.models import DRAFT
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("效果评估", "Evaluation")


def waiting(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return drafts to be published, evaluations with undecided lessons, and forecasts whose outcome is owed."""
    out = []
    for e in selectors.visible(user).exclude(result=None):
        url = reverse("evaluation", args=[e.pk])
        if e.state == DRAFT and rules.has_perm("evaluation.publish", user, e):
            what = Text(f"{e.number} 算完，待公开", f"{e.number} is computed and waits to be published")
            out.append(DeskItem(STAGE, what, e.place.title, url, since=e.made_at, status="watch"))
        elif rules.has_perm("evaluation.decide", user, e) and (n := selectors.undecided(e)):
            what = Text(f"{e.number} 有 {n} 条经验待决定", f"{e.number}: {n} lessons wait for a decision")
            out.append(DeskItem(STAGE, what, e.place.title, url, since=e.published_at, status="watch"))
    return out + _owed(user, timezone.localtime(now).date())


def _owed(user: Any, today: dt.date) -> list[DeskItem]:
    rows = Forecast.objects.filter(outcome=None, due__lt=today).select_related("place").order_by("due")[:200]
    return [
        DeskItem(
            STAGE, Text(f"预测 {f.number} 到期，结果待登记", f"Forecast {f.number} came due; its outcome is owed"), f.place.title,
            reverse("forecast", args=[f.pk]), due=timezone.make_aware(dt.datetime.combine(f.due, dt.time(23, 59))), status="warn",
        )
        for f in rows
        if rules.has_perm("evaluation.settle", user, f)
    ]  # fmt: skip
