"""The licences that an office may choose (``licences.yaml``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hutong.city.schema import read_yaml
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its SPDX id, name, address of its text, and what it asks in one sentence.

    ``alike``: words by which a source's own name of it is known, where what is made of such a source stays under it.
    """

    id: str
    title: Text
    url: str
    says: Text
    alike: tuple[str, ...] = ()


@cache
def licences() -> dict[str, Licence]:
    """Return the licences by id, the default first."""
    raw = read_yaml(files(__package__).joinpath("licences.yaml").read_text("utf-8"))
    return {
        k: Licence(k, Text.of(r), r["url"], Text.of(r["says"]), tuple(r.get("alike", ())))
        for k, r in raw.items()
    }


def licence_under(chosen: Licence, sources: Iterable[Mapping[str, str]]) -> Licence:
    """Return the licence of data made from a snapshot's sources: one that binds what is made of them, or the one that was chosen."""
    named = [s["licence"].lower() for s in sources]
    for one in licences().values():
        if any(word in name for word in one.alike for name in named):
            return one
    return chosen


DEFAULT = next(iter(licences()))
