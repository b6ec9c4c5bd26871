"""Votes on statements: who agrees (+1), disagrees (-1) or passes (0); the last vote of a person counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.text import Text

CHOICES = (-1, 0, 1)


@dataclass(frozen=True, eq=False)
class Votes:
    """The votes that count, in compressed rows: one row per person, one entry per statement voted on.

    ``starts`` has shape (people + 1,); person ``i`` voted ``values[starts[i]:starts[i + 1]]`` on the statements
    at the positions ``columns[...]``, at ``times`` (integers: nanoseconds, or the order of arrival).
    ``participants`` and ``statements`` are sorted; a statement may have no votes yet, a person has at least one.
    """

    participants: np.ndarray
    statements: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    times: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """The person's position of every vote, shape (votes,)."""
        return np.repeat(np.arange(len(self.participants)), self.counts)

    @property
    def counts(self) -> np.ndarray:
        """How many statements each person voted on, shape (people,)."""
        return np.diff(self.starts)

    @classmethod
    def from_table(cls, table: pd.DataFrame, statements: Iterable[Any] = ()) -> Votes:
        """Read votes in long form.

        Parameters
        ----------
        table
            Columns ``participant``, ``statement``, ``vote`` (-1, 0, 1) and, if known, ``time`` (integers or
            dates). The latest vote of a person on a statement counts; at equal times, and without times, the
            later row counts.
        statements
            Statements that may have no votes yet.

        Raises
        ------
        HutongError
            ``opinion-columns`` if a column is missing, ``opinion-vote`` if a vote is not -1, 0 or 1 or a name is
            missing, ``opinion-time`` if a time is neither an integer nor a date.
        """
        _check_table(table)
        people, participants = pd.factorize(table["participant"], sort=True)
        named, more = pd.Index(table["statement"].unique()), list(statements)
        named = named.union(pd.Index(more), sort=True) if more else named.sort_values()
        columns = named.get_indexer(table["statement"])
        values = table["vote"].to_numpy(dtype=float).astype(np.int8)
        times = _times(table["time"]) if "time" in table else np.arange(len(table), dtype=np.int64)
        return _last(np.asarray(participants), named.to_numpy(), people, columns, values, times)

    @classmethod
    def from_matrix(
        cls,
        matrix: np.ndarray,
        participants: Sequence[Any] | None = None,
        statements: Sequence[Any] | None = None,
    ) -> Votes:
        """Read votes from a matrix, shape (people, statements), where NaN means no vote.

        People without any vote are left out: silence is not an opinion.
        """
        matrix = np.asarray(matrix, dtype=float)
        row, column = np.nonzero(~np.isnan(matrix))
        people = np.arange(matrix.shape[0]) if participants is None else np.asarray(participants)
        named = np.arange(matrix.shape[1]) if statements is None else np.asarray(statements)
        table = pd.DataFrame(
            {"participant": people[row], "statement": named[column], "vote": matrix[row, column]}
        )
        return cls.from_table(table, statements=named)

    def append(self, table: pd.DataFrame, statements: Iterable[Any] = ()) -> Votes:
        """Return the votes with later arrivals added; the same as reading all of them at once.

        Without a column ``time`` the new rows count as later than all before; with one, a late paper vote with
        an early date does not overrule a newer one.
        """
        if "time" not in table:
            first = int(self.times.max()) + 1 if len(self.times) else 0
            table = table.assign(time=np.arange(first, first + len(table), dtype=np.int64))
        new = Votes.from_table(table, statements)
        old_people, old_named = pd.Index(self.participants), pd.Index(self.statements)
        people = old_people.union(pd.Index(new.participants), sort=True)
        named = old_named.union(pd.Index(new.statements), sort=True)
        at_people = [people.get_indexer(old_people), people.get_indexer(new.participants)]
        at_named = [named.get_indexer(old_named), named.get_indexer(new.statements)]
        return _last(
            people.to_numpy(),
            named.to_numpy(),
            np.concatenate([at_people[0][self.rows], at_people[1][new.rows]]),
            np.concatenate([at_named[0][self.columns], at_named[1][new.columns]]),
            np.concatenate([self.values, new.values]),
            np.concatenate([self.times, new.times]),
        )

    def matrix(self) -> np.ndarray:
        """Return the votes as a matrix, shape (people, statements), NaN where there is no vote."""
        out = np.full((len(self.participants), len(self.statements)), np.nan)
        out[self.rows, self.columns] = self.values
        return out

    def positions(self, statements: Iterable[Any]) -> np.ndarray:
        """Return whether each statement is among those named, shape (statements,).

        Raises
        ------
        HutongError
            ``opinion-statement-unknown`` if a name is not a statement here.
        """
        named = list(statements)
        at = pd.Index(self.statements).get_indexer(pd.Index(named, dtype=None if named else np.int64))
        unknown = [str(name) for name, where in zip(named, at, strict=True) if where < 0]
        if unknown:
            raise HutongError(
                "opinion-statement-unknown",
                Text("有些观点编号不在投票记录中。", "Some statements named are not in the votes."),
                Text("请核对编号。", "Check the statement ids."),
                unknown,
            )
        mask = np.zeros(len(self.statements), dtype=bool)
        mask[at] = True
        return mask


def _last(
    participants: np.ndarray,
    statements: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    times: np.ndarray,
) -> Votes:
    """Keep each person's last vote per statement; equal times keep the order of arrival."""
    cell = rows.astype(np.int64) * max(len(statements), 1) + columns
    order = np.lexsort((times, cell))
    cell = cell[order]
    last = order[np.append(cell[1:] != cell[:-1], True)] if len(cell) else order
    starts = np.zeros(len(participants) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows[last], minlength=len(participants)), out=starts[1:])
    return Votes(
        participants,
        statements,
        starts,
        columns[last].astype(np.int32),
        values[last],
        times[last].astype(np.int64),
    )


def _check_table(table: pd.DataFrame) -> None:
    missing = [name for name in ("participant", "statement", "vote") if name not in table]
    if missing:
        raise HutongError(
            "opinion-columns",
            Text("投票表缺少列。", "The table of votes lacks columns."),
            Text(
                "请提供 participant、statement、vote 三列。",
                "Give the columns participant, statement and vote.",
            ),
            missing,
        )
    named = table["participant"].notna() & table["statement"].notna()
    broken = ~(table["vote"].isin(CHOICES) & named).to_numpy(dtype=bool)
    if broken.any():
        shown = table.loc[broken, ["participant", "statement", "vote"]]
        raise HutongError(
            "opinion-vote",
            Text("有些投票不是赞成、反对或弃权。", "Some votes are not agree, disagree or pass."),
            Text(
                "投票应为 1（赞成）、-1（反对）或 0（弃权），且写明何人、何观点；没有投票的不要写行。",
                "A vote is 1 (agree), -1 (disagree) or 0 (pass) with a person and a statement; leave out rows without a vote.",
            ),
            [f"votes, row {at}: {tuple(row)}" for at, row in zip(shown.index, shown.to_numpy(), strict=True)],
        )


def _times(column: pd.Series) -> np.ndarray:
    """Read times as integers; a missing or broken time cannot decide which vote was last."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) and column.notna().all():
        stamps = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz is not None else column
        return stamps.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    if pd.api.types.is_integer_dtype(column.dtype) and column.notna().all():
        return column.to_numpy(dtype=np.int64)
    raise HutongError(
        "opinion-time",
        Text(
            "有些投票时间缺失，或不是整数和日期。",
            "Some times of votes are missing, or neither integers nor dates.",
        ),
        Text(
            "请补全时间，或整列去掉、按到达先后排列。",
            "Complete them, or drop the column and sort by arrival.",
        ),
    )
