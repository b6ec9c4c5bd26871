"""What earlier rounds taught, as the next plan uses it: unit costs, effects and acceptance of measures that were tried.

A lesson counts only once a person accepted it; what was refused stays in the record with the reason and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.plan.results import Measure
from hutong.sense.requests.sheet import read_sheet
from hutong.text import Text

#: Columns of a record of lessons. ``value`` is in terms of the catalogue as shipped: for ``cost`` the factor on its unit
#: cost, for ``effect:OUTCOME`` the change itself, for ``acceptance`` what is added to the logit of every household.
LEARNED_COLUMNS = ("measure", "quantity", "value", "decision", "decided", "source", "reason")
DECISIONS = ("accepted", "refused")
#: No factor beyond this is taken without a fault: it would be a slip of the decimal point (ours).
MOST_FACTOR = 20.0
MOST_LEAN = 10.0


@dataclass(frozen=True, slots=True)
class Learned:
    """One accepted lesson; ``decided`` is a date, ``source`` names the evaluation that it rests on."""

    measure: str
    quantity: str
    value: float
    decided: str
    source: str


def with_learned(measures: Sequence[Measure], learned: Iterable[Learned]) -> tuple[Measure, ...]:
    """Return measures as the accepted lessons leave them; of several on one quantity the last counts.

    The whole range of a unit cost moves by its factor; a mean effect takes the place of the catalogue's; acceptance is
    shifted in the logit. The source of a measure says what was changed and by which evaluation.

    Raises
    ------
    HutongError
        ``bad-lessons`` for a measure, a quantity or a value that cannot be.
    """
    newest = {(one.measure, one.quantity): one for one in learned}
    by_id = {m.id: m for m in measures}
    faults = [f"{m} {q}: {said}" for (m, q), one in newest.items() if (said := _fault(one, by_id))]
    if faults:
        raise _bad(Text("有的经验用不上。", "Some lessons cannot be used."), faults)
    for one in newest.values():
        by_id[one.measure] = _taught(by_id[one.measure], one)
    return tuple(by_id.values())


def _fault(one: Learned, known: dict[str, Measure]) -> str:
    if one.measure not in known:
        return "没有这项措施 / there is no such measure"
    if not math.isfinite(one.value):
        return "不是数 / not a number"
    if one.quantity == "cost":
        return "" if 0 < one.value <= MOST_FACTOR else f"0 < x ≤ {MOST_FACTOR:g}"
    if one.quantity == "acceptance":
        return "" if abs(one.value) <= MOST_LEAN else f"|x| ≤ {MOST_LEAN:g}"
    kind, _, outcome = one.quantity.partition(":")
    if kind == "effect" and outcome in known[one.measure].effects:
        return ""
    return "措施没有这项效果 / the measure has no such effect"


def _taught(measure: Measure, one: Learned) -> Measure:
    said = Text(
        f"{measure.source.zh}；{_words(one).zh}按评估 {one.source}（{one.decided} 采纳）",
        f"{measure.source.en}; {_words(one).en} by evaluation {one.source} (accepted {one.decided})",
    )
    if one.quantity == "cost":
        low, middle, high = (
            one.value * v for v in (measure.capital_low, measure.capital, measure.capital_high)
        )
        return replace(measure, capital_low=low, capital=middle, capital_high=high, source=said)
    if one.quantity == "acceptance":
        return replace(measure, lean=one.value, source=said)
    effects = {**measure.effects, one.quantity.removeprefix("effect:"): one.value}
    return replace(measure, effects=effects, source=said)


def _words(one: Learned) -> Text:
    if one.quantity == "cost":
        return Text(f"单价 ×{one.value:.2f}", f"unit cost ×{one.value:.2f}")
    if one.quantity == "acceptance":
        return Text(f"同意倾向 {one.value:+.2f}", f"readiness to agree {one.value:+.2f}")
    return Text(f"效果 {one.value:+.2f}", f"effect {one.value:+.2f}")


def read_learned(path: Path, measures: Sequence[Measure]) -> tuple[Learned, ...]:
    """Read a record of lessons (CSV or .xlsx, :data:`LEARNED_COLUMNS`) and return what was accepted, in its order.

    Raises
    ------
    HutongError
        ``bad-lessons`` with every faulty row, decided or not; what the file reader raises.
    """
    table = read_sheet(path, None)
    faults = [f"{path.name}: {c}" for c in LEARNED_COLUMNS[:5] if c not in table.columns]
    out, by_id = [], {m.id: m for m in measures}
    for at, cells in enumerate(table.to_dict("records") if not faults else [], start=2):
        one, decision = _read(cells)
        said = _fault(one, by_id)
        if decision not in ("", *DECISIONS):
            said = said or f"decision: {' | '.join(DECISIONS)}"
        if said:
            faults.append(f"{path.name}:{at} {one.measure} {one.quantity}: {said}")
        elif decision == "accepted":
            out.append(one)
    if faults:
        raise _bad(
            Text(f"经验记录 {path.name} 有误。", f"The record of lessons {path.name} is faulty."), faults
        )
    return tuple(out)


def _read(cells: dict[str, Any]) -> tuple[Learned, str]:
    said = {k: str(v).strip() for k, v in cells.items() if isinstance(v, str)}
    try:
        value = float(said.get("value", ""))
    except ValueError:
        value = math.nan
    one = Learned(
        said.get("measure", "?"), said.get("quantity", "?"), value, said.get("decided", "?"), said.get("source", "?")
    )  # fmt: skip
    return one, said.get("decision", "")


def _bad(what: Text, faults: list[str]) -> HutongError:
    return HutongError(
        "bad-lessons",
        what,
        Text(
            f"列为 {'、'.join(LEARNED_COLUMNS)}；见 docs/learn.md。",
            f"Its columns are {', '.join(LEARNED_COLUMNS)}; see docs/learn.md.",
        ),
        faults,
    )
