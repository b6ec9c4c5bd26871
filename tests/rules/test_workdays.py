"""Working days, with and without a table of holidays."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.rules.workdays import WorkCalendar, add_months, read_holidays

FRIDAY = dt.date(2026, 10, 30)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
HOLIDAYS = "from: 2027-02-01\nuntil: 2027-02-28\nholidays: [2027-02-05, 2027-02-08, 2027-02-09]\nworked: [2027-02-14]\n"


def test_without_a_table_the_week_is_assumed():
    plain = WorkCalendar()
    assert plain.add(FRIDAY, 0) == FRIDAY
    assert plain.add(FRIDAY, 1) == dt.date(2026, 11, 2)
    assert plain.add(FRIDAY, 5) == dt.date(2026, 11, 6)
    note = plain.note(FRIDAY, dt.date(2026, 11, 6))
    assert note.zh.startswith("假设")
    assert note.en.startswith("Assumption")


def test_with_a_table(tmp_path):
    path = tmp_path / "holidays.yaml"
    path.write_text(HOLIDAYS, "utf-8")
    given_ = read_holidays(path)
    # Thu 4 Feb 2027; Fri 5, Mon 8, Tue 9 are holidays; Sun 14 is worked
    assert given_.add(dt.date(2027, 2, 4), 1) == dt.date(2027, 2, 10)
    assert given_.add(dt.date(2027, 2, 12), 1) == dt.date(2027, 2, 14)
    assert not given_.assumed(dt.date(2027, 2, 4), dt.date(2027, 2, 10))
    assert given_.assumed(dt.date(2027, 2, 4), dt.date(2027, 3, 1))
    assert given_.note(dt.date(2027, 2, 4), dt.date(2027, 2, 10)).en == "By the table of holidays given."


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("2027-02-14]", "2027-02-15]", "h.yaml:4: 2027-02-15 is a weekday and is worked anyway"),
        ("2027-02-05,", "2027-03-05,", "h.yaml:3: 2027-03-05 lies outside 2027-02-01 to 2027-02-28"),
        ("from: 2027-02-01", "from: soon", "h.yaml:1: from is 'soon'"),
        ("worked: [2027-02-14]", "worked: 3", "h.yaml:4: 3; expected a list of dates"),
        ("worked:", "work:", "h.yaml:4: unknown key 'work'"),
    ],
)
def test_a_broken_table_says_where(tmp_path, good, bad, said):
    path = tmp_path / "h.yaml"
    path.write_text(HOLIDAYS.replace(good, bad), "utf-8")
    with pytest.raises(HutongError) as caught:
        read_holidays(path)
    assert any(r.startswith(said) for r in caught.value.rows), caught.value.rows


@given(start=DAYS, n=st.integers(1, 60), free=st.frozensets(DAYS, max_size=20))
def test_the_last_day_is_worked_and_the_count_comes_back(start, n, free):
    cal = WorkCalendar(holidays=free)
    end = cal.add(start, n)
    assert cal.is_worked(end)
    assert cal.between(start, end) == n
    # slow plain count beside it
    day, left = start, n
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < 5 and day not in free
    assert day == end


def test_a_negative_number_of_days_is_refused():
    with pytest.raises(HutongError) as caught:
        WorkCalendar().add(FRIDAY, -1)
    assert caught.value.code == "bad-days"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2027, 11, 30), 3, (2028, 2, 29)),
        ((2026, 12, 15), 1, (2027, 1, 15)),
        ((2026, 3, 1), 24, (2028, 3, 1)),
    ],
)
def test_months(start, months, end):
    assert add_months(dt.date(*start), months) == dt.date(*end)
