"""The law as data, and what it says of a scheme.

In: dated YAML of a jurisdiction (``data/``), and the account of what a scheme does.
Out: :class:`Rules` with every figure's source, date and confidence; a report of violations that quote the text
they rest on, and of what cannot be checked; the instruments that apply, the checklist for the look of the place, and
the procedure of each tenure with every route that can follow.
"""

from hutong.rules.account import UNCOUNTED_KINDS, UnitAccount, floor_cap_m2
from hutong.rules.appearance import checklist, judge
from hutong.rules.book import Rules, load_rules
from hutong.rules.chain import jurisdictions
from hutong.rules.checks import check_scheme
from hutong.rules.instruments import Instrument, applicable, beyond, instruments
from hutong.rules.lineage import (
    Counts,
    Difference,
    Explanation,
    Override,
    Statement,
    counts,
    diff,
    explain,
    select,
)
from hutong.rules.notes import IN_PRINCIPLE
from hutong.rules.procedure import NO_COMPULSION, Procedure
from hutong.rules.procedure_page import procedure_page, render_procedure
from hutong.rules.procedure_reader import load_procedure, load_procedures, procedure_names, procedure_of
from hutong.rules.results import CheckReport, Justification, Parameter, Unchecked, Violation
from hutong.rules.workdays import WorkCalendar, official_calendar, read_holidays

__all__ = [
    "IN_PRINCIPLE",
    "NO_COMPULSION",
    "UNCOUNTED_KINDS",
    "CheckReport",
    "Counts",
    "Difference",
    "Explanation",
    "Instrument",
    "Justification",
    "Override",
    "Parameter",
    "Procedure",
    "Rules",
    "Statement",
    "Unchecked",
    "UnitAccount",
    "Violation",
    "WorkCalendar",
    "applicable",
    "beyond",
    "check_scheme",
    "checklist",
    "counts",
    "diff",
    "explain",
    "floor_cap_m2",
    "instruments",
    "judge",
    "jurisdictions",
    "load_procedure",
    "load_procedures",
    "load_rules",
    "official_calendar",
    "procedure_names",
    "procedure_of",
    "procedure_page",
    "read_holidays",
    "render_procedure",
    "select",
]
