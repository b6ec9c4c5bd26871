"""The asset register: what was made or renewed, what it is worth, when it must be renewed, what to lay by each year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.plan.results import Measure, Scheme
from hutong.rules import Rules
from hutong.rules.workdays import add_months
from hutong.text import Text

ASSET_COLUMNS = ("asset", "object", "kind", "made", "life_years", "cost_yuan", "keeper")
#: Measures on roofs and outer walls, which have a longer warranty than what is installed.
ENVELOPE = ("repair_common", "insulation", "courtyard_repair", "courtyard_insulation")


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset: where it is, of which kind, since when, how long it lasts, what it cost (None: not known), who keeps it."""

    id: str
    object_id: str
    kind: str
    made: dt.date
    life_years: float
    cost_yuan: int | None
    keeper: str = ""

    def ends(self) -> dt.date:
        """Return the day on which its life ends and it should be renewed."""
        return add_months(self.made, round(12 * self.life_years))

    def left(self, day: dt.date) -> float:
        """Return the share of its life that is left on a day, 0 to 1 (straight line)."""
        whole = (self.ends() - self.made).days
        return min(max((self.ends() - day).days / whole, 0.0), 1.0) if whole else 0.0

    def value(self, day: dt.date) -> int | None:
        """Return what is left of its cost on a day, whole yuan."""
        return None if self.cost_yuan is None else round(self.cost_yuan * self.left(day))

    def warranty(self, rules: Rules) -> dt.date | None:
        """Return the last day of the least warranty that the law sets; None where the rules have none."""
        name = "warranty.roof_years_min" if self.kind in ENVELOPE else "warranty.installation_years_min"  # fmt: skip
        return add_months(self.made, 12 * int(rules.number(name))) if name in rules else None


@dataclass(frozen=True, slots=True)
class Register:
    """All assets on a day: worth now, to lay by each year, and what falls due in the next years; None: a cost is unknown."""

    assets: tuple[Asset, ...]
    value_yuan: int | None
    yearly_yuan: int | None
    due: tuple[Asset, ...]


def register(assets: Sequence[Asset], day: dt.date, horizon_years: int = 5) -> Register:
    """Return the register on a day, with what is to be renewed within ``horizon_years``.

    Raises
    ------
    HutongError
        ``bad-assets`` with the rows that do not fit.
    """
    ids = [a.id for a in assets]
    rows = [f"{a.id}: stands twice" for a in assets if ids.count(a.id) > 1]
    rows += [f"{a.id}: life of {a.life_years:g} years" for a in assets if not a.life_years > 0]
    rows += [f"{a.id}: cost of {a.cost_yuan} yuan" for a in assets if a.cost_yuan is not None and a.cost_yuan < 0]  # fmt: skip
    if rows:
        raise _bad(rows)
    values = [a.value(day) for a in assets]
    yearly = [None if a.cost_yuan is None else a.cost_yuan / a.life_years for a in assets]
    until = add_months(day, 12 * horizon_years)
    return Register(
        tuple(assets),
        None if None in values else sum(v for v in values if v is not None),
        None if None in yearly else round(sum(v for v in yearly if v is not None)),
        tuple(sorted((a for a in assets if a.ends() <= until), key=lambda a: (a.ends(), a.id))),
    )


def assets_of(scheme: Scheme, measures: Sequence[Measure], made: dt.date) -> tuple[Asset, ...]:
    """Return what a scheme makes, an asset per object and measure that costs something; its cost stays to be entered.

    The planned cost is one of the whole package and is not split by guess.
    """
    by_id: Mapping[str, Measure] = {m.id: m for m in measures}
    out = []
    for row in scheme.choices.itertuples(index=False):
        for name in str(row.package).split("+"):
            measure = by_id[name]
            if measure.capital > 0 and measure.matter != "surrender":
                alone = "+" not in str(row.package)
                cost = round(float(row.capital_yuan)) if alone else None  # type: ignore[arg-type]
                out.append(
                    Asset(f"{row.object_id}.{name}", str(row.object_id), name, made, measure.life_years, cost)
                )
    return tuple(out)


def asset_table(assets: Sequence[Asset]) -> pd.DataFrame:
    """Return assets as a table (:data:`ASSET_COLUMNS`)."""
    return pd.DataFrame(
        [
            (a.id, a.object_id, a.kind, a.made.isoformat(), a.life_years, a.cost_yuan, a.keeper)
            for a in assets
        ],
        columns=list(ASSET_COLUMNS),
    ).astype({"cost_yuan": "Int64"})


def read_assets(table: pd.DataFrame) -> tuple[Asset, ...]:
    """Return the assets of a table; it raises ``bad-assets`` with the rows that do not fit."""
    rows = [f"column {c} is missing" for c in ASSET_COLUMNS[:-1] if c not in table]
    out = []
    for at, row in enumerate(table.to_dict("records") if not rows else [], start=2):
        cell = {str(k): "" if v is None or v != v else str(v).strip() for k, v in row.items()}
        try:
            out.append(_asset(cell))
        except ValueError as caught:
            rows.append(f"row {at}: {caught}")
    if rows:
        raise _bad(rows)
    return tuple(out)


def _asset(cell: Mapping[str, Any]) -> Asset:
    cost = cell["cost_yuan"]
    return Asset(
        cell["asset"], cell["object"], cell["kind"], dt.date.fromisoformat(cell["made"]), float(cell["life_years"]),
        int(cost) if cost else None, cell.get("keeper", ""),
    )  # fmt: skip


def _bad(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-assets",
        Text("资产清册不合格。", "The asset register does not fit."),
        Text(f"需要列 {'、'.join(ASSET_COLUMNS)}。", f"It has {', '.join(ASSET_COLUMNS)}."),
        rows,
    )
