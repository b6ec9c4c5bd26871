"""The only writes to schemes, their versions, opinions, publications and outlooks."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.machine import Deed
from hutong.act.schemes import scheme_machine
from hutong.errors import HutongError
from hutong.plan.document import SchemeDocument
from hutong.plan.document_file import to_yaml
from hutong.plan.document_plain import to_plain
from hutong.service.accounts.models import User
from hutong.service.checkup.models import Run
from hutong.service.council.models import Process
from hutong.service.jobs import selectors as jobs_waiting
from hutong.service.jobs import services as jobs
from hutong.service.jobs.models import Job
from hutong.service.ledger import services as ledger
from hutong.service.lessons.selectors import forecasts_at
from hutong.service.lessons.services import Said, keep_forecasts
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.schemes import selectors, warm
from hutong.service.schemes.consulting import selectors as consulting
from hutong.service.schemes.consulting.services import process_for
from hutong.service.schemes.drafting import services as drafting
from hutong.service.schemes.findable import of_scheme
from hutong.service.schemes.models import (
    SIGNERS,
    Opinion,
    Outlook,
    Point,
    Publication,
    Scheme,
    SchemeDeed,
    Tradeoff,
    Version,
)
from hutong.service.schemes.outlooks import file_of
from hutong.service.schemes.weighing import summary_of
from hutong.service.search import services as search
from hutong.text import Text

#: Days after its consultation by which a vote on a scheme is looked for (ours).
VOTED_WITHIN = 365
#: A share of which nothing is known: mean and standard deviation of the even distribution on [0, 1].
KNOWING_NOTHING = (0.5, 12**-0.5)


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
            made.draft = to_plain(_own(made, new.document))
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


def _own(found: Scheme, document: SchemeDocument | None) -> SchemeDocument:
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


# --- versions ----------------------------------------------------------------


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
    kept = replace(_own(locked, document), based_on=newest.version if newest else document.based_on)
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


def want_summary(found: Version, person: User | None) -> Job | None:
    """See to it that what a version does is worked out, asked by a person who is signed in; return the work that does it."""
    arguments = {"version": found.pk}
    waiting = Job.objects.filter(kind="schemes.compute", arguments=arguments).order_by("-made").first()
    if waiting is not None and not waiting.ended:
        return waiting
    if person is None or not person.is_authenticated or (waiting is not None and waiting.state == "failed"):
        return waiting
    return jobs.start("schemes.compute", found.place, person, version=found.pk)


# --- what happens to a scheme ------------------------------------------------


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


# --- opinions ----------------------------------------------------------------


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


# --- before the public -------------------------------------------------------


def publish(
    found: Scheme,
    starts: dt.date,
    until: dt.date,
    person: User,
    *,
    hears: Unit | Process,
    contact: str = "",
    at: dt.datetime | None = None,
) -> Publication:
    """Publish the newest version for consultation, and keep its predicted consent as a forecast.

    Parameters
    ----------
    hears
        The unit that answers each opinion in writing, in a process of the council that is opened with the publication; or
        a process that already runs at the place.

    Raises
    ------
    HutongError
        As :func:`act`, and as :func:`hutong.service.schemes.consulting.services.process_for`.
    """
    out: list[Publication] = []

    def put_up(_locked: Scheme, about: Version) -> None:
        made = Publication.objects.create(
            version=about, starts=starts, until=until, contact=contact.strip()[:200], person=person, at=at or timezone.now(),
            process=process_for(about, hears, until, person),
        )  # fmt: skip
        public = {
            "scheme": about.scheme.number, "version": about.version, "starts": starts.isoformat(),
            "until": until.isoformat(), "digest": about.digest,
        }  # fmt: skip
        ledger.record("scheme.published", public, place=about.place, by=person, at=made.at)
        _forecast(about, until, person, made.at)
        out.append(made)

    said = {"starts": starts.isoformat(), "until": until.isoformat()}
    act(found, "publish", "district", person, said, at=at, then=put_up)
    return out[0]


def _forecast(about: Version, until: dt.date, person: User, at: dt.datetime) -> None:
    """Keep what a version is predicted to win, once; nothing where no vote is needed, or where it was computed without."""
    consent = (about.summary or {}).get("consent")
    quarter = about.scheme.run.snapshot.place
    if consent is None or forecasts_at(quarter).filter(kind="consent", source=str(about)).exists():
        return
    due, title = until + dt.timedelta(days=VOTED_WITHIN), about.scheme.title
    said = []
    for by, word in (("heads", Text("人数", "heads")), ("area", Text("面积", "area"))):
        mean, sd = consent[by]
        if sd > 0:  # certain of everybody is no forecast
            named = Text(f"{title.zh}（{about}）：赞成占全体业主（{word.zh}）", f"{title.en} ({about}): owners in favour, of all ({word.en})")  # fmt: skip
            said.append(Said("consent", by, named, due, mean, sd, *KNOWING_NOTHING))
    keep_forecasts(quarter, str(about), said, person, at)


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
