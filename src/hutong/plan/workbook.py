"""A scheme as a workbook with live formulas: given figures, ledger, accounts by party, loan, returns, checks.

Everything but the given figures (blue) and the ledger's amounts is a formula, so that an accountant can change a rate,
a loan or the level of a kind of payment and follow what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.files import write_bytes
from hutong.plan.lending import LOAN_LINES, lend, subsidised_share
from hutong.plan.loans import LoanTerms, check_subsidy, loan_assumptions
from hutong.plan.money import loan_within
from hutong.plan.money_words import line_title, party_title
from hutong.plan.results import PARTIES, Plan, Scheme
from hutong.plan.workbook_inputs import guide_page, inputs_page
from hutong.plan.workbook_loan import loan_cell, loan_page, loan_terms
from hutong.plan.workbook_page import ITEM, RATIO, YUAN, Frame, Page, file_bytes, key
from hutong.plan.workbook_returns import RATES, checks_page, returns_page
from hutong.rules import Rules
from hutong.text import Text

#: More rows than this are added up over objects before they are written.
MOST_ROWS = 4_000


def write_workbook(
    plan: Plan,
    scheme_id: str,
    path: Path,
    *,
    rules: Rules,
    loan: tuple[LoanTerms, float] | None = None,
    force: bool = False,
) -> Path:
    """Write a scheme as an .xlsx with live formulas; the same scheme gives the same bytes.

    Parameters
    ----------
    rules
        Discount rates, the band of the operator's return and the limits of interest subsidies, with their sources.
    loan
        Terms of the operator's loan and the share of its works that is borrowed; otherwise the assumed ones.

    Raises
    ------
    HutongError
        ``unknown-scheme``; ``empty-scheme``; ``subsidy-limit``; ``exists`` unless ``force``; ``cannot-write``.
    """
    return write_bytes(path, workbook_bytes(plan, scheme_id, rules=rules, loan=loan), force=force)


def workbook_bytes(
    plan: Plan, scheme_id: str, *, rules: Rules, loan: tuple[LoanTerms, float] | None = None
) -> bytes:
    """Return the workbook of :func:`write_workbook` as bytes."""
    from openpyxl import Workbook

    scheme = find_scheme(plan, scheme_id)
    terms, share = loan or (
        loan_within(rules, int(scheme.terms["concession_years"])),
        loan_assumptions()["share"].value,
    )
    check_subsidy(terms, rules)
    part = subsidised_share(scheme)
    scheme = replace(scheme, flows=lend(scheme.flows, terms, share, part))
    book = Workbook()
    book.remove(book.active)
    book.calculation.fullCalcOnLoad = True
    book.properties.title, book.properties.creator = f"{scheme.title.zh} {scheme.title.en}", "Hutong"
    years = max(int(scheme.flows["year"].max()) + 1, _first_draw(scheme) + terms.years + 1)
    guide_page(book, plan, scheme, rules)
    inputs, multipliers = inputs_page(book, scheme, rules, (terms, share, part), loan is None)
    frame = Frame(book, scheme, years, inputs, multipliers, terms.rate)
    ledger = _ledger(frame)
    nets, parties = _parties(frame, ledger)
    operator, lines = _operator(frame, ledger)
    borrowed = loan_page(frame, lines, operator)
    rates = {n: rules.number(n) for n in RATES}
    net = (operator, lines["net"])
    returns = returns_page(frame, nets, parties, net, borrowed, rules)
    checks_page(
        frame,
        (ledger.column("base"), ledger.column("level"), ledger.years(frame.years)),
        nets,
        parties,
        borrowed,
        returns,
        rates,
    )
    return file_bytes(book)


def find_scheme(plan: Plan, scheme_id: str) -> Scheme:
    """Return a scheme that pays something.

    Raises
    ------
    HutongError
        ``unknown-scheme`` with those there are; ``empty-scheme`` where nothing is done.
    """
    known = [s.id for s in plan.schemes]
    if scheme_id not in known:
        raise HutongError(
            "unknown-scheme",
            Text(f"没有方案 {scheme_id}。", f"There is no scheme {scheme_id}."),
            Text(f"可选：{'、'.join(known)}。", f"Choose one of {', '.join(known)}."),
        )
    scheme = plan.scheme(scheme_id)
    if not len(scheme.flows):
        raise HutongError(
            "empty-scheme",
            Text("这个方案没有任何收支。", "This scheme has no payments at all."),
            Text(
                "请检查片区是否有住房、预算是否为零。",
                "See whether the quarter has homes and the budget is above zero.",
            ),
        )
    return scheme


def _first_draw(scheme: Scheme) -> int:
    flows = scheme.flows
    own = flows[(flows["line"] == "works") & (flows["payer"] == "operator")]
    return int(own["year"].min()) if len(own) else 0


@dataclass(frozen=True)
class Ledger:
    """The page of payments: one row per payer, payee, line and object, the years across."""

    page: Page
    last: int
    first_year: int = 7  # column of year 0

    def column(self, name: str) -> str:
        """Return the address of ``payer``, ``payee``, ``line``, ``level`` or ``base`` (the sum of all years in the scheme)."""
        return self.page.down(
            ("payer", "payee", "line", "object", "level", "base").index(name) + 1, 2, self.last
        )

    def year(self, year: int) -> str:
        """Return the address of a year's yuan."""
        return self.page.down(self.first_year + year, 2, self.last)

    def years(self, count: int) -> str:
        """Return the address of all yuan of the first ``count`` years."""
        begin, end = self.page.at(2, self.first_year), self.page.at(self.last, self.first_year + count - 1)
        return f"{begin}:{end.split('!')[1]}"


def _ledger(frame: Frame) -> Ledger:
    """Write the payments, each year as its amount in the scheme times the level of its line."""
    flows = frame.scheme.flows
    flows = flows[~flows["line"].isin(LOAN_LINES)]
    names = ["payer", "payee", "line", "object_id"]
    if len(flows[names].drop_duplicates()) > MOST_ROWS:
        flows = flows.assign(object_id="合计 all objects")
    table = flows.pivot_table(index=names, columns="year", values="yuan", aggfunc="sum", observed=True)
    table = table.reindex(columns=range(frame.years))
    page = Page(frame.book, "台账 Ledger", (30, 30, 40, 16, 9, 18, *[13] * frame.years), pages_across=2)
    page.header(1, [Text("付款方", "Payer"), Text("收款方", "Payee"), Text("科目", "Line"), Text("对象", "Object"), Text("水平", "Level"), Text("方案合计（元）", "Yuan in the scheme"), *range(frame.years)])  # fmt: skip
    page.freeze("G2", 1)
    page.sheet.print_title_cols = "A:D"
    lines, levels = frame.multipliers
    out = Ledger(page, len(table) + 1)
    for row, (entry, amounts) in enumerate(zip(table.index, table.to_numpy(float), strict=True), 2):
        payer, payee, line, place = (str(x) for x in entry)
        for column, word in enumerate(
            (key(party_title(payer)), key(party_title(payee)), key(line_title(line)), place), 1
        ):
            page.text(row, column, word)
        page.formula(row, 5, f"SUMIFS({levels},{lines},C{row})", RATIO)
        page.figure(row, 6, float(np.nansum(amounts)), YUAN)
        for year in np.flatnonzero(np.nan_to_num(amounts)):
            page.formula(row, out.first_year + int(year), f"{float(amounts[year])!r}*$E{row}", YUAN)
    page.sheet.auto_filter.ref = f"A1:F{out.last}"
    return out


def _year_header(frame: Frame, title: str, row: int = 3) -> Page:
    page = Page(frame.book, title, (34, 40, 16, *[13] * frame.years), pages_across=2)
    page.header(row, [*ITEM, Text("合计", "Total"), *range(frame.years)])
    page.freeze(f"D{row + 1}", row)
    page.sheet.print_title_cols = "A:B"
    return page


def _total(page: Page, frame: Frame, row: int, bold: bool = False) -> None:
    page.formula(row, 3, f"SUM({page.across(row, frame.first, frame.last)})", YUAN, bold=bold)


def _parties(frame: Frame, ledger: Ledger) -> tuple[dict[str, int], Page]:
    """Write what each party receives and pays by year; return the rows of the nets, and of their sum."""
    from openpyxl.utils import get_column_letter

    page = _year_header(frame, "收支 Parties")
    page.words(1, 1, Text("各方逐年收支（元）", "Accounts by party and year (yuan)"), bold=True)
    row, nets = 4, {}
    for party in PARTIES:
        title = party_title(party)
        for kind, side in ((Text("收", "received"), "payee"), (Text("付", "paid"), "payer")):
            page.words(row, 1, Text(f"{title.zh}：{kind.zh}", f"{title.en}: {kind.en}"))
            sign = "-" if side == "payer" else ""
            for column in frame.columns():
                paid = ledger.year(column - frame.first)
                found = f'SUMIFS({paid},{ledger.column(side)},"{key(title)}")'
                lent = loan_terms(frame, party, side, get_column_letter(column))
                page.formula(row, column, f"{sign}{found}{lent}", YUAN)
            _total(page, frame, row)
            row += 1
        page.words(row, 1, Text(f"{title.zh}：净额", f"{title.en}: net"), bold=True)
        for column in frame.columns():
            letter = get_column_letter(column)
            page.formula(row, column, f"{letter}{row - 2}+{letter}{row - 1}", YUAN, bold=True)
        _total(page, frame, row, bold=True)
        page.rule(row, frame.last)
        nets[party] = row
        row += 2
    page.words(row, 1, Text("各方合计（应为零）", "All parties (must be zero)"), bold=True)
    for column in (3, *frame.columns()):
        letter = get_column_letter(column)
        page.formula(row, column, "+".join(f"{letter}{r}" for r in nets.values()), YUAN)
    nets["sum"] = row
    return nets, page


def _operator(frame: Frame, ledger: Ledger) -> tuple[Page, dict[str, int]]:
    """Write the operator's account by kind of payment; return the rows of the lines and of the net."""
    from openpyxl.utils import get_column_letter

    flows: pd.DataFrame = frame.scheme.flows
    mine = flows[(flows["payer"] == "operator") | (flows["payee"] == "operator")]
    mine = mine[~mine["line"].isin(LOAN_LINES)]
    page = _year_header(frame, "实施主体 Operator")
    page.words(
        1, 1, Text("实施主体逐年收支（元）", "The operator's account by line and year (yuan)"), bold=True
    )
    who, rows, row = key(party_title("operator")), {}, 4
    for line in dict.fromkeys(["works", *mine["line"]]):
        page.words(row, 1, line_title(line))
        for column in frame.columns():
            paid, name = ledger.year(column - frame.first), key(line_title(line))
            sides = [
                f'SUMIFS({paid},{ledger.column(side)},"{who}",{ledger.column("line")},"{name}")'
                for side in ("payee", "payer")
            ]
            page.formula(row, column, "-".join(sides), YUAN)
        _total(page, frame, row)
        rows[line] = row
        row += 1
    page.words(row, 1, line_title("interest_subsidy"))
    for column in frame.columns():
        page.formula(row, column, loan_cell("subsidy", get_column_letter(column)), YUAN)
    _total(page, frame, row)
    rows["interest_subsidy"] = row
    row += 1
    page.words(row, 1, Text("净现金流（不含贷款本息）", "Net cash flow, before any loan"), bold=True)
    for column in frame.columns():
        letter = get_column_letter(column)
        page.formula(row, column, f"SUM({letter}4:{letter}{row - 1})", YUAN, bold=True)
    _total(page, frame, row, bold=True)
    page.rule(row, frame.last)
    rows["net"] = row
    return page, rows
