"""The app ``twin``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.found import Findable, FoundKind
from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Twin(Stage):
    """Snapshots of quarters."""

    name = "hutong.service.twin"
    label = "twin"
    prefix = "twin/"
    menu = (MenuItem(Text("片区", "Quarters"), "quarters", order=10, group="quarter"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show each quarter's latest snapshot that the reader may see."""
        from hutong.service.twin.selectors import latest

        return [{"template": "twin/home.html", "snapshot": s} for s in latest(request.user)]

    @property
    def found_kinds(self) -> tuple[FoundKind, ...]:  # type: ignore[override]
        """What search finds of it."""
        from hutong.service.twin.findable import KINDS

        return KINDS

    def findables(self) -> Iterator[Findable]:
        """Return all that can be found of it."""
        from hutong.service.twin.findable import everything

        return everything()

    def findables_of(self, places: Sequence[int]) -> Iterator[Findable]:
        """Return what can be found of it that names one of some places."""
        from hutong.service.twin.findable import of_places

        return of_places(places)

    def show_found(self, place: Any) -> None:
        """Say anew who finds what lies in a quarter."""
        from hutong.service.twin.findable import show_again

        show_again(place)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.twin.datasets import DATASETS

        return DATASETS
