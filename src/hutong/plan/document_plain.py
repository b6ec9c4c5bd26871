"""A scheme document as plain data and back: what a database or a page keeps while a scheme is being composed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hutong.plan.document import Choice, SchemeDocument, Uncounted
from hutong.text import Text

_WORDS = ("id", "city", "snapshot", "jurisdiction", "based_on")


def to_plain(document: SchemeDocument) -> dict[str, Any]:
    """Return a document as mappings, lists, numbers and words; :func:`from_plain` returns it whole."""
    return {
        **{k: getattr(document, k) for k in _WORDS},
        "title": _both(document.title),
        "note": _both(document.note),
        "choices": {k: choice_to_plain(c) for k, c in document.choices.items()},
        "far_bonus": document.far_bonus,
        "uncounted": {k: {"kind": u.kind, "m2": u.m2} for k, u in document.uncounted.items()},
        "terms": dict(document.terms),
        "budget": dict(document.budget),
        "justifications": {k: _both(t) for k, t in document.justifications.items()},
    }


def from_plain(raw: Mapping[str, Any]) -> SchemeDocument:
    """Return the document of :func:`to_plain`."""
    return SchemeDocument(
        **{k: raw[k] for k in _WORDS},
        title=Text.of(raw["title"]),
        note=Text.of(raw["note"]),
        choices={k: choice_from_plain(c) for k, c in raw["choices"].items()},
        far_bonus=raw["far_bonus"],
        uncounted={k: Uncounted(u["kind"], u["m2"]) for k, u in raw["uncounted"].items()},
        terms=raw["terms"],
        budget=raw["budget"],
        justifications={k: Text.of(t) for k, t in raw["justifications"].items()},
    )


def choice_to_plain(choice: Choice) -> list[Any]:
    """Return a choice as ``[measures, offer, year]``."""
    return [sorted(choice.measures), choice.offer, choice.year]


def choice_from_plain(raw: list[Any]) -> Choice:
    """Return the choice of :func:`choice_to_plain`."""
    return Choice(tuple(raw[0]), raw[1], raw[2])


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
