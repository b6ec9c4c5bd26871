"""Reading requests: a case from its steps, lists for each reader, statistics for all."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from hutong.act.cases import (
    Case,
    CaseEvent,
    Catalogue,
    DispatchRow,
    Due,
    default_catalogue,
    due_of,
    escalated,
    limit_end,
    machine,
    open_case,
)
from hutong.act.cases.clock import Limit
from hutong.act.cases.machine import Event
from hutong.few import FEWEST_THINGS
from hutong.rules import Rules, load_rules
from hutong.sense.requests.rates import RATE_COLUMNS, RATES, shares
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain
from hutong.service.requests.models import Dispatch, Member, Outlook, Photo, Request, Unit
from hutong.text import Text

#: The columns of a request that are those of its case.
DRAWN = (
    "state",
    "category",
    "unit",
    "due",
    "replied",
    "solved",
    "satisfied",
    "reopened",
    "disputes",
    "extended",
)
#: Codes of the units for which whoever holds the role of this name acts, without being named a member.
OFFICES = ("subdistrict", "district")
#: Whose rules hold; a city's installation names its own.
JURISDICTION: str = settings.ENVIRONMENT.jurisdiction


@cache
def _rules(day: dt.date) -> Rules:
    return load_rules(JURISDICTION, day)


def limits(request: Request) -> Limit:
    """Return how time limits end for a request, by the rules of the day it was filed."""
    return limit_end(_rules(timezone.localtime(request.filed).date()))


def classes_of_limit() -> dict[str, Text]:
    """Return the limits that an officer may give a case, by parameter."""
    rules = _rules(timezone.localdate())
    names = (
        "request.emergency_hours_max",
        "request.utility_hours_max",
        "request.general_days_max",
        "request.complex_days_max",
    )
    units = {"h": Text("小时", "hours"), "day": Text("天", "days")}
    out = {}
    for name in names:
        amount, unit = rules.number(name), units[rules[name].unit]
        out[name] = Text(
            f"{amount:g} {unit.zh} · {rules[name].title.zh}", f"{amount:g} {unit.en} · {rules[name].title.en}"
        )
    return out


def spoken_said(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said with times as times."""
    until = said.get("until")
    return {**said, "until": parse_datetime(until)} if isinstance(until, str) else dict(said)


def case(request: Request) -> Case:
    """Return the case of a request, from its steps."""
    out = open_case(request.number, request.nature, request.place.path, request.filed)
    limit = limits(request)
    for s in request.steps.all():
        out = out.after(CaseEvent(s.event, s.at, s.by, s.unit, spoken_said(s.said)), limit)
    return out


def clock(request: Request, now: dt.datetime | None = None) -> Due | None:
    """Return the clock that runs on a request."""
    return due_of(case(request), now or timezone.now(), limits(request))


def status_of(due: Due | None) -> str:
    """Return how a clock stands: alarm (over), watch (four fifths gone), good, or unknown without one."""
    if due is None:
        return "unknown"
    return "alarm" if due.overdue else "watch" if due.used >= 0.8 else "good"


def told_of(request: Request, now: dt.datetime | None = None) -> list[Text]:
    """Return who is to be told of a request by now."""
    return [e.title for e in escalated(case(request), now or timezone.now(), limits(request))]


def request_by(pk: int) -> Request:
    """Return a request, or raise ``Http404``."""
    found = Request.objects.select_related("place", "owner").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def by_code(number: str, code: str) -> Request | None:
    """Return the request of a number if the follow-up code is right."""
    from hutong.service.requests.services import hashed

    found = Request.objects.select_related("place").filter(number=number.strip()).first()
    good = found is not None and hmac.compare_digest(found.code, hashed(code))
    return found if good else None


def photo(pk: int) -> Photo:
    """Return a photo, or raise ``Http404``."""
    found = Photo.objects.select_related("request__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own(user: User) -> QuerySet[Request]:
    """Return what a person filed or follows."""
    return Request.objects.filter(Q(owner=user) | Q(followers__user=user)).select_related("place").distinct()


def acts_for(user: User) -> list[tuple[str, str]]:
    """Return the units that a person acts for, now: the code of each, and the path of the place that it serves."""
    now = timezone.now()
    rows = Member.objects.filter(user_id=user.pk, since__lte=now, unit__until=None)
    rows = rows.filter(Q(until=None) | Q(until__gt=now))
    return sorted(rows.values_list("unit__code", "unit__place__path"))


def units_of(user: User) -> list[str]:
    """Return the codes of the units that a person acts for, now."""
    return sorted({code for code, _ in acts_for(user)})


def units_at(place: Place) -> list[Unit]:
    """Return the units that serve a place."""
    return list(Unit.objects.filter(place__in=chain(place), until=None))


def dispatch_row(category: str, place: Place, day: dt.date) -> DispatchRow:
    """Return where requests of a class go: by the office's own catalogue, else by the one that comes with the project."""
    rows = Dispatch.objects.filter(category=category, place__in=chain(place), unit__until=None)
    own = Catalogue(
        tuple(
            DispatchRow(
                r.category, r.place.path, r.unit.code, tuple(h for h in r.helpers.split(";") if h), r.start, r.until
            )
            for r in rows.select_related("place", "unit")
        ),
        "", {}, assumed=False,
    ).find(category, place.path, day)  # fmt: skip
    return own if own.unit else default_catalogue().find(category, place.path, day)


def unit_title(code: str, place: Place) -> Text:
    """Return the name of a unit; a code without one is named as the catalogue does."""
    found = Unit.objects.filter(code=code, place__in=chain(place)).first()
    return found.title if found is not None else default_catalogue().title(code)


def unit_titles(rows: Iterable[Request]) -> dict[int, Text]:
    """Return the name of the unit that holds each request, as :func:`unit_title` does, in one question."""
    held = [r for r in rows if r.unit]
    units = Unit.objects.filter(code__in={r.unit for r in held}).select_related("place")
    known: dict[str, list[Unit]] = {}
    for unit in units:
        known.setdefault(unit.code, []).append(unit)
    out = {}
    for r in held:
        here = (u.title for u in known.get(r.unit, ()) if r.place.path.startswith(u.place.path))
        out[r.pk] = next(here, None) or default_catalogue().title(r.unit)
    return out


def unit_names(codes: Collection[str]) -> dict[str, Text]:
    """Return the names of units wherever they serve."""
    known = {u.code: u.title for u in Unit.objects.filter(code__in=codes).order_by("-pk")}
    return {code: known.get(code) or default_catalogue().title(code) for code in codes}


def actors(
    user: Any, request: Request, units: Sequence[tuple[str, str]] | None = None
) -> list[tuple[str, str]]:
    """Return as what a person may act on a request: pairs of actor and unit.

    ``units``: those of the person (:func:`acts_for`), where they are known already.

    The subdistrict takes in and dispatches; the district reviews disputes and calls back, so that nobody who handled a
    case asks how it went; a unit acts on what it holds or was whistled to.
    """
    if not user.is_authenticated:
        return []
    here = {role for role, path in user.held if request.place.path.startswith(path)}
    out: list[tuple[str, str]] = []
    if request.owner_id == user.pk:
        out.append(("resident", ""))
    if "subdistrict" in here:
        out.append(("intake", ""))
    if "district" in here:
        out += [("review", ""), ("caller", "")]
    units = (acts_for(user) if units is None else units) if "department" in here else ()
    mine = {code for code, path in units if request.place.path.startswith(path)}
    mine |= {"subdistrict"} if "subdistrict" in here else set()
    mine |= {"district"} if "district" in here else set()
    out += [("unit", request.unit)] if request.unit in mine else []
    out += [("called", code) for code in request.called_units if code in mine]
    return out


def may_do(
    user: Any, request: Request, units: Sequence[tuple[str, str]] | None = None
) -> list[tuple[Event, str, str]]:
    """Return what a person may do with a request now: event, actor, unit; ``units`` as for :func:`actors`."""
    return [
        (event, actor, unit)
        for actor, unit in actors(user, request, units)
        for event in machine().allowed(request.state, actor)
    ]


def desk(user: User) -> QuerySet[Request]:
    """Return the open requests that wait for a person's office, by the clock: what ends first comes first."""
    scope = Q(pk=None)
    units = acts_for(user)
    for role, path in user.held:
        here = Q(place__path__startswith=path)
        if role == "subdistrict":
            scope |= here
        elif role == "district":
            scope |= here & (Q(state__in=("replied", "disputed")) | Q(unit="district"))
        elif role == "department":
            for code, served in units:
                held = Q(unit=code) | Q(called__contains=f";{code};")
                scope |= here & Q(place__path__startswith=served) & held
    ended = [s.id for s in machine().states.values() if s.end]
    return (
        Request.objects.filter(scope)
        .exclude(state__in=ended)
        .select_related("place")
        .order_by("due", "filed")
    )


def suggestions(words: str, place: Place | None, most: int = 3) -> list[Request]:
    """Return open requests nearby that read alike: perhaps somebody reported it already."""
    from hutong.sense.requests.features import make_vocabulary, vectors

    if place is None or len(words.strip()) < 4:
        return []
    near = place.parent or place
    recent = timezone.now() - dt.timedelta(days=30)
    ended = [s.id for s in machine().states.values() if s.end]
    rows = list(
        Request.objects.filter(place__path__startswith=near.path, filed__gte=recent)
        .exclude(state__in=ended)
        .select_related("place")[:300]
    )
    if not rows:
        return []
    texts = [words, *(r.words for r in rows)]
    table = vectors(texts, make_vocabulary(texts, min_texts=1))
    alike = (table[1:] @ table[:1].T).toarray().ravel()
    best = sorted(zip(alike, rows, strict=True), key=lambda pair: -pair[0])
    return [row for score, row in best[:most] if score >= 0.35]


def public_list(place: Place | None = None) -> QuerySet[Request]:
    """Return requests as anyone may see them: what about, where roughly, how far; never words or people."""
    rows = Request.objects.select_related("place__parent")
    return rows if place is None else rows.filter(place__path__startswith=place.path)


def rough_place(request: Request) -> Place:
    """Return where a request is as the public may know it: the estate, not the building."""
    at = request.place
    return at.parent if at.kind == "building" and at.parent is not None else at


def of_kinds(rows: QuerySet[Request], kinds: list[str]) -> QuerySet[Request]:
    """Return the requests of these classes: as an officer said, else as suggested."""
    return rows.filter(Q(category__in=kinds) | Q(category="", suggested__in=kinds))


def by_status(rows: QuerySet[Request], status: str) -> QuerySet[Request]:
    """Return the requests that are open, or those that are closed."""
    ended = [s.id for s in machine().states.values() if s.end]
    return rows.filter(state__in=ended) if status == "closed" else rows.exclude(state__in=ended)


def asked_of(name: str, now: dt.datetime) -> tuple[Q, Q]:
    """Return of which requests the answer to a rate is known, and of which it is yes."""
    late, replied = Q(due__lt=now), Q(replied__isnull=False)
    in_time = replied & Q(replied__lte=F("due"))
    return {
        "responded": (replied | late, replied),
        "resolved": (Q(solved__isnull=False), Q(solved=True)),
        "satisfied": (Q(satisfied__isnull=False), Q(satisfied=True)),
        "in_time": ((replied & Q(due__isnull=False)) | late, in_time),
    }[name]


def rates(official: bool, place: Place | None = None, now: dt.datetime | None = None) -> pd.DataFrame:
    """Return the three rates by unit with intervals (:func:`hutong.sense.requests.rates.shares`), and for all ("").

    Inquiries do not count. ``official`` takes the orders of the city's hotline; otherwise what the site took in itself,
    which stays outside the official rates.
    """
    rows = (
        public_list(place)
        .exclude(nature="inquiry")
        .exclude(state__in=("referred", "withdrawn", "answered"))
        .order_by("unit")
    )
    rows = rows.filter(channel="hotline") if official else rows.exclude(channel="hotline")
    rows = rows if now is None else rows.filter(filed__lte=now)
    asked = {name: asked_of(name, now or timezone.now()) for name in RATES}
    counts: dict[str, Any] = {"requests": Count("pk")}
    for name, (known, yes) in asked.items():
        counts |= {f"{name}_known": Count("pk", filter=known), f"{name}_yes": Count("pk", filter=yes)}
    found = list(rows.values("unit").annotate(**counts))
    whole = {key: sum(row[key] for row in found) for key in counts}
    parts = [
        (row.get("unit", ""), name, row["requests"], row[f"{name}_known"], row[f"{name}_yes"])
        for name in RATES
        if whole[f"{name}_known"]
        for row in (whole, *(r for r in found if r["unit"]))
    ]
    return shares(pd.DataFrame(parts, columns=list(RATE_COLUMNS[:5])))


def public_rates(official: bool, place: Place | None = None, now: dt.datetime | None = None) -> pd.DataFrame:
    """Return the rates as anyone may see them: none that rests on few, since it would say what one person answered.

    Where the units that are left out are few together, the next smallest is left out too, so that the rate of all gives
    nothing away.
    """
    table = rates(official, place, now)
    kept: list[int] = []
    for _, of in table.groupby("rate", sort=False):
        whole = int(of.loc[of["place"] == "", "known"].iloc[0])
        units = of[(of["place"] != "") & (of["known"] >= FEWEST_THINGS)].sort_values("known", ascending=False)
        shown = list(units.index)
        while shown and 0 < whole - int(of.loc[shown, "known"].sum()) < FEWEST_THINGS:
            shown.pop()
        kept += [*of.index[of["place"] == ""], *shown] if whole >= FEWEST_THINGS else []
    return table.loc[sorted(kept)].reset_index(drop=True)


def hidden_by_rates(place: Place | None = None) -> dict[str, int]:
    """Return what the three rates do not show: not called back, reopened, disputed, extended."""
    told: dict[str, int] = (
        public_list(place)
        .order_by()
        .aggregate(
            all=Count("pk"),
            unreached=Count("pk", filter=Q(state="unreached")),
            reopened=Count("pk", filter=Q(reopened__gt=0)),
            disputed=Count("pk", filter=Q(disputes__gt=0)),
            extended=Count("pk", filter=Q(extended=True)),
        )
    )
    return told


def counts_by_kind(place: Place | None = None) -> list[tuple[Text, int]]:
    """Return how many requests there are of each kind, most first; kinds with few are left out."""
    rows = public_list(place).order_by().values("category", "suggested").annotate(n=Count("pk"))
    return _kinds(rows)


def _kinds(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Text, int]]:
    from hutong.sense.requests.taxonomy import load_taxonomy

    total: dict[str, int] = {}
    for row in rows:
        kind = row["category"] or row["suggested"]
        total[kind] = total.get(kind, 0) + row["n"]
    ordered = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return [(load_taxonomy().title(kind), n) for kind, n in ordered if n >= FEWEST_THINGS]


def public_counts(place: Place) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return how many requests there are in a place, how many are open, and their kinds; the same of what it lies in.

    None where they are few. Both come from one question.
    """
    around = place.parent or place
    rows = list(
        Request.objects.filter(place__path__startswith=around.path)
        .order_by()
        .values("category", "suggested", "state", inside=Q(place__path__startswith=place.path))
        .annotate(n=Count("pk"))
    )
    return _counts([row for row in rows if row["inside"]]), _counts(rows) if place.parent else None


def _counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    whole = sum(row["n"] for row in rows)
    if whole < FEWEST_THINGS:
        return None
    ended = {s.id for s in machine().states.values() if s.end}
    still = sum(row["n"] for row in rows if row["state"] not in ended)
    return {"all": whole, "open": still, "kinds": _kinds(rows)[:5]}


def outlook(places: Iterable[str] = ()) -> Outlook | None:
    """Return what is to be expected at the first of some places, given as paths; of the largest known without any."""
    paths = list(places)
    rows = Outlook.objects.select_related("place").order_by("place__path")
    return rows.filter(place__path__in=paths).first() if paths else rows.first()


def outlooks() -> list[Place]:
    """Return the places whose outlook is known, the largest first."""
    return [o.place for o in Outlook.objects.select_related("place").order_by("place__path").only("place")]


def places_by(keys: Collection[int]) -> dict[int, Place]:
    """Return places by key."""
    return Place.objects.select_related("parent").in_bulk(list(keys))


def numbers_of(keys: Collection[int]) -> dict[int, str]:
    """Return the numbers of requests by key."""
    return dict(Request.objects.filter(pk__in=keys).values_list("pk", "number"))
