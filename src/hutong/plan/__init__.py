"""Results 结果: findings and rules in, schemes with their money, consent and proof out."""

from hutong.plan.catalogue import load_assumptions, load_measures, load_offers
from hutong.plan.explain import explain
from hutong.plan.finance import irr, irr_many, npv, party_years, payback_year
from hutong.plan.flows import Flow
from hutong.plan.loans import LoanTerms, repay
from hutong.plan.mend import MEND_COLUMNS, Mend, Remedy, mend, mend_table
from hutong.plan.optimise import Answer, optimise
from hutong.plan.pareto import POINT_COLUMNS, Pareto, pareto
from hutong.plan.phasing import Phases
from hutong.plan.question import Question
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
from hutong.plan.risk import RiskResult, simulate
from hutong.plan.schemes import make_plan
from hutong.plan.sharing import Party, Split, nash_split
from hutong.plan.study import Study
from hutong.plan.workbook import write_workbook

__all__ = [
    "BENEFITS",
    "CHOICE_COLUMNS",
    "FLOW_COLUMNS",
    "MEND_COLUMNS",
    "PARTIES",
    "POINT_COLUMNS",
    "Answer",
    "Binding",
    "Certificate",
    "Flow",
    "LoanTerms",
    "Measure",
    "Mend",
    "Pareto",
    "Party",
    "Phases",
    "Plan",
    "Question",
    "Remedy",
    "RiskResult",
    "Scheme",
    "Split",
    "Study",
    "explain",
    "irr",
    "irr_many",
    "load_assumptions",
    "load_measures",
    "load_offers",
    "make_plan",
    "mend",
    "mend_table",
    "nash_split",
    "npv",
    "optimise",
    "pareto",
    "party_years",
    "payback_year",
    "repay",
    "simulate",
    "write_workbook",
]
