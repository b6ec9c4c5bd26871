"""An evaluation finds the effect, the overrun and the lower acceptance that were put in, and says what it cannot tell."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.learn import effects, evaluate, lessons, read_works
from hutong.plan import load_measures
from hutong.rules import load_rules

from .learn_case import CONDITION, history


@pytest.fixture(scope="module")
def past():
    return history()


@pytest.fixture(scope="module")
def measures():
    return load_measures()


@pytest.fixture(scope="module")
def found(past, measures):
    earlier, before, after, works = past
    rules = load_rules("beijing", dt.date(2031, 7, 1))
    return evaluate(before, after, works, measures, rules, earlier=earlier)


def test_the_effect_that_was_put_in_is_found(past, found):
    _, before, _, works = past
    row = found.effects.set_index("outcome").loc[CONDITION]
    grade = before["buildings"].set_index("building_id")[CONDITION][works["building_id"]]
    truth = (np.maximum(grade - 2, 1) - grade - 0.1).mean()  # mended, while the others wore on
    assert row["low"] < truth < row["high"]
    assert row["high"] - row["low"] < 0.2
    assert row["treated"] == len(works)
    assert not row["doubtful"]


def test_works_that_do_less_than_promised(measures):
    earlier, before, after, works = history(effect=-0.5)
    row = effects(before, after, works, measures, earlier=earlier).set_index("outcome").loc[CONDITION]
    assert row["verdict"] == "less"
    assert row["planned"] < -1.5 < row["low"]
    assert "less than planned" in row["reason_en"]


def test_imputed_grades_are_no_outcome(past, measures):
    _, before, after, works = past
    origin = {**after.provenance, "buildings": {**after.provenance["buildings"]}}
    origin["buildings"][CONDITION] = before.provenance["buildings"]["cond_fire"]
    guessed = type(after)(after.meta, after.tables, origin)
    row = effects(before, guessed, works, measures).set_index("outcome").loc[CONDITION]
    assert row["verdict"] == "unknown"
    assert "too few" in row["reason_en"]


def test_lessons(found):
    table = found.lessons.set_index("quantity")
    cost, signed = table.loc["cost"], table.loc["acceptance"]
    assert cost["before"] == 1.0
    assert cost["after"] == pytest.approx(1.3, rel=0.05)
    assert cost["moved"]
    assert signed["before"] == pytest.approx(0.8)
    assert signed["after"] == pytest.approx(0.6, abs=0.04)
    assert signed["moved"]
    assert f"effect:{CONDITION}" in table.index


def test_doubtful_effects_teach_nothing(past, measures, found):
    doubted = found.effects.assign(doubtful=True)
    table = lessons(measures, past[3], doubted)
    assert not table["quantity"].str.startswith("effect").any()


def test_the_account_of_works(past, found):
    row = found.works.set_index("measure").loc["pipes"]
    assert (row["works"], row["finished"], row["late"]) == (len(past[3]),) * 3
    assert row["late_days_median"] == 61
    assert row["ratio"] == pytest.approx(1.3, rel=0.05)
    assert row["unknown_cost"] == 0


def test_who_gained_adds_up(found):
    gains = found.gains.set_index("group")
    tenures = gains.drop(index=["all", "elders", "low_income"])
    assert tenures["reached"].sum() <= gains.loc["all", "reached"]
    assert tenures["all"].sum() <= gains.loc["all", "all"]
    assert gains.loc["all", "share"] == pytest.approx(gains.loc["all", "share_of_dwellings"])


def test_the_summary_in_both_languages(past, found):
    said = found.summary()
    assert len(said) == 5
    works = past[3]
    assert f"{works['paid_yuan'].sum() / works['planned_yuan'].sum():.0%}" in said[1].en
    assert all(t.zh != t.en for t in said)


def test_unknown_costs_are_unknown(past, measures):
    _, before, after, works = past
    rules = load_rules("beijing", dt.date(2031, 7, 1))
    unpaid = works.assign(paid_yuan=np.nan)
    found = evaluate(before, after, unpaid, measures, rules)
    assert found.works["ratio"].isna().all()
    assert found.works["unknown_cost"].sum() == len(works)
    assert "not known" in found.summary()[1].en
    assert "cost" not in set(found.lessons["quantity"])


def test_snapshots_out_of_order(past, measures):
    _, before, after, works = past
    with pytest.raises(HutongError, match="not in order"):
        evaluate(after, before, works, measures, load_rules("beijing", dt.date(2031, 7, 1)))


def test_a_record_is_read_as_it_was_written(tmp_path, past):
    works = past[3]
    path = tmp_path / "works.csv"
    works.to_csv(path, index=False, date_format="%Y-%m-%d", encoding="gb18030")
    read = read_works(path, set(works["building_id"]), {"pipes"})
    pd.testing.assert_frame_equal(read, works, check_dtype=False)


HEAD = "building_id,measure,finished,planned_yuan,paid_yuan,asked,signed,predicted_share\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("building_id,measure\nb,pipes\n", "w.csv: column finished is missing"),
        (HEAD + "x,pipes,2028-01-01,1,1,1,1,\n", "w.csv row 2 (building_id): there is no building x"),
        (HEAD + "b,magic,2028-01-01,1,1,1,1,\n", "w.csv row 2 (measure): magic is no measure"),
        (HEAD + "b,pipes,soon,1,1,1,1,\n", "w.csv row 2 (finished): soon is no date"),
        (HEAD + "b,pipes,,-1,1,1,1,\n", "w.csv row 2 (planned_yuan): -1 is no amount"),
        (HEAD + "b,pipes,,a,1,1,1,\n", "w.csv row 2 (planned_yuan): a is no number"),
        (HEAD + "b,pipes,,1,1,1,2,\n", "w.csv row 2 (signed): 2 must be at most 1"),
        (HEAD + "b,pipes,,1,1,1,1,80\n", "w.csv row 2 (predicted_share): 80 must be at most 1"),
        (HEAD + "b,pipes,,1,1,1,1,\nb,pipes,,1,1,1,1,\n", "stands twice"),
    ],
)
def test_a_faulty_record_is_named_by_row_and_column(tmp_path, text, words):
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    with pytest.raises(HutongError, match="faulty") as caught:
        read_works(tmp_path / "w.csv", {"b"}, {"pipes"})
    assert any(words in row for row in caught.value.rows)
