"""Do rising variance and autocorrelation announce that requests get out of hand? With false alarms counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from hutong.evolve.dials import make_dials
from hutong.evolve.experiments.base import Bench, Experiment
from hutong.evolve.results import Setting
from hutong.rng import generator
from hutong.text import Text

#: Open requests per 100 households above which the queue has got out of hand, months before that are looked at, and
#: months over which an indicator is taken.
OUT_OF_HAND, BEFORE, WINDOW = 15.0, 36, 12
#: Share of the transitions that an alarm is set to catch, and draws of the bootstrap.
CAUGHT, DRAWS = 0.8, 500
SETTINGS = tuple(
    Setting(
        f"front{round(100 * c)}", Text(f"基层能力 {c:.0%}", f"Front line at {c:.0%}"), make_dials(capacity=c)
    )
    for c in (1.0, 1.25, 1.5, 2.0)  # below, the queue is lost too soon to look back at anything
)
#: Runs with a transition, and without, below which nothing is said.
ENOUGH = 20
INDICATORS = {
    "variance": Text("方差上升", "rising variance"),
    "autocorrelation": Text("自相关上升", "rising autocorrelation"),
}
COLUMNS = {
    "title": Text("指标", "Indicator"), "transitions": Text("有转折的推演", "Runs with a transition"),
    "calm": Text("无转折的推演", "Runs without"), "auc": Text("辨别力 AUC", "Skill (AUC)"), "auc_low": Text("下限", "from"),
    "auc_high": Text("上限", "to"), "false_alarms": Text("抓住八成时的误报率", "False alarms when four fifths are caught"),
    "precision": Text("报警中真转折的比例", "Alarms that come true"),
}  # fmt: skip


def crossing(queue: np.ndarray) -> int:
    """Return the first month from which the queue stays out of hand for half a year, or -1."""
    above = queue > OUT_OF_HAND
    for t in range(len(queue) - 6):
        if above[t : t + 6].all():
            return t
    return -1


def trends(queue: np.ndarray, end: int) -> tuple[float, float]:
    """Return Kendall's τ over time of variance and lag-1 autocorrelation in the months before ``end``.

    Rolling windows on the series less its moving mean (Dakos et al. 2012, PLoS ONE 7, e41010).
    """
    part = queue[end - BEFORE - WINDOW : end]
    smooth = np.convolve(part, np.ones(WINDOW) / WINDOW, mode="valid")
    rest = part[WINDOW - 1 :] - smooth
    windows = np.lib.stride_tricks.sliding_window_view(rest, WINDOW)
    variance = windows.var(axis=1)
    a, b = windows[:, :-1], windows[:, 1:]
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    lag = (a * b).sum(axis=1) / np.where(size > 0, size, 1.0)
    time = np.arange(len(variance))
    return tuple(float(np.nan_to_num(kendalltau(time, x).statistic)) for x in (variance, lag))  # type: ignore[return-value]


def auc(hits: np.ndarray, calm: np.ndarray) -> float:
    """Return the chance that a run with a transition scores above one without (Mann and Whitney 1947), ties half."""
    gap = hits[:, None] - calm[None, :]
    return float(((gap > 0) + 0.5 * (gap == 0)).mean())


def skill(hits: np.ndarray, calm: np.ndarray, seed: int) -> dict[str, float]:
    """Return AUC with a bootstrap interval, false alarms and precision at the threshold that catches four fifths."""
    if min(len(hits), len(calm)) < ENOUGH:
        return dict.fromkeys(("auc", "auc_low", "auc_high", "false_alarms", "precision"), float("nan"))
    rng = generator(seed, "evolve.early_warning")
    draws = [auc(rng.choice(hits, len(hits)), rng.choice(calm, len(calm))) for _ in range(DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    threshold = np.quantile(hits, 1.0 - CAUGHT)
    false, true = float((calm >= threshold).sum()), float((hits >= threshold).sum())
    return {
        "auc": auc(hits, calm), "auc_low": float(low), "auc_high": float(high),
        "false_alarms": false / len(calm), "precision": true / max(true + false, 1.0),
    }  # fmt: skip


def ask(bench: Bench) -> Experiment:
    """Look back from each transition, and at the same months of runs without one."""
    ensemble = bench.run(SETTINGS)
    queues = ensemble.series["requests_open"].reshape(-1, ensemble.months + 1)
    at = np.array([crossing(q) for q in queues])
    need = BEFORE + WINDOW
    usable = at >= need
    ends = at[usable]
    rng = generator(bench.seed, "evolve.early_warning.calm")
    calm_rows = np.flatnonzero(at < 0)
    hits = np.array([trends(queues[r], at[r]) for r in np.flatnonzero(usable)]).reshape(-1, 2)
    calm = np.array(
        [trends(queues[r], int(rng.choice(ends)) if len(ends) else need) for r in calm_rows]
    ).reshape(-1, 2)
    rows = []
    for k, (name, title) in enumerate(INDICATORS.items()):
        rows.append(
            {
                "indicator": name, "title": title, "transitions": len(hits), "calm": len(calm),
                **skill(hits[:, k], calm[:, k], bench.seed),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    early = int(((at >= 0) & ~usable).sum())
    return Experiment(
        "early-warning",
        Text("诉求失控之前有没有预警信号", "Is there a warning before requests get out of hand"),
        Text(
            f"{len(SETTINGS)} 档基层能力各推演 {ensemble.runs} 次；转折：每百户未办结诉求连续半年超过 {OUT_OF_HAND:g} 件。看转折前 {BEFORE} 个月。",
            f"{len(SETTINGS)} levels of front-line capacity, {ensemble.runs} runs each; a transition is more than {OUT_OF_HAND:g} open requests per 100 households for half a year. The {BEFORE} months before it are looked at.",
        ),
        tuple(answer(table, early)),
        table,
        COLUMNS,
        ensemble.recipe,
        {"requests_open": {s.id: ensemble.band("requests_open", k) for k, s in enumerate(SETTINGS)}},
        {s.id: s.title for s in SETTINGS},
    )


def answer(table: pd.DataFrame, early: int) -> list[Text]:
    """Say whether the signal is better than chance, and what it costs in false alarms."""
    lines = []
    for _, row in table.iterrows():
        name = row["title"]
        if not np.isfinite(row["auc"]):
            lines.append(
                Text(
                    f"{name.zh}：有转折的推演 {row['transitions']} 次、无转折的 {row['calm']} 次，各需至少 {ENOUGH} 次才能判断；请增加推演次数或年数。",
                    f"{name.en.capitalize()}: {row['transitions']} runs with a transition and {row['calm']} without; it takes {ENOUGH} of each to tell. Ask for more runs or more years.",
                )
            )
            continue
        better = row["auc_low"] > 0.5
        zh = "有辨别力" if better else "与抛硬币无法区分"
        en = "has skill" if better else "cannot be told from a coin toss"
        lines.append(
            Text(
                f"{name.zh}{zh}：AUC {row['auc']:.2f}（{row['auc_low']:.2f}–{row['auc_high']:.2f}）；若要抓住八成转折，{100 * row['false_alarms']:.0f}% 的平稳推演会误报。",
                f"{name.en.capitalize()} {en}: AUC {row['auc']:.2f} ({row['auc_low']:.2f}–{row['auc_high']:.2f}); to catch four fifths of the transitions, {100 * row['false_alarms']:.0f}% of calm runs raise a false alarm.",
            )
        )
    if early:
        lines.append(
            Text(
                f"另有 {early} 次推演在头 {BEFORE + WINDOW} 个月内就失控，来不及看前兆，未计入。",
                f"In {early} more runs it happened within the first {BEFORE + WINDOW} months, too soon to look back; they are left out.",
            )
        )
    return lines
