"""Which groups can still decide an act: by category, never by person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.roll import Roll
from hutong.agree.rule import Rule
from hutong.agree.tally import NONE, YES, tally
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.text import Text

OTHERS = "others"


def pivotal_groups(
    roll: Roll,
    ballots: NDArray[np.int8],
    rule: Rule,
    categories: Sequence[str],
    least: int = FEWEST_PEOPLE,
) -> pd.DataFrame:
    """Return for each category of heads whether those of it who have not answered can decide the act.

    Parameters
    ----------
    ballots
        int8 (heads,).
    categories
        Category of each head (heads,), such as its tenure or storey band; never something that names a person.
    least
        Smallest group shown. Smaller ones are merged into ``others``, and so is the smallest shown one while
        ``others`` is still too small, so that nothing can be found by subtraction.

    Returns
    -------
    One row per group, in order of its share of the area: ``category``, ``heads``, ``area_cm2``, ``silent`` (heads
    without a ballot), ``decisive`` (with their consent alone it passes) and ``indispensable`` (with the consent of
    all others without a ballot, but not theirs, it does not). The last three are unknown (<NA>) where those who have
    not answered, or those who have, are fewer than ``least`` but not none: they would point at persons.
    """
    if len(categories) != len(roll) or len(ballots) != len(roll) or least < 1:
        raise HutongError(
            "bad-categories",
            Text("分组、选票与名册的人数不一致。", "Categories and ballots do not fit the roll."),
            Text("每名表决人一个类别。", "Give one category per head, and a least group of at least 1."),
        )
    group = merge_small(categories, least)
    silent = ballots == NONE
    rows = []
    for name in sorted(set(group)):
        mine = np.array([g == name for g in group], bool)
        quiet = int((silent & mine).sum())
        shown = _either(quiet, least) and _either(int(mine.sum()) - quiet, least)
        rows.append(
            {
                "category": name,
                "heads": int(mine.sum()),
                "area_cm2": int(roll.area_cm2[mine].sum()),
                "silent": quiet if shown else pd.NA,
                "decisive": _passes(roll, ballots, silent & mine, rule) if shown else pd.NA,
                "indispensable": _indispensable(roll, ballots, silent, mine, rule) if shown else pd.NA,
            }
        )
    columns = ["category", "heads", "area_cm2", "silent", "decisive", "indispensable"]
    kinds = {"silent": "Int64", "decisive": "boolean", "indispensable": "boolean"}
    table = pd.DataFrame(rows, columns=columns).astype(kinds)
    return table.sort_values(["area_cm2", "category"], ascending=[False, True], ignore_index=True)


def merge_small(categories: Sequence[str], least: int) -> list[str]:
    """Return the categories with those of fewer than ``least`` members merged into ``others``.

    All stand as ``others`` where even together the small ones cannot be shown otherwise.
    """
    counts = dict(sorted(pd.Series(list(categories), dtype=object).value_counts().items()))
    kept = {c: int(n) for c, n in counts.items() if n >= least and c != OTHERS}
    rest = len(categories) - sum(kept.values())
    while 0 < rest < least and kept:
        smallest = min(kept, key=lambda c: (kept[c], c))
        rest += kept.pop(smallest)
    return [c if c in kept else OTHERS for c in categories]


def _either(count: int, least: int) -> bool:
    return count == 0 or count >= least


def _passes(roll: Roll, ballots: NDArray[np.int8], consenting: NDArray[np.bool_], rule: Rule) -> bool:
    return tally(roll, np.where(consenting, YES, ballots).astype(np.int8), rule).passed


def _indispensable(
    roll: Roll, ballots: NDArray[np.int8], silent: NDArray[np.bool_], mine: NDArray[np.bool_], rule: Rule
) -> bool:
    return _passes(roll, ballots, silent, rule) and not _passes(roll, ballots, silent & ~mine, rule)
