"""What people think: the files read, the public view shown, and nobody's answer in it."""

from __future__ import annotations

import re

import pytest

from hutong.agree import Votes, find_opinions, public_view
from hutong.errors import HutongError
from hutong.report import ReportOpinions, opinion_map, opinions_from_files, render
from hutong.report.sections import opinions as section
from hutong.text import Text

from .report_example import make_check, make_ensemble, make_plan
from .talk_example import HIDDEN, STATEMENTS, rows, write
from .tree import read


def test_our_columns_and_those_of_polis_say_the_same(tmp_path, talk):
    other = opinions_from_files(*write(tmp_path, polis=True))
    assert other.texts == talk.texts
    assert other.view.groups.equals(talk.view.groups)
    assert other.view.dots.equals(talk.view.dots)
    assert other.title == Text("votes", "votes")


def test_a_polis_summary_names_the_conversation(tmp_path):
    votes, statements = write(tmp_path, polis=True)
    (tmp_path / "summary.csv").write_text('topic,"停车, 怎么办"\nvoters,85\n', "utf-8")
    assert opinions_from_files(votes, statements).title.zh == "停车, 怎么办"


def test_hidden_statements_are_nowhere_on_the_page(talk, talk_page):
    assert not set(HIDDEN) & set(talk.texts)
    assert talk.hidden == 1
    assert STATEMENTS[7] not in talk_page


def test_words_for_votes_and_later_votes_count(tmp_path):
    votes, statements = write(tmp_path)
    text = votes.read_text("utf-8").splitlines()
    text[1] = text[1].rsplit(",", 1)[0] + ",赞成"
    votes.write_text("\n".join([*text, "p0000,1,不同意"]), "utf-8")
    changed = opinions_from_files(votes, statements).view.statements.loc[1]
    before = opinions_from_files(*write(tmp_path)).view.statements.loc[1]
    assert changed["disagree"] == before["disagree"] + 1
    assert changed["seen"] == before["seen"]


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("votes.csv", "p0001,1,2", "votes.csv row 767: vote '2' is not 1, -1 or 0"),
        ("votes.csv", ",1,1", "votes.csv row 767: the participant is missing"),
        ("votes.csv", "p0001,99,1", "votes.csv row 767: statement '99' is not among the statements"),
        ("comments.csv", "3,0,again", "comments.csv row 11: statement 3 stands twice"),
        ("comments.csv", "10,perhaps,x", "comments.csv row 11: hidden 'perhaps'"),
        ("comments.csv", "10,0,", "comments.csv row 11: the statement or its text is missing"),
    ],
)
def test_a_broken_row_is_named(tmp_path, file, line, said):
    paths = write(tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    with pytest.raises(HutongError) as caught:
        opinions_from_files(*paths)
    assert caught.value.code == "votes-rows"
    assert any(row.startswith(said) for row in caught.value.rows), caught.value.rows


def test_a_time_that_is_none_is_named(tmp_path):
    votes, statements = write(tmp_path)
    lines = votes.read_text("utf-8").splitlines()
    dated = [lines[0] + ",time", *(f"{line},2026-03-0{1 + k % 9}" for k, line in enumerate(lines[1:]))]
    votes.write_text("\n".join(dated), "utf-8")
    assert opinions_from_files(votes, statements).view.participants == 85
    votes.write_text("\n".join([*dated, "p0001,1,1,yesterday"]), "utf-8")
    with pytest.raises(HutongError, match="row 767: time 'yesterday'"):
        opinions_from_files(votes, statements)


def test_a_missing_column_is_named(tmp_path):
    _, statements = write(tmp_path)
    with pytest.raises(HutongError, match="participant / voter-id") as caught:
        opinions_from_files(statements, statements)
    assert caught.value.code == "votes-columns"


def test_bars_and_bridges_are_those_of_the_public_view(talk):
    shown = section.view(talk)
    agreed = [s["text"] for part in shown["agree"] for s in part]
    assert set(agreed) == {STATEMENTS[k] for k in (1, 2, 8)}
    counts = talk.view.votes.set_index(["statement", "group"]).loc[(1, 0)]
    bar = next(s for s in shown["agree"][0] if s["text"] == STATEMENTS[1])["bars"][0]
    share = counts["agree"] / (counts["agree"] + counts["disagree"] + counts["passes"])
    assert bar["said"].en.startswith(f"{share:.0%} agree")
    apart = {g["group"]: [s["text"] for s in g["first"]] for g in shown["apart"]}
    assert {STATEMENTS[5], STATEMENTS[6]} <= set(apart[0]) | set(apart[1])
    assert apart[0][0] == STATEMENTS[5]
    assert apart[1][0] == STATEMENTS[6]


@pytest.mark.parametrize("axis", ["x", "y"])
def test_the_ends_of_the_map_lie_where_their_people_stand(talk, axis):
    """The groups on the side of an end lean more to what it says than those on the other side."""
    beyond = talk.view.groups.index[talk.view.groups[axis] > 0]

    def leaning(end, high):
        rows = talk.view.votes[talk.view.votes["statement"] == end.statement]
        rows = rows[rows["group"].isin(beyond) == high][["agree", "disagree", "passes"]].sum()
        return end.vote * (rows["agree"] - rows["disagree"]) / rows.sum()

    low, high = talk.ends[axis]
    assert leaning(high, True) > leaning(high, False)
    assert leaning(low, False) > leaning(low, True)


def test_the_map_draws_each_dot_once_in_its_groups_shape(talk):
    svg, count = opinion_map.draw(talk.view, Text("图", "map"))
    paths = [p for p in read(str(svg))[0].all("path") if "odot" in p.classes]
    assert count == len(paths) == len(talk.view.dots)
    for group, dots in talk.view.dots.groupby("group"):
        mine = [p for p in paths if f"g-{group}" in p.classes]
        assert len(mine) == len(dots)
        assert {p.attributes["d"] for p in mine} == {opinion_map.SHAPES[group]}
    height = float(read(str(svg))[0].all("svg")[0].attributes["viewbox"].split()[3])
    for p in paths:
        x, y = (float(v) for v in re.findall(r"[-.\d]+", p.attributes["transform"]))
        assert 0 < x < opinion_map.W
        assert 0 < y < height


def test_a_large_crowd_is_thinned_and_says_so(talk, monkeypatch):
    monkeypatch.setattr(opinion_map, "MOST_DOTS", 4)
    shown = section.view(talk)
    left = len(talk.view.dots) - str(shown["map"]).count('class="odot')
    assert str(shown["map"]).count('class="odot') <= 4
    assert shown["dots_left"].en == str(left)


def test_of_too_few_people_nothing_is_shown(city, rules):
    few = [row for row in rows() if row[0] in ("p0000", "p0001", "p1000")]
    votes = Votes.from_table(_table(few))
    given = ReportOpinions.of(find_opinions(votes), STATEMENTS, Text("楼", "house"))
    assert given.ends == {}
    html = render(city, rules, make_check(city), make_plan(city), make_ensemble(), opinions=given)
    assert "参加的人还太少" in html
    assert read(html)[1] == []
    assert 'class="odot' not in html
    assert "stmt" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)


def test_a_group_with_few_answers_says_so_instead_of_a_bar(talk):
    votes = [row for row in rows() if not (row[0] >= "p1003" and row[1] == 1)]
    view = public_view(find_opinions(Votes.from_table(_table(votes))))
    given = ReportOpinions(view, STATEMENTS, {}, talk.title)
    bars = section._statement(1, STATEMENTS, section._tables(view)[1])["bars"]
    assert [b["bar"] is None for b in bars] == [False, True]
    assert STATEMENTS[1] not in [s["text"] for s in section.view(given)["agree"][0]]


def test_the_page_names_conversation_source_and_privacy(talk_page):
    root, faults = read(talk_page)
    assert faults == []
    block = next(n for n in root.all("div") if n.attributes.get("id") == "opinions")
    words = " ".join(n.words for n in block.all())
    assert "楼里的事" in words
    assert "CC BY 4.0, made up" in words
    assert "看不出任何一个人" in words
    assert "Nobody’s single answer" in words
    assert "<script>alert" not in talk_page
    assert any(n.words == STATEMENTS[9] for n in block.all()) or STATEMENTS[9] not in words
    assert "要谁同意，大家怎么想" in talk_page


def test_no_participant_is_named(talk_page):
    assert not re.search(r"p[01]\d{3}", talk_page)


@pytest.mark.shared
def test_the_vtaiwan_conversation(shared):
    folder = shared / "data/polis_vtaiwan"
    talk = opinions_from_files(folder / "votes.csv", folder / "comments.csv", source="CC BY 4.0")
    assert talk.title.zh == "UberX 自用車載客 — vTaiwan.tw"
    assert talk.view.groups["people"].tolist() == [936, 282]
    assert talk.hidden == 78
    shown = section.view(talk)
    assert len(shown["agree"][0]) + len(shown["agree"][1]) == (talk.view.statements["bridge"] == 1).sum()
    left, right = talk.ends["x"]
    assert left.vote == right.vote == 1
    assert "Uber" in talk.texts[left.statement]


def _table(votes):
    import pandas as pd

    return pd.DataFrame(votes, columns=["participant", "statement", "vote"])


def test_the_quarters_own_figures_are_untouched(talk_page, page):
    figures = re.compile(r'<dl class="figures">.*?</ol>', re.S)
    assert figures.search(talk_page)[0] == figures.search(page)[0]
