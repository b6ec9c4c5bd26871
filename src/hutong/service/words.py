"""What pages say: the project's two-language texts in the reader's language.

The live service speaks as the rest of Hutong does, in ``Text(zh, en)``: both languages stand side by side where a
sentence is written, so none can be missing (docs/decisions/701-service-texts.md).
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from hutong.errors import HutongError, row_text
from hutong.text import Lang, Text


def lang() -> Lang:
    """Return the language of the current request: Chinese unless it is English."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def say(zh: str, en: str) -> str:
    """Return a sentence in the reader's language."""
    return Text(zh, en).get(lang())


def spoken(text: Text) -> str:
    """Return a text in the reader's language."""
    return text.get(lang())


def spoken_rows(error: HutongError) -> list[str]:
    """Return what an error says of each row, in the reader's language."""
    return [spoken(row_text(row)) for row in error.rows]


def error_words(error: HutongError) -> str:
    """Return what is wrong and what to do in the reader's language, for the field where it can be mended."""
    return say(f"{error.what.zh}{error.hint.zh}", f"{error.what.en} {error.hint.en}")


#: A sentence that waits for its reader: for labels of forms, which are made once.
later: Any = lazy(say, str)


def done_words(title: Text) -> str:
    """Return that something was done, for the notice above the page it leads to."""
    return say(f"已办：{title.zh}。", f"Done: {title.en[:1].lower()}{title.en[1:]}.")
