"""Hints of duplicates in any language, and a record of moderation that only grows."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.statements import (
    Moderation,
    hide_reasons,
    moderation_queue,
    normalise,
    similar_statements,
)
from hutong.errors import HutongError

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEXTS = {
    1: "胡同里应该多装几盏路灯",
    2: "胡同里应该多装几盏路灯！",
    3: "院子门口希望有停自行车的地方",
    4: "The courtyard needs a ramp for wheelchairs",
    5: "the courtyard needs a ramp, for wheel chairs.",
    6: "厕所要有人打扫",
}


def slow_cosine(texts: dict[int, str]) -> dict[tuple[int, int], float]:
    """The definition with dictionaries."""
    counts = {}
    for name, text in texts.items():
        word = f"\x02{normalise(text)}\x03" if normalise(text) else ""
        counts[name] = Counter(word[at : at + n] for n in (2, 3, 4) for at in range(len(word) - n + 1))
    within = Counter(gram for count in counts.values() for gram in count)
    rare = {gram: math.log((1 + len(texts)) / (1 + n)) + 1 for gram, n in within.items()}
    rows = {name: {g: c * rare[g] for g, c in count.items()} for name, count in counts.items()}
    norm = {name: math.sqrt(sum(x * x for x in row.values())) for name, row in rows.items()}
    names = list(texts)
    return {
        (a, b): sum(x * rows[b].get(g, 0) for g, x in rows[a].items()) / (norm[a] * norm[b])
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if norm[a] and norm[b]
    }


def test_normalised_words() -> None:
    assert normalise("Ｈｕｔｏｎｇ　５号， 修好了！") == "hutong5号修好了"


def test_alike_in_any_language() -> None:
    found = similar_statements(TEXTS)
    assert found[["statement", "other"]].to_numpy().tolist() == [[1, 2], [4, 5]]
    assert found["similarity"].tolist()[0] == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("路灯停车ab !，", max_size=8), min_size=1, max_size=7))
def test_similarity_is_the_definition(words: list[str]) -> None:
    texts = dict(enumerate(words))
    found = similar_statements(texts, threshold=1e-6)
    exact = {pair: x for pair, x in slow_cosine(texts).items() if x > 1e-5}
    pairs = {(r.statement, r.other): r.similarity for r in found.itertuples() if r.similarity > 1e-5}
    assert pairs == pytest.approx(exact, abs=2e-9)


def test_new_statements_are_compared_with_all_and_each_other() -> None:
    old = {name: TEXTS[name] for name in (1, 3, 4, 6)}
    found = similar_statements(old, {2: TEXTS[2], 5: TEXTS[5], 7: TEXTS[5]})
    assert found[["statement", "other"]].to_numpy().tolist() == [[2, 1], [5, 4], [5, 7], [7, 4]]


def test_nothing_alike_and_nothing_at_all() -> None:
    assert similar_statements({1: "路灯", 2: "停车"}).empty
    assert similar_statements({}).empty
    assert similar_statements({1: "！！", 2: "……"}).empty


@pytest.mark.shared
def test_real_chinese_statements(shared: Path) -> None:
    comments = pd.read_csv(shared / "data" / "polis_vtaiwan" / "comments.csv").set_index("comment-id")
    found = similar_statements(comments["comment-body"].to_dict())
    pairs = len(comments) * (len(comments) - 1) // 2
    assert 5 <= len(found) <= pairs // 1000  # few enough for a person to read
    assert found["similarity"].iloc[0] == 1


def test_reasons_are_whole_sentences() -> None:
    reasons = hide_reasons()
    assert reasons["personal_data"].en == "It holds another person's name, telephone number or address"
    assert all(words.zh and words.en for words in reasons.values())


def record() -> Moderation:
    return (
        Moderation()
        .accept(1, by="李", at=AT)
        .hide(2, reason="duplicate", by="李", at=AT, note="同第 1 条")
        .hide(3, reason="off_topic", by="王", at=AT)
        .show(3, by="李", at=AT, note="与停车有关，属于本议题")
    )


def test_nothing_is_deleted() -> None:
    moderation = record()
    assert moderation.hidden == {2}
    assert moderation.status == {1: "accept", 2: "hide", 3: "show"}
    assert moderation.table["action"].tolist() == ["accept", "hide", "hide", "show"]
    assert moderation.table.loc[1, "reason"] == "duplicate"
    again = moderation.accept(6, by="王", at=AT)
    assert again.entries[:4] == moderation.entries
    assert len(moderation.entries) == 4


def test_a_changed_record_shows() -> None:
    moderation = record()
    assert moderation.broken() is None
    for position, entry in enumerate(moderation.entries):
        forged = list(moderation.entries)
        forged[position] = replace(entry, by="someone else")
        assert Moderation(tuple(forged)).broken() == position
    assert Moderation(moderation.entries[1:]).broken() == 0


def test_hiding_and_showing_need_reasons() -> None:
    moderation = record()
    cases = [
        ("moderation-reason", lambda: moderation.hide(1, reason="", by="李", at=AT)),
        ("moderation-reason", lambda: moderation.show(2, by="李", at=AT, note=" ")),
        ("moderation-not-hidden", lambda: moderation.show(1, by="李", at=AT, note="x")),
        ("moderation-by", lambda: moderation.accept(1, by=" ", at=AT)),
        ("moderation-by", lambda: moderation.accept(1, by="李", at=AT.replace(tzinfo=None))),
    ]
    for code, act in cases:
        with pytest.raises(HutongError) as error:
            act()
        assert error.value.code == code


def test_queue_is_ordered_by_priority_and_hints_at_duplicates() -> None:
    moderation = Moderation().accept(1, by="李", at=AT).hide(4, reason="off_topic", by="李", at=AT)
    queue = moderation_queue(TEXTS, moderation, {2: 1.0, 3: 5.0, 6: 5.0})
    assert queue["statement"].tolist() == [5, 3, 6, 2]  # never shown first, then by priority, then by arrival
    hints = queue.set_index("statement")
    assert hints.loc[2, "similar_to"] == 1
    assert hints.loc[2, "similarity"] == 1
    assert hints.loc[5, "similar_to"] is None  # what it resembles is hidden
    assert hints.loc[[3, 6], "similarity"].isna().all()


def test_two_waiting_statements_hint_at_each_other() -> None:
    queue = moderation_queue(TEXTS, Moderation()).set_index("statement")
    assert queue.loc[[1, 2, 4, 5], "similar_to"].tolist() == [2, 1, 5, 4]


def test_an_empty_queue() -> None:
    assert moderation_queue({}, Moderation()).empty
    done = Moderation().accept(1, by="李", at=AT)
    assert moderation_queue({1: "路灯"}, done).empty
