"""Value-added and income tax of whoever operates, as shares of what they rest on (rates with their law: ``tax.*``).

Amounts include value-added tax. The income tax is that before interest (调整所得税), so that it does not depend on who
lends. Works and replacements are deducted in equal parts over the years of operation. All of it is linear in the
choices; what is deducted stays below what is due wherever the operator earns its low return over the whole unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from hutong.plan.revenue import Takings
from hutong.rules import Rules


@dataclass(frozen=True, slots=True)
class TaxRates:
    """Rates that hold on a day: value-added tax by kind, surcharges on it, income tax, and what care is relieved of."""

    lease: float
    service: float
    works: float
    surcharge: float
    income: float
    care_exempt: bool
    care_counted: float  # share of the income from care that income tax counts

    @classmethod
    def of(cls, rules: Rules) -> TaxRates:
        """Read the rates from the rules."""
        exempt = rules.flag("tax.vat_care_exempt") or rules.flag("tax.community_service_relief")
        return cls(
            lease=rules.number("tax.vat_lease"),
            service=rules.number("tax.vat_service"),
            works=rules.number("tax.vat_works"),
            surcharge=rules.number("tax.vat_surcharge"),
            income=rules.number("tax.income"),
            care_exempt=exempt,
            care_counted=rules.number("tax.community_service_income_share"),
        )

    def rate(self, kind: Takings) -> float:
        """Return the value-added tax on a kind of takings, 0 where it is exempt."""
        if kind.vat == "care":
            return 0.0 if self.care_exempt else self.service
        return self.lease if kind.vat == "lease" else self.service

    def on_takings(self, kind: Takings) -> tuple[float, float]:
        """Return what 1 yuan taken (tax included) owes in value-added tax with surcharges, and in income tax."""
        vat = self.rate(kind) / (1 + self.rate(kind))
        counted = self.care_counted if kind.vat == "care" else 1.0
        return vat * (1 + self.surcharge), self.income * ((1 - vat) * counted - vat * self.surcharge)

    def on_cost(self, rate: float, creditable: bool) -> tuple[float, float]:
        """Return what 1 yuan of cost (tax included at ``rate``) saves in value-added tax with surcharges, and in income tax."""
        vat = rate / (1 + rate) if creditable else 0.0
        return vat * (1 + self.surcharge), self.income * (1 - vat - vat * self.surcharge)
