"""What was published when it was due, and what was answered."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.openness import Answer, item_titles, openness, trust_indicators
from hutong.agree.projection import wilson
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
EVENTS = {"vote_opens": dt.date(2026, 6, 1), "vote_closes": dt.date(2026, 6, 16)}


def states(found) -> dict[str, str]:
    return dict(zip(found.items["item"], found.items["state"], strict=True))


def test_a_worked_process():
    published = {"roll": dt.date(2026, 5, 17), "notice": dt.date(2026, 5, 18), "result": dt.date(2026, 6, 19)}
    answers = [
        Answer("s1", dt.date(2026, 5, 1), dt.date(2026, 5, 31)),
        Answer("s2", dt.date(2026, 5, 1), dt.date(2026, 6, 1)),
        Answer("s3", dt.date(2026, 5, 1), None),
        Answer("s4", dt.date(2026, 6, 20), None),
    ]
    found = openness(RULES, dt.date(2026, 6, 30), EVENTS, published, answers)
    said = states(found)
    # notice 15 days before 1 June is 17 May; the result within 3 days of 16 June is 19 June
    assert (said["roll"], said["notice"], said["result"]) == ("on_time", "late", "on_time")
    assert said["finance"] == "overdue"
    assert said["contract"] == "not_dated"
    assert [said[f"answer:s{i}"] for i in range(1, 5)] == ["on_time", "late", "overdue", "not_due"]
    assert found.answered == (1, 1, 1)
    assert found.due == 7
    assert found.score == pytest.approx((1 + 0.5 + 1 + 0 + 1 + 0.5 + 0) / 7)
    quick = openness(RULES, dt.date(2026, 6, 30), EVENTS, published, answers, answer_days=10)
    assert quick.answered == (0, 2, 1)


def test_working_days_are_weekdays():
    # 15 working days before Monday 29 June 2026 is Monday 8 June
    events = {"approval": dt.date(2026, 6, 29)}
    found = openness(RULES, dt.date(2026, 6, 30), events, {"scheme": dt.date(2026, 6, 8)})
    row = found.items.set_index("item").loc["scheme"]
    assert (row["due"], row["state"]) == (dt.date(2026, 6, 8), "on_time")


def test_nothing_due_is_unknown_and_not_nought():
    found = openness(RULES, dt.date(2026, 1, 1), {}, {})
    assert math.isnan(found.score)
    assert found.due == 0
    # a place without the rule does not know the date
    other = openness(load_rules("national"), dt.date(2026, 6, 30), EVENTS, {})
    assert states(other)["notice"] == "not_dated"


def test_what_is_published_later_was_not_published_then():
    found = openness(RULES, dt.date(2026, 5, 1), EVENTS, {"roll": dt.date(2026, 5, 10)})
    assert states(found)["roll"] == "not_due"
    assert found.items.set_index("item")["published"].isna().all()


@given(
    st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 90)), max_size=8), st.integers(0, 120)
)
def test_answers_against_a_plain_reading_and_time_never_improves_a_state(rows, on):
    start = dt.date(2026, 1, 1)
    answers = [
        Answer(str(i), start + dt.timedelta(s), None if a is None else start + dt.timedelta(a))
        for i, (s, a) in enumerate(rows)
    ]
    found = openness(RULES, start + dt.timedelta(on), {}, {}, answers)
    expected = [0, 0, 0]
    for since, answered in rows:
        out = answered is not None and answered <= on
        if out:
            expected[0 if answered <= since + 30 else 1] += 1
        elif on > since + 30:
            expected[2] += 1
    assert list(found.answered) == expected
    assert found.due == sum(expected)
    if found.due:
        assert found.score == pytest.approx((expected[0] + expected[1] / 2) / found.due)


@pytest.mark.parametrize(
    ("events", "published", "days"),
    [({"party": dt.date(2026, 1, 1)}, {}, None), ({}, {"gossip": dt.date(2026, 1, 1)}, None), ({}, {}, -1)],
)
def test_unknown_items_and_events(events, published, days):
    with pytest.raises(HutongError) as caught:
        openness(RULES, dt.date(2026, 1, 1), events, published, answer_days=days)
    assert caught.value.code == "bad-openness"


def test_trust_has_a_number_and_an_interval_and_unknown_stays_unknown():
    table = trust_indicators({"listened_to": (30, 50), "took_part": (2, 3)}).set_index("indicator")
    row = table.loc["listened_to"]
    assert (row["n"], row["share"], row["comes_from"]) == (50, 0.6, "survey")
    assert (row["low"], row["high"]) == wilson(30, 50)
    assert table.loc["took_part", "n"] == 3
    assert table.loc["took_part", ["share", "low", "high"]].isna().all()
    assert table["n"].isna().sum() == len(table) - 2
    assert table.loc["not_reopened", "share"] != table.loc["not_reopened", "share"]
    assert all(table["zh"])
    for wrong in ({"love": (1, 2)}, {"took_part": (3, 2)}):
        with pytest.raises(HutongError) as caught:
            trust_indicators(wrong)
        assert caught.value.code == "bad-trust"


def test_every_item_has_a_name_in_both_languages():
    assert all(t.zh and t.en for t in item_titles().values())
    assert set(item_titles()) == set(states(openness(RULES, dt.date(2026, 1, 1), {}, {})))
