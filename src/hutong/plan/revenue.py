"""What kind of takings a measure brings (``revenue.yaml``): who pays, what carries the years, how it is taxed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.plan.catalogue import invalid_catalogue
from hutong.plan.results import Measure
from hutong.text import Text

CARRIERS = ("concession", "lease", "common", "mandate")
_ALLOWED = {"payer": ("outside", "households"), "carrier": CARRIERS, "vat": ("lease", "service", "care")}


@dataclass(frozen=True, slots=True)
class Takings:
    """A kind of takings."""

    id: str
    title: Text
    payer: str
    carrier: str
    vat: str


@cache
def _table() -> tuple[Mapping[str, Takings], Mapping[str, str], Mapping[str, str]]:
    raw = read_yaml(files(__package__).joinpath("revenue.yaml").read_text("utf-8"))
    rows = [
        f"{name}: {field} {entry.get(field)}"
        for name, entry in raw["kinds"].items()
        for field, allowed in _ALLOWED.items()
        if entry.get(field) not in allowed
    ]
    named = {**raw["measures"], **raw["otherwise"]}
    rows += [f"{name}: {kind}" for name, kind in named.items() if kind not in raw["kinds"]]
    if rows:
        raise invalid_catalogue("revenue.yaml", rows)
    kinds = {
        n: Takings(n, Text.of(e["title"]), e["payer"], e["carrier"], e["vat"])
        for n, e in raw["kinds"].items()
    }
    return kinds, raw["measures"], raw["otherwise"]


def takings(measure: Measure) -> Takings:
    """Return what kind of takings a measure brings, by its name or else by what it takes.

    Raises
    ------
    HutongError
        ``invalid-catalogue`` where common parts would pay the operator.
    """
    kinds, named, otherwise = _table()
    if measure.rents_rooms or measure.takes_rest:
        by_kind = "let"
    elif measure.space_m2 > 0:
        by_kind = "rooms"
    else:
        by_kind = "owners" if measure.income_to == "owners" else "rest"
    kind = kinds[named.get(measure.id, otherwise[by_kind])]
    if measure.income_to == "operator" and kind.carrier == "common":
        raise invalid_catalogue(
            "revenue.yaml", [f"{measure.id}: common parts are the owners', not the operator's"]
        )
    return kind


def units_that_earn(
    quantity: NDArray[np.float64], spare_floor: NDArray[np.float64], measures: Sequence[Measure]
) -> NDArray[np.float64]:
    """Return the units that bring takings, shape (options, measures).

    Restored rooms let to tenants who moved within the quarter bring no market rent: of these only what is left over earns.
    """
    restored = np.array([m.id == "courtyard_restoration" for m in measures])
    return np.where(restored, spare_floor[:, None], quantity)
