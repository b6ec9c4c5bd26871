"""From tables to arrays: unknown values, rolls, gains, and schemes that do not fit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.network import morton
from hutong.evolve.programme import AMENITY_GAIN, MATTERS, read_programme
from hutong.evolve.world import build_world, building_scores, occupied

from .evolve_case import write_scheme


def changed(city: City, table: str, **columns) -> City:
    frame = city[table].copy()
    for name, values in columns.items():
        frame[name] = pd.Series(values, index=frame.index).astype(frame[name].dtype)
    return dataclasses.replace(city, tables={**city.tables, table: frame})


def test_households_are_the_occupied_dwellings_in_order(quarter, world):
    homes = occupied(quarter)
    lived_in = quarter["dwellings"]["occupancy"].to_numpy() != "vacant"
    assert sorted(homes.rows) == np.flatnonzero(lived_in).tolist()
    assert np.all(np.diff(homes.estate[np.argsort(homes.building, kind="stable")]) >= -np.inf)
    assert len(world.building) == lived_in.sum()
    assert world.homes.sum() == lived_in.sum()
    near = np.abs(
        np.repeat(np.arange(len(world.building)), np.diff(world.indptr.astype(int))) - world.indices
    )
    assert np.median(near) <= 6


def test_the_roll_holds_empty_homes_too(quarter, scheme, rules):
    built = build_world(quarter, scheme, rules)
    homes = occupied(quarter)
    everyone = quarter.positions("dwellings", "building_id")
    for j in range(len(built.world.matter)):
        members = built.world.member[built.world.member_ptr[j] : built.world.member_ptr[j + 1]]
        assert built.world.roll_heads[j] == np.isin(everyone, homes.buildings[members]).sum()
        voters = built.world.voter[built.world.voter_ptr[j] : built.world.voter_ptr[j + 1]]
        assert len(voters) == built.world.homes[members].sum() <= built.world.roll_heads[j]
        assert built.world.area_cm2[voters].sum() <= built.world.roll_area[j]


def test_packages_take_the_strictest_matter_and_close_gaps(quarter, scheme):
    homes = occupied(quarter)
    programme = read_programme(quarter, scheme, homes.buildings)
    by_object = dict(zip(programme.object_id, range(len(programme.matter)), strict=True))
    choices = scheme.choices.set_index("object_id")
    expect = {
        "insulation+lift": "special", "repair_common+pipes": "ordinary", "rebuild_in_place": "signing",
        "lease_surrender+courtyard_restoration": "surrender", "courtyard_improvement": "none",
        "courtyard_repair+courtyard_pipes": "ordinary", "estate_environment": "ordinary",
    }  # fmt: skip
    for object_id, j in by_object.items():
        package = choices.loc[object_id, "package"]
        assert MATTERS[programme.matter[j]] == expect[package]
        if package == "rebuild_in_place":
            assert programme.condition_gain[j] == pytest.approx(1.0)
            assert programme.service_gain[j] == pytest.approx(1.0)
        if package == "estate_environment":
            assert programme.service_gain[j] == pytest.approx(AMENITY_GAIN)
    assert np.all((programme.condition_gain >= 0) & (programme.condition_gain <= 1))
    assert np.all(programme.value_gain >= 0)


def test_a_scheme_that_serves_all_alike_delivers_all_there_is(quarter, scheme):
    homes = occupied(quarter)
    choices = scheme.choices[scheme.choices["object_kind"] != "estate"].copy()
    choices["benefit_economic"] = choices["dwellings"] * 3.0
    choices["benefit_cultural"] = 0.0
    choices["benefit_ecological"] = np.where(np.arange(len(choices)) == 0, 1.0, 0.0)
    gain = read_programme(quarter, dataclasses.replace(scheme, choices=choices), homes.buildings).value_gain
    assert gain[:, 0].sum() == pytest.approx(1.0)
    assert np.all(gain[:, 2] == 0.0)
    # One building of few gains: the quarter reaches its share of the dwellings.
    inhabited = np.isin(quarter.positions("dwellings", "building_id"), homes.buildings).sum()
    share = choices["dwellings"].iloc[0] / inhabited
    assert gain[:, 1].sum() == pytest.approx(share)


def test_scores_read_grades_and_skip_what_is_unknown(quarter):
    table = quarter["buildings"]
    grades = {
        c: np.full(len(table), 4.0) for c in ("cond_structure", "cond_envelope", "cond_pipes", "cond_fire")
    }
    grades["cond_pipes"] = np.where(np.arange(len(table)) % 2, 1.0, np.nan)
    rows = occupied(quarter).buildings
    notes: list = []
    condition, service = building_scores(changed(quarter, "buildings", **grades), rows, notes)
    assert condition == pytest.approx(np.where(rows % 2, 0.25, 0.0))
    assert np.all((service >= 0) & (service <= 1))
    assert notes == []


def test_unknown_cells_take_the_mean_and_are_noted(quarter, scheme, rules):
    income = quarter["dwellings"]["income_band"].to_numpy(float).copy()
    income[::3] = np.nan
    built = build_world(changed(quarter, "dwellings", income_band=income), scheme, rules)
    assert any("dwellings.income_band" in note.en for note in built.notes)
    assert np.isfinite(built.world.low_income).all()


def test_a_column_of_which_nothing_is_known_is_an_error(quarter, scheme, rules):
    nothing = np.full(len(quarter["dwellings"]), np.nan)
    with pytest.raises(HutongError) as caught:
        build_world(changed(quarter, "dwellings", residents=nothing), scheme, rules)
    assert caught.value.code == "incomplete-city"
    assert "dwellings.residents" in str(caught.value)


def test_an_empty_quarter_is_an_error(quarter, scheme, rules):
    empty = changed(quarter, "dwellings", occupancy=["vacant"] * len(quarter["dwellings"]))
    with pytest.raises(HutongError) as caught:
        build_world(empty, scheme, rules)
    assert caught.value.code == "no-households"


def test_without_heritage_the_cultural_base_is_left_to_the_parameter(quarter, scheme, rules):
    table = quarter["buildings"]
    plain = changed(quarter, "buildings", form=["slab"] * len(table), heritage_grade=["none"] * len(table))
    assert np.isnan(build_world(plain, scheme, rules).world.bases[1])
    blind = changed(quarter, "buildings", insulated=[None] * len(table))
    built = build_world(blind, scheme, rules)
    assert built.world.bases[0] == 0.0
    assert any("insulated" in note.en for note in built.notes)


@pytest.mark.parametrize(
    ("column", "kind", "code"),
    [
        ("building_id", "building", "scheme-of-another-city"),
        ("object_id", "estate", "scheme-of-another-city"),
        ("package", "building", "unknown-measure"),
    ],
)
def test_a_scheme_that_does_not_fit_is_refused(quarter, rules, column, kind, code):
    scheme = write_scheme(quarter)
    choices = scheme.choices.copy()
    choices.loc[(choices["object_kind"] == kind).idxmax(), column] = "elsewhere"
    with pytest.raises(HutongError) as caught:
        build_world(quarter, dataclasses.replace(scheme, choices=choices), rules)
    assert caught.value.code == code
    assert "elsewhere" in str(caught.value)


def test_an_empty_scheme_runs(quarter, rules):
    scheme = write_scheme(quarter)
    world = build_world(quarter, dataclasses.replace(scheme, choices=scheme.choices.iloc[:0]), rules).world
    assert len(world.matter) == 0
    assert world.stake.sum() == 0


def test_near_places_stand_near_on_the_curve():
    x, y = np.meshgrid(np.arange(8.0), np.arange(8.0))
    code = morton(x.ravel(), y.ravel())
    assert len(set(code.tolist())) == 64
    assert code[0] == 0
    assert set(np.argsort(code)[:4]) == {0, 1, 8, 9}
    assert morton(np.zeros(3), np.zeros(3)).tolist() == [0, 0, 0]


def test_operation_is_read_from_the_flows(quarter, scheme, rules):
    one, other = scheme.choices["object_id"].iloc[:2]
    flows = pd.DataFrame(
        [
            (0, "city", "outside", 5e6, "works", one),
            (2, "district", "outside", 900.0, "running", one),
            (2, "operator", "district", 400.0, "lease", one),
            (2, "operator", "district", 100.0, "surplus", "unit"),
            (2, "operator", "outside", 7000.0, "running", other),
            (12, "district", "outside", 1e6, "renewal", one),
        ],
        columns=["year", "payer", "payee", "yuan", "line", "object_id"],
    )
    programme = build_world(quarter, dataclasses.replace(scheme, flows=flows), rules).programme
    at = programme.object_id.index(one)
    shared = scheme.choices["operator_yuan"] / scheme.choices["operator_yuan"].sum()
    assert programme.upkeep[at] == pytest.approx(900 - 400 - 100 * shared.iloc[0])
    assert programme.upkeep.sum() == pytest.approx(900 - 400 - 100)


def test_homes_of_a_block_outside_its_estates_are_one_project(quarter, scheme, rules):
    """A block without its estates: the buildings on plots of no estate, and an unknown block is named."""
    plots = quarter["plots"].copy()
    block = plots["block_id"].iloc[0]
    inside = (plots["block_id"] == block).to_numpy()
    plots["estate_id"] = plots["estate_id"].astype(object).mask(inside)
    city = City.build(quarter.meta, {**quarter.tables, "plots": plots}, quarter.provenance)
    row = scheme.choices.iloc[[-1]].assign(object_id=block, object_kind="block", building_id=None)
    built = build_world(city, dataclasses.replace(scheme, choices=row), rules)
    plot = city.positions("buildings", "plot_id")[occupied(city).buildings]
    assert built.programme.member_ptr[-1] == inside[plot].sum() > 0
    with pytest.raises(HutongError) as caught:
        build_world(city, dataclasses.replace(scheme, choices=row.assign(object_id="nowhere")), rules)
    assert caught.value.code == "scheme-of-another-city"
