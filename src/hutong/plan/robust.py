"""Schemes under stress: the same uncertain futures for all of them, regrets, and where a scheme fails.

XLRM (Lempert, Popper and Bankes 2003): exogenous uncertainties are the risks of money and the acceptance by residents;
levers are the schemes; relations are their flows and consent; measures are the operator's value, what the public pays
and the benefit that is carried out. The money is that of the scheme as agreed; the benefit falls with those who refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.catalogue import load_assumptions
from hutong.plan.finance import npv
from hutong.plan.money import PUBLIC, before_loan
from hutong.plan.prim import Box, choose, peel
from hutong.plan.results import BENEFITS, Scheme
from hutong.plan.risk import LineYears, party_flows
from hutong.plan.risk_data import Risk, Risks, load_risks
from hutong.plan.sampling import latin_hypercube, quantiles
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]
#: What schemes are compared by; more is better in each.
MEASURES: Mapping[str, Text] = {
    "operator_npv": Text("实施主体净现值", "operator's net present value"),
    "public_npv": Text("公共资金净现值", "net present value of public money"),
    "benefit": Text("实现的综合效益", "benefit that is carried out"),
}


@dataclass(frozen=True)
class Stress:
    """Uncertain futures and what each scheme makes of them.

    ``values`` has shape (futures, uncertainties); each of ``outcomes`` has shape (schemes, futures).
    """

    schemes: tuple[Scheme, ...]
    names: tuple[str, ...]
    titles: tuple[Text, ...]
    values: Floats
    outcomes: Mapping[str, Floats]
    risks: tuple[Risk, ...] = ()  # the uncertainties of money, first in ``names``


@cache
def _acceptance() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = read_yaml(files(__package__).joinpath("stress.yaml").read_text("utf-8"))[
        "acceptance"
    ]
    return raw


def stress(
    schemes: Sequence[Scheme],
    *,
    risks: Risks | None = None,
    futures: int = 5000,
    seed: int = 1,
    rate_public: float = 0.06,
) -> Stress:
    """Return what the schemes come to in the same uncertain futures.

    Parameters
    ----------
    futures
        How many are drawn.
    rate_public
        Discount rate of public money (``finance.discount_public``).
    """
    if not schemes:
        raise HutongError(
            "no-scheme",
            Text("没有可以比较的方案。", "There is no scheme to compare."),
            Text("请先编制方案。", "Make a plan first."),
        )
    table = risks or load_risks()
    values = table.draw(futures, seed)
    shape = {k: float(v) for k, v in _acceptance()["shape"].items()}
    shift = quantiles(latin_hypercube(futures, 1, seed, "acceptance")[:, 0], shape)
    rows: dict[str, list[Floats]] = {name: [] for name in MEASURES}
    for scheme in schemes:
        book, low = LineYears.of(before_loan(scheme.flows)), float(scheme.terms["return_low"])
        rows["operator_npv"].append(np.asarray(npv(low, party_flows(book, table.risks, values, "operator"))))
        public = sum(np.asarray(npv(rate_public, party_flows(book, table.risks, values, p))) for p in PUBLIC)
        rows["public_npv"].append(np.asarray(public))
        rows["benefit"].append(_benefit(scheme, shift))
    return Stress(
        tuple(schemes),
        (*(r.id for r in table), "acceptance"),
        (*(r.title for r in table), Text.of(_acceptance()["title"])),
        np.column_stack([values, shift]),
        {name: np.stack(found) for name, found in rows.items()},
        table.risks,
    )


def _benefit(scheme: Scheme, shift: Floats) -> Floats:
    """Return the weighted benefit expected when the log odds of every vote shift, shape (futures,)."""
    choices = scheme.choices
    weights = [load_assumptions()[f"weight_{b}"].value for b in BENEFITS]
    worth = choices[[f"benefit_{b}" for b in BENEFITS]].to_numpy(float) @ weights
    passing = np.clip(choices["pass_probability"].to_numpy(dtype=float, na_value=1.0), 1e-9, 1 - 1e-9)
    odds = np.log(passing) - np.log1p(-passing)
    out = np.zeros(shift.size)
    for o, w in zip(odds, worth, strict=True):
        out += w / (1.0 + np.exp(-(o + shift)))
    return out


def regret_table(result: Stress) -> pd.DataFrame:
    """Return the regret of each scheme by measure: what the best scheme of that future would have given more.

    Columns ``scheme``, ``measure``, ``mean``, ``p90``, ``most`` and ``best`` (share of futures in which it is best).
    """
    rows = []
    for measure, values in result.outcomes.items():
        best = values.max(axis=0)
        for scheme, row in zip(result.schemes, values, strict=True):
            regret = best - row
            rows.append(
                {
                    "scheme": scheme.id,
                    "measure": measure,
                    "mean": float(regret.mean()),
                    "p90": float(np.quantile(regret, 0.9)),
                    "most": float(regret.max()),
                    "best": float((regret <= 0).mean()),
                }
            )
    return pd.DataFrame(rows)


def least_regret(result: Stress, measure: str) -> str:
    """Return the scheme whose largest regret by ``measure`` is smallest (Savage 1951)."""
    table = regret_table(result)
    rows = table[table["measure"] == measure]
    return str(rows.loc[rows["most"].idxmin(), "scheme"])


@dataclass(frozen=True)
class Failure:
    """Where a scheme fails: how often, the box that describes most of it, and the trajectory it was chosen from.

    Where it fails in most futures, ``holds`` is set and the box describes those in which it does not.
    """

    scheme: Scheme
    measure: str
    threshold: float
    share: float
    box: Box
    trajectory: tuple[Box, ...]
    text: Text
    holds: bool = False


def where_it_fails(
    result: Stress, scheme_id: str, measure: str = "operator_npv", threshold: float = 0.0
) -> Failure:
    """Return the futures in which a scheme's measure is below ``threshold``, described as a box.

    Where most futures are, a box of them would say nothing: then the others are described, those in which it holds.

    Raises
    ------
    HutongError
        ``unknown-scheme`` or ``unknown-measure``, with those there are.
    """
    ids = [s.id for s in result.schemes]
    for code, given, known in (
        ("unknown-scheme", scheme_id, ids),
        ("unknown-measure", measure, list(result.outcomes)),
    ):
        if given not in known:
            raise HutongError(
                code,
                Text(f"没有 {given}。", f"There is no {given}."),
                Text(f"可选：{'、'.join(known)}。", f"Choose one of {', '.join(known)}."),
            )
    at = ids.index(scheme_id)
    failed = result.outcomes[measure][at] < threshold
    holds = bool(failed.mean() > 0.5)
    boxes = peel(result.values, ~failed if holds else failed, result.names)
    box = choose(boxes)
    scheme = result.schemes[at]
    text = _say(result, scheme, measure, threshold, float(failed.mean()), box)
    return Failure(scheme, measure, threshold, float(failed.mean()), box, tuple(boxes), text, holds)


def _say(result: Stress, scheme: Scheme, measure: str, threshold: float, share: float, box: Box) -> Text:
    name = MEASURES[measure]
    level = [yuan(threshold, lang) if measure != "benefit" else f"{threshold:g}" for lang in ("zh", "en")]  # type: ignore[arg-type]
    begin = Text(
        f"“{scheme.title.zh}”在 {percent(share, 'zh')} 的情景中{name.zh}低于 {level[0]}。",
        f"“{scheme.title.en}”: the {name.en} is below {level[1]} in {percent(share)} of the futures.",
    )
    if share in (0.0, 1.0) or not box.limited:
        return begin
    conditions = []
    for k, (title, limits) in enumerate(zip(result.titles, box.limits, strict=True)):
        for sign, limit in zip("≥≤", limits, strict=True):
            if np.isfinite(limit):
                shown = _limit(result, k, float(limit))
                conditions.append(Text(f"{title.zh} {sign} {shown.zh}", f"{title.en} {sign} {shown.en}"))
    if share > 0.5:
        return Text(
            f"{begin.zh}不低于此值的情景主要是：{'，'.join(c.zh for c in conditions)}（覆盖其中的 {percent(box.coverage, 'zh')}；框内 {percent(box.density, 'zh')} 不低于此值）。",
            f"{begin.en} Where it holds, it is mostly where {', '.join(c.en for c in conditions)} ({percent(box.coverage)} of those futures; it holds in {percent(box.density)} of the futures there).",
        )
    return Text(
        f"{begin.zh}主要出现在：{'，'.join(c.zh for c in conditions)}（覆盖失败情景的 {percent(box.coverage, 'zh')}，其中失败占 {percent(box.density, 'zh')}）。",
        f"{begin.en} Mostly where {', '.join(c.en for c in conditions)} ({percent(box.coverage)} of the failures; {percent(box.density)} of the futures there fail).",
    )


def _limit(result: Stress, column: int, value: float) -> Text:
    """Return the limit of an uncertainty in words: a share, years, or log odds."""
    if column < len(result.risks):
        risk = result.risks[column]
        if risk.kind == "level":
            return Text(percent(value, "zh", 1), percent(value, "en", 1))
        return Text(f"{number(value, 'zh', 1)} 年", f"{number(value, 'en', 1)} years")
    return Text(number(value, "zh", 2), number(value, "en", 2))
