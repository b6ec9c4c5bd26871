"""The draw in public: what is published before it, the draw itself, and how anyone checks it.

The draw uses SHA-256 of published text rather than the project's random streams, so that a resident can repeat it
with any tool that computes a SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.agree.sortition import Pool, Quota, Selection
from hutong.agree.sortition_highs import least_deviation
from hutong.agree.sortition_lottery import FairLottery, FairnessCertificate, check_certificate
from hutong.errors import HutongError
from hutong.text import Text

#: Tickets in the urn unless said otherwise.
TICKETS = 1000
#: A shorter salt could be guessed.
_LEAST_SALT = 16


def person_salt(salt: str, person: str) -> str:
    """Return the key of one person, to be handed to that person alone: it opens their own commitment, no other.

    Raises
    ------
    HutongError
        ``short-salt`` if the salt has fewer than 16 characters.
    """
    if len(salt) < _LEAST_SALT:
        raise HutongError(
            "short-salt",
            Text(
                f"盐值只有 {len(salt)} 个字符，容易被猜出。",
                f"The salt has {len(salt)} characters and can be guessed.",
            ),
            Text(f"请使用至少 {_LEAST_SALT} 个随机字符。", f"Use at least {_LEAST_SALT} random characters."),
        )
    return hmac.new(salt.encode(), person.encode(), hashlib.sha256).hexdigest()


def commitment(key: str, person: str, values: Sequence[str]) -> str:
    """Return what is published of a person: SHA-256 of their key, id and categories."""
    text = json.dumps([key, person, *map(str, values)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def commitments(pool: Pool, salt: str) -> tuple[str, ...]:
    """Return everyone's commitment, in the order of the pool."""
    return tuple(
        commitment(person_salt(salt, i), i, list(values))
        for i, values in zip(pool.ids, pool.values, strict=True)
    )


@dataclass(frozen=True)
class PublishedLottery:
    """All that is published before the draw; people appear as numbers only.

    ``entries`` are the sorted commitments; a person's number is the place of theirs, from 0. ``tickets`` are the
    panels, all equally likely. No lottery that meets the quotas can
    give everyone more than ``bound``.
    """

    size: int
    quotas: tuple[Quota, ...]
    entries: tuple[str, ...]
    tickets: tuple[tuple[int, ...], ...]
    bound: Fraction
    complete: bool
    leximin: bool

    @cached_property
    def pool_hash(self) -> str:
        """SHA-256 of the entries, one a line."""
        return hashlib.sha256("\n".join(self.entries).encode()).hexdigest()

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """On how many tickets each number stands."""
        flat = np.array([n for ticket in self.tickets for n in ticket], np.int64)
        return tuple(np.bincount(flat, minlength=len(self.entries)).tolist())

    def chance(self, number: int) -> Fraction:
        """Return the exact chance of a number."""
        return Fraction(self.counts[number], len(self.tickets))

    @property
    def least(self) -> Fraction:
        """The least chance of any number that is on a ticket at all."""
        return Fraction(min((c for c in self.counts if c), default=0), len(self.tickets))

    def text(self) -> str:
        """Return the publication as canonical JSON: the same bytes everywhere."""
        body: dict[str, Any] = {
            "version": 1,
            "size": self.size,
            "quotas": [[q.category, q.value, q.least, q.most] for q in self.quotas],
            "pool_hash": self.pool_hash,
            "entries": list(self.entries),
            "chances": [f"{c}/{len(self.tickets)}" for c in self.counts],
            "bound": str(self.bound),
            "complete": self.complete,
            "leximin": self.leximin,
            "tickets": [list(t) for t in self.tickets],
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of :meth:`text`: publish it before the seed is known."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @classmethod
    def read(cls, text: str) -> PublishedLottery:
        """Read a publication.

        Raises
        ------
        HutongError
            ``bad-lottery`` if it is not one, or its hashes and chances do not follow from the rest.
        """
        try:
            body = json.loads(text)
            found = cls(
                body["size"],
                tuple(Quota(*q) for q in body["quotas"]),
                tuple(body["entries"]),
                tuple(tuple(t) for t in body["tickets"]),
                Fraction(body["bound"]),
                body["complete"],
                body["leximin"],
            )
            same = json.loads(found.text()) == body
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise _bad_lottery([f"{type(error).__name__}: {error}"]) from error
        if not same:
            raise _bad_lottery(["pool hash or chances do not follow from the entries and tickets"])
        return found


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw: the hash published before, the public seed, the ticket drawn and the numbers on it."""

    lottery_hash: str
    seed: str
    ticket: int
    panel: tuple[int, ...]


def publish_lottery(lottery: FairLottery, salt: str, tickets: int = TICKETS) -> PublishedLottery:
    """Turn a lottery into tickets of named numbers, each equally likely.

    Weights are rounded so that the chances move as little as possible; within a kind the places are dealt in turn,
    so that two people of a kind differ by one ticket at most.

    Raises
    ------
    HutongError
        ``short-salt``.
    """
    selection = lottery.selection
    own = commitments(selection.pool, salt)
    entries = tuple(sorted(own))
    number = {entry: at for at, entry in enumerate(entries)}
    people: list[list[int]] = [[] for _ in selection.sizes]
    for kind, entry in zip(selection.kind, own, strict=True):
        people[int(kind)].append(number[entry])
    people = [sorted(numbers) for numbers in people]
    times = _whole_tickets(lottery, tickets)
    next_ = [0] * len(people)
    urn = []
    for panel, count in zip(lottery.panels, times, strict=True):
        for _ in range(int(count)):
            ticket: list[int] = []
            for kind in np.flatnonzero(panel).tolist():
                for _ in range(int(panel[kind])):
                    ticket.append(people[kind][next_[kind] % len(people[kind])])
                    next_[kind] += 1
            urn.append(tuple(sorted(ticket)))
    certificate = lottery.certificate
    return PublishedLottery(
        selection.size,
        selection.quotas,
        entries,
        tuple(urn),
        certificate.bound,
        certificate.complete,
        certificate.leximin,
    )


def _whole_tickets(lottery: FairLottery, tickets: int) -> NDArray[np.int64]:
    """Round weights to whole tickets: each down or up, the largest change of anyone's chance as small as found."""
    exact = [Fraction(int(w) * tickets, int(lottery.weights.sum())) for w in lottery.weights]
    down = np.array([int(e) for e in exact], np.int64)
    rest = tickets - int(down.sum())
    share = lottery.panels / lottery.selection.sizes
    aim = np.array([float(e - int(e)) for e in exact]) @ share
    up = least_deviation(share.T, aim, rest)
    return down + up


def draw_ticket(lottery: PublishedLottery, seed: str) -> Draw:
    """Draw a ticket with a seed that nobody could know when the lottery was published.

    The ticket is SHA-256("hash|seed|0") as a number, modulo the tickets; a number in the last incomplete round of
    2²⁵⁶ is passed over and the counter raised, so that all tickets are exactly equally likely.

    Raises
    ------
    HutongError
        ``no-seed`` if the seed is empty.
    """
    if not seed.strip():
        raise HutongError(
            "no-seed",
            Text("没有公开种子。", "There is no public seed."),
            Text(
                "请使用公布名单之后才产生的公开数字。", "Use public figures that arise after the publication."
            ),
        )
    counter, fair = 0, 2**256 - 2**256 % len(lottery.tickets)
    while True:
        word = hashlib.sha256(f"{lottery.hash}|{seed}|{counter}".encode()).digest()
        value = int.from_bytes(word, "big")
        if value < fair:
            break
        counter += 1
    ticket = value % len(lottery.tickets)
    return Draw(lottery.hash, seed, ticket, lottery.tickets[ticket])


def verify_draw(lottery: PublishedLottery, drawn: Draw) -> tuple[Text, ...]:
    """Repeat a draw from what is published; return what does not hold, nothing if all does."""
    failures = []
    if drawn.lottery_hash != lottery.hash:
        failures.append(
            Text("公布的抽签方案与抽签所用不一致。", "The draw was made with another publication.")
        )
    again = draw_ticket(lottery, drawn.seed)
    if (again.ticket, again.panel) != (drawn.ticket, drawn.panel):
        failures.append(
            Text(
                f"按种子应抽中第 {again.ticket} 号签，公布的是第 {drawn.ticket} 号。",
                f"The seed gives ticket {again.ticket} with its panel; published was ticket {drawn.ticket}.",
            )
        )
    if list(lottery.entries) != sorted(set(lottery.entries)):
        failures.append(Text("名单条目重复或未排序。", "The entries are repeated or out of order."))
    for at, ticket in enumerate(lottery.tickets):
        fits = len(set(ticket)) == len(ticket) == lottery.size
        if not fits or not all(0 <= n < len(lottery.entries) for n in ticket):
            failures.append(Text(f"第 {at} 号签人数不符。", f"Ticket {at} is not a panel of {lottery.size}."))
    return tuple(failures)


def audit_lottery(
    lottery: PublishedLottery, selection: Selection, salt: str, certificate: FairnessCertificate
) -> tuple[Text, ...]:
    """Check the publication against the pool itself, as an auditor who may see it: return what does not hold."""
    failures = []
    if tuple(sorted(commitments(selection.pool, salt))) != lottery.entries:
        return (Text("名单与公布的承诺值不符。", "The pool is not the one that was published."),)
    if (selection.size, selection.quotas) != (lottery.size, lottery.quotas):
        failures.append(Text("名额与公布的不符。", "The quotas are not those that were published."))
    kinds = dict(
        zip(
            panel_members(selection.pool, salt, range(len(lottery.entries))),
            range(len(lottery.entries)),
            strict=True,
        )
    )
    kind_of = np.zeros(len(lottery.entries), np.int64)
    for person, kind in zip(selection.pool.ids, selection.kind, strict=True):
        kind_of[kinds[person]] = kind
    for at, ticket in enumerate(lottery.tickets):
        counts = np.bincount(kind_of[list(ticket)], minlength=len(selection.sizes))
        if not selection.meets(counts):
            failures.append(Text(f"第 {at} 号签不满足名额。", f"Ticket {at} does not meet the quotas."))
    if certificate.bound != lottery.bound or not check_certificate(selection, certificate):
        failures.append(Text("公平性证明不成立。", "The proof of fairness does not hold."))
    return tuple(failures)


def panel_members(pool: Pool, salt: str, numbers: Sequence[int]) -> tuple[str, ...]:
    """Return the ids behind numbers, for who holds the pool and the salt."""
    own = dict(zip(commitments(pool, salt), pool.ids, strict=True))
    entries = sorted(own)
    return tuple(own[entries[n]] for n in numbers)


def _bad_lottery(rows: Sequence[str]) -> HutongError:
    return HutongError(
        "bad-lottery",
        Text("公布的抽签方案无法核对。", "The published lottery cannot be checked."),
        Text("请从公布处重新获取原文。", "Fetch the text again from where it was published."),
        rows,
    )
