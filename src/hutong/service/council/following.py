"""What follows in the council from a finding: what the people of its quarter are asked, or how they are asked."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

import rules
from hutong.service.checkup.models import Finding
from hutong.service.council import selectors
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("议事", "Council")
#: So many of the running processes are named.
MOST = 3


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return the processes of a finding's quarter that still run; to the office, how another is begun."""
    if not isinstance(subject, Finding):
        return []
    out = [
        DeskItem(STAGE, Text(f"议事：{p.title.zh}", f"Council: {p.title.en}"), p.place.title, reverse("council_process", args=[p.pk]), status="watch")
        for p in selectors.processes(user)
        if p.phase != "review" and (subject.place.covers(p.place) or p.place.covers(subject.place))
    ][:MOST]  # fmt: skip
    if rules.has_perm("council.make", user, subject):
        url = f"{reverse('council_new')}?place={subject.place.pk}"
        out.append(DeskItem(STAGE, Text("请居民议一议", "Ask the residents"), subject.place.title, url))
    return out
