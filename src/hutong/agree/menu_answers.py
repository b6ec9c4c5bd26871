"""Forms of the menu as they come in: checked row by row, entered batch by batch, the latest answer counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

#: What may be answered to an item, and to the undertaking.
CHOICES = ("yes", "no", "abstain")
UNDERTAKING = ("yes", "no")
CHANNELS = ("doorstep", "paper", "online")
#: The undertaking is kept beside the items under this name.
_FEES = "undertaking"
_COLUMNS = ["dwelling_id", "item", "answer", "at", "channel", "batch", "row"]


def _empty() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype=object) for c in _COLUMNS})


@dataclass(frozen=True, eq=False)
class MenuAnswers:
    """All answers ever entered; nothing is overwritten, what counts is read off.

    ``table`` has a row per answer: ``dwelling_id``, ``item``, ``answer``, ``at``, ``channel``, ``batch``, ``row``.
    """

    table: pd.DataFrame = field(default_factory=_empty)
    batches: tuple[str, ...] = ()

    def plus(self, rows: pd.DataFrame, batch: str) -> MenuAnswers:
        """Return the answers with the rows of a batch."""
        table = pd.concat([self.table, rows], ignore_index=True) if len(self.table) else rows
        return MenuAnswers(table, (*self.batches, batch))

    def _ordered(self) -> pd.DataFrame:
        # ties in time go to what was entered later: a stable sort keeps the order of entry
        return self.table.sort_values("at", kind="stable")

    def latest(self, homes: pd.DataFrame) -> pd.DataFrame:
        """Return the last answer per home and item, oldest first, with the holder of each home."""
        rows = self._ordered()
        rows = rows[rows["item"] != _FEES].drop_duplicates(["dwelling_id", "item"], keep="last")
        holder = pd.Series(homes["holder_id"].astype(str).to_numpy(), index=homes["dwelling_id"].astype(str))
        return rows.assign(holder_id=rows["dwelling_id"].map(holder))

    def undertakings(self) -> dict[str, str]:
        """Return the last undertaking of each home that gave one, ``yes`` or ``no``."""
        rows = self._ordered()
        rows = rows[rows["item"] == _FEES]
        return dict(zip(rows["dwelling_id"], rows["answer"], strict=True))


def broken_forms(
    forms: pd.DataFrame, homes: set[str], items: Sequence[str], basic: Sequence[str]
) -> list[str]:
    """Return one line per thing wrong in a batch; an empty list if it can be entered.

    Two forms of one home at the same time must not contradict each other: neither is the latest.
    """
    allowed = {"dwelling_id", "at", "channel", _FEES, *items, *basic}
    rows = [f"column {c} is missing" for c in ("dwelling_id", "at", "channel") if c not in forms]
    rows += [f"column {c}: no such item" for c in forms.columns if c not in allowed]
    if rows:
        return rows
    times = _times(forms["at"])
    seen: dict[tuple[str, object, str], tuple[int, str]] = {}
    for at, (home, when, channel) in enumerate(
        zip(forms["dwelling_id"], times, forms["channel"], strict=True)
    ):
        name = f"row {forms.index[at]}"
        if pd.isna(home) or str(home) not in homes:
            rows.append(f"{name}: no home {home!r} in the register")
        if pd.isna(when):
            rows.append(f"{name}: {forms['at'].iloc[at]!r} is not a time")
        if channel not in CHANNELS:
            rows.append(f"{name}: channel {channel!r} is not one of {', '.join(CHANNELS)}")
        for column in (*items, _FEES):
            answer = _cell(forms, column, at)
            if answer is None:
                continue
            choices = UNDERTAKING if column == _FEES else CHOICES
            if answer not in choices:
                rows.append(f"{name}: {column} {answer!r} is not one of {', '.join(choices)}, or blank")
            first, before = seen.setdefault((str(home), when, column), (at, answer))
            if before != answer and not pd.isna(when):
                rows.append(f"{name}: {column} contradicts row {forms.index[first]}, same home and time")
        rows += [f"{name}: {c} is basic and is not chosen" for c in basic if _cell(forms, c, at) is not None]
    return rows


def read_forms(forms: pd.DataFrame, items: Iterable[str], batch: str) -> pd.DataFrame:
    """Return the answers of a batch that is in order, one row per answer given."""
    times = _times(forms["at"])
    out = []
    for column in (*items, _FEES):
        for at in range(len(forms)):
            answer = _cell(forms, column, at)
            if answer is not None:
                home, channel = forms["dwelling_id"].iloc[at], forms["channel"].iloc[at]
                out.append((str(home), column, answer, times.iloc[at], channel, batch, at))
    return pd.DataFrame(out, columns=_COLUMNS)


def _times(column: pd.Series) -> pd.Series:
    """Return times as they are told in China; what is not a time is missing."""
    return pd.Series([_time(value) for value in column], index=column.index, dtype="datetime64[ns]")


def _time(value: object) -> pd.Timestamp | None:
    if not isinstance(value, str | date):
        return None
    try:
        time = pd.Timestamp(value)
    except ValueError:
        return None
    return time if time.tzinfo is None else time.tz_convert("Asia/Shanghai").tz_localize(None)


def _cell(forms: pd.DataFrame, column: str, at: int) -> str | None:
    """Return an answer, or None for a blank."""
    if column not in forms:
        return None
    value = forms[column].iloc[at]
    return None if pd.isna(value) or str(value).strip() == "" else str(value).strip()
