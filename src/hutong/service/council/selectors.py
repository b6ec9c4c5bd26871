"""Reading processes: what the reader sees, which card comes next, what moderators have before them, what is owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils import timezone

import rules as permissions
from hutong.agree.openness import Answer as Reply
from hutong.agree.openness import openness
from hutong.agree.opinion_statistics import priority
from hutong.agree.opinion_votes import Votes
from hutong.agree.opinions import next_statements
from hutong.agree.statements import Moderation, ModerationEntry, moderation_queue, similar_statements
from hutong.few import FEWEST_PEOPLE, told
from hutong.rules import Rules, load_rules
from hutong.service.accounts.models import User
from hutong.service.council.models import (
    Answer,
    Comment,
    Draft,
    Moderated,
    Owed,
    Paragraph,
    Participant,
    Process,
    Publication,
    Statement,
    Vote,
)
from hutong.service.council.phases import DRAFT, OPEN
from hutong.service.places.models import Place
from hutong.service.requests.models import Member
from hutong.service.requests.selectors import JURISDICTION

#: Opinions are published at most this often, and only once so many more people have voted: nobody's vote can be told
#: from two publications (docs/opinions.md).
PUBLISH_EVERY = dt.timedelta(hours=24)
MORE_PEOPLE = FEWEST_PEOPLE


def process(pk: int) -> Process:
    """Return a process, or raise ``Http404``."""
    found = Process.objects.select_related("place", "unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def statement(pk: int) -> Statement:
    """Return a statement, or raise ``Http404``."""
    found = Statement.objects.select_related("process__place", "process__unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def owed(pk: int) -> Owed:
    """Return an answer that is owed, or raise ``Http404``."""
    found = Owed.objects.select_related("statement__process__place", "unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def answer(pk: int) -> Answer:
    """Return an answer, or raise ``Http404``."""
    found = Answer.objects.select_related("owed__statement").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def draft(pk: int) -> Draft:
    """Return a draft, or raise ``Http404``."""
    found = Draft.objects.select_related("process__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def paragraph(pk: int) -> Paragraph:
    """Return a paragraph, or raise ``Http404``."""
    found = Paragraph.objects.select_related("draft__process__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def comment(pk: int) -> Comment:
    """Return a comment, or raise ``Http404``."""
    found = Comment.objects.select_related("paragraph__draft__process__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def processes(reader: Any) -> list[Process]:
    """Return the processes that a reader may see, newest first, drafts only where they may."""
    rows = Process.objects.select_related("place", "unit")
    return [p for p in rows if p.phase != DRAFT or permissions.has_perm("council.see", reader, p)]


def public_processes() -> QuerySet[Process]:
    """Return the processes that everyone may see, newest first."""
    return Process.objects.exclude(phase=DRAFT).select_related("place", "unit")


def running(reader: Any) -> list[Process]:
    """Return the processes in which views are asked for now, those the reader has a voice in first."""
    rows = list(Process.objects.filter(phase__in=OPEN).select_related("place"))
    return sorted(rows, key=lambda p: not permissions.has_perm("council.vote", reader, p))


def units_of(user: User) -> set[int]:
    """Return the keys of the units that a person acts for, now."""
    now = timezone.now()
    rows = Member.objects.filter(user=user, since__lte=now).filter(Q(until=None) | Q(until__gt=now))
    return set(rows.values_list("unit_id", flat=True))


def places_below(path: str, kinds: Sequence[str]) -> QuerySet[Place]:
    """Return the places of some kinds within a path."""
    return Place.objects.filter(path__startswith=path, kind__in=kinds)


def visible(of: Process) -> QuerySet[Statement]:
    """Return the statements that anyone may read."""
    return of.statements.filter(hidden=False)


def latest(of: Process) -> Publication | None:
    """Return what was last published of the opinions."""
    return of.publications.first()


def taken_part(of: Process) -> int:
    """Return how many people have voted."""
    return Participant.objects.filter(process=of, votes__isnull=False).distinct().count()


# cards


def next_card(of: Process, user: User) -> dict[str, Any]:
    """Return the statement to ask a person next (None when all are answered), how many they answered, and of how many."""
    voted = dict(
        Vote.objects.filter(participant__process=of, participant__user=user).values_list("statement", "value")
    )
    known = latest(of)
    weights = {} if known is None else {int(k): v for k, v in known.priority.items()}
    ids = list(visible(of).values_list("pk", flat=True))
    fresh = float(priority(np.zeros((1, 1, 3)), np.zeros(1), np.zeros(1, bool))[0])
    table = pd.DataFrame(
        {"hidden": [False] * len(ids), "priority": [weights.get(i, fresh) for i in ids]}, index=ids
    )
    chosen = next_statements(table, voted, participant=user.pk, seed=of.pk) if ids else ()
    card = Statement.objects.get(pk=chosen[0]) if chosen else None
    return {"card": card, "done": sum(i in voted for i in ids), "all": len(ids)}


def votes_by(of: Process, user: User) -> QuerySet[Vote]:
    """Return how a person answered what is visible, the last answer first."""
    rows = Vote.objects.filter(participant__process=of, participant__user=user, statement__hidden=False)
    return rows.select_related("statement").order_by("-at")


def alike(of: Process, words: str, most: int = 3) -> list[Statement]:
    """Return visible statements that may say the same as ``words``, most alike first."""
    texts = dict(visible(of).values_list("pk", "words"))
    if not words.strip() or not texts:
        return []
    pairs = similar_statements(texts, {0: words[:140]})
    found = [int(i) for i in pairs["other"].head(most)]
    rows = Statement.objects.in_bulk(found)
    return [rows[i] for i in found]


# opinions


def votes_of(of: Process) -> Votes:
    """Return all votes of a process, with statements that have none yet."""
    rows = Vote.objects.filter(participant__process=of).order_by("at", "pk")
    table = pd.DataFrame(
        list(rows.values_list("participant_id", "statement_id", "value")),
        columns=["participant", "statement", "vote"],
    )
    return Votes.from_table(table, statements=list(of.statements.values_list("pk", flat=True)))


def publication_due(of: Process, now: dt.datetime) -> bool:
    """Return whether enough time has passed and enough people voted since the last publication."""
    last = latest(of)
    if last is not None and now - last.at < PUBLISH_EVERY:
        return False
    voted = Vote.objects.filter(participant__process=of)
    voted = voted if last is None else voted.filter(at__gt=last.at)
    return voted.values("participant").distinct().count() >= MORE_PEOPLE


# moderation


def moderation(of: Process) -> Moderation:
    """Return the record of the moderators of a process."""
    rows = Moderated.objects.filter(statement__process=of)
    return Moderation(
        tuple(
            ModerationEntry(m.statement_id, m.action, m.reason, m.note, str(m.by_id), m.at, m.digest)
            for m in rows
        )
    )


def queue(of: Process) -> list[dict[str, Any]]:
    """Return the statements nobody has looked at, the most urgent first, with the one most alike."""
    texts = dict(of.statements.values_list("pk", "words"))
    known = latest(of)
    weights = {} if known is None else {int(k): float(v) for k, v in known.priority.items()}
    table = moderation_queue(texts, moderation(of), weights)
    rows = Statement.objects.in_bulk([int(i) for i in table["statement"]])
    return [
        {"s": rows[int(r["statement"])], "like": None if r["similar_to"] is None else texts[r["similar_to"]]}
        for r in table.to_dict("records")
    ]


# answers


@cache
def _rules(day: dt.date) -> Rules:
    return load_rules(JURISDICTION, day)


def owed_rows(rows: Iterable[Owed], today: dt.date | None = None) -> list[dict[str, Any]]:
    """Return what is owed with its clock: ``due``, ``state`` (on_time, late, overdue, not_due), days left; first what ends first."""
    on = today or timezone.localdate()
    out = []
    for o in rows:
        reply = Reply(str(o.statement_id), o.since, o.answered)
        found = openness(_rules(on), on, {}, {}, [reply], o.days).items
        row = found[found["item"] == f"answer:{o.statement_id}"].iloc[0]
        out.append({"o": o, "due": row["due"], "state": row["state"], "left": (row["due"] - on).days})
    return sorted(out, key=lambda r: (r["o"].answered is not None, r["due"], r["o"].pk))


def owed_of(process: Process | None = None, units: Sequence[int] | None = None) -> QuerySet[Owed]:
    """Return what is owed: in one process or in all, by some units or by all; hidden statements are left out."""
    rows = Owed.objects.filter(statement__hidden=False).exclude(statement__process__phase=DRAFT)
    rows = rows if process is None else rows.filter(statement__process=process)
    rows = rows if units is None else rows.filter(unit__in=units)
    return rows.select_related("statement__process__place", "unit").prefetch_related("answers")


def owed_hidden(process: Process | None = None) -> int:
    """Return how many answers are owed to statements that were hidden: said, so that hiding is no way out."""
    rows = Owed.objects.filter(statement__hidden=True)
    return (rows if process is None else rows.filter(statement__process=process)).count()


def by_unit(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return per unit how many answers are open, overdue, in time and late."""
    out: dict[int, dict[str, Any]] = {}
    for r in rows:
        of = out.setdefault(
            r["o"].unit_id, {"unit": r["o"].unit, "not_due": 0, "overdue": 0, "on_time": 0, "late": 0}
        )
        of[r["state"]] += 1
    return sorted(out.values(), key=lambda u: (-u["overdue"], u["unit"].code))


def counts(of: Process) -> dict[str, int | None]:
    """Return how much there is: statements, hidden ones, people (None: too few to be told)."""
    found = of.statements.aggregate(
        all=Count("pk"), hidden=Count("pk", filter=Q(hidden=True)), proposals=Count("pk", filter=Q(kind="proposal"))
    )  # fmt: skip
    return {**found, "people": told(taken_part(of))}
