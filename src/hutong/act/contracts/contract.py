"""A contract of operation drawn from a scheme: its terms, its planned payments, its clauses.

The payments are the scheme's own, before the loan; whatever the contract watches later is reckoned from them by the same
functions that planned them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.plan.carriers import carrier_lines, carriers
from hutong.plan.money import before_loan
from hutong.plan.results import FLOW_COLUMNS, Scheme
from hutong.rules import Rules
from hutong.text import Text, percent, yuan

FORM = 1
PLAN_COLUMNS = FLOW_COLUMNS[:-1]


@dataclass(frozen=True)
class Terms:
    """What is agreed.

    Parameters
    ----------
    contract
        Its id.
    scheme, jurisdiction
        The scheme it was drawn from, and whose rules hold.
    first_year
        Calendar year of year 0 of ``plan``.
    years
        Years of operation.
    return_low, return_high
        The band of returns; ``band_assumed`` whether the band is an assumption of the rules.
    share_owners
        The owners' share of what is above the band; the district has the rest.
    extension_most
        Most years by which the term may be extended: what the law leaves above ``years``.
    plan
        Planned payments to and from the operator (:data:`PLAN_COLUMNS`), yuan, before the loan.
    clauses
        What the contract says, in both languages.
    version, version_digest
        Number of the version of a scheme that it was drawn from, and the SHA-256 of that version's file; both empty for
        a scheme of which no version is kept.
    """

    contract: str
    scheme: str
    jurisdiction: str
    first_year: int
    years: int
    return_low: float
    return_high: float
    band_assumed: bool
    share_owners: float
    extension_most: int
    plan: pd.DataFrame
    clauses: tuple[Text, ...]
    version: str = ""
    version_digest: str = ""

    @property
    def horizon(self) -> int:
        """Number of years of the plan, building included."""
        return int(self.plan["year"].max()) + 1

    @property
    def digest(self) -> str:
        """SHA-256 of the contract's file, as the ledger records it."""
        return hashlib.sha256(contract_text(self).encode()).hexdigest()


def draw_contract(
    scheme: Scheme, rules: Rules, contract: str, first_year: int, version: tuple[str, str] = ("", "")
) -> Terms:
    """Return the contract of a scheme.

    Parameters
    ----------
    version
        Number and SHA-256 of the version of the scheme, where one is kept.

    Raises
    ------
    HutongError
        ``no-operation`` for a scheme in which nothing is operated.
    """
    flows = before_loan(scheme.flows)
    mine = flows[(flows["payer"] == "operator") | (flows["payee"] == "operator")]
    mine = mine.astype({"payer": object, "payee": object, "line": object})
    if not len(mine):
        raise HutongError(
            "no-operation",
            Text("这个方案没有运营方的收支，无需经营合同。", "Nothing is operated in this scheme; there is no contract to draw."),
            Text("请选一个有运营内容的方案。", "Choose a scheme with an operation."),
        )  # fmt: skip
    plan = mine.groupby(["year", "payer", "payee", "line"], as_index=False, sort=True)["yuan"].sum()
    years = int(scheme.terms["concession_years"])
    low, high = rules["operator.return_low"], rules["operator.return_high"]
    terms = Terms(
        contract, scheme.id, rules.jurisdiction, first_year, years,
        float(scheme.terms["return_low"]), float(scheme.terms["return_high"]), low.assumed or high.assumed,
        float(scheme.terms["surplus_share_owners"]), _extension(scheme, rules, years),
        plan[list(PLAN_COLUMNS)], (), *version,
    )  # fmt: skip
    return Terms(**{**vars(terms), "clauses": _clauses(terms, scheme, rules)})


def _extension(scheme: Scheme, rules: Rules, years: int) -> int:
    """Return the years that the shortest limit of what carries the operation leaves.

    The limit for rooms of public owners is said in the clauses; which rooms are theirs the scheme does not know.
    """
    limits = [c.limit for c in carriers(scheme, rules) if c.limit is not None and c.id != "state"]
    if not limits and "concession.years_max" in rules:
        limits = [int(rules.number("concession.years_max"))]
    return max(min(limits, default=years) - years, 0)


def _clauses(t: Terms, scheme: Scheme, rules: Rules) -> tuple[Text, ...]:
    assumed = Text("（假设）", " (an assumption)") if t.band_assumed else Text("", "")
    planned = float(scheme.terms.get("surplus_yuan_per_year", 0.0))
    return (
        *_drawn(t),
        Text(
            f"经营期限 {t.years} 年，自 {t.first_year} 年动工起另计建设期；经营内容、期限依据如下。",
            f"The operation runs {t.years} years after the works that begin in {t.first_year}; what carries it is as follows.",
        ),
        *carrier_lines(carriers(scheme, rules)),
        Text(
            f"收益以微利为限：全投资内部收益率（税后、贷款前）{percent(t.return_low, 'zh', 1)}–{percent(t.return_high, 'zh', 1)}{assumed.zh}。",
            f"Returns stay within a micro-profit band: {percent(t.return_low, digits=1)}–{percent(t.return_high, digits=1)} on the whole investment, after tax and before the loan{assumed.en}.",
        ),
        Text(
            f"高于上限的部分，{percent(t.share_owners, 'zh')} 归业主（补充维修资金），其余归区级财政；按方案每年 {yuan(planned, 'zh')}。",
            f"Of what is above the band {percent(t.share_owners)} goes to the owners (maintenance fund) and the rest to the district; {yuan(planned)} a year as planned.",
        ),
        _extended(t.extension_most),
        Text(
            "运营方按期报送收入、成本和服务水平，并予公开；未报送的期间视为未知，不视为符合约定。",
            "The operator reports revenue, cost and levels of service for every period, in public; a period without a return is unknown and does not count as kept.",
        ),
        Text(
            "共有部分的收入归全体业主，不属于运营方收入。",
            "Income from common parts is the owners' and no income of the operator.",
        ),
    )


def _drawn(t: Terms) -> tuple[Text, ...]:
    if not t.version:
        return ()
    return (
        Text(
            f"本合同由方案 {t.version} 生成；方案文件的 SHA-256：{t.version_digest}。",
            f"This contract is drawn from version {t.version} of the scheme; SHA-256 of that version: {t.version_digest}.",
        ),
    )


def _extended(most: int) -> Text:
    if not most:
        return Text(
            "期限已是法律允许的最长期限，低于下限时不能延长。",
            "The term is the longest that the law allows and cannot be extended where the return is below the band.",
        )
    return Text(
        f"低于下限且非运营方过错的，可延长经营期限，合计不超过 {most} 年；延长须变更合同并公开。",
        f"Where the return is below the band without the operator's fault, the term may be extended, by {most} years in all; each extension changes the contract and is made public.",
    )


def contract_text(terms: Terms) -> str:
    """Return a contract as JSON, the same bytes for the same contract; one that names no version is as it always was."""
    body: dict[str, Any] = {"hutong_contract": FORM, **vars(terms)}
    if not terms.version:
        del body["version"], body["version_digest"]
    body["plan"] = [
        [int(r.year), r.payer, r.payee, round(float(r.yuan), 2), r.line] for r in terms.plan.itertuples()
    ]
    body["clauses"] = [{"zh": c.zh, "en": c.en} for c in terms.clauses]
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def read_contract(text: str) -> Terms:
    """Return a contract from its JSON.

    Raises
    ------
    HutongError
        ``bad-contract`` for what is none, or another form.
    """
    try:
        raw = json.loads(text)
        if not isinstance(raw, Mapping) or raw.get("hutong_contract") != FORM:
            raise ValueError(f"hutong_contract is not {FORM}")
        body = {k: v for k, v in raw.items() if k != "hutong_contract"}
        body["plan"] = pd.DataFrame(body["plan"], columns=list(PLAN_COLUMNS)).astype(
            {"year": int, "yuan": float}
        )
        body["clauses"] = tuple(Text.of(c) for c in body["clauses"])
        if not len(body["plan"]) or not (body["plan"]["yuan"] >= 0).all() or body["plan"]["year"].min() < 0:
            raise ValueError("plan holds no payments, or ones below 0")
        terms = Terms(**body)
        if not (-1 < terms.return_low <= terms.return_high and 0 <= terms.share_owners <= 1):
            raise ValueError("the band or the share does not fit")
    except (ValueError, KeyError, TypeError) as caught:
        raise HutongError(
            "bad-contract",
            Text("这不是可用的合同文件。", "This is no contract file that can be used."),
            Text("请用 hutong act contract 生成。", "Make one with hutong act contract."),
            [str(caught)],
        ) from None
    return terms
