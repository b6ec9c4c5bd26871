"""How a checkup says what it found: one sentence per value, in both languages."""

from __future__ import annotations

from hutong.sense.results import Indicator
from hutong.text import Text, number, percent

_NOUNS = {
    "buildings": (Text("栋（院）住宅", "residential buildings"), Text("栋（院）", "")),
    "dwellings": (Text("套住房", "dwellings"), Text("套", "")),
    "staircases": (Text("个楼门", "staircases"), Text("个", "")),
    "estates": (Text("个小区", "estates"), Text("个", "")),
    "requests": (Text("件诉求", "requests"), Text("件", "")),
    "facilities": (Text("处设施", "facilities"), Text("处", "")),
    "residents": (Text("名居民", "residents"), Text("名", "")),
    "elders": (Text("名老年人", "elders"), Text("名", "")),
    "children": (Text("名儿童", "children"), Text("名", "")),
}
_ONE = {"have": "has", "are": "is", "need": "needs", "lack": "lacks", "live": "lives", "do": "does"}

NO_DATA = Text("没有可用的数据", "no data")
NOTHING_HERE = Text("这里没有适用对象", "there is nothing here that this applies to")


def figure(value: float, unit: str) -> Text:
    """Return a value as it stands in a sentence."""
    if unit == "ratio":
        digits = 1 if 0 < value < 0.01 or 0.99 < value < 1 else 0
        return Text(percent(value, "zh", digits), percent(value, "en", digits))
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    shown = number(value, "en", digits)
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return Text(shown, shown)


def standard(indicator: Indicator) -> Text:
    """Return what the indicator asks for."""
    if indicator.standard is None:
        return Text("没有标准", "there is no standard")
    shown = figure(indicator.standard, indicator.unit)
    if indicator.direction == "lower":
        if indicator.standard == 0:
            return Text("标准：没有", "standard: none")
        return Text(f"标准：不高于 {shown.zh}", f"standard: at most {shown.en}")
    return Text(f"标准：不低于 {shown.zh}", f"standard: at least {shown.en}")


def sentence(indicator: Indicator, value: float, short: float, counted: float, unknown: int) -> Text:
    """Return what was counted and found.

    Parameters
    ----------
    short, counted
        How many fall short, of how many: cases, or people where people are counted.
    unknown
        How many cases are unknown and were left out.
    """
    (formula, spec), *_ = indicator.compute.items()
    asked = standard(indicator)
    case = {"reach": "buildings"}.get(formula, spec.get("of", ""))
    left = Text("", "")
    if unknown:
        noun, counter = _NOUNS[case]
        left = Text(f"；另有 {unknown:,} {counter.zh}未知", f"; {unknown:,} more {noun.en} unknown")
    if formula == "per":
        shown = figure(value, indicator.unit)
        return Text(
            f"{indicator.phrase.zh.replace('{value}', shown.zh)}（{asked.zh}{left.zh}）",
            f"{indicator.phrase.en.replace('{value}', shown.en)} ({asked.en}{left.en})",
        )
    noun, counter = _NOUNS[spec.get("who") or spec.get("by") or case]
    shown = figure(value, "ratio")
    reached = formula == "reach"
    what = Text(f"覆盖率 {shown.zh}", f"coverage {shown.en}") if reached else shown
    phrase = indicator.phrase.en
    verb, _, rest = phrase.partition(" ")
    if round(short) == 1 and verb in _ONE:
        phrase = f"{_ONE[verb]} {rest}"
    if round(short) == 0:
        return Text(
            f"{number(counted)} {noun.zh}中没有{indicator.phrase.zh}的（{asked.zh}{left.zh}）",
            f"none of {number(counted)} {noun.en} {indicator.phrase.en} ({asked.en}{left.en})",
        )
    return Text(
        f"{number(counted)} {noun.zh}中有 {number(short)} {counter.zh}{indicator.phrase.zh}（{what.zh}；{asked.zh}{left.zh}）",
        f"{number(short)} of {number(counted)} {noun.en} {phrase} ({what.en}; {asked.en}{left.en})",
    )


def at_least(indicator: Indicator, bound: float, known: int, cases: int) -> Text:
    """Return why a value is unknown of which a lower bound is known."""
    shown = figure(bound, indicator.unit)
    return Text(
        f"只知道 {cases} 处中的 {known} 处，至少为 {shown.zh}",
        f"only {known} of {cases} are known; it is at least {shown.en}",
    )
