"""Games stated by groups: equal to the full table, exact below the limit, estimated with an error above it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan import groups
from hutong.plan.coalitions import Game, core_check, shapley
from hutong.plan.groups import GroupGame, core_of_groups, shapley_of
from hutong.plan.sharing import Party, division_clauses
from hutong.plan.sharing_file import read_bargain, share
from hutong.text import Text

FOUR = ("a", "b", "c", "d")
STATED = {"a+b": 40.0, "b+c": 30.0, "c+d": 35.0, "b": 5.0, "a+b+c+d": 90.0}


def by_hand(members: frozenset[str]) -> float:
    """The best of every set of stated groups that are disjoint and inside ``members``."""
    sets = [frozenset(n.split("+")) for n in STATED]
    worths = list(STATED.values())
    best = 0.0
    for size in range(1, len(sets) + 1):
        for pick in itertools.combinations(range(len(sets)), size):
            together = [sets[i] for i in pick]
            if (
                sum(map(len, together)) == len(frozenset().union(*together))
                and frozenset().union(*together) <= members
            ):
                best = max(best, sum(worths[i] for i in pick))
    return best


def test_every_coalition_is_worth_its_best_split() -> None:
    game = GroupGame.read(FOUR, STATED)
    assert game.table().worth == pytest.approx(Game.of(FOUR, by_hand).worth)
    assert game.table().worth[0b1111] == 90
    assert shapley_of(game).yuan == pytest.approx(shapley(Game.of(FOUR, by_hand)))
    assert shapley_of(game).orders == 0


def test_the_core_is_told_by_the_stated_groups() -> None:
    game, table = GroupGame.read(FOUR, STATED), Game.of(FOUR, by_hand)
    random = np.random.default_rng(3)
    seen = set()
    for _ in range(200):
        x = random.dirichlet(np.ones(4)) * 90
        mine, full = core_of_groups(game, x), core_check(table, x)
        assert mine.holds == full.holds
        assert mine.empty == full.empty
        assert (mine.gain > 0) == (full.gain > 0)
        seen.add(mine.holds)
        if not mine.holds:
            assert by_hand(frozenset(mine.blocking)) - x[
                [FOUR.index(p) for p in mine.blocking]
            ].sum() == pytest.approx(mine.gain)
    assert seen == {True, False}
    assert not core_of_groups(game, np.full(4, 10.0)).efficient
    empty = GroupGame.read(("a", "b", "c"), {"a+b": 10.0, "b+c": 10.0, "a+c": 10.0, "a+b+c": 12.0})
    assert core_of_groups(empty, np.full(3, 4.0)).empty


def test_above_the_limit_the_estimate_keeps_to_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    game = GroupGame.read(FOUR, STATED)
    exact = shapley_of(game).yuan
    monkeypatch.setattr(groups, "EXACT_PLAYERS", 3)
    about = shapley_of(game, seed=7, orders=3000)
    assert about.orders == 3000
    assert (about.error > 0).all()
    assert (np.abs(about.yuan - exact) < 4 * about.error).all()
    assert about.yuan.sum() == pytest.approx(90)
    assert (shapley_of(game, seed=7, orders=3000).yuan == about.yuan).all()


def test_fourteen_parties_from_a_file(tmp_path: Path) -> None:
    names = [f"e{i:02}" for i in range(14)]
    stated = {f"{a}+{b}": 100 for a, b in itertools.pairwise(names)}
    lines = "\n".join(f"  {k}: {v}" for k, v in {**stated, "+".join(names): 1400}.items())
    parties = "\n".join(f"  {n}:" for n in names)
    (tmp_path / "b.yaml").write_text(f"parties:\n{parties}\ngroups:\n{lines}\n", "utf-8")
    bargain = read_bargain(tmp_path / "b.yaml")
    assert bargain.surplus_yuan == 1400
    found = share(bargain)
    value, check = found.divisions["shapley"]
    assert value.sum() == pytest.approx(1400)
    assert check.holds
    assert "nucleolus" not in found.divisions
    assert found.errors.max() < 5
    # the ends of the chain bring less, and the chain reads the same from both ends
    assert value[0] < value[1]
    assert (np.abs(value - value[::-1]) < 6 * found.errors).all()
    said = division_clauses(bargain.parties, Text("沙普利值", "Shapley value"), value, found.errors)
    assert len(said) == 16
    assert "standard error" in said[1].en


def test_shares_are_written_for_whatever_division() -> None:
    parties = (Party("a", Text("甲", "A")), Party("b", Text("乙", "B")))
    said = division_clauses(parties, Text("核仁", "nucleolus"), np.array([75.0, 25.0]), np.zeros(2))
    assert "75.0%" in said[-1].en
    assert "standard error" not in said[1].en


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"a+z": 3.0, "a+b": 5.0}, "unknown player"),
        ({"a+a": 3.0, "a+b": 5.0}, "one twice"),
        ({"a": -3.0, "a+b": 5.0}, "-3"),
        ({"a": 3.0}, "all together"),
        ({"a+b": 3.0, "b+a": 4.0}, "a group twice"),
    ],
)
def test_broken_groups_are_named(stated: dict[str, float], words: str) -> None:
    with pytest.raises(HutongError) as caught:
        GroupGame.read(("a", "b"), stated)
    assert caught.value.code == "bad-game"
    assert any(words in row for row in caught.value.rows)


def test_too_many_ways_of_splitting_are_refused() -> None:
    names = [f"p{i}" for i in range(20)]
    stated = {**dict.fromkeys(names, 1.0), "+".join(names): 50.0}
    with pytest.raises(HutongError) as caught:
        GroupGame.read(names, stated)
    assert any("ways of splitting" in row for row in caught.value.rows)
