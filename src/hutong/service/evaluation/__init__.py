"""Evaluation 效果共评: what the plan promised, what came, what it cost, who gained, and what the next round should change.

In: two snapshots of a quarter, the record of works between them, projects with budget and spending, residents' answers,
forecasts whose day has come. Out: a public evaluation with its report, lessons that a person accepts or refuses with a reason
(kept by :mod:`hutong.service.lessons`, read by every plan from then on), and the scores of forecasts.
"""
