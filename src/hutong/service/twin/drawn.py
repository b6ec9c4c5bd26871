"""What a page gives the script that draws the map of a snapshot (``twin/draw.js``)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.twin.models import Building, Snapshot
from hutong.service.twin.selectors import credits_of
from hutong.service.words import lang


def map_of(found: Snapshot) -> dict[str, Any]:
    """Return where the tiles of a snapshot lie, its bounds (west, south, east, north), whom its map names, and the language."""
    return {
        "tiles": reverse("tiles", args=[found.pk]),
        "bounds": [found.west, found.south, found.east, found.north],
        "credits": credits_of(found),
        "lang": lang(),
    }


def map_at(found: Building) -> dict[str, Any]:
    """Return the same for the map on which one building is marked, with its row and where it stands (longitude, latitude)."""
    return {**map_of(found.snapshot), "row": found.row, "at": [found.lon, found.lat]}
