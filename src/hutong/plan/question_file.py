"""A question written as YAML: what ``hutong plan solve --question FILE`` reads (docs/plan.md lists the keys).

Instruments taken away are ``without`` there: YAML reads a bare ``off`` as false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.flows import Flow
from hutong.plan.phasing import Phases
from hutong.plan.question import Question
from hutong.rules import Justification
from hutong.text import Text


def read_question(path: Path) -> Question:
    """Return the question in a file.

    Raises
    ------
    HutongError
        ``bad-question-file`` for a file that cannot be read, an unknown key or a value of the wrong form, each named.
    """
    try:
        raw = read_yaml(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError) as caught:
        raise _bad(path, [f"{type(caught).__name__}: the file cannot be read as text"]) from None
    if not isinstance(raw, dict):
        raise _bad(path, ["expected a mapping of keys"])
    given, faults = {}, []
    for key, value in raw.items():
        form = _FORMS.get(str(key))
        if form is None:
            faults.append(f"{key}: no such key; expected one of {', '.join(_FORMS)}")
            continue
        try:
            given["off" if key == "without" else str(key)] = form(value)
        except (TypeError, ValueError, KeyError, AttributeError) as caught:
            faults.append(f"{key}: {value!r} does not fit ({caught})")
    if faults:
        raise _bad(path, faults)
    return Question(**given)


def _bad(path: Path, faults: list[str]) -> HutongError:
    return HutongError(
        "bad-question-file",
        Text(
            f"要求文件 {path.name} 有 {len(faults)} 处错误。",
            f"The question file {path.name} has {len(faults)} faults.",
        ),
        Text("请按所列改正；写法见 docs/plan.md。", "Mend those listed; docs/plan.md shows the form."),
        faults,
    )


def _numbers(value: Any) -> Mapping[str, float]:
    return {str(k): float(v) for k, v in value.items()}


def _flows(value: Any) -> tuple[Flow, ...]:
    return tuple(Flow(str(f["from"]), str(f["to"]), float(f["most"]), str(f["approval"])) for f in value)


def _phases(value: Any) -> Phases:
    extra = set(value) - {"years", "budgets", "room"}
    if extra:
        raise ValueError(f"no such part: {', '.join(sorted(extra))}")
    budgets = {
        str(k): tuple(float(x) for x in v) if isinstance(v, list) else float(v)
        for k, v in (value.get("budgets") or {}).items()
    }
    room = value.get("room")
    return Phases(int(value["years"]), budgets, None if room is None else float(room))


def _reasons(value: Any) -> tuple[Justification, ...]:
    return tuple(Justification(str(rule), Text.of(reason)) for rule, reason in value.items())


def _years(value: Any) -> tuple[int, ...]:
    return tuple(int(v) for v in (value if isinstance(value, list) else [value]))


def _units(value: Any) -> Mapping[str, str]:
    """Return the unit of each place from ``unit: [places]``."""
    out: dict[str, str] = {}
    for unit, places in value.items():
        for place in places:
            if str(place) in out:
                raise ValueError(f"{place} stands in two units")
            out[str(place)] = str(unit)
        if not places:
            raise ValueError(f"unit {unit} is empty")
    return out


def _mix(value: Any) -> Mapping[str, tuple[float, float]]:
    return {str(k): (float(v[0]), float(v[1])) for k, v in value.items()}


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "mode": str, "budget": _numbers, "least": _numbers, "goals": bool, "without": frozenset, "reasons": _reasons,
    "years": _years, "low": float, "high": float, "bonus": float, "reserve_m2": float, "uncounted_share": float,
    "plot_flows": _flows, "unit_flows": _flows, "support": _flows, "mix": _mix, "fund": _numbers, "units": _units,
    "balance": str, "phases": _phases, "gap": float, "time_limit": float, "nodes": int,
}  # fmt: skip
