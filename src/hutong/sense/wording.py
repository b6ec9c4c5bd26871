"""How a checkup says what it found: one sentence per value, in both languages."""

from __future__ import annotations

import math

from hutong.sense.results import Indicator
from hutong.text import Text, number, percent

#: Of what cases are counted: with the Chinese measure word, and the measure word alone.
_NOUNS = {
    "buildings": (Text("栋（院）建筑", "buildings"), "栋（院）"),
    "dwellings": (Text("套住房", "dwellings"), "套"),
    "staircases": (Text("个楼门", "staircases"), "个"),
    "estates": (Text("个小区", "estates"), "个"),
    "requests": (Text("件诉求", "requests"), "件"),
    "facilities": (Text("处设施", "facilities"), "处"),
    "streets": (Text("条路段", "street segments"), "条"),
    "blocks": (Text("个街区", "blocks"), "个"),
    "plots": (Text("宗居住用地", "residential plots"), "宗"),
    "quarter": (Text("个片区", "quarters"), "个"),
    "residents": (Text("名居民", "residents"), "名"),
    "elders": (Text("名老年人", "elders"), "名"),
    "children": (Text("名儿童", "children"), "名"),
}
_ONE = {"have": "has", "are": "is", "need": "needs", "lack": "lacks", "live": "lives", "do": "does"}

#: Units beside a figure; a ratio is a percentage, an index and a bare count stand alone.
_UNITS = {
    "m2/person": Text(" m²/人", " m² per person"),
    "m2/100 dwellings": Text(" m²/百户", " m² per 100 dwellings"),
    "spaces/dwelling": Text(" 个/户", " per dwelling"),
    "places": Text(" 个学位", " places"),
    "spaces": Text(" 个", " spaces"),
    "chargers": Text(" 个", " charging points"),
    "km": Text(" km", " km"),
    "m": Text(" 米", " m"),
}
#: Formulas whose phrase holds the figure itself.
_TOLD = ("per", "cover", "gap", "total")

NOT_SURVEYED = Text(
    "尚未调查",
    "not surveyed yet",
)
NO_DATA = Text("没有可用的数据", "no data")
NOTHING_HERE = Text("这里没有适用对象", "there is nothing here that this applies to")


#: Words around the names of documents, which keep their own language.
_SOURCE_WORDS = (
    ("本软件约定", "a convention of this software"), ("替代算法为", "the substitute is "), ("条次待核", "article to be checked"),
    ("指标 ", "indicator "), ("指标", "indicator "), ("；", "; "), ("（", " ("), ("）", ")"), ("、", ", "), ("：", ": "),
)  # fmt: skip


def english(source: str) -> str:
    """Return a source for an English sentence: documents keep their names, the words between them are translated."""
    for zh, en in _SOURCE_WORDS:
        source = source.replace(zh, en)
    return source


def figure(value: float, unit: str) -> Text:
    """Return a value as it stands in a sentence; words around it give its unit (:func:`quantity` adds it)."""
    if unit == "ratio":
        digits = 1 if 0 < value < 0.01 or 0.99 < value < 1 else 0
        return Text(percent(value, "zh", digits), percent(value, "en", digits))
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    shown = number(value, "en", digits)
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return Text(shown, shown)


def quantity(value: float, unit: str) -> Text:
    """Return a value with its unit, as it stands alone."""
    shown, words = figure(value, unit), _UNITS.get(unit, Text("", ""))
    if math.isnan(value):
        return shown
    return Text(f"{shown.zh}{words.zh}", f"{shown.en}{words.en}")


def difference(change: float, unit: str) -> Text:
    """Return the size of a change; that of a share is in percentage points, which is not its percentage."""
    if unit != "ratio":
        return quantity(abs(change), unit)
    points = figure(abs(change) * 100, "")
    return Text(f"{points.zh} 个百分点", f"{points.en} percentage point{'' if points.en == '1' else 's'}")


def standard(indicator: Indicator) -> Text:
    """Return what the indicator asks for."""
    if indicator.standard is None:
        return Text("没有标准", "there is no standard")
    shown = quantity(indicator.standard, indicator.unit)
    if indicator.direction == "higher":
        return Text(f"标准为不低于 {shown.zh}", f"standard: at least {shown.en}")
    if indicator.standard == 0:
        return Text("应当没有", "there should be none")
    return Text(f"标准为不高于 {shown.zh}", f"standard: at most {shown.en}")


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
    case = {"reach": "buildings", "cover": "plots"}.get(formula) or spec["of"]
    if unknown:
        noun, counter = _NOUNS[case]
        asked = Text(
            f"{asked.zh}；另有 {unknown:,} {counter}未知", f"{asked.en}; {unknown:,} more {noun.en} unknown"
        )
    shown = figure(value, indicator.unit)
    if formula in _TOLD:
        return Text(
            f"{indicator.phrase.zh.replace('{value}', shown.zh)}（{asked.zh}）",
            f"{indicator.phrase.en.replace('{value}', shown.en)} ({asked.en})",
        )
    told = f"覆盖率 {shown.zh}" if formula == "reach" else shown.zh
    told_en = f"coverage {shown.en}" if formula == "reach" else shown.en
    counting = _count(indicator, spec.get("who") or spec.get("by") or case, short, counted)
    return Text(f"{counting.zh}（{told}，{asked.zh}）", f"{counting.en} ({told_en}; {asked.en})")


def _count(indicator: Indicator, what: str, short: float, counted: float) -> Text:
    """Return how many of how many fall short, and in what."""
    noun, counter = _NOUNS[what]
    if indicator.noun.zh:
        noun = indicator.noun
    phrase = indicator.phrase
    few, all_ = round(short), round(counted)
    verb, _, rest = phrase.en.partition(" ")
    single = f"{_ONE[verb]} {rest}" if verb in _ONE else phrase.en
    if what == "estates" and all_ == 1:
        return Text(
            f"该小区{phrase.zh}" if few else "该小区没有这一问题",
            f"the estate {single}" if few else "the estate does not have this problem",
        )
    if few == 0:
        return Text(
            f"{number(counted)} {noun.zh}都没有这一问题：{phrase.zh}",
            f"none of {number(counted)} {noun.en} {phrase.en}",
        )
    if few == all_ and all_ > 1:
        return Text(
            f"{number(counted)} {noun.zh}全部{phrase.zh}", f"all {number(counted)} {noun.en} {phrase.en}"
        )
    return Text(
        f"{number(counted)} {noun.zh}中有 {number(short)} {counter}{phrase.zh}",
        f"{number(short)} of {number(counted)} {noun.en} {single if few == 1 else phrase.en}",
    )


def at_least(indicator: Indicator, bound: float, known: int, cases: int) -> Text:
    """Return why a value is unknown of which a lower bound is known."""
    shown = figure(bound, indicator.unit)
    return Text(
        f"只知道 {cases} 处中的 {known} 处，至少为 {shown.zh}",
        f"only {known} of {cases} are known; it is at least {shown.en}",
    )


def observation(coverage: float) -> Text:
    """Return how much of a finding rests on observation; nothing where all of it does."""
    if coverage >= 1:
        return Text("", "")
    if coverage <= 0:
        return Text("数据为推算或假定，未经实测。", "The data are imputed or assumed, not observed. ")
    shown = figure(coverage, "ratio")
    return Text(f"数据的 {shown.zh} 为实测。", f"{shown.en} of the data were observed. ")
