"""Why a measure is named against a finding: value, standard, source, places → measure → effect → cost → assumptions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hutong.plan.units import PER_UNIT, UNIT_WORDS, span
from hutong.text import Text, number, percent, yuan

if TYPE_CHECKING:
    from hutong.plan.mend import Mend, Remedy

#: Whose agreement a measure needs.
CONSENT = {
    "ordinary": Text("须业主共同决定（一般事项）", "needs a vote of the owners (ordinary matter)"),
    "special": Text("须业主共同决定（特别事项）", "needs a vote of the owners (special matter)"),
    "signing": Text("须签约比例达标", "needs enough signatures"),
    "surrender": Text("由承租人自愿退租", "each tenant surrenders by free choice"),
    "none": Text("无须表决", "needs no vote"),
}
_STRICT = ("none", "surrender", "ordinary", "special", "signing")


def why_remedy(remedy: Remedy) -> Text:
    """Return measure, effect, cost and assumption marks of one remedy."""
    m = remedy.measure
    name = Text("＋".join(p.title.zh for p in remedy.package), " + ".join(p.title.en for p in remedy.package))
    effect, cost = _effect(remedy), _cost(remedy)
    matter = CONSENT[max((p.matter for p in remedy.package), key=_STRICT.index)]
    source = Text("；".join(dict.fromkeys(p.source.zh for p in remedy.package)), "; ".join(dict.fromkeys(p.source.en for p in remedy.package)))  # fmt: skip
    mark = Text("（假设）", " (assumed)") if remedy.assumed else Text("", "")
    unit = Text(
        f"单价 {span(m.capital_low, m.capital_high, 'zh')}/{PER_UNIT[m.unit].zh}{mark.zh}",
        f"unit cost {span(m.capital_low, m.capital_high, 'en')} per {PER_UNIT[m.unit].en}{mark.en}",
    )
    if not m.capital_high:
        unit = Text("按公式补偿，无工程单价", "paid by formula, no unit cost of works")
    return Text(
        f"{name.zh}：{effect.zh}；{unit.zh}{cost.zh}；{matter.zh}。依据：{source.zh}。",
        f"{name.en}: {effect.en}; {unit.en}{cost.en}; {matter.en}. Source: {source.en}.",
    )


def _effect(remedy: Remedy) -> Text:
    if math.isnan(remedy.mends):
        return Text("此处的效果未知（未给出城市快照）", "its effect here is unknown (no city was given)")
    unit = UNIT_WORDS[remedy.measure.unit]
    size = Text(f"（{number(remedy.quantity)} {unit.zh}）", f" ({number(remedy.quantity)} {unit.en})")
    if remedy.measure.unit == "piece":
        size = Text("", "")
    where = Text(
        f"可在 {number(remedy.places)} 处实施{size.zh}",
        f"applies at {number(remedy.places)} {'place' if remedy.places == 1 else 'places'}{size.en}",
    )
    spread = (
        f"（{_share(remedy.mends_low)}–{_share(remedy.mends_high)}，视给出的条件）",
        f" ({_share(remedy.mends_low)}–{_share(remedy.mends_high)} by the terms offered)",
    )
    if remedy.mends_high - remedy.mends_low < 0.005:
        spread = ("", "")
    outcome = {
        True: Text("，可不再预警", ", enough to leave warning"),
        False: Text("，单靠此项仍不达标", ", not enough by itself"),
        None: Text(
            "，能解决多少未知，只算部分解决", "; how much of it is unknown, so it counts as partly mended"
        ),
    }[remedy.enough]
    return Text(
        f"{where.zh}，预计解决所缺部分的 {_share(remedy.mends)}{spread[0]}{outcome.zh}",
        f"{where.en}, mends {_share(remedy.mends)} of what falls short{spread[1]}{outcome.en}",
    )


def _share(value: float) -> str:
    return "<1%" if 0 < value < 0.005 else ">99%" if 0.995 <= value < 1 - 1e-9 else percent(value)


def _cost(remedy: Remedy) -> Text:
    if math.isnan(remedy.cost_yuan):
        return Text("", "")
    return Text(
        f"，此处约 {yuan(remedy.cost_yuan, 'zh')}（{span(remedy.cost_low_yuan, remedy.cost_high_yuan, 'zh')}）",
        f", here about {yuan(remedy.cost_yuan)} ({span(remedy.cost_low_yuan, remedy.cost_high_yuan, 'en')})",
    )


def why_whole(mend: Mend) -> Text:
    """Return the finding with its value, standard, source and places, then what can be done about it."""
    f = mend.finding
    count = len(f.objects)
    where = (
        Text(f"涉及 {count} 栋（院）。", f" {count} building{' is' if count == 1 else 's are'} concerned.")
        if count
        else Text("", "")
    )
    if mend.nothing is not None:
        return Text(f"{f.reason.zh}{where.zh}{mend.nothing.zh}", f"{f.reason.en}{where.en} {mend.nothing.en}")
    lines = [r.why for r in mend.remedies]
    zh = "".join(f"（{i}）{t.zh}" for i, t in enumerate(lines, 1))
    en = " ".join(f"({i}) {t.en}" for i, t in enumerate(lines, 1))
    return Text(f"{f.reason.zh}{where.zh}可用措施：{zh}", f"{f.reason.en}{where.en} Measures: {en}")
