"""The choice problem as plain arrays: one option per object, tied together by rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One limit over the whole unit: its name, unit, legal source and the size that makes it about one."""

    id: str
    title: Text
    unit: str
    source: Text
    scale: float = 1.0


@dataclass(frozen=True)
class Problem:
    """Choose at most one option per object so that the objective is largest.

    Parameters
    ----------
    objective
        Shape (columns,): what a column adds.
    matrix
        Sparse (rows, columns) in the units of the rows.
    lower, upper
        Shape (rows,): −inf or +inf where a side is open.
    group
        Shape (columns,): the object of an option, or −1 for a continuous column.
    rows
        What each row is.
    column_upper
        Shape (columns,): largest value (1 for options).
    offset
        What the objective is when nothing is chosen.
    """

    objective: np.ndarray
    matrix: sparse.csr_array
    lower: np.ndarray
    upper: np.ndarray
    group: np.ndarray
    rows: tuple[Row, ...]
    column_upper: np.ndarray
    offset: float = 0.0

    @property
    def integer(self) -> np.ndarray:
        """Which columns are options (0 or 1)."""
        return self.group >= 0

    def keep(self, columns: np.ndarray) -> Problem:
        """Return the problem with these columns only (a mask)."""
        return replace(
            self,
            objective=self.objective[columns],
            matrix=sparse.csr_array(self.matrix[:, np.flatnonzero(columns)]),
            group=self.group[columns],
            column_upper=self.column_upper[columns],
        )


@dataclass
class RowBuilder:
    """Collects rows as coefficient arrays over the columns, and stacks them once; columns may be added on the way."""

    columns: int
    _data: list[np.ndarray] = field(default_factory=list)
    _columns: list[np.ndarray] = field(default_factory=list)
    _rows: list[np.ndarray] = field(default_factory=list)
    _lower: list[float] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)
    _meta: list[Row] = field(default_factory=list)
    _added: list[tuple[np.ndarray, np.ndarray, int]] = field(default_factory=list)  # upper, gain, group or −1
    _choices: int = 0

    @classmethod
    def over(cls, columns: int) -> RowBuilder:
        """Return an empty builder for ``columns`` columns."""
        return cls(columns)

    def add_columns(self, upper: ArrayLike, gain: ArrayLike = 0.0, choice: bool = False) -> NDArray[np.int64]:
        """Add columns and return their positions.

        Parameters
        ----------
        upper
            Shape (columns,): the largest value of each.
        gain
            What one unit of each adds to the objective.
        choice
            Whether they are the options of one more object (at most one of them is 1) instead of amounts.
        """
        most = np.atleast_1d(np.asarray(upper, float))
        self._added.append(
            (most, np.broadcast_to(np.asarray(gain, float), most.shape), self._choices if choice else -1)
        )
        self._choices += choice
        self.columns += most.size
        return np.arange(self.columns - most.size, self.columns)

    def add(self, row: Row, coefficients: np.ndarray, lower: float = -np.inf, upper: float = np.inf) -> None:
        """Add one row given densely; zeros are not stored."""
        where = np.flatnonzero(coefficients)
        self.add_sparse([row], np.zeros(where.size, int), where, coefficients[where], [lower], [upper])

    def add_sparse(
        self,
        rows: Sequence[Row],
        row: np.ndarray,
        column: np.ndarray,
        value: np.ndarray,
        lower: Sequence[float],
        upper: Sequence[float],
    ) -> None:
        """Add several rows given as (row, column, value) triples, rows counted from 0."""
        self._rows.append(np.asarray(row) + len(self._meta))
        self._columns.append(np.asarray(column))
        self._data.append(np.asarray(value, float))
        self._lower.extend(lower)
        self._upper.extend(upper)
        self._meta.extend(rows)

    def build(self, objective: np.ndarray, group: np.ndarray, column_upper: np.ndarray) -> Problem:
        """Return the problem; each row gets the scale that brings its largest figure to about one.

        The arrays are those of the first columns; those added on the way are appended.
        """
        beyond = int(group.max(initial=-1)) + 1
        for upper, gain, choice in self._added:
            objective = np.concatenate([objective, gain])
            group = np.concatenate([group, np.full(upper.size, -1 if choice < 0 else beyond + choice)])
            column_upper = np.concatenate([column_upper, upper])
        shape = (len(self._meta), self.columns)
        data = np.concatenate(self._data) if self._data else np.empty(0)
        columns = np.concatenate(self._columns) if self._columns else np.empty(0, int)
        rows = np.concatenate(self._rows) if self._rows else np.empty(0, int)
        matrix = sparse.csr_array(sparse.coo_array((data, (rows, columns)), shape=shape))
        lowest, highest = np.array(self._lower, float), np.array(self._upper, float)
        size = np.zeros(shape[0])
        np.maximum.at(size, rows, np.abs(data))
        for bound in (lowest, highest):
            finite = np.isfinite(bound)
            size[finite] = np.maximum(size[finite], np.abs(bound[finite]))
        meta = tuple(replace(r, scale=float(s) or 1.0) for r, s in zip(self._meta, size, strict=True))
        return Problem(objective, matrix, lowest, highest, group, meta, column_upper)


def undominated(problem: Problem) -> np.ndarray:
    """Return which columns can be in an optimum (mask).

    An option is dropped when another of the same object, or doing nothing, is at least as good in the
    objective and in every row; of equals the first stays. Rows bounded on both sides must be equal.
    """
    matrix = sparse.csc_array(problem.matrix)
    keep = np.ones(problem.group.size, bool)
    has_upper, has_lower = np.isfinite(problem.upper), np.isfinite(problem.lower)
    order = np.argsort(problem.group, kind="stable")
    order = order[problem.group[order] >= 0]
    starts = np.flatnonzero(np.diff(problem.group[order], prepend=-1))
    for columns in np.split(order, starts[1:]) if order.size else []:
        block = matrix[:, columns]
        touched = np.unique(block.indices)
        dense = block[touched, :].toarray()
        loss = np.vstack(
            [-problem.objective[columns][None, :], dense[has_upper[touched]], -dense[has_lower[touched]]]
        )
        loss = np.hstack([np.zeros((loss.shape[0], 1)), loss])  # doing nothing comes first
        no_worse = (loss[:, :, None] <= loss[:, None, :]).all(axis=0)
        beats = no_worse & ~no_worse.T | (
            no_worse & no_worse.T & np.triu(np.ones_like(no_worse), 1).astype(bool)
        )
        beaten: NDArray[np.bool_] = np.any(beats, axis=0)
        keep[columns] = ~beaten[1:]
    return keep


def settle_single(problem: Problem) -> tuple[NDArray[np.bool_], Problem]:
    """Return which columns can be chosen, and the problem without the rows that this settles.

    A row that touches the options of one object only, and that doing nothing satisfies, says of each option alone
    whether it may be chosen, because at most one of them is.
    """
    matrix = problem.matrix
    filled = np.diff(matrix.indptr) > 0
    starts = matrix.indptr[:-1][filled]
    group = problem.group[matrix.indices]
    single = np.zeros(matrix.shape[0], bool)
    if starts.size:
        first, last = np.minimum.reduceat(group, starts), np.maximum.reduceat(group, starts)
        single[filled] = (first == last) & (first >= 0)
    single |= ~filled
    single &= (problem.lower <= 0) & (problem.upper >= 0)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    slack = 1e-9 * np.array([r.scale for r in problem.rows] or [1.0])[row] if row.size else np.empty(0)
    outside = (matrix.data < problem.lower[row] - slack) | (matrix.data > problem.upper[row] + slack)
    keep = np.ones(problem.group.size, bool)
    keep[matrix.indices[single[row] & outside]] = False
    rest = replace(
        problem,
        matrix=sparse.csr_array(matrix[np.flatnonzero(~single), :]),
        lower=problem.lower[~single],
        upper=problem.upper[~single],
        rows=tuple(r for r, s in zip(problem.rows, single, strict=True) if not s),
    )
    return keep, rest
