"""The only writes to schemes: opening one, its name, and the deeds that move it."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.machine import Deed
from hutong.act.schemes import scheme_machine
from hutong.errors import HutongError
from hutong.plan.document import SchemeDocument
from hutong.plan.document_plain import to_plain
from hutong.service.accounts.models import User
from hutong.service.checkup.models import Run
from hutong.service.jobs import selectors as jobs_waiting
from hutong.service.jobs import services as jobs
from hutong.service.jobs.models import Job
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.schemes import selectors, warm
from hutong.service.schemes.consulting import selectors as consulting
from hutong.service.schemes.findable import of_scheme
from hutong.service.schemes.models import (
    Scheme,
    SchemeDeed,
    Version,
)
from hutong.service.search import services as search
from hutong.text import Text


@dataclass(frozen=True)
class NewScheme:
    """A scheme that somebody opens: on which checked snapshot, for which place, from which document if any."""

    place: Place
    run: Run
    title: Text
    owner: User
    document: SchemeDocument | None = None
    token: uuid.UUID = field(default_factory=uuid.uuid4)


def open_scheme(new: NewScheme) -> Scheme:
    """Open a scheme as a draft; sending the same form again returns the one that was made.

    Raises
    ------
    HutongError
        ``no-title``; ``other-place`` for a place that the snapshot does not hold.
    """
    known = Scheme.objects.filter(token=new.token).first()
    if known is not None:
        return known
    if not new.place.path.startswith(new.run.snapshot.place.path):
        raise HutongError(
            "other-place",
            Text("这个地点不在所选的快照里。", "The place does not lie in that snapshot."),
            Text(
                "请选择快照所在的片区或其中的地点。", "Choose the quarter of the snapshot or a place in it."
            ),
        )
    _be_titled(new.title)
    try:
        with transaction.atomic():
            made = Scheme.objects.create(
                token=new.token, place=new.place, run=new.run, owner=new.owner, title_zh=new.title.zh[:120],
                title_en=(new.title.en or new.title.zh)[:120], state=scheme_machine().start,
            )  # fmt: skip
            made.draft = to_plain(own_document(made, new.document))
            made.save(update_fields=["draft"])
            search.put([of_scheme(made)])
            return made
    except IntegrityError:
        return Scheme.objects.get(token=new.token)


def _be_titled(title: Text) -> None:
    if not title.zh.strip():
        raise HutongError(
            "no-title",
            Text("方案没有名称。", "The scheme has no title."),
            Text("请写一个名称。", "Give it one."),
        )


@transaction.atomic
def rename(found: Scheme, title: Text, person: User) -> Scheme:
    """Give a draft another name; its kept versions keep theirs, and the next one has the new name.

    Raises
    ------
    HutongError
        ``no-title``; ``not-a-draft``; ``known-by-name`` where it was before the public already.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    selectors.be_draft(locked)
    if not selectors.may_be_renamed(locked):
        raise HutongError(
            "known-by-name",
            Text("方案已经公布过，大家是按这个名称知道它的。", "The scheme was published, and people know it by this name."),
            Text("要换名称，请另开一个方案。", "Open another scheme if it is to have another name."),
        )  # fmt: skip
    _be_titled(title)
    new = title.zh.strip()[:120], (title.en or title.zh).strip()[:120]
    if new == (locked.title_zh, locked.title_en):
        return locked
    locked.title_zh, locked.title_en, locked.changed = *new, timezone.now()
    locked.save(update_fields=["title_zh", "title_en", "changed"])
    search.put([of_scheme(locked)])
    public = {"scheme": locked.number, "digest": hashlib.sha256("\n".join(new).encode()).hexdigest()}
    ledger.record("scheme.renamed", public, place=locked.place, by=person, at=locked.changed)
    return locked


def own_document(found: Scheme, document: SchemeDocument | None) -> SchemeDocument:
    """Return a document as that of a scheme: named for it and bound to its snapshot."""
    snapshot = found.run.snapshot
    base = document or SchemeDocument(found.number, found.title)
    return replace(
        base, id=found.number, title=found.title, city=snapshot.name, snapshot=snapshot.date.isoformat(),
        jurisdiction=found.run.jurisdiction,
    )  # fmt: skip


def want_warm(run: Run, person: User | None) -> Job | None:
    """See to it that a checked snapshot is laid out; return the work that does it, None where it is done."""
    if warm.laid_out(run):
        return None
    if jobs_waiting.waits("schemes.lay_out", run=run.pk):
        return Job.objects.filter(kind="schemes.lay_out", arguments={"run": run.pk}).order_by("-made").first()
    return jobs.start("schemes.lay_out", run.snapshot.place, person, run=run.pk)


@transaction.atomic
def act(
    found: Scheme,
    event: str,
    by: str,
    person: User | None,
    said: Mapping[str, Any] | None = None,
    *,
    at: dt.datetime | None = None,
    then: Callable[[Scheme, Version], object] | None = None,
) -> Scheme:
    """Let something happen to a scheme, about its newest version; state and ledger follow in one transaction.

    Raises
    ------
    HutongError
        ``act-event`` if it may not happen now; ``unsaved-draft`` where what was composed is not kept as a version yet;
        ``own-version`` where who made the version would judge it; nothing is written.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    about = selectors.head(locked)
    moment = timezone.localtime(at or timezone.now())
    _fit(locked, about, event, person)
    given = {**_facts(locked, about, said or {}), **(said or {})}
    after = selectors.standing(locked).after(Deed(event, moment, by, given))
    made = SchemeDeed.objects.create(
        scheme=locked, n=locked.deeds_done + 1, event=event, at=moment, by=by, said=given, version=about, person=person
    )  # fmt: skip
    if then is not None and about is not None:
        then(locked, about)
    locked.state, locked.changed, locked.deeds_done = after.state, moment, made.n
    if event == "publish":
        locked.phase = "public"
    locked.save()
    search.put([of_scheme(locked)])
    public = {"scheme": locked.number, "version": about.version if about else "none", "event": event, "to": after.state}  # fmt: skip
    ledger.record("scheme.moved", public, {"said": given}, place=locked.place, by=person, at=moment)
    if event == "adopt":
        _supersede(locked, person, moment)
    found.refresh_from_db()
    return locked


def _fit(found: Scheme, about: Version | None, event: str, person: User | None) -> None:
    if event == "advise" and (about is None or selectors.unsaved(found)):
        raise HutongError(
            "unsaved-draft",
            Text("草稿还有没存成版本的改动。", "The draft holds changes that are not kept as a version."),
            Text("请实施主体先存为版本，再出意见。", "Let the implementer keep it as a version first."),
        )
    judged = event in ("advise", "review", "adopt")
    if judged and about is not None and person is not None and about.person_id == person.pk:
        raise HutongError(
            "own-version",
            Text("不能评审自己编制的版本。", "Nobody judges a version that they made."),
            Text("请由另一个人办理。", "Let somebody else do it."),
        )


def facts(found: Scheme) -> dict[str, Any]:
    """Return what the conditions of a scheme's next steps need to know, about its newest version."""
    return _facts(found, selectors.head(found), {})


def _facts(found: Scheme, about: Version | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the guards of the table need to know."""
    summary = None if about is None else about.summary
    facts: dict[str, Any] = {
        "violations": None if summary is None else len(summary["violations"]),
        "unanswered": 0 if about is None else selectors.unanswered(about),
        "owed": consulting.still_owed(found),
    }
    if said.get("starts"):
        starts = dt.date.fromisoformat(str(said["starts"]))
        facts["not_before"] = selectors.not_before(found, starts).isoformat()
    return facts


def _supersede(adopted: Scheme, person: User | None, at: dt.datetime) -> None:
    """Let the scheme that was adopted for the same place before make way."""
    for old in Scheme.objects.filter(place=adopted.place, state="adopted").exclude(pk=adopted.pk):
        act(old, "supersede", "district", person, {"reason": adopted.number}, at=at)
