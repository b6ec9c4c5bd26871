"""How votes stand: counted by agree, told in words a resident reads, never about one person."""

from __future__ import annotations

import pytest

from hutong.agree import NO, homes_at, owners_roll, still_needed, tally, vote_rule
from hutong.city import make_quarter
from hutong.errors import HutongError
from hutong.report import ConsentCount, counts_from_file, render
from hutong.report.sections import consent
from hutong.report.sections import counts as section
from hutong.text import Text

from .report_example import make_check, make_city, make_ensemble, make_plan
from .talk_example import count
from .tree import read


@pytest.fixture(scope="module")
def quarter(loop):
    return loop.city


def test_the_four_questions_of_a_special_matter(rules):
    # 12 owners of 50 m²: 8 must take part, and 6 of 8 agree; 5 did, 2 declined
    shown = section.lines(count([50] * 12, 5, 2, vote_rule(rules, "special")))
    assert [q["said"].en for q in shown] == ["7 owners", "350 m²", "5 owners", "250 m²"]
    assert [q["asked"].en for q in shown] == [
        "at least 8 owners needed",
        "at least 400 m² needed",
        "at least 6 owners needed",
        "at least 300 m² needed",
    ]
    assert [q["word"].en for q in shown] == ["short by 1 owner", "short by 50 m²"] * 2
    assert {q["status"] for q in shown} == {"watch"}


def test_what_is_still_needed_agrees_with_the_lines(rules):
    one = count([50] * 12, 5, 2, vote_rule(rules, "special"))
    assert (
        section.view([one])[0]["needed"].en == "At least 1 more must agree, with no less than 50 m² together."
    )
    assert still_needed(one.book.roll, one.ballots, one.rule).fewest == 1


def test_area_is_left_out_where_heads_alone_are_short(rules):
    one = count([500, 10, 10, 10, 10, 10], 1, 0, vote_rule(rules, "special"))
    assert section.view([one])[0]["needed"] == Text("至少还要 3 位业主同意。", "At least 3 more must agree.")


def test_passed_lost_and_in_need_of_other_minds(rules):
    special = vote_rule(rules, "special")
    passed, minds = section.view([count([50] * 8, 7, 1, special), count([50] * 8, 2, 5, special)])
    assert passed["passed"]
    assert passed["needed"].zh == "已达到通过条件。"
    assert passed["pivotal"] == []
    assert "改变主意" in minds["needed"].zh
    assert minds["needed"].en.startswith("Even if all who have not answered agree, at least 3 owners")
    assert (
        section.needed(section.StillNeeded(False, None, None, None, None)).en
        == "By this rule it cannot pass."
    )


def test_the_bar_has_its_mark_at_the_threshold(rules):
    shown = section.lines(count([50] * 12, 5, 2, vote_rule(rules, "ordinary")))
    marks = [read(str(q["bar"]))[0].all("line")[0].attributes["x1"] for q in shown]
    assert marks == ["66.67%", "66.67%", "50.00%", "50.00%"]


def test_who_can_decide_is_told_by_tenure_and_only_of_enough_people(rules):
    kinds = ["reform"] * 8 + ["commodity"] * 12
    special = vote_rule(rules, "special")
    shown = section.pivotal(count([50] * 20, 8, 0, special, kinds))
    assert [(r["name"].en, r["silent"].en, r["says"].en) for r in shown] == [
        ("commodity", "12", "passes with them, cannot pass without them"),
        ("sold public housing", "0", "all have answered"),
    ]
    assert section.pivotal(count([50] * 4, 1, 0, special)) == []
    alone = [section._power(3, *flags).en for flags in ((True, False), (False, True), (False, False))]
    assert alone == ["passes if they agree", "cannot pass without them", "cannot decide it alone"]


def test_what_a_roll_asks_for_before_anyone_has_voted(rules):
    said = section.least(vote_rule(rules, "special"), 36)
    assert said == Text(
        "名册 36 人，至少 24 人参加、18 人同意", "36 on the roll: at least 24 must take part and 18 agree"
    )
    assert section.least(vote_rule(rules, "special"), 0) is None
    assert section.least(vote_rule(rules, "unanimous"), 6) is None


def test_rolls_of_all_buildings_at_once_are_the_rolls_of_each(quarter):
    ids = quarter["buildings"]["building_id"][quarter["buildings"]["use"] == "residential"].tolist()[:20]
    together = consent.rolls(quarter, ids)
    for one in ids:
        book = owners_roll(quarter, homes_at(quarter, "building", one), one)
        assert together[one] == (len(book.roll), len(book.held_back))


def _ballots(folder, quarter, *more):
    """Write a file in which all owners of the largest building agree."""
    place = quarter["dwellings"]["building_id"].value_counts().index[0]
    book = owners_roll(quarter, homes_at(quarter, "building", place), place)
    lines = ["level,place,matter,dwelling,ballot"]
    lines += [f"building,{place},special,{e.dwelling_id},同意" for e in book.entries]
    file = folder / "ballots.csv"
    file.write_text("\n".join([*lines, *more]), "utf-8")
    return file, place, book


def test_ballots_from_a_file_are_counted(tmp_path, quarter, rules):
    file, place, book = _ballots(tmp_path, quarter)
    (one,) = counts_from_file(file, quarter, rules)
    assert tally(one.book.roll, one.ballots, one.rule).passed
    assert one.book.roll == book.roll
    assert place not in one.place.zh
    stair = quarter["dwellings"].set_index("building_id").loc[place, "staircase_id"].dropna().iloc[0]
    home = quarter["dwellings"].set_index("staircase_id").loc[stair, "dwelling_id"].iloc[0]
    file.write_text(f"level,place,matter,dwelling,ballot\nstaircase,{stair},5,{home},no\n", "utf-8")
    (two,) = counts_from_file(file, quarter, rules)
    assert stair in two.place.zh
    assert (two.ballots == NO).sum() == 1


def test_broken_ballots_are_named(tmp_path, quarter, rules):
    file, place, book = _ballots(tmp_path, quarter)
    home = book.entries[0].dwelling_id
    n = len(book.entries) + 2
    bad = [
        (
            f"building,{place},special,{home},maybe",
            f"ballots.csv row {n}: ballot 'maybe' is not yes, no or abstain",
        ),
        (
            f"building,{place},special,nobody,yes",
            f"ballots.csv row {n}: there is no home 'nobody' at building {place}",
        ),
        (
            f"building,{place},party,{home},yes",
            f"ballots.csv row {n}: matter 'party'; expected one of ordinary",
        ),
        (f"street,{place},special,{home},yes", f"ballots.csv row {n}: There are no homes at street"),
    ]
    for line, said in bad:
        with pytest.raises(HutongError) as caught:
            counts_from_file(_ballots(tmp_path, quarter, line)[0], quarter, rules)
        assert caught.value.code == "ballots-rows"
        assert caught.value.rows[0].startswith(said)
    file.write_text("level,place\nbuilding,b\n", "utf-8")
    with pytest.raises(HutongError, match="matter, dwelling, ballot"):
        counts_from_file(file, quarter, rules)


def test_a_home_whose_title_is_not_cleared_cannot_vote(tmp_path, rules):
    city = make_quarter(dwellings=300, seed=1)
    for place in city["dwellings"]["building_id"].unique():
        book = owners_roll(city, homes_at(city, "building", place), place)
        if book.held_back:
            break
    file = tmp_path / "ballots.csv"
    file.write_text(
        f"level,place,matter,dwelling,ballot\nbuilding,{place},special,{book.held_back[0].dwelling_id},yes\n"
    )
    with pytest.raises(HutongError, match="is not on the roll"):
        counts_from_file(file, city, rules)


def test_ballots_must_fit_the_roll(rules):
    one = count([50] * 3, 1, 0, vote_rule(rules, "special"))
    with pytest.raises(HutongError, match="2 ballots for 3"):
        ConsentCount(one.place, one.book, one.ballots[:2], one.rule)


def test_counts_stand_on_the_page_and_name_nobody(rules):
    city = make_city()
    given = [count([50] * 20, 8, 0, vote_rule(rules, "special"), ["reform"] * 8 + ["commodity"] * 12)]
    html = render(city, rules, make_check(city), make_plan(city), make_ensemble(), counts=given)
    root, faults = read(html)
    assert faults == []
    block = next(n for n in root.all("div") if n.attributes.get("id") == "counts")
    words = " ".join(n.words for n in block.all())
    assert "House A" in words
    assert "已经开始的表决照实列出" in html
    assert not any(f" h{k} " in words or f" d{k} " in words for k in range(20))


@pytest.mark.parametrize(
    ("matter", "roll", "measures", "said"),
    [
        ("special", (36, 0), ["insulation"], "36 on the roll: at least 24 must take part and 18 agree"),
        ("ordinary", (9, 1), ["pipes"], "9 on the roll: at least 6 must take part and 4 agree; 1 more home has a title to clear"),
        ("special", (36, 2), ["pipes", "lift"], "36 on the roll: at least 24 must take part and 18 agree; 2 more homes have titles to clear; the lift is put to each staircase by itself"),
        ("special", (36, 2), ["lift"], "the lift is put to each staircase by itself"),
        ("special", (0, 4), ["pipes"], "no roll yet: 4 homes have titles to clear"),
        ("special", (0, 0), ["pipes"], None),
        ("surrender", (36, 2), ["lease_surrender"], None),
        ("special", None, ["pipes"], None),
    ],
)  # fmt: skip
def test_what_a_predicted_vote_asks_for(rules, matter, roll, measures, said):
    asks = consent._asks(matter, rules, roll, measures)
    assert (None if asks is None else asks.en) == said
