"""The workbook recalculated by LibreOffice, and what can be seen without it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from hutong.errors import HutongError
from hutong.plan.finance import irr, npv, party_years, payback_year
from hutong.plan.finance_more import dscr, mirr
from hutong.plan.lending import lend
from hutong.plan.loans import LoanTerms, drawdown, repay
from hutong.plan.money import before_loan
from hutong.plan.money_words import party_title
from hutong.plan.results import PARTIES, Scheme
from hutong.plan.workbook import MOST_ROWS, workbook_bytes, write_workbook
from hutong.rules import Rules, load_rules

from .conftest import Quarter
from .money_case import flow_table, make_plan, make_scheme

TERMS = LoanTerms(0.04, 8, grace_years=2, subsidy_rate=0.02, subsidy_years=5)
EQUAL = LoanTerms(0.04, 8, grace_years=3, method="equal_principal")


def cells(book: Workbook, page: str) -> dict[str, list[object]]:
    """Return the rows of a page by their English name."""
    rows = list(book[page].iter_rows(values_only=True))
    return {str(r[1]): list(r[2:]) for r in rows if r[1] is not None}


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory: pytest.TempPathFactory, quarter: Quarter) -> dict[str, Workbook]:
    """Return workbooks after LibreOffice has recalculated them: as written, other loan, dearer works, a planned scheme."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: formulas are not recalculated")
    folder = tmp_path_factory.mktemp("book")
    rules, plan = load_rules("beijing"), make_plan()
    write_workbook(plan, "balanced", folder / "plain.xlsx", rules=rules, loan=(TERMS, 0.5))
    write_workbook(plan, "balanced", folder / "equal.xlsx", rules=rules, loan=(EQUAL, 0.7))
    book = load_workbook(folder / "plain.xlsx")
    inputs = book["假设 Inputs"]
    at = next(row for row in inputs.iter_rows() if row[1].value == "Works")
    at[2].value = 1.2
    book.save(folder / "dear.xlsx")
    write_workbook(quarter.plan, "most_benefit", folder / "planned.xlsx", rules=quarter.rules)
    names = ["plain", "equal", "dear", "planned"]
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx", "--outdir",
         str(folder / "out"), *(str(folder / f"{n}.xlsx") for n in names)],
        check=True, capture_output=True, timeout=200,
    )  # fmt: skip
    return {n: load_workbook(folder / "out" / f"{n}.xlsx", data_only=True) for n in names}


def test_formulas_give_the_scheme_s_own_figures(recalculated: dict[str, Workbook], rules: Rules) -> None:
    lent = lend(make_scheme().flows, TERMS, 0.5)
    flows, alone = party_years(lent), party_years(before_loan(lent))
    book = recalculated["plain"]
    parties, returns = cells(book, "收支 Parties"), cells(book, "指标 Returns")
    names = {
        "city": "City budget",
        "district": "District budget",
        "operator": "Operator",
        "owners": "Owners",
        "lender": "Lender",
    }
    for party, name in names.items():
        assert parties[f"{name}: net"][1:] == pytest.approx(flows.loc[party].tolist())
    operator = alone.loc["operator"].to_numpy()
    assert returns["Internal rate of return"][1] == pytest.approx(irr(operator).rate, abs=1e-9)
    assert returns["Payback (years)"][1] == payback_year(operator)
    assert returns["Discounted payback (years, at the low return)"][1] == payback_year(operator, 0.06)
    modified = next(v for k, v in returns.items() if k.startswith("Modified IRR"))
    assert modified[1] == pytest.approx(mirr(operator, 0.04, 0.06), abs=1e-9)
    low = next(v for k, v in returns.items() if "low IRR" in k)
    assert low[1] == pytest.approx(npv(0.06, operator))
    assert returns["City budget"][1] == pytest.approx(
        npv(rules.number("finance.discount_public"), flows.loc["city"].to_numpy())
    )


def test_every_check_holds(recalculated: dict[str, Workbook]) -> None:
    for name in ("plain", "equal", "planned"):
        results = [row[3] for row in recalculated[name]["核对 Checks"].iter_rows(min_row=2, values_only=True)]
        assert len(results) >= 14
        assert set(results) == {"✓"}


def test_a_planned_scheme_recomputes_to_its_own_figures(
    recalculated: dict[str, Workbook], quarter: Quarter
) -> None:
    scheme = quarter.plan.scheme("most_benefit")
    flows = party_years(scheme.flows)
    parties = cells(recalculated["planned"], "收支 Parties")
    for party in PARTIES:
        title = party_title(party).en
        shown = np.array(parties[f"{title}: net"][1:], float)
        assert shown[: flows.shape[1]] == pytest.approx(flows.loc[party].to_numpy(), abs=60), party
    returns = cells(recalculated["planned"], "指标 Returns")
    shown_rate = returns["Internal rate of return"][1]
    if scheme.totals["operator_yuan"]:
        assert shown_rate == pytest.approx(scheme.totals["operator_irr"], abs=1e-6)
    low = next(v for k, v in returns.items() if "low IRR" in k)
    assert low[1] == pytest.approx(scheme.totals["operator_npv_low"], abs=60)


@pytest.mark.parametrize(("name", "terms", "share"), [("plain", TERMS, 0.5), ("equal", EQUAL, 0.7)])
def test_loan_page_equals_the_schedule(
    recalculated: dict[str, Workbook], name: str, terms: LoanTerms, share: float
) -> None:
    works = np.zeros(22)
    works[:2] = 2e6
    table = repay(drawdown(works, share)[0], terms)
    page = cells(recalculated[name], "贷款 Loan")
    rows = {
        "Owed at the start": "opening", "Interest": "interest", "Interest subsidy": "subsidy",
        "Principal repaid": "principal", "Debt service, less the subsidy": "service", "Owed at the end": "closing",
    }  # fmt: skip
    for shown, column in rows.items():
        assert page[shown][1:23] == pytest.approx(table[column].tolist()[:22], abs=1e-6)
    available = np.r_[0, 0, np.full(20, 410e3)]
    least = dscr(available, np.where(works > 0, 0, table["service"].to_numpy()[:22])).least
    assert page["Least debt service cover"][0] == pytest.approx(least)
    own = (
        party_years(make_scheme().flows).loc["operator"].to_numpy()
        + (table["drawn"] - table["service"]).to_numpy()[:22]
    )
    shown_irr = cells(recalculated[name], "指标 Returns")["IRR of own money, after the loan"][1]
    assert shown_irr == pytest.approx(irr(own).rate, abs=1e-8)


def test_a_changed_level_runs_through_and_says_so(recalculated: dict[str, Workbook]) -> None:
    book = recalculated["dear"]
    operator = party_years(before_loan(lend(flow_table(1.2), TERMS, 0.5))).loc["operator"].to_numpy()
    assert cells(book, "指标 Returns")["Internal rate of return"][1] == pytest.approx(
        irr(operator).rate, abs=1e-9
    )
    results = [row[3] for row in book["核对 Checks"].iter_rows(min_row=2, values_only=True)]
    assert set(results) == {"✓", "已改动 changed"}
    assert results[0] == "✓"


def test_same_bytes_text_stays_text_and_pages_print(rules: Rules, tmp_path: Path) -> None:
    flows = flow_table().assign(object_id="=1+1")
    plan = make_plan(make_scheme(flows=flows))
    path = write_workbook(plan, "balanced", tmp_path / "a.xlsx", rules=rules)
    assert path.read_bytes() == workbook_bytes(plan, "balanced", rules=rules)
    book = load_workbook(path)
    assert book["台账 Ledger"]["D2"].data_type == "s"
    for page in book.worksheets[1:]:
        assert page.freeze_panes
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.fitToWidth in (1, 2)
        assert page.print_title_rows
    marks = cells(book, "假设 Inputs")
    assert str(marks["Years of the loan from the first draw"][1]).startswith("U ")
    formulas = [c.value for row in book["指标 Returns"].iter_rows() for c in row if c.data_type == "f"]
    assert any("IRR(" in f for f in formulas)
    assert any("NPV(" in f for f in formulas)


def test_a_long_ledger_is_added_up_over_objects(rules: Rules) -> None:
    import pandas as pd

    base = flow_table()
    times = MOST_ROWS // base["line"].nunique() + 1
    flows = pd.concat([base.assign(yuan=base["yuan"] / times, object_id=f"B-{i}") for i in range(times)])
    data = workbook_bytes(make_plan(make_scheme(flows=flows)), "balanced", rules=rules)
    assert len(data) < 200_000


def test_errors_leave_no_file(rules: Rules, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    empty: Scheme = make_scheme(flows=flow_table().iloc[:0])
    over = LoanTerms(0.04, 9, subsidy_rate=0.03, subsidy_years=5)
    cases = [
        (make_plan(), "none", None, "unknown-scheme"),
        (make_plan(empty), "balanced", None, "empty-scheme"),
        (make_plan(), "balanced", (over, 0.5), "subsidy-limit"),
    ]
    for plan, name, loan, code in cases:
        with pytest.raises(HutongError) as caught:
            write_workbook(plan, name, path, rules=rules, loan=loan)
        assert caught.value.code == code
        assert not path.exists()
    write_workbook(make_plan(), "balanced", path, rules=rules)
    with pytest.raises(HutongError) as caught:
        write_workbook(make_plan(), "balanced", path, rules=rules)
    assert caught.value.code == "exists"
    assert set(party_years(flow_table()).index) == set(PARTIES)
