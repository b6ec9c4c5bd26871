"""The account that the independent check reads says what the options do."""

from __future__ import annotations

import numpy as np

from hutong.city.quarter import make_quarter
from hutong.plan import load_measures
from hutong.plan.account import plot_gain, unit_account
from hutong.plan.objects import ESTATE, gather
from hutong.plan.options import Options, build_options
from hutong.rules import Rules, check_scheme
from hutong.sense.checkup import checkup


def pick(options: Options, measure: str, taken: set[int]) -> int:
    return next(int(i) for i in np.flatnonzero(options.has(measure)) if int(options.object[i]) not in taken)


def test_demolition_rebuilding_and_moves_are_booked(rules: Rules) -> None:
    city = make_quarter(dwellings=1200, seed=1)
    objects = gather(city, checkup(city, rules), rules)
    options = build_options(objects, load_measures(), rules, seed=1)
    chosen: list[int] = []
    for measure in ("rebuild_in_place", "lease_surrender", "remove_illegal", "elderly_station"):
        if options.has(measure).any():
            chosen.append(pick(options, measure, {int(options.object[c]) for c in chosen}))
    rows = np.array(chosen)
    assert options.has("remove_illegal")[rows].any()
    assert options.has("lease_surrender")[rows].any()
    account = unit_account(city, options, rows, rules, 1.0, -1.0, 20.0)
    change = (account.new_floor_m2 - account.demolished_m2).sum()
    assert np.isclose(change, (options.floor_after - options.floor_before)[rows].sum())
    assert np.isclose(account.demolished_m2.sum(), options.demolished[rows].sum())
    relocated = account.column("relocated_households").sum()
    assert np.isclose(relocated, options.leaving[rows].sum())
    gone = account.demolished_m2 > 0
    estate = rows[objects.kind[options.object[rows]] == ESTATE]
    assert gone.sum() >= 1
    assert (account.column("illegal")[gone] == 1).sum() >= len(estate) > 0
    report = check_scheme(account, rules)
    assert not any(v.rule.startswith(("old_city", "heritage")) for v in report.violations)
    assert account.service_floor_m2.get("elderly_care", 350.0) == 350.0


def test_a_forced_demolition_is_caught_by_the_check(rules: Rules) -> None:
    """The check does not trust the planner: an option that should have been left out is found."""
    city = make_quarter(dwellings=300, seed=1)
    objects = gather(city, checkup(city, rules), rules)
    options = build_options(objects, load_measures(), rules, seed=1)
    at = next(
        i
        for i in range(len(options))
        if objects["old_city"][options.object[i]] == 1 and objects.building[options.object[i]] >= 0
    )
    floor = objects["floor_area_m2"][options.object[at]]
    options.demolished[at], options.floor_before[at], options.floor_after[at] = floor, floor, floor * 2.5
    report = check_scheme(unit_account(city, options, np.array([at]), rules, 0.0, 0.0, 50.0), rules)
    broken = {v.rule for v in report.violations}
    assert {"old_city.demolition_allowed", "concession.years_max", "unit.new_to_demolished_max"} <= broken
    assert any(rule.startswith("unit.floor_") for rule in broken)


def test_plots_gain_what_the_account_books(rules: Rules) -> None:
    """The rows on plots and the account agree, plot by plot, for any choice; the check then judges the ratio."""
    city = make_quarter(dwellings=600, seed=2)
    objects = gather(city, checkup(city, rules), rules)
    options = build_options(objects, load_measures(), rules, seed=1)
    random = np.random.default_rng(3)
    first = np.flatnonzero(np.diff(options.object, prepend=-1))
    chosen = np.array([random.choice(at) for at in np.split(np.arange(len(options)), first[1:])])
    grown = next(int(i) for i in chosen if objects.kind[options.object[i]] != ESTATE)
    floor = objects["floor_area_m2"][options.object[grown]]
    options.demolished[grown], options.floor_before[grown], options.floor_after[grown] = (
        floor,
        floor,
        floor * 3,
    )
    plots, change, room = plot_gain(city, options)
    account = unit_account(city, options, chosen, rules, 0.0, 0.0, 20.0)
    booked = account.new_floor_m2 - account.demolished_m2
    assert account.plot_id is not None
    names = city["plots"]["plot_id"].to_numpy().astype(str)[plots]
    assert len(plots) >= 1
    x = np.zeros(len(options))
    x[chosen] = 1.0
    by_plot = np.array([booked[account.plot_id == name].sum() for name in names])
    np.testing.assert_allclose(change @ x, by_plot, atol=1e-6)
    over = by_plot > room + 1e-6
    assert over.any()
    broken = [v for v in check_scheme(account, rules).violations if v.rule == "far.above_cap_allowed"]
    assert set(names[over]) == {v.message.zh.split()[1] for v in broken}
