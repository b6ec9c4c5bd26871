"""What residents chose changes what is planned: not offered, offered without prediction, wanted, per staircase."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.plan import Plan, load_measures, make_plan
from hutong.plan.catalogue import load_assumptions
from hutong.plan.conflict import kind_of
from hutong.plan.options import build_options
from hutong.plan.wishes import COLUMNS, Wishes, read_choices
from tests.plan.conftest import Quarter

SCHEMES = ("least_cost", "balanced", "most_benefit")


def choices(*rows: tuple[str, str, str, bool, float, bool]) -> pd.DataFrame:
    """Rows of (scope, object, measure, mandatory, support, passes)."""
    return pd.DataFrame(
        [(s, o, m, m, basic, share, share, passes) for s, o, m, basic, share, passes in rows],
        columns=list(COLUMNS),
    )


def package(plan, object_id: str, scheme: str = "balanced") -> list[str]:
    table = plan.scheme(scheme).choices.set_index("object_id")
    return table.loc[object_id, "package"].split("+") if object_id in table.index else []


def options(quarter: Quarter, wishes: Wishes):
    objects, measures = wishes.heard(quarter.objects, load_measures(), quarter.city)
    return build_options(
        objects, measures, quarter.rules, seed=1, settled=lambda o: wishes.settled(o, quarter.city)
    )


def of(found, object_id: str, measure: str):
    """Which options of an object hold a measure."""
    return (found.object == found.objects.row_of_id[object_id]) & found.has(measure)


def test_without_wishes_nothing_changes(quarter: Quarter):
    same = options(quarter, Wishes())
    assert len(same) == len(quarter.options)
    np.testing.assert_array_equal(same.packages, quarter.options.packages)


@pytest.fixture(scope="module")
def heat(quarter: Quarter) -> pd.DataFrame:
    table = pd.DataFrame({"building_id": quarter.city["buildings"]["building_id"], "heat": np.nan})
    table.loc[table["building_id"] == "b0000003", "heat"] = 1.0
    table.loc[table["building_id"] == "b0000004", "heat"] = 0.5
    return table


@pytest.fixture(scope="module")
def heard(quarter: Quarter, heat: pd.DataFrame) -> Plan:
    """A plan that listens to a menu and to memories."""
    menu = choices(
        ("building", "b0000013", "insulation", False, 0.4, False),
        ("building", "b0000013", "pipes", True, np.nan, True),
        ("estate", "e000001", "property_service", False, 0.3, False),
        ("estate", "e000003", "estate_environment", True, np.nan, True),
        ("building", "b0000020", "digital_metering", False, 0.8, True),
    )
    return make_plan(quarter.city, quarter.check, quarter.rules, wishes=Wishes(menu, heat))


def test_what_was_not_chosen_is_in_no_scheme(quarter: Quarter, heard: Plan):
    assert "insulation" in package(quarter.plan, "b0000013")
    assert "property_service" in package(quarter.plan, "e000001")
    for scheme in SCHEMES:
        assert "insulation" not in package(heard, "b0000013", scheme)
        assert "property_service" not in package(heard, "e000001", scheme)
    assert "insulation" in package(heard, "b0000014")  # nobody was asked there


def test_basic_items_are_done_in_every_scheme(quarter: Quarter, heard: Plan):
    for name, measure in (("b0000013", "pipes"), ("e000003", "estate_environment")):
        assert measure not in package(quarter.plan, name, "least_cost")
        for scheme in SCHEMES:
            assert measure in package(heard, name, scheme)


def test_basic_items_give_way_as_aims_do(quarter: Quarter):
    menu = choices(("building", "b0000013", "pipes", True, np.nan, True))
    wishes = Wishes(menu)
    wanted = wishes.required(options(quarter, wishes), quarter.city)
    assert {kind_of(w.row)[0] for w in wanted} == {"aims"}


def test_the_plan_says_that_it_listened(heard: Plan):
    menu, memories = heard.assumptions[:2]
    assert "1 choices passed" in menu.en
    assert "the 2 that did not pass are not planned; of 2 basic items 2 are planned" in menu.en
    assert "attachment to 2 buildings" in memories.en


def test_a_lift_is_built_where_its_staircase_said_yes(quarter: Quarter):
    stairs = ("s0000001", "s0000002", "s0000003")  # all of b0000013, all without a lift
    menu = choices(*(("staircase", s, "lift", False, 0.9, s == "s0000002") for s in stairs))
    found = options(quarter, Wishes(menu))
    before, now = of(quarter.options, "b0000013", "lift"), of(found, "b0000013", "lift")
    at = [m.id for m in found.measures].index("lift")
    assert now.any()
    assert not before.any()  # predicted to fail if all three staircases had to agree
    assert set(found.quantity[now, at]) == {1.0}
    homes, rows = found.objects.households, quarter.city["staircases"]["staircase_id"].tolist()
    here = homes.object == found.objects.row_of_id["b0000013"]
    assert set(homes.staircase[here & homes.lift_missing]) == {rows.index("s0000002")}
    nobody = choices(*(("staircase", s, "lift", False, 0.2, False) for s in stairs))
    assert not of(options(quarter, Wishes(nobody)), "b0000013", "lift").any()
    # the other buildings stay as they were
    assert of(found, "b0000014", "lift").sum() == of(quarter.options, "b0000014", "lift").sum()


def test_a_vote_that_passed_needs_no_prediction(quarter: Quarter):
    alone = of(quarter.options, "b0000013", "accessibility") & (quarter.options.packages.sum(axis=1) == 1)
    assert (quarter.options.answer.pass_probability[alone] < 1).all()
    found = options(quarter, Wishes(choices(("building", "b0000013", "accessibility", False, 0.77, True))))
    only = of(found, "b0000013", "accessibility") & (found.packages.sum(axis=1) == 1)
    assert only.any()
    assert set(found.answer.pass_probability[only]) == {1.0}
    assert set(found.answer.acceptance[only]) == {0.77}
    # beside a measure whose vote has not been held, the prediction stands
    with_more = of(found, "b0000013", "accessibility") & found.has("insulation")
    assert (found.answer.acceptance[with_more] != 0.77).all()


def test_votes_that_passed_bring_back_what_was_predicted_to_fail(quarter: Quarter):
    everything = [m.id for m in load_measures() if m.applies_to == "building" and m.unit != "staircase"]
    menu = choices(*(("building", "b0000013", m, False, 0.8, True) for m in everything))
    before = quarter.options.object == quarter.objects.row_of_id["b0000013"]
    found = options(quarter, Wishes(menu))
    now = found.object == found.objects.row_of_id["b0000013"]
    assert now.sum() > before.sum()


def test_an_estate_may_decide_for_its_buildings(quarter: Quarter):
    estate = quarter.city["plots"].set_index("plot_id")["estate_id"]
    of_building = quarter.city["buildings"].set_index("building_id")["plot_id"].map(estate)
    name = of_building["b0000013"]
    found = options(quarter, Wishes(choices(("estate", name, "insulation", False, 0.2, False))))
    for building in ("b0000013", "b0000014", "b0000020"):
        if building in found.objects.row_of_id:
            refused = of_building[building] == name
            assert bool(of(found, building, "insulation").any()) <= (not refused)
    assert not of(found, "b0000013", "insulation").any()


def test_attachment_raises_the_cultural_worth_of_restoring(quarter: Quarter, heat: pd.DataFrame, heard: Plan):
    objects, measures = Wishes(heat=heat).heard(quarter.objects, load_measures(), quarter.city)
    weight = load_assumptions()["attachment_weight"].value
    ratio = objects["heritage_worth"] / quarter.objects["heritage_worth"]
    row = quarter.objects.row_of_id
    assert ratio[row["b0000003"]] == pytest.approx(1 + weight)
    assert ratio[row["b0000004"]] == pytest.approx(1 + weight / 2)
    assert (np.delete(ratio, [row["b0000003"], row["b0000004"]]) == 1).all()
    assert measures == load_measures()
    # what can be attained in the quarter grew, so a building that nobody spoke of has a smaller share of it
    one = [
        p.options.set_index(["object_id", "package", "offer"])["benefit_cultural"]
        for p in (quarter.plan, heard)
    ]
    both = pd.concat(one, axis=1, keys=["before", "now"]).dropna()
    both = both[both["before"] > 0]
    change = both["now"] / both["before"]
    of = both.index.get_level_values("object_id")
    assert change[of == "b0000003"].min() > change[~of.isin(["b0000003", "b0000004"])].max()


def test_choices_say_what_became_of_them(quarter: Quarter):
    menu = choices(
        ("building", "b0000014", "lift", False, 0.9, True),
        ("building", "b0000013", "insulation", False, 0.4, False),
        ("staircase", "s0000006", "lift", False, 0.9, True),
    )
    table = Wishes(menu).kept(quarter.plan.scheme("balanced"), quarter.city)
    assert table["planned"].tolist() == [1.0, 1.0, 1.0]  # of a plan that did not listen


def test_choices_that_fit_nothing_are_named(quarter: Quarter):
    menu = choices(
        ("building", "b0000013", "lifts", False, 0.9, True),
        ("building", "b9", "lift", False, 0.9, True),
        ("staircase", "s0000001", "insulation", False, 0.9, True),
    )
    with pytest.raises(HutongError) as caught:
        Wishes(menu).heard(quarter.objects, load_measures(), quarter.city)
    assert caught.value.code == "menu-rows"
    assert [row.split(":")[0] for row in caught.value.rows] == ["row 2", "row 3", "row 4"]
    # an item may name a measure for each kind of object; one that fits nowhere is a mistake
    courtyard = choices(("building", "b0000001", "lift", False, 0.9, True))
    with pytest.raises(HutongError) as caught:
        Wishes(courtyard).heard(quarter.objects, load_measures(), quarter.city)
    assert caught.value.rows == ("item lift: lift fits none of its objects",)
    both = choices(
        ("building", "b0000001", "lift", False, 0.1, False),
        ("building", "b0000014", "lift", False, 0.1, False),
    )
    objects, _ = Wishes(both).heard(quarter.objects, load_measures(), quarter.city)
    assert np.flatnonzero(objects["menu_allows_lift"] == 0).tolist() == [
        quarter.objects.row_of_id["b0000014"]
    ]


def test_choices_are_read_from_text():
    table = choices(
        ("building", "b1", "lift", False, 0.5, True), ("estate", "e1", "parking", True, np.nan, True)
    )
    text = table.astype(str).replace("nan", None)
    pd.testing.assert_frame_equal(read_choices(text), table)
    with pytest.raises(HutongError, match="lack"):
        read_choices(text.drop(columns="passes"))
    text.loc[0, "passes"] = "perhaps"
    text.loc[1, "support_area"] = "1.5"
    with pytest.raises(HutongError) as caught:
        read_choices(text)
    assert caught.value.rows == ("row 2: passes 'perhaps'", "row 3: support_area '1.5'")
