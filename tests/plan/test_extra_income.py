"""Data and venues: nothing without a record, and taxed where there is one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.extra_income import nothing_recorded, read_extra_income, with_income
from hutong.plan.finance import npv, party_years
from hutong.plan.money import LINES, OPTIONAL, Calendar, before_loan
from hutong.plan.results import PARTIES
from hutong.rules import Rules

from .conftest import Quarter
from .money_case import make_scheme

GOOD = """
income:
  - {line: data, product: 车位余量接口, legal_basis: 授权运营协议, buyer: 甲公司, price_yuan: 1060, per_year: 100, to: operator, place: public}
  - {line: venue, product: 快闪场地, legal_basis: 业主大会决议, buyer: 乙公司, price_yuan: 500, per_year: 10, to: owners, place: common}
"""


def test_nothing_counts_in_any_option_or_scheme(quarter: Quarter) -> None:
    at = [i for i, x in enumerate(LINES) if x.name in OPTIONAL or x.name.endswith("_extra")]
    assert len(at) == 8
    assert not quarter.options.amounts[:, at].any()
    for scheme in quarter.plan.schemes:
        assert not scheme.flows["line"].isin(OPTIONAL).any()
    assert "zero" in nothing_recorded().en


def test_what_is_recorded_counts_and_is_taxed(tmp_path: Path, rules: Rules) -> None:
    (tmp_path / "i.yaml").write_text(GOOD, "utf-8")
    income = read_extra_income(tmp_path / "i.yaml")
    scheme, calendar = make_scheme(), Calendar(20)
    more = with_income(scheme, income, calendar, rules)
    before, after = party_years(scheme.flows), party_years(more.flows)
    gain = (after - before).loc["operator"].to_numpy()
    # 106,000 with 6 % VAT inside: 6,000 and 12 % on it, then a quarter of what is left as income tax
    vat = 6_000 * 1.12
    assert gain[2:] == pytest.approx(106_000 - vat - 0.25 * (100_000 - 720), abs=1)
    assert not gain[:2].any()
    assert (after - before).loc["owners"].to_numpy()[2:] == pytest.approx(5_000)
    assert np.abs(after.sum(axis=0)).max() < 1e-6
    assert more.totals["operator_npv_low"] == pytest.approx(
        npv(0.06, party_years(before_loan(more.flows)).loc["operator"].to_numpy())
    )
    assert more.amounts is not None
    assert with_income(scheme, (), calendar, rules) is scheme
    assert "106" in income[0].text.en
    assert set(more.flows["payer"]) <= set(PARTIES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("income:\n  - {line: data, product: x, buyer: y, price_yuan: 3, per_year: 1, to: operator}", "legal_basis is missing"),
        ("income:\n  - {line: data, product: ' ', legal_basis: z, buyer: y, price_yuan: 3, per_year: 1, to: operator}", "product is missing"),
        ("income:\n  - {line: data, product: x, legal_basis: z, buyer: y, price_yuan: 0, per_year: 1, to: operator}", "price_yuan 0"),
        ("income:\n  - {line: data, product: x, legal_basis: z, buyer: y, price_yuan: true, per_year: 1, to: operator}", "price_yuan True"),
        ("income:\n  - {line: adverts, product: x, legal_basis: z, buyer: y, price_yuan: 3, per_year: 1, to: lender, colour: red}", "line adverts"),
        ("income:\n  - {line: venue, product: x, legal_basis: z, buyer: y, price_yuan: 3, per_year: 1, to: operator, place: common}", "the owners'"),
        ("income:\n  - {line: venue, product: x, legal_basis: z, buyer: y, price_yuan: 3, per_year: 1, to: owners, place: moon}", "place moon"),
        ("income: {}", "income is missing"),
        ("income: [3]\nnote: x", "note is not known"),
        ("income: [", "i.yaml"),
    ],
)  # fmt: skip
def test_an_incomplete_record_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "i.yaml").write_text(text, "utf-8")
    with pytest.raises(HutongError) as caught:
        read_extra_income(tmp_path / "i.yaml")
    assert caught.value.code == "bad-income"
    assert any(words in row for row in caught.value.rows), caught.value.rows
