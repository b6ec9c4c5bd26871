"""What planning gives: options, schemes with their money and their certificate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.rules.results import Violation
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.plan.who_gains import WhoGains

#: Who pays and who is paid. ``treasury`` is the state's taxes, before they are shared out; ``outside`` is everyone else:
#: contractors, suppliers, market tenants, buyers.
PARTIES = (
    "city", "district", "subdistrict", "owner_unit", "operator", "owners", "tenants", "maintenance_fund", "lender",
    "treasury", "outside",
)  # fmt: skip
#: The four benefits of a scheme.
BENEFITS = ("economic", "social", "ecological", "cultural")
#: Columns of :attr:`Scheme.flows`: yearly payments, each with a payer and a payee (yuan > 0; year 0 is now).
FLOW_COLUMNS = ("year", "payer", "payee", "yuan", "line", "object_id")
#: Columns of :attr:`Scheme.choices`: one row per object that is not left as it is. ``acceptance`` is of the common
#: vote; ``leaving`` the share of public tenants who surrender their lease (NaN: no surrender offered). Objects of the
#: kind ``block`` are the homes of a block outside its estates.
CHOICE_COLUMNS = (
    "object_id", "object_kind", "name", "building_id", "package", "offer", "capital_yuan", "public_yuan", "owner_yuan",
    "operator_yuan", "people", "dwellings", "acceptance", "pass_probability", "floor_before_m2", "floor_after_m2",
    "demolished_m2", *(f"benefit_{b}" for b in BENEFITS), "leaving",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """One renewal measure of the catalogue (``measures.yaml``); figures are per ``unit`` of the object."""

    id: str
    title: Text
    group: str  # one of catalogue.GROUPS
    applies_to: str  # building | courtyard | estate
    unit: str  # m2 | dwelling | staircase | piece | space
    capital_low: float
    capital: float
    capital_high: float
    running: float  # yuan per unit and year
    revenue: float  # yuan per unit and year
    life_years: float
    disruption: float  # [0, 1]
    matter: str  # which consent it needs: ordinary | special | surrender | signing | none
    effects: Mapping[str, float]  # indicator or condition -> change
    excludes: tuple[str, ...]
    requires: tuple[str, ...]
    condition: str  # where it applies, as words of options.py
    source: Text  # a public document, or 假设 / assumption
    confidence: str
    quantity: str = "one"  # column of the object table that counts the units
    saving: float = 0.0  # yuan per unit and year that somebody no longer spends (heat, repairs)
    carbon: str = ""  # its row in the carbon account (hutong.sense.carbon_works.per_unit)
    carbon_kg: float = 0.0  # CO2 saved per unit and year, where the account has no factor for it
    culture: float = 0.0  # cultural points per unit
    green_m2: float = 0.0
    space_m2: float = 0.0  # idle floor area that it takes
    floor_factor: float = 1.0  # floor area afterwards per floor area before, of what is demolished
    income_to: str = "none"  # operator | owners | none
    owners_pay: bool = False
    operator_may: bool = False
    voluntary: bool = False  # cost and effect follow the share of households that apply
    demolishes: bool = False
    relocates: bool = False
    takes_rest: bool = False  # takes the idle floor that the others leave
    beside: bool = False  # offered alone and on top of the fullest packages, not in every combination
    rents_rooms: bool = False  # pays a rent to the unit that owns the rooms
    running_low: float = 0.0  # yuan per unit and year
    running_high: float = 0.0
    effect_spread: float = (
        math.nan
    )  # share by which the effect may fall short or exceed (P10 to P90); NaN: unknown
    gain: Mapping[str, float] | None = None  # what it is worth to a household; None: as in acceptance.yaml
    lean: float = 0.0  # added to the logit of every household that is asked: what earlier rounds taught


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that holds the optimum where it is."""

    row: str
    title: Text
    value: float
    limit: float
    unit: str
    source: Text  # the law, or the principle, that it rests on


@dataclass(frozen=True, slots=True)
class Certificate:
    """The solver's proof: objective, bound, relative gap and the limits that bind."""

    status: str  # optimal (within the gap asked for) | node_limit | time_limit
    objective: float
    bound: float
    gap: float
    rows: int
    columns: int
    binding: tuple[Binding, ...]


@dataclass(frozen=True)
class Scheme:
    """One scheme: what is done where, on which offer, who pays, and the proof."""

    id: str
    title: Text
    choices: pd.DataFrame
    flows: pd.DataFrame
    totals: Mapping[str, float]
    certificate: Certificate
    violations: tuple[Violation, ...]
    terms: Mapping[str, float]
    #: Yuan of every line over all choices, in the order of ``money.LINES``; None where only the payments are known.
    amounts: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Plan:
    """The schemes for one quarter, the measures they draw on, and what was assumed."""

    schemes: tuple[Scheme, ...]
    measures: tuple[Measure, ...]
    options: pd.DataFrame
    assumptions: tuple[Text, ...]
    budget: Mapping[str, float] | None = None  # yuan by payer as given; None: the assumed one was used
    people: Mapping[str, WhoGains] = field(default_factory=dict)  # who gains by each scheme, by its id

    def scheme(self, scheme_id: str) -> Scheme:
        """Return a scheme by its id."""
        return next(s for s in self.schemes if s.id == scheme_id)
