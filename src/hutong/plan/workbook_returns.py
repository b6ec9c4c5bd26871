"""The later pages of the workbook: the operator's loan and cover, returns by party, and checks."""

from __future__ import annotations

import numpy as np

from hutong.plan.accounts import DISCOUNT
from hutong.plan.finance import irr, npv, party_years, payback_year
from hutong.plan.finance_more import mirr
from hutong.plan.lending import LOAN_LINES
from hutong.plan.money import before_loan
from hutong.plan.money_words import party_title
from hutong.plan.workbook_loan import Borrowed
from hutong.plan.workbook_page import ITEM, NONE, RATE, RATIO, YUAN, Frame, Page
from hutong.rules import Rules
from hutong.text import Text

#: Rates that the returns rest on.
RATES = ("operator.return_low", "operator.return_high", *dict.fromkeys(DISCOUNT.values()))


def returns_page(
    frame: Frame,
    nets: dict[str, int],
    parties: Page,
    net: tuple[Page, int],
    borrowed: Borrowed,
    rules: Rules,
) -> dict[str, tuple[str, float, Text]]:
    """Write NPV, IRR and payback, the operator's before its loan; return cells with the figures that Hutong computed.

    ``net`` is the page and row of the operator's net before its loan.
    """
    i, flows = frame.inputs, party_years(before_loan(frame.scheme.flows))
    page = Page(frame.book, "指标 Returns", (52, 72, 14, 20, 20))
    page.words(1, 1, Text("净现值（元）", "Net present value (yuan)"), bold=True)
    page.header(2, [*ITEM, Text("折现率", "Rate"), Text("本表", "This workbook"), Text("方案原值", "As in the scheme")])  # fmt: skip
    page.freeze("A3", 2)
    out: dict[str, tuple[str, float, Text]] = {}
    entries = [(p, party_title(p), name) for p, name in DISCOUNT.items()]
    low, high = "operator.return_low", "operator.return_high"
    entries += [
        ("operator", Text(f"实施主体（{rules[n].title.zh}）", f"Operator ({rules[n].title.en})"), n)
        for n in (low, high)
    ]
    row = 3
    for party, title, name in entries:
        page.words(row, 1, title)
        page.formula(row, 3, i[name], RATE)
        where, at = net if party == "operator" else (parties, nets[party])
        later = where.across(at, frame.first + 1, frame.last)
        page.formula(row, 4, f"{where.at(at, frame.first)}+NPV({i[name]},{later})", YUAN)
        value = float(npv(rules.number(name), flows.loc[party].to_numpy()))
        page.figure(row, 5, value, YUAN)
        out[f"npv.{party}.{name}"] = (
            page.at(row, 4),
            value,
            Text(f"{title.zh}净现值", f"net present value, {title.en}"),
        )
        row += 1
    row = _years_of_return(frame, page, row + 1, *net, flows.loc["operator"].to_numpy(), out)
    page.sheet.print_area = f"A1:E{row + 1}"
    own = borrowed.page.across(borrowed.rows["own"], frame.first, frame.last)
    page.words(row, 1, Text("自有资金内部收益率（贷款后）", "IRR of own money, after the loan"))
    page.formula(row, 4, f"IFERROR(IRR({own},0.07),{NONE})", RATE)
    page.words(row + 1, 1, Text("最低偿债备付率", "Least debt service cover (DSCR)"))
    page.formula(row + 1, 4, borrowed.least, RATIO)
    return out


def _years_of_return(
    frame: Frame,
    page: Page,
    row: int,
    where: Page,
    net: int,
    flow: object,
    out: dict[str, tuple[str, float, Text]],
) -> int:
    """Write IRR and payback of the operator, with the helper rows that they read; return the next free row."""
    from openpyxl.utils import get_column_letter

    payments = np.asarray(flow, float)
    low, years = frame.inputs["operator.return_low"], frame.years
    across = where.across(net, frame.first, frame.last)
    page.words(row, 1, Text("实施主体", "Operator"), bold=True)
    helper = row + 13
    page.words(helper - 1, 1, Text("计算用：累计（元）", "Helpers: running totals (yuan)"), bold=True)
    start = 4
    span = {}
    for k, title in enumerate((Text("年", "Year"), Text("累计", "Sum so far"), Text("累计为负至", "Below zero until"), Text("折现累计", "Discounted sum so far"), Text("折现累计为负至", "Below zero until"))):  # fmt: skip
        page.words(helper + k, 1, title)
        span[k] = page.across(helper + k, start, start + years - 1)
    for year in range(years):
        c, before = get_column_letter(start + year), get_column_letter(start + year - 1)
        cell = where.at(net, frame.first + year)
        page.figure(helper, start + year, year, "0")
        page.formula(helper + 1, start + year, cell if not year else f"{before}{helper + 1}+{cell}", YUAN)
        page.formula(helper + 2, start + year, f"IF({c}{helper + 1}<0,{c}{helper}+1,0)", "0")
        discounted = f"{cell}/(1+{low})^{c}{helper}"
        page.formula(
            helper + 3, start + year, discounted if not year else f"{before}{helper + 3}+{discounted}", YUAN
        )
        page.formula(helper + 4, start + year, f"IF({c}{helper + 3}<0,{c}{helper}+1,0)", "0")
        if start + year > 5:
            page.sheet.column_dimensions[c].width = 15
    found = irr(payments)
    values = [
        ("irr", Text("内部收益率", "Internal rate of return"), f"IFERROR(IRR({across},0.07),{NONE})", RATE, found.rate),
        ("payback", Text("静态回收期（年）", "Payback (years)"), f"IF(MAX({span[2]})>={years},{NONE},MAX({span[2]}))", "0", payback_year(payments)),
        ("discounted_payback", Text("动态回收期（年，按收益下限）", "Discounted payback (years, at the low return)"), f"IF(MAX({span[4]})>={years},{NONE},MAX({span[4]}))", "0", float("nan")),
    ]  # fmt: skip
    rate = frame.scheme.terms.get("return_low", float("nan"))
    values[2] = (*values[2][:4], payback_year(payments, rate))
    borrowing = frame.inputs["loan.rate"]
    said = Text("修正内部收益率（按贷款利率融资、收益下限再投资）", "Modified IRR (financed at the loan's rate, reinvested at the low return)")  # fmt: skip
    values.append(("mirr", said, f"IFERROR(MIRR({across},{borrowing},{low}),{NONE})", RATE, mirr(payments, frame.loan_rate, rate)))  # fmt: skip
    for k, (name, title, formula, style, value) in enumerate(values, row + 1):
        page.words(k, 1, title)
        page.formula(k, 4, formula, style)
        page.figure(k, 5, value, style)
        out[name] = page.at(k, 4), value, title
    if found.flag != "unique":
        why = Text("现金流没有唯一的内部收益率。", "These payments have no single internal rate of return.")
        page.words(row + 5, 1, why)
    return row + 6


def checks_page(
    frame: Frame,
    ledger: tuple[str, str, str],
    nets: dict[str, int],
    parties: Page,
    borrowed: Borrowed,
    returns: dict[str, tuple[str, float, Text]],
    rates: dict[str, float],
) -> None:
    """Write what must hold, and whether it does; ``ledger`` are its amounts in the scheme, levels, and years."""
    base, levels, years = ledger
    page = Page(frame.book, "核对 Checks", (78, 96, 16, 20))
    page.header(1, [*ITEM, Text("差额", "Difference"), Text("结果", "Result")])
    page.freeze("A2", 1)
    sums = parties.across(nets["sum"], frame.first, frame.last)
    mine = parties.across(nets["operator"], frame.first, frame.last)
    own = borrowed.page.across(borrowed.rows["own"], frame.first, frame.last)
    flows = frame.scheme.flows
    total = float(flows.loc[~flows["line"].isin(LOAN_LINES), "yuan"].sum())
    closing = borrowed.page.at(borrowed.rows["closing"], frame.last)
    checks = [
        (Text("每年各方收支合计为零", "All parties add up to zero in every year"), f"SUMPRODUCT(ABS({sums}))"),
        (Text("实施主体按科目（含贷款）与按收支一致", "The operator's lines, with its loan, equal its account"), f"SUMPRODUCT(ABS({mine}-{own}))"),
        (Text("台账合计等于方案收支合计", "The ledger adds up to the scheme's payments"), f"ABS(SUM({base})-{total!r})"),
        (Text("台账各年合计等于金额乘水平", "The ledger's years add up to its amounts at their levels"), f"ABS(SUM({years})-SUMPRODUCT({base},{levels}))"),
        (Text("贷款到期还清", "The loan is repaid by the end"), f"ABS({closing})"),
    ]  # fmt: skip
    row = 2
    for title, formula in checks:
        page.words(row, 1, title)
        page.formula(row, 3, formula, "0.00")
        page.formula(row, 4, f'IF(C{row}<1,"✓","✗ 不符 wrong")', "@")
        row += 1
    moved = [f"SUMPRODUCT(ABS({levels}-1))*1E9"]
    moved += [f"ABS({frame.inputs[n]}-{v!r})*1E9" for n, v in rates.items()]
    changed = f"({'+'.join(moved)})>0.01"
    for name, (cell, value, said) in returns.items():
        if value != value:
            continue
        page.words(row, 1, Text(f"与方案原值一致：{said.zh}", f"Equals the scheme's own figure: {said.en}"))
        page.formula(row, 3, f"IF(ISNUMBER({cell}),ABS({cell}-{value!r}),{NONE})", "0.000000")
        allowed = max(1.0, 1e-9 * abs(value)) if name.startswith("npv") else 1e-6
        page.formula(
            row, 4, f'IF({changed},"已改动 changed",IF(C{row}<{allowed!r},"✓","✗ 不符 differs"))', "@"
        )
        row += 1
