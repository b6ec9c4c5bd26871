"""What the digital layer and deliberation change: paired differences of runs, whatever their sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.evolve.ensemble import run_ensemble
from hutong.evolve.parameters import parameter_infos
from hutong.evolve.results import Ensemble
from hutong.plan.results import Scheme
from hutong.rules import Rules
from hutong.sense import coupling_degree
from hutong.text import Text, number

EFFECTS = {
    "digital": Text("数字平台", "The digital layer"),
    "deliberation": Text("协商议事", "Deliberation"),
    "interaction": Text("两者叠加（超出各自作用之和的部分）", "Both together, beyond their sum"),
}
#: What is compared. ``fabric`` is space without digital coverage, which the digital layer raises by definition.
OUTCOMES = {
    "value": Text("价值", "value"),
    "governance": Text("治理", "governance"),
    "space": Text("空间", "space"),
    "coupling": Text("耦合协调度", "coupling coordination degree"),
    "fabric": Text("空间（不计数字覆盖）", "space without digital coverage"),
    "coupling_fabric": Text("耦合协调度（不计数字覆盖）", "coupling degree without digital coverage"),
    "support": Text("支持率", "support"),
    "trust": Text("信任", "trust"),
    "done": Text("完工比例", "share completed"),
}
#: What ``explain`` speaks of.
TOLD = ("value", "governance", "space", "coupling", "support", "done")
CONTRAST_COLUMNS = (
    "effect", "outcome", "mean", "low", "high", "mean_low", "mean_high", "share_positive", "share_negative",
    "variance_ratio",
)  # fmt: skip
#: Parameters that ``one_at_a_time`` moves by default: those with most say in what the digital layer does.
MAIN = (
    "information_digital", "ask_digital", "sense_rate", "resolve_digital", "rumour_digital", "digital_cost",
    "news_digital", "detection_digital", "penalty", "temptation", "rumour_rate", "trust_pull", "capacity",
    "vote_logit", "imitation_rate",
)  # fmt: skip


def outcome(ensemble: Ensemble, name: str) -> np.ndarray:
    """Return one outcome over time, shape (settings, runs, months + 1)."""
    if name in ensemble.series:
        return ensemble.series[name]
    fabric = 0.5 * (ensemble.parts["condition"] + ensemble.parts["service"])
    if name == "fabric":
        return fabric
    dimensions = np.stack([ensemble.series["value"], ensemble.series["governance"], fabric], axis=-1)
    return coupling_degree(np.clip(dimensions, 0.0, 1.0))


def contrast(ensemble: Ensemble, month: int = -1) -> pd.DataFrame:
    """Return the effects of a 2 × 2 design at a month (default: the last), one row per effect and outcome.

    The main effect of a factor is the mean of its two simple effects; the interaction is their difference
    (Box, Hunter and Hunter 2005, ch. 5). Runs are paired: run r meets the same chance and parameters in each
    setting.

    Returns
    -------
    Columns ``CONTRAST_COLUMNS``: the mean over runs; ``low``, ``high`` the middle 95 % of runs (chance and unknown
    parameters together); ``mean_low``, ``mean_high`` the 95 % interval of the mean; share of runs with a positive
    effect; and how many times smaller the variance is than with unpaired runs.

    Raises
    ------
    HutongError
        ``no-contrast`` unless all four settings were run.
    """
    place = {(s.digital, s.deliberation): k for k, s in enumerate(ensemble.settings)}
    if len(place) < 4:
        raise HutongError(
            "no-contrast",
            Text("比较作用需要四种情景。", "The effects need all four settings."),
            Text("请用默认情景推演。", "Run the ensemble with the default settings."),
        )
    order = [place[d] for d in ((False, False), (True, False), (False, True), (True, True))]
    rows = []
    for name in OUTCOMES:
        plain, digital, deliberation, both = outcome(ensemble, name)[order, :, month]
        weights = {
            "digital": (-0.5, 0.5, -0.5, 0.5),
            "deliberation": (-0.5, -0.5, 0.5, 0.5),
            "interaction": (1, -1, -1, 1),
        }
        for effect, w in weights.items():
            cells = np.stack([plain, digital, deliberation, both])
            rows.append({"effect": effect, "outcome": name, **paired_summary(np.array(w, float), cells)})
    return pd.DataFrame(rows, columns=list(CONTRAST_COLUMNS)).sort_values(
        "effect", kind="stable", ignore_index=True
    )


def paired_summary(weights: np.ndarray, cells: np.ndarray) -> dict[str, float]:
    """Return what a weighted sum of settings comes to over paired runs.

    Parameters
    ----------
    weights
        Shape (settings,).
    cells
        Outcome, shape (settings, runs); a column is one run under every setting.
    """
    paired = weights @ cells
    runs = len(paired)
    spread = float(paired.std(ddof=1)) if runs > 1 else float("nan")
    error = 1.959964 * spread / np.sqrt(runs)
    unpaired = float((weights**2 * cells.var(axis=1, ddof=1)).sum()) if runs > 1 else float("nan")
    mean = float(paired.mean())
    low, high = np.quantile(paired, [0.025, 0.975])
    return {
        "mean": mean,
        "low": float(low),
        "high": float(high),
        "mean_low": mean - error,
        "mean_high": mean + error,
        "share_positive": float((paired > 0).mean()),
        "share_negative": float((paired < 0).mean()),
        "variance_ratio": unpaired / spread**2 if spread > 0 else float("nan"),
    }


def explain(ensemble: Ensemble) -> list[Text]:
    """Return what the runs say, in plain sentences: each effect with its interval, sign and doubt."""
    table = contrast(ensemble).set_index(["effect", "outcome"])
    years = number(ensemble.months / 12, digits=0 if ensemble.months % 12 == 0 else 1)
    lines = [
        Text(
            f"每种情景推演 {ensemble.runs} 次、{years} 年；各次的偶然因素和参数取值相同，差别只来自政策。",
            f"Each setting was run {ensemble.runs} times over {years} years with the same chance and parameters, "
            "so that differences come from policy alone.",
        )
    ]
    for effect in ("digital", "deliberation", "interaction"):
        lines += [_sentence(effect, name, table.loc[(effect, name)]) for name in TOLD]
        if effect == "digital":
            bare = table.loc[(effect, "fabric")]
            lines.append(
                Text(
                    f"空间得分含数字覆盖，平台铺开本身就会抬高它；不计此项，作用为：{_span(bare).zh}。",
                    "The space score counts digital coverage, which the platform raises by definition; without it "
                    f"the effect on space is: {_span(bare).en}.",
                )
            )
    lines.append(
        Text(
            "这些是模型的推论，不是对现实的测量：多数参数是假设，区间反映偶然和参数未知，不反映模型本身可能有误。",
            "These are what the model implies, not measurements: most parameters are assumptions, and the intervals show "
            "chance and unknown parameters, not that the model itself may be wrong.",
        )
    )
    return lines


def _sentence(effect: str, name: str, row: pd.Series) -> Text:
    """Say the sign only where four fifths of the runs share it, and call it sure only where 95 % do."""
    title, what, span = EFFECTS[effect], OUTCOMES[name], _span(row)
    clear = row["low"] > 0 or row["high"] < 0
    likely = max(row["share_positive"], 1.0 - row["share_positive"]) >= 0.8
    up = row["mean"] > 0
    sure = Text("", "") if clear else Text("多半", "probably ")
    if effect == "interaction":
        if not clear and not likely:
            zh, en = "与各自作用之和相比大小不明", "it is unclear whether more or less than their sum"
        else:
            zh = f"{sure.zh}{'大于' if up else '小于'}各自作用之和"
            en = f"{sure.en}{'more' if up else 'less'} than their sum"
        return Text(
            f"两者合用对{what.zh}的作用{zh}（{span.zh}）。", f"Both together on {what.en}: {en} ({span.en})."
        )
    if not clear and not likely:
        return Text(
            f"{title.zh}对{what.zh}有何作用尚不明确（{span.zh}）。",
            f"{title.en}: no clear effect on {what.en} ({span.en}).",
        )
    zh, en = ("提高", "up") if up else ("降低", "down")
    return Text(
        f"{title.zh}{sure.zh}使{what.zh}{zh}（{span.zh}）。",
        f"{title.en}: {what.en} {sure.en}{en} ({span.en}).",
    )


def _span(row: pd.Series) -> Text:
    mean, low, high = (f"{row[k]:+.3f}".replace("-", "−") for k in ("mean", "low", "high"))
    return Text(
        f"平均 {mean}，95% 的推演在 {low} 到 {high} 之间", f"mean {mean}, 95% of runs {low} to {high}"
    )


def drivers(ensemble: Ensemble, effect: str = "digital", name: str = "coupling") -> pd.DataFrame:
    """Return how the effect goes with each parameter over the runs: Spearman rank correlation, strongest first.

    Costs no further run: every run drew its own parameters (a Latin hypercube).
    """
    place = {(s.digital, s.deliberation): k for k, s in enumerate(ensemble.settings)}
    last = outcome(ensemble, name)[:, :, -1]
    with_, without = (
        ((True, False), (False, False)) if effect == "digital" else ((False, True), (False, False))
    )
    change = pd.Series(last[place[with_]] - last[place[without]])
    table = pd.DataFrame(ensemble.parameters, columns=list(ensemble.recipe["parameters"]))
    moving = table.loc[:, table.nunique() > 1]
    rank = moving.rank().corrwith(change.rank())
    out = pd.DataFrame({"parameter": rank.index, "rank_correlation": rank.to_numpy()})
    strongest = out["rank_correlation"].abs().sort_values(ascending=False, kind="stable").index
    return out.loc[strongest].reset_index(drop=True)


def one_at_a_time(
    city: City,
    scheme: Scheme,
    rules: Rules,
    *,
    names: Sequence[str] = MAIN,
    change: float = 0.5,
    runs: int = 20,
    months: int = 120,
    seed: int = 1,
    threads: int = 1,
) -> pd.DataFrame:
    """Return the digital effect on the coupling degree when one parameter is a half lower or higher.

    All other parameters keep their central value; runs differ by chance alone.

    Returns
    -------
    Columns parameter, value, effect_low, effect, effect_high, same_sign.
    """
    infos = {info.id: info for info in parameter_infos()}

    def effect(changes: Mapping[str, float]) -> float:
        done = run_ensemble(
            city,
            scheme,
            rules,
            runs=runs,
            months=months,
            seed=seed,
            threads=threads,
            parameters=changes,
            vary=False,
        )
        table = contrast(done).set_index(["effect", "outcome"])
        return float(table.loc[("digital", "coupling"), "mean"])  # type: ignore[arg-type]

    middle = effect({})
    rows = []
    for name in names:
        value = infos[name].value
        ends = sorted((value * (1.0 - change), value * (1.0 + change)))
        low, high = (effect({name: end}) for end in ends)
        signs = np.sign([low, middle, high])
        same = bool(all(a == b for a, b in pairwise(signs)))
        rows.append((name, value, low, middle, high, same))
    return pd.DataFrame(
        rows, columns=["parameter", "value", "effect_low", "effect", "effect_high", "same_sign"]
    )
