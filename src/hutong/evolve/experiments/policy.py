"""Levers by scenarios, with the regret of each lever: what the best lever of that future would have given more."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from hutong.evolve.contrast import OUTCOMES, outcome
from hutong.evolve.dials import make_dials, platform
from hutong.evolve.experiments.base import ALL, QUANTILES, TODAY, Bench, Experiment
from hutong.evolve.results import Setting
from hutong.plan.robust import Stress, least_regret, regret_table
from hutong.text import Text

#: What levers are compared by.
MEASURED = ("coupling_fabric", "value", "done")
LEVERS = (
    TODAY,
    Setting("environment", Text("用足弹性工具", "Flexible instruments"), make_dials(environment=1.0)),
    Setting("councils", Text("议事与吹哨", "Councils and whistles"), make_dials(structure=1.0)),
    Setting("platform", Text("数字平台", "Digital platform"), make_dials(**platform())),
    Setting("sharing", Text("收益共享", "Shared results"), make_dials(results=1.0)),
    Setting("money", Text("公共资金加三成", "Three tenths more public money"), make_dials(budget=1.3)),
    ALL,
)
SCENARIOS: dict[str, tuple[Text, dict[str, float], dict[str, float]]] = {
    "as_is": (Text("照旧", "As it is"), {}, {}),
    "less_money": (Text("资金减三成", "Three tenths less money"), {"budget": 0.7}, {}),
    "weak_front": (Text("基层能力减三成", "Weaker front line"), {"capacity": 0.7}, {}),
    "low_trust": (Text("起始信任低", "Low trust at the start"), {}, {"trust_government": 0.45}),
    "rumours": (Text("传言多", "Many rumours"), {}, {"rumour_rate": 0.12}),
    "shock": (Text("第五年受冲击", "A shock in year five"), {"shock_month": 54, "shock_condition": 0.1, "shock_trust": 0.5, "shock_money": 0.5}, {}),
}  # fmt: skip
COLUMNS = {
    "lever": Text("做法", "Lever"), "group": Text("指标", "Measured by"), "mean": Text("平均遗憾", "Mean regret"),
    "p90": Text("九成遗憾", "Regret, 90%"), "most": Text("最大遗憾", "Largest regret"), "best": Text("最优的情景比例", "Best in this share"),
    "level": Text("指标均值", "Mean of the measure"),
}  # fmt: skip


def cross() -> tuple[Setting, ...]:
    """Return every lever under every scenario; a factor of both multiplies."""
    out = []
    for name, (title, dials, changes) in SCENARIOS.items():
        for lever in LEVERS:
            given = lever.dials._asdict()
            for key, value in dials.items():
                given[key] = given[key] * value if key in ("budget", "capacity") else value
            label = Text(f"{lever.title.zh}·{title.zh}", f"{lever.title.en} · {title.en}")
            out.append(Setting(f"{lever.id}.{name}", label, make_dials(**given), changes))
    return tuple(out)


def ask(bench: Bench) -> Experiment:
    """Run levers under scenarios and give their regrets (the functions of ``hutong.plan.robust``)."""
    ensemble = bench.run(cross())
    shape = (len(SCENARIOS), len(LEVERS), ensemble.runs)
    outcomes, drawn = {}, {}
    for name in MEASURED:  # by lever, the runs of all scenarios together
        series = np.moveaxis(outcome(ensemble, name).reshape(*shape, -1), 0, 1).reshape(
            len(LEVERS), len(SCENARIOS) * ensemble.runs, -1
        )
        outcomes[name] = np.ascontiguousarray(series[..., -12:].mean(axis=-1))
        drawn[name] = {s.id: np.quantile(series[k], QUANTILES, axis=0) for k, s in enumerate(LEVERS)}
    futures = Stress(cast("Any", LEVERS), (), (), np.empty((0, 0)), outcomes)
    table = regret_table(futures).rename(columns={"scheme": "id"})
    titles = {s.id: s.title for s in LEVERS}
    table.insert(0, "lever", table["id"].map(titles))
    table["level"] = [
        float(outcomes[m][[s.id for s in LEVERS].index(i)].mean())
        for i, m in zip(table["id"], table["measure"], strict=True)
    ]
    chosen = {m: least_regret(futures, m) for m in MEASURED}
    table = table.rename(columns={"measure": "group"})
    table["group"] = table["group"].map(OUTCOMES)
    return Experiment(
        "policy",
        Text("哪种做法在各种情景下遗憾最小", "Which lever is regretted least, whatever comes"),
        Text(
            f"{len(LEVERS)} 种做法 × {len(SCENARIOS)} 种情景，各推演 {ensemble.runs} 次，按同一未来比较。",
            f"{len(LEVERS)} levers × {len(SCENARIOS)} scenarios, {ensemble.runs} runs each, compared within the same future.",
        ),
        tuple(answer(chosen, titles, table)),
        table,
        COLUMNS,
        ensemble.recipe,
        drawn,
        titles,
    )


def answer(chosen: dict[str, str], titles: dict[str, Text], table: pd.DataFrame) -> list[Text]:
    """Say which lever has the smallest largest regret, and which of the single ones comes next."""
    lines = []
    for measure, lever in chosen.items():
        what = OUTCOMES[measure]
        rows = table[
            (table["group"].map(lambda t, w=what: t.en == w.en)) & ~table["id"].isin(["all", "today"])
        ]
        single = rows.loc[rows["mean"].idxmin()]
        lines.append(
            Text(
                f"按{what.zh}，最大遗憾最小的是“{titles[lever].zh}”；单项做法中平均遗憾最小的是“{single['lever'].zh}”（{single['mean']:.3f}）。",
                f"By {what.en}, “{titles[lever].en}” has the smallest largest regret; of the single levers “{single['lever'].en}” is regretted least on average ({single['mean']:.3f}).",
            )
        )
    return lines
