"""What the app stores, by what it is about."""

from hutong.service.consent.models.ballots import Ballot, Cast, Letter, Look, Sheet
from hutong.service.consent.models.motions import Motion
from hutong.service.consent.models.rolls import Link, Objection, Roll, RollVersion, Seat

__all__ = [
    "Ballot",
    "Cast",
    "Letter",
    "Link",
    "Look",
    "Motion",
    "Objection",
    "Roll",
    "RollVersion",
    "Seat",
    "Sheet",
]
