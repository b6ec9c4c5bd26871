"""Figures, dates and texts as the page shows them: markup that carries both languages."""

from __future__ import annotations

import datetime as dt
import math

from markupsafe import Markup, escape

from hutong.report.words import word, words
from hutong.text import UNKNOWN, Text, grade_letter, number, percent, written_day, yuan


def bi(text: Text) -> Markup:
    """Return a text as a pair of spans; one that reads the same in both languages stays plain."""
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(
        text.zh, text.en
    )


def bi_svg(text: Text) -> Markup:
    """Return a text as a pair of ``tspan`` for use inside an SVG ``text``."""
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('<tspan class="zh">{}</tspan><tspan class="en">{}</tspan>').format(text.zh, text.en)


def both(text: Text) -> str:
    """Return a text in both languages on one line, for attributes that cannot be switched."""
    return text.zh if text.zh == text.en else f"{text.zh} · {text.en}"


def same(text: object) -> Text:
    """Return a text that reads the same in both languages."""
    return Text(str(text), str(text))


def join(*parts: Text | str) -> Text:
    """Return the parts one after another, in each language."""
    return Text(
        "".join(p.zh if isinstance(p, Text) else p for p in parts),
        "".join(p.en if isinstance(p, Text) else p for p in parts),
    )


def listed(parts: list[Text], most: int = 4) -> Text:
    """Return the first parts as an enumeration, and how many more there are."""
    shown = parts[:most]
    rest = len(parts) - len(shown)
    zh = "、".join(p.zh for p in shown) + (f"等 {len(parts)} 处" if rest else "")
    en = ", ".join(p.en for p in shown) + (f" and {rest} more" if rest else "")
    return Text(zh, en)


def num(value: float | None, digits: int = 0) -> Text:
    """Return a number in both languages."""
    return Text(number(value, "zh", digits), number(value, "en", digits))


def pct(share: float | None, digits: int = 0) -> Text:
    """Return a share in [0, 1] as a percentage; a share that is not 0 or 1 never reads 0% or 100%."""
    if share is not None and not math.isnan(share) and digits == 0:
        if 0 < share < 0.005:
            return same("<1%")
        if 0.995 <= share < 1:
            return same(">99%")
    return Text(percent(share, "zh", digits), percent(share, "en", digits))


def money(value: float | None) -> Text:
    """Return an amount of yuan."""
    return Text(yuan(value, "zh"), yuan(value, "en"))


def area(value: float | None) -> Text:
    """Return an area: 万 m² in Chinese from 10,000 m² up, thousands in English."""
    if value is None or math.isnan(value):
        return UNKNOWN
    zh = f"{number(value / 1e4, 'zh', 1)} 万 m²" if value >= 1e4 else f"{number(value, 'zh')} m²"
    return Text(zh, f"{number(value, 'en')} m²")


def grade(value: float) -> Text:
    """Return a condition grade 1–4 as the letter A–D."""
    return UNKNOWN if math.isnan(value) else same(grade_letter(value))


def day(iso: str) -> Text:
    """Return an ISO date as people write it."""
    return written_day(dt.date.fromisoformat(iso[:10]))


def in_unit(value: float | None, unit: str) -> Text:
    """Return a value with its unit as the registry names it."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if unit in ("ratio", "share"):
        return pct(value)
    if unit == "yuan":
        return money(value)
    if unit == "m2":
        return area(value)
    if unit == "ratio/year":
        return join(pct(value, 1), word("unit", unit))
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1 if abs(value) >= 10 else 2
    figure = num(value, digits if abs(value) >= 0.1 or value == 0 else 4)
    return join(figure, word("unit", unit)) if unit in words("unit") else join(figure, f" {unit}")
