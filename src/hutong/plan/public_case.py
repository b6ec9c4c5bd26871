"""A documented self-funded rebuild, recomputed: what its residents paid together, and what had to be assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from hutong.city.schema import read_yaml
from hutong.plan.sampling import latin_hypercube, triangular
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The residents' total in each draw of what is not known, beside the documented figure.

    ``parts`` are the totals of original area, extra area and parking at the likeliest values; ``implied_extra`` is the
    share of the extra area that must have been taken for the documented total, all else at the likeliest values.
    """

    total_yuan: Floats
    central_yuan: float
    parts: Mapping[str, float]
    documented_yuan: float
    documented_low: float
    documented_high: float
    implied_extra: float

    @property
    def range_yuan(self) -> tuple[float, float, float]:
        """P5, P50 and P95 of the residents' total."""
        low, middle, high = np.quantile(self.total_yuan, (0.05, 0.5, 0.95))
        return float(low), float(middle), float(high)


@cache
def load_case() -> Mapping[str, Any]:
    """Return the documented figures and the assumptions (``public_case.yaml``)."""
    raw: Mapping[str, Any] = read_yaml(files(__package__).joinpath("public_case.yaml").read_text("utf-8"))
    return raw


def residents_pay(
    households: int,
    mean_area_m2: Floats,
    area_spread: Floats,
    extra_taken: Floats,
    parking_yuan: Floats,
    facts: Mapping[str, float],
) -> dict[str, Floats]:
    """Return what all households pay for original area, extra area and parking, yuan, shape (draws,) each.

    A home pays for its original area, at least ``least_area_m2`` of it, and for its part of the extra area.
    """
    place = ndtri((np.arange(households) + 0.5) / households)
    area = np.maximum(mean_area_m2[:, None] * (1 + area_spread[:, None] * place), 0.0)
    charged = np.maximum(area, facts["least_area_m2"]).sum(axis=1)
    return {
        "original": charged * facts["rate_original_yuan_m2"],
        "extra": households * facts["most_extra_m2"] * extra_taken * facts["rate_extra_yuan_m2"],
        "parking": parking_yuan,
    }


def public_case(*, draws: int = 10_000, seed: int = 1) -> CaseResult:
    """Recompute the residents' total of the documented case, over the ranges of what is not documented."""
    case = load_case()
    facts = {name: float(f["value"]) for name, f in case["facts"].items()}
    ranges, homes = case["assumed"], int(facts["households"])
    u = latin_hypercube(draws, len(ranges), seed, "public case")
    value = {
        n: triangular(u[:, j], r["low"], r["mode"], r["high"]) for j, (n, r) in enumerate(ranges.items())
    }
    mode = {n: np.array([float(r["mode"])]) for n, r in ranges.items()}

    def parts(v: Mapping[str, Floats]) -> dict[str, Floats]:
        parking = v["parking_spaces"] * v["parking_sold"] * v["parking_price_yuan"]
        return residents_pay(homes, v["mean_area_m2"], v["area_spread"], v["extra_taken"], parking, facts)

    # draws by draws: homes × draws at once would take 40 MB
    total = np.concatenate(
        [sum(parts({n: x[k : k + 1000] for n, x in value.items()}).values()) for k in range(0, draws, 1000)]  # type: ignore[arg-type]
    )
    central = {n: float(x[0]) for n, x in parts(mode).items()}
    documented, half = facts["residents_yuan"], float(case["rounding_yuan"])
    rest = documented - central["original"] - central["parking"]
    return CaseResult(
        total_yuan=total,
        central_yuan=sum(central.values()),
        parts=central,
        documented_yuan=documented,
        documented_low=documented - half,
        documented_high=documented + half,
        implied_extra=rest / (homes * facts["most_extra_m2"] * facts["rate_extra_yuan_m2"]),
    )


def _amount(value: float, unit: str) -> Text:
    if unit == "yuan":
        return Text(yuan(value, "zh"), yuan(value))
    if unit == "ratio":
        return Text(percent(value, "zh"), percent(value))
    word = {"m2": Text(" ㎡", " m²"), "piece": Text(" 个", "")}[unit]
    return Text(f"{number(value, 'zh')}{word.zh}", f"{number(value)}{word.en}")


def case_lines(result: CaseResult) -> list[Text]:
    """Return the case in sentences: the computed total, its parts, what is documented, and every assumption."""
    case = load_case()
    title = Text.of(case["title"])
    low, middle, high = result.range_yuan
    inside = low <= result.documented_yuan <= high
    words = {
        "original": Text("原面积", "original area"),
        "extra": Text("扩面", "extra area"),
        "parking": Text("车位", "parking"),
    }
    verdict = (
        Text("在测算范围内", "inside the computed range")
        if inside
        else Text("不在测算范围内", "outside the computed range")
    )
    out = [
        Text(
            f"{title.zh}：居民合计出资测算为 {yuan(middle, 'zh')}（P5–P95：{yuan(low, 'zh')}–{yuan(high, 'zh')}）；报道约 {yuan(result.documented_yuan, 'zh')}，{verdict.zh}。",
            f"{title.en}: residents are computed to pay {yuan(middle)} together (P5–P95 {yuan(low)}–{yuan(high)}); reported about {yuan(result.documented_yuan)}, {verdict.en}.",
        ),
        Text(
            "按最可能取值："
            + "、".join(f"{words[n].zh} {yuan(v, 'zh')}" for n, v in result.parts.items())
            + f"，合计 {yuan(result.central_yuan, 'zh')}。",
            "At the likeliest values: "
            + ", ".join(f"{words[n].en} {yuan(v)}" for n, v in result.parts.items())
            + f"; {yuan(result.central_yuan)} in all.",
        ),
        Text(
            f"若其余取最可能值，报道总额对应扩面使用率 {percent(result.implied_extra, 'zh')}。",
            f"With all else at its likeliest value, the reported total means that {percent(result.implied_extra)} of the extra area was taken.",
        ),
    ]
    for r in case["assumed"].values():
        name, source = Text.of(r["title"]), Text.of(r["source"])
        a, m, b = (_amount(float(r[k]), r["unit"]) for k in ("low", "mode", "high"))
        out.append(
            Text(
                f"假设（{r['confidence']}）：{name.zh} {a.zh}–{b.zh}，取 {m.zh}（{source.zh}）。",
                f"Assumed ({r['confidence']}): {name.en} {a.en}–{b.en}, likeliest {m.en} ({source.en}).",
            )
        )
    return out + [Text.of(t) for t in case["readings"]]
