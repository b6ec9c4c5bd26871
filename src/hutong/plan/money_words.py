"""What parties and kinds of payment are called (``money_words.yaml``); an unknown id is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from hutong.city.schema import read_yaml
from hutong.text import Text


@cache
def _words() -> Mapping[str, Mapping[str, Text]]:
    raw = read_yaml(files(__package__).joinpath("money_words.yaml").read_text("utf-8"))
    return {part: {k: Text.of(v) for k, v in raw[part].items()} for part in ("parties", "lines")}


def party_title(party: str) -> Text:
    """Return what a party is called."""
    return _words()["parties"].get(party, Text(party, party))


def line_title(line: str) -> Text:
    """Return what a kind of payment is called."""
    return _words()["lines"].get(line, Text(line.replace("_", " "), line.replace("_", " ")))
