"""The votes that were held here on a project: which one stands, and what its gate takes from it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hutong.errors import HutongError
from hutong.service.consent.models import Ballot
from hutong.service.consent.rolls.selectors import book_at
from hutong.service.projects.models import Project
from hutong.service.web.papers import Document
from hutong.text import Text

STEP = "vote"


def votes_of(project: Project) -> list[Ballot]:
    """Return the votes on a project, the newest first: those tied to it, and what renews them."""
    found = {v.ballot_id: v.ballot for v in project.votes.select_related("ballot__roll", "ballot__place")}
    fresh = list(found)
    while fresh:
        later = Ballot.objects.filter(renews__in=fresh).exclude(pk__in=found).select_related("roll", "place")
        found |= {b.pk: b for b in later}
        fresh = [b.pk for b in later]
    return sorted(found.values(), key=lambda b: -b.pk)


def standing_vote(project: Project) -> Ballot | None:
    """Return the vote that speaks for a project: the newest that was not called off."""
    return next((b for b in votes_of(project) if b.state != "cancelled"), None)


def settling(project: Project, event: str) -> Ballot | None:
    """Return the vote that lets a project go on; None where the step is another, or where none was held here.

    Raises
    ------
    HutongError
        ``not-as-voted`` if the vote is not counted yet, or said otherwise.
    """
    if event not in (f"{STEP}.passed", f"{STEP}.failed"):
        return None
    found = standing_vote(project)
    if found is None:
        return None
    passed = None if found.result is None else bool(found.result["passed"])
    if passed is (event == f"{STEP}.passed"):
        return found
    said = (
        Text("还没有计票", "is not counted yet")
        if passed is None
        else Text("通过了", "was carried")
        if passed
        else Text("没有通过", "was not carried")
    )
    raise HutongError(
        "not-as-voted",
        Text(f"表决“{found.name_zh}”{said.zh}。", f"The vote “{found.name_en}” {said.en}."),
        Text("请按表决结果办理。", "Record what the vote says."),
    )


def papers_of(found: Ballot | None) -> list[tuple[str, Document]]:
    """Return the papers that a counted vote is to its project: figures and hashes, no ballot and nobody's name."""
    if found is None or found.result is None:
        return []
    result, vote = found.result, {"ballot": found.code, "asked": found.asked_zh, "matter": found.matter}
    roll = book_at(found.roll, result["version"]).roll
    bodies: dict[str, dict[str, Any]] = {
        "roll": {"roll": found.roll_id, "hash": result["roll_hash"], "heads": len(roll), "area_cm2": int(roll.total_cm2)},
        "notice": {**vote, "noticed": str(found.noticed), "opens": str(found.opens), "closes": str(found.closes)},
        "ballot": {**vote, "text": found.digest, "counted": result["digest"]},
        "result_notice": {**vote, **{k: result[k] for k in ("passed", "quorum", "heads", "area")}},
    }  # fmt: skip
    return [(kind, _document(kind, body)) for kind, body in bodies.items()]


def _document(kind: str, body: dict[str, Any]) -> Document:
    data = (json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    return Document(data, "json", hashlib.sha256(data).hexdigest(), f"{kind}.json")
