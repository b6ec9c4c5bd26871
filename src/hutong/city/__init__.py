"""The twin: files in, a validated and dated :class:`City` snapshot out."""

from hutong.city.complete import complete
from hutong.city.facilities import FacilityKind, facility_kinds
from hutong.city.layers import read_mapping
from hutong.city.osm import read_osm
from hutong.city.quarter import make_quarter
from hutong.city.schema import schema
from hutong.city.snapshot import City, Meta, Provenance, Source
from hutong.city.streets import Connectivity, components

__all__ = [
    "City",
    "Connectivity",
    "FacilityKind",
    "Meta",
    "Provenance",
    "Source",
    "complete",
    "components",
    "facility_kinds",
    "make_quarter",
    "read_mapping",
    "read_osm",
    "schema",
]
