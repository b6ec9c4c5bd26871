"""Remedies: the measures that mend a finding, with effect, cost and why; the same effects by which schemes are made."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from hutong.city import make_quarter
from hutong.errors import HutongError
from hutong.plan import MEND_COLUMNS, load_measures, mend, mend_table
from hutong.plan.needs import addresses, load_needs, needed
from hutong.plan.objects import ESTATE
from hutong.sense.checkup import checkup

from .conftest import Quarter


@pytest.fixture(scope="module")
def mends(quarter: Quarter):
    return mend(quarter.check, quarter.plan, quarter.city, quarter.rules)


def test_every_finding_has_remedies_or_says_why_not(quarter: Quarter, mends) -> None:
    assert [m.finding for m in mends] == list(quarter.check.findings)
    for m in mends:
        assert bool(m.remedies) == (m.nothing is None)
        assert m.finding.reason.zh in m.why.zh
        assert m.finding.reason.en in m.why.en
        for r in m.remedies:
            assert addresses(r.measure, m.finding.indicator)
            assert 0 < r.mends_low <= r.mends <= r.mends_high <= 1
            assert 0 <= r.cost_low_yuan <= r.cost_yuan <= r.cost_high_yuan
            assert r.measure.title.zh in m.why.zh
            assert "假设" in r.why.zh
            assert "assum" in r.why.en
    said = {m.nothing.en for m in mends if m.nothing}
    assert any("No measure of the catalogue" in s for s in said)
    assert any("do not apply here" in s for s in said)


def test_a_lift_is_priced_by_hand(quarter: Quarter, mends) -> None:
    m = next(m for m in mends if m.finding.indicator == "no_lift")
    objects = quarter.objects
    rows = [objects.row_of_id[o] for o in m.finding.objects]
    stairs = objects["staircases_without_lift"][rows]
    fits = (objects["storeys"][rows] >= 4) & (stairs > 0)
    lift = next(r for r in m.remedies if r.measure.id == "lift")
    assert lift.quantity == stairs[fits].sum()
    assert lift.cost_yuan == 850_000 * lift.quantity
    assert (lift.cost_low_yuan, lift.cost_high_yuan) == (700_000 * lift.quantity, 1_000_000 * lift.quantity)
    assert lift.mends == pytest.approx(stairs[fits].sum() / stairs.sum())
    assert lift.value_after == pytest.approx(m.finding.value * (1 - lift.mends))
    assert lift.enough is True


def test_remedies_mend_what_the_options_of_a_plan_mend(quarter: Quarter, mends) -> None:
    """One implementation: a package of one measure adds the same to a finding as the remedy at that object."""
    o, needs = quarter.options, quarter.needs
    by_key = {(m.finding.indicator, m.finding.place_id): m for m in mends}
    alone = o.packages.sum(axis=1) == 1
    checked = 0
    for i, finding in enumerate(needs.findings):
        m = by_key[(finding.indicator, finding.place_id)]
        share = needs.share[[i], :].toarray()[0]
        for r in m.remedies:
            if r.measure.voluntary:
                continue
            at = np.flatnonzero(alone & o.has(r.measure.id) & (share > 0))
            _, first = np.unique(o.object[at], return_index=True)
            assert share[at][first].sum() <= r.mends + 1e-9
            checked += first.size
    assert checked > 20


def test_a_surrender_ranges_over_its_terms(mends) -> None:
    ranged = [r for m in mends for r in m.remedies if r.measure.id == "lease_surrender"]
    assert ranged
    assert all(r.mends_low < r.mends_high for r in ranged)
    assert all({p.id for p in r.package} == {"lease_surrender", "courtyard_restoration"} for r in ranged)
    assert "–" in ranged[0].why.zh


def test_figures_that_are_no_shares_count_what_is_added(quarter: Quarter, mends) -> None:
    m = next(
        m
        for m in mends
        if m.finding.indicator == "parking_spaces" and any(r.measure.id == "parking" for r in m.remedies)
    )
    r = next(r for r in m.remedies if r.measure.id == "parking")
    dwellings = quarter.objects["dwellings"][quarter.objects.row_of_id[m.finding.place_id]]
    assert r.value_after == pytest.approx(m.finding.value + r.quantity / dwellings)
    assert r.enough == (r.value_after >= m.indicator.watch)


def test_the_floor_of_a_new_station_counts_towards_its_block(quarter: Quarter) -> None:
    check, block = quarter.check, quarter.objects.block[0]
    indicator = next(i for i in check.indicators if i.id == "elderly_rooms")
    finding = replace(
        check.findings[0],
        indicator="elderly_rooms",
        scale="block",
        place_id=block,
        status="alarm",
        value=0.0,
        objects=(),
    )
    (m,) = mend(replace(check, findings=(finding,)), load_measures(), quarter.city, quarter.rules)
    objects = quarter.objects
    inside = objects.members[objects.block[objects.members] == block]
    dwellings = objects["dwellings"][inside].sum()
    stations = np.unique(objects.estate[inside])
    stations = stations[
        (objects["idle_m2"][stations] >= 350) & (objects["uncovered_elderly_care"][stations] > 0)
    ]
    assert all(objects.kind[stations] == ESTATE)
    if stations.size:
        assert m.remedies[0].value_after == pytest.approx(
            min(350 * stations.size / (dwellings / 100), indicator.standard)
        )
    else:
        assert m.nothing is not None


def test_without_a_city_costs_and_effects_are_unknown(quarter: Quarter) -> None:
    for m in mend(quarter.check, load_measures()):
        for r in m.remedies:
            assert np.isnan([r.mends, r.cost_yuan, r.quantity]).all()
            assert "unknown" in r.why.en
    with pytest.raises(HutongError) as caught:
        mend(quarter.check, load_measures(), quarter.city)
    assert caught.value.code == "half-given"


def test_the_table_has_a_row_for_each_remedy_and_for_what_has_none(mends) -> None:
    table = mend_table(mends)
    assert tuple(table.columns) == MEND_COLUMNS
    assert len(table) == sum(max(len(m.remedies), 1) for m in mends)
    none = table[table["measure"].isna()]
    assert len(none) == sum(not m.remedies for m in mends)
    assert none["cost_yuan"].isna().all()


def test_ten_thousand_findings_take_less_than_two_seconds(quarter: Quarter) -> None:
    city = make_quarter(dwellings=1200, seed=1)
    check = checkup(city, quarter.rules)
    began = time.process_time()
    mend(check, load_measures(), city, quarter.rules)
    assert time.process_time() - began < 0.3
    many = replace(check, findings=(check.findings * 130)[:10_000])
    began = time.process_time()
    assert len(mend(many, load_measures(), city, quarter.rules)) == 10_000
    assert time.process_time() - began < 2.0


def test_what_is_needed_goes_by_the_bounds(quarter: Quarter) -> None:
    check = quarter.check
    for finding in check.findings:
        if finding.indicator in load_needs():
            indicator = next(i for i in check.indicators if i.id == finding.indicator)
            warn, watch = (needed(finding, b, indicator) for b in (indicator.warn, indicator.watch))
            assert 0 < warn <= watch <= 1
