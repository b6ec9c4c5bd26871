"""The first pages of the workbook: what it is, and the figures that may be changed, with their mark and source."""

from __future__ import annotations

from typing import Any

from hutong.plan.carriers import at_stake, carrier_lines, carriers
from hutong.plan.catalogue import load_assumptions
from hutong.plan.extra_income import nothing_recorded
from hutong.plan.lending import LOAN_LINES
from hutong.plan.loans import LoanTerms, loan_assumptions
from hutong.plan.money import OPTIONAL
from hutong.plan.money_words import line_title
from hutong.plan.results import Plan, Scheme
from hutong.plan.workbook_page import ITEM, RATE, RATIO, Page, key
from hutong.plan.workbook_returns import RATES
from hutong.rules import Rules
from hutong.text import Text

#: What the marks of confidence mean; "" is what is not a claim about the world.
_MARKS = {
    "": Text("", ""),
    "D": Text("文件可查", "read in a document"),
    "D-": Text("来源较弱", "weak source"),
    "K": Text("通行，待核", "commonly known, to be verified"),
    "U": Text("假设", "assumption"),
}


def guide_page(book: Any, plan: Plan, scheme: Scheme, rules: Rules) -> None:
    """Write what the workbook is, how it is read, and what the scheme assumed."""
    page = Page(book, "说明 Read me", (66, 84))
    page.text(1, 1, f"{scheme.title.zh}：资金测算", bold=True)
    page.text(1, 2, f"{scheme.title.en}: the money", bold=True)
    notes = [
        Text("单位：元，不变价；第 0 年为现在。收为正，付为负。", "Yuan at constant prices; year 0 is now. Received is positive, paid negative."),
        Text("黄底蓝字可以改动，其余均为公式；改动后“核对”页注明不再与方案原值比较。", "Blue on yellow may be changed; the rest are formulas. After a change the checks no longer compare with the scheme."),
        Text("每笔收支都有付款方和收款方，故每年各方合计为零。", "Every payment has a payer and a payee, so all parties add up to zero each year."),
        Text("页次：假设 → 台账 → 收支 → 实施主体 → 贷款 → 指标 → 核对。", "Pages: inputs → ledger → accounts → operator → loan → returns → checks."),
        Text("本表是测算，不是承诺；标“假设”的数字须核定后才能作为依据。", "This is an estimate and no promise; figures marked as assumptions must be settled before anyone relies on them."),
    ]  # fmt: skip
    row = 3
    for note in notes:
        page.words(row, 1, note, wrap=True)
        row += 1
    page.words(row + 1, 1, Text("什么支撑经营年限", "What carries the years of operation"), bold=True)
    held = carriers(scheme, rules)
    stake = at_stake(held, float(scheme.terms["return_low"]))
    extra = scheme.flows["line"].isin(OPTIONAL).any()
    said = [*carrier_lines(held), *([stake] if stake else []), *([] if extra else [nothing_recorded()])]
    row += 2
    for note in said:
        page.words(row, 1, note, wrap=True)
        row += 1
    page.words(row + 1, 1, Text("方案的假设与未尽事项", "What the scheme assumed and left out"), bold=True)
    for at, note in enumerate(plan.assumptions, row + 2):
        page.words(at, 1, note, wrap=True)


def inputs_page(
    book: Any, scheme: Scheme, rules: Rules, loan_of: tuple[LoanTerms, float, float], assumed: bool
) -> tuple[dict[str, str], tuple[str, str]]:
    """Write the given figures; return the address of each, and the columns of line levels.

    ``loan_of`` are the terms of the loan, its share of the operator's works, and the part of it that is subsidised.
    """
    terms, share, subsidised = loan_of
    from openpyxl.worksheet.datavalidation import DataValidation

    page = Page(book, "假设 Inputs", (34, 44, 16, 20, 52))
    page.header(
        1,
        [
            *ITEM,
            Text("数值", "Value"),
            Text("可靠程度", "Mark"),
            Text("依据", "Source"),
        ],
    )
    page.freeze("A2", 1)
    where: dict[str, str] = {}
    row = 2

    def put(name: str, title: Text, value: float | str, style: str, mark: str, source: Text) -> None:
        nonlocal row
        page.words(row, 1, title)
        if isinstance(value, str):
            page.text(row, 3, value)
        else:
            page.figure(row, 3, value, style, given=True)
        page.text(row, 4, f"{mark} {key(_MARKS[mark])}".strip())
        page.text(row, 5, key(source) if source.zh != source.en else source.zh)
        where[name] = page.at(row, 3)
        row += 1

    for name in RATES:
        p = rules[name]
        law = f"{p.source} {p.article}".strip()
        put(name, p.title, rules.number(name), RATE, p.confidence, Text(law, law) if law else _MARKS["U"])
    given, guess = Text("用户给定", "as given"), loan_assumptions()
    loan = {
        "share": (guess["share"].title, share, RATE),
        "years": (guess["years"].title, float(terms.years), "0"),
        "grace_years": (guess["grace_years"].title, float(terms.grace_years), "0"),
    }
    for name, (title, value, style) in loan.items():
        put(f"loan.{name}", title, value, style, *(("U", guess[name].source) if assumed else ("", given)))
    own = Text("规则 finance.lpr_5y", "rule finance.lpr_5y") if assumed else given
    put(
        "loan.rate",
        Text("贷款年利率", "Interest rate of the loan"),
        terms.rate,
        RATE,
        rules["finance.lpr_5y"].confidence if assumed else "",
        own,
    )
    put(
        "loan.method",
        Text("还款方式", "Repayment"),
        terms.method,
        "@",
        "U" if assumed else "",
        Text("annuity 等额本息；equal_principal 等额本金", "annuity or equal_principal"),
    )
    choice = DataValidation(type="list", formula1='"annuity,equal_principal"', allow_blank=False)
    choice.add(where["loan.method"].split("!")[1].replace("$", ""))
    page.sheet.add_data_validation(choice)
    name = "finance.interest_subsidy_rate_max"
    law = f"{rules[name].source} {rules[name].article}" if name in rules else ""
    basis = Text(law, law) if law else Text("规则未列", "not in the rules")
    put(
        "loan.subsidy_rate",
        Text("贴息率（公共资金承担）", "Interest subsidy (public money)"),
        terms.subsidy_rate,
        RATE,
        "D",
        basis,
    )
    put(
        "loan.subsidy_years",
        Text("贴息年限", "Years of interest subsidy"),
        float(terms.subsidy_years),
        "0",
        "D",
        basis,
    )
    part = Text("适用贴息的贷款比例（老旧小区）", "Part of the loan that is subsidised (old estates)")
    put("loan.subsidised", part, subsidised, RATE, "", Text("方案", "the scheme"))
    city = load_assumptions()["city_share"]
    put("city_share", city.title, city.value, RATE, city.confidence, city.source)
    row += 1
    page.words(
        row,
        1,
        Text("各类收支的水平（1 为方案原值）", "Level of each kind of payment (1 as in the scheme)"),
        bold=True,
    )
    first = row = row + 1
    for line in dict.fromkeys(x for x in scheme.flows["line"] if x not in LOAN_LINES):
        put(f"level.{line}", line_title(line), 1.0, RATIO, "", Text("试算用", "to try what follows"))
        page.text(row - 1, 6, key(line_title(line)))
    page.sheet.column_dimensions["F"].hidden = True
    return where, (page.down(6, first, row - 1), page.down(3, first, row - 1))
