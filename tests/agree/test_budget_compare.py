"""Who gains and who loses by the rule, and nothing about fewer than five people."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.agree.budget import BudgetProject, BudgetVote, equal_shares, greedy_budget
from hutong.agree.budget_compare import OTHERS, compare_budgets, utilities
from hutong.errors import HutongError


def camps() -> tuple[BudgetVote, list[str]]:
    """Sixty people in the east want five works there, forty in the west five others; money for five."""
    approvals = np.zeros((100, 10), bool)
    approvals[:60, :5] = True
    approvals[60:, 5:] = True
    projects = tuple(BudgetProject(f"p{i}", 200, label="east" if i < 5 else "west") for i in range(10))
    vote = BudgetVote(projects, tuple(f"v{i}" for i in range(100)), approvals, 1000)
    return vote, ["east"] * 60 + ["west"] * 40


def test_the_west_gains_what_the_east_loses():
    vote, homes = camps()
    plain, shares = greedy_budget(vote), equal_shares(vote)
    found = compare_budgets(vote, plain, shares, homes)
    east, west, everybody = (found.groups.loc[g] for g in ("east", "west", "all"))
    assert (east["first"], east["second"]) == (60 * 1000, 60 * 600)
    assert (west["first"], west["second"]) == (0, 40 * 400)
    assert (east["lose"], west["gain"], everybody["gain"], everybody["lose"]) == (60, 40, 40, 60)
    assert (west["none_first"], west["none_second"]) == (40, 0)
    assert east["second_per_voter"] == 600
    assert found.labels["first"].to_dict() == {"east": 1000, "west": 0}
    assert found.labels["second"].to_dict() == {"east": 600, "west": 400}
    assert found.labels["fair_share"].to_dict() == pytest.approx({"east": 600, "west": 400})
    assert found.only_first == ("p3", "p4")
    assert found.only_second == ("p5", "p6")
    assert (found.first, found.second) == ("greedy", "equal shares")
    assert utilities(vote, plain).tolist() == [1000] * 60 + [0] * 40


def test_small_groups_are_gathered_so_that_none_follows_by_subtraction():
    vote, _ = camps()
    plain, shares = greedy_budget(vote), equal_shares(vote)
    homes = ["a"] * 50 + ["b"] * 30 + ["c"] * 17 + ["d"] * 3
    # d alone would follow from the total, so the next smallest joins it
    assert compare_budgets(vote, plain, shares, homes).groups["voters"].to_dict() == {
        "a": 50,
        "b": 30,
        OTHERS: 20,
        "all": 100,
    }
    homes = ["a"] * 50 + ["b"] * 42 + ["c"] * 4 + ["d"] * 4
    assert compare_budgets(vote, plain, shares, homes).groups["voters"].to_dict() == {
        "a": 50,
        "b": 42,
        OTHERS: 8,
        "all": 100,
    }
    assert list(compare_budgets(vote, plain, shares, homes, smallest=60).groups.index) == ["all"]
    assert list(compare_budgets(vote, plain, shares).groups.index) == ["all"]


def test_one_group_for_every_ballot():
    vote, _ = camps()
    with pytest.raises(HutongError) as caught:
        compare_budgets(vote, greedy_budget(vote), greedy_budget(vote), ["x"])
    assert caught.value.code == "bad-groups"
