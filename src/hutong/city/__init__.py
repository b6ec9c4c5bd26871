"""The twin: files in, a validated and dated :class:`City` snapshot out."""

from hutong.city.quarter import make_quarter
from hutong.city.schema import schema
from hutong.city.snapshot import City, Meta, Provenance, Source

__all__ = ["City", "Meta", "Provenance", "Source", "make_quarter", "schema"]
