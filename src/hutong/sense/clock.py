"""Times as people write them: year first, with a zone or in one that is stated, else an error of the row."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.text import Text

#: A year first: day and month cannot be mixed up.
_FORM = (
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)? *(?:Z|[+-]\d{2}:?\d{2})?$"
)
_ZONED = r"(?:Z|[+-]\d{2}:?\d{2})$"
BAD_FORM = "must be a date and time, year first"
NO_ZONE = "states no time zone, and none is stated for the file"
NO_SUCH = "does not exist, or exists twice, in its time zone (clock change)"


def check_zone(zone: str | None) -> ZoneInfo | None:
    """Return a time zone by its name.

    Raises
    ------
    HutongError
        ``unknown-zone``.
    """
    if zone is None:
        return None
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as caught:
        raise HutongError(
            "unknown-zone",
            Text(f"不认识时区“{zone}”。", f"{zone!r} is not a time zone."),
            Text("例如 Asia/Shanghai。", "Asia/Shanghai is one."),
        ) from caught


def read_times(cells: pd.Series, zone: str | None) -> tuple[pd.Series, np.ndarray]:
    """Return times in UTC (NaT where unknown or wrong), and why a cell is wrong ("" where it is not).

    Parameters
    ----------
    cells
        Texts or times; empty is unknown, and not wrong.
    zone
        The zone of times that state none; ``None``: each must state its own.

    Raises
    ------
    HutongError
        ``unknown-zone``.
    """
    clock = check_zone(zone)
    cells = cells.reset_index(drop=True)
    given = cells.notna().to_numpy()
    words = cells.where(given, "").astype(str).str.translate({0xFF1A: ":", 0x3000: " "}).str.strip()
    words = words.str.replace(r"[年月]", "-", regex=True).str.replace("日", " ", regex=False)
    words = words.str.replace(r" +", " ", regex=True).str.strip()
    given = given & (words != "").to_numpy()
    why = np.full(len(cells), "", dtype=object)
    formed = words.str.fullmatch(_FORM).to_numpy(dtype=bool)
    zoned = words.str.contains(_ZONED).to_numpy(dtype=bool) & formed
    why[given & ~formed] = BAD_FORM
    out = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us, UTC]")
    rows = np.flatnonzero(given & zoned)
    read = pd.to_datetime(words.iloc[rows], utc=True, errors="coerce", format="mixed")
    why[rows[read.isna().to_numpy()]] = BAD_FORM
    out.iloc[rows] = read.astype(out.dtype)
    rows = np.flatnonzero(given & formed & ~zoned)
    if clock is None:
        why[rows] = NO_ZONE
        return out, why
    naive = pd.to_datetime(words.iloc[rows], errors="coerce", format="mixed").astype("datetime64[us]")
    why[rows[naive.isna().to_numpy()]] = BAD_FORM
    placed = naive.dt.tz_localize(clock, ambiguous="NaT", nonexistent="NaT")
    why[rows[naive.notna().to_numpy() & placed.isna().to_numpy()]] = NO_SUCH
    out.iloc[rows] = placed.dt.tz_convert("UTC").astype(out.dtype)
    return out, why
