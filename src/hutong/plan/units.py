"""Units as people read them, in both languages."""

from __future__ import annotations

from hutong.text import Lang, Text, number, percent, yuan

#: What one unit of a measure is.
UNIT_WORDS = {
    "m2": Text("㎡", "m²"),
    "dwelling": Text("户", "homes"),
    "staircase": Text("个楼门", "staircases"),
    "piece": Text("处", "places"),
    "space": Text("个车位", "spaces"),
}
#: The same after "per".
PER_UNIT = {
    "m2": Text("㎡", "m²"),
    "dwelling": Text("户", "home"),
    "staircase": Text("楼门", "staircase"),
    "piece": Text("处", "place"),
    "space": Text("车位", "space"),
}
_SUFFIX = {
    "year": Text("年", "years"),
    "month": Text("个月", "months"),
    "kg/m2": Text("千克/㎡", "kg/m²"),
    "m2/100 households": Text("㎡/百户", "m² per 100 homes"),
}
_MONEY = {
    "yuan": Text("", ""),
    "yuan/m2": Text("/㎡", "/m²"),
    "yuan/household": Text("/户", " per home"),
    "yuan/m2/month": Text("/㎡·月", "/m² and month"),
}


def amount(value: float, unit: str) -> Text:
    """Return a value with its unit in words.

    Raises
    ------
    KeyError
        For a unit that has no words.
    """
    if unit == "ratio":
        return (
            Text(percent(value, "zh"), percent(value))
            if value <= 1
            else Text(f"{value:g} 倍", f"{value:g} times")
        )
    if unit in _MONEY:
        return Text(f"{yuan(value, 'zh')}{_MONEY[unit].zh}", f"{yuan(value)}{_MONEY[unit].en}")
    return Text(f"{number(value, 'zh')} {_SUFFIX[unit].zh}", f"{number(value)} {_SUFFIX[unit].en}")


def span(low: float, high: float, lang: Lang) -> str:
    """Return a range of money, or one amount where both ends are the same."""
    return yuan(low, lang) if low == high else f"{yuan(low, lang)}–{yuan(high, lang)}"
