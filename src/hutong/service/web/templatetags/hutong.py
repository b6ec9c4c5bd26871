"""The tags and filters of the design system; every template has them without loading."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import segno
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

import rules
from hutong.agree.offers import whole_yuan as offer_yuan
from hutong.errors import row_text
from hutong.few import FEWEST_PEOPLE
from hutong.report.format import day as day_text
from hutong.report.format import in_unit
from hutong.report.map_layers import GRADES
from hutong.report.words import word as word_of
from hutong.service.words import lang, say, spoken
from hutong.text import UNKNOWN, Text, lasting, roughly_lasting
from hutong.text import number as number_text
from hutong.text import percent as percent_text
from hutong.text import yuan as yuan_text

register = template.Library()

#: The shape of each status mark in a 16 × 16 box; shape and colour say the same.
MARKS = {
    "good": '<circle cx="8" cy="8" r="6.5"/>',
    "watch": '<path d="M8 1.5a6.5 6.5 0 0 1 0 13z"/><circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "warn": '<path d="M8 1.5 15 14H1z"/>',
    "alarm": '<rect x="2" y="2" width="12" height="12"/>',
    "same": '<path d="M2 5h12v2H2zM2 9.5h12v2H2z"/>',
    "unknown": '<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2"/>',
}


@register.simple_tag
def t(zh: str, en: str) -> str:
    """Return a sentence in the reader's language: ``{% t "你好" "Hello" %}``."""
    return say(zh, en)


@register.simple_tag
def fewest() -> int:
    """Return the fewest people or households that a published count may be about."""
    return FEWEST_PEOPLE


@register.simple_tag
def people(count: float | None) -> str:
    """Return a count of people, of whom there are some, as :func:`hutong.few.told` gave it: few are not counted out."""
    return say(f"不到 {FEWEST_PEOPLE}", f"under {FEWEST_PEOPLE}") if count is None else f"{count:,.0f}"


@register.filter
def text(value: Any) -> str:
    """Return a ``Text`` (or ``{zh, en}``) in the reader's language."""
    if value is None or value == "":
        return ""
    return spoken(Text.of(value)) if isinstance(value, Text | dict) else str(value)


@register.simple_tag
def word(group: str, key: Any) -> str:
    """Return what an identifier is called: ``{% word "tenure" home.tenure %}``."""
    return spoken(word_of(group, str(key)))


@register.simple_tag
def mark(status: str, label: str = "") -> SafeString:
    """Return a status as shape, colour and word."""
    shape = SafeString(MARKS[status])
    said = label or spoken(word_of("status", status))
    return format_html(
        '<span class="mark {}"><svg class="sym" viewBox="0 0 16 16" aria-hidden="true">{}</svg>{}</span>',
        status,
        shape,
        said,
    )


@register.simple_tag
def clock(status: str) -> SafeString:
    """Return how a time limit stands, as shape, colour and word."""
    return mark(status, spoken(word_of("clock", status)))


@register.filter
def row(value: str) -> str:
    """Return what an error says of a row, in the reader's language."""
    return spoken(row_text(value))


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """Return a number with separators; unknown is said in a word."""
    return number_text(_float(value), lang(), digits)


@register.filter
def percent(value: Any, digits: int = 0) -> str:
    """Return a share in [0, 1] as a percentage."""
    return percent_text(_float(value), lang(), digits)


@register.filter
def unit(value: Any, name: str) -> str:
    """Return a figure in a unit of the indicators' registry."""
    return spoken(in_unit(_float(value), name))


@register.filter
def money(value: Any) -> str:
    """Return an amount of yuan as people read it; unknown is said in a word."""
    return yuan_text(_float(value), lang())


@register.filter
def whole_yuan(value: int) -> str:
    """Return an amount to the yuan, as offers are made."""
    return spoken(offer_yuan(value))


@register.filter
def points(value: Any) -> str:
    """Return a share in basis points as a percentage; unknown is said in a word."""
    return percent_text(None if value is None else value / 10_000, lang())


def _float(value: Any) -> float | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else float(value)


@register.filter
def day(value: Any) -> str:
    """Return a date as 2026年11月23日 / 23 Nov 2026."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return spoken(day_text(value.isoformat() if isinstance(value, dt.date) else str(value)))


@register.filter
def moment(value: dt.datetime | None) -> str:
    """Return a time of day with its date."""
    return "" if value is None else f"{day(value)} {timezone.localtime(value):%H:%M}"


@register.simple_tag
def qr(address: str) -> SafeString:
    """Return an address as a code that a phone reads, drawn here."""
    drawn = segno.make(address, error="m").svg_inline(scale=5, omitsize=True, svgclass="qr", lineclass=None)
    return SafeString(drawn)


@register.simple_tag(takes_context=True)
def may(context: Any, permission: str, subject: Any = None) -> bool:
    """Return whether the reader holds a permission: ``{% may "twin.import" quarter as allowed %}``."""
    return bool(rules.has_perm(permission, context["request"].user, subject))


@register.inclusion_tag("web/part/follows.html", takes_context=True)
def follows(context: Any, subject: Any) -> dict[str, Any]:
    """Show what comes after an object, in every stage, and who is at turn: ``{% follows finding %}``."""
    from hutong.service.web.stage import stages

    user = context["request"].user
    return {"rows": [item for stage in stages() for item in stage.follows(user, subject)]}


#: Columns whose values are words, and the group of words that names them.
_WORDED = {
    "use": "building_use",
    "form": "building_form",
    "structure": "structure",
    "heritage_grade": "heritage_grade",
    "heating": "heating",
}
_UNITS = {"height_m": "m", "floor_area_m2": "m2"}


@register.simple_tag
def fact_value(column: str, value: Any) -> str:
    """Return a value of a building as people read it; unknown is said in a word."""
    if value is None or value == "":
        return spoken(UNKNOWN)
    if isinstance(value, bool):
        return (
            say("有" if column in ("lift", "insulated") else "是", "yes")
            if value
            else say("无" if column in ("lift", "insulated") else "否", "no")
        )
    if column.startswith("cond_"):
        return grade(value)
    if column in _WORDED:
        return spoken(word_of(_WORDED[column], str(value)))
    if column in _UNITS:
        return spoken(in_unit(float(value), _UNITS[column]))
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.filter
def lasts(seconds: float) -> str:
    """Return seconds as people say how long something took."""
    return spoken(lasting(seconds))


@register.filter
def about_lasts(seconds: float) -> str:
    """Return seconds as people say how long something may take."""
    return spoken(roughly_lasting(seconds))


@register.simple_tag
def grade(value: Any) -> str:
    """Return a condition grade 1–4 as its letter and word."""
    if value is None:
        return spoken(UNKNOWN)
    return spoken(GRADES[min(3, max(0, round(value) - 1))])
