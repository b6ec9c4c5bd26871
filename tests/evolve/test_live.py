"""The simulator's money, floor area and rule checks are those of the live loop: same inputs, same answers."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.city import make_quarter
from hutong.evolve.bodies import BUILDER, CITY_YUAN, FLOOR, NET, OUTLAY, RATE, RETURN_LOW, UNIT_RETURN
from hutong.evolve.dials import as_floats, make_dials
from hutong.evolve.kernel import RAW, as_record, new_state, simulate
from hutong.evolve.parameters import default_parameters
from hutong.evolve.programme_money import FIRST_YEAR, NO_RETURN
from hutong.evolve.projects import DONE
from hutong.evolve.world import build_world
from hutong.plan import irr, party_years
from hutong.plan.assemble import full_table, settle
from hutong.plan.money import PUBLIC, before_loan
from hutong.plan.schemes import make_plan
from hutong.plan.study import Study
from hutong.sense import checkup
from hutong.text import Text


@pytest.fixture(scope="module")
def live(rules):
    """A quarter, its study, its balanced scheme, and the model's world of it."""
    city = make_quarter(dwellings=300, seed=2)
    check = checkup(city, rules)
    scheme = make_plan(city, check, rules, seed=1).scheme("balanced")
    return city, Study.of(city, check, rules, seed=1).desk, scheme, build_world(city, scheme, rules)


def test_returns_are_those_of_the_plan(live, rules):
    _, _, scheme, built = live
    project = built.world.bodies.project
    flows = before_loan(scheme.flows)
    for j, object_id in enumerate(built.programme.object_id):
        own = party_years(flows[flows["object_id"] == object_id]).loc["operator"].to_numpy(float)
        rate = irr(own).rate if len(own) else float("nan")
        assert project[RATE, j] == (rate if np.isfinite(rate) else NO_RETURN)
    facts = built.world.bodies.facts
    expected = scheme.totals["operator_irr"]
    assert facts[UNIT_RETURN] == pytest.approx(expected if np.isfinite(expected) else NO_RETURN)
    assert facts[RETURN_LOW] == rules.number("operator.return_low")


def test_money_adds_up_to_that_of_the_scheme(live):
    _, _, scheme, built = live
    world = built.world
    # An object that touches no inhabited building is no project of the model; what is paid for the unit is shared.
    empty = set(scheme.choices["object_id"]) - set(built.programme.object_id)
    flows = scheme.flows[
        (scheme.flows["line"] != "interest_subsidy") & ~scheme.flows["object_id"].isin(empty)
    ]
    kept = scheme.choices[~scheme.choices["object_id"].isin(empty)]
    years = party_years(before_loan(flows))
    build = -years[[0, 1]].sum(axis=1)
    assert world.public_yuan.sum() == pytest.approx(kept["public_yuan"].sum())
    assert world.public_yuan.sum() == pytest.approx(build[list(PUBLIC)].sum())
    assert world.bodies.project[CITY_YUAN].sum() == pytest.approx(build["city"])
    assert world.bodies.project[OUTLAY].sum() == pytest.approx(build["operator"])
    assert world.bodies.project[NET].sum() == pytest.approx(years.loc["operator", FIRST_YEAR])
    assert world.upkeep.sum() == pytest.approx(-years.loc[list(PUBLIC), FIRST_YEAR].sum())


def test_what_the_model_builds_passes_the_live_check_and_has_its_floor_area(live, rules):
    """The projects that one run completes, settled and checked as a scheme of their own by the plan."""
    _, desk, scheme, built = live
    world, programme = built.world, built.programme
    state, projects, governance = new_state(world)
    # No instruments (their floor area is the model's own), returns pooled and sure votes, so that much is built.
    values = default_parameters({"vote_logit": 4.0, "instrument_floor": 0.0, "risk_price": 0.0, "first_information": 0.0,
                                 "first_trust": 1.0, "trust_government": 0.9, "trust_operator": 0.9})  # fmt: skip
    out = np.empty((len(RAW), 121))
    dials = as_floats(make_dials(structure=1.0, results=1.0, budget=2.0))
    simulate(world, state, projects, governance, as_record(values), dials, np.uint64(3), out)
    done = {programme.object_id[j] for j in np.flatnonzero(projects.phase == DONE)}
    assert done
    kept = scheme.choices[scheme.choices["object_id"].isin(done)]
    table = full_table(desk)
    chosen = [
        int(np.flatnonzero((table["object_id"] == r.object_id) & (table["package"] == r.package) & (table["offer"] == r.offer))[0])
        for r in kept.itertuples()
    ]  # fmt: skip
    settled, report = settle(desk, "built", Text("建成", "Built"), np.array(chosen), 0.0, scheme.certificate)
    broken = {v.rule for v in report.violations if v.rigid}
    assert broken <= {v.rule for v in scheme.violations}
    everyone = np.all(projects.share[projects.phase == DONE] == 1.0)
    if everyone:
        change = settled.totals["floor_after_m2"] - settled.totals["floor_before_m2"]
        assert (out[RAW.index("floor"), -1] - 1.0) * world.bodies.facts[FLOOR] == pytest.approx(
            change, abs=1e-6
        )
    assert world.bodies.facts[FLOOR] == pytest.approx(settled.totals["floor_before_m2"])
    started = projects.elapsed + projects.planned > 0
    assert out[RAW.index("spent"), -1] == pytest.approx(world.public_yuan[started].sum())
    assert np.all(governance.project[BUILDER, started] >= 0)
    assert settled.totals["public_yuan"] == pytest.approx(world.public_yuan[projects.phase == DONE].sum())
