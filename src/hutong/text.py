"""Words that people read, in Chinese and English, and numbers as people read them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        """Return the text in ``lang``."""
        return self.zh if lang == "zh" else self.en

    @classmethod
    def of(cls, value: Text | dict[str, str]) -> Text:
        """Read a text from ``{zh: ..., en: ...}`` as it stands in the project's YAML."""
        if isinstance(value, Text):
            return value
        return cls(zh=value["zh"], en=value["en"])


UNKNOWN = Text("未知", "unknown")


def _signed(shown: str) -> str:
    """Return a formatted figure with a typographic minus, and none before what rounds to nothing."""
    if not shown.startswith("-"):
        return shown
    return shown.replace("-", "−" if shown.strip("-0.,%") else "")


def number(value: float | None, lang: Lang = "en", digits: int = 0) -> str:
    """Format a number with thousands separators; ``None`` and NaN read as unknown."""
    if value is None or math.isnan(value):
        return UNKNOWN.get(lang)
    return _signed(f"{value:,.{digits}f}")


def percent(share: float | None, lang: Lang = "en", digits: int = 0) -> str:
    """Format a share in [0, 1] as a percentage."""
    if share is None or math.isnan(share):
        return UNKNOWN.get(lang)
    return _signed(f"{share * 100:.{digits}f}%")


def grade_letter(value: float) -> str:
    """Return a condition grade 1–4 as the letter A–D; between two grades, the nearer."""
    return "ABCD"[min(3, max(0, round(value) - 1))]


#: Units of money by language, largest first: size and word.
_MONEY: dict[Lang, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, " 亿元"), (1e4, " 万元"), (1, " 元")),
    "en": ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1, "")),
}


def yuan(value: float | None, lang: Lang = "en") -> str:
    """Format an amount of money: 万/亿 in Chinese, k/m/bn in English, three significant figures."""
    if value is None or math.isnan(value):
        return UNKNOWN.get(lang)
    units = _MONEY[lang]
    at = next((i for i, (scale, _) in enumerate(units) if abs(value) >= scale), len(units) - 1)
    if at and _figures(abs(value) / units[at][0], units[at][0]) * units[at][0] >= units[at - 1][0]:
        at -= 1  # it rounds up to the next unit
    scale, word = units[at]
    shown = f"{_figures(abs(value) / scale, scale):,.2f}".rstrip("0").rstrip(".")
    sign = "−" if value < 0 and shown != "0" else ""
    return f"{sign}{'' if lang == 'zh' else '¥'}{shown}{word}"


def _figures(scaled: float, scale: float) -> float:
    """Round to three significant figures, and never below a whole unit of money."""
    return round(scaled, max(0, 2 - math.floor(math.log10(scaled))) if scale > 1 else 0)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written_day(day: dt.date) -> Text:
    """Return a date as people write it: 2026年11月23日 / 23 Nov 2026."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def lasting(seconds: float) -> Text:
    """Return a length of time as people say it: 40 s, 3 min 20 s, 25 min, 1 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return Text(f"{whole} 秒", f"{whole} s")
    minutes, rest = divmod(whole, 60)
    if whole < 600:
        tail = Text(f" {rest} 秒", f" {rest} s") if rest else Text("", "")
        return Text(f"{minutes} 分{tail.zh or '钟'}", f"{minutes} min{tail.en}")
    minutes = round(whole / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return Text(f"{minutes} 分钟", f"{minutes} min")
    return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")


def roughly_lasting(seconds: float) -> Text:
    """Return an estimated length of time, no finer than it is known: in tens of seconds, from two minutes on in minutes."""
    step = 10 if seconds < 120 else 60
    return lasting(math.ceil(seconds / step) * step)
