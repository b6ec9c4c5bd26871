"""The law as data, and what it says of a scheme.

In: dated YAML of a jurisdiction (``data/``), and the account of what a scheme does.
Out: :class:`Rules` with every figure's source, date and confidence; violations that quote the text they rest on.
"""

from hutong.rules.book import Rules, jurisdictions, load_rules
from hutong.rules.results import Parameter, Violation

__all__ = ["Parameter", "Rules", "Violation", "jurisdictions", "load_rules"]
