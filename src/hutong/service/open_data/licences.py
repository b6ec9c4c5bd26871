"""The licences that an office may choose (``licences.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hutong.city.schema import read_yaml
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its SPDX id, name, address of its text, and what it asks in one sentence."""

    id: str
    title: Text
    url: str
    says: Text


@cache
def licences() -> dict[str, Licence]:
    """Return the licences by id, the default first."""
    raw = read_yaml(files(__package__).joinpath("licences.yaml").read_text("utf-8"))
    return {k: Licence(k, Text.of(r), r["url"], Text.of(r["says"])) for k, r in raw.items()}


DEFAULT = next(iter(licences()))
