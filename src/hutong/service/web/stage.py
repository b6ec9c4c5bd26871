"""What an app of the service says of itself: where its pages lie and how they are called in the menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the main menu; shown only to who holds the permission somewhere (none: to everyone)."""

    title: Text
    url: str  # the name of a page without arguments
    permission: str = ""
    order: int = 50
    group: str = ""  # of ``GROUPS``; none: it stands by itself at its order


#: The groups of the main menu in their order, which is that of the loop.
GROUPS = {
    "quarter": Text("片区", "The quarter"),
    "requests": Text("诉求", "Requests"),
    "say": Text("商量", "Have a say"),
    "works": Text("实施", "Works"),
    "record": Text("台账", "Ledger"),
    "office": Text("管理", "Office"),
}


#: How an item of the desk stands, the worst first.
STATUSES = ("alarm", "warn", "watch", "good", "unknown")


@dataclass(frozen=True, slots=True)
class DeskItem:
    """Something that waits for somebody: what, where, with whom, since when, until when, and where to go on.

    ``status`` is alarm (late or broken), warn (something is wrong), watch (soon), good (in time) or unknown (no clock
    runs). ``mine``: the reader themselves can do the next thing.
    """

    stage: Text
    what: Text
    where: Text
    url: str
    whom: Text | None = None
    since: dt.datetime | None = None
    due: dt.datetime | None = None
    status: str = "unknown"
    mine: bool = True

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(self.status)


@dataclass(frozen=True, slots=True)
class Chore:
    """What every background worker does again after ``every_s`` seconds; several may do it at once."""

    name: str
    every_s: float
    run: Callable[[], object]
    title: Text = Text("", "")  # noqa: RUF009 (a Text cannot change)


class Stage(AppConfig):
    """An app of the service. A subclass in ``apps.py`` is all that makes one known: no other file lists its pages.

    Attributes
    ----------
    prefix
        Where its ``urls`` lie, with a slash at the end; empty for the root.
    pages
        Whether it has any.
    menu
        Its entries of the main menu.
    simple
        What the home page offers as large buttons to who chose large text and few choices.
    """

    default = False  # Django takes the one class of apps.py that is a default: the subclass
    prefix = ""
    pages = True
    menu: tuple[MenuItem, ...] = ()
    simple: tuple[MenuItem, ...] = ()

    def __init_subclass__(cls) -> None:
        cls.default = True

    def ready(self) -> None:
        """Load the app's policies, so that its permissions exist."""
        if find_spec(f"{self.name}.policies"):
            import_module(f"{self.name}.policies")

    def chores(self) -> list[Chore]:
        """Return what is done again and again without anybody starting it."""
        return []

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return what the home page shows of this stage to this reader.

        Each part is ``{"template": name, ...}``; the template gets the rest as ``part``. ``order`` (50) puts it
        before or after those of other stages.
        """
        return []

    def snapshot_parts(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Return what this stage adds to the page of a snapshot: ``{"template": name, ...}``, called ``part`` there."""
        return []

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Return what the map of a snapshot can be coloured by: ``{"id", "title" (Text), "url", "load"}``.

        ``load`` returns what the address answers, as ``twin.layers.layer_data`` makes it: the map's table reads it.
        """
        return []

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Return what this stage adds to a building's dossier: ``{"template": name, ...}``, called ``part`` there.

        ``order`` (50) puts it before or after those of other stages: findings 10, requests 20, carbon 60, ledger 90.
        """
        return []

    def _findable(self, name: str) -> Any:
        """Return what the app's ``findable.py`` has of a name; None if it has none, or there is no such module."""
        module = f"{self.name}.findable"
        return getattr(import_module(module), name, None) if find_spec(module) else None

    @property
    def found_kinds(self) -> tuple[FoundKind, ...]:
        """The kinds of what search finds of this stage: ``KINDS`` of its ``findable.py``."""
        return self._findable("KINDS") or ()

    def findables(self) -> Iterator[Findable]:
        """Return all that search can find of this stage (``everything``), for making its index anew; services keep it up between."""
        everything = self._findable("everything")
        return everything() if everything else iter(())

    def findables_of(self, places: Sequence[int]) -> Iterator[Findable]:
        """Return what can be found whose shown words name one of some places (their keys): they were renamed (``of_places``)."""
        of_places = self._findable("of_places")
        return of_places(places) if of_places else iter(())

    def show_found(self, place: Any) -> None:
        """Say anew who may find what lies in a quarter: something in it was opened or closed (``show_again``)."""
        show_again = self._findable("show_again")
        if show_again:
            show_again(place)

    def finds_as(self, user: Any) -> list[tuple[str, str]]:
        """Return as what, beside their roles, a person finds things: names as in ``Findable.roles``, each with a path."""
        return []

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what waits in this stage for an officer, planner or operator; the desk puts it in order."""
        return []

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what this stage gives away as open data (``datasets.py``): what is public, with its dictionary."""
        return ()

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return what comes after an object of this or a lower stage: where it goes on, and who is at turn."""
        return []

    def home_verified(self, user: Any, building: Any, dwelling_id: str) -> None:
        """Take note that a person was verified at a home (a dwelling in the place of its building)."""

    def home_ended(self, user: Any, building: Any, dwelling_id: str) -> None:
        """Take note that a person is no longer a resident of a home."""


def stages() -> list[Stage]:
    """Return the stages in their order."""
    return [config for config in apps.get_app_configs() if isinstance(config, Stage)]
