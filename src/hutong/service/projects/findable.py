"""What search finds of projects: those that are in a list of the library, by name and number; others by who works on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from hutong.service.projects.models import Project
from hutong.service.projects.offices import WORKERS
from hutong.service.projects.policies import LISTED
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("project", Text("更新项目", "Renewal projects"), 30),)
#: Who finds a project before it is in a list.
SEEN_BY = (*WORKERS, "auditor")


def everything() -> Iterator[Findable]:
    """Return what can be found of all projects."""
    for project in Project.objects.select_related("place"):
        yield of_project(project)


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the projects of some places."""
    for project in Project.objects.filter(place__in=places).select_related("place"):
        yield of_project(project)


def of_project(project: Project) -> Findable:
    """Return a project as everyone finds it once it is listed."""
    listed = project.library in LISTED
    return Findable(
        "project", str(project.pk), project.title, reverse("project", args=[project.pk]),
        Text(f"{project.number} · {project.place.name_zh}", f"{project.number} · {project.place.name_en}"),
        public=listed, roles=() if listed else SEEN_BY, path=project.place.path,
    )  # fmt: skip
