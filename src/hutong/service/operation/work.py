"""Background work of operation: the contract of a version of a scheme."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse

from hutong.act.contracts import contract_text, draw_contract
from hutong.loop import Progress
from hutong.service.jobs.registry import work
from hutong.service.operation import services
from hutong.service.schemes.selectors import version as version_by_id
from hutong.service.schemes.selectors import version_document
from hutong.service.schemes.warm import lay_out, studio_of
from hutong.text import Text


@work("operation.draw", Text("由方案生成经营合同", "The contract of a scheme"))
def draw(job: Any, step: Progress, version: int, first_year: int, token: str) -> str:
    """Weigh a version as the studio does, and enter the contract of its operation as a draft."""
    found = version_by_id(version)
    lay_out(found.scheme.run, step)
    with studio_of(found.scheme.run) as held:
        scheme, rules = held.review(version_document(found)).scheme, held.studio.rules
    name = f"draft-{token[:8]}"
    terms = draw_contract(scheme, rules, name, first_year, (str(found), found.digest))
    made = services.enter(
        found.place, found.scheme.title, contract_text(terms), job.owner, uuid.UUID(token), found
    )
    return reverse("contract", args=[made.pk])
