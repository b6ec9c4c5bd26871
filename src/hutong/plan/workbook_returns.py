"""The later pages of the workbook: the operator's loan and cover, returns by party, and checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.plan.finance import irr, npv, party_years, payback_year
from hutong.plan.money_words import party_title
from hutong.plan.workbook_page import ITEM, RATE, RATIO, YUAN, Frame, Page
from hutong.rules import Rules
from hutong.text import Text

#: Whose money is discounted at which figure of the rules.
DISCOUNT = {
    "city": "finance.discount_public", "district": "finance.discount_public", "owner_unit": "finance.discount_public",
    "operator": "finance.discount_operator", "owners": "finance.discount_households",
    "tenants": "finance.discount_households",
}  # fmt: skip
#: Rates that the returns rest on.
RATES = ("operator.return_low", "operator.return_high", *dict.fromkeys(DISCOUNT.values()))
#: What a formula shows where there is no figure.
NONE = '"无 none"'


_LOAN_NOTES = (
    Text("利息从提款次年起按年初欠款计；宽限期只付息。", "Interest runs from the year after a draw on what is owed at its start; in the grace only interest is due."),
    Text("建设期利息由自有资金支付，不计偿债备付率。", "Interest while building is paid from own money and has no cover ratio."),
)  # fmt: skip


@dataclass(frozen=True)
class Borrowed:
    """The loan page, its rows by name, and the cell of the least cover."""

    page: Page
    rows: dict[str, int]
    least: str


def loan_page(frame: Frame, lines: dict[str, int], operator: Page) -> Borrowed:
    """Write the operator's loan by year, its cover of debt service, and its own money's flow."""
    from openpyxl.utils import get_column_letter

    i = frame.inputs
    page = Page(frame.book, "贷款 Loan", (34, 40, 16, *[13] * frame.years), pages_across=2)
    page.words(1, 1, Text("实施主体贷款（元）", "The operator's loan (yuan)"), bold=True)
    page.header(3, [*ITEM, Text("合计", "Total"), *range(frame.years)])
    page.freeze("D4", 3)
    page.sheet.print_title_cols = "A:B"
    names = {
        "investment": Text("工程投资", "Works"),
        "drawn": Text("提款", "Drawn"),
        "so_far": Text("累计提款", "Drawn so far"),
        "opening": Text("年初欠款", "Owed at the start"),
        "interest": Text("利息", "Interest"),
        "subsidy": Text("贴息", "Interest subsidy"),
        "principal": Text("还本", "Principal repaid"),
        "service": Text("还本付息（扣贴息）", "Debt service, less the subsidy"),
        "closing": Text("年末欠款", "Owed at the end"),
        "available": Text(
            "可用于还款的现金（工程与设施更新投入之前）",
            "Cash available for debt service, before works and renewal",
        ),
        "cover": Text("偿债备付率", "Debt service cover (DSCR)"),
        "own": Text("自有资金净现金流", "Net cash flow of own money"),
    }
    rows = {name: row for row, name in enumerate(names, 4)}
    after = max(rows.values()) + 2
    first, least = page.at(after, 3), page.at(after + 1, 3)
    begin, end = f"({first}+{i['loan.grace_years']}+1)", f"({first}+{i['loan.years']})"
    for name, title in names.items():
        page.words(rows[name], 1, title)
    renewal = f"-'{operator.title}'!{{}}{lines['renewal']}" if "renewal" in lines else ""
    for column in frame.columns():
        c, before = get_column_letter(column), get_column_letter(column - 1)
        r = {name: f"{c}{row}" for name, row in rows.items()}
        year, opens = f"{c}$3", column == frame.first
        left = f"({end}-{year}+1)"
        equal = f"{r['opening']}/{left}"
        same = f"IF({i['loan.rate']}=0,{equal},{r['opening']}*{i['loan.rate']}/(1-(1+{i['loan.rate']})^-{left})-{r['interest']})"
        by_method = f'IF(OR({i["loan.method"]}="equal_principal",{left}=1),{equal},{same})'
        formulas = {
            "investment": f"-'{operator.title}'!{c}{lines['works']}",
            "drawn": f"{i['loan.share']}*{r['investment']}",
            "so_far": r["drawn"] if opens else f"{before}{rows['so_far']}+{r['drawn']}",
            "opening": "0" if opens else f"{before}{rows['closing']}",
            "interest": f"{r['opening']}*{i['loan.rate']}",
            "subsidy": f"IF(AND({year}>{first},{year}<={first}+{i['loan.subsidy_years']}),{r['opening']}*MIN({i['loan.subsidy_rate']},{i['loan.rate']}),0)",
            "principal": f"IF(AND({year}>={begin},{year}<={end}),{by_method},0)",
            "service": f"{r['principal']}+{r['interest']}-{r['subsidy']}",
            "closing": f"{r['opening']}+{r['drawn']}-{r['principal']}",
            "available": f"'{operator.title}'!{c}{lines['net']}+{r['investment']}{renewal.format(c)}",
            "cover": f'IF(AND({r["service"]}>0.005,{r["investment"]}=0),{r["available"]}/{r["service"]},"")',
            "own": f"'{operator.title}'!{c}{lines['net']}+{r['drawn']}-{r['service']}",
        }
        for name, formula in formulas.items():
            page.formula(rows[name], column, formula, RATIO if name == "cover" else YUAN)
    for name in ("investment", "drawn", "interest", "subsidy", "principal", "service", "available", "own"):
        page.formula(rows[name], 3, f"SUM({page.across(rows[name], frame.first, frame.last)})", YUAN)
    so_far = page.across(rows["so_far"], frame.first, frame.last)
    cover = page.across(rows["cover"], frame.first, frame.last)
    page.words(after, 1, Text("首次提款年", "Year of the first draw"))
    page.formula(after, 3, f"COUNTIF({so_far},0)", "0")
    page.words(after + 1, 1, Text("最低偿债备付率", "Least debt service cover"), bold=True)
    page.formula(after + 1, 3, f"IF(COUNT({cover})=0,{NONE},MIN({cover}))", RATIO, bold=True)
    for k, note in enumerate(_LOAN_NOTES, after + 2):
        page.words(k, 1, note)
    return Borrowed(page, rows, least)


def returns_page(
    frame: Frame, nets: dict[str, int], parties: Page, borrowed: Borrowed, rules: Rules
) -> dict[str, tuple[str, float, Text]]:
    """Write NPV, IRR and payback; return cells with the figures that Hutong computed for them."""
    i, flows = frame.inputs, party_years(frame.scheme.flows)
    page = Page(frame.book, "指标 Returns", (48, 52, 14, 20, 20))
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
        net = nets[party]
        later = parties.across(net, frame.first + 1, frame.last)
        page.formula(row, 4, f"{parties.at(net, frame.first)}+NPV({i[name]},{later})", YUAN)
        value = float(npv(rules.number(name), flows.loc[party].to_numpy()))
        page.figure(row, 5, value, YUAN)
        out[f"npv.{party}.{name}"] = (
            page.at(row, 4),
            value,
            Text(f"{title.zh}净现值", f"net present value, {title.en}"),
        )
        row += 1
    row = _years_of_return(
        frame, page, row + 1, parties, nets["operator"], flows.loc["operator"].to_numpy(), out
    )
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
    parties: Page,
    net: int,
    flow: object,
    out: dict[str, tuple[str, float, Text]],
) -> int:
    """Write IRR and payback of the operator, with the helper rows that they read; return the next free row."""
    from openpyxl.utils import get_column_letter

    payments = np.asarray(flow, float)
    low, years = frame.inputs["operator.return_low"], frame.years
    across = parties.across(net, frame.first, frame.last)
    page.words(row, 1, Text("实施主体", "Operator"), bold=True)
    helper = row + 12
    page.words(helper - 1, 1, Text("计算用：累计（元）", "Helpers: running totals (yuan)"), bold=True)
    start = 4
    span = {}
    for k, title in enumerate((Text("年", "Year"), Text("累计", "Sum so far"), Text("累计为负至", "Below zero until"), Text("折现累计", "Discounted sum so far"), Text("折现累计为负至", "Below zero until"))):  # fmt: skip
        page.words(helper + k, 1, title)
        span[k] = page.across(helper + k, start, start + years - 1)
    for year in range(years):
        c, before = get_column_letter(start + year), get_column_letter(start + year - 1)
        cell = parties.at(net, frame.first + year)
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
    for k, (name, title, formula, style, value) in enumerate(values, row + 1):
        page.words(k, 1, title)
        page.formula(k, 4, formula, style)
        page.figure(k, 5, value, style)
        out[name] = page.at(k, 4), value, title
    if found.flag != "unique":
        why = Text("现金流没有唯一的内部收益率。", "These payments have no single internal rate of return.")
        page.words(row + 4, 1, why)
    return row + 5


def checks_page(
    frame: Frame,
    ledger: dict[str, str],
    nets: dict[str, int],
    parties: Page,
    operator: Page,
    lines: dict[str, int],
    borrowed: Borrowed,
    returns: dict[str, tuple[str, float, Text]],
    rates: dict[str, float],
) -> None:
    """Write what must hold, and whether it does."""
    page = Page(frame.book, "核对 Checks", (62, 78, 16, 20))
    page.header(1, [*ITEM, Text("差额", "Difference"), Text("结果", "Result")])
    page.freeze("A2", 1)
    sums = parties.across(nets["sum"], frame.first, frame.last)
    mine = parties.across(nets["operator"], frame.first, frame.last)
    by_line = operator.across(lines["net"], frame.first, frame.last)
    total = float(frame.scheme.flows["yuan"].sum())
    closing = borrowed.page.at(borrowed.rows["closing"], frame.last)
    checks = [
        (Text("每年各方收支合计为零", "All parties add up to zero in every year"), f"SUMPRODUCT(ABS({sums}))"),
        (Text("实施主体按科目与按收支一致", "The operator's lines equal its account"), f"SUMPRODUCT(ABS({mine}-{by_line}))"),
        (Text("台账合计等于方案收支合计", "The ledger adds up to the scheme's payments"), f"ABS(SUM({ledger['base']})-{total!r})"),
        (Text("贷款到期还清", "The loan is repaid by the end"), f"ABS({closing})"),
    ]  # fmt: skip
    row = 2
    for title, formula in checks:
        page.words(row, 1, title)
        page.formula(row, 3, formula, "0.00")
        page.formula(row, 4, f'IF(C{row}<1,"✓","✗ 不符 wrong")', "@")
        row += 1
    moved = [f"SUMPRODUCT(ABS({ledger['yuan']}-{ledger['base']}))"]
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
