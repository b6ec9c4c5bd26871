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
#: What strikes, one thing at a time, since what takes three for good cannot show whether one comes back; and where it shows.
SHOCK_MONTH = 48
#: Years beyond which a half-life is not told: no plan reaches further.
LONGEST = 30
SHOCKS = {
    "trust": (Text("信任", "trust"), {"shock_trust": 1.0}),
    "condition": (Text("房屋状况", "condition of buildings"), {"shock_condition": 0.2}),
    "money": (Text("公共资金", "public money"), {"shock_money": 0.5}),
}
#: What each shock is seen in: a series or a part.
SEEN = {"trust": "trust", "condition": "condition", "money": "value"}
#: A mean loss below this is none.
SOME = 0.002
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


def recovery(values: np.ndarray, calm: np.ndarray, month: int) -> tuple[float, float, float]:
    """Return the largest mean loss to a shock, the part of it made good in the last year, and the half-life in years.

    ``values`` and ``calm`` are the same runs with and without the shock, shape (runs, months + 1). The half-life is that of a loss that
    shrinks at one rate from its largest to the last year's; infinite where it does not shrink, or was largest in the last year.
    """
    loss = (calm - values).mean(axis=0)[month:]
    worst = int(loss.argmax())
    most, last = float(loss[worst]), float(loss[-12:].mean())
    if most <= SOME:
        return most, float("nan"), float("nan")
    left = last / most
    if left <= 0.0:
        return most, 1.0 - left, 0.0
    years = (len(loss) - 6.5 - worst) / 12.0
    half = years * np.log(2.0) / -np.log(left) if left < 1.0 and worst < len(loss) - 12 else np.inf
    return most, 1.0 - left, float(half)


def shocked(bench: Bench) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Strike the quarter with one shock after the other, today and with every mechanism in full."""
    month = {"shock_month": float(SHOCK_MONTH)}
    settings = [
        Setting(f"{base.id}_{name}", base.title, make_dials(**{**base.dials._asdict(), **change}))
        for base in (TODAY, ALL)
        for name, change in (("calm", {}), *((k, {**month, **what}) for k, (_, what) in SHOCKS.items()))
    ]
    struck = bench.part("shock").run(settings)
    found, width = {}, 1 + len(SHOCKS)
    for b, base in enumerate((TODAY, ALL)):
        for k, name in enumerate(SHOCKS, 1):
            seen = {**struck.parts, **struck.series}[SEEN[name]]
            found[base.id, name] = recovery(seen[b * width + k], seen[b * width], SHOCK_MONTH)
    return found


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
    found = shocked(bench)
    return Experiment(
        "tipping",
        Text(
            "有没有拐点，受冲击后能否恢复",
            "Are there tipping points, and does the quarter recover from a shock",
        ),
        Text(
            f"{len(SWEPT)} 个旋钮各 {LEVELS} 档，每档 {ensemble.runs} 次；另在第 {SHOCK_MONTH} 个月施加冲击，每次一种。",
            f"{len(SWEPT)} dials at {LEVELS} levels, {ensemble.runs} runs each; and shocks in month {SHOCK_MONTH}, one kind at a time.",
        ),
        tuple(answer(table, found)),
        table,
        COLUMNS,
        ensemble.recipe,
        {"coupling_fabric": drawn},
        {name: DIAL_TITLES[name] for name in SWEPT},
    )


def answer(table: pd.DataFrame, found: dict[tuple[str, str], tuple[float, float, float]]) -> list[Text]:
    """Say where it tips, or that change is gradual, and how much of a loss comes back."""
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
    for base in (TODAY, ALL):
        for name, (what, _) in SHOCKS.items():
            lines.append(said(base.title, what, *found[base.id, name]))
    return lines


def said(setting: Text, what: Text, most: float, back: float, half: float) -> Text:
    """Say what a shock took and how much of it came back."""
    if not np.isfinite(back):
        return Text(
            f"{setting.zh}，冲击{what.zh}：没有可见的损失。",
            f"{setting.en}, shock to {what.en}: no loss to be seen.",
        )
    zh = f"{setting.zh}，冲击{what.zh}：损失 {most:.3f}，到期末恢复了 {100 * back:.0f}%"
    en = f"{setting.en}, shock to {what.en}: a loss of {most:.3f}, of which {100 * back:.0f}% came back by the end"
    if half == 0.0:
        return Text(f"{zh}。", f"{en}.")
    if not np.isfinite(half):
        return Text(f"{zh}，没有恢复的迹象。", f"{en}; it does not shrink.")
    if half > LONGEST:
        return Text(
            f"{zh}，照此速度 {LONGEST} 年也减不到一半。",
            f"{en}; at that rate not even half of it is gone after {LONGEST} years.",
        )
    return Text(
        f"{zh}，照此速度损失减半约需 {half:.0f} 年。",
        f"{en}; at that rate half of it is gone after {half:.0f} years.",
    )
