"""Lessons in the next plan: what was accepted changes cost, effect and acceptance; what was refused changes nothing."""

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan import load_measures, make_plan
from hutong.plan.learned import LEARNED_COLUMNS, Learned, read_learned, with_learned
from hutong.plan.options import build_options

HEAD = ",".join(LEARNED_COLUMNS)


@pytest.fixture
def measures():
    return load_measures()


def one(quantity, value, measure="pipes"):
    return Learned(measure, quantity, value, "2027-01-01", "E00001")


def named(measures, name="pipes"):
    return next(m for m in measures if m.id == name)


def test_a_lesson_changes_its_measure_alone(measures):
    before = named(measures)
    after = with_learned(
        measures, [one("cost", 1.3), one("acceptance", -0.4), one("effect:cond_pipes", -1.2)]
    )
    now = named(after)
    assert now.capital == pytest.approx(1.3 * before.capital)
    assert now.capital_high / now.capital_low == pytest.approx(before.capital_high / before.capital_low)
    assert (now.lean, now.effects["cond_pipes"]) == (-0.4, -1.2)
    assert "E00001" in now.source.en
    assert [m for m in after if m.id != "pipes"] == [m for m in measures if m.id != "pipes"]
    assert with_learned(measures, []) == measures


def test_the_last_of_several_counts(measures):
    assert named(with_learned(measures, [one("cost", 9.0), one("cost", 1.1)])).capital == pytest.approx(
        1.1 * named(measures).capital
    )


@pytest.mark.parametrize(
    ("quantity", "value", "measure"),
    [("cost", 0.0, "pipes"), ("cost", 21.0, "pipes"), ("cost", float("nan"), "pipes"), ("acceptance", 11.0, "pipes"),
     ("effect:lift", 1.0, "pipes"), ("luck", 1.0, "pipes"), ("cost", 1.1, "palace")],
)  # fmt: skip
def test_what_cannot_be_learned(measures, quantity, value, measure):
    with pytest.raises(HutongError) as caught:
        with_learned(measures, [one(quantity, value, measure)])
    assert caught.value.code == "bad-lessons"


def test_the_record_is_read_and_only_what_was_accepted_counts(measures, tmp_path):
    path = tmp_path / "lessons.csv"
    rows = ["pipes,cost,1.25,accepted,2027-01-01,E1,paid more", "pipes,acceptance,-2,refused,2027-01-01,E1,one odd year", "lift,cost,1.5,,,E1,"]  # fmt: skip
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    found = read_learned(path, measures)
    assert [(f.measure, f.quantity, f.value) for f in found] == [("pipes", "cost", 1.25)]
    path.write_text(f"{HEAD}\npipes,cost,x,accepted,2027-01-01,E1,\npipes,cost,1,perhaps,,E1,", "utf-8")
    with pytest.raises(HutongError) as caught:
        read_learned(path, measures)
    assert [row.split(" ")[0] for row in caught.value.rows] == ["lessons.csv:2", "lessons.csv:3"]


def beside(quarter, measures):
    """Return the options that both catalogues offer, with capital and acceptance as shipped and as learned."""
    other = build_options(quarter.objects, measures, quarter.rules, seed=1)
    keys = [
        list(zip(o.object.tolist(), o.package_ids(), o.offer.tolist(), strict=True))
        for o in (quarter.options, other)
    ]
    at = {k: i for i, k in enumerate(keys[1])}
    rows = [(i, at[k]) for i, k in enumerate(keys[0]) if k in at]
    assert len(rows) > 50
    left, right = np.array(rows).T
    return quarter.options.keep(left, {}), other.keep(right, {})


def test_the_next_plan_pays_what_was_learned(quarter):
    catalogue = load_measures()
    dear = with_learned(
        catalogue, [Learned(m.id, "cost", 1.5, "2027-01-01", "E1") for m in catalogue if m.capital]
    )
    plain, other = beside(quarter, dear)
    cost, more = plain.capital.sum(axis=1), other.capital.sum(axis=1)
    assert np.median(more[cost > 0] / cost[cost > 0]) == pytest.approx(1.5, rel=0.02)


def test_the_next_plan_expects_the_answer_that_was_learned(quarter):
    catalogue = load_measures()
    shy = with_learned(catalogue, [Learned(m.id, "acceptance", -0.2, "2027-01-01", "E1") for m in catalogue])
    plain, other = (o.answer.acceptance for o in beside(quarter, shy))
    assert (other <= plain + 1e-9).all()
    assert other.mean() < plain.mean() - 0.01


def test_a_plan_is_made_with_what_was_learned(quarter):
    catalogue = load_measures()
    dear = with_learned(
        catalogue, [Learned(m.id, "cost", 1.5, "2027-01-01", "E1") for m in catalogue if m.capital]
    )
    plan = make_plan(quarter.city, quarter.check, quarter.rules, measures=dear)
    assert plan.measures == dear
    key = ["object_id", "package", "offer"]
    both = quarter.plan.options.merge(plan.options, on=key, suffixes=("", "_learned"))
    assert (both["capital_yuan_learned"] / both["capital_yuan"]).median() == pytest.approx(1.5, rel=0.02)
