"""Schemes of the small quarter for tests: who takes part, a document that the law allows, and the way to publication."""

from __future__ import annotations

import datetime as dt

from hutong.plan.document import Choice, SchemeDocument
from hutong.text import Text


def people(town):
    """Return an implementer, a planner and an officer of the district."""
    return town.person("operator"), town.person("planner"), town.person("district")


def some_choices(studio, most=6):
    """Return choices at the first objects that have an option for which nobody but the public pays: they break no rule."""
    options = studio.desk.options
    ids, packages, out = options.objects.ids, options.package_ids(), {}
    for i, at in enumerate(options.object):
        name, offer = ids[at], options.offers[options.offer[i]].id
        if name not in out and len(out) < most and offer in ("share0", "works"):
            out[name] = Choice(tuple(sorted(packages[i].split("+"))), offer)
    return out


def document(studio, most=6):
    """Return a document that does something at a few objects."""
    return SchemeDocument("try", Text("试", "try"), choices=some_choices(studio, most))


def open_one(town, run, owner, title="东巷方案"):
    """Return a scheme with nothing in it."""
    from hutong.service.schemes import services

    return services.open_scheme(services.NewScheme(town.quarter, run, Text(title, "East lane"), owner))


def kept(town, run, owner, studio, most=3):
    """Return a scheme with one version whose results are known."""
    from hutong.service.schemes import selectors
    from hutong.service.schemes.drafting import services as drafting
    from hutong.service.schemes.versions import services

    found = open_one(town, run, owner)
    drafting.bring_in(found, document(studio, most), owner, 0)
    found.refresh_from_db()
    made = services.keep_version(found, selectors.draft_of(found), owner)
    services.compute(made)
    return found, made


def to_consultation(found, planner, officer, day=None):
    """Bring a kept scheme before the public; return its publication."""
    from django.utils import timezone

    from hutong.service.schemes import selectors
    from hutong.service.schemes.consulting import services as consulting
    from hutong.service.schemes.opinions import services as opinions

    opinions.advise(found, "supports", "符合规划，同意。", planner)
    opinions.review(found, "资料齐全，同意公布。", officer)
    starts = day or timezone.localdate()
    until = max(selectors.not_before(found, starts), starts + dt.timedelta(days=30))
    return consulting.publish(
        found, starts, until, officer, hears=renewal_office(found.place), contact="街道更新办"
    )


def renewal_office(place):
    """Return the unit that answers what is said of schemes at a place."""
    from hutong.service.places.selectors import chain
    from hutong.service.requests.models import Unit
    from hutong.service.requests.services import make_unit

    known = Unit.objects.filter(code="renewal", place__in=chain(place)).first()
    district = next(p for p in chain(place) if p.kind == "district")
    return known or make_unit("renewal", district, Text("更新办", "Renewal office"))
