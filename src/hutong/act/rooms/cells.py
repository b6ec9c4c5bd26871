"""Cells of an office's form, checked one by one: what is wrong is said in a few words, in both languages."""

from __future__ import annotations

import datetime as dt
import math


def word_fault(cell: str, low: int, high: int) -> str:
    """Return what is wrong with a text of ``low`` to ``high`` characters, "" if nothing."""
    return "" if low <= len(cell) <= high else f"{low} to {high} characters / {low} 至 {high} 字"


def choice_fault(cell: str, known: tuple[str, ...], blank: bool = False) -> str:
    """Return what is wrong with a cell that takes one of some words."""
    if cell in known or (blank and not cell):
        return ""
    return f"{cell!r}; one of {', '.join(known)} / 应为所列之一"


def number_fault(cell: str, low: float, high: float, whole: bool = False, blank: bool = True) -> str:
    """Return what is wrong with a number from ``low`` to ``high``; blank is unknown where that is allowed."""
    if not cell and blank:
        return ""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not low <= value <= high or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        return f"{cell!r}; {kind} from {low:g} to {high:g} / 应为 {low:g} 至 {high:g} 的{'整数' if whole else '数'}"
    return ""


def day_fault(cell: str, blank: bool = True) -> str:
    """Return what is wrong with a day written as 2026-12-31."""
    if not cell and blank:
        return ""
    try:
        dt.date.fromisoformat(cell)
    except ValueError:
        return f"{cell!r}; a date as 2026-12-31 / 日期写作 2026-12-31"
    return ""


def number_of(cell: str) -> float | None:
    """Return a number that was checked, None for a blank."""
    return float(cell) if cell else None


def whole_of(cell: str) -> int | None:
    """Return a whole number that was checked, None for a blank."""
    return round(float(cell)) if cell else None


def day_of(cell: str) -> dt.date | None:
    """Return a day that was checked, None for a blank."""
    return dt.date.fromisoformat(cell) if cell else None


def flag_of(cell: str) -> bool | None:
    """Return yes or no, None for a blank."""
    return {"yes": True, "no": False}.get(cell)
