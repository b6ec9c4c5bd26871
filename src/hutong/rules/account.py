"""What a scheme does to a renewal unit, in plain numbers: all that a check needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hutong.errors import HutongError
from hutong.rules.book import Rules
from hutong.text import Text

#: Kinds of added floor area that the rules may leave uncounted (``far.uncounted.*``).
UNCOUNTED_KINDS = ("stairs", "air_duct", "accessibility", "lift", "insulation", "safety")
_WORDS = ("object_id", "uncounted_kind", "heritage_grade", "heritage_zone", "plot_id")


@dataclass(frozen=True, eq=False)
class UnitAccount:
    """The account of one scheme over one unit: one row per object (building, courtyard), whether changed or not.

    Numbers are float64 (n,), NaN where unknown; flags are 1, 0 or NaN; words are "" where unknown. Fields after
    ``object_id`` may be left out: None means that the whole column is unknown.

    Parameters
    ----------
    object_id
        Names of the objects (n,).
    existing_floor_m2, new_floor_m2, demolished_m2
        Floor area before, newly built, and demolished.
    uncounted_m2, uncounted_kind
        Part of the new floor area that may not count, and its kind (:data:`UNCOUNTED_KINDS`).
    dangerous, illegal
        Certified dangerous, illegal.
    height_before_m, height_after_m, height_cap_m, residential
        Heights of the building, the cap of its plot, and whether people live in it.
    heritage_grade, heritage_zone
        none, traditional, historic, protected; none, control_zone, historic_block.
    old_city, reserved
        In the old city; on strategically reserved land.
    households_before, households_after, relocated_households, rehoused_locally
        Households of the object, how many move out for good, and how many of those are rehoused locally.
    floor_cap_m2
        Counted floor area that the unit may have at most (:func:`floor_cap_m2`).
    service_floor_m2
        Floor area of each service that the scheme provides, by facility kind.
    operator_npv_low, operator_npv_high
        Operator's NPV (yuan) at the low and high rate of the micro-profit band; None without an operator.
    concession_years, rent_growth
        Length of the concession; yearly growth of rents. None where there is none.
    plot_id, plot_area_m2, far_cap
        Plot of each object, its area and its planned floor-area ratio (n,), the same for all objects of a plot. Left
        out where the account does not go by plots; the report then says that plots were not judged.
    land_before_m2, land_after_m2
        Construction land of the unit. None where the account says nothing of land.
    """

    object_id: NDArray[np.str_]
    existing_floor_m2: NDArray[np.float64]
    new_floor_m2: NDArray[np.float64]
    demolished_m2: NDArray[np.float64]
    uncounted_m2: NDArray[np.float64] | None = None
    uncounted_kind: NDArray[np.str_] | None = None
    dangerous: NDArray[np.float64] | None = None
    illegal: NDArray[np.float64] | None = None
    height_before_m: NDArray[np.float64] | None = None
    height_after_m: NDArray[np.float64] | None = None
    height_cap_m: NDArray[np.float64] | None = None
    residential: NDArray[np.float64] | None = None
    heritage_grade: NDArray[np.str_] | None = None
    heritage_zone: NDArray[np.str_] | None = None
    old_city: NDArray[np.float64] | None = None
    reserved: NDArray[np.float64] | None = None
    households_before: NDArray[np.float64] | None = None
    households_after: NDArray[np.float64] | None = None
    relocated_households: NDArray[np.float64] | None = None
    rehoused_locally: NDArray[np.float64] | None = None
    floor_cap_m2: float = float("nan")
    service_floor_m2: Mapping[str, float] = field(default_factory=dict)
    operator_npv_low: float | None = None
    operator_npv_high: float | None = None
    concession_years: float | None = None
    rent_growth: float | None = None
    plot_id: NDArray[np.str_] | None = None
    plot_area_m2: NDArray[np.float64] | None = None
    far_cap: NDArray[np.float64] | None = None
    land_before_m2: float | None = None
    land_after_m2: float | None = None

    def __post_init__(self) -> None:
        n = len(self.object_id)
        problems: list[str] = []
        names = [f.name for f in fields(self)]
        columns = names[: 1 + names.index("rehoused_locally")]
        columns += [] if self.plot_id is None else ["plot_id", "plot_area_m2", "far_cap"]
        for name in columns:
            given = getattr(self, name)
            if name in _WORDS:
                read = np.full(n, "") if given is None else np.asarray(given, str)
            else:
                read = np.full(n, np.nan) if given is None else np.asarray(given, np.float64)
            if read.shape != (n,):
                problems.append(f"{name}: shape {read.shape}, expected ({n},)")
            elif name not in _WORDS and bool((read < 0).any()):
                problems.append(f"{name}: below 0 for {', '.join(self.object_id[read < 0][:5])}")
            object.__setattr__(self, name, read)
        if not problems and len(set(self.object_id.tolist())) != n:
            problems.append("object_id: an object stands twice")
        if not problems:
            problems = self._contradictions()
        if problems:
            raise HutongError(
                "bad-account",
                Text("方案账目不合格。", "The account of the scheme does not fit together."),
                Text("请改正所列各项。", "Mend the columns listed."),
                problems,
            )

    def _contradictions(self) -> list[str]:
        pairs = (
            ("demolished_m2", self.demolished_m2, "existing_floor_m2", self.existing_floor_m2),
            ("uncounted_m2", self.column("uncounted_m2"), "new_floor_m2", self.new_floor_m2),
            ("rehoused_locally", self.column("rehoused_locally"), "relocated_households", self.column("relocated_households")),
        )  # fmt: skip
        found = [
            f"{small}: above {large} for {', '.join(self.object_id[a > b * (1 + 1e-9)][:5])}"
            for small, a, large, b in pairs
            if bool((a > b * (1 + 1e-9)).any())
        ]
        if self.plot_id is not None:
            found += [
                f"{c}: differs within plot {p}" for c in ("plot_area_m2", "far_cap") for p in self._uneven(c)
            ]
        return found

    def _uneven(self, name: str) -> list[str]:
        """Return the plots whose objects do not agree on a figure of the plot."""
        if self.plot_id is None:
            return []
        values = self.column(name)
        order = np.argsort(self.plot_id, kind="stable")
        plot, value = self.plot_id[order], values[order]
        alike = (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
        broken = (plot[1:] == plot[:-1]) & ~alike & (plot[1:] != "")
        return [str(p) for p in np.unique(plot[1:][broken])]

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers, NaN where unknown."""
        values: NDArray[np.float64] = getattr(self, name)
        return values

    def words(self, name: str) -> NDArray[np.str_]:
        """Return a column of words, "" where unknown."""
        values: NDArray[np.str_] = getattr(self, name)
        return values

    def ids(self, mask: NDArray[np.bool_]) -> tuple[str, ...]:
        """Return the names of the objects marked."""
        return tuple(self.object_id[mask].tolist())

    def exempt(self, kinds: tuple[str, ...]) -> NDArray[np.float64]:
        """Return 1 where an object is any of ``kinds`` (dangerous, illegal), 0 where it is none, else NaN."""
        out = np.zeros(len(self.object_id))
        for kind in kinds:
            state = self.column(kind)
            out = np.where((out == 1) | (state == 1), 1.0, out + state)
        return out


def floor_cap_m2(existing_floor_m2: ArrayLike, rules: Rules, bonus: float = 0.0) -> float:
    """Return the counted floor area that a unit may have at most, NaN if any existing floor area is unknown.

    The cap is the existing floor area less the required reduction (``unit.floor_reduction_min``), plus a bonus
    that the authority has granted, as a share, within ``far.bonus_max``.

    Raises
    ------
    HutongError
        If the bonus is beyond what the rules allow.
    """
    limit = rules.number("far.bonus_max")
    if not 0 <= bonus <= limit:
        raise HutongError(
            "bonus-too-high",
            Text(
                f"容积率奖励 {bonus:.0%} 超出上限 {limit:.0%}。",
                f"The bonus of {bonus:.0%} is beyond {limit:.0%}.",
            ),
            Text(
                "请降低奖励或在规则文件中写明依据。", "Lower it, or write its legal basis into a rule file."
            ),
        )
    existing = float(np.sum(np.asarray(existing_floor_m2, np.float64)))
    return existing * (1 - rules.number("unit.floor_reduction_min")) * (1 + bonus)
