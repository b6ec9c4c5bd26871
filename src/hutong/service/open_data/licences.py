"""The licences that an office may choose (``licences.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hutong.city.schema import read_yaml
from hutong.text import Text

#: What a source says whose data are the office's own: the office decides.
OWN = {"internal", "owndata", "own", "内部", "自有", "自有数据"}
#: Software licences that data come under too and that ask for no more than to be named.
NAMED = {"mit", "apache20"}
#: Words of licences that are not open: no sale, no change.
CLOSED = ("bync", "bynd", "noncommercial", "noderiv", "非商业", "禁止演绎")


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its SPDX id, name, address of its text, and what it asks in one sentence.

    ``called``: words by which a source's own name of it is known. ``alike``: what is made of such a source stays under it.
    ``free``: it sets no condition, not even to be named.
    """

    id: str
    title: Text
    url: str
    says: Text
    called: tuple[str, ...] = ()
    alike: bool = False
    free: bool = False


#: What stands where no licence can be told: that of a source is not known, or two of them exclude each other.
UNKNOWN = Licence(
    "unknown",
    Text("许可不明", "Licence not known"),
    "",
    Text(
        "有来源的许可不明或不开放，或几个来源的许可互不相容；使用前须向列出的来源取得许可。",
        "A source's licence is not known or not open, or those of two exclude each other; ask the sources listed before use.",
    ),
)


@cache
def licences() -> dict[str, Licence]:
    """Return the licences by id, the default first."""
    raw = read_yaml(files(__package__).joinpath("licences.yaml").read_text("utf-8"))
    return {
        k: Licence(
            k,
            Text.of(r),
            r["url"],
            Text.of(r["says"]),
            tuple(r["called"]),
            r.get("alike", False),
            r.get("free", False),
        )
        for k, r in raw.items()
    }


def told_licence(id_: str) -> Licence:
    """Return the licence that a table was given under, which may be that none could be told; raise ``KeyError`` for another."""
    return UNKNOWN if id_ == UNKNOWN.id else licences()[id_]


def _plain(named: str) -> str:
    """Return a licence's name as its letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", named.lower())


def licence_named(named: str) -> Licence:
    """Return the licence that a source names in its own words; :data:`UNKNOWN` for no name, an unknown one, or one not open."""
    plain = _plain(named)
    if any(word in plain for word in CLOSED):
        return UNKNOWN
    found = [one for one in licences().values() if any(word in plain for word in one.called)]
    binding = [one for one in found if one.alike]
    return next(iter(binding or found), UNKNOWN)


def licence_under(chosen: Licence, sources: Iterable[Mapping[str, str]]) -> Licence:
    """Return the licence of data made from a snapshot's sources.

    One that binds what is made of its data goes before the one that was chosen. Where a source's is not known or not open, or two
    bind differently, it is :data:`UNKNOWN`. Where a source asks to be named, nobody gives what is made of it without that condition:
    instead of one that sets none, it is the default. An office's own data (:data:`OWN`) come under what it chose.
    """
    named = {name: licence_named(name) for s in sources if _plain(name := s["licence"]) not in OWN}
    named |= {name: licences()[DEFAULT] for name in named if _plain(name) in NAMED}
    found = set(named.values())
    binding = {one for one in found if one.alike}
    if UNKNOWN in found or len(binding) > 1:
        return UNKNOWN
    if binding:
        return binding.pop()
    return licences()[DEFAULT] if chosen.free and any(not one.free for one in found) else chosen


DEFAULT = next(iter(licences()))
