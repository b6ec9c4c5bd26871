"""Year on year: what got better, worse or stayed, and what cannot be told.

A change in what is known is not a change in the city: where more or less was observed than before, where the
definition changed, or where a place stands in one snapshot alone, the verdict is ``unknown`` and says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from hutong.sense.results import Checkup, Indicator
from hutong.sense.wording import figure
from hutong.text import Text

VERDICTS = ("better", "worse", "same", "unknown")
#: Columns of :func:`compare`. ``change`` is after − before; ``data`` tells whether what is known changed:
#: ``same``, ``more`` or ``less`` observed, or ``other`` cases known.
COMPARE_COLUMNS = (
    "indicator", "scale", "place_id", "place_name", "before", "after", "change", "verdict", "status_before",
    "status_after", "coverage_before", "coverage_after", "n_before", "n_after", "data", "reason_zh", "reason_en",
)  # fmt: skip
#: A difference in coverage, or in the share of cases that are known, that is no difference in the data.
SLACK = 0.02
_KEY = ["indicator", "scale", "place_id"]


def compare(before: Checkup, after: Checkup) -> pd.DataFrame:
    """Return one row per indicator and place of either checkup (``COMPARE_COLUMNS``).

    Check both snapshots by the rules of one date: then a change in the law is not taken for one in the city. The
    whole quarter is one place, whatever it is called.
    """
    old, new = (_rows(check) for check in (before, after))
    both = old.merge(new, on=_KEY, how="outer", suffixes=("_before", "_after"), sort=False)
    first = {i.id: i for i in before.indicators}
    last = {i.id: i for i in after.indicators}
    order = {name: at for at, name in enumerate([*last, *(n for n in first if n not in last)])}
    both["at"] = both["indicator"].map(order)
    both = both.sort_values(["at", "scale", "place_id"], kind="stable")
    return pd.DataFrame(
        [_compared(row, first.get(row["indicator"]), last.get(row["indicator"])) for row in _records(both)],
        columns=list(COMPARE_COLUMNS),
    )


def _records(frame: pd.DataFrame) -> Iterator[dict]:
    yield from frame.to_dict("records")


def _rows(check: Checkup) -> pd.DataFrame:
    rows = check.values.merge(check.tally, on=_KEY, how="left", validate="one_to_one")
    rows.loc[rows["scale"] == "quarter", "place_id"] = "quarter"
    return rows


def _compared(row: dict, first: Indicator | None, last: Indicator | None) -> dict:
    was, now = float(row["value_before"]), float(row["value_after"])
    data = _data(row)
    name = row["place_name_after"] if isinstance(row["place_name_after"], str) else row["place_name_before"]
    why = _why_unknown(row, first, last, data)
    verdict, reason = "unknown", why
    if why is None:
        assert last is not None  # noqa: S101 (without it there is a reason)
        verdict = _verdict(last, was, now)
        reason = _told(last, was, now, verdict)
    assert reason is not None  # noqa: S101
    return {
        "indicator": row["indicator"],
        "scale": row["scale"],
        "place_id": row["place_id"],
        "place_name": name,
        "before": was,
        "after": now,
        "change": now - was,
        "verdict": verdict,
        "status_before": _word(row["status_before"]),
        "status_after": _word(row["status_after"]),
        "coverage_before": row["coverage_before"],
        "coverage_after": row["coverage_after"],
        "n_before": row["n_before"],
        "n_after": row["n_after"],
        "data": data,
        "reason_zh": reason.zh,
        "reason_en": reason.en,
    }


def _word(status: object) -> str:
    return status if isinstance(status, str) else "unknown"


def _data(row: dict) -> str:
    """Return whether what is known of a place changed."""
    was, now = row["coverage_before"], row["coverage_after"]
    if pd.isna(was) or pd.isna(now):
        return "same" if pd.isna(was) and pd.isna(now) else "other"
    if abs(now - was) > SLACK:
        return "more" if now > was else "less"
    shares = [row[f"n_{when}"] / max(row[f"cases_{when}"], 1) for when in ("before", "after")]
    return "other" if abs(shares[1] - shares[0]) > SLACK else "same"


def _why_unknown(row: dict, first: Indicator | None, last: Indicator | None, data: str) -> Text | None:
    """Return why a row cannot be compared, or None if it can."""
    if first is None or last is None:
        return Text("两次体检中只有一次有这一指标", "the indicator is in one of the two checkups only")
    if not isinstance(row["place_name_before"], str) or not isinstance(row["place_name_after"], str):
        when = ("后一次", "later") if not isinstance(row["place_name_before"], str) else ("前一次", "earlier")
        return Text(f"只见于{when[0]}快照", f"only in the {when[1]} snapshot")
    if first.compute != last.compute or first.unit != last.unit:
        return Text("两次体检的定义不同", "the definition is not the same in both")
    if math.isnan(row["value_before"]) or math.isnan(row["value_after"]):
        side, zh = ("before", "前一次") if math.isnan(row["value_before"]) else ("after", "后一次")
        return Text(f"{zh}未知：{row[f'reason_zh_{side}']}", f"unknown {side}: {row[f'reason_en_{side}']}")
    if data == "same":
        return None
    was, now = (figure(float(row[f"coverage_{when}"]), "ratio") for when in ("before", "after"))
    if data == "other":
        return Text(
            "已知的对象范围变了，数值之差不能算作城市的变化",
            "other cases are known than before; the difference is not a change in the city",
        )
    return Text(
        f"实测占比由 {was.zh} 变为 {now.zh}，数值之差不能算作城市的变化",
        f"the share observed went from {was.en} to {now.en}; the difference is not a change in the city",
    )


def _verdict(indicator: Indicator, was: float, now: float) -> str:
    if np.isclose(was, now, rtol=1e-9, atol=1e-12):
        return "same"
    return "better" if (now > was) == (indicator.direction == "higher") else "worse"


def _told(indicator: Indicator, was: float, now: float, verdict: str) -> Text:
    old, new = figure(was, indicator.unit), figure(now, indicator.unit)
    if verdict == "same":
        return Text(f"保持 {new.zh}", f"still {new.en}")
    word = {"better": Text("好转", "better"), "worse": Text("变差", "worse")}[verdict]
    return Text(f"{word.zh}：{old.zh} → {new.zh}", f"{word.en}: {old.en} → {new.en}")


def tally_of(table: pd.DataFrame, scale: str = "quarter") -> dict[str, int]:
    """Return how many indicators got better, worse, stayed or are unknown at a scale."""
    counts = table[table["scale"] == scale]["verdict"].value_counts()
    return {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}
