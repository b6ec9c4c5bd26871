"""The public view tells nothing about few people, and the words say what the figures say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.opinion_groups import OpinionSettings
from hutong.agree.opinion_public import PublicOpinions, public_view
from hutong.agree.opinion_votes import Votes
from hutong.agree.opinion_words import describe
from hutong.agree.opinions import Opinions, find_opinions
from hutong.rng import generator

COUNTS = ["agree", "disagree", "passes"]


def conversation(
    sizes: tuple[int, ...], statements: int = 12, seed: int = 1, noise: float = 0.05
) -> Opinions:
    """Camps of given sizes, each with its own answers; on the last two statements all agree, all disagree."""
    draw = generator(seed, "test public")
    answers = np.where(draw.random((len(sizes), statements)) < 0.5, 1.0, -1.0)
    answers[:, -2], answers[:, -1] = 1, -1
    votes = np.repeat(answers, sizes, axis=0)
    votes[draw.random(votes.shape) < noise] = 0
    return find_opinions(Votes.from_matrix(votes), settings=OpinionSettings(smallest_group=1))


@pytest.fixture(scope="module")
def small_group() -> Opinions:
    found = conversation((30, 20, 3))
    assert found.sizes == (30, 20, 3)
    return found


def test_groups_too_small_are_not_shown(small_group: Opinions) -> None:
    view = public_view(small_group)
    assert view.withheld == 1
    assert view.groups["people"].tolist()[:2] == [30, 20]
    assert view.groups.loc[2].isna().all()
    assert set(view.votes["group"]) == {0, 1}
    assert set(view.dots["group"]) == {0, 1}
    assert set(view.representative["group"]) == {0, 1}


def test_nothing_hidden_follows_by_subtraction(small_group: Opinions) -> None:
    view = public_view(small_group)
    shown = view.votes.groupby("statement")[COUNTS].sum()
    assert (view.statements[COUNTS].to_numpy() == shown.to_numpy(dtype=int)).all()
    share = (view.votes["agree"] + 1) / (view.votes[COUNTS].sum(axis=1) + 2)
    product = share.astype(float).groupby(view.votes["statement"]).prod()
    np.testing.assert_allclose(view.statements["consensus_agree"], product)
    assert not {"mean", "priority", "extremity"} & set(view.statements)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 9), st.integers(0, 10**6))
def test_no_figure_is_about_few_people(first: int, second: int, smallest: int, seed: int) -> None:
    found = conversation((first, second), seed=seed, noise=0.2)
    view = public_view(found, smallest)
    assert (view.groups["people"].dropna() >= smallest).all()
    assert (view.votes[COUNTS].dropna().sum(axis=1) >= smallest).all()
    assert (view.dots["people"] >= smallest).all()
    assert (view.dots["people"] < 2 * smallest).all()
    assert (view.representative["seen"] >= smallest).all()
    assert view.dots["people"].sum() == view.groups["people"].sum()


def test_cells_with_few_answers_are_unknown() -> None:
    votes = np.tile(np.where(np.arange(9) % 2, 1.0, -1.0), (40, 1))
    votes[20:] *= -1
    votes[:17, 0] = np.nan  # three of one camp answered
    view = public_view(find_opinions(Votes.from_matrix(votes)))
    cells = view.votes[view.votes["statement"] == 0]
    assert cells["agree"].isna().tolist() in ([True, False], [False, True])
    assert np.isnan(view.statements.loc[0, "consensus_agree"])
    assert pd.isna(view.statements.loc[0, "bridge"])
    assert view.statements.loc[0, "seen"] == 20


def test_dots_are_means_of_neighbours(small_group: Opinions) -> None:
    view = public_view(small_group)
    people = small_group.people
    for group in (0, 1):
        dots = view.dots[view.dots["group"] == group]
        mean = np.average(dots[["x", "y"]], axis=0, weights=dots["people"])
        np.testing.assert_allclose(mean, people.loc[people["group"] == group, ["x", "y"]].mean())


def all_words(view: Opinions | PublicOpinions, texts: dict[int, str] | None = None) -> tuple[str, str]:
    said = describe(view, texts)
    assert all(t.zh.endswith("。") and t.en.endswith(".") for t in said)
    return "\n".join(t.zh for t in said), "\n".join(t.en for t in said)


def test_words_say_who_and_what(small_group: Opinions) -> None:
    texts = {10: "院里应当\n装路灯", 11: "x" * 300}
    zh, en = all_words(small_group, texts)
    assert "53 人对 12 条观点表了态，其中 3 人投票还太少或所在的组太小" in zh
    assert "53 people voted on 12 statements; 3 of them" in en
    assert "意见大致分成 3 组：甲组 30 人、乙组 20 人。" in zh
    assert "Group A 30 people, Group B 20 people." in en
    assert "有 1 个组不足 5 人" in zh
    assert "公布的各组都赞成：" in zh
    assert "“院里应当 装路灯”" in zh
    assert "Every group shown disagrees: “" in en
    assert "x" * 119 + "…" in en
    assert "x" * 120 not in en
    assert "丙组" not in zh
    assert "Group C" not in en


def test_words_for_two_groups_and_people_not_grouped() -> None:
    votes = np.tile(np.where(np.arange(9) % 2, 1.0, -1.0), (44, 1))
    votes[20:40] *= -1
    votes[40:, 3:] = np.nan
    votes[:, 8] = 1
    zh, en = all_words(find_opinions(Votes.from_matrix(votes)))
    assert "其中 4 人投票还太少" in zh  # they answered four of nine
    assert "各组都赞成：第 8 号观点。" in zh
    assert "Every group agrees: statement 8." in en
    assert "100% 赞成" in zh
    assert "界限" not in zh  # the two camps are far apart


def test_words_when_all_see_alike() -> None:
    votes = np.ones((20, 8))
    zh, en = all_words(find_opinions(Votes.from_matrix(votes)))
    assert "没有分出不同的组" in zh
    assert "Most people agree: statement 0, statement 1, statement 2." in en


def test_words_when_nothing_is_shared_or_the_borders_are_weak() -> None:
    draw = generator(1, "noise")
    found = find_opinions(Votes.from_matrix(np.where(draw.random((300, 9)) < 0.5, 1.0, -1.0)))
    zh, en = all_words(found)
    assert "还没有各组看法一致的观点。" in zh
    assert "no statement yet" in en
    assert "界限不很清楚" in zh
    view = public_view(found)
    vague = PublicOpinions(**{**view.__dict__, "silhouette": 0.2})
    assert "没有明显界限" in all_words(vague)[0]


def test_words_when_no_group_may_be_shown() -> None:
    found = conversation((4, 3))
    view = public_view(found)
    assert view.dots.empty
    assert view.statements["consensus_agree"].isna().all()
    zh, _ = all_words(view)
    assert "有 2 个组不足 5 人" in zh
    assert "意见大致分成 2 组。" in zh


def test_one_person_is_one_person() -> None:
    assert "1 person voted" in all_words(find_opinions(Votes.from_matrix(np.ones((1, 3)))))[1]
