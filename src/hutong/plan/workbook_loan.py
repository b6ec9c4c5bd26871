"""The page of the operator's loan: drawn, owed and repaid by year, what it costs, and whether the cash covers it."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.plan.workbook_page import ITEM, NONE, RATIO, YUAN, Frame, Page
from hutong.text import Text

TITLE = "贷款 Loan"
NAMES = {
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
#: Row of each part of the loan.
ROWS = {name: row for row, name in enumerate(NAMES, 4)}

_LOAN_NOTES = (
    Text("利息从提款次年起按年初欠款计；宽限期只付息。", "Interest runs from the year after a draw on what is owed at its start; in the grace only interest is due."),
    Text("建设期利息由自有资金支付，不计偿债备付率。", "Interest while building is paid from own money and has no cover ratio."),
)  # fmt: skip


def loan_cell(name: str, column: str) -> str:
    """Return the address of a part of the loan in a column of years (the same on all pages)."""
    return f"'{TITLE}'!{column}${ROWS[name]}"


def loan_terms(frame: Frame, party: str, side: str, column: str) -> str:
    """Return what the loan adds to the formula of what a party receives (``payee``) or pays (``payer``) in a year."""
    sign = "-" if side == "payer" else "+"
    public = {"city": frame.inputs["city_share"], "district": f"(1-{frame.inputs['city_share']})"}
    if party in public and side == "payer":
        return f"-{public[party]}*{loan_cell('subsidy', column)}"
    parts = {
        ("operator", "payee"): ("drawn", "subsidy"),
        ("operator", "payer"): ("interest", "principal"),
        ("lender", "payee"): ("interest", "principal"),
        ("lender", "payer"): ("drawn",),
    }.get((party, side), ())
    return "".join(f"{sign}{loan_cell(name, column)}" for name in parts)


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
    page = Page(frame.book, TITLE, (34, 40, 16, *[13] * frame.years), pages_across=2)
    page.words(1, 1, Text("实施主体贷款（元）", "The operator's loan (yuan)"), bold=True)
    page.header(3, [*ITEM, Text("合计", "Total"), *range(frame.years)])
    page.freeze("D4", 3)
    page.sheet.print_title_cols = "A:B"
    rows = ROWS
    after = max(rows.values()) + 2
    first, least = page.at(after, 3), page.at(after + 1, 3)
    begin, end = f"({first}+{i['loan.grace_years']}+1)", f"({first}+{i['loan.years']})"
    for name, title in NAMES.items():
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
            "subsidy": f"IF(AND({year}>{first},{year}<={first}+{i['loan.subsidy_years']}),{i['loan.subsidised']}*{r['opening']}*MIN({i['loan.subsidy_rate']},{i['loan.rate']}),0)",
            "principal": f"IF(AND({year}>={begin},{year}<={end}),{by_method},0)",
            "service": f"{r['principal']}+{r['interest']}-{r['subsidy']}",
            "closing": f"{r['opening']}+{r['drawn']}-{r['principal']}",
            "available": f"'{operator.title}'!{c}{lines['net']}-{r['subsidy']}+{r['investment']}{renewal.format(c)}",
            "cover": f'IF(AND({r["service"]}>0.005,{r["investment"]}=0),{r["available"]}/{r["service"]},"")',
            "own": f"'{operator.title}'!{c}{lines['net']}+{r['drawn']}-{r['principal']}-{r['interest']}",
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
