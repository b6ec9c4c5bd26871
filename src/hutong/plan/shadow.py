"""What a limit is worth, by solving again: each tenth of a per cent of the band, each year of concession, each yuan.

And what an instrument is worth: the same question without it. Differences are shown with what the proofs leave open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from hutong.errors import HutongError
from hutong.plan.optimise import Answer, optimise
from hutong.plan.question import INSTRUMENTS, Question
from hutong.plan.results import BENEFITS
from hutong.plan.study import Progress, Study
from hutong.text import Text

#: Columns of the tables. ``value`` is the best found and ``bound`` what cannot be passed: public money (present, million yuan, a
#: cost is negative) or benefit (share). ``each`` is the change per step from the question as it stands; ``open`` is how far
#: the proofs leave it undecided (half-width); NaN where the changed question has no scheme.
PRICE_COLUMNS = (
    "what",
    "setting",
    "unit",
    "value",
    "bound",
    "change",
    "each",
    "open",
    "alarms",
    "public_yuan",
)
#: Relative gap of each solve: finer than that of a scheme, since differences are looked at.
FINE = 2e-4


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a question: what is changed, to what, and how many units it is away from the question."""

    what: str
    setting: float
    unit: str
    away: float
    question: Question


def band_steps(study: Study, question: Question, tenths: Sequence[int] = (-5, -3, -1, 1, 3, 5)) -> list[Step]:
    """Return the floor of the band moved by tenths of a per cent, within 0 and the top of the band."""
    rules = study.desk.unit.rules
    low = rules.number("operator.return_low") if question.low is None else question.low
    high = rules.number("operator.return_high") if question.high is None else question.high
    return [
        Step("band_floor", low + t / 1000, "0.1 %", float(t), replace(question, low=low + t / 1000))
        for t in tenths
        if 0 <= low + t / 1000 <= high
    ]


def year_steps(study: Study, question: Question, years: Sequence[int] = (-5, -2, -1, 1, 2, 5)) -> list[Step]:
    """Return the concession lengthened or shortened, within the limit of the rules."""
    base = question.years[0] if len(question.years) == 1 else study.desk.unit.calendar.years
    longest = study.desk.unit.rules.number("concession.years_max")
    return [
        Step("concession", float(base + y), "year", float(y), replace(question, years=(base + y,)))
        for y in years
        if 3 <= base + y <= longest
    ]


def money_steps(question: Question, share: float = 0.05) -> list[Step]:
    """Return each budget raised and lowered by a share; the price is per yuan."""
    out = []
    for payer, yuan in question.budget.items():
        for way in (-share, share):
            budget = {**question.budget, payer: yuan * (1 + way)}
            out.append(
                Step(
                    f"budget.{payer}", yuan * (1 + way), "yuan", yuan * way, replace(question, budget=budget)
                )
            )
    return [s for s in out if s.away]


def shadow_prices(
    study: Study,
    question: Question,
    steps: Sequence[Step],
    progress: Progress | None = None,
    base: Answer | None = None,
) -> pd.DataFrame:
    """Return what each step changes (``PRICE_COLUMNS``); the first row is the question as it stands."""
    fine = replace(question, gap=FINE)
    first = base or optimise(study, fine)
    say = progress or (lambda _done, _total, _what: None)
    rows = [_row("as_asked", float("nan"), "", 0.0, first, first)]
    for i, step in enumerate(steps):
        say(i, len(steps), Text("重新求解：限额的价格", "Solving again: what limits are worth"))
        answer = _again(study, replace(step.question, gap=FINE), first)
        rows.append(_row(step.what, step.setting, step.unit, step.away, answer, first))
    say(len(steps), len(steps), Text("完成", "Done"))
    return pd.DataFrame(rows, columns=list(PRICE_COLUMNS))


def what_if(
    study: Study,
    question: Question,
    instruments: Sequence[str] = tuple(INSTRUMENTS),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the same question without each instrument (``PRICE_COLUMNS``; ``what`` is the instrument)."""
    first = optimise(study, replace(question, gap=FINE))
    say = progress or (lambda _done, _total, _what: None)
    rows = [_row("as_asked", float("nan"), "", 0.0, first, first)]
    for i, name in enumerate(instruments):
        say(i, len(instruments), Text("逐项停用政策工具", "Each instrument off in turn"))
        answer = _again(study, replace(question, off=question.off | {name}, gap=FINE), first)
        rows.append(_row(name, 0.0, "instrument", 1.0, answer, first))
    say(len(instruments), len(instruments), Text("完成", "Done"))
    return pd.DataFrame(rows, columns=list(PRICE_COLUMNS))


def _again(study: Study, question: Question, first: Answer) -> Answer | None:
    """Return the answer to a changed question; None where it has no scheme."""
    try:
        return optimise(study, question, start=first)
    except HutongError as caught:
        if caught.code not in ("infeasible", "no-solution"):
            raise
        return None


def _row(
    what: str, setting: float, unit: str, away: float, answer: Answer | None, first: Answer
) -> tuple[object, ...]:
    nothing = float("nan")
    if answer is None:
        return (what, setting, unit, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    value, bound, width = _value(answer)
    change = value - _value(first)[0]
    open_ = (width + _value(first)[2]) / 2
    totals = answer.scheme.totals
    each = change / away if away else nothing
    return (what, setting, unit, value, bound, change, each, open_ / abs(away) if away else open_, totals["alarms_lifted"],
            totals["public_yuan"])  # fmt: skip


def _value(answer: Answer) -> tuple[float, float, float]:
    """Return the best found and the bound of what is asked for, and the width between them."""
    proof = answer.scheme.certificate
    width = proof.bound - proof.objective
    value: Callable[[], float] = {
        "money": lambda: answer.scheme.totals["public_present_yuan"] / 1e6,
        "benefit": lambda: _weighted(answer),
    }[answer.question.mode]
    return value(), value() + width, width


def _weighted(answer: Answer) -> float:
    from hutong.plan.catalogue import load_assumptions

    weights = {b: load_assumptions()[f"weight_{b}"].value for b in BENEFITS}
    total = sum(weights.values())
    return sum(weights[b] * answer.scheme.totals[f"benefit_{b}"] for b in BENEFITS) / total
