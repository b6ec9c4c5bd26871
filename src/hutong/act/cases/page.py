"""The machine of cases as a page of the documentation."""

from __future__ import annotations

from hutong.act import machine_page as pages
from hutong.act.cases.machine import machine
from hutong.text import Lang


def machine_page(lang: Lang) -> str:
    """Return the states as a Mermaid diagram and the events as a table, in Markdown."""
    return pages.machine_page(machine(), lang)
