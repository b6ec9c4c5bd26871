"""The evaluation after works (体检 + 评估): what was promised, what came, what it cost, who gained, what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.learn.effects import effects
from hutong.learn.lessons import lessons
from hutong.plan.results import Measure
from hutong.rules import Rules
from hutong.sense.checkup import checkup
from hutong.sense.compare import compare
from hutong.sense.results import Checkup
from hutong.text import Text

#: One row per measure: how many works were planned and finished, what they cost, how late they were.
WORKS_SUMMARY = (
    "measure", "works", "finished", "late", "late_days_median", "planned_yuan", "paid_yuan", "ratio", "unknown_cost",
)  # fmt: skip
#: Who lives where works were finished, beside the whole quarter; shares, NaN where unknown.
GAIN_COLUMNS = ("group", "reached", "all", "share", "share_of_dwellings")
#: Income bands of five that count as low, as in the simulator.
LOW_INCOME_BAND = 2


@dataclass(frozen=True)
class Evaluation:
    """Everything an evaluation shows; tables as named in this package and in :mod:`hutong.sense.compare`."""

    start: str
    end: str
    before: Checkup
    after: Checkup
    changes: pd.DataFrame
    works: pd.DataFrame
    effects: pd.DataFrame
    gains: pd.DataFrame
    lessons: pd.DataFrame

    def summary(self) -> tuple[Text, ...]:
        """Return what an office says of it in five sentences; unknown stays unknown."""
        total, done = int(self.works["works"].sum()), int(self.works["finished"].sum())
        known = self.works.dropna(subset=["ratio"])
        planned, paid = known["planned_yuan"].sum(), known["paid_yuan"].sum()
        late = int(self.works["late"].sum())
        quarter = self.changes[self.changes["scale"] == "quarter"]["verdict"].value_counts()
        better, worse, unknown = (int(quarter.get(v, 0)) for v in ("better", "worse", "unknown"))
        came = self.effects["verdict"].value_counts()
        moved = int(self.lessons["moved"].sum()) if len(self.lessons) else 0
        return (
            Text(f"计划 {total} 项，完成 {done} 项，其中 {late} 项晚于计划。", f"Of {total} works planned {done} are finished, {late} of them late."),
            Text(f"有账可查的实付为计划的 {paid / planned:.0%}。", f"Where the accounts are known, {paid / planned:.0%} of what was planned was paid.")
            if planned > 0
            else Text("实付金额未知。", "What was paid is not known."),
            Text(f"全区指标：{better} 项好转，{worse} 项变差，{unknown} 项无法判断。", f"Of the quarter's indicators {better} got better, {worse} worse, {unknown} cannot be told."),
            Text(
                f"措施成效：{int(came.get('as_planned', 0))} 项与计划相符，{int(came.get('less', 0))} 项不及，{int(came.get('more', 0))} 项更好，{int(came.get('unknown', 0))} 项无法判断。",
                f"Effects: {int(came.get('as_planned', 0))} as planned, {int(came.get('less', 0))} less, {int(came.get('more', 0))} more, {int(came.get('unknown', 0))} cannot be told.",
            ),
            Text(f"{moved} 个参数与原先的估计不符，供下一轮参考，由人决定是否采用。", f"{moved} figures no longer agree with what was believed; they are offered to the next round for a person to accept."),
        )  # fmt: skip


def evaluate(
    before: City, after: City, works: pd.DataFrame, measures: Sequence[Measure], rules: Rules, *, earlier: City | None = None
) -> Evaluation:  # fmt: skip
    """Compare two snapshots and the record of works between them, by the rules of one date.

    Parameters
    ----------
    works
        As :func:`~hutong.learn.works.read_works` gives it.
    earlier
        A snapshot before ``before``, by which the comparison is doubted or not (placebo).

    Raises
    ------
    HutongError
        ``evaluation-order`` if the snapshots are not in the order of their dates.
    """
    dates = [c.meta.date for c in (*([earlier] if earlier is not None else []), before, after)]
    if sorted(set(dates)) != dates:
        raise HutongError(
            "evaluation-order",
            Text(
                f"快照日期没有先后顺序：{'、'.join(dates)}。",
                f"The snapshots are not in order: {', '.join(dates)}.",
            ),
            Text("请按先后给出。", "Give the earlier one first."),
        )
    first, last = checkup(before, rules), checkup(after, rules)
    found = effects(before, after, works, measures, earlier=earlier)
    return Evaluation(
        before.meta.date, after.meta.date, first, last, compare(first, last), _summary(works), found,
        _gains(after, works), lessons(measures, works, found),
    )  # fmt: skip


def _summary(works: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for measure, here in works.groupby("measure", sort=True):
        done = here["finished"].notna()
        delay = (here["finished"] - here["planned_finish"]).dt.days
        both = here["planned_yuan"].notna() & here["paid_yuan"].notna()
        planned, paid = here["planned_yuan"][both].sum(), here["paid_yuan"][both].sum()
        late = delay[delay > 0]
        rows.append(
            (
                measure, len(here), int(done.sum()), len(late), float(late.median()) if len(late) else np.nan,
                planned, paid, paid / planned if planned > 0 else np.nan, int((done & ~both).sum()),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(WORKS_SUMMARY))


def _gains(city: City, works: pd.DataFrame) -> pd.DataFrame:
    """Return who lives in buildings where works were finished, by tenure and for older people and low incomes."""
    homes = city["dwellings"]
    reached = homes["building_id"].isin(works["building_id"][works["finished"].notna()]).to_numpy()
    groups: list[tuple[str, np.ndarray]] = [("all", np.ones(len(homes)))]
    tenure = homes["tenure"].astype(object).to_numpy()
    groups += [
        (str(t), (tenure == t).astype(float)) for t in sorted({t for t in tenure if isinstance(t, str)})
    ]
    elders = homes["elders"].to_numpy(float, na_value=np.nan)
    band = homes["income_band"].to_numpy(float, na_value=np.nan)
    groups.append(("elders", np.where(np.isfinite(elders), elders >= 1, np.nan)))
    groups.append(("low_income", np.where(np.isfinite(band), band <= LOW_INCOME_BAND, np.nan)))
    overall = float(reached.mean()) if len(homes) else np.nan
    rows = []
    for name, member in groups:
        inside = float(np.nansum(member * reached))
        total = float(np.nansum(member))
        rows.append((name, inside, total, inside / total if total else np.nan, overall))
    return pd.DataFrame(rows, columns=list(GAIN_COLUMNS))
