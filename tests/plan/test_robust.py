"""Stress of schemes: PRIM on a box that is known, regrets by hand, failures in words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.catalogue import load_assumptions
from hutong.plan.prim import choose, peel
from hutong.plan.results import BENEFITS
from hutong.plan.robust import Stress, least_regret, regret_table, stress, where_it_fails

from .money_case import flow_table, make_scheme


def test_prim_finds_a_known_box() -> None:
    random = np.random.default_rng(1)
    x = random.uniform(size=(6000, 4))
    failed = (x[:, 0] > 0.6) & (x[:, 2] < 0.4)
    boxes = peel(x, failed, "abcd")
    assert (boxes[0].coverage, boxes[0].mass) == (1.0, 1.0)
    assert all(later.density >= earlier.density for earlier, later in pairwise(boxes))
    assert all(later.coverage <= earlier.coverage for earlier, later in pairwise(boxes))
    box = choose(boxes, 0.9)
    assert box.limited == ("a", "c")
    assert box.limits[0, 0] == pytest.approx(0.6, abs=0.03)
    assert box.limits[2, 1] == pytest.approx(0.4, abs=0.03)
    assert box.density > 0.95
    assert (box.chance[[0, 2]] < 1e-9).all()
    assert np.isnan(box.chance[[1, 3]]).all()
    inside = box.inside(x)
    assert box.density == pytest.approx(failed[inside].mean())
    assert box.mass == inside.mean()


def test_prim_with_ties_infinite_values_and_nothing_to_find() -> None:
    random = np.random.default_rng(2)
    x = np.column_stack([np.where(random.uniform(size=2000) < 0.8, 0.0, -1.0), random.uniform(size=2000)])
    x[:500, 1] = np.inf
    box = choose(peel(x, x[:, 0] == 0, "ab"))
    assert box.density == 1
    assert box.limits[0, 0] == 0
    assert len(peel(x, np.zeros(2000, bool), "ab")) == 1
    everything = peel(x, np.ones(2000, bool), "ab")
    assert len(everything) == 1
    assert choose(everything).limited == ()
    assert len(peel(np.zeros((50, 1)), np.arange(50) < 25, "a")) == 1  # one value only: no cut


def test_regrets_by_hand() -> None:
    schemes = (make_scheme("a"), make_scheme("b"))
    result = Stress(schemes, ("x",), (), np.zeros((3, 1)), {"benefit": np.array([[1.0, 5, 2], [4, 4, 2]])})
    table = regret_table(result).set_index("scheme")
    assert table.loc["a", "mean"] == 1
    assert table.loc["b", "mean"] == pytest.approx(1 / 3)
    assert table.loc["b", "most"] == 1
    assert table.loc["a", "best"] == pytest.approx(2 / 3)
    assert least_regret(result, "benefit") == "b"


def test_schemes_meet_the_same_futures() -> None:
    rich = make_scheme("rich", flow_table(income=700), social=6.0)
    poor = make_scheme("poor")
    result = stress([rich, poor], futures=800, seed=3)
    again = stress([rich, poor], futures=800, seed=3)
    for name, values in result.outcomes.items():
        assert (values == again.outcomes[name]).all()
    npvs = result.outcomes["operator_npv"]
    assert (npvs[0] >= npvs[1]).all()  # the same where operation ends before it begins
    assert (npvs[0] > npvs[1]).mean() > 0.95
    assert (result.outcomes["benefit"][0] > result.outcomes["benefit"][1]).all()
    assert least_regret(result, "operator_npv") == "rich"
    table = regret_table(result)
    assert (table["most"] >= table["p90"]).all()
    assert len(table) == 6


def test_benefit_at_no_shift_is_what_is_expected_and_rises_with_acceptance() -> None:
    scheme = make_scheme()
    result = stress([scheme], futures=2000)
    shift, benefit = result.values[:, -1], result.outcomes["benefit"][0]
    order = np.argsort(shift)
    assert (np.diff(benefit[order]) >= 0).all()
    c = scheme.choices
    weights = [load_assumptions()[f"weight_{b}"].value for b in BENEFITS]
    expected = (c[[f"benefit_{b}" for b in BENEFITS]].to_numpy(float) @ weights) @ c[
        "pass_probability"
    ].to_numpy(float)
    assert np.interp(0, shift[order], benefit[order]) == pytest.approx(expected, rel=1e-3)


def test_where_a_scheme_fails_is_said() -> None:
    result = stress([make_scheme("a", flow_table(income=700))], futures=4000)
    found = where_it_fails(result, "a")
    assert 0.05 < found.share < 0.5
    assert not found.holds
    assert found.box.density > found.share
    assert found.box.coverage >= 0.5
    assert set(found.box.limited) & {"rent", "vacancy", "overrun", "delay", "termination"}
    assert "Mostly where" in found.text.en
    assert "%" in found.text.en.split("Mostly where")[1].split("(")[0]
    assert "覆盖失败情景" in found.text.zh
    never = where_it_fails(result, "a", "benefit", -1.0)
    assert never.share == 0
    assert "0%" in never.text.en


def test_a_scheme_that_mostly_fails_is_told_by_where_it_holds() -> None:
    result = stress([make_scheme("a", flow_table(income=600))], futures=4000)
    found = where_it_fails(result, "a")
    assert found.share > 0.5
    assert found.holds
    holds = result.outcomes["operator_npv"][0] >= 0
    inside = found.box.inside(result.values)
    assert found.box.density == pytest.approx(holds[inside].mean())
    assert found.box.density > holds.mean()
    assert "Where it holds" in found.text.en
    assert "不低于此值的情景" in found.text.zh


def test_unknown_names_are_refused() -> None:
    result = stress([make_scheme("a")], futures=50)
    for args, code in ((("z",), "unknown-scheme"), (("a", "joy"), "unknown-measure")):
        with pytest.raises(HutongError) as caught:
            where_it_fails(result, *args)
        assert caught.value.code == code
    with pytest.raises(HutongError) as caught:
        stress([])
    assert caught.value.code == "no-scheme"
