"""A question to the optimiser: what is wanted, with how much money, by which instruments, in which years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import numpy as np

from hutong.errors import HutongError
from hutong.plan.flows import Flow
from hutong.plan.phasing import Phases
from hutong.plan.results import BENEFITS
from hutong.rules import Justification, Rules
from hutong.text import Text

MODES = {
    "benefit": Text("资金限额内效益最大", "most benefit within the money"),
    "money": Text("达到既定效益所需公共资金最少", "least public money for the benefit asked for"),
}
#: Instruments that a question may take away, to see what they are worth.
INSTRUMENTS = {
    "concession": Text("特许经营（运营方投资经营）", "concession: an operator invests and runs"),
    "lean_and_fat": Text("肥瘦搭配（跨小区平衡）", "strong estates carry weak ones: balance across estates"),
    "surrender": Text("申请式退租", "voluntary lease surrender"),
    "owners_share": Text("居民出资", "owners' share of the cost"),
    "far_bonus": Text("容积率奖励", "FAR bonus"),
    "floor_transfer": Text("建筑规模转移", "floor-area transfer"),
    "city_reserve_quota": Text("市级建筑规模指标", "the city's floor-area reserve"),
    "uncounted_area": Text("增设设施不计容", "uncounted floor area"),
    "maintenance_fund": Text("住宅专项维修资金", "the maintenance fund"),
}
#: The rule that opens the city's reserve, and the kind of added floor area (``far.uncounted.*``) that is left uncounted.
RESERVE, UNCOUNTED = "far.city_reserve_quota_allowed", "stairs"
#: Whose spending a question may limit.
PAYERS = ("city", "district", "owner_unit", "operator")


@dataclass(frozen=True)
class Question:
    """What is asked of the optimiser; everything left out is as in the three default schemes.

    Parameters
    ----------
    mode
        Key of :data:`MODES`.
    budget
        Yuan by payer (:data:`PAYERS`).
    least
        Benefits that must be reached, share of what could be attained, by :data:`BENEFITS` or ``weighted``.
    goals
        Whether the alarms of the checkup must be lifted as far as they can be.
    off
        Keys of :data:`INSTRUMENTS` that are taken away.
    reasons
        Recorded reasons for passing limits in principle.
    years
        Years of concession to choose from; one: those; none: the assumed ones.
    low, high
        Micro-profit band instead of the rule's.
    bonus
        FAR bonus granted, share of the unit's floor area.
    reserve_m2
        Floor area that may be drawn from the city's reserve.
    uncounted_share
        Share of rebuilt floor area (stairs, ducts) that does not count.
    plot_flows, unit_flows, support
        Approved transfers of floor area (m²) between plots and between units, and of yearly money (yuan) between units.
    mix
        Least and most floor of a use per existing floor area, by ``service`` (rooms of services) and ``let`` (rooms let).
    fund
        Yuan in the maintenance fund of estates, which may bear what owners cannot.
    units
        Renewal unit of each estate or block; empty: one unit.
    balance
        ``quarter``: the band holds over all units together; ``unit``: in each, with ``support``.
    phases
        Years of works with their money and room.
    gap, time_limit, nodes
        Relative gap asked for; seconds and nodes after which the best found is returned with the gap proved so far.
    """

    mode: str = "benefit"
    budget: Mapping[str, float] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    goals: bool = True
    off: frozenset[str] = frozenset()
    reasons: tuple[Justification, ...] = ()
    years: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    bonus: float = 0.0
    reserve_m2: float = 0.0
    uncounted_share: float = 0.0
    plot_flows: tuple[Flow, ...] = ()
    unit_flows: tuple[Flow, ...] = ()
    support: tuple[Flow, ...] = ()
    mix: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fund: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    balance: str = "quarter"
    phases: Phases | None = None
    gap: float = 3e-3
    time_limit: float = 120.0
    nodes: int | None = None

    def allowed(self, instrument: str) -> bool:
        """Return whether an instrument may be used."""
        return instrument not in self.off

    def checked(self, rules: Rules) -> Question:
        """Return the question without the instruments taken away.

        Raises
        ------
        HutongError
            ``bad-question`` with every fault in it.
        """
        faults = list(self._faults(rules))
        if faults:
            raise HutongError(
                "bad-question",
                Text(
                    f"所提要求有 {len(faults)} 处不能采用。",
                    f"{len(faults)} parts of the question cannot be used.",
                ),
                Text("请改正所列各处。", "Mend those listed."),
                faults,
            )
        out = self
        if "far_bonus" in self.off:
            out = replace(out, bonus=0.0)
        if "city_reserve_quota" in self.off:
            out = replace(out, reserve_m2=0.0)
        if "uncounted_area" in self.off:
            out = replace(out, uncounted_share=0.0)
        if "floor_transfer" in self.off:
            out = replace(out, plot_flows=(), unit_flows=())
        if "maintenance_fund" in self.off:
            out = replace(out, fund={})
        return out

    def _faults(self, rules: Rules) -> Iterable[str]:
        for name, known in (("mode", MODES), ("balance", ("quarter", "unit"))):
            if getattr(self, name) not in known:
                yield f"{name}: {getattr(self, name)!r}; expected one of {', '.join(known)}"
        for name in sorted(self.off - set(INSTRUMENTS)):
            near = get_close_matches(name, INSTRUMENTS, n=2, cutoff=0.4) or list(INSTRUMENTS)
            yield f"off: no instrument {name!r}; near: {', '.join(near)}"
        for payer, yuan in self.budget.items():
            if payer not in PAYERS or not np.isfinite(yuan) or yuan < 0:
                yield f"budget: {payer} = {yuan}; expected yuan of at least 0 for {', '.join(PAYERS)}"
        for name, share in self.least.items():
            if name not in (*BENEFITS, "weighted") or not 0 <= share <= 1:
                yield f"least: {name} = {share}; expected a share in [0, 1] of {', '.join(BENEFITS)} or weighted"
        longest = rules.number("concession.years_max")
        for years in self.years:
            if not 1 <= years <= longest:
                yield f"years: {years}; the law allows 1 to {longest:g}"
        low = rules.number("operator.return_low") if self.low is None else self.low
        high = rules.number("operator.return_high") if self.high is None else self.high
        if not 0 <= low <= high <= 1:
            yield f"band: {low:.2%} to {high:.2%}; expected 0 ≤ low ≤ high"
        yield from self._floor_faults(rules)
        if self.support and self.balance != "unit":
            yield "support between units needs balance = unit"
        if len(self.years) > 1 and (
            self.balance == "unit" or self.phases is not None or "lean_and_fat" in self.off
        ):
            yield "a choice of years goes with one balance over the quarter and without phases; ask for each number of years"
        yield from self._phase_faults()

    def _floor_faults(self, rules: Rules) -> Iterable[str]:
        if self.bonus and not 0 <= self.bonus <= rules.number("far.bonus_max"):
            yield f"bonus: {self.bonus:.1%}; at most {rules.number('far.bonus_max'):.1%}"
        if not 0 <= self.uncounted_share <= 1 or not self.reserve_m2 >= 0:
            yield "uncounted_share lies in [0, 1] and reserve_m2 is at least 0"
        for name, asked, rule in (
            ("reserve_m2", self.reserve_m2, RESERVE),
            ("uncounted_share", self.uncounted_share, f"far.uncounted.{UNCOUNTED}"),
        ):
            if asked and not (rule in rules and rules.flag(rule)):
                yield f"{name}: {asked:g}; the rules of {rules.jurisdiction} do not allow it ({rule})"
        for use, (least, most) in self.mix.items():
            if use not in ("service", "let") or not 0 <= least <= most:
                yield f"mix: {use} {least}–{most}; expected service or let, and 0 ≤ least ≤ most"

    def _phase_faults(self) -> Iterable[str]:
        if self.phases is None:
            return
        if not 1 <= self.phases.years <= 15:
            yield f"phases: {self.phases.years} years; expected 1 to 15"
        for payer, limit in self.phases.budgets.items():
            values = limit if isinstance(limit, tuple) else (limit,)
            if payer not in PAYERS or any(not np.isfinite(v) or v < 0 for v in values):
                yield f"phases: yearly money of {payer} is {limit}"
            if isinstance(limit, tuple) and len(limit) != self.phases.years + 1:
                yield f"phases: {payer} has {len(limit)} years, expected {self.phases.years + 1} (works take two)"
        if self.phases.room is not None and not self.phases.room >= 0:
            yield f"phases: room for {self.phases.room} households"


def with_band(rules: Rules, low: float | None, high: float | None) -> Rules:
    """Return the rules with another micro-profit band, marked as an assumption of the question."""
    changed = dict(rules.parameters)
    for name, value in (("operator.return_low", low), ("operator.return_high", high)):
        if value is not None:
            note = Text("本次测算所设", "set for this question")
            changed[name] = replace(
                changed[name], value=float(value), source="", article="", confidence="U", note=note
            )
    return replace(rules, parameters=changed)
