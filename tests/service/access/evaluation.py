"""What the pages of evaluation are opened on: a draft and a published evaluation, a lesson of each, a forecast."""

from __future__ import annotations

from tests.service.evaluation_case import forecast, made


def subjects(town, owner):
    draft, live = made(town), made(town, published=True)
    both = {"draft": {"pk": draft.pk}, "published": {"pk": live.pk}}
    one = {"published": {"pk": live.pk}}
    said = {"": {"pk": forecast(town).pk}}
    return {
        **dict.fromkeys(("evaluation", "evaluation_report", "evaluation_result", "evaluation_voice"), both),
        **dict.fromkeys(("evaluation_report_file", "evaluation_works", "evaluation_compute"), one),
        "evaluation_publish": {"draft": {"pk": draft.pk}},
        "evaluation_decide": {k: {**v, "n": 0} for k, v in both.items()},
        "lessons_record": {"": {"pk": town.quarter.pk}},
        **dict.fromkeys(("forecast", "forecast_settle"), said),
    }
