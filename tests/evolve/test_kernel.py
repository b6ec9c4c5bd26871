"""The kernels against a plain Python twin, and what must hold in every run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.evolve.bodies import FLOOR, FLOOR_AFTER, FLOOR_BEFORE
from hutong.evolve.dials import DIAL_TITLES, Dials, make_dials, platform
from hutong.evolve.ensemble import combine
from hutong.evolve.kernel import RAW
from hutong.evolve.parameters import default_parameters, draw_parameters, parameter_infos, parameter_names

from .evolve_case import run_once
from .evolve_twin import Twin


def dials(digital: float, deliberation: float, **more: float):
    return make_dials(**{**platform(digital), "structure": deliberation, **more})


def named(values) -> dict[str, float]:
    return dict(zip(parameter_names(), values.tolist(), strict=True))


SETTINGS = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]


@pytest.mark.parametrize(("digital", "deliberation"), SETTINGS)
def test_equals_the_plain_twin_byte_for_byte(world, digital, deliberation):
    values = draw_parameters(4, seed=3)[int(2 * digital + deliberation)]
    seed = 0x1234_5678_9ABC_DEF0 + int(digital)
    mine = run_once(world, values, seed=seed, months=36, digital=digital, deliberation=deliberation)
    twin = Twin(world, named(values), seed, dials(digital, deliberation))
    plain = twin.run(36)
    assert list(twin.months[0]) == list(RAW)
    wrong = [(RAW[k], t) for k, t in np.argwhere(mine != plain)]
    assert not wrong, wrong[:5]
    assert mine.tobytes() == plain.tobytes()
    assert plain[RAW.index("finished"), -1] > 0


def test_a_dial_between_zero_and_one_equals_the_twin(world):
    values = default_parameters()
    mine = run_once(world, values, months=24, digital=0.4, deliberation=0.7)
    plain = Twin(world, named(values), 7, dials(0.4, 0.7)).run(24)
    assert mine.tobytes() == plain.tobytes()


OTHER = [
    {"environment": 1.0, "results": 1.0, "inequality": 1.0, "capacity": 0.5, "budget": 0.7},
    {"environment": 0.0, "results": 0.0, "complexity": 0.0, "sensing": 0.0, "transparency": 0.3},
    {"shock_month": 20.0, "shock_condition": 0.3, "shock_trust": 0.5, "shock_money": 0.8, "means": 0.5},
]


@pytest.mark.parametrize("more", OTHER)
def test_every_dial_equals_the_twin(world, more):
    values = draw_parameters(3, seed=5)[OTHER.index(more)]
    mine = run_once(world, values, months=48, digital=0.8, deliberation=0.6, **more)
    plain = Twin(world, named(values), 7, dials(0.8, 0.6, **more)).run(48)
    wrong = [(RAW[k], t) for k, t in np.argwhere(mine != plain)]
    assert not wrong, wrong[:5]


def test_operation_is_paid_from_the_purse_first(world):
    costly = world._replace(upkeep=1.5 * world.public_yuan)
    values = default_parameters({"vote_logit": 3.0})
    scarce = {"budget": 0.4, "results": 1.0}
    mine = run_once(costly, values, seed=4, months=84, **scarce)
    plain = Twin(costly, named(values), 4, dials(1.0, 1.0, **scarce)).run(84)
    assert mine.tobytes() == plain.tobytes()
    free = run_once(world, values, seed=4, months=84, **scarce)
    assert np.all(np.diff(mine[RAW.index("upkeep")]) >= 0)
    assert mine[RAW.index("upkeep"), -1] > 0
    assert free[RAW.index("upkeep"), -1] == 0
    assert mine[RAW.index("spent")].sum() < free[RAW.index("spent")].sum()


#: What sets the level at the start or scales something that is itself off.
KEPT = {
    "trust_government", "trust_operator", "trust_spread", "trust_evidence", "trust_memory", "first_information",
    "first_trust", "first_noise", "imitation_noise", "vote_noise", "resolve_base", "response_start", "faith_start",
    "satisfied_resolved", "satisfied_unresolved", "economic_base", "cultural_base", "programme_years", "rate_memory",
    "operator_noise", "faith_spread", "required_spread", "survey_noise", "whistle_base",
}  # fmt: skip


def test_with_everything_at_zero_nothing_moves(world):
    still = default_parameters({name: 0.0 for name in parameter_names() if name not in KEPT})
    out = run_once(world, still, months=30, **dict.fromkeys(Dials._fields, 0.0))
    moved = [
        name for name, row in zip(RAW, out, strict=True) if not name.startswith("rate_") and np.ptp(row) > 0
    ]
    assert set(moved) <= {"pairs", "clash"}  # ties are counted by the neighbour met
    shares = out[RAW.index("rate_resolved")] / out[RAW.index("rate_closed")]
    assert np.allclose(shares, shares[0], rtol=1e-12)


def test_with_all_dials_at_zero_no_project_moves_and_nobody_is_served(world):
    out = dict(
        zip(RAW, run_once(world, default_parameters(), **dict.fromkeys(Dials._fields, 0.0)), strict=True)
    )
    for name in (
        "received",
        "spent",
        "finished",
        "closed",
        "resolved",
        "bids",
        "lever",
        "openness",
        "gain_all",
    ):
        assert not out[name].any(), name
    assert np.ptp(out["coverage"]) == 0.0
    assert out["condition"][-1] < out["condition"][0]  # buildings age all the same


def test_income_is_kept_or_shared_and_floor_area_is_accounted_for(world):
    values = default_parameters({"vote_logit": 3.0})
    out = dict(zip(RAW, run_once(world, values, months=120, results=1.0, environment=1.0), strict=True))
    assert out["income"][-1] > 0
    assert out["shared"][-1] > 0
    assert out["kept"] + out["shared"] == pytest.approx(out["income"])
    most = out["lever"].max() * values[parameter_names().index("instrument_floor")]
    project = world.bodies.project
    change = np.abs(project[FLOOR_AFTER] - project[FLOOR_BEFORE]).sum() + most * project[FLOOR_BEFORE].sum()
    assert np.all(np.abs(out["floor"] - 1.0) * world.bodies.facts[FLOOR] <= change + 1e-6)
    assert out["gain_all"][-1] == pytest.approx(
        sum(out[f"gain_{k}"][-1] for k in ("economic", "ecological", "cultural"))
    )


def test_a_shock_to_money_is_lost_and_booked(world):
    calm, hit = (
        run_once(world, default_parameters(), months=30, shock_month=20.0, shock_money=x) for x in (0.0, 1.0)
    )
    received = RAW.index("received")
    assert np.array_equal(calm[:, :20], hit[:, :20])
    assert hit[received, 20] < calm[received, 20]
    assert np.all(hit[RAW.index("spent")] <= hit[received].max() + 1e-6)


def test_people_and_money_are_conserved(world):
    out = dict(zip(RAW, run_once(world, default_parameters({"vote_logit": 3.0}), months=120), strict=True))
    assert np.all(out["people"] + out["rehoused"] == world.people.sum())
    assert out["rehoused"][-1] > 0
    assert np.all(np.diff(out["rehoused"]) >= 0)
    assert np.all(out["spent"] <= out["received"] + 1e-6)
    assert out["received"][-1] <= world.public_yuan.sum()
    assert np.all(out["resolved"] <= out["closed"])
    assert np.all(out["responded"] <= out["due"])


def test_the_digital_layer_takes_its_cost_from_the_public_money(world):
    values = default_parameters({"digital_cost": 0.25})
    with_, without = (
        run_once(world, values, months=120, digital=d)[RAW.index("received"), -1] for d in (1.0, 0.0)
    )
    assert with_ == pytest.approx(0.75 * without)
    assert without == pytest.approx(world.public_yuan.sum())


def test_a_yearly_budget_limits_what_can_start(world):
    yearly = np.array([0.1, 0.2]) * world.public_yuan.sum()
    out = dict(
        zip(
            RAW,
            run_once(world._replace(budget=yearly), default_parameters(), months=60, digital=0.0),
            strict=True,
        )
    )
    assert out["received"][12] == pytest.approx(yearly[0])
    assert out["received"][-1] == pytest.approx(yearly.sum())
    assert np.all(out["spent"] <= out["received"])


infos = parameter_infos()
anything = {name: st.floats(0, 1) for name in DIAL_TITLES} | {"shock_month": st.integers(0, 24).map(float)}
wild = st.tuples(
    *(
        st.floats(
            min(0.0, 2 * i.low), 2 * abs(i.high) + (i.id in ("imitation_noise", "operator_noise")) * 1e-3
        )
        for i in infos
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=wild, seed=st.integers(0, 2**64 - 1), dials=st.fixed_dictionaries(anything))
def test_shares_stay_in_range_whatever_the_parameters(world, values, seed, dials):
    values = np.array(values)
    named = dict(zip(parameter_names(), range(len(values)), strict=True))
    for name in ("imitation_noise", "operator_noise", "vote_noise", "trust_evidence", "trust_memory"):
        values[named[name]] = max(values[named[name]], 1e-3)
    for name in ("economic_base", "cultural_base", "resolve_base", "response_start", "coverage_base", "skill_elder",
                 "skill_income", "satisfied_resolved", "satisfied_unresolved", "faith_start", "participation_start",
                 "rate_memory", "digital_cost", "late_discount", "share_rate", "whistle_base", "whistle_structure",
                 "whistle_digital"):  # fmt: skip
        values[named[name]] = min(values[named[name]], 1.0)
    values[named["rate_memory"]] = max(values[named["rate_memory"]], 0.1)
    raw = run_once(world, values, seed=seed, months=24, **dials)
    assert np.isfinite(raw).all()
    series, parts = combine(raw[None, None], values[None], world)
    counted = {"requests_open", "residents", "rehoused", "spent", "received", "upkeep", "floor", "income", "kept",
               "shared", "bids", "no_bids", "given_up"}  # fmt: skip
    for name, row in {**series, **parts}.items():
        if name not in counted:
            assert np.all((row >= 0) & (row <= 1)), name
    assert np.all(parts["residents"] + parts["rehoused"] == world.people.sum())
