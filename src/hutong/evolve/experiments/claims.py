"""Each claim of the paper as a contrast that can fail, in paired runs, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from hutong.city.schema import read_yaml
from hutong.evolve.contrast import OUTCOMES, outcome, paired_summary
from hutong.evolve.dials import DIGITAL, MECHANISMS
from hutong.evolve.experiments.base import Bench, Experiment, bands
from hutong.evolve.experiments.designs import digital_settings, main_effect, mechanism_settings, single_steps
from hutong.evolve.phases import PHASES, phases
from hutong.evolve.results import Ensemble
from hutong.text import Text, number, percent

GROUPS = {
    "shift": Text("价值、治理、空间的转变", "Shift of value, governance and space"),
    "mechanism": Text("四种协同机制", "The four mechanisms"),
    "digital": Text("数字赋能", "Digital empowerment"),
    "bottleneck": Text("瓶颈", "Bottlenecks"),
    "advice": Text("四条建议", "The four recommendations"),
}
VERDICTS = {
    "holds": Text("成立", "holds"),
    "leans": Text("倾向成立", "leans that way"),
    "open": Text("不明", "open"),
    "against": Text("相反", "the opposite"),
}
#: Share of the runs that must agree for a claim to hold.
MOST = 0.8
NAMES = {
    **OUTCOMES,
    "breadth": Text("收益广度", "breadth of gains"),
    "social": Text("社会价值", "social value"),
    "participation": Text("参与率", "participation"),
    "polycentricity": Text("多中心程度", "polycentricity"),
    "rates": Text("三率", "three rates"),
}
COLUMNS = {
    "group": Text("类别", "Group"), "claim": Text("论断", "Claim"), "verdict": Text("结论", "Verdict"),
    "mean": Text("均值（95% 区间）", "Mean (95% interval)"), "outcome": Text("指标", "Measured by"),
    "share_positive": Text("为正的推演", "Runs above zero"), "variance_ratio": Text("成对减少方差（倍）", "Pairing cut variance by"),
}  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One claim: which settings are compared with which weights, by what, and the sign it claims."""

    id: str
    group: str
    title: Text
    weights: Mapping[str, float]
    outcome: str
    when: str
    expect: int


@cache
def load_claims() -> tuple[Claim, ...]:
    """Return the claims in the order of ``claims.yaml``."""
    raw = read_yaml(files(__package__).joinpath("claims.yaml").read_text("utf-8"))
    out = []
    for name, spec in raw.items():
        if "main" in spec:
            weights = main_effect(MECHANISMS, spec["main"], "m", {"0000": "none", "1111": "all"})
        elif "part" in spec:
            weights = main_effect(DIGITAL, spec["part"], "d", {"1111": "platform"})
        else:
            weights = {k: float(v) for k, v in spec["weights"].items()}
        out.append(
            Claim(
                name, spec["group"], Text(spec["zh"], spec["en"]), weights, spec["outcome"],
                spec.get("when", "last"), int(spec.get("expect", 1)),
            )
        )  # fmt: skip
    return tuple(out)


def measured(ensemble: Ensemble, name: str, when: str) -> np.ndarray:
    """Return an outcome of every setting and run: the mean of the last year, or of the whole run."""
    if name == "breadth":
        values = breadth(ensemble)
    elif name in ensemble.parts:
        values = ensemble.parts[name]
    else:
        values = outcome(ensemble, name)
    return np.asarray(values[..., -12:].mean(axis=-1) if when == "last" else values.mean(axis=-1))


def breadth(ensemble: Ensemble) -> np.ndarray:
    """Return how evenly gains since the start spread over four kinds of value, in [0, 1] (inverse Simpson; 0: no gain)."""
    kinds = ("economic", "social", "ecological", "cultural")
    gains = np.stack([np.maximum(ensemble.parts[k] - ensemble.parts[k][..., :1], 0.0) for k in kinds])
    total = gains.sum(axis=0)
    shares = gains / np.where(total > 0, total, 1.0)
    square = (shares**2).sum(axis=0)
    return np.where(total > 0, (1.0 / np.where(square > 0, square, 1.0) - 1.0) / 3.0, 0.0)


def verdict(row: Mapping[str, float], expect: int) -> str:
    """Return ``holds`` where the interval of the mean has the claimed sign and four fifths of the runs share it."""
    low, high = sorted((expect * row["mean_low"], expect * row["mean_high"]))
    share = row["share_positive"] if expect > 0 else row["share_negative"]
    if low > 0:
        return "holds" if share >= MOST else "leans"
    return "against" if high < 0 else "open"


def claims_table(ensemble: Ensemble) -> pd.DataFrame:
    """Return one row per claim, from an ensemble that holds every setting of the designs."""
    place = {s.id: k for k, s in enumerate(ensemble.settings)}
    rows = []
    for claim in load_claims():
        values = measured(ensemble, claim.outcome, claim.when)
        cells = values[[place[name] for name in claim.weights]]
        row = paired_summary(np.array(list(claim.weights.values())), cells)
        rows.append(
            {
                "id": claim.id, "group": GROUPS[claim.group], "claim": claim.title, "outcome": NAMES[claim.outcome],
                **row, "verdict": VERDICTS[verdict(row, claim.expect)],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def ask(bench: Bench) -> Experiment:
    """Test every claim in one paired ensemble over the factorial designs."""
    settings = (*mechanism_settings(), *digital_settings(), *single_steps())
    ensemble = bench.run(settings)
    table = claims_table(ensemble)
    shown = [k for k, s in enumerate(settings) if s.id in ("none", "today", "all")]
    picked = {
        name: {k: v for k, v in found.items() if k in {settings[i].id for i in shown}}
        for name, found in bands(ensemble).items()
    }
    return Experiment(
        "claims",
        Text("论文的论断在模型里成立吗", "Do the claims of the paper hold in the model"),
        Text(
            f"{len(table)} 条论断，每条是一组成对比较；{len(settings)} 种情景各推演 {ensemble.runs} 次。",
            f"{len(table)} claims, each a paired comparison; {len(settings)} settings, {ensemble.runs} runs each.",
        ),
        (*answer(table, ensemble.runs), *phase_lines(ensemble, [settings[i].id for i in shown])),
        table,
        COLUMNS,
        ensemble.recipe,
        picked,
        {settings[i].id: settings[i].title for i in shown},
    )


def phase_lines(ensemble: Ensemble, shown: Sequence[str]) -> list[Text]:
    """Say in which phase the runs end."""
    last = phases(ensemble)[..., -1]
    parts = []
    for k, setting in enumerate(ensemble.settings):
        if setting.id in shown:
            share = np.bincount(last[k], minlength=len(PHASES)) / ensemble.runs
            zh = "、".join(f"{p.zh} {percent(s, 'zh')}" for p, s in zip(PHASES, share, strict=True))
            en = ", ".join(f"{p.en} {percent(s)}" for p, s in zip(PHASES, share, strict=True))
            parts.append(Text(f"{setting.title.zh}：{zh}", f"{setting.title.en}: {en}"))
    return [
        Text(
            "期末所处阶段（规则见文档）——" + "；".join(t.zh for t in parts) + "。",
            "Phase at the end (the rule is in the docs) – " + "; ".join(t.en for t in parts) + ".",
        )
    ]


def answer(table: pd.DataFrame, runs: int) -> list[Text]:
    """Say what holds, what does not, and what that is worth."""
    verdicts = table["verdict"].map(lambda t: t.en)
    counts = {k: int((verdicts == v.en).sum()) for k, v in VERDICTS.items()}
    lines = [
        Text(
            f"{len(table)} 条论断中，{counts['holds']} 条在模型里成立，{counts['leans']} 条倾向成立，{counts['open']} 条不明，{counts['against']} 条相反。",
            f"Of {len(table)} claims {counts['holds']} hold in the model, {counts['leans']} lean that way, {counts['open']} are open, {counts['against']} come out the opposite.",
        )
    ]
    for group in GROUPS.values():
        rows = table[table["group"].map(lambda t, g=group: t.en == g.en)]
        said = [
            (v, rows[rows["verdict"].map(lambda t, v=v: t.en == v.en)]["claim"].tolist())
            for v in VERDICTS.values()
        ]
        zh = "；".join(f"{v.zh}——{'、'.join(c.zh for c in found)}" for v, found in said if found)
        en = "; ".join(f"{v.en} – {', '.join(c.en for c in found)}" for v, found in said if found)
        lines.append(Text(f"{group.zh}：{zh}。", f"{group.en}: {en}."))
    helped = float(np.nanmedian(table["variance_ratio"]))
    lines.append(
        Text(
            f"各次推演的偶然因素和参数取值在各情景间相同，比较的方差因此减少到约 {number(helped, 'zh', 1)} 分之一：{runs} 次相当于不成对的约 {number(runs * helped, 'zh')} 次。",
            f"Runs share their chance and parameters across settings, which cuts the variance of a comparison by {number(helped, 'en', 1)} in the median: {runs} runs do the work of {number(runs * helped, 'en')} unpaired ones.",
        )
    )
    lines.append(
        Text(
            "“成立”指在这个模型、这些假设下：95% 区间不含零且八成以上推演同号。多数参数是假设，论断的机制也写在模型里，这不是对现实的检验。区间未按论断数目校正。",
            "“Holds” means in this model under its assumptions: the 95% interval excludes zero and four fifths of the runs agree. Most parameters are assumed and the mechanisms are written into the model, so this does not test reality. Intervals are not corrected for the number of claims.",
        )
    )
    return lines
