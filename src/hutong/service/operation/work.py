"""Background work of operation: the contract of a scheme of the plan."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone

from hutong.act.contracts import contract_text, draw_contract
from hutong.city import City
from hutong.loop import Progress
from hutong.plan import make_plan
from hutong.plan.workbook import find_scheme
from hutong.rules import load_rules
from hutong.sense import checkup
from hutong.service.jobs.registry import work
from hutong.service.lessons.selectors import measures_for
from hutong.service.operation import services
from hutong.service.requests.selectors import JURISDICTION
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.text import Text


@work("operation.draw", Text("由方案生成经营合同", "The contract of a scheme"))
def draw(job: Any, step: Progress, snapshot: int, scheme: str, token: str) -> str:
    """Plan a snapshot and enter the contract of one of its schemes as a draft."""
    found = snapshot_by_id(snapshot)
    city, rules = City.load(found.folder / "city"), load_rules(JURISDICTION)
    measures = measures_for(found.place)  # with what earlier rounds taught
    chosen = find_scheme(
        make_plan(city, checkup(city, rules), rules, progress=step, measures=measures), scheme
    )
    terms = draw_contract(chosen, rules, f"draft-{token[:8]}", timezone.localdate().year)
    title = Text(f"{found.title.zh}：{chosen.title.zh}", f"{found.title.en}: {chosen.title.en}")
    made = services.enter(found.place, title, contract_text(terms), job.owner, uuid.UUID(token))
    return reverse("contract", args=[made.pk])
