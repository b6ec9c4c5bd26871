"""From votes to groups: real conversations, updates, and the same bytes on every machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hutong.agree.opinion_votes import Votes
from hutong.agree.opinions import Opinions, bridging, find_opinions, next_statements
from hutong.errors import HutongError
from hutong.rng import generator

KINDS = {"agree": 1, "disagree": -1, "passes": 0}


def adjusted_rand(first: np.ndarray, second: np.ndarray) -> float:
    """Hubert and Arabie (1985), in whole numbers."""
    table = pd.crosstab(first, second).to_numpy()
    pairs = sum(comb(int(n), 2) for n in table.ravel())
    rows, columns = (sum(comb(int(n), 2) for n in table.sum(axis=axis)) for axis in (0, 1))
    expected = Fraction(rows * columns, comb(int(table.sum()), 2))
    return float((pairs - expected) / (Fraction(rows + columns, 2) - expected))


def crowd(people: int = 80, statements: int = 14, seed: int = 1) -> pd.DataFrame:
    """Two camps that differ on half the statements, in long form in order of arrival."""
    draw = generator(seed, "test camps")
    camp = np.arange(people) % 5 < 2
    lean = np.where(camp[:, None] & (np.arange(statements) % 2 == 0), 0.1, 0.9)
    votes = np.where(draw.random((people, statements)) < lean, 1, -1)
    seen = draw.random((people, statements)) < 0.8
    person, statement = np.nonzero(seen)
    order = np.argsort(draw.random(len(person)))
    table = pd.DataFrame({"participant": person, "statement": statement, "vote": votes[seen]})
    return table.iloc[order].reset_index(drop=True)


def digest(opinions: Opinions) -> str:
    out = hashlib.sha256(
        repr((opinions.sizes, sorted(opinions.silhouettes.items()), opinions.state)).encode()
    )
    for table in (opinions.people, opinions.statements, opinions.groups, opinions.representative):
        out.update(table.to_csv(float_format="%.17g").encode())
    return out.hexdigest()


class Conversation:
    """One published conversation: the votes, hidden statements, and the groups that Polis found."""

    def __init__(self, folder: Path) -> None:
        log = pd.read_csv(folder / "votes.csv").rename(
            columns={"voter-id": "participant", "comment-id": "statement", "timestamp": "time"}
        )
        self.log = log[["participant", "statement", "vote", "time"]]
        self.comments = pd.read_csv(folder / "comments.csv").set_index("comment-id").sort_index()
        self.published = pd.read_csv(folder / "participants-votes.csv").set_index("participant").sort_index()
        self.votes = Votes.from_table(self.log)
        out = self.comments.index[self.comments["moderated"] == -1]
        self.hidden = [name for name in out if name in set(self.votes.statements)]
        self.opinions = find_opinions(self.votes, hidden=self.hidden)

    def rand_index(self) -> float:
        ours = self.opinions.people["group"]
        theirs = self.published["group-id"].reindex(ours.index)
        both = (ours.notna() & theirs.notna()).to_numpy()
        return adjusted_rand(ours[both].to_numpy(dtype=int), theirs[both].to_numpy(dtype=int))


@pytest.fixture(scope="module", params=["vtaiwan", "bg2050"])
def conversation(request: pytest.FixtureRequest, shared: Path) -> Conversation:
    return Conversation(shared / "data" / f"polis_{request.param}")


@pytest.mark.shared
def test_votes_are_those_published(conversation: Conversation) -> None:
    votes = conversation.votes
    cells = conversation.published[[str(name) for name in votes.statements]].reindex(votes.participants)
    np.testing.assert_array_equal(votes.matrix(), cells.to_numpy(dtype=float))


@pytest.mark.shared
def test_group_votes_and_consensus_are_those_of_a_slow_reference(conversation: Conversation) -> None:
    opinions = conversation.opinions
    log = conversation.log.sort_values("time", kind="stable")
    last = {(row.participant, row.statement): row.vote for row in log.itertuples()}
    group_of = opinions.people["group"].dropna().to_dict()
    counts: dict[tuple[int, int, int], int] = {}
    for (person, statement), vote in last.items():
        if person in group_of:
            key = (int(group_of[person]), statement, vote)
            counts[key] = counts.get(key, 0) + 1
    for row in opinions.groups.itertuples():
        for name, kind in KINDS.items():
            assert getattr(row, name) == counts.get((row.group, row.statement, kind), 0)
    for statement, row in opinions.statements.iterrows():
        for column, kind in (("consensus_agree", 1), ("consensus_disagree", -1)):
            exact = Fraction(1)
            for group in range(opinions.k):
                seen = sum(counts.get((group, statement, v), 0) for v in (-1, 0, 1))
                exact *= Fraction(counts.get((group, statement, kind), 0) + 1, seen + 2)
            assert row[column] == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.shared
def test_plane_is_that_of_the_full_svd_on_real_votes(conversation: Conversation) -> None:
    matrix = conversation.votes.matrix()
    filled = np.where(np.isnan(matrix), np.nanmean(matrix, axis=0), matrix)
    filled[:, conversation.votes.positions(conversation.hidden)] = 0
    axes = np.linalg.svd(filled - filled.mean(axis=0), full_matrices=False)[2][:2].T
    found = conversation.opinions.statements[["x", "y"]].to_numpy()
    np.testing.assert_allclose(found, axes * np.sign((axes * found).sum(axis=0)), atol=1e-9)


@pytest.mark.shared
def test_groups_against_those_published(shared: Path) -> None:
    vtaiwan = Conversation(shared / "data" / "polis_vtaiwan")
    assert vtaiwan.opinions.k == 2
    assert vtaiwan.rand_index() >= 0.80
    bg2050 = Conversation(shared / "data" / "polis_bg2050")
    assert bg2050.opinions.k == 2
    assert bg2050.rand_index() >= 0.70  # why not 1: docs/opinions.md


@pytest.mark.shared
def test_published_groups_of_bg2050_are_one_of_the_local_optima_in_our_plane(shared: Path) -> None:
    bg2050 = Conversation(shared / "data" / "polis_bg2050")
    place = bg2050.opinions.people[["x", "y"]].to_numpy()
    theirs = bg2050.published["group-id"].reindex(bg2050.opinions.people.index).to_numpy()
    place, theirs = place[~np.isnan(theirs)], theirs[~np.isnan(theirs)]
    centres = np.array([place[theirs == group].mean(axis=0) for group in (0, 1)])
    nearest = ((place[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == theirs).all()


@pytest.mark.shared
def test_seed_does_not_decide(conversation: Conversation) -> None:
    first = conversation.opinions.people["group"]
    for seed in (2, 3):
        other = find_opinions(conversation.votes, hidden=conversation.hidden, seed=seed).people["group"]
        assert (first.fillna(-1) == other.fillna(-1)).all()


@pytest.mark.shared
def test_consensus_of_the_published_groups_is_the_published_consensus(shared: Path) -> None:
    from hutong.agree.opinion_statistics import count_votes, group_consensus

    bg2050 = Conversation(shared / "data" / "polis_bg2050")
    groups = bg2050.published["group-id"].reindex(bg2050.votes.participants).fillna(-1).to_numpy(dtype=int)
    found = group_consensus(count_votes(bg2050.votes, groups, 2), 0)
    theirs = bg2050.comments["group-informed-consensus"].reindex(bg2050.votes.statements).to_numpy()
    np.testing.assert_allclose(found, theirs, rtol=1e-12)


def test_camps_are_found_with_what_divides_and_unites_them() -> None:
    found = find_opinions(Votes.from_table(crowd()))
    assert found.k == 2
    camp = np.arange(80) % 5 < 2
    assert adjusted_rand(found.people["group"].to_numpy(dtype=int), camp) > 0.9
    assert sum(found.sizes) == 80
    assert set(found.representative["statement"] % 2) == {0}
    assert (found.statements["bridge"].to_numpy() == np.arange(14) % 2).all()


def test_updates_equal_starting_from_scratch() -> None:
    table = crowd()
    votes, states = Votes.from_table(table.iloc[:300]), [None]
    for begin in range(300, len(table), 150):
        before = find_opinions(votes, state=states[-1])
        states.append(before.state)
        votes = votes.append(table.iloc[begin : begin + 150])
        scratch = Votes.from_table(table.iloc[: begin + 150])
        assert digest(find_opinions(votes, state=states[-1])) == digest(
            find_opinions(scratch, state=states[-1])
        )
    assert len(states) > 4


def test_order_of_arrival_does_not_matter() -> None:
    table = crowd()
    table["time"] = np.arange(len(table))
    mixed = table.iloc[np.argsort(generator(2, "mix").random(len(table)))]
    assert digest(find_opinions(Votes.from_table(table))) == digest(find_opinions(Votes.from_table(mixed)))


def test_a_courtyard_of_thirty() -> None:
    found = find_opinions(Votes.from_table(crowd(people=30, statements=6)))
    assert found.people["group"].notna().sum() == 15  # few answered all six; those with most votes join them
    assert found.people.loc[found.people["votes"] == 6, "group"].notna().all()
    assert found.k in {2, 3}


def test_one_person_and_one_vote() -> None:
    found = find_opinions(Votes.from_matrix(np.array([[1.0]])))
    assert found.sizes == (1,)
    assert found.people["group"].tolist() == [0]


def test_without_votes_there_are_no_groups() -> None:
    with pytest.raises(HutongError) as error:
        find_opinions(Votes.from_matrix(np.full((3, 2), np.nan)))
    assert error.value.code == "opinion-empty"


def test_hidden_statements_divide_nobody() -> None:
    found = find_opinions(Votes.from_table(crowd()), hidden=[0, 2], meta=[5])
    assert not found.statements.loc[[0, 2], ["x", "y", "bridge"]].to_numpy().any()
    assert not found.representative["statement"].isin([0, 2]).any()
    assert found.statements.loc[5, "priority"] == 49
    with pytest.raises(HutongError):
        find_opinions(Votes.from_table(crowd()), hidden=["nonsense"])


def test_bridge_needs_every_group_and_enough_votes() -> None:
    counts = np.array(
        [[[9, 1, 0], [9, 1, 0], [1, 0, 0], [0, 8, 1]], [[9, 1, 0], [4, 5, 0], [1, 0, 0], [1, 7, 0]]]
    )
    assert bridging(counts, 1.2816).tolist() == [1, 0, 1, -1]
    assert bridging(counts[:, 2:3] * 0, 1.2816).tolist() == [0]


def test_next_statements_follow_priority_without_repeats() -> None:
    found = find_opinions(Votes.from_table(crowd(), statements=[99]), hidden=[3])
    first = next_statements(found, [1, 2], participant=7, count=20)
    assert first == next_statements(found, [1, 2], participant=7, count=20)
    assert sorted(first) == sorted(set(range(14)) - {1, 2, 3} | {99})
    drawn = [next_statements(found, [], participant=who)[0] for who in range(3000)]
    weights = found.statements["priority"].where(~found.statements["hidden"], 0)
    share = pd.Series(drawn).value_counts(normalize=True).reindex(weights.index).fillna(0)
    np.testing.assert_allclose(share, weights / weights.sum(), atol=0.03)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from test_opinions import *
draw = generator(3, "threads")
camp, lean = draw.integers(0, 3, size=2500), draw.random((3, 90))
votes = np.where(draw.random((2500, 90)) < lean[camp], 1.0, -1.0)
votes[draw.random((2500, 90)) < np.linspace(0.1, 0.95, 2500)[:, None]] = np.nan
votes[:, 0] = 1.0
print(digest(find_opinions(Votes.from_matrix(votes))))
"""


def test_same_bytes_for_any_number_of_threads_and_any_kernel() -> None:
    ways = [
        {"OPENBLAS_NUM_THREADS": "1"},
        {"OPENBLAS_NUM_THREADS": "2"},
        {"OPENBLAS_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "Prescott"},
    ]
    seen = set()
    for way in ways:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
            env={**os.environ, **way},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout.strip())
    assert len(seen) == 1
