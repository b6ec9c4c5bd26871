"""Cases 工单: a request from filing to call-back, as one table of states and events (接诉即办, 吹哨报到).

In: events with time, actor and what was said. Out: the case after them, its clock, who is to be told, and how
units did, whistled and whistling alike.
"""

from hutong.act.cases.assess import dual_assessment
from hutong.act.cases.case import Case, CaseEvent, Whistle, open_case
from hutong.act.cases.clock import Due, due_of, escalated, extended_to, limit_end
from hutong.act.cases.dispatch import Catalogue, DispatchRow, default_catalogue, read_catalogue
from hutong.act.cases.machine import CaseMachine, machine
from hutong.act.cases.page import machine_page

__all__ = [
    "Case",
    "CaseEvent",
    "CaseMachine",
    "Catalogue",
    "DispatchRow",
    "Due",
    "Whistle",
    "default_catalogue",
    "dual_assessment",
    "due_of",
    "escalated",
    "extended_to",
    "limit_end",
    "machine",
    "machine_page",
    "open_case",
    "read_catalogue",
]
