"""What search finds of schemes: those that were published, by name and number; others by who works on schemes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from hutong.service.schemes.models import Scheme
from hutong.service.schemes.policies import INSIDE
from hutong.service.schemes.selectors import published_version
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("scheme", Text("方案", "Schemes"), 26),)


def everything() -> Iterator[Findable]:
    """Return what can be found of all schemes."""
    for found in Scheme.objects.select_related("place"):
        yield of_scheme(found)


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the schemes of some places."""
    for found in Scheme.objects.filter(place__in=places).select_related("place"):
        yield of_scheme(found)


def of_scheme(found: Scheme) -> Findable:
    """Return a scheme as everyone finds it once it was published, and before that those who may see it."""
    shown = published_version(found) if found.phase == "public" else None
    public = shown is not None
    url = reverse("scheme", args=[found.pk]) if shown is None else reverse("scheme_version", args=[shown.pk])
    return Findable(
        "scheme", str(found.pk), found.title, url,
        Text(f"{found.number} · {found.place.name_zh}", f"{found.number} · {found.place.name_en}"),
        public=public, roles=() if public else INSIDE, path=found.place.path,
    )  # fmt: skip
