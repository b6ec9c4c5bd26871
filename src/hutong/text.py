"""Words that people read, in Chinese and English, and numbers as people read them."""

from __future__ import annotations

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


def number(value: float | None, lang: Lang = "en", digits: int = 0) -> str:
    """Format a number with thousands separators; ``None`` and NaN read as unknown."""
    if value is None or math.isnan(value):
        return UNKNOWN.get(lang)
    return f"{value:,.{digits}f}".replace("-", "−")


def percent(share: float | None, lang: Lang = "en", digits: int = 0) -> str:
    """Format a share in [0, 1] as a percentage."""
    if share is None or math.isnan(share):
        return UNKNOWN.get(lang)
    return f"{share * 100:.{digits}f}%".replace("-", "−")


def yuan(value: float | None, lang: Lang = "en") -> str:
    """Format an amount of money: 万/亿 in Chinese, k/m/bn in English, three significant figures."""
    if value is None or math.isnan(value):
        return UNKNOWN.get(lang)
    units: tuple[tuple[float, str], ...] = (
        ((1e8, "亿元"), (1e4, "万元"), (1, "元"))
        if lang == "zh"
        else ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1, ""))
    )
    sign = "−" if value < 0 else ""
    size = abs(value)
    scale, unit = next(((s, u) for s, u in units if size >= s), units[-1])
    scaled = size / scale
    if scaled == 0:
        shown = "0"
    else:
        decimals = max(0, 2 - math.floor(math.log10(scaled))) if scale > 1 else 0
        shown = f"{scaled:,.{min(decimals, 2)}f}"
        if "." in shown:
            shown = shown.rstrip("0").rstrip(".")
    return f"{sign}{shown} {unit}" if lang == "zh" else f"{sign}¥{shown}{unit}"
