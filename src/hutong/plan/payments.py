"""Every payment of an option, each to whom it belongs: the amounts on the lines of :mod:`hutong.plan.money`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hutong.plan.draft import Draft
from hutong.plan.loans import loan_assumptions
from hutong.plan.money import LINE_ROW, LINES, LIVES, LONGEST_LIFE
from hutong.plan.objects import BUILDING, COURTYARD, ESTATE, TENURES
from hutong.plan.results import Measure
from hutong.plan.revenue import takings, units_that_earn
from hutong.plan.taxes import TaxRates
from hutong.rules import Rules

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Storeys from which a block counts as high-rise for its first maintenance fund.
HIGH_RISE_STOREYS = 7


def option_amounts(draft: Draft, rules: Rules) -> Floats:
    """Return the whole-yuan amount of every line of :data:`LINES`, shape (options, lines)."""
    pay = _Payments(draft, rules)
    pay.works()
    pay.surrender()
    pay.rebuild()
    pay.yearly()
    return np.round(pay.out)


def _at(values: object) -> Floats:
    return np.nan_to_num(np.asarray(values, np.float64))


def life_class(measure: Measure) -> int:
    """Return the life of :data:`LIVES` that a measure counts as: the longest not above its own."""
    return max((x for x in (*LIVES, LONGEST_LIFE) if x <= measure.life_years), default=LIVES[0])


class _Payments:
    """Amounts of the options of a draft, added up line by line."""

    def __init__(self, draft: Draft, rules: Rules) -> None:
        self.draft, self.rules, self.v = draft, rules, draft.value
        self.out = np.zeros((draft.row.size, len(LINES)))
        self.leased = _at(draft.objects["leased_share"][draft.row])
        self.kind = draft.objects.kind[draft.row]
        self.rates = TaxRates.of(rules)
        self.takings = [takings(m) for m in draft.measures]

    def put(self, name: str, by_payer: Mapping[str, Floats], payee: str = "outside", life: int = 0) -> None:
        for payer, yuan in by_payer.items():
            self.out[:, LINE_ROW[f"{name}:{payer}>{payee}" + (f"@{life}" if life else "")]] += yuan

    def public(self, yuan: Floats) -> dict[str, Floats]:
        """Share public money between the city and the district."""
        return {"city": self.v["city_share"] * yuan, "district": (1 - self.v["city_share"]) * yuan}

    def works(self) -> None:
        """Add works by payer, what organising takes, and the loan on the operator's part.

        The city pays for lifts what the rules grant per staircase; where they know no such subsidy, the district bears it.
        """
        d, v = self.draft, self.v
        operator = (d.capital * d.funded).sum(axis=1)
        due = sum(d.owner_due())
        unit_works = (d.capital * d.flag("owners_pay")).sum(axis=1) - due
        unit = self.leased * (due + v["unit_share"] * unit_works)
        owners = due * (1 - self.leased)
        fund = np.minimum(self._fund_may_pay() * (1 - self.leased), self._fund_balance())
        fund = np.minimum(fund, owners)
        public = np.maximum(d.capital.sum(axis=1) - operator - owners - unit, 0.0)
        is_lift = np.array([m.id == "lift" for m in d.measures])
        lift, stairs = (d.capital * is_lift).sum(axis=1), d.quantity @ is_lift.astype(float)
        subsidy = self.rules.number("lift.subsidy_yuan") if "lift.subsidy_yuan" in self.rules else 0.0
        granted = np.minimum(np.minimum(stairs * subsidy, lift), public)
        city = granted + v["city_share"] * (public - lift).clip(0)
        self.put("works", {"city": city, "district": public - city, "owner_unit": unit, "owners": owners - fund,
                           "maintenance_fund": fund, "operator": operator})  # fmt: skip
        asked = (d.packages & np.array([m.matter != "none" for m in d.measures])).any(axis=1)
        homes = _at(d.objects["dwellings"][d.row])
        self.put("organising", {"subdistrict": v["organising_yuan_household"] * homes * asked})
        self._loan(np.round(operator))

    def _fund_may_pay(self) -> Floats:
        """Return what owners owe for common parts of blocks, which their maintenance fund may pay (Civil Code 281)."""
        d = self.draft
        common = np.array([m.owners_pay and m.unit != "dwelling" and not m.demolishes for m in d.measures])
        due = d.owner_share * (d.capital * (d.packages & common)).sum(axis=1)
        return np.asarray(due * (self.kind == BUILDING), np.float64)

    def _fund_balance(self) -> Floats:
        """Return what is assumed to be in the maintenance funds of an object's commodity and reform homes."""
        objects, rules = self.draft.objects, self.rules
        homes = objects.households
        has = np.isin(homes.tenure, [TENURES.index("commodity"), TENURES.index("reform")])
        area = np.bincount(homes.object, weights=homes.area_cm2 * has / 1e4, minlength=len(objects))
        low = rules.number("fund.initial_multistorey_yuan_m2")
        name = "fund.initial_highrise_yuan_m2"
        high = rules.number(name) if name in rules else low
        first = np.where(_at(objects["storeys"]) >= HIGH_RISE_STOREYS, high, low)
        return np.asarray((self.v["fund_balance_share"] * first * area)[self.draft.row], np.float64)

    def _loan(self, operator: Floats) -> None:
        """Add the loan on the operator's works; old estates may have its interest subsidised, courtyards not."""
        drawn = np.round(loan_assumptions()["share"].value * operator)
        self.put("loan", {"lender": drawn}, "operator")
        for name in ("repayment", "interest"):
            self.put(name, {"operator": drawn}, "lender")
        self.put("interest_subsidy", self.public(drawn * (self.kind != COURTYARD)), "operator")

    def surrender(self) -> None:
        """Add compensation = level × (market value − replacement value), and awards: public money, on its own lines."""
        d, v = self.draft, self.v
        area = _at(d.objects["lease_m2"][d.row]) * d.surrendering
        paid = d.compensation * (v["surrender_price_yuan_m2"] - v["replacement_yuan_m2"]) * area * ~d.near
        award = d.leaving * np.where(d.near, v["near_award_yuan"], v["surrender_award_yuan"])
        for name, yuan in (("surrender_compensation", paid), ("surrender_award", award)):
            self.put(name, self.public(yuan), "tenants")

    def rebuild(self) -> None:
        """Add the rent of those who live elsewhere while their block is rebuilt."""
        d, v = self.draft, self.v
        moved = d.flag("demolishes") & d.flag("relocates")
        rent = (d.quantity * moved).sum(axis=1) * v["temporary_rent_yuan_m2_month"] * v["rebuild_months"]
        for payee, part in (("owners", 1 - self.leased), ("tenants", self.leased)):
            self.put("temporary_rent", self.public(rent * part), payee)

    def yearly(self) -> None:
        """Add income, fees, running cost, rent of rooms, replacement and taxes, each to whom it belongs."""
        d = self.draft
        estate = (self.kind == ESTATE)[:, None]
        income_op = np.array([m.income_to == "operator" for m in d.measures])
        common = np.array([m.space_m2 > 0 or m.takes_rest for m in d.measures])
        owners_own = (_at(d.objects["common_rooms"][d.row]) > 0)[:, None] & common
        earning = d.packages & (d.figure("revenue") > 0)
        units = units_that_earn(d.quantity, d.spare_floor, d.measures)
        revenue, running = units * d.figure("revenue"), np.maximum(units, 0) * d.figure("running")
        theirs = earning & (~income_op | owners_own)
        public = earning & income_op & ~d.operated & ~owners_own
        of = {"operator": d.operated, "owners": theirs, "district": public}
        by_operator = d.funded & (d.operated | ~earning)
        by_owners = (theirs | (d.packages & ~earning & ~estate)) & ~by_operator
        runs = {"operator": by_operator, "owners": by_owners, "district": d.packages & ~by_operator & ~by_owners}  # fmt: skip
        fees = np.array([t.payer == "households" for t in self.takings])
        cost = {}
        for party, mask in of.items():
            fee = (revenue * mask * fees).sum(axis=1) if party != "owners" else np.zeros(len(revenue))
            taken = (revenue * mask).sum(axis=1) - fee
            self.put("income", {"outside": taken.clip(0)}, party)
            if party != "owners":
                self.put("service_fee", {"owners": fee * (1 - self.leased), "tenants": fee * self.leased}, party)  # fmt: skip
            # a move within the quarter takes floor from what others restored: its negative rent is a running cost
            cost[party] = (running * runs[party]).sum(axis=1) + (-taken).clip(0)
        mine = self._by_owners(cost.pop("owners"))
        self.put("running", {**cost, "owners": mine["owners"], "owner_unit": mine["owner_unit"]})
        net = (revenue * theirs).sum(axis=1) - (running * theirs).sum(axis=1)
        self._top_up(net)
        lease = self._lease(revenue * d.operated)
        self._taxes(revenue * d.operated, running * by_operator, cost["operator"], lease)
        self._renew(runs, earning, theirs)

    def _by_owners(self, yuan: Floats) -> dict[str, Floats]:
        """Share a cost of the owners' side: the owner unit bears that of the homes it lets."""
        return {"owners": yuan * (1 - self.leased), "owner_unit": yuan * self.leased}

    def _top_up(self, net: Floats) -> None:
        """Put the share of the net income from common parts that the law asks for into the maintenance fund."""
        name = "fund.common_income_share_min"
        share = self.rules.number(name) if name in self.rules else 0.0
        self.put("fund_topup", {"owners": share * net.clip(0)}, "maintenance_fund")

    def _lease(self, revenue: Floats) -> Floats:
        """Add the rent of rooms; public services have theirs free, what is let at market rents pays for them."""
        rooms = np.array(
            [m.takes_rest or m.rents_rooms or m.id == "courtyard_restoration" for m in self.draft.measures]
        )
        lease = self.v["lease_share"] * (np.maximum(revenue, 0) * rooms).sum(axis=1)
        of_district = _at(self._direct_share())
        self.put("lease", {"operator": lease * of_district}, "district")
        self.put("lease", {"operator": lease * (1 - of_district)}, "owner_unit")
        return np.asarray(lease, np.float64)

    def _direct_share(self) -> Floats:
        """Return the share of an object's leased floor that is directly managed (the district's), 0 for estates."""
        objects = self.draft.objects
        homes, n = objects.households, len(objects)
        direct = homes.tenure == TENURES.index("public_direct")
        mine = np.bincount(homes.object, weights=homes.area_cm2 * direct, minlength=n)
        leased = np.bincount(homes.object, weights=homes.area_cm2 * homes.leased, minlength=n)
        return np.asarray((mine / np.maximum(leased, 1))[self.draft.row], np.float64)

    def _taxes(self, revenue: Floats, running: Floats, all_running: Floats, lease: Floats) -> None:
        """Add the operator's taxes on what it takes, and what running cost, rent and works take off them."""
        r, d = self.rates, self.draft
        taken = np.maximum(revenue, 0)
        on = np.array([r.on_takings(t) for t in self.takings]).reshape(-1, 2)
        fees = np.array([t.payer == "households" for t in self.takings])
        for name, mask in (("income", ~fees), ("fee", fees)):
            for tax, rate in zip(("vat", "cit"), on.T, strict=True):
                self.put(f"{tax}_{name}", {"operator": taken @ (rate * mask)}, "treasury")
        taxed = np.array([r.rate(t) > 0 for t in self.takings])
        creditable = running @ taxed * self.v["running_input_share"]
        vat, cit = r.on_cost(r.service, creditable=True)
        _, plain = r.on_cost(r.service, creditable=False)
        self.put("vat_running", {"treasury": creditable * vat}, "operator")
        self.put("cit_running", {"treasury": creditable * cit + (all_running - creditable) * plain}, "operator")  # fmt: skip
        self.put("cit_lease", {"treasury": lease * plain}, "operator")
        self._deduct(d.capital * d.funded)

    def _deduct(self, works: Floats, what: str = "works", life: int = 0) -> None:
        """Take works off the operator's taxes in equal parts; what serves exempt care has no input tax to credit."""
        r = self.rates
        taxed = np.array([r.rate(t) > 0 for t in self.takings])
        (vat, cit), (_, plain) = (r.on_cost(r.works, creditable=c) for c in (True, False))
        self.put(f"vat_{what}", {"treasury": works @ (vat * taxed)}, "operator", life)
        self.put(f"cit_{what}", {"treasury": works @ np.where(taxed, cit, plain)}, "operator", life)

    def _renew(self, runs: Mapping[str, Bools], earning: Bools, theirs: Bools) -> None:
        """Add replacement at the end of a life by whoever runs it, and the refit of long-lived rooms that earn.

        Owners replace common parts of blocks out of their maintenance fund; an owner unit bears that of homes it lets.
        """
        d, refit = self.draft, int(self.v["renewal_after_years"])
        lives = np.array([life_class(m) for m in d.measures])
        long = np.array([m.life_years >= 2 * refit for m in d.measures])
        block = self.kind != COURTYARD
        for life in LIVES:
            worn = d.capital * (lives == life)
            if life == refit:
                worn = worn + self.v["renewal_share"] * d.capital * (earning & long)
            if not worn.any():
                continue
            operator = worn * runs["operator"]
            self.put("renewal", {"operator": operator.sum(axis=1)}, life=life)
            self._deduct(operator, "renewal", life)
            self.put("renewal", {"district": (worn * runs["district"]).sum(axis=1)}, life=life)
            mine = (worn * runs["owners"]).sum(axis=1)
            common = (worn * theirs).sum(axis=1)
            share = self._by_owners(mine - common)
            owned = share["owners"] + common
            self.put("renewal", {"maintenance_fund": owned * block, "owners": owned * ~block, "owner_unit": share["owner_unit"]}, life=life)  # fmt: skip
        paid = self.v["residual_paid_share"]
        for life in (*LIVES, LONGEST_LIFE) if paid else ():
            left = (d.capital * (lives == life) * runs["operator"]).sum(axis=1)
            self.put("residual", {"district": paid * left}, "operator", life)
