"""Settings of the experiments: factorial designs of mechanisms and digital parts, bottlenecks, single steps."""

from __future__ import annotations

from itertools import product

from hutong.evolve.dials import DIAL_TITLES, DIGITAL, MECHANISMS, make_dials, platform
from hutong.evolve.experiments.base import ALL, TODAY
from hutong.evolve.results import Setting
from hutong.text import Text


def mechanisms(levels: tuple[int, ...]) -> dict[str, float]:
    """Return the dials of a corner of the 2⁴ design; means is the digital platform with all its parts."""
    on = dict(zip(MECHANISMS, map(float, levels), strict=True))
    return {**on, **platform(on["means"])}


def mechanism_settings() -> tuple[Setting, ...]:
    """Return the 16 corners of the design of mechanisms (Box, Hunter and Hunter 2005, ch. 5)."""
    out = []
    for levels in product((0, 1), repeat=len(MECHANISMS)):
        name = "all" if all(levels) else "m" + "".join(map(str, levels)) if any(levels) else "none"
        on = [DIAL_TITLES[k] for k, level in zip(MECHANISMS, levels, strict=True) if level]
        title = Text(
            "、".join(t.zh for t in on) or "四种机制都没有", ", ".join(t.en for t in on) or "No mechanism"
        )
        out.append(ALL if name == "all" else Setting(name, title, make_dials(**mechanisms(levels))))
    return tuple(out)


def digital_settings() -> tuple[Setting, ...]:
    """Return the 16 corners of the design of digital parts, the loop in use and the rest as today."""
    out = []
    for levels in product((0, 1), repeat=len(DIGITAL)):
        on = [DIAL_TITLES[k] for k, level in zip(DIGITAL, levels, strict=True) if level]
        title = Text(
            "、".join(t.zh for t in on) or "数字各部分都没有",
            ", ".join(t.en for t in on) or "No digital part",
        )
        dials = make_dials(means=1.0, **dict(zip(DIGITAL, map(float, levels), strict=True)))
        name = "platform" if all(levels) else "d" + "".join(map(str, levels))
        out.append(Setting(name, title, dials))
    return tuple(out)


def single_steps() -> tuple[Setting, ...]:
    """Return today, one mechanism more at a time, and today without one bottleneck."""
    return (
        TODAY,
        *(
            Setting(f"more_{name}", Text(f"{DIAL_TITLES[name].zh}用足", f"More of {DIAL_TITLES[name].en}"), make_dials(**{name: 1.0}))
            for name in ("environment", "structure", "results")
        ),
        Setting("clear", Text("产权清晰", "Clear property rights"), make_dials(complexity=0.0)),
        Setting("no_risk", Text("无风险折扣", "No risk premium"), make_dials(), {"risk_price": 0.0}),
        Setting("even", Text("基层能力均衡", "Even capacity"), make_dials(inequality=0.0)),
        Setting("uneven", Text("基层能力悬殊", "Uneven capacity"), make_dials(inequality=1.0)),
    )  # fmt: skip


def main_effect(names: tuple[str, ...], factor: str, prefix: str, ends: dict[str, str]) -> dict[str, float]:
    """Return the weights of a main effect in a 2⁴ design: the mean where it is on less the mean where it is off."""
    place = names.index(factor)
    out = {}
    for levels in product((0, 1), repeat=len(names)):
        word = "".join(map(str, levels))
        out[ends.get(word, prefix + word)] = (1.0 if levels[place] else -1.0) / 2 ** (len(names) - 1)
    return out
