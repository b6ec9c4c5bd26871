"""Who gains and who loses by a scheme: how evenly, and by tenure and income."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.plan.acceptance import Households, households_of
from hutong.plan.catalogue import load_acceptance
from hutong.plan.objects import TENURES, Objects
from hutong.plan.options import Options, asks_by
from hutong.sense.equity import gini, theil_parts, worst_off
from hutong.text import Text, number, percent, yuan

#: Columns of :attr:`WhoGains.groups`; yuan are means per household.
GROUP_COLUMNS = (
    "by", "group", "households", "winners", "losers", "untouched", "gain_yuan", "cost_yuan", "net_yuan",
)  # fmt: skip
#: A household wins or loses where its net gain is beyond this, yuan once.
TOUCHED_YUAN = 1.0


@dataclass(frozen=True)
class WhoGains:
    """The distribution of a scheme's gains over the households that live in the quarter.

    Gains are what measures are worth to a household less what it pays and its trouble (``acceptance.yaml``, all
    assumptions); compensation for a surrendered lease is a price and no gain. ``gini`` and ``theil`` are of the gain before
    cost (0: all alike); ``between_tenures`` the part of Theil's T that lies between tenures; ``worst_decile_yuan`` the
    mean net gain of the tenth that fares worst.
    """

    households: int
    winners: int
    losers: int
    gini: float
    theil: float
    between_tenures: float
    worst_decile_yuan: float
    mean_net_yuan: float
    groups: pd.DataFrame

    def lines(self) -> tuple[Text, ...]:
        """Return the distribution in sentences."""
        n = max(self.households, 1)
        worst = self.worst_decile_yuan
        return (
            Text(
                f"在住 {number(self.households, 'zh')} 户：得益 {percent(self.winners / n, 'zh')}，净损失 {percent(self.losers / n, 'zh')}，其余不受影响；户均净收益 {yuan(self.mean_net_yuan, 'zh')}（按假设折算）。",
                f"{number(self.households)} households: {percent(self.winners / n)} gain, {percent(self.losers / n)} lose, the rest are untouched; mean net gain {yuan(self.mean_net_yuan)} (as assumed).",
            ),
            Text(
                f"最差一成户均{'净收益' if worst >= 0 else '净损失'} {yuan(abs(worst), 'zh')}；收益的基尼系数 {number(self.gini, 'zh', 2)}，泰尔指数 {number(self.theil, 'zh', 2)}，其中 {percent(self.between_tenures, 'zh')} 来自产权类型之间。",
                f"The worst-off tenth {'gains' if worst >= 0 else 'loses'} {yuan(abs(worst))} on average; Gini of gains {number(self.gini, digits=2)}, Theil {number(self.theil, digits=2)}, {percent(self.between_tenures)} of it between tenures.",
            ),
        )


def who_gains(chosen: Options) -> WhoGains:
    """Return the distribution of what chosen options (one per object) bring to the households."""
    return distribution(chosen.objects, households_of(chosen.objects, chosen.measures, asks_by(chosen)))


def distribution(objects: Objects, done: Households) -> WhoGains:
    """Return the distribution of known gains and costs; homes where nobody lives are left out."""
    homes = objects.households
    here = homes.occupied
    gain, net = done.gain[here], done.net_yuan[here]
    asked = done.asked[here]
    tenure = np.array(TENURES, object)[homes.tenure[here]]
    bands = np.array(load_acceptance()["income_yuan"], float)
    band = np.abs(homes.income_yuan[here][:, None] - bands[None, :]).argmin(axis=1) + 1
    table = pd.DataFrame(
        {
            "gain_yuan": gain,
            "cost_yuan": done.cost[here],
            "net_yuan": net,
            "winners": asked & (net > TOUCHED_YUAN),
            "losers": asked & (net < -TOUCHED_YUAN),
        }
    )
    table["untouched"] = ~(table["winners"] | table["losers"])
    parts = []
    for by, names in (("tenure", tenure), ("income", band.astype(object))):
        grouped = table.groupby(names, sort=True)
        sums = grouped[["winners", "losers", "untouched"]].sum().astype(int)
        means = grouped[["gain_yuan", "cost_yuan", "net_yuan"]].mean()
        part = pd.concat([grouped.size().rename("households"), sums, means], axis=1)
        part.insert(0, "group", [str(k) for k in part.index])
        part.insert(0, "by", by)
        parts.append(part)
    groups = pd.concat(parts, ignore_index=True)[list(GROUP_COLUMNS)]
    gains = np.maximum(gain, 0.0)
    shares = theil_parts(gains, tenure)
    return WhoGains(
        int(here.sum()),
        int(table["winners"].sum()),
        int(table["losers"].sum()),
        gini(gains),
        shares.total,
        shares.between / shares.total if shares.total > 0 else float("nan"),
        worst_off(net),
        float(net.mean()) if net.size else float("nan"),
        groups,
    )
