"""What a vacated or inefficient space may become, by dated lists of allowed, conditional and prohibited uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.book import Rules
from hutong.rules.reading import AUTHORITY_KEYS, Authority, Reader, open_law
from hutong.text import Text

#: From the one that outweighs all others; what no list speaks of is unknown.
VERDICTS = ("prohibited", "conditional", "allowed", "unknown")
ZONES = frozenset({"none", "control_zone", "historic_block"})
_LIST = (
    frozenset(
        {
            "title",
            "holds_in",
            "from",
            "until",
            "spaces",
            "zones",
            "allowed",
            "conditional",
            "prohibited",
            "unread",
        }
    )
    | AUTHORITY_KEYS
)


@dataclass(frozen=True, slots=True)
class Use:
    """A new use; ``facility`` is the kind of facility whose gap it fills, or ""."""

    id: str
    title: Text
    facility: str = ""


@dataclass(frozen=True, slots=True)
class UseList:
    """One dated list: what it says of each use (verdict and what must be met), for which spaces and zones.

    A use on which the list speaks in items that were not read is unknown, with what must be looked up.
    """

    id: str
    title: Text
    holds_in: tuple[str, ...]
    since: dt.date
    until: dt.date | None
    spaces: tuple[str, ...]
    zones: tuple[str, ...]
    says: Mapping[str, tuple[str, Text | None]]
    authority: Authority


@dataclass(frozen=True, slots=True)
class UseVerdict:
    """Whether a use may go into a space, what must be met or looked up first, and the lists that say so."""

    use: str
    verdict: str
    conditions: tuple[Text, ...]
    lists: tuple[UseList, ...]


@dataclass(frozen=True, slots=True)
class UseBook:
    """The words and lists of one file."""

    spaces: Mapping[str, Text]
    uses: Mapping[str, Use]
    lists: tuple[UseList, ...]


@cache
def use_book() -> UseBook:
    """Return the spaces, uses and lists that come with Hutong."""
    with as_file(files(__package__).joinpath("uses.yaml")) as path:
        return read_uses(path)


def use_verdict(
    use: str, space: str, rules: Rules, zone: str = "", on: dt.date | None = None, book: UseBook | None = None
) -> UseVerdict:
    """Return what the lists in force say of a new use in a space.

    Parameters
    ----------
    use, space
        From :func:`use_book`.
    zone
        Heritage zone of the plot; "" where unknown: then a list for some zones that could change the verdict makes it
        unknown.
    on
        The day; by default that of the rules.

    Raises
    ------
    HutongError
        ``bad-use`` for a use, space or zone that does not exist.
    """
    book = book or use_book()
    if use not in book.uses or space not in book.spaces or (zone and zone not in ZONES):
        raise HutongError(
            "bad-use",
            Text(
                f"没有用途 {use!r}、空间 {space!r} 或范围 {zone!r}。",
                f"There is no use {use!r}, space {space!r} or zone {zone!r}.",
            ),
            Text(
                f"用途：{'、'.join(book.uses)}；空间：{'、'.join(book.spaces)}。",
                f"Uses: {', '.join(book.uses)}; spaces: {', '.join(book.spaces)}.",
            ),
        )
    day = on or rules.on
    speaking = [
        (x, *x.says[use])
        for x in book.lists
        if use in x.says
        and set(x.holds_in) & set(rules.lineage)
        and x.since <= day
        and (x.until is None or day <= x.until)
        and (not x.spaces or space in x.spaces)
        and (not x.zones or not zone or zone in x.zones)
    ]
    # where the zone is not known, a list for some zones may hold or not
    open_ = [v for x, v, _ in speaking if x.zones and not zone]
    sure = [v for x, v, _ in speaking if not x.zones or zone]
    verdict = min(sure, key=VERDICTS.index, default="unknown")
    unread = verdict != "prohibited" and "unknown" in sure
    if unread or any(VERDICTS.index(v) < VERDICTS.index(verdict) for v in open_):
        verdict = "unknown"
    conditions = tuple(dict.fromkeys(c for _, v, c in speaking if v == verdict and c is not None))
    return UseVerdict(use, verdict, conditions, tuple(x for x, _, _ in speaking))


def read_uses(path: Path) -> UseBook:
    """Read a file of spaces, uses and lists.

    Raises
    ------
    HutongError
        ``rules-broken``, with one row per fault: file, line and the form expected.
    """
    raw, lines = open_law(path)
    return _Reader(path, lines).book(raw)


class _Reader(Reader):
    def book(self, raw: Any) -> UseBook:
        top = self.mapping(raw, (), "keys spaces, uses and lists")
        self.keys(top, frozenset({"spaces", "uses", "lists"}), ())
        spaces = {
            k: self.text(v, ("spaces", k)) or Text(k, k)
            for k, v in self.mapping(top.get("spaces"), ("spaces",), "{name: {zh, en}}").items()
        }
        uses = {
            k: self.use(k, v, ("uses", k))
            for k, v in self.mapping(top.get("uses"), ("uses",), "{name: {zh, en}}").items()
        }
        found = self.mapping(top.get("lists"), ("lists",), "{name: {title, from, ...}}")
        lists = tuple(
            self.list_(k, v, ("lists", k), frozenset(spaces), frozenset(uses)) for k, v in found.items()
        )
        self.done()
        return UseBook(spaces, uses, lists)

    def use(self, name: str, raw: Any, where: tuple[Any, ...]) -> Use:
        spec = self.mapping(raw, where, "{zh, en}")
        self.keys(spec, frozenset({"zh", "en", "facility"}), where)
        title = self.text({k: spec.get(k) for k in ("zh", "en")}, where) or Text(name, name)
        return Use(name, title, self.word(spec, "facility", where) or "")

    def list_(
        self, name: str, raw: Any, where: tuple[Any, ...], spaces: frozenset[str], uses: frozenset[str]
    ) -> UseList:
        spec = self.mapping(raw, where, "{title, holds_in, from, spaces, zones, ...}")
        self.keys(spec, _LIST, where)
        says: dict[str, tuple[str, Text | None]] = {}
        for verdict in ("allowed", "prohibited"):
            for use in self.names(spec.get(verdict), (*where, verdict), uses):
                says[use] = (verdict, None)
        for key, verdict in (("conditional", "conditional"), ("unread", "unknown")):
            for use, need in self.mapping(spec.get(key) or {}, (*where, key), "{use: {zh, en}}").items():
                if use not in uses:
                    self.fault(
                        (*where, key, use), f"{use!r} is not known; expected one of {', '.join(sorted(uses))}"
                    )
                if use in says:
                    self.fault((*where, key, use), f"{use!r} stands twice in the list")
                says[use] = (verdict, self.text(need, (*where, key, use)))
        if not says:
            self.fault(where, f"{name} says nothing; expected allowed, conditional, prohibited or unread")
        return UseList(
            id=name,
            title=self.text(spec.get("title"), (*where, "title")) or Text(name, name),
            holds_in=self.names(spec.get("holds_in"), (*where, "holds_in")),
            since=self.date(spec.get("from"), (*where, "from")),
            until=self.date(spec["until"], (*where, "until")) if "until" in spec else None,
            spaces=self.names(spec.get("spaces"), (*where, "spaces"), spaces),
            zones=self.names(spec.get("zones"), (*where, "zones"), ZONES),
            says=says,
            authority=self.authority(spec, where),
        )
