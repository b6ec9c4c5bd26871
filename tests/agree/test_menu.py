"""The menu: batches go in whole or not at all, the latest counts, and the vote is the law's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hutong.agree.menu import (
    Menu,
    MenuAnswers,
    MenuItem,
    menu_choices,
    read_menu,
    tally_menu,
    tally_undertakings,
)
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.text import Text

RULES = load_rules("beijing")
MENU = """
items:
  pipes: {title: {zh: 上下水改造, en: New pipes}, group: basic, scope: building, matter: ordinary, measures: [pipes]}
  lift: {title: {zh: 加装电梯, en: A lift}, group: improving, scope: staircase, matter: special, measures: [lift, ramp]}
  parking: {title: {zh: 停车位, en: Parking}, group: upgrading, scope: estate, matter: ordinary, measures: [parking]}
"""


def register() -> pd.DataFrame:
    """Two staircases of four and three homes; Zhao's firm holds two homes of the first."""
    return pd.DataFrame(
        {
            "dwelling_id": ["a1", "a2", "a3", "a4", "b1", "b2", "b3"],
            "holder_id": ["h1", "h2", "firm", "firm", "h5", "h6", "h7"],
            "area_cm2": [600_000, 600_000, 500_000, 700_000, 600_000, 600_000, 600_000],
            "staircase_id": ["A", "A", "A", "A", "B", "B", None],
            "building_id": ["1"] * 7,
            "estate_id": ["E"] * 7,
        }
    )


def menu() -> Menu:
    return Menu(read_menu(MENU), register())


def forms(
    *rows: tuple[object, ...], columns: str = "dwelling_id at channel lift parking undertaking"
) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


FIRST = forms(
    ("a1", "2026-11-01 09:00", "doorstep", "yes", "yes", "yes"),
    ("a2", "2026-11-01 10:00", "paper", "no", None, None),
    ("a3", "2026-11-02", "paper", "no", "abstain", "no"),
    ("b1", "2026-11-02", "online", "yes", "", ""),
)


def test_a_batch_is_counted_by_the_laws_vote():
    counted = tally_menu(menu(), menu().enter(MenuAnswers(), FIRST, "door-1"), RULES).set_index(
        ["item", "object"]
    )
    lift = counted.loc[("lift", "A")]
    assert (lift["heads"], lift["answered"], lift["yes"], lift["no"]) == (3, 3, 1, 2)
    assert (lift["support_heads"], lift["support_area"]) == (1 / 3, 600_000 / 2_400_000)
    assert lift["quorum"]
    assert not lift["passes"]
    # three of three take part: three quarters of 3 heads are 3, of 2.4 Mcm² are 1.8 M
    assert (lift["short_heads"], lift["short_area_cm2"]) == (2, 1_200_000)
    assert counted.loc[("lift", "B")]["answered"] == 1
    parking = counted.loc[("parking", "E")]
    assert (parking["heads"], parking["yes"], parking["abstain"], parking["quorum"]) == (6, 1, 1, False)
    assert parking["quorum_short_heads"] == 2
    assert parking["rule"] == "vote.ordinary"
    assert "pipes" not in counted.index.get_level_values("item")


def test_the_latest_counts_whatever_the_order_of_entry():
    m = menu()
    later = forms(("a2", "2026-11-05", "doorstep", "yes", None, "yes"))
    older = forms(("a2", "2026-10-01", "paper", "no", None, "no"))
    answers = m.enter(m.enter(m.enter(MenuAnswers(), FIRST, "1"), later, "2"), older, "3")
    counted = tally_menu(m, answers, RULES).set_index(["item", "object"])
    assert (counted.loc[("lift", "A"), "yes"], counted.loc[("lift", "A"), "no"]) == (2, 1)
    assert answers.undertakings()["a2"] == "yes"
    assert len(answers.table) == 12  # nothing is overwritten
    # a blank leaves the earlier answer standing
    blank = forms(("a2", "2026-11-09", "paper", "", "yes", ""))
    counted = tally_menu(m, m.enter(answers, blank, "4"), RULES).set_index(["item", "object"])
    assert counted.loc[("lift", "A"), "yes"] == 2
    # the firm has one head and 1.2 Mcm²; its latest answer counts for both homes
    firm = forms(("a4", date(2026, 11, 20), "online", "yes", "yes", "yes"))
    counted = tally_menu(m, m.enter(answers, firm, "5"), RULES).set_index(["item", "object"])
    assert counted.loc[("lift", "A"), ["yes", "no", "passes"]].tolist() == [3, 0, True]
    assert counted.loc[("lift", "A"), "support_area"] == 1


def test_equal_times_go_to_the_later_batch_and_zones_are_compared():
    m = menu()
    one = forms(("b1", "2026-11-02 00:00", "paper", "no", "no", "no"))
    answers = m.enter(m.enter(MenuAnswers(), FIRST, "1"), one, "2")
    assert answers.undertakings() == {"a1": "yes", "a3": "no", "b1": "no"}
    zoned = forms(("b1", "2026-11-01T16:30:00Z", "online", "yes", "yes", "yes"))  # 00:30 in China
    assert m.enter(answers, zoned, "3").undertakings()["b1"] == "yes"


def test_every_broken_row_is_named_and_nothing_is_half_entered():
    m = menu()
    bad = forms(
        ("a1", "2026-11-01", "doorstep", "yes", "yes", "yes"),
        ("zz", "2026-11-01", "doorstep", "yes", "", ""),
        ("a2", "yesterday", "doorstep", "yes", "", ""),
        ("a2", 5, "pigeon", "maybe", "", "abstain"),
        ("a1", "2026-11-01", "paper", "no", "", ""),
    )
    before = m.enter(MenuAnswers(), FIRST, "1")
    with pytest.raises(HutongError) as caught:
        m.enter(before, bad, "2")
    assert caught.value.code == "bad-forms"
    assert caught.value.rows == (
        "row 1: no home 'zz' in the register",
        "row 2: 'yesterday' is not a time",
        "row 3: 5 is not a time",
        "row 3: channel 'pigeon' is not one of doorstep, paper, online",
        "row 3: lift 'maybe' is not one of yes, no, abstain, or blank",
        "row 3: undertaking 'abstain' is not one of yes, no, or blank",
        "row 4: lift contradicts row 0, same home and time",
    )
    assert before.batches == ("1",)
    assert len(before.table) == 8
    with pytest.raises(HutongError) as caught:
        m.enter(before, FIRST, "1")
    assert caught.value.code == "batch-entered"


def test_basic_items_are_not_chosen_and_unknown_columns_are_named():
    columns = "dwelling_id at channel pipes"
    with pytest.raises(HutongError) as caught:
        menu().enter(MenuAnswers(), forms(("a1", "2026-11-01", "paper", "no"), columns=columns), "1")
    assert caught.value.rows == ("row 0: pipes is basic and is not chosen",)
    menu().enter(MenuAnswers(), forms(("a1", "2026-11-01", "paper", ""), columns=columns), "1")
    with pytest.raises(HutongError) as caught:
        menu().enter(MenuAnswers(), pd.DataFrame({"dwelling_id": ["a1"], "sauna": ["yes"]}), "1")
    assert caught.value.rows == (
        "column at is missing",
        "column channel is missing",
        "column sauna: no such item",
    )


def test_undertakings_unknown_is_not_no():
    m = menu()
    found = tally_undertakings(m, m.enter(MenuAnswers(), FIRST, "1")).set_index("object")
    assert found.loc["A"].tolist() == [4, 1, 1, 2, 0.25, 0.75]
    assert found.loc["B"].tolist() == [2, 0, 0, 2, 0.0, 1.0]
    estate = tally_undertakings(m, MenuAnswers(), "estate").iloc[0]
    assert (estate["homes"], estate["unknown"], estate["least"], estate["most"]) == (7, 7, 0, 1)


def test_choices_feed_the_optimiser():
    m = menu()
    answers = m.enter(MenuAnswers(), FIRST, "1")
    for home, day in (("a2", 3), ("a3", 4)):
        answers = m.enter(answers, forms((home, f"2026-11-0{day}", "paper", "yes", "", "")), home)
    table = menu_choices(m, tally_menu(m, answers, RULES))
    assert table["measure"].tolist() == ["pipes", "lift", "ramp", "lift", "ramp", "parking"]
    rows = table.set_index(["object", "measure"])
    assert rows.loc[("1", "pipes"), ["mandatory", "passes"]].tolist() == [True, True]
    assert np.isnan(rows.loc[("1", "pipes"), "support_heads"])
    assert rows.loc[("A", "lift"), ["support_heads", "passes"]].tolist() == [1.0, True]
    assert rows.loc[("A", "ramp"), "item"] == "lift"
    assert rows.loc[("B", "lift"), ["support_heads", "passes"]].tolist() == [0.5, False]
    assert not rows.loc[("E", "parking"), "passes"]
    assert not menu_choices(m, tally_menu(m, MenuAnswers(), RULES)).query("measure == 'lift'")["passes"].any()


def test_broken_menus_name_everything():
    item = MenuItem("x", Text("甲", "x"), "luxury", "street", "ordinary", ("m",))
    homes = register()
    homes.loc[0, "holder_id"] = None
    homes.loc[1, "dwelling_id"] = "a1"
    with pytest.raises(HutongError) as caught:
        Menu((item, item, replace(item, id="channel", group="basic", scope="estate")), homes)
    assert len(caught.value.rows) == 8
    assert "register row 0: holder_id is empty" in caught.value.rows
    assert "register: a1 is listed twice" in caught.value.rows
    with pytest.raises(HutongError) as caught:
        Menu(read_menu(MENU), register().drop(columns="estate_id"))
    assert caught.value.rows == ("register: column estate_id is missing",)
    with pytest.raises(HutongError) as caught:
        read_menu("items:\n  lift: {group: basic}\n")
    assert caught.value.rows == ("lift: title, scope, matter, measures missing",)
    with pytest.raises(HutongError):
        read_menu("items: {}")
