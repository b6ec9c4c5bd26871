"""The names on the page of what tables and results call by an identifier (``words.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hutong.city.schema import read_yaml
from hutong.text import Text


@cache
def _words() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = read_yaml(files(__package__).joinpath("words.yaml").read_text("utf-8"))
    return read


def word(group: str, key: str) -> Text:
    """Return the name of ``key``; an identifier without a name stands for itself, so that it is seen."""
    entry = _words()[group].get(key)
    return Text(key, key.replace("_", " ")) if entry is None else Text.of(entry)


def words(group: str) -> dict[str, Text]:
    """Return every name of a group in file order."""
    return {key: Text.of(entry) for key, entry in _words()[group].items()}


@cache
def facility_words() -> dict[str, tuple[Text, str]]:
    """Return, by facility kind, its name and its group (the city's own catalogue)."""
    raw = read_yaml(files("hutong.city").joinpath("facility_kinds.yaml").read_text("utf-8"))
    return {kind: (Text.of(spec), spec["group"]) for kind, spec in raw.items()}


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of consent: its name, its rule in words, and the parameters that the words quote."""

    title: Text
    explain: Text
    needs: Mapping[str, str]


@cache
def matter_words() -> dict[str, Matter]:
    """Return the kinds of consent as a resident reads them."""
    return {
        key: Matter(Text.of(v["title"]), Text.of(v["explain"]), v["needs"])
        for key, v in _words()["matter"].items()
    }


def glossary() -> dict[str, tuple[Text, Text]]:
    """Return the terms the page explains: name and meaning."""
    return {k: (Text.of(v["term"]), Text.of(v["means"])) for k, v in _words()["glossary"].items()}
