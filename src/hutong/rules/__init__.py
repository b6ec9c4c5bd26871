"""The law as data, and what it says of a scheme.

In: dated YAML of a jurisdiction (``data/``), and the account of what a scheme does.
Out: :class:`Rules` with every figure's source, date and confidence; a report of violations that quote the text
they rest on, and of what cannot be checked.
"""

from hutong.rules.account import UNCOUNTED_KINDS, UnitAccount, floor_cap_m2
from hutong.rules.book import Rules, load_rules
from hutong.rules.chain import jurisdictions
from hutong.rules.checks import check_scheme
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
from hutong.rules.results import CheckReport, Justification, Parameter, Unchecked, Violation

__all__ = [
    "IN_PRINCIPLE",
    "UNCOUNTED_KINDS",
    "CheckReport",
    "Counts",
    "Difference",
    "Explanation",
    "Justification",
    "Override",
    "Parameter",
    "Rules",
    "Statement",
    "Unchecked",
    "UnitAccount",
    "Violation",
    "check_scheme",
    "counts",
    "diff",
    "explain",
    "floor_cap_m2",
    "jurisdictions",
    "load_rules",
    "select",
]
