"""Reading votes: the last one counts, however they arrive."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.opinion_votes import Votes
from hutong.errors import HutongError

VOTES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 5), st.sampled_from([-1, 0, 1]), st.integers(0, 4)),
    min_size=1,
    max_size=60,
)


def table(rows: list[tuple[int, int, int, int]], time: bool = True) -> pd.DataFrame:
    out = pd.DataFrame(rows, columns=["participant", "statement", "vote", "time"])
    return out if time else out.drop(columns="time")


def last_votes(rows: list[tuple[int, int, int, int]]) -> dict[tuple[int, int], int]:
    """The slow reference: walk through the votes in order of time, later rows after earlier ones."""
    out = {}
    for person, statement, vote, _ in sorted(rows, key=lambda row: row[3]):
        out[person, statement] = vote
    return out


def as_dict(votes: Votes) -> dict[tuple[int, int], int]:
    people, names = votes.participants[votes.rows], votes.statements[votes.columns]
    return {(int(p), int(s)): int(v) for p, s, v in zip(people, names, votes.values, strict=True)}


def same(a: Votes, b: Votes) -> bool:
    fields = ("participants", "statements", "starts", "columns", "values", "times")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in fields)


@given(VOTES)
def test_last_vote_counts(rows: list[tuple[int, int, int, int]]) -> None:
    assert as_dict(Votes.from_table(table(rows))) == last_votes(rows)


@given(VOTES)
def test_without_times_the_order_of_rows_counts(rows: list[tuple[int, int, int, int]]) -> None:
    ordered = [(p, s, v, at) for at, (p, s, v, _) in enumerate(rows)]
    assert as_dict(Votes.from_table(table(rows, time=False))) == last_votes(ordered)


@settings(max_examples=200)
@given(VOTES, st.integers(0, 60), st.booleans())
def test_appending_equals_reading_at_once(
    rows: list[tuple[int, int, int, int]], cut: int, time: bool
) -> None:
    whole = table(rows, time)
    first, second = whole.iloc[:cut], whole.iloc[cut:]
    if not len(first) or not len(second):
        return
    assert as_dict(Votes.from_table(first).append(second)) == as_dict(Votes.from_table(whole))
    if time:
        assert same(Votes.from_table(first).append(second), Votes.from_table(whole))


def test_a_late_paper_vote_does_not_overrule_a_newer_one() -> None:
    votes = Votes.from_table(table([(1, 1, 1, 10)])).append(table([(1, 1, -1, 5)]))
    assert as_dict(votes) == {(1, 1): 1}


def test_dates_order_votes_across_time_zones() -> None:
    when = pd.to_datetime(["2026-11-23T09:00:00+08:00", "2026-11-23T00:30:00+00:00"], utc=True)
    rows = pd.DataFrame({"participant": [1, 1], "statement": [1, 1], "vote": [1, -1], "time": when})
    assert as_dict(Votes.from_table(rows)) == {(1, 1): 1}
    naive = rows.assign(time=when.tz_localize(None))
    assert as_dict(Votes.from_table(naive)) == {(1, 1): 1}


def test_matrix_and_long_form_are_the_same() -> None:
    matrix = np.array([[1, np.nan, -1], [np.nan] * 3, [0, 1, np.nan]])
    votes = Votes.from_matrix(matrix, participants=["甲", "乙", "丙"], statements=["s1", "s2", "s3"])
    assert sorted(votes.participants) == ["丙", "甲"]  # 乙 never voted
    back = pd.DataFrame(votes.matrix(), index=votes.participants, columns=votes.statements)
    np.testing.assert_array_equal(back.loc["甲"].to_numpy(), matrix[0])
    np.testing.assert_array_equal(back.loc["丙"].to_numpy(), matrix[2])


def test_statements_without_votes_are_kept() -> None:
    votes = Votes.from_table(table([(1, 4, 1, 0)]), statements=[2, 9])
    assert votes.statements.tolist() == [2, 4, 9]
    assert votes.append(table([(2, 9, -1, 1)]), statements=[7]).statements.tolist() == [2, 4, 7, 9]


@pytest.mark.parametrize("vote", [2, 0.5, np.nan])
def test_a_vote_is_agree_disagree_or_pass(vote: float) -> None:
    with pytest.raises(HutongError) as error:
        Votes.from_table(pd.DataFrame({"participant": [1, 2], "statement": [1, 1], "vote": [1, vote]}))
    assert error.value.code == "opinion-vote"
    assert len(error.value.rows) == 1


def test_a_vote_names_a_person() -> None:
    with pytest.raises(HutongError, match="agree, disagree or pass"):
        Votes.from_table(pd.DataFrame({"participant": ["a", None], "statement": [1, 1], "vote": [1, 1]}))


def test_missing_columns_and_times_are_told() -> None:
    with pytest.raises(HutongError) as error:
        Votes.from_table(pd.DataFrame({"participant": [1]}))
    assert error.value.rows == ("statement", "vote")
    rows = table([(1, 1, 1, 0), (1, 1, -1, 1)])
    for broken in (rows.assign(time=[1.0, np.nan]), rows.assign(time=pd.to_datetime(["2026-01-01", None]))):
        with pytest.raises(HutongError) as error:
            Votes.from_table(broken)
        assert error.value.code == "opinion-time"


def test_unknown_statements_are_told() -> None:
    votes = Votes.from_table(table([(1, 1, 1, 0)]))
    with pytest.raises(HutongError) as error:
        votes.positions([1, 8])
    assert error.value.rows == ("8",)
