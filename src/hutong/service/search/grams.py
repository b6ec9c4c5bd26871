"""Text as tokens that find Chinese words of any length: each pair of neighbouring characters, and whole Latin words.

A token is written in plain letters and digits (a character as its number), so that no tokenizer of a database splits or
folds it: both databases find the same.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
#: Stands between fields, so that no word is found across them.
BREAK = "x"
#: At most so many words of a query, and so many characters of a text.
MOST_WORDS, LONGEST = 6, 4000


def plain(text: str) -> str:
    """Return text with full-width forms and capitals as plain ones."""
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order: of Chinese the pairs and the last character alone, of others whole words."""
    out: list[str] = []
    for run in _RUNS.findall(plain(text)[:LONGEST]):
        if _IS_HAN.match(run):
            out += [_number(a) + _number(b) for a, b in itertools.pairwise(run)]
            out.append(_number(run[-1]))
        else:
            out.append("w" + "".join(c if c.isascii() else _number(c) for c in run))
    return out


def _number(character: str) -> str:
    return f"u{ord(character):x}"


@lru_cache(maxsize=1024)
def _joined(field: str) -> str:  # many things lie in the same estate
    return " ".join(tokens(field))


def grams(kind: str, *fields: str) -> str:
    """Return what is kept of fields: the kind, then the tokens of each."""
    parts = [_joined(field) for field in fields if field]
    return f" {BREAK} ".join([f"k{kind}", *parts])


def phrases(query: str) -> list[tuple[list[str], bool]]:
    """Return the words of a query: of each its tokens, which follow one another, and whether the last is a beginning."""
    out = []
    for word in plain(query).split()[:MOST_WORDS]:
        found = tokens(word)
        if not found:
            continue
        han = found[-1].startswith("u")
        if han and len(found) > 1 and found[-2].startswith("u"):
            out.append((found[:-1], False))  # the text may go on after the last character
        else:
            out.append((found, True))
    return out


def fts5(query: str, kind: str) -> str:
    """Return a query as FTS5 reads it; empty if there is nothing to look for."""
    parts = [f'"{" ".join(p)}"{" *" if begins else ""}' for p, begins in phrases(query)]
    return " AND ".join([f'"k{kind}"', *parts]) if parts else ""


def tsquery(query: str, kind: str) -> str:
    """Return a query as PostgreSQL's ``to_tsquery`` reads it; empty if there is nothing to look for."""
    parts = [f"({' <-> '.join(p)}{':*' if begins else ''})" for p, begins in phrases(query)]
    return " & ".join([f"k{kind}", *parts]) if parts else ""
