"""Reading schemes: what is published, where each stands, what a version does, and what others need of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.machine import Deed, Event
from hutong.act.schemes import scheme_machine
from hutong.act.standing import Standing, begin
from hutong.plan.document import SchemeDocument
from hutong.plan.document_file import read_scheme_text
from hutong.plan.document_plain import from_plain
from hutong.plan.review import Review
from hutong.plan.statement import DwellingStatement, statement_for
from hutong.plan.studio import Studio
from hutong.rules import Rules, load_rules, official_calendar
from hutong.service.checkup.models import Run
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain, within
from hutong.service.schemes import warm
from hutong.service.schemes.models import Opinion, Outlook, Point, Publication, Scheme, Version
from hutong.service.schemes.offices import actors
from hutong.service.schemes.policies import INSIDE
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


def adopted_scheme(place: Place) -> Version | None:
    """Return the version that was adopted for a place, or for the smallest place around it; None if there is none."""
    for around in reversed(chain(place)):
        newest = Scheme.objects.filter(place=around, state="adopted").order_by("-changed").first()
        if newest is not None:
            return published_version(newest)
    return None


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
    with warm.studio_of(run) as studio:
        yield StatementInputs(studio, _reviewed(studio, found))


def _reviewed(studio: Studio, found: Version) -> Review:
    """Return the review of a version, kept with the studio that made it."""
    kept: dict[int, Review] = studio.__dict__.setdefault("_kept_reviews", {})
    if found.pk not in kept:
        if len(kept) >= 4:
            kept.pop(next(iter(kept)))
        kept[found.pk] = studio.review(version_document(found))
    return kept[found.pk]


@contextmanager
def reviews_of(versions: list[Version]) -> Iterator[tuple[Studio, list[Review]] | None]:
    """Hold the reviews of versions of one checked snapshot; None while it is not laid out."""
    run = versions[0].scheme.run
    if not warm.laid_out(run):
        yield None
        return
    with warm.studio_of(run) as studio:
        yield studio, [_reviewed(studio, v) for v in versions]


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


def at_turn(found: Scheme) -> list[Text]:
    """Return who is expected to do the next thing that leads on."""
    onwards = {"draft": "advise", "advised": "review", "reviewed": "publish", "consultation": "adopt"}
    event = scheme_machine().events.get(onwards.get(found.state, ""))
    if event is None:
        return []
    who = list(event.by)
    if found.state == "draft" and not found.versions.exists():
        who = ["implementer"]
    return [scheme_machine().actors[a] for a in who]


def head(found: Scheme) -> Version | None:
    """Return the newest version of a scheme."""
    return found.versions.select_related("person").first()


def draft_of(found: Scheme) -> SchemeDocument:
    """Return the document that is being composed."""
    return from_plain(found.draft)


def unsaved(found: Scheme) -> bool:
    """Return whether the draft differs from the newest version."""
    newest = head(found)
    return newest is None or draft_of(found).version != newest.version


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


def runs_for(viewer: Any, paths: list[str]) -> list[Run]:
    """Return the newest checkup of every quarter in some paths, on which a scheme may be drawn."""
    inside_paths = Q(pk=None)
    for path in paths:
        inside_paths |= Q(snapshot__place__path__startswith=path)
        inside_paths |= Q(snapshot__place__in=_around(path))
    newest: dict[int, Run] = {}
    rows = Run.objects.filter(inside_paths).select_related("snapshot__place")
    for one in rows.order_by("snapshot__date", "made_at"):
        newest[one.snapshot.place_id] = one
    return list(newest.values())


def _around(path: str) -> list[Place]:
    found = Place.objects.filter(path=path).first()
    return [] if found is None else chain(found)
