"""The residents' council (议事会): who sits in it and how each came to it; elections, drawn seats, replacements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hutong.agree.sortition import Pool, Quota, Selection, with_fixed
from hutong.errors import HutongError
from hutong.text import Text

#: How a member comes to the council.
RECOMMENDED, ELECTED, DRAWN = "recommended", "elected", "drawn"
WAYS = {
    RECOMMENDED: Text("推荐", "recommended"),
    ELECTED: Text("选举", "elected"),
    DRAWN: Text("抽签", "drawn by lot"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A seat: who, how they came to it, and the evidence: who recommended, which count or draw.

    ``left`` is the reason a member dropped out, empty while they sit.
    """

    id: str
    way: str
    evidence: str
    left: str = ""


@dataclass(frozen=True)
class Council:
    """The members, past ones included, and the quotas of the whole council.

    Raises
    ------
    HutongError
        ``bad-council`` naming every seat without evidence, with an unknown way, or held twice.
    """

    size: int
    quotas: tuple[Quota, ...]
    members: tuple[Member, ...] = ()

    def __post_init__(self) -> None:
        rows = []
        seen: set[str] = set()
        for m in self.members:
            if m.way not in WAYS:
                rows.append(f"{m.id}: {m.way!r} is not one of {', '.join(WAYS)}")
            if not m.evidence:
                rows.append(f"{m.id}: no evidence of how they came to the council")
            if m.id in seen:
                rows.append(f"{m.id}: listed twice")
            seen.add(m.id)
        if len(self.sitting) > self.size:
            rows.append(f"{len(self.sitting)} members sit on {self.size} seats")
        if rows:
            raise _bad_council(rows)

    @property
    def sitting(self) -> tuple[str, ...]:
        """Ids of the members who sit."""
        return tuple(m.id for m in self.members if not m.left)

    @property
    def vacant(self) -> int:
        """Seats to be filled."""
        return self.size - len(self.sitting)

    def join(self, ids: Iterable[str], way: str, evidence: str) -> Council:
        """Return the council with new members."""
        return replace(self, members=self.members + tuple(Member(i, way, evidence) for i in ids))

    def leave(self, reasons: Mapping[str, str]) -> Council:
        """Return the council after members have dropped out, with the reason of each.

        Raises
        ------
        HutongError
            ``bad-council`` naming whoever does not sit, or leaves without a reason.
        """
        rows = [f"{i}: does not sit" for i in reasons if i not in self.sitting]
        rows += [f"{i}: no reason is given" for i, reason in reasons.items() if not reason]
        if rows:
            raise _bad_council(rows)
        return replace(
            self,
            members=tuple(replace(m, left=reasons[m.id]) if m.id in reasons else m for m in self.members),
        )

    def to_draw(self, pool: Pool, categories: Mapping[str, Mapping[str, str]] | None = None) -> Selection:
        """Return the selection for the vacant seats, first draw or replacement alike: the same quotas hold.

        Whoever sits counts towards the quotas of the whole council; whoever has dropped out is not drawn again.

        Parameters
        ----------
        categories
            Categories of members who are not in the pool, by id; a member in neither counts to no quota.

        Raises
        ------
        HutongError
            ``no-vacancy``, or as :func:`~hutong.agree.sortition.with_fixed` with the least change that would help.
        """
        if not self.vacant:
            raise HutongError(
                "no-vacancy",
                Text("议事会没有空缺席位。", "The council has no vacant seat."),
                Text("请先登记退出的成员。", "Record first who has dropped out."),
            )
        row = {i: at for at, i in enumerate(pool.ids)}
        known = {
            i: dict(zip(pool.categories, pool.values[row[i]], strict=True))
            if i in row
            else dict((categories or {}).get(i, {}))
            for i in self.sitting
        }
        gone = [m.id for m in self.members if m.left and m.id in row]
        return with_fixed(pool.without(gone), self.size, self.quotas, known)


@dataclass(frozen=True, slots=True)
class Election:
    """Who is elected by most votes; ``by_lot`` are those of them whom the lot chose among equals."""

    elected: tuple[str, ...]
    by_lot: tuple[str, ...]
    tied: tuple[str, ...]


def elect(votes: Mapping[str, int], seats: int, seed: str = "") -> Election:
    """Elect by most votes; if the last seats are tied, by a public lot.

    The lot orders the tied by SHA-256("seed|candidate").

    Raises
    ------
    HutongError
        ``bad-election`` if there are fewer candidates than seats or a count is not a whole number of at least 0;
        ``no-seed`` if a tie needs a lot and there is no seed.
    """
    rows = [f"{c}: {n!r} votes" for c, n in votes.items() if type(n) is not int or n < 0]
    if not 0 < seats <= len(votes):
        rows.append(f"{seats} seats and {len(votes)} candidates")
    if rows:
        raise HutongError(
            "bad-election",
            Text("选举结果不合格。", "The result of the election is broken."),
            Text("请核对候选人和得票数。", "Check the candidates and their votes."),
            rows,
        )
    ranked = sorted(votes, key=lambda c: (-votes[c], c))
    bar = votes[ranked[seats - 1]]
    sure = [c for c in ranked if votes[c] > bar]
    tied = [c for c in ranked if votes[c] == bar]
    left = seats - len(sure)
    if left == len(tied):
        return Election(tuple(ranked[:seats]), (), ())
    if not seed.strip():
        raise HutongError(
            "no-seed",
            Text(
                f"{len(tied)} 名候选人得票相同，须抽签决定。",
                f"{len(tied)} candidates are tied; the lot decides.",
            ),
            Text("请提供公开种子。", "Give a public seed."),
            tied,
        )
    lot = sorted(tied, key=lambda c: hashlib.sha256(f"{seed}|{c}".encode()).hexdigest())[:left]
    return Election((*sure, *lot), tuple(lot), tuple(tied))


def _bad_council(rows: Sequence[str]) -> HutongError:
    return HutongError(
        "bad-council",
        Text(f"议事会名单有 {len(rows)} 处不合格。", f"The council has {len(rows)} broken seats."),
        Text(
            "请写明每名成员的产生方式和依据。", "State how each member came to the council and the evidence."
        ),
        rows,
    )
