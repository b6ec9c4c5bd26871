"""What the pages of schemes are opened on: a draft with a version, and a version before the public."""

from __future__ import annotations


def subjects(town, owner):
    from hutong.service.schemes.models import Publication

    run = _run(town)
    _drafted, hidden = _scheme(town, run, owner)
    shown, public = _scheme(town, run, owner)
    shown.phase = "public"
    shown.save()
    Publication.objects.create(version=public, starts="2026-01-01", until="2026-02-01", person=owner)
    return {"scheme_version": {"office": {"pk": hidden.pk}, "public": {"pk": public.pk}}}


def _run(town):
    from hutong.service.checkup.models import Run

    return Run.objects.filter(snapshot__place=town.quarter).order_by("pk").first()


def _scheme(town, run, owner):
    from hutong.service.schemes import selectors, services
    from hutong.text import Text

    found = services.open_scheme(services.NewScheme(town.quarter, run, Text("试", "try"), owner))
    return found, services.keep_version(found, selectors.draft_of(found), owner)
