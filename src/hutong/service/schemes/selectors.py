"""Reading schemes: what is published, where each stands, what a version does, and what others need of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.machine import Deed, Event
from hutong.act.schemes import scheme_machine
from hutong.act.standing import Standing, begin
from hutong.errors import HutongError
from hutong.plan.catalogue import load_measures, load_offers
from hutong.plan.document import SchemeDocument
from hutong.plan.document_file import read_scheme_text
from hutong.plan.document_plain import from_plain
from hutong.plan.review import Review
from hutong.plan.statement import DwellingStatement, statement_for
from hutong.plan.studio import Studio
from hutong.rules import Rules, load_rules, official_calendar
from hutong.service.checkup.models import Run
from hutong.service.jobs.models import Job
from hutong.service.ledger.models import Entry
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain, within
from hutong.service.schemes import warm
from hutong.service.schemes.models import (
    Opinion,
    Outlook,
    Point,
    Publication,
    Scheme,
    Tradeoff,
    Version,
)
from hutong.service.schemes.offices import actors
from hutong.service.schemes.policies import INSIDE
from hutong.service.twin.models import Snapshot
from hutong.service.twin.selectors import place_code, title_in, titles_of
from hutong.text import Text

#: The rule that says how many working days a scheme is published.
PUBLICITY = "scheme.publicity_working_days"
#: States in which a version stands before the public.
BEFORE_ALL = ("consultation", "adopted")


def scheme(pk: int) -> Scheme:
    """Return a scheme, or raise ``Http404``."""
    found = Scheme.objects.select_related("place", "run__snapshot__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def version(pk: int) -> Version:
    """Return a version, or raise ``Http404``."""
    rows = Version.objects.select_related("scheme__place", "scheme__run__snapshot__place", "person")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def version_numbered(number: str) -> Version | None:
    """Return the version that a number such as S00012-3 stands for, or None."""
    found = re.fullmatch(r"S(\d{5,9})-(\d{1,9})", number)
    rows = Version.objects.select_related("scheme__place")
    return None if found is None else rows.filter(scheme=int(found[1]), n=int(found[2])).first()


def opinion(pk: int) -> Opinion:
    """Return an opinion, or raise ``Http404``."""
    found = Opinion.objects.select_related("version__scheme__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def point(pk: int) -> Point:
    """Return a point of the experts, or raise ``Http404``."""
    found = Point.objects.select_related("opinion__version__scheme__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def outlook(pk: int) -> Outlook:
    """Return an outlook, or raise ``Http404``."""
    found = Outlook.objects.select_related("version__scheme__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Scheme]:
    """Return the schemes that a reader may see: those published, and all where they work on schemes."""
    seen = Q(phase="public")
    for role, path in getattr(viewer, "held", ()):
        if role in INSIDE:
            seen |= Q(place__path__startswith=path)
    return Scheme.objects.filter(seen).select_related("place", "run__snapshot")


def library(viewer: Any, most: int = 200) -> list[tuple[Scheme, bool, Version | None]]:
    """Return the schemes that a reader may see, whether from inside, each with the version that it is shown by."""
    rows = visible(viewer).prefetch_related(
        Prefetch("versions", Version.objects.defer("document").prefetch_related("publications"))
    )
    out = []
    for found in rows[:most]:
        mine, versions = inside(viewer, found), list(found.versions.all())
        put_up = [(p.at, p.pk, v) for v in versions for p in v.publications.all()]
        last = max(put_up, key=lambda x: x[:2])[2] if put_up else None
        out.append((found, mine, (versions[0] if versions else None) if mine else last))
    return out


def inside(viewer: Any, found: Scheme) -> bool:
    """Return whether a reader may see what is not published of a scheme."""
    held = getattr(viewer, "held", ())
    return any(role in INSIDE and found.place.path.startswith(path) for role, path in held)


# --- for other stages --------------------------------------------------------


def published_versions(place: Place) -> list[Version]:
    """Return the versions before the public at a place (in consultation or adopted), the newest publication first.

    Those of the places that it lies in and of those that lie in it.
    """
    here = Q(version__scheme__place__in=chain(place)) | Q(version__scheme__place__in=within(place))
    rows = Publication.objects.filter(here, version__scheme__state__in=BEFORE_ALL)
    rows = rows.select_related("version__scheme__place", "version__scheme__run__snapshot__place")
    found: dict[int, Version] = {}
    for row in rows:
        if row.version_id == _published_id(row.version.scheme):
            found.setdefault(row.version_id, row.version)
    return list(found.values())


def versions_on(snapshot: Snapshot) -> list[Version]:
    """Return the versions before the public (in consultation or adopted) that rest on a snapshot, the newest first."""
    rows = Publication.objects.filter(
        version__scheme__run__snapshot=snapshot, version__scheme__state__in=BEFORE_ALL
    )
    newest: dict[int, Version] = {}
    for row in rows.select_related("version__scheme").order_by("-at", "-pk"):
        newest.setdefault(row.version.scheme_id, row.version)
    return list(newest.values())


def adopted_scheme(place: Place) -> Version | None:
    """Return the version that was adopted for a place, or for the smallest place around it; None if there is none."""
    for around in reversed(chain(place)):
        newest = Scheme.objects.filter(place=around, state="adopted").order_by("-changed").first()
        if newest is not None:
            return published_version(newest)
    return None


def is_adopted(found: Version) -> bool:
    """Return whether a version is the one that its scheme was adopted by."""
    return found.scheme.state == "adopted" and _published_id(found.scheme) == found.pk


def adopted_within(place: Place) -> list[Version]:
    """Return the versions that were adopted for a place, what it lies in and the places in it, the newest last."""
    here = Q(place__in=chain(place)) | Q(place__in=within(place))
    found = [published_version(s) for s in Scheme.objects.filter(here, state="adopted").order_by("changed")]
    return [v for v in found if v is not None]


def published_version(found: Scheme) -> Version | None:
    """Return the version of a scheme that was published last."""
    at = _published_id(found)
    return None if at is None else version(at)


def _published_id(found: Scheme) -> int | None:
    rows = Publication.objects.filter(version__scheme=found)
    return rows.order_by("-at", "-pk").values_list("version_id", flat=True).first()


def publication(found: Version) -> Publication | None:
    """Return the last publication of a version."""
    return found.publications.order_by("-at", "-pk").first()


def version_document(found: Version) -> SchemeDocument:
    """Return the document of a version."""
    return _read(found.pk, found.digest, found.document)


@lru_cache(maxsize=32)
def _read(_pk: int, _digest: str, text: str) -> SchemeDocument:
    return read_scheme_text(Path("scheme.yaml"), text)


@dataclass(frozen=True)
class StatementInputs:
    """What a statement for a home is made from: the quarter laid out, and the version weighed in it."""

    studio: Studio
    review: Review

    def statement(self, dwelling_id: str) -> DwellingStatement:
        """Return what the version means for a home; it raises ``unknown-dwelling``."""
        return statement_for(self.studio, self.review, dwelling_id)


@contextmanager
def statement_inputs(found: Version) -> Iterator[StatementInputs | None]:
    """Hold what statements of a version are made from; None while its snapshot is not laid out (``services.want_warm``)."""
    run = found.scheme.run
    if not warm.laid_out(run):
        yield None
        return
    with warm.studio_of(run) as held:
        yield StatementInputs(held.studio, held.review(version_document(found)))


@contextmanager
def reviews_of(versions: list[Version]) -> Iterator[tuple[Studio, list[Review]] | None]:
    """Hold the reviews of versions of one checked snapshot; None while it is not laid out."""
    run = versions[0].scheme.run
    if not warm.laid_out(run):
        yield None
        return
    with warm.studio_of(run) as held:
        yield held.studio, [held.review(version_document(v)) for v in versions]


# --- where a scheme stands ---------------------------------------------------


def standing(found: Scheme) -> Standing:
    """Return where a scheme stands, from its deeds."""
    out = begin(scheme_machine(), found.number, found.opened)
    for d in found.deeds.all():
        out = out.after(Deed(d.event, timezone.localtime(d.at), d.by, d.said))
    return out


def state_title(found: Scheme) -> Text:
    """Return what the state of a scheme is called."""
    return scheme_machine().states[found.state].title


def moves(user: Any, found: Scheme) -> list[tuple[Event, str]]:
    """Return what a person may do with a scheme now, and as whom."""
    out = []
    for event in scheme_machine().allowed(found.state):
        mine = actors(user, found.place, event.by)
        if mine:
            out.append((event, mine[0]))
    return out


#: Conditions that judge what the form of an event says; the others hold, or do not, before it is filled in.
OF_THE_FORM = ("long_enough",)


def waits(found: Scheme, event: Event, facts: Mapping[str, Any]) -> list[Text]:
    """Return what keeps an event from happening now, whatever its form will say; ``facts`` as ``services.facts`` gives them."""
    stands, deed = standing(found), Deed(event.id, timezone.localtime(), "", facts)
    told = [scheme_machine().guards[g](stands, deed) for g in event.guards if g not in OF_THE_FORM]
    out = [t for t in told if t is not None]
    if event.id == "advise" and not out and unsaved(found):
        out = [Text("草稿还有没存成版本的改动", "The draft holds changes that are not kept as a version")]
    return out


def onwards(found: Scheme) -> Event | None:
    """Return what leads a scheme on from where it stands; None once it is adopted or over."""
    names = {"draft": "advise", "advised": "review", "reviewed": "publish", "consultation": "adopt"}
    return scheme_machine().events.get(names.get(found.state, ""))


def at_turn(found: Scheme) -> list[Text]:
    """Return who is expected to do the next thing that leads on."""
    event = onwards(found)
    if event is None:
        return []
    who = list(event.by)
    if found.state == "draft" and not found.versions.all():
        who = ["implementer"]
    return [scheme_machine().actors[a] for a in who]


def head(found: Scheme) -> Version | None:
    """Return the newest version of a scheme."""
    return found.versions.select_related("person").first()


def draft_of(found: Scheme) -> SchemeDocument:
    """Return the document that is being composed; it is called as its scheme is."""
    return replace(from_plain(found.draft), title=found.title)


def unsaved(found: Scheme) -> bool:
    """Return whether the draft differs from the newest version."""
    newest, draft = head(found), draft_of(found)
    return newest is None or draft.version != newest.version or draft.title != version_document(newest).title


def be_draft(found: Scheme) -> None:
    """Raise ``not-a-draft`` for a scheme that is not being drafted."""
    if found.state != "draft":
        title = scheme_machine().states[found.state].title
        raise HutongError(
            "not-a-draft",
            Text(f"方案“{title.zh}”，不能修改。", f"The scheme cannot be changed: {title.en.lower()}."),
            Text("请先退回起草，或另开一个方案。", "Take it back to drafting first, or open another scheme."),
        )


def may_be_renamed(found: Scheme) -> bool:
    """Return whether a scheme may still get another name: while it is drafted and was never before the public."""
    return found.state == "draft" and found.phase != "public"


def unanswered(found: Version) -> int:
    """Return how many points of the experts on a version are not answered."""
    return Point.objects.filter(opinion__version=found, answer="").count()


def rules_on(found: Scheme, day: dt.date) -> Rules:
    """Return the rules that hold for a scheme on a day."""
    return load_rules(found.run.jurisdiction, on=day)


def not_before(found: Scheme, starts: dt.date) -> dt.date:
    """Return the first day on which a publication that starts on a day may end, by the rules; that day itself without one."""
    rules = rules_on(found, starts)
    if PUBLICITY not in rules:
        return starts
    return official_calendar().add(starts, int(rules.number(PUBLICITY)))


def places_for(user: Any, roles: tuple[str, ...]) -> list[Place]:
    """Return the places with a checked snapshot where a person may draft: quarters, blocks and estates of theirs."""
    mine = Q(pk=None)
    for role, path in user.held:
        if role in roles:
            mine |= Q(path__startswith=path)
    with_run = Q(pk=None)
    for path in Run.objects.values_list("snapshot__place__path", flat=True).distinct():
        with_run |= Q(path__startswith=path)
    return list(
        Place.objects.filter(mine & with_run, kind__in=("quarter", "block", "estate")).order_by("path")[:300]
    )


def newest_run(place: Place) -> Run | None:
    """Return the newest checkup of the quarter that a place lies in."""
    rows = Run.objects.filter(snapshot__place__in=chain(place)).select_related("snapshot__place")
    return rows.order_by("-snapshot__date", "-made_at").first()


def buildings_in(found: Scheme) -> set[str] | None:
    """Return the ids of the buildings of a scheme's place; None where it is the whole quarter."""
    snapshot = found.run.snapshot
    if found.place_id == snapshot.place_id:
        return None
    rows = snapshot.buildings.filter(place__path__startswith=found.place.path)
    return set(rows.values_list("building_id", flat=True))


def tradeoff(pk: int) -> Tradeoff:
    """Return trade-offs, or raise ``Http404``."""
    found = Tradeoff.objects.select_related("scheme__place", "scheme__run__snapshot").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def solving(found: Scheme) -> list[Job]:
    """Return the last work of the optimiser on a scheme."""
    return list(Job.objects.filter(kind="schemes.solve", arguments__scheme=found.pk).order_by("-made")[:5])


def solving_job(pk: int) -> Job:
    """Return work of the optimiser, or raise ``Http404``."""
    found = Job.objects.select_related("place").filter(kind="schemes.solve", pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Done:
    """What a version does at one object, for the public: its name, measures, terms and year."""

    id: str
    name: Text
    what: Text
    offer: Text
    year: int


def objects_of(found: Version, text: str = "") -> list[Done]:
    """Return what a version does at each object whose name or id holds a text."""
    document = version_document(found)
    names = titles_of(found.scheme.run.snapshot)
    titles = {m.id: m.title for m in load_measures()}
    offers = {o.id: o.title for o in load_offers()}
    wanted, out = text.casefold(), []
    for name, choice in document.choices.items():
        called = title_in(names, name)
        if any(wanted in said.casefold() for said in (name, called.zh, called.en)):
            parts = [titles.get(m, Text(m, m)) for m in choice.measures]
            what = Text("、".join(t.zh for t in parts), ", ".join(t.en for t in parts))
            offer = offers.get(choice.offer, Text(choice.offer, choice.offer))
            out.append(Done(name, called, what, offer, choice.year))
    return out


def done_at(found: Version, building: Any) -> list[Done]:
    """Return what a version does at a building and at the estate or block around it."""
    around = set(building.place.parent.path.strip("/").split("/"))
    return [d for d in objects_of(found) if d.id == building.building_id or place_code(d.id) in around]


def entries_of(found: Version) -> list[Any]:
    """Return the ledger's entries that name a version."""
    acts = ("scheme.saved", "scheme.moved", "opinion.signed", "scheme.published")
    rows = Entry.objects.filter(act__in=acts, place=found.scheme.place, data__contains=found.version)
    return list(rows.order_by("index")[:30])


def asked_for() -> list[Publication]:
    """Return the publications on which opinions are asked for today, those that end first before the others."""
    today = timezone.localdate()
    rows = Publication.objects.filter(
        starts__lte=today, until__gte=today, version__scheme__state="consultation"
    )
    return list(rows.select_related("version__scheme__place").order_by("until"))


def doing(building_id: str, place: Place) -> list[tuple[Version, Done | None]]:
    """Return the versions before the public at a building, each with what it does there (None: nothing at the building)."""
    out = []
    for found in published_versions(place):
        choice = version_document(found).choices.get(building_id)
        out.append((found, None if choice is None else objects_of(found, building_id)[0]))
    return out
