"""The machines of contracts and assets."""

from __future__ import annotations

from functools import cache
from typing import Any

from hutong.act.machine import Deed, Machine, read_machine
from hutong.act.projects.machines import later
from hutong.text import Text


@cache
def contract_machine() -> Machine:
    """Return the machine of contracts; ``said`` of a contract holds ``extension_most``, the years that may be added."""
    return read_machine(__package__, "contract", {"within_term": _within_term, "later": later})


@cache
def asset_machine() -> Machine:
    """Return the machine of assets."""
    return read_machine(__package__, "asset")


def added(standing: Any) -> int:
    """Return the years by which a contract was extended."""
    return sum(int(d.said["years"]) for d in standing.history if d.event == "extend")


def _within_term(standing: Any, deed: Deed) -> Text | None:
    most, years = int(standing.said.get("extension_most", 0)), int(deed.said["years"])
    if years >= 1 and added(standing) + years <= most:
        return None
    return Text(
        f"合同最多可延长 {most} 年，已延长 {added(standing)} 年",
        f"The contract may be extended by {most} years, and was by {added(standing)}",
    )
