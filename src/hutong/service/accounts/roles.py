"""The roles as data (``roles.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, the levels at which it may be held, and whether it must be verified."""

    id: str
    title: Text
    levels: tuple[str, ...]
    verified: bool


@cache
def roles() -> dict[str, Role]:
    """Return all roles by id."""
    raw = yaml.safe_load(files(__package__).joinpath("roles.yaml").read_text("utf-8"))
    return {
        key: Role(key, Text.of(row), tuple(row["levels"]), bool(row.get("verified")))
        for key, row in raw.items()
    }


#: Who runs renewal for a place: they see drafts and do the office's work.
OFFICE = ("planner", "subdistrict", "district", "city")
