"""Schemes 实施方案 on their way from draft to adoption.

In: what was done to a scheme and when. Out: where it stands, what may follow and by whom, and why not.
"""

from hutong.act.schemes.machine import FACTS, scheme_machine

__all__ = ["FACTS", "scheme_machine"]
