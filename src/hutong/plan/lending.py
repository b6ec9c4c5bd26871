"""The operator's loan on a scheme's payments: other terms in the place of those it was planned with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.plan.catalogue import load_assumptions
from hutong.plan.loans import LoanTerms, drawdown, repay
from hutong.plan.money import LINE_ROW
from hutong.plan.results import FLOW_COLUMNS, Scheme

#: Names of the payments that a loan brings.
LOAN_LINES = ("loan", "repayment", "interest", "interest_subsidy")


def subsidised_share(scheme: Scheme) -> float:
    """Return which part of the operator's loan may have its interest subsidised (1 where nothing is borrowed)."""
    if scheme.amounts is None:
        return 1.0
    loan = float(scheme.amounts[LINE_ROW["loan:lender>operator"]])
    subsidised = sum(float(scheme.amounts[LINE_ROW[f"interest_subsidy:{p}>operator"]]) for p in ("city", "district"))  # fmt: skip
    return subsidised / loan if loan else 1.0


def lend(flows: pd.DataFrame, terms: LoanTerms, share: float, subsidised: float = 1.0) -> pd.DataFrame:
    """Return the payments with a loan of ``share`` of the operator's works in the place of the one they have.

    Parameters
    ----------
    flows
        Columns ``FLOW_COLUMNS``.
    subsidised
        Part of the loan whose interest the city and the district subsidise, each by its share of public money.
    """
    rest = flows[~flows["line"].isin(LOAN_LINES)]
    works = rest[(rest["line"] == "works") & (rest["payer"] == "operator")]
    if not len(works) or not share:
        return rest.reset_index(drop=True)
    cost = np.bincount(works["year"].to_numpy(int), weights=works["yuan"].to_numpy(float))
    table = repay(drawdown(cost.astype(np.float64), share)[0], terms)
    city = load_assumptions()["city_share"].value
    parts = {
        ("lender", "operator", "loan"): table["drawn"],
        ("operator", "lender", "repayment"): table["principal"],
        ("operator", "lender", "interest"): table["interest"],
        ("city", "operator", "interest_subsidy"): table["subsidy"] * subsidised * city,
        ("district", "operator", "interest_subsidy"): table["subsidy"] * subsidised * (1 - city),
    }
    rows = [
        (year, payer, payee, yuan, line, "unit")
        for (payer, payee, line), column in parts.items()
        for year, yuan in column.items()
        if yuan > 0
    ]
    return pd.concat([rest, pd.DataFrame(rows, columns=list(FLOW_COLUMNS))], ignore_index=True)
