"""The only writes to opinions: of the planner, the experts with their points, and the district; and the answers to points."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from hutong.act.schemes import scheme_machine
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.schemes import selectors
from hutong.service.schemes.models import (
    SIGNERS,
    Opinion,
    Point,
    Scheme,
    Version,
)
from hutong.service.schemes.services import act
from hutong.text import Text


def advise(found: Scheme, verdict: str, words: str, person: User, at: dt.datetime | None = None) -> Opinion:
    """Sign the responsible planner's opinion on the newest version; it raises as :func:`act` does, or ``bad-opinion``."""
    out: list[Opinion] = []
    digest = _digest(verdict, words)
    said = {"verdict": verdict, "document": digest}
    act(found, "advise", "planner", person, said, at=at,
        then=lambda _s, v: out.append(_sign(v, "planner", verdict, words, person, at)))  # fmt: skip
    return out[0]


@transaction.atomic
def sign_experts(
    about: Version, verdict: str, words: str, points: Sequence[str], person: User, at: dt.datetime | None = None
) -> Opinion:  # fmt: skip
    """Enter the experts' review of a version with the points that are to be answered.

    Raises
    ------
    HutongError
        ``bad-opinion``; ``not-newest`` for a version that another followed.
    """
    newest = selectors.head(about.scheme)
    if newest is None or newest.pk != about.pk:
        raise HutongError(
            "not-newest",
            Text("这不是最新的版本。", "This is not the newest version."),
            Text("请对最新版本评审。", "Review the newest one."),
        )
    made = _sign(about, "experts", verdict, words, person, at)
    kept = [p.strip()[:1000] for p in points if p.strip()]
    Point.objects.bulk_create(Point(opinion=made, n=n, words=p) for n, p in enumerate(kept, 1))
    return made


def review(found: Scheme, words: str, person: User, at: dt.datetime | None = None) -> Opinion:
    """Pass the district's review of the newest version, with reasons; it raises as :func:`act` does, or ``bad-opinion``."""
    out: list[Opinion] = []
    act(found, "review", "district", person, {"reason": words}, at=at,
        then=lambda _s, v: out.append(_sign(v, "district", "supports", words, person, at)))  # fmt: skip
    return out[0]


def _sign(
    about: Version, kind: str, verdict: str, words: str, person: User, at: dt.datetime | None
) -> Opinion:
    options = scheme_machine().fields["verdict"].options
    if kind not in SIGNERS or verdict not in options or len(words.strip()) < 2 or len(words) > 20_000:
        raise HutongError(
            "bad-opinion",
            Text("意见要有结论和理由（2 字以上）。", "An opinion has a verdict and reasons (2 characters or more)."),
            Text("请补充后再签署。", "Add them and sign again."),
        )  # fmt: skip
    digest = _digest(verdict, words)
    made = Opinion.objects.create(
        version=about, kind=kind, verdict=verdict, words=words.strip(), digest=digest, person=person,
        at=at or timezone.now(),
    )  # fmt: skip
    public = {"scheme": about.scheme.number, "version": about.version, "kind": kind, "verdict": verdict, "digest": digest}  # fmt: skip
    ledger.record("opinion.signed", public, place=about.place, by=person, at=made.at)
    return made


def _digest(verdict: str, words: str) -> str:
    """Return the hash under which an opinion is recorded: of its verdict, a line end and its words."""
    return hashlib.sha256(f"{verdict}\n{words.strip()}".encode()).hexdigest()


@transaction.atomic
def answer(to: Point, words: str, person: User) -> Point:
    """Answer a point of the experts; an answer that was given stands.

    Raises
    ------
    HutongError
        ``bad-answer`` without words, or where it was answered.
    """
    locked = Point.objects.select_for_update().get(pk=to.pk)
    if len(words.strip()) < 2 or locked.answer:
        raise HutongError(
            "bad-answer",
            Text("答复为空，或已经答复过。", "The answer is empty, or one was given already."),
            Text("请写明如何采纳，或为何不采纳。", "Say how it was taken up, or why not."),
        )
    locked.answer, locked.answered_at, locked.answered_by = words.strip()[:2000], timezone.now(), person
    locked.save()
    about = locked.opinion.version
    public = {
        "process": about.scheme.number, "statement": f"{locked.opinion_id}-{locked.n}", "unit": "implementer",
        "digest": hashlib.sha256(locked.answer.encode()).hexdigest(),
    }  # fmt: skip
    ledger.record("answer.given", public, place=about.place, by=person, at=locked.answered_at)
    return locked
