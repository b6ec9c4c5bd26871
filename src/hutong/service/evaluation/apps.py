"""The app ``evaluation``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class EvaluationStage(Stage):
    """Evaluations, lessons and forecasts."""

    name = "hutong.service.evaluation"
    label = "evaluation"
    prefix = "evaluation/"
    menu = (MenuItem(Text("效果评估", "Evaluation"), "evaluations", order=40, group="works"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Ask residents for their view of a published evaluation that they have not answered yet."""
        from hutong.service.evaluation.selectors import to_answer

        return [
            {"template": "evaluation/home.html", "evaluation": e, "order": 40}
            for e in to_answer(request.user)
        ]

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return what came of an ended project, and what the next round takes from an evaluation."""
        from hutong.service.evaluation.following import following

        return following(user, subject)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return lessons that wait for a decision, drafts to be published, forecasts whose outcome is owed."""
        from hutong.service.evaluation.waiting import waiting

        return waiting(user, now)
