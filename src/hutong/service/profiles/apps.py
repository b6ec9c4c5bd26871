"""The app ``profiles``."""

from __future__ import annotations

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import Chore, MenuItem, Stage
from hutong.text import Text


class Profiles(Stage):
    """How places govern themselves."""

    name = "hutong.service.profiles"
    label = "profiles"
    prefix = "profiles/"
    menu = (MenuItem(Text("基层治理", "Grass roots"), "profiles", order=50, group="record"),)

    def chores(self) -> list[Chore]:
        """Count the record of every place anew."""
        from hutong.service.profiles.services import count_all

        return [Chore("profiles.count", 6 * 3600.0, count_all)]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.profiles.datasets import DATASETS

        return DATASETS
