"""What search finds of votes: ballots, signings and surrenders that were announced; never who said what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Q
from django.urls import reverse

from hutong.service.consent.models import Ballot, Project, Signing
from hutong.service.consent.offices import WATCH
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("vote", Text("表决与签约", "Votes and signings"), 22),)


def everything() -> Iterator[Findable]:
    """Return what can be found of all votes, signings and surrenders."""
    return _of(Q())


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the votes, signings and surrenders of some places."""
    return _of(Q(place__in=places))


def _of(which: Q) -> Iterator[Findable]:
    for ballot in Ballot.objects.filter(which).select_related("place").defer("document"):
        yield of_ballot(ballot)
    for signing in Signing.objects.filter(which).select_related("place").defer("terms"):
        yield of_signing(signing)
    for project in Project.objects.filter(which).select_related("place").defer("terms"):
        yield of_surrender(project)


def of_ballot(ballot: Ballot) -> Findable:
    """Return a vote as everyone finds it from its notice on; a draft is found by who runs and watches votes."""
    return _found(ballot, ballot.standing, reverse("ballot", args=[ballot.pk]), ballot.state != "draft")


def of_signing(signing: Signing) -> Findable:
    """Return a signing as everyone finds it once it is open."""
    return _found(signing, signing.standing, reverse("signing", args=[signing.pk]), signing.state != "draft")


def of_surrender(project: Project) -> Findable:
    """Return a project of lease surrender as everyone finds it."""
    said = Text("申请式退租", "lease surrender")
    return _found(project, said, reverse("surrender", args=[project.pk]), True)


def _found(one: Ballot | Signing | Project, said: Text, url: str, public: bool) -> Findable:
    detail = Text(f"{said.zh} · {one.place.name_zh}", f"{said.en} · {one.place.name_en}")
    roles = () if public else WATCH
    return Findable("vote", one.code, one.title, url, detail, public=public, roles=roles, path=one.place.path)
