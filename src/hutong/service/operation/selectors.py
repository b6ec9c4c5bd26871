"""Reading operation: contracts by their deeds, the band by their returns, assets, ratings."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.contracts import (
    Asset as Kept,
)
from hutong.act.contracts import (
    Band,
    Register,
    Return,
    Terms,
    added,
    asset_machine,
    contract_machine,
    read_contract,
    register,
    watch,
)
from hutong.act.machine import Deed, Event
from hutong.act.standing import Standing, begin
from hutong.few import told
from hutong.plan.catalogue import load_measures
from hutong.plan.finance import party_years
from hutong.service.operation.models import Asset, Contract, FiledReturn
from hutong.service.operation.policies import ROLES
from hutong.service.places.models import Place
from hutong.service.projects.offices import WORKERS, roles_at
from hutong.service.schemes.models import Scheme, Version
from hutong.service.schemes.selectors import BEFORE_ALL, published_version
from hutong.text import Text

#: How the standing of a band is marked.
MARKS = {"in": "good", "above": "watch", "below": "warn", "unknown": "unknown"}


def contract(pk: int) -> Contract:
    """Return a contract, or raise ``Http404``."""
    found = Contract.objects.select_related("place", "version__scheme").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def asset(pk: int) -> Asset:
    """Return an asset, or raise ``Http404``."""
    found = Asset.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Contract]:
    """Return the contracts that a reader may see: the published, and drafts where they work on them."""
    seen = ~Q(state__in=("drafted", "dropped"))
    for role, path in getattr(viewer, "held", ()):
        if role in (*WORKERS, "auditor"):
            seen |= Q(place__path__startswith=path)
    return Contract.objects.filter(seen).select_related("place")


def drawable(user: Any) -> list[Version]:
    """Return the versions that a contract may be drawn from where a person is of the district: the adopted, then those published."""
    mine = Q(pk=None)
    for role, path in user.held:
        if role in ROLES["contract"]["office"]:
            mine |= Q(place__path__startswith=path)
    rows = Scheme.objects.filter(mine, state__in=BEFORE_ALL).order_by("state", "-changed")
    return [v for v in map(published_version, rows) if v is not None]


def drawn_from(user: Any, found: Scheme) -> QuerySet[Contract]:
    """Return the contracts of the versions of a scheme that a reader may see."""
    return visible(user).filter(version__scheme=found).exclude(state="dropped")


@lru_cache(maxsize=64)
def _terms(text: str) -> Terms:
    return read_contract(text)


def terms(found: Contract) -> Terms:
    """Return the terms of a contract."""
    return _terms(found.terms)


def standing(found: Contract) -> Standing:
    """Return where a contract stands, from its deeds."""
    said = {"extension_most": terms(found).extension_most}
    out = begin(contract_machine(), found.number, timezone.localtime(found.opened), said)
    for d in found.deeds.all():
        out = out.after(Deed(d.event, timezone.localtime(d.at), d.by, d.said))
    return out


def kind_title(kind: str) -> Text:
    """Return what a kind of asset is called: the measure that made it, or the kind as its list names it."""
    titles = {m.id: m.title for m in load_measures()}
    return titles.get(kind, Text(kind, kind))


def asset_standing(found: Asset) -> Standing:
    """Return where an asset stands, from its deeds."""
    out = begin(asset_machine(), found.key, timezone.localtime(found.opened))
    for d in found.deeds.all():
        out = out.after(Deed(d.event, timezone.localtime(d.at), d.by, d.said))
    return out


def returns(found: Contract) -> list[FiledReturn]:
    """Return the newest return of every period, the earliest period first."""
    newest: dict[str, FiledReturn] = {}
    for r in found.returns.all():
        newest[r.period] = r
    return [newest[p] for p in sorted(newest)]


def band(found: Contract, day: dt.date) -> Band:
    """Return how a contract stands on a day, by its returns."""
    given = [Return(r.period, r.yuan, r.levels) for r in returns(found)]
    return watch(terms(found), given, day.year, added(standing(found)))


def years(found: Contract, held: Band) -> list[dict[str, Any]]:
    """Return the yearly net payments of the operator: as planned, and as reported where that is known."""
    t = terms(found)
    plan = party_years(t.plan, t.horizon).loc["operator"].to_numpy(float)
    return [
        {
            "year": t.first_year + k,
            "planned": float(plan[k]) if k < len(plan) else None,
            "reported": float(held.net[k]) if held.reported[k] else None,
            "missing": t.first_year + k in held.missing,
        }
        for k in range(len(held.net))
    ]


def may_do(user: Any, found: Contract | Asset) -> list[tuple[Event, str]]:
    """Return what a person may do with a contract or an asset now: event, as whom."""
    name = "contract" if isinstance(found, Contract) else "asset"
    table = contract_machine() if name == "contract" else asset_machine()
    here = roles_at(user, found.place)
    mine = [a for a, roles in ROLES[name].items() if here & set(roles)]
    return [
        (e, next(a for a in e.by if a in mine))
        for e in table.allowed(found.state)
        if any(a in mine for a in e.by)
    ]


def ratings(found: Contract) -> list[dict[str, Any]]:
    """Return how residents rate the services, by year; of years with few ratings neither number nor mean."""
    rows = found.ratings.values("year").annotate(n=Count("pk"), mean=Avg("score")).order_by("year")
    return [
        {"year": r["year"], "n": (n := told(r["n"])), "mean": None if n is None else r["mean"]} for r in rows
    ]


def assets_at(place: Place) -> QuerySet[Asset]:
    """Return the assets in a place that are not retired."""
    return Asset.objects.filter(place__path__startswith=place.path).exclude(state="retired")


def registered(rows: list[Asset], day: dt.date) -> Register:
    """Return the register of assets on a day."""
    kept = [
        Kept(f"{a.place_id}:{a.key}", a.object_id, a.kind, a.made, a.life_years, a.cost_yuan, a.keeper)
        for a in rows
    ]
    return register(kept, day)


def asset_places(user: Any) -> list[Place]:
    """Return the places with assets that a person may see."""
    inside = Q(pk=None)
    for role, path in getattr(user, "held", ()):
        if role in ("subdistrict", "district", "operator", "property_manager", "owner_unit", "auditor"):
            inside |= Q(path__startswith=path)
    return list(Place.objects.filter(inside, assets__isnull=False).distinct())
