"""Results 结果: findings and rules in, schemes with their money, consent and proof out."""

from hutong.plan.catalogue import load_assumptions, load_measures, load_offers
from hutong.plan.explain import explain
from hutong.plan.finance import irr, irr_many, npv, party_years, payback_year
from hutong.plan.mend import MEND_COLUMNS, Mend, Remedy, mend, mend_table
from hutong.plan.results import (
    BENEFITS,
    CHOICE_COLUMNS,
    FLOW_COLUMNS,
    PARTIES,
    Binding,
    Certificate,
    Measure,
    Plan,
    Scheme,
)
from hutong.plan.schemes import make_plan

__all__ = [
    "BENEFITS",
    "CHOICE_COLUMNS",
    "FLOW_COLUMNS",
    "MEND_COLUMNS",
    "PARTIES",
    "Binding",
    "Certificate",
    "Measure",
    "Mend",
    "Plan",
    "Remedy",
    "Scheme",
    "explain",
    "irr",
    "irr_many",
    "load_assumptions",
    "load_measures",
    "load_offers",
    "make_plan",
    "mend",
    "mend_table",
    "npv",
    "party_years",
    "payback_year",
]
