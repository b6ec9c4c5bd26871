"""What the app stores, by what it is about."""

from hutong.service.consent.models.agreements import Application, Project, Signing, SigningAct, Turn
from hutong.service.consent.models.ballots import Ballot, Cast, Letter, Look, OfficialDocument, Sheet
from hutong.service.consent.models.improvements import Improvement
from hutong.service.consent.models.motions import Motion
from hutong.service.consent.models.rolls import Link, Objection, Roll, RollVersion, Seat

__all__ = [
    "Application", "Ballot", "Cast", "Improvement", "Letter", "Link", "Look", "Motion", "Objection", "OfficialDocument", "Project", "Roll", "RollVersion", "Seat",
    "Sheet", "Signing", "SigningAct", "Turn",
]  # fmt: skip
