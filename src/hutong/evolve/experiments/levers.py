"""Levers of one's own choice beside today: what each changes over time, and where no effect is found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.evolve.contrast import OUTCOMES, outcome, paired_summary
from hutong.evolve.experiments.base import Bench, Experiment, bands
from hutong.evolve.experiments.policy import LEVERS
from hutong.evolve.results import Ensemble, Setting
from hutong.text import Text

#: What is compared, and what is drawn over time.
MEASURED = ("coupling_fabric", "value", "governance", "fabric", "support", "done")
DRAWN = ("coupling", "value", "governance", "space", "support", "done")
COLUMNS = {
    "lever": Text("做法", "Lever"), "outcome": Text("指标", "Outcome"), "level": Text("现状均值", "Mean today"),
    "mean": Text("与现状之差（均值及其 95% 区间）", "Difference from today (mean, its 95 % interval)"),
    "low": Text("95% 的推演：低", "95% of runs: low"), "high": Text("高", "high"),
    "share_positive": Text("为正的比例", "Share above 0"), "found": Text("结论", "Finding"),
}  # fmt: skip
FOUND = {
    "more": Text("更高", "higher"),
    "less": Text("更低", "lower"),
    "none": Text("没有发现作用", "no effect found"),
}


def chosen(names: Sequence[str]) -> tuple[Setting, ...]:
    """Return today and the levers of these names, in the order of :data:`LEVERS`.

    Raises
    ------
    HutongError
        ``no-such-lever``; ``no-lever`` where there is none beside today.
    """
    known = {s.id: s for s in LEVERS}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise HutongError(
            "no-such-lever",
            Text(f"没有做法 {'、'.join(unknown)}。", f"There is no lever {', '.join(unknown)}."),
            Text(f"可选：{'、'.join(known)}。", f"Choose from {', '.join(known)}."),
        )
    out = tuple(s for s in LEVERS if s.id == "today" or s.id in names)
    if len(out) < 2:
        raise HutongError(
            "no-lever",
            Text("没有选做法。", "No lever was chosen."),
            Text("至少选一项，与现状比较。", "Choose at least one, to be compared with today."),
        )
    return out


def ask(bench: Bench, names: Sequence[str] | None = None) -> Experiment:
    """Run today and some levers (default: all) and say what each changes at the end."""
    ensemble = bench.run(chosen([s.id for s in LEVERS] if names is None else names))
    return told(ensemble)


def told(ensemble: Ensemble) -> Experiment:
    """Return what an ensemble whose first setting is today says of the others."""
    titles = {s.id: s.title for s in ensemble.settings}
    table = differences(ensemble)
    years = ensemble.months / 12
    return Experiment(
        "levers",
        Text("所选做法各改变什么", "What each chosen lever changes"),
        Text(
            f"{len(ensemble.settings) - 1} 种做法与现状，各推演 {ensemble.runs} 次、{years:g} 年，按同一未来比较（最后一年的均值）。",
            f"{len(ensemble.settings) - 1} levers beside today, {ensemble.runs} runs of {years:g} years each, compared within the same future (mean of the last year).",
        ),
        tuple(answer(table, ensemble.runs)),
        table,
        COLUMNS,
        ensemble.recipe,
        bands(ensemble, DRAWN),
        titles,
    )


def differences(ensemble: Ensemble) -> pd.DataFrame:
    """Return, per lever and outcome, the paired difference from today over the last year (columns :data:`COLUMNS`)."""
    rows = []
    for name in MEASURED:
        last = outcome(ensemble, name)[..., -12:].mean(axis=-1)
        for k, setting in enumerate(ensemble.settings[1:], start=1):
            found = paired_summary(np.array([-1.0, 1.0]), last[[0, k]])
            rows.append(
                {
                    "id": setting.id, "lever": setting.title, "outcome": OUTCOMES[name], "level": float(last[0].mean()),
                    **{key: found[key] for key in ("mean", "mean_low", "mean_high", "low", "high", "share_positive")},
                    "found": FOUND[verdict(found["mean_low"], found["mean_high"])],
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def verdict(low: float, high: float) -> str:
    """Return ``more`` or ``less`` where the interval of the mean lies on one side of 0, else ``none``."""
    return "more" if low > 0 else "less" if high < 0 else "none"


def answer(table: pd.DataFrame, runs: int) -> list[Text]:
    """Say of each lever what it changes, with intervals, and that no effect is found where none is."""
    lines = []
    for _, rows in table.groupby("id", sort=False):
        lever = rows["lever"].iloc[0]
        seen = [r for _, r in rows.iterrows() if r["found"].en != FOUND["none"].en]
        rest = [r["outcome"] for _, r in rows.iterrows() if r["found"].en == FOUND["none"].en]
        zh = [f"{r['outcome'].zh} {_span(r, ' 至 ')}" for r in seen]
        en = [f"{r['outcome'].en} {_span(r, ' to ')}" for r in seen]
        if rest:
            zh.append(f"没有发现对{'、'.join(t.zh for t in rest)}的作用")
            en.append(f"no effect found on {', '.join(t.en for t in rest)}")
        lines.append(Text(f"{lever.zh}：{'；'.join(zh)}。", f"{lever.en}: {'; '.join(en)}."))
    if runs < 20:
        lines.append(
            Text(
                f"只推演了 {runs} 次，区间很宽；没有发现作用不等于没有作用。",
                f"Only {runs} runs: intervals are wide, and no effect found does not mean that there is none.",
            )
        )
    return lines


def _span(row: pd.Series, to: str) -> str:
    mean, low, high = (f"{row[k]:+.3f}".replace("-", "−") for k in ("mean", "mean_low", "mean_high"))
    return f"{mean}（{low}{to}{high}）" if to == " 至 " else f"{mean} ({low}{to}{high})"
