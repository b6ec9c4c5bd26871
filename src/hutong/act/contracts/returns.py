"""An operator's periodic returns: what was taken, what was spent, how well it served; a year is known when it is whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from hutong.act.contracts.contract import PLAN_COLUMNS, Terms
from hutong.errors import HutongError
from hutong.text import Text

#: Lines of a return: what the operator receives (+1) or pays (-1), and with whom.
LINES: Mapping[str, tuple[int, str, Text]] = {
    "income": (1, "outside", Text("经营收入", "Takings")),
    "service_fee": (1, "owners", Text("服务费收入", "Service fees")),
    "subsidy": (1, "district", Text("补贴", "Subsidies")),
    "works": (-1, "outside", Text("工程支出", "Works")),
    "running": (-1, "outside", Text("运营成本", "Running costs")),
    "lease": (-1, "owner_unit", Text("租金支出", "Rent paid")),
    "renewal": (-1, "outside", Text("更新改造支出", "Replacement")),
    "taxes": (-1, "treasury", Text("税费", "Taxes")),
    "surplus": (-1, "maintenance_fund", Text("已分享的超额收益", "Surplus shared")),
}
#: How well it served; shares in percent, the rest counts.
LEVELS: Mapping[str, Text] = {
    "open_days": Text("开放天数", "Days open"),
    "served": Text("服务人次", "People served"),
    "complaints": Text("投诉件数", "Complaints"),
    "answered_in_time": Text("按时答复率（%）", "Answered in time (%)"),
    "vacancy": Text("空置率（%）", "Vacant (%)"),
}
PERCENT = ("answered_in_time", "vacancy")
_PERIOD = re.compile(r"(\d{4})(?:Q([1-4]))?")


@dataclass(frozen=True)
class Return:
    """What an operator reports of a period (``2027`` or ``2027Q1``): whole yuan by line, levels of service."""

    period: str
    yuan: Mapping[str, int]
    levels: Mapping[str, float] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The calendar year."""
        return int(self.period[:4])


def check_return(given: Return) -> Return:
    """Return it if it is one; it raises ``bad-return`` with what does not fit."""
    rows = []
    if not _PERIOD.fullmatch(given.period):
        rows.append(f"period {given.period!r}: write 2027 or 2027Q1")
    rows += [f"{k}: no line of a return" for k in given.yuan if k not in LINES]
    rows += [f"{k}: no level of service" for k in given.levels if k not in LEVELS]
    rows += [f"{k}: {v} is no whole number from 0" for k, v in given.yuan.items() if isinstance(v, bool) or not isinstance(v, int) or v < 0]  # fmt: skip
    rows += [f"{k}: {v} lies outside {'0 to 100' if k in PERCENT else '0 and above'}" for k, v in given.levels.items() if not v >= 0 or (k in PERCENT and v > 100)]  # fmt: skip
    if not given.yuan:
        rows.append("no line of money is given")
    if rows:
        raise HutongError(
            "bad-return",
            Text("报送内容不合格。", "The return does not fit."),
            Text("请改正所列各项；没有发生的填 0。", "Mend what is listed; write 0 for what did not happen."),
            rows,
        )
    return given


def whole_years(returns: Iterable[Return]) -> dict[int, tuple[Return, ...]]:
    """Return the returns of every year that is known whole: a yearly one, or all four quarters.

    Raises
    ------
    HutongError
        ``bad-return`` for a period that is reported twice, or by year and by quarter.
    """
    by_year: dict[int, list[Return]] = {}
    for r in returns:
        by_year.setdefault(check_return(r).year, []).append(r)
    out, rows = {}, []
    for year, found in sorted(by_year.items()):
        periods = [r.period for r in found]
        twice = len(set(periods)) < len(periods) or (str(year) in periods and len(periods) > 1)
        if twice:
            rows.append(f"{year}: reported twice ({', '.join(sorted(periods))})")
        elif str(year) in periods or len(periods) == 4:
            out[year] = tuple(found)
    if rows:
        raise HutongError(
            "bad-return",
            Text("同一期间报送了两次。", "A period is reported twice."),
            Text("更正时请替换原报送。", "To correct one, replace it."),
            rows,
        )
    return out


def actual_flows(terms: Terms, years: Mapping[int, Sequence[Return]]) -> pd.DataFrame:
    """Return what happened as payments of the plan's form (:data:`~contract.PLAN_COLUMNS`), for years of the plan."""
    rows: list[tuple[Any, ...]] = []
    for year, found in years.items():
        for r in found:
            for line, yuan in r.yuan.items():
                sign, other, _ = LINES[line]
                payer, payee = (other, "operator") if sign > 0 else ("operator", other)
                rows.append((year - terms.first_year, payer, payee, float(yuan), line))
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS)).astype({"year": int, "yuan": float})


def read_returns(table: pd.DataFrame) -> tuple[Return, ...]:
    """Return the returns of a table: ``period`` and a column per line or level; empty cells are left out.

    Raises
    ------
    HutongError
        ``bad-return`` with the rows that do not fit.
    """
    known = {"period", *LINES, *LEVELS}
    rows = [f"column {c} is not known" for c in table if c not in known]
    rows += [] if "period" in table else ["column period is missing"]
    out = []
    for at, row in enumerate(table.to_dict("records") if not rows else [], start=2):
        cells = {
            str(k): str(v).strip() for k, v in row.items() if v is not None and v == v and str(v).strip()
        }
        try:
            yuan = {k: int(v) for k, v in cells.items() if k in LINES}
            levels = {k: float(v) for k, v in cells.items() if k in LEVELS}
            out.append(check_return(Return(cells.get("period", ""), yuan, levels)))
        except ValueError as caught:
            rows.append(f"row {at}: {caught}")
        except HutongError as caught:
            rows += [f"row {at}: {r}" for r in caught.rows]
    if rows:
        raise HutongError(
            "bad-return",
            Text(f"报送表有 {len(rows)} 处不合格。", f"The table of returns has {len(rows)} faults."),
            Text(f"需要列 period 和 {'、'.join(LINES)}（整数元）。", f"It has period and any of {', '.join(LINES)} (whole yuan)."),
            rows,
        )  # fmt: skip
    return tuple(out)
