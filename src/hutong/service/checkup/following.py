"""What follows from a checkup: that it is opened to everyone, and that somebody goes on with a finding."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

import rules
from hutong.service.accounts.roles import OFFICE, roles
from hutong.service.checkup.models import Run
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("体检", "Checkup")
#: Who opens a checkup to everyone.
PUBLISHES = ("subdistrict", "district", "city")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return what comes after a checkup, for its page."""
    if not isinstance(subject, Run):
        return []
    at = subject.place.title
    if subject.state == "draft":
        may = rules.has_perm("checkup.publish", user, subject)
        return [
            DeskItem(
                STAGE,
                Text("公开体检结果", "Open the checkup to everyone"),
                at,
                "",
                _named(PUBLISHES),
                mine=may,
            )
        ]
    what = Text(
        "从一条问题接着办：议事或申报项目", "Go on with a finding: ask the residents, or apply for a project"
    )
    may = rules.has_perm("checkup.make", user, subject)
    return [
        DeskItem(STAGE, what, at, reverse("checkup_findings", args=[subject.pk]), _named(OFFICE), mine=may)
    ]


def _named(which: tuple[str, ...]) -> Text:
    titles = [roles()[r].title for r in which]
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
