"""The only writes to versions: what is kept of a scheme, what the optimiser found, what a version does and what is expected of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from hutong.plan.document import SchemeDocument
from hutong.plan.document_file import to_yaml
from hutong.plan.document_plain import to_plain
from hutong.service.accounts.models import User
from hutong.service.jobs import services as jobs
from hutong.service.jobs.models import Job
from hutong.service.ledger import services as ledger
from hutong.service.schemes import selectors, warm
from hutong.service.schemes.drafting import services as drafting
from hutong.service.schemes.models import (
    Outlook,
    Scheme,
    Tradeoff,
    Version,
)
from hutong.service.schemes.outlooks import file_of
from hutong.service.schemes.services import own_document
from hutong.service.schemes.weighing import summary_of
from hutong.text import Text


@transaction.atomic
def keep_version(
    found: Scheme,
    document: SchemeDocument,
    person: User | None,
    *,
    origin: str = "hand",
    summary: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    note: str = "",
    at: dt.datetime | None = None,
) -> Version:
    """Keep a document as the next version of a scheme; the very same as the newest one, of the same name, is not kept twice.

    Raises
    ------
    HutongError
        ``not-a-draft`` where the scheme is with the planner, the district or the public.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    selectors.be_draft(locked)
    newest = selectors.head(locked)
    kept = replace(own_document(locked, document), based_on=newest.version if newest else document.based_on)
    if newest is not None and newest.version == kept.version:
        if selectors.version_document(newest).title == kept.title:
            return newest
        summary = summary or newest.summary  # it does what it did under its old name
    text = to_yaml(kept)
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = Version.objects.create(
        scheme=locked, n=newest.n + 1 if newest else 1, version=kept.version, document=text, digest=digest,
        based_on=newest, origin=origin, recipe=None if recipe is None else dict(recipe), note=note[:300], person=person,
        at=at or timezone.now(), summary=None if summary is None else dict(summary),
    )  # fmt: skip
    locked.changed = made.at
    locked.save(update_fields=["changed"])
    public = {"scheme": locked.number, "version": made.version, "n": made.n, "digest": digest}
    ledger.record("scheme.saved", public, place=locked.place, by=person, at=made.at)
    return made


def compute(found: Version) -> Version:
    """Work out what a version does, where that is not known yet; its snapshot must be laid out."""
    if found.summary is None:
        with warm.studio_of(found.scheme.run) as held:
            summary = summary_of(held.studio, held.review(selectors.version_document(found)))
        Version.objects.filter(pk=found.pk, summary__isnull=True).update(summary=summary)
        found.refresh_from_db(fields=["summary"])
    return found


def want_summary(found: Version, person: User | None) -> Job | None:
    """See to it that what a version does is worked out, asked by a person who is signed in; return the work that does it."""
    arguments = {"version": found.pk}
    waiting = Job.objects.filter(kind="schemes.compute", arguments=arguments).order_by("-made").first()
    if waiting is not None and not waiting.ended:
        return waiting
    if person is None or not person.is_authenticated or (waiting is not None and waiting.state == "failed"):
        return waiting
    return jobs.start("schemes.compute", found.place, person, version=found.pk)


@transaction.atomic
def keep_solved(
    found: Scheme,
    document: SchemeDocument,
    person: User | None,
    recipe: Mapping[str, Any],
    note: str,
    made: Callable[[], object] = lambda: None,
) -> Version:
    """Keep what the optimiser found as the next version, and take it as the draft where that loses nothing.

    ``made`` is called in the same transaction; it raises as :func:`keep_version` does.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    newest = selectors.head(locked)
    idle = not locked.draft["choices"] if newest is None else not selectors.unsaved(locked)
    kept = keep_version(locked, document, person, origin="solver", recipe=recipe, note=note)
    if idle and person is not None:
        drafting.bring_in(locked, selectors.version_document(kept), person, locked.revision)
    made()
    return kept


def keep_tradeoff(
    found: Scheme,
    recipe: Mapping[str, Any],
    points: Mapping[str, Any],
    documents: Mapping[str, SchemeDocument],
    person: User | None,
    made: Callable[[Tradeoff], object] = lambda _kept: None,
) -> Tradeoff:
    """Keep the trade-offs that the optimiser found; ``made`` is called in the same transaction."""
    with transaction.atomic():
        kept = Tradeoff.objects.create(
            scheme=found, recipe=dict(recipe), found=dict(points), person=person,
            documents={k: to_plain(d) for k, d in documents.items()},
        )  # fmt: skip
        made(kept)
    return kept


@transaction.atomic
def attach_outlook(
    about: Version, title: Text, recipe: Mapping[str, Any], result: Mapping[str, Any], person: User | None
) -> Outlook:
    """Attach what is expected to follow from a version: a result with the recipe that makes it again.

    The same result is attached once. Both are plain data; the hash that is recorded is of their canonical JSON.
    """
    digest = hashlib.sha256(file_of(recipe, result)).hexdigest()
    made, new = Outlook.objects.get_or_create(
        version=about, digest=digest,
        defaults={
            "title_zh": title.zh[:120], "title_en": title.en[:120], "recipe": dict(recipe), "result": dict(result),
            "person": person,
        },
    )  # fmt: skip
    if new:
        public = {"subject": f"{about.scheme.number}-{about.n}", "kind": "outlook", "digest": digest}
        ledger.record("document.filed", public, place=about.place, by=person, at=made.at)
    return made
