"""Taxes by hand, and on the lines of a planned quarter."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from hutong.city.schema import read_yaml
from hutong.plan import load_measures
from hutong.plan.money import LINE_ROW, LINES, Calendar, value_to
from hutong.plan.revenue import Takings, takings
from hutong.plan.taxes import TaxRates
from hutong.rules import Rules, load_rules
from hutong.text import Text

from .conftest import Quarter

WORDS = Text("甲", "a")


def kind(vat: str) -> Takings:
    return Takings("x", WORDS, "outside", "lease", vat)


def test_a_year_of_rent_by_hand(rules: Rules) -> None:
    """A company lets rooms for 109,000 a year, pays 20,000 rent and writes off works of 1,090,000 over ten years."""
    rates = TaxRates.of(rules)
    vat, cit = rates.on_takings(kind("lease"))
    credit, relief = rates.on_cost(rates.works, creditable=True)
    _, rent_relief = rates.on_cost(0.0, creditable=False)
    output, base = 9_000.0, 100_000.0
    assert 109_000 * vat == pytest.approx(output * 1.12)
    works = 1_090_000 / 10
    assert works * credit == pytest.approx(
        9_000 * 1.12
    )  # all of the output tax is covered by that of the works
    profit = base - 20_000 - 100_000 - (output - 9_000) * 0.12
    tax = 109_000 * cit - works * relief - 20_000 * rent_relief
    assert tax == pytest.approx(0.25 * profit)


def test_care_is_exempt_and_its_works_bring_no_credit(rules: Rules) -> None:
    rates = TaxRates.of(rules)
    assert rates.on_takings(kind("care"))[0] == 0
    assert rates.on_takings(kind("care"))[1] == pytest.approx(0.25)
    relieved = TaxRates.of(load_rules("beijing", on=dt.date(2024, 5, 1)))
    assert relieved.on_takings(kind("care"))[1] == pytest.approx(0.25 * 0.9)
    assert relieved.care_exempt
    taxed = TaxRates(0.09, 0.06, 0.09, 0.12, 0.25, care_exempt=False, care_counted=1.0)
    assert taxed.on_takings(kind("care")) == taxed.on_takings(kind("service"))


def test_every_measure_that_earns_has_a_kind_and_common_parts_never_pay_the_operator() -> None:
    named = read_yaml(files("hutong.plan").joinpath("revenue.yaml").read_text("utf-8"))["measures"]
    assert {m.id for m in load_measures() if m.revenue} == set(named)
    for measure in load_measures():
        found = takings(measure)
        other = takings(replace(measure, id="of_a_city"))
        assert other.carrier in ("lease", "common"), (
            measure.id
        )  # nothing is a concession that is not named as one
        if measure.rents_rooms:
            assert found.id == other.id == "rooms"
        if measure.income_to == "operator":
            assert found.carrier != "common"
        if measure.income_to == "owners":
            assert found.carrier == "common"


def test_what_is_deducted_stays_below_what_is_due(quarter: Quarter) -> None:
    """For every option that earns its low return by itself, no tax is negative over the term."""
    options, calendar = quarter.options, Calendar(20)
    by = {t: np.zeros(len(LINES)) for t in ("vat", "cit")}
    for i, line in enumerate(LINES):
        if line.name[:3] in by and "treasury" in (line.payer, line.payee):
            by[line.name[:3]][i] = (1 if line.payee == "treasury" else -1) * calendar.shares(
                line.schedule
            ).sum()
    earns = options.amounts @ value_to(("operator",), calendar, 0.06) > 0
    assert earns.any()
    for name, signs in by.items():
        assert (options.amounts[earns] @ signs >= -1).all(), name


def test_works_and_replacement_are_written_off_over_operation(quarter: Quarter) -> None:
    options, rates = quarter.options, TaxRates.of(quarter.rules)
    works = options.amounts[:, LINE_ROW["works:operator>outside"]]
    saved = options.amounts[:, LINE_ROW["cit_works:treasury>operator"]]
    _, plain = rates.on_cost(rates.works, creditable=False)
    _, least = rates.on_cost(rates.works, creditable=True)
    assert (works > 0).any()
    assert (saved <= works * plain + 1).all()
    assert (saved >= works * least - 1).all()
    for life in (10, 15):
        renewed = options.amounts[:, LINE_ROW[f"renewal:operator>outside@{life}"]]
        relief = options.amounts[:, LINE_ROW[f"cit_renewal:treasury>operator@{life}"]]
        assert ((renewed > 0) == (relief > 0)).all()
