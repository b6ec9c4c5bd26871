"""What the app stores, by what it is about."""

from hutong.service.consent.models.motions import Motion
from hutong.service.consent.models.rolls import Link, Objection, Roll, RollVersion, Seat

__all__ = ["Link", "Motion", "Objection", "Roll", "RollVersion", "Seat"]
