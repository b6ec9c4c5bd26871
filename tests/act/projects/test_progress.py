"""Schedule and budget against what happened: reckoned by hand, and what is not known."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.act.projects import Report, Task, progress
from hutong.errors import HutongError

D = dt.date
TASKS = (
    Task("scaffold", "搭架", D(2026, 3, 1), D(2026, 3, 10), 100_000),
    Task("pipes", "换管", D(2026, 3, 6), D(2026, 3, 25), 400_000),
    Task("paint", "粉刷", D(2026, 4, 1), D(2026, 4, 10), 200_000),
)
REPORTS = (
    Report("scaffold", D(2026, 3, 10), 10_000, 120_000),
    Report("pipes", D(2026, 3, 12), 2_000, 60_000),
    Report("pipes", D(2026, 3, 15), 4_000, 150_000),
)


def test_by_hand():
    """On 15 March: 100 + 400 · 10/20 planned, 100 + 400 · 0.4 earned, 120 + 150 spent (thousand yuan)."""
    p = progress(TASKS, REPORTS, D(2026, 3, 15))
    assert (p.budget, p.planned, p.earned, p.spent) == (700_000, 300_000, (260_000, 260_000), 270_000)
    assert p.schedule_index == pytest.approx(260 / 300)
    assert p.cost_index == pytest.approx(260 / 270)
    assert p.at_completion == round(700_000 * 270 / 260)
    assert [x.standing for x in p.lines] == ["good", "watch", "same"]


def test_what_nobody_reported_is_unknown_and_not_nothing():
    p = progress(TASKS, REPORTS[:1], D(2026, 3, 15))
    assert p.unreported == ("pipes",)
    assert p.earned == (100_000, 500_000)
    assert (p.schedule_index, p.cost_index, p.at_completion, p.spent) == (None, None, None, None)
    assert p.lines[1].standing == "unknown"


def test_a_task_without_a_budget_leaves_the_totals_unknown():
    p = progress([*TASKS, Task("lift", "电梯", D(2026, 5, 1), D(2026, 5, 2))], REPORTS, D(2026, 3, 15))
    assert (p.budget, p.planned, p.earned) == (None, None, None)
    assert p.spent == 270_000
    assert progress([], [], D(2026, 3, 15)).budget is None


def test_late():
    p = progress(TASKS, REPORTS, D(2026, 3, 30))
    assert p.lines[1].late_days == 5
    assert p.lines[1].standing == "alarm"
    assert p.lines[0].late_days == 0


def test_reports_after_the_day_do_not_count():
    assert progress(TASKS, REPORTS, D(2026, 3, 12)).lines[1].done == 2_000


@pytest.mark.parametrize(
    ("tasks", "reports", "words"),
    [
        ([TASKS[0], TASKS[0]], [], "stands twice"),
        ([Task("a", "", D(2026, 3, 2), D(2026, 3, 1))], [], "before it begins"),
        ([Task("a", "", D(2026, 3, 2), D(2026, 3, 2), -1)], [], "budget -1"),
        (TASKS, [Report("roof", D(2026, 3, 1))], "no task roof"),
        (TASKS, [Report("pipes", D(2026, 3, 1), 10_001)], "100.01 % done"),
        (TASKS, [Report("pipes", D(2026, 3, 1), None, -5)], "-5 yuan"),
    ],
)
def test_rows_that_do_not_fit(tasks, reports, words):
    with pytest.raises(HutongError) as caught:
        progress(tasks, reports, D(2026, 3, 15))
    assert words in "\n".join(caught.value.rows)


@given(st.integers(1, 400), st.integers(0, 500))
def test_the_plan_is_even_and_ends_whole(span, gone):
    task = Task("a", "", D(2026, 1, 1), D(2026, 1, 1) + dt.timedelta(days=span - 1))
    day = D(2026, 1, 1) + dt.timedelta(days=gone - 1)
    assert task.planned(day) == 10_000 * min(gone, span) // span
