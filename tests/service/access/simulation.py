"""What the pages of simulation are opened on: a finished draft and a published answer."""

from __future__ import annotations

from tests.service.simulation_case import finished


def subjects(town, owner):
    from hutong.service.twin.models import Snapshot

    snapshot = Snapshot.objects.filter(place=town.quarter).order_by("date").first()
    draft, live = finished(snapshot), finished(snapshot, published=True)
    both = {"draft": {"pk": draft.pk}, "published": {"pk": live.pk}}
    return {
        "simulation": both,
        "simulation_stop": {"draft": {"pk": draft.pk}},
        "simulation_resume": {"draft": {"pk": draft.pk}},
        "simulation_publish": {"draft": {"pk": draft.pk}},
        "simulation_attach": {"draft": {"pk": draft.pk}},
        "simulation_file": {k: {**v, "name": "recipe.json"} for k, v in both.items()},
        "simulation_layer": {k: {**v, "name": "renewed-today-2"} for k, v in both.items()},
    }
