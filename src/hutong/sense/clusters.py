"""Whether a problem clusters: local Moran's I of an indicator's scores over places, told in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.sense.composite import scores
from hutong.sense.moran import Moran, local_moran, moran
from hutong.sense.neighbours import contiguity
from hutong.sense.places import Places
from hutong.sense.results import Checkup
from hutong.text import Text, number

#: Places up to this far apart are neighbours: estates are divided by streets. A convention.
GAP_M = 60.0
#: Below this many known places nothing can be said of clustering.
LEAST_PLACES = 8

_WORDS = {
    "low-low": Text("短板集中连片", "a cluster of shortfalls"),
    "high-high": Text("较好的集中连片", "a cluster that is well off"),
    "high-low": Text("好于周边", "better than what lies around it"),
    "low-high": Text("差于周边", "worse than what lies around it"),
}


@dataclass(frozen=True, slots=True)
class Clustering:
    """Whether an indicator clusters in space, and where; ``unknown`` says why it cannot be told."""

    indicator: str
    scale: str
    whole: Moran | None
    places: pd.DataFrame  # place_id, title, score, and the columns of local_moran
    text: Text
    unknown: Text | None = None


def clustering(
    check: Checkup,
    city: City,
    indicator: str,
    scale: str = "estate",
    permutations: int = 999,
    seed: int = 1,
    alpha: float = 0.05,
) -> Clustering:
    """Return whether places near each other have like scores on an indicator (1 meets the standard).

    Neighbours are places up to ``GAP_M`` apart; weights are standardised by row. With fewer than ``LEAST_PLACES``
    known places, or all alike, the answer is unknown.

    Parameters
    ----------
    scale
        estate or block.

    Raises
    ------
    HutongError
        ``unknown-indicator`` if the checkup has no scores of it at that scale.
    """
    single = scores(check, scale)
    if indicator not in single or scale not in ("estate", "block"):
        raise HutongError(
            "unknown-indicator",
            Text(f"体检结果中没有这一尺度的指标 {indicator}。", f"The checkup has no {indicator} at the scale {scale}."),
            Text("请用体检结果中的指标编号，尺度用 estate 或 block。", "Use an indicator of the checkup; scale is estate or block."),
        )  # fmt: skip
    title = next(i.title for i in check.indicators if i.id == indicator)
    names = Places.of(city)
    at = {str(place): row for row, place in enumerate(names.ids[scale])}
    rows = np.array([at[str(place)] for place in single.index], np.int64)
    x = single[indicator].to_numpy(np.float64)
    shapes = city[f"{scale}s"].geometry.to_numpy()[rows]
    links = contiguity(shapes, GAP_M)
    known = ~np.isnan(x)
    why = _why_not(x[known], int(links[known][:, known].nnz))
    table = pd.DataFrame(
        {"place_id": single.index, "title": [names.title(scale, r) for r in rows], "score": x}
    )
    if why is not None:
        text = Text(
            f"{title.zh}是否集中连片：无法判断，{why.zh}。",
            f"{title.en}: clustering cannot be told; {why.en}.",
        )
        return Clustering(indicator, scale, None, table, text, why)
    whole = moran(x, links, permutations, seed)
    places = pd.concat([table, local_moran(x, links, permutations, seed, alpha)], axis=1)
    return Clustering(indicator, scale, whole, places, _text(title, whole, places, alpha))


def _why_not(known: np.ndarray, links: int) -> Text | None:
    if len(known) < LEAST_PLACES:
        return Text(
            f"只有 {len(known)} 处已知，至少需要 {LEAST_PLACES} 处",
            f"{len(known)} places are known, and {LEAST_PLACES} are needed",
        )
    if np.ptp(known) < 1e-12:
        return Text("各处得分相同", "all places score the same")
    if not links:
        return Text("各处互不相邻", "no two places are neighbours")
    return None


def _text(title: Text, whole: Moran, places: pd.DataFrame, alpha: float) -> Text:
    p = whole.p_permuted if whole.p_permuted == whole.p_permuted else whole.p_random
    how = Text("没有明显的空间聚集", "there is no clear clustering")
    if p <= alpha and whole.value > whole.expected:
        how = Text("相邻的地方情况相似，呈空间聚集", "places near each other are alike")
    elif p <= alpha:
        how = Text("相邻的地方情况相反，呈交错分布", "places near each other are unlike")
    zh = f"{title.zh}：{how.zh}（莫兰指数 {number(whole.value, 'zh', 2)}，p = {p:.3f}）"
    en = f"{title.en}: {how.en} (Moran's I {number(whole.value, digits=2)}, p = {p:.3f})"
    for name, words in _WORDS.items():
        found = places[places["cluster"] == name]["title"]
        if len(found):
            zh += f"；{words.zh}：{'、'.join(t.zh for t in found)}"
            en += f"; {words.en}: {', '.join(t.en for t in found)}"
    return Text(f"{zh}。", f"{en}.")
