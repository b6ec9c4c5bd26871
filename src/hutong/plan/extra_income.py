"""Income from data products and from venues: nothing, unless product, legal basis, buyer and price are on record.

The optimiser never counts on it. What is recorded is put on a finished scheme, on lines of its own, and taxed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.finance import irr, npv, party_years
from hutong.plan.money import LINE_ROW, LINES, OPTIONAL, Calendar, before_loan, spread
from hutong.plan.money_words import line_title, party_title
from hutong.plan.results import Scheme
from hutong.plan.revenue import Takings
from hutong.plan.taxes import TaxRates
from hutong.rules import Rules
from hutong.text import Text, yuan

#: What must be on record before a yuan counts.
NEEDED = ("product", "legal_basis", "buyer", "price_yuan", "per_year")
_FIELDS = (*NEEDED, "line", "to", "place")
_RECEIVERS = ("operator", "district", "owners")
_SERVICE = Takings("extra", Text("数据与场景", "data and venues"), "outside", "mandate", "service")


@dataclass(frozen=True, slots=True)
class ExtraIncome:
    """A recorded income: its line (``data`` or ``venue``), product, legal basis, buyer, price, how often a year, whose."""

    line: str
    product: str
    legal_basis: str
    buyer: str
    price_yuan: float
    per_year: float
    to: str
    place: str = ""

    @property
    def yuan_per_year(self) -> float:
        """Whole yuan of a year."""
        return float(np.round(self.price_yuan * self.per_year))

    @property
    def text(self) -> Text:
        """Say it in one sentence."""
        name, who = line_title(self.line), party_title(self.to)
        return Text(
            f"{name.zh}：{self.product}，买方 {self.buyer}，每年 {yuan(self.yuan_per_year, 'zh')} 归{who.zh}（依据：{self.legal_basis}）。",
            f"{name.en}: {self.product}, bought by {self.buyer}, {yuan(self.yuan_per_year)} a year to {who.en} (legal basis: {self.legal_basis}).",
        )


def read_extra_income(path: Path) -> tuple[ExtraIncome, ...]:
    """Read recorded income from YAML: a list ``income`` of entries with all of ``NEEDED``, ``line``, ``to`` and ``place``.

    ``place`` is ``rooms``, ``public`` or ``common``: what common parts bring is the owners'.

    Raises
    ------
    HutongError
        ``bad-income`` with every entry that is not complete.
    """
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as caught:
        raise _bad([f"{path.name}: {caught}"]) from caught
    entries = raw.get("income") if isinstance(raw, dict) else None
    if not isinstance(entries, list):
        raise _bad([f"{path.name}: income is missing"])
    broken = [f"{path.name}: {k} is not known" for k in raw if k not in ("income", "version")]
    found = []
    for k, entry in enumerate(entries, 1):
        wrong = _wrong(entry)
        broken += [f"{k}: {w}" for w in wrong]
        if not wrong:
            words = {n: str(entry[n]).strip() for n in ("line", "product", "legal_basis", "buyer", "to")}
            found.append(
                ExtraIncome(**words, price_yuan=float(entry["price_yuan"]), per_year=float(entry["per_year"]), place=str(entry.get("place", "")))
            )  # fmt: skip
    if broken:
        raise _bad(broken)
    return tuple(found)


def _wrong(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return [str(entry)]
    out = [f"{n} is missing" for n in NEEDED if entry.get(n) is None or not str(entry[n]).strip()]
    out += [f"{n} is not known" for n in entry if n not in _FIELDS]
    for name in ("price_yuan", "per_year"):
        value = entry.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf
        ):
            out.append(f"{name} {value}")
    if entry.get("line") not in OPTIONAL:
        out.append(f"line {entry.get('line')} ({', '.join(OPTIONAL)})")
    if entry.get("to") not in _RECEIVERS:
        out.append(f"to {entry.get('to')} ({', '.join(_RECEIVERS)})")
    if entry.get("place", "rooms") not in ("rooms", "public", "common"):
        out.append(f"place {entry['place']} (rooms, public, common)")
    if entry.get("place") == "common" and entry.get("to") != "owners":
        out.append("what common parts bring is the owners' (Civil Code art. 282)")
    return out


def _bad(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-income",
        Text("数据与场景收入的记录不完整，不能计入。", "The record of income from data and venues is not complete: it cannot count."),
        Text(
            "每项须写明产品、合法依据、买方、价格和每年次数；没有的不计收入。",
            "State product, legal basis, buyer, price and how often a year for each; without them there is no income.",
        ),
        rows,
    )  # fmt: skip


def nothing_recorded() -> Text:
    """Return the note where no such income is on record."""
    return Text(
        "数据资产与场景流量收入按零计：没有登记产品、合法依据、买方和价格。",
        "Income from data and venues counts as zero: no product, legal basis, buyer and price are on record.",
    )


def with_income(scheme: Scheme, income: Sequence[ExtraIncome], calendar: Calendar, rules: Rules) -> Scheme:
    """Return the scheme with recorded income in every year of operation, taxed where it is the operator's.

    Its return and values are computed anew; choices, proof and the check of the rules stay those of the scheme as it was
    solved. Nothing recorded: the same scheme.
    """
    if not income:
        return scheme
    extra = np.zeros(len(LINES))
    vat, cit = TaxRates.of(rules).on_takings(_SERVICE)
    for entry in income:
        extra[LINE_ROW[f"{entry.line}:outside>{entry.to}"]] += entry.yuan_per_year
        if entry.to == "operator":
            extra[LINE_ROW["vat_extra:operator>treasury"]] += round(vat * entry.yuan_per_year)
            extra[LINE_ROW["cit_extra:operator>treasury"]] += round(cit * entry.yuan_per_year)
    flows = pd.concat([scheme.flows, spread(extra[None, :], ["unit"], calendar)], ignore_index=True)
    operator = party_years(before_loan(flows)).loc["operator"].to_numpy(float)
    low, high = (float(npv(scheme.terms[f"return_{end}"], operator)) for end in ("low", "high"))
    totals = {**scheme.totals, "operator_irr": irr(operator).rate, "operator_npv_low": low, "operator_npv_high": high}  # fmt: skip
    amounts = None if scheme.amounts is None else scheme.amounts + extra
    return replace(scheme, flows=flows, totals=totals, amounts=amounts)
