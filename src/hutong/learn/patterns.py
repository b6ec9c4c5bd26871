"""Documented patterns that a model is held against: some fitted, some kept aside."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

USES = ("fit", "hold")


@dataclass(frozen=True)
class Pattern:
    """A figure from outside the model, how far a run may be from it, and whether it is fitted or held aside."""

    id: str
    title: Text
    quantity: str
    unit: str
    value: float
    spread: float
    use: str
    source: Text
    confidence: str


def load_patterns(path: Path | None = None) -> tuple[Pattern, ...]:
    """Return the patterns of the project, or of a file of the same form.

    Raises
    ------
    HutongError
        ``patterns-broken`` naming every pattern that lacks a part or has an impossible one.
    """
    source = path if path is not None else resources.files(__package__).joinpath("patterns.yaml")
    raw = read_yaml(source.read_text("utf-8"))
    out, faults = [], []
    for name, p in (raw.get("patterns") or {}).items():
        try:
            pattern = Pattern(
                name, Text.of(p["title"]), p["quantity"], p["unit"], float(p["value"]), float(p["spread"]), p["use"],
                Text.of(p["source"]), p["confidence"],
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as caught:
            faults.append(f"{name}: {caught}")
            continue
        if pattern.use not in USES or not pattern.spread > 0:
            faults.append(f"{name}: use is one of {', '.join(USES)}; spread is above 0")
        out.append(pattern)
    if faults or not out:
        raise HutongError(
            "patterns-broken",
            Text("模式文件有误。", "The file of patterns is faulty."),
            Text(
                "每个模式要有名称、数量、数值、离散、用途和来源。",
                "Each pattern has title, quantity, unit, value, spread, use, source and confidence.",
            ),
            faults or ["patterns: ?"],
        )
    return tuple(out)
