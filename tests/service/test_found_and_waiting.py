"""What everybody finds and what waits for them, over the objects of all apps: kept up as made anew, and open to whom it is shown."""

from __future__ import annotations

from tests.service.conftest import undone

#: Kinds of results of which the objects above hold at least one.
FOUND = {
    "process",
    "statement",
    "vote",
    "budget",
    "project",
    "request",
    "case",
    "unit_case",
    "entry",
    "room",
}


def test_what_the_apps_wrote_is_found_as_if_the_index_were_made_anew_and_opens(crowd):
    from django.contrib.auth.models import AnonymousUser

    from hutong.service.places.models import Place
    from hutong.service.search.models import Document
    from hutong.service.search.selectors import _may_find
    from hutong.service.search.services import SHOWN, put_again, rebuild
    from hutong.service.web.stage import stages

    def index(kinds):
        rows = Document.objects.filter(kind__in=kinds)
        return sorted(rows.values_list("kind", "key", *SHOWN), key=lambda row: row[:2])

    kinds = {k.id for stage in stages() for k in stage.found_kinds}
    with undone():
        kept = index(FOUND)
        rebuild()
        assert kept == index(FOUND)
        Place.objects.exclude(kind="city").update(name_zh="改了名的地方", name_en="Renamed place")
        put_again(list(Place.objects.values_list("pk", flat=True)))
        named = index(kinds)
        told = {row[0] for row in named if "Renamed place" in str(row)}
        assert told >= {"vote", "project", "request", "room", "scheme"}
        rebuild()
        assert named == index(kinds)
        assert {row[0] for row in kept} == FOUND
        assert kinds >= FOUND
        wrong = []
        for who, far, client in crowd.people:
            user = getattr(client, "person", AnonymousUser())
            for kind in FOUND:
                hit = Document.objects.filter(_may_find(user), kind=kind).last()
                if hit is not None and client.get(hit.url).status_code not in (200, 302):
                    wrong.append(f"{who} {far} finds {kind} {hit.key} and may not open {hit.url}")
        assert not wrong, "\n".join(wrong)


def test_the_desk_of_everybody_leads_where_they_are_let_in(crowd):
    """One line of each make, and: the clocks of the council, of meetings and of votes stand on somebody's desk."""
    from django.urls import resolve
    from django.utils import timezone

    from hutong.service.bodies.models import Matter
    from hutong.service.desk.selectors import items

    wrong, stages = [], set()
    with undone():
        Matter.objects.update(due=timezone.localdate())  # else none is due soon
        for who, far, client in crowd.people:
            user, seen = getattr(client, "person", None), set()
            if user is None or far or not user.has_perm("desk.see"):  # elsewhere nothing was made
                continue
            for item in items(user, timezone.now()):
                stages.add(item.stage.en)
                name = resolve(item.url.partition("#")[0].partition("?")[0]).url_name
                if name in seen:
                    continue
                seen.add(name)
                if client.get(item.url).status_code not in (200, 302):
                    wrong.append(f"{who} is sent to {item.url} by “{item.what.en}”")
    assert not wrong, "\n".join(wrong)
    assert {"Council", "Meetings", "Votes"} <= stages
