"""The floor-area account: double entry in whole cm², each entry with its approval, no balance below zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

import yaml

from hutong.errors import HutongError
from hutong.rules import UNCOUNTED_KINDS, Rules
from hutong.text import Text, number

OUTSIDE = "outside"
REVERSE = "reverse"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry: between which accounts, of one place or two, and the rule that must allow it ("": none)."""

    id: str
    title: Text
    source: str
    target: str
    across: bool
    rule: str


@cache
def accounts() -> Mapping[str, Text]:
    """Return the accounts that every place has, by id."""
    return {k: Text.of(v) for k, v in _raw()["accounts"].items()}


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of entry, by id."""
    return {
        k: Kind(k, Text.of(v["title"]), v["from"], v["to"], v.get("across", False), v.get("rule", ""))
        for k, v in _raw()["kinds"].items()
    }


@cache
def counted() -> tuple[str, ...]:
    """Return the accounts that count towards what a place may have."""
    return tuple(_raw()["counted"])


@cache
def _raw() -> Mapping[str, Mapping]:
    return dict(
        yaml.safe_load(resources.files(__package__).joinpath("kinds.yaml").read_text(encoding="utf-8"))
    )


@dataclass(frozen=True, slots=True)
class Booking:
    """What is to be booked.

    ``place`` gives and ``to`` receives, where area moves between places; else ``to`` is empty. ``uncounted`` is the kind
    of uncounted area; ``of`` the number of the entry that is reversed.
    """

    kind: str
    day: dt.date
    place: str
    cm2: int
    approval: str
    to: str = ""
    uncounted: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry: whose account, which, and how much it gains (below 0: gives)."""

    place: str
    account: str
    cm2: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A booked entry: its number from 1, what was booked, and its two legs, which add up to zero."""

    n: int
    booking: Booking
    legs: tuple[Leg, Leg]


@dataclass(frozen=True)
class FloorBook:
    """The account of a district: its places (each with the one it lies in; the district with ""), and its entries."""

    parents: Mapping[str, str]
    entries: tuple[Entry, ...] = ()
    balances: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def balance(self, place: str, account: str) -> int:
        """Return the balance of an account of a place itself, in cm²."""
        return self.balances.get((place, account), 0)

    def within(self, place: str) -> tuple[str, ...]:
        """Return a place and all that lie in it."""
        return tuple(p for p in self.parents if place in self.chain(p))

    def chain(self, place: str) -> Iterator[str]:
        """Yield a place and all it lies in, the smallest first."""
        while place:
            yield place
            place = self.parents[place]

    def book(self, booking: Booking, rules: Rules) -> FloorBook:
        """Return the account with one more entry.

        Raises
        ------
        HutongError
            ``floor-booking``, saying what is wrong; nothing is booked.
        """
        source, target = self._legs(booking, rules)
        balances = dict(self.balances)
        for leg in (source, target):
            key = (leg.place, leg.account)
            balances[key] = balances.get(key, 0) + leg.cm2
            if balances[key] < 0 and leg.account != OUTSIDE:
                title = accounts()[leg.account]
                has = [number(self.balance(*key) / 1e4, lang, 4) for lang in ("zh", "en")]  # type: ignore[arg-type]
                raise _error(
                    f"{leg.place} 的“{title.zh}”只有 {has[0]} m²，不够 {booking.cm2 / 1e4:,.4f} m²",
                    f"{leg.place} has {has[1]} m² in “{title.en}”, less than {booking.cm2 / 1e4:,.4f} m²",
                )
        entry = Entry(len(self.entries) + 1, booking, (source, target))
        return replace(self, entries=(*self.entries, entry), balances=balances)

    def _legs(self, b: Booking, rules: Rules) -> tuple[Leg, Leg]:
        kind = kinds().get(b.kind)
        if kind is None:
            raise _error(f"没有分录种类 {b.kind}", f"There is no kind of entry {b.kind!r}")
        for place in (b.place, b.to):
            if place and place not in self.parents:
                raise _error(f"没有地点 {place}", f"There is no place {place!r}")
        if not b.approval.strip():
            raise _error("缺少批准文号", "The approval is not cited")
        if isinstance(b.cm2, bool) or not isinstance(b.cm2, int) or b.cm2 <= 0:
            raise _error("面积应为大于零的整数（cm²）", "The area is a whole number of cm² above zero")
        if b.kind == REVERSE:
            return self._reversed(b)
        if kind.across != bool(b.to) or b.to == b.place:
            raise _error("转移应写明两个不同地点，其他分录只写一个", "What moves names two different places; other entries name one")  # fmt: skip
        if kind.across and [*self.chain(b.place)][-1] != [*self.chain(b.to)][-1]:
            raise _error("规模只能在同一区内转移", "Floor area moves within one district only")
        self._allowed(kind, b, rules)
        return Leg(b.place, kind.source, -b.cm2), Leg(b.to or b.place, kind.target, b.cm2)

    def _allowed(self, kind: Kind, b: Booking, rules: Rules) -> None:
        if (kind.id == "uncounted") != bool(b.uncounted) or (
            b.uncounted and b.uncounted not in UNCOUNTED_KINDS
        ):
            raise _error(
                f"不计容种类应为 {'、'.join(UNCOUNTED_KINDS)}，其他分录不写",
                f"Uncounted area is one of {', '.join(UNCOUNTED_KINDS)}; other entries name none",
            )
        rule = kind.rule.format(kind=b.uncounted)
        if rule and not (rule in rules and rules.flag(rule)):
            raise _error(
                f"{rules.title.zh}的规则（{rule}）不允许“{kind.title.zh}”",
                f"The rules of {rules.title.en} ({rule}) do not allow “{kind.title.en}”",
            )

    def _reversed(self, b: Booking) -> tuple[Leg, Leg]:
        found = next((e for e in self.entries if e.n == b.of), None)
        if found is None or found.booking.kind == REVERSE:
            raise _error(f"没有可冲销的第 {b.of} 笔", f"There is no entry {b.of} to reverse")
        if any(e.booking.kind == REVERSE and e.booking.of == b.of for e in self.entries):
            raise _error(f"第 {b.of} 笔已冲销", f"Entry {b.of} is reversed already")
        if b.cm2 != found.booking.cm2 or b.place != found.booking.place or b.to or b.uncounted:
            raise _error("冲销应与原分录同一地点、同一面积", "A reversal has the place and area of its entry")
        first, second = found.legs
        return replace(second, cm2=-second.cm2), replace(first, cm2=-first.cm2)


def open_book(parents: Mapping[str, str]) -> FloorBook:
    """Return an empty account; it raises ``floor-places`` for a place that lies in no known one, or in itself."""
    odd = sorted({p for p in parents.values() if p and p not in parents})
    for place in parents:
        seen, at = set(), place
        while at and at not in seen and at in parents:
            seen.add(at)
            at = parents[at]
        if at in seen:
            odd.append(place)
    if odd or not parents:
        raise HutongError(
            "floor-places",
            Text(f"地点 {'、'.join(odd) or '（无）'} 不成层级。", f"The places {', '.join(odd) or '(none)'} form no tree."),
            Text("请写明每个地点所在的上级，最上级留空。", "Name for each place the one it lies in, and none for the topmost."),
        )  # fmt: skip
    return FloorBook(dict(parents))


def booked(book: FloorBook, bookings: Iterable[Booking], rules: Rules) -> FloorBook:
    """Return the account with several entries, all or none; ``floor-booking`` names the rows that do not fit."""
    rows = []
    for at, booking in enumerate(bookings, start=1):
        try:
            book = book.book(booking, rules)
        except HutongError as caught:
            rows.append(f"entry {at}: {caught.what.zh} / {caught.what.en}")
    if rows:
        raise HutongError(
            "floor-booking",
            Text(
                f"有 {len(rows)} 笔不能入账，整份未入账。", f"{len(rows)} entries cannot be booked; none was."
            ),
            Text("请改正所列各笔。", "Mend the entries listed."),
            rows,
        )
    return book


def _error(zh: str, en: str) -> HutongError:
    return HutongError(
        "floor-booking",
        Text(f"{zh}。", f"{en}."),
        Text("请核对批准文件和账户余额。", "Look at the approval and the balances."),
    )
