"""Which parameters matter: Morris screening of all, then Sobol indices of the few that do (SALib)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.evolve.contrast import outcome
from hutong.evolve.ensemble import run_seeds
from hutong.evolve.experiments.base import ALL, TODAY, Bench, Experiment
from hutong.evolve.parameters import default_parameters, parameter_infos, parameter_names
from hutong.text import Text

#: Trajectories and levels of Morris (1991); how many parameters go on to Sobol, and its base sample (Saltelli 2010).
TRAJECTORIES, LEVELS, KEPT, BASE = 4, 4, 6, 64
COLUMNS = {
    "parameter": Text("参数", "Parameter"), "title": Text("含义", "Meaning"), "mu_star": Text("Morris μ*", "Morris μ*"),
    "sigma": Text("Morris σ", "Morris σ"), "first": Text("一阶 Sobol", "First-order Sobol"),
    "first_error": Text("± 95%", "± 95%"), "total": Text("总 Sobol", "Total Sobol"), "total_error": Text("± 95%", "± 95%"),
}  # fmt: skip


def effects(bench: Bench, table: np.ndarray) -> np.ndarray:
    """Return what all mechanisms change in the coupling degree (digital coverage left out), per row of parameters.

    Every row meets the same chance, so that differences come from the parameters.
    """
    seeds = np.repeat(run_seeds(bench.seed, 1), len(table))
    ensemble = bench.run_table((TODAY, ALL), table, seeds)
    last = outcome(ensemble, "coupling_fabric")[..., -12:].mean(axis=-1)
    return np.asarray(last[1] - last[0])


def ask(bench: Bench) -> Experiment:
    """Screen every parameter, then share the variance out among those that matter most."""
    from SALib.analyze import morris as analyse_morris
    from SALib.analyze import sobol as analyse_sobol
    from SALib.sample import morris as sample_morris
    from SALib.sample import sobol as sample_sobol

    infos = parameter_infos()
    space = {
        "num_vars": len(infos),
        "names": [i.id for i in infos],
        "bounds": [[i.low, i.high] for i in infos],
    }
    rows = sample_morris.sample(space, TRAJECTORIES, num_levels=LEVELS, seed=bench.seed)
    screened = analyse_morris.analyze(
        space, rows, effects(bench.part("morris"), rows), num_levels=LEVELS, seed=bench.seed
    )
    table = pd.DataFrame(
        {
            "parameter": screened["names"],
            "title": [i.title for i in infos],
            "mu_star": np.asarray(screened["mu_star"], float),
            "sigma": np.asarray(screened["sigma"], float),
        }
    ).sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    few = table["parameter"].head(KEPT).tolist()
    by_name = {i.id: i for i in infos}
    smaller = {"num_vars": KEPT, "names": few, "bounds": [[by_name[k].low, by_name[k].high] for k in few]}
    points = sample_sobol.sample(smaller, BASE, calc_second_order=False, seed=bench.seed)
    whole = np.tile(default_parameters(), (len(points), 1))
    whole[:, [parameter_names().index(k) for k in few]] = points
    shares = analyse_sobol.analyze(
        smaller, effects(bench.part("sobol"), whole), calc_second_order=False, seed=bench.seed
    )
    for column, key in (
        ("first", "S1"),
        ("first_error", "S1_conf"),
        ("total", "ST"),
        ("total_error", "ST_conf"),
    ):
        table[column] = pd.Series(np.asarray(shares[key], float), index=range(KEPT)).reindex(table.index)
    return Experiment(
        "sensitivity",
        Text("结论最依赖哪些参数", "Which parameters the conclusion hangs on"),
        Text(
            f"四种机制对耦合协调度的作用：{len(infos)} 个参数先作 Morris 筛选（{len(rows)} 组），再对前 {KEPT} 个作 Sobol 分解（{len(points)} 组）。",
            f"Effect of all mechanisms on the coupling degree: {len(infos)} parameters screened by Morris ({len(rows)} sets), then Sobol for the first {KEPT} ({len(points)} sets).",
        ),
        tuple(answer(table)),
        table,
        COLUMNS,
        {
            "seed": bench.seed,
            "months": bench.months,
            "trajectories": TRAJECTORIES,
            "base": BASE,
            "city": bench.city.hash,
        },
    )


def answer(table: pd.DataFrame) -> list[Text]:
    """Name the parameters that matter, and say how sure the shares are."""
    first = table.head(KEPT)
    zh = "、".join(t.zh for t in first["title"])
    en = ", ".join(t.en for t in first["title"])
    sure = first[first["total"] - first["total_error"] > 0]
    top = sure.sort_values("total", ascending=False).head(3)
    said = [
        Text(f"结论最依赖：{zh}。", f"The conclusion hangs most on: {en}."),
    ]
    if len(top):
        said.append(
            Text(
                "其中占方差最多（总 Sobol）：" + "；".join(f"{r['title'].zh} {r['total']:.2f} ± {r['total_error']:.2f}" for _, r in top.iterrows()) + "。",
                "Largest shares of the variance (total Sobol): " + "; ".join(f"{r['title'].en} {r['total']:.2f} ± {r['total_error']:.2f}" for _, r in top.iterrows()) + ".",
            )
        )  # fmt: skip
    else:
        said.append(
            Text(
                "样本太少，各参数的占比都不能与零区分。",
                "The sample is too small: no share can be told from zero.",
            )
        )
    return said
