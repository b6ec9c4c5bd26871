"""Who may be drawn into a panel: the pool, the quotas, and whether they can be met at all.

People with the same categories are alike to every quota, so a panel is a whole number of people of each *kind*, and
the fairest lottery gives people of a kind the same chance. All searches are over kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.sortition_highs import solve_whole
from hutong.errors import HutongError
from hutong.text import Text

#: How a person's unknown category is written; it counts to no quota.
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """From ``least`` to ``most`` members of the panel have ``value`` in the column ``category``."""

    category: str
    value: str
    least: int
    most: int

    @property
    def name(self) -> str:
        """``category = value``."""
        return f"{self.category} = {self.value}"


@dataclass(frozen=True, eq=False)
class Pool:
    """People who are willing: nothing but an id and the categories that quotas need.

    ``values`` is object (people, categories), an unknown category is the empty string.
    """

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    values: NDArray[np.object_]

    @classmethod
    def from_table(cls, table: pd.DataFrame, id_column: str = "id") -> Pool:
        """Read a table with an id and one column per category.

        Raises
        ------
        HutongError
            ``bad-pool`` if the id column is missing, or an id is empty or given twice.
        """
        if id_column not in table:
            raise _bad_pool([f"column {id_column} is missing"])
        ids = [None if pd.isna(v) else str(v) for v in table[id_column]]
        seen: set[str | None] = set()
        rows = []
        for at, name in enumerate(ids):
            if not name:
                rows.append(f"row {at}: the id is empty")
            elif name in seen:
                rows.append(f"row {at}: {name} is listed twice")
            seen.add(name)
        if rows:
            raise _bad_pool(rows)
        categories = tuple(str(c) for c in table.columns if c != id_column)
        columns = [[UNKNOWN if pd.isna(v) else str(v) for v in table[c]] for c in categories]
        values = np.array(columns, dtype=object).T.reshape(len(ids), len(categories))
        return cls(tuple(map(str, ids)), categories, values)

    def __len__(self) -> int:
        return len(self.ids)

    def without(self, ids: Iterable[str]) -> Pool:
        """Return the pool less some people.

        Raises
        ------
        HutongError
            ``bad-pool`` naming whoever is not in the pool.
        """
        gone = set(ids)
        absent = sorted(gone - set(self.ids))
        if absent:
            raise _bad_pool([f"{name}: not in the pool" for name in absent])
        keep = np.array([i not in gone for i in self.ids], bool)
        return Pool(tuple(i for i in self.ids if i not in gone), self.categories, self.values[keep])

    def of(self, ids: Iterable[str]) -> NDArray[np.object_]:
        """Return the categories of some people, object (people, categories)."""
        row = {name: at for at, name in enumerate(self.ids)}
        return self.values[[row[name] for name in ids]]

    def count(self, quota: Quota, ids: Iterable[str] | None = None) -> int:
        """Return how many people (of those named) count to a quota."""
        values = self.values if ids is None else self.of(ids)
        if quota.category not in self.categories:
            return 0
        return int((values[:, self.categories.index(quota.category)] == quota.value).sum())


@dataclass(frozen=True, eq=False)
class Selection:
    """A pool, the size of the panel and its quotas: what a lottery is made for.

    Raises
    ------
    HutongError
        ``bad-quotas`` naming every quota that is broken, ``quotas-conflict`` if no panel meets them all: which
        cannot be met together, and the least change that makes them possible.
    """

    pool: Pool
    size: int
    quotas: tuple[Quota, ...]

    def __post_init__(self) -> None:
        rows = list(_broken(self))
        if rows:
            raise HutongError(
                "bad-quotas",
                Text(f"名额规定有 {len(rows)} 处不合格。", f"The quotas are broken in {len(rows)} places."),
                Text("请更正所列各处。", "Correct these and try again."),
                rows,
            )
        if find_panel(self, np.zeros(len(self.sizes), np.int64)) is None:
            raise _conflict(self)

    @cached_property
    def _kinds(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        wanted = np.zeros((len(self.pool), len(self.quotas)), bool)
        for at, quota in enumerate(self.quotas):
            column = self.pool.categories.index(quota.category)
            wanted[:, at] = self.pool.values[:, column] == quota.value
        rows = [row.tobytes() for row in wanted]
        names = {row: at for at, row in enumerate(sorted(set(rows), reverse=True))}
        kind = np.array([names[row] for row in rows], np.int64)
        member = np.zeros((len(names), len(self.quotas)), bool)
        member[kind] = wanted
        return kind, member

    @property
    def kind(self) -> NDArray[np.int64]:
        """The kind of each person, int64 (people,)."""
        return self._kinds[0]

    @property
    def counts_to(self) -> NDArray[np.bool_]:
        """Which quotas each kind counts to, bool (kinds, quotas)."""
        return self._kinds[1]

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many people are of each kind, int64 (kinds,)."""
        return np.bincount(self.kind, minlength=len(self.counts_to))

    def meets(self, counts: NDArray[np.int64]) -> bool:
        """Return whether a panel of so many of each kind meets every quota."""
        have = counts @ self.counts_to
        return bool(
            counts.sum() == self.size
            and (counts >= 0).all()
            and (counts <= self.sizes).all()
            and all(q.least <= n <= q.most for q, n in zip(self.quotas, have, strict=True))
        )


def quotas_from(table: Mapping[str, Mapping[str, tuple[int, int]]]) -> tuple[Quota, ...]:
    """Return quotas from ``{category: {value: (least, most)}}``."""
    return tuple(Quota(c, v, *limits) for c, values in table.items() for v, limits in values.items())


def find_panel(
    selection: Selection, weights: NDArray[np.int64], gap: float = 0.0
) -> NDArray[np.int64] | None:
    """Return the panel of greatest total weight as counts by kind, or None if there is no panel.

    Parameters
    ----------
    weights
        Whole numbers, int64 (kinds,): what one member of each kind counts.
    gap
        How much less than the greatest weight is good enough, as a share of it.
    """
    return _search(selection, weights, [(q.least, q.most) for q in selection.quotas], gap)


def _search(
    selection: Selection,
    weights: NDArray[np.int64],
    limits: Sequence[tuple[float, float]],
    gap: float = 0.0,
) -> NDArray[np.int64] | None:
    kinds = len(selection.sizes)
    rows = np.vstack([np.ones((1, kinds)), selection.counts_to.T.astype(float)])
    lower = np.array([selection.size, *[least for least, _ in limits]], float)
    upper = np.array([selection.size, *[most for _, most in limits]], float)
    return solve_whole(weights.astype(float), rows, lower, upper, selection.sizes.astype(float), gap)


def _broken(selection: Selection) -> Iterable[str]:
    pool = selection.pool
    if type(selection.size) is not int or not 0 < selection.size <= len(pool):
        yield f"panel of {selection.size!r}: the pool has {len(pool)} people"
    seen: set[str] = set()
    for q in selection.quotas:
        if q.category not in pool.categories:
            yield f"{q.name}: the pool has no column {q.category}"
        if type(q.least) is not int or type(q.most) is not int or not 0 <= q.least <= q.most:
            yield f"{q.name}: {q.least!r} to {q.most!r} is not a range of whole numbers"
        if q.name in seen:
            yield f"{q.name}: given twice"
        seen.add(q.name)


def _conflict(selection: Selection) -> HutongError:
    """Name a smallest set of quotas that exclude each other, and the least change that makes a panel possible."""
    zero = np.zeros(len(selection.sizes), np.int64)
    limits: list[tuple[float, float]] = [(q.least, q.most) for q in selection.quotas]
    rows = []
    for at, quota in enumerate(selection.quotas):
        for side, free in (("at least", 0), ("at most", 1)):
            tried = list(limits)
            tried[at] = (-np.inf, limits[at][1]) if free == 0 else (limits[at][0], np.inf)
            if _search(selection, zero, tried) is None:
                limits = tried
            elif np.isfinite(limits[at][free]):
                have = selection.pool.count(quota)
                rows.append(
                    f"conflict: {quota.name}: {side} {limits[at][free]:g} of {selection.size} (pool: {have})"
                )
    for quota, least, most in relaxation(selection):
        if least < quota.least:
            rows.append(f"possible with: {quota.name}: at least {least} instead of {quota.least}")
        if most > quota.most:
            rows.append(f"possible with: {quota.name}: at most {most} instead of {quota.most}")
    return HutongError(
        "quotas-conflict",
        Text(
            f"没有任何 {selection.size} 人的组合能同时满足所列名额。",
            f"No panel of {selection.size} meets these quotas together.",
        ),
        Text(
            "请按最小调整放宽名额，或扩大报名范围。",
            "Relax them by the least change listed, or widen the pool.",
        ),
        rows,
    )


def relaxation(selection: Selection) -> tuple[tuple[Quota, int, int], ...]:
    """Return the quotas that must give way, as (quota, least, most), with the fewest places changed in all.

    A panel of ``size`` people always exists, so this always has an answer; of equal answers the solver's is given.
    """
    kinds, n = len(selection.sizes), len(selection.quotas)
    rows = np.zeros((1 + 2 * n, kinds + 2 * n))
    rows[0, :kinds] = 1
    rows[1 : 1 + n, :kinds] = rows[1 + n :, :kinds] = selection.counts_to.T
    rows[1 : 1 + n, kinds : kinds + n] = np.eye(n)
    rows[1 + n :, kinds + n :] = -np.eye(n)
    lower = np.array([selection.size, *[q.least for q in selection.quotas], *[-np.inf] * n], float)
    upper = np.array([selection.size, *[np.inf] * n, *[q.most for q in selection.quotas]], float)
    most = np.concatenate([selection.sizes, np.full(2 * n, selection.size)]).astype(float)
    cost = np.concatenate([np.zeros(kinds), np.full(2 * n, -1.0)])
    found = solve_whole(cost, rows, lower, upper, most)
    if found is None:
        raise ValueError("a panel without quotas exists")
    short, over = found[kinds : kinds + n], found[kinds + n :]
    return tuple(
        (q, q.least - int(s), q.most + int(o))
        for q, s, o in zip(selection.quotas, short, over, strict=True)
        if s or o
    )


def with_fixed(
    pool: Pool, size: int, quotas: Sequence[Quota], fixed: Mapping[str, Mapping[str, Any]]
) -> Selection:
    """Return the selection of those still to be drawn when some members are already known.

    Parameters
    ----------
    size
        Members of the whole panel, the known ones included; the quotas are of the whole panel.
    fixed
        Categories of each known member by id; a category that is missing is unknown. Whoever of them is in the
        pool is not drawn again.

    Raises
    ------
    HutongError
        ``bad-quotas`` if the known members alone exceed a quota or the panel, and as :class:`Selection`.
    """
    rows, left = [], []
    for quota in quotas:
        have = sum(str(values.get(quota.category, UNKNOWN)) == quota.value for values in fixed.values())
        if have > quota.most:
            rows.append(f"{quota.name}: {have} members are known already, at most {quota.most} are allowed")
        left.append(replace(quota, least=max(0, quota.least - have), most=max(0, quota.most - have)))
    if len(fixed) >= size:
        rows.append(f"panel of {size}: {len(fixed)} members are known already")
    if rows:
        raise HutongError(
            "bad-quotas",
            Text("已确定的成员已超出名额。", "The members already known exceed the quotas."),
            Text("请先调整名额或已确定的成员。", "Change the quotas or the known members first."),
            rows,
        )
    rest = pool.without(set(pool.ids) & set(fixed))
    return Selection(rest, size - len(fixed), tuple(left))


def _bad_pool(rows: Sequence[str]) -> HutongError:
    return HutongError(
        "bad-pool",
        Text(f"候选名单有 {len(rows)} 处不合格。", f"The pool has {len(rows)} broken rows."),
        Text("每人一行，编号不得为空或重复。", "Give one row per person, with an id that is used once."),
        rows,
    )
