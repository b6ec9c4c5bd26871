"""Tipping points along each dial, the phase the quarter ends in, and recovery after a shock."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.evolve.contrast import outcome
from hutong.evolve.dials import DIAL_TITLES, make_dials, platform
from hutong.evolve.experiments.base import ALL, TODAY, Bench, Experiment
from hutong.evolve.phases import PHASES, phases
from hutong.evolve.results import Setting
from hutong.text import Text

LEVELS = 11
#: Dials that are swept, with the value at the top of the sweep.
SWEPT = {
    "environment": 1.0,
    "structure": 1.0,
    "means": 1.0,
    "results": 1.0,
    "budget": 2.0,
    "capacity": 2.0,
    "complexity": 1.0,
}
#: A tipping point: one step of ten carries this share of the whole change, and the change exceeds the spread of runs.
SHARE = 0.5
SHOCK = {"shock_month": 48.0, "shock_condition": 0.2, "shock_trust": 1.0, "shock_money": 0.5}
#: Recovered: back within this part of the first loss.
LEFT = 0.2
COLUMNS = {
    "title": Text("旋钮", "Dial"), "from": Text("从", "From"), "to": Text("到", "To"), "change": Text("耦合协调度变化", "Change in coupling degree"),
    "steepest_at": Text("最陡处", "Steepest at"), "steepest_share": Text("最陡一步占比", "Share of the steepest step"),
    "spread": Text("同一档各次的标准差", "Spread of runs at one level"), "tips": Text("有无拐点", "Tipping point"),
    "phase_low": Text("低档末期阶段", "Phase at the low end"), "phase_high": Text("高档末期阶段", "Phase at the high end"),
}  # fmt: skip


def sweep() -> tuple[Setting, ...]:
    """Return today with one dial at each of eleven levels; means moves the digital platform as a whole."""
    out = []
    for name, top in SWEPT.items():
        for k in range(LEVELS):
            value = top * k / (LEVELS - 1)
            dials = platform(value) if name == "means" else {name: value}
            out.append(Setting(f"{name}{k:02d}", DIAL_TITLES[name], make_dials(**dials)))
    return tuple(out)


def row_of(name: str, values: np.ndarray, phase: np.ndarray) -> dict[str, object]:
    """Return what a sweep says of one dial; ``values`` and ``phase`` have shape (levels, runs)."""
    means = values.mean(axis=1)
    change = float(means[-1] - means[0])
    steps = np.diff(means)
    at = int(np.abs(steps).argmax())
    share = abs(float(steps[at])) / max(float(np.abs(steps).sum()), 1e-12)
    spread = float(values.std(axis=1).mean())
    tips = share >= SHARE and abs(change) > spread
    top = SWEPT[name]
    return {
        "dial": name, "title": DIAL_TITLES[name], "from": float(means[0]), "to": float(means[-1]), "change": change,
        "steepest_at": top * (at + 0.5) / (LEVELS - 1), "steepest_share": share, "spread": spread,
        "tips": Text("有", "yes") if tips else Text("无", "no"),
        "phase_low": PHASES[int(np.bincount(phase[0], minlength=3).argmax())],
        "phase_high": PHASES[int(np.bincount(phase[-1], minlength=3).argmax())],
    }  # fmt: skip


def recovery(values: np.ndarray, calm: np.ndarray, month: int) -> np.ndarray:
    """Return the months until the loss to a shock is back within a fifth of its largest, per run; NaN: never.

    ``values`` and ``calm`` are the same runs with and without the shock, shape (runs, months + 1).
    """
    loss = (calm - values)[:, month:]
    worst = loss.argmax(axis=1)
    out = np.full(len(values), np.nan)
    for r, (row, at) in enumerate(zip(loss, worst, strict=True)):
        back = np.flatnonzero(row[at:] <= LEFT * row[at])
        if row[at] > 0 and len(back):
            out[r] = at + back[0]
    return out


def ask(bench: Bench) -> Experiment:
    """Sweep every dial, and strike the quarter once with and without the mechanisms."""
    settings = sweep()
    ensemble = bench.part("sweep").run(settings)
    last = outcome(ensemble, "coupling_fabric")[..., -12:].mean(axis=-1)
    ends = phases(ensemble)[..., -1]
    rows, drawn = [], {}
    for k, name in enumerate(SWEPT):
        part = slice(k * LEVELS, (k + 1) * LEVELS)
        rows.append(row_of(name, last[part], ends[part]))
        drawn[name] = np.quantile(last[part], (0.05, 0.5, 0.95), axis=1)
    table = pd.DataFrame(rows)
    pairs = [
        s
        for base in (TODAY, ALL)
        for s in (
            base,
            Setting(f"{base.id}_hit", base.title, make_dials(**{**base.dials._asdict(), **SHOCK})),
        )
    ]
    struck = bench.part("shock").run(pairs)
    trust = struck.series["trust"]
    months = {
        s.id: recovery(trust[2 * k + 1], trust[2 * k], int(SHOCK["shock_month"]))
        for k, s in enumerate((TODAY, ALL))
    }
    return Experiment(
        "tipping",
        Text(
            "有没有拐点，受冲击后能否恢复",
            "Are there tipping points, and does the quarter recover from a shock",
        ),
        Text(
            f"{len(SWEPT)} 个旋钮各 {LEVELS} 档，每档 {ensemble.runs} 次；另在第 {int(SHOCK['shock_month'])} 个月施加一次冲击。",
            f"{len(SWEPT)} dials at {LEVELS} levels, {ensemble.runs} runs each; and one shock in month {int(SHOCK['shock_month'])}.",
        ),
        tuple(answer(table, months)),
        table,
        COLUMNS,
        ensemble.recipe,
        {"coupling_fabric": drawn},
        {name: DIAL_TITLES[name] for name in SWEPT},
    )


def answer(table: pd.DataFrame, months: dict[str, np.ndarray]) -> list[Text]:
    """Say where it tips, or that change is gradual, and how long trust takes to come back."""
    tips = table[table["tips"].map(lambda t: t.en == "yes")]
    if len(tips):
        zh = "；".join(f"{r['title'].zh}在 {r['steepest_at']:.2f} 附近" for _, r in tips.iterrows())
        en = "; ".join(f"{r['title'].en} near {r['steepest_at']:.2f}" for _, r in tips.iterrows())
        first = Text(f"有拐点：{zh}。", f"Tipping points: {en}.")
    else:
        first = Text(
            "没有发现拐点：各旋钮的作用都是渐进的（没有一步承担一半以上、且超出各次差异的变化）。",
            "No tipping point was found: every dial acts gradually (no one step carries half of a change that exceeds the spread of runs).",
        )
    lines = [first]
    for key, title in (("today", TODAY.title), ("all", ALL.title)):
        got = months[key]
        back = np.isfinite(got)
        median = f"{np.median(got[back]):.0f}" if back.any() else "–"
        lines.append(
            Text(
                f"{title.zh}：受冲击后 {100 * back.mean():.0f}% 的推演中信任恢复（损失剩两成以内），中位 {median} 个月。",
                f"{title.en}: after the shock trust comes back (a fifth of the loss left) in {100 * back.mean():.0f}% of the runs, after {median} months in the median.",
            )
        )
    return lines
