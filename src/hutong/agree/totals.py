"""What a whole roll said, as sums: counted here from its ballots, or told by another system and held to the roll."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.agree.roll import Roll
from hutong.text import Text, number

#: What heads can have said, in the order of tables, and what it is called.
SAID = {
    "for": Text("同意", "for"),
    "against": Text("不同意", "against"),
    "abstain": Text("弃权", "abstained"),
    "silent": Text("没有投票", "did not vote"),
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Heads and exclusive area (whole cm²) of a roll by what they said; together they are the roll."""

    heads: dict[str, int]
    area_cm2: dict[str, int]


@dataclass(frozen=True, slots=True)
class Misfit:
    """One figure that cannot be of the roll: ``said`` and ``what`` name its row and column, empty where it is a sum."""

    said: str
    what: str
    why: Text


def misfits(roll: Roll, totals: Totals) -> list[Misfit]:
    """Return what in totals that were counted elsewhere cannot be of this roll; none where they fit.

    Heads and areas must add up to the roll exactly. The area of n heads lies between that of the n smallest and that of
    the n largest of the roll, which also finds two figures that were exchanged.
    """
    sizes = np.sort(roll.area_cm2)
    least = np.concatenate([[0], np.cumsum(sizes)])
    most = np.concatenate([[0], np.cumsum(sizes[::-1])])
    out = []
    for said in SAID:
        heads, area = totals.heads[said], totals.area_cm2[said]
        if not 0 <= heads <= len(roll):
            why = Text(f"应在 0 至 {len(roll)} 人之间：名册共 {len(roll)} 人。", f"It must be 0 to {len(roll)}: the roll has {len(roll)} heads.")  # fmt: skip
            out.append(Misfit(said, "heads", why))
        elif not least[heads] <= area <= most[heads]:
            low, high = _m2(least[heads]), _m2(most[heads])
            why = Text(f"名册上 {heads} 人的面积在 {low} 至 {high} m² 之间。", f"{heads} on the roll hold {low} to {high} m².")  # fmt: skip
            out.append(Misfit(said, "area", why))
    if out:
        return out
    if (heads := sum(totals.heads.values())) != len(roll):
        out.append(Misfit("", "heads", Text(f"人数合计 {heads}，名册 {len(roll)} 人。", f"The heads add up to {heads}; the roll has {len(roll)}.")))  # fmt: skip
    if (area := sum(totals.area_cm2.values())) != roll.total_cm2:
        out.append(Misfit("", "area", Text(f"面积合计 {_m2(area)} m²，名册 {_m2(roll.total_cm2)} m²。", f"The areas add up to {_m2(area)} m²; the roll has {_m2(roll.total_cm2)} m².")))  # fmt: skip
    return out


def _m2(cm2: int) -> str:
    whole = int(cm2)
    return number(whole / 10_000, digits=2 if whole % 100 == 0 else 4)
