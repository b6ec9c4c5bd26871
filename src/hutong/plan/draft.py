"""What an option would do and cost, before anybody is asked: quantities and who carries them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.plan.acceptance import applying_share, household_gains, surrender_share
from hutong.plan.catalogue import Offer, load_assumptions
from hutong.plan.objects import Objects
from hutong.plan.results import Measure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Draft:
    """Quantities, shares and carriers of options before they are asked about."""

    def __init__(
        self,
        objects: Objects,
        measures: tuple[Measure, ...],
        offers: tuple[Offer, ...],
        row: Ints,
        packages: Bools,
        offer: Ints,
    ) -> None:
        self.objects, self.measures, self.offers = objects, measures, offers
        self.row, self.packages, self.offer = row, packages, offer
        self.value = {name: a.value for name, a in load_assumptions().items()}
        self.owner_share = np.array([o.owner_share for o in offers])[offer]
        self.near = np.array([o.near for o in offers])[offer]
        self.compensation = np.array([o.compensation for o in offers])[offer]
        self.surrendering = self._surrendering()
        self.quantity = self._quantities()
        unit_cost = np.array([m.capital for m in measures])
        factor = np.array([m.floor_factor if m.demolishes and m.floor_factor > 0 else 1.0 for m in measures])
        self.capital = self.quantity * unit_cost * factor
        self.extra = self.quantity * unit_cost * (factor - 1.0)
        self.operated, self.funded = self._carriers()
        leases = objects["leases"][row]
        self.leaving = np.nan_to_num(leases * self.surrendering)
        self.rehoused = self.leaving * self.near
        freed = np.nan_to_num(objects["lease_m2"][row] * self.surrendering)
        self.spare_floor = freed * np.where(self.near, 1.0 - self.value["near_area_factor"], 1.0)

    def column(self, measure: str) -> Bools:
        """Return which options hold a measure."""
        return self.packages[:, [m.id for m in self.measures].index(measure)]

    def flag(self, name: str) -> Bools:
        """Return, per option and measure in it, a yes-or-no field of the measures."""
        return self.packages & np.array([bool(getattr(m, name)) for m in self.measures])

    def figure(self, name: str) -> Floats:
        """Return a number field of the measures, shape (measures,)."""
        return np.array([float(getattr(m, name)) for m in self.measures])

    def _surrendering(self) -> Floats:
        """Return the share of public tenants that leave, 0 where the package is no surrender."""
        share = np.zeros(self.row.size)
        surrender = self.column("lease_surrender")
        lean = sum(m.lean for m in self.measures if m.id == "lease_surrender")
        for i, offer in enumerate(self.offers):
            if offer.use == "surrender":
                at = surrender & (self.offer == i)
                if not at.any():
                    continue
                share[at] = surrender_share(self.objects, offer.compensation, offer.near, lean)[self.row[at]]
        return share

    def _quantities(self) -> Floats:
        """Return the units that each measure of an option does: voluntary ones follow those who apply."""
        units = np.column_stack([np.nan_to_num(self.objects[m.quantity]) for m in self.measures])
        quantity = np.where(self.packages, units[self.row], 0.0)
        for i, measure in enumerate(self.measures):
            if not self.packages[:, i].any():
                continue
            if (
                measure.voluntary
                and "crowding" not in measure.effects
                and measure.id != "courtyard_restoration"
            ):
                quantity[:, i] *= self._applying(i) * (1 - self._leaving_share())
            elif measure.voluntary:
                quantity[:, i] *= self.surrendering
        # what is surrendered is restored: the other works of a courtyard have that much less to do
        floor = np.maximum(np.nan_to_num(self.objects["floor_area_m2"][self.row]), 1.0)
        freed = np.nan_to_num(self.objects["lease_m2"][self.row]) * self.surrendering
        whole = np.array([m.quantity == "floor_area_m2" for m in self.measures])
        quantity[:, whole] *= 1 - np.clip(freed / floor, 0.0, 1.0)[:, None]
        taken = quantity @ self.figure("space_m2")
        rest = np.array([m.takes_rest for m in self.measures])
        quantity[:, rest] = np.maximum(quantity[:, rest] - taken[:, None], 0.0)
        return quantity

    def _leaving_share(self) -> Floats:
        return (
            np.nan_to_num(self.objects["leases"] / np.maximum(self.objects["dwellings"], 1))[self.row]
            * self.surrendering
        )

    def _applying(self, column: int) -> Floats:
        """Return the share that applies for a voluntary measure, by object and owners' share."""
        measure = self.measures[column]
        levels = np.unique(self.owner_share)
        gain = household_gains(self.objects, [measure])[:, 0]
        share = applying_share(self.objects, gain, levels * measure.capital, measure.disruption, measure.lean)
        return share[self.row, np.searchsorted(levels, self.owner_share)]

    def _carriers(self) -> tuple[Bools, Bools]:
        """Return which measures of an option the operator runs, and which it funds.

        Common parts are the owners': in a commodity estate the operator has none of them.
        """
        carrier = np.array([o.carrier for o in self.offers])[self.offer]
        earns = np.array([m.income_to == "operator" for m in self.measures])
        common = np.array([m.space_m2 > 0 or m.takes_rest for m in self.measures])
        owners_own = (np.nan_to_num(self.objects["common_rooms"][self.row]) > 0)[:, None] & common
        may = self.flag("operator_may") & ~owners_own
        funded = may & ((carrier == "operator_all")[:, None] | ((carrier == "operator")[:, None] & earns))
        return funded & earns, funded

    def owner_due(self) -> tuple[Floats, Floats]:
        """Return what the owners' side owes for lifts and for the rest, yuan per option (owner units included)."""
        share = self.owner_share[:, None] * (self.capital - self.extra) * self.flag("owners_pay") + self.extra
        is_lift = np.array([m.id == "lift" for m in self.measures])
        return share[:, is_lift].sum(axis=1), share[:, ~is_lift].sum(axis=1)
