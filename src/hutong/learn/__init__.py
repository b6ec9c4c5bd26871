"""Feedback 反馈: what was promised beside what came, and what is believed after it.

In: snapshots before and after, the record of works, forecasts and their outcomes, documented patterns. Out: effects by
matched comparison with intervals, an evaluation, lessons that a person may accept, scores of forecasts, and the
parameters of a simulator that agree with what is documented.
"""

from hutong.learn.abc import Check, Fit, Range, calibrate
from hutong.learn.belief import NormalBelief, RatioBelief, ShareBelief
from hutong.learn.effects import effects
from hutong.learn.evaluation import Evaluation, evaluate
from hutong.learn.lessons import carried, lessons, lessons_record
from hutong.learn.matching import Effect, matched_effect
from hutong.learn.patterns import Pattern, load_patterns
from hutong.learn.record import score_rows
from hutong.learn.score import Calibration, Score, brier, calibration, crps, crps_normal, skill
from hutong.learn.works import WORKS_COLUMNS, read_works

__all__ = [
    "WORKS_COLUMNS",
    "Calibration",
    "Check",
    "Effect",
    "Evaluation",
    "Fit",
    "NormalBelief",
    "Pattern",
    "Range",
    "RatioBelief",
    "Score",
    "ShareBelief",
    "brier",
    "calibrate",
    "calibration",
    "carried",
    "crps",
    "crps_normal",
    "effects",
    "evaluate",
    "lessons",
    "lessons_record",
    "load_patterns",
    "matched_effect",
    "read_works",
    "score_rows",
    "skill",
]
